//! Whose turn it is, by arithmetic: a turn of the year 2099 costs no more than
//! one of today.

use super::layer::{Layer, Rotation, Weekday};
use crate::{
    time::{civil_seconds, plus_civil},
    zone::Zone,
};
use jiff::{ToSpan, civil::DateTime};
use rideout_domain::{Timestamp, UserId};

/// A person's turn, cut by nothing yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) person: UserId,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Layer {
    /// When it starts.
    pub(super) fn begins(&self, zone: &Zone) -> Timestamp {
        zone.hand_over(self.starts_on.to_datetime(self.hand_over))
    }

    /// The local time of hand-over nought: the start, and for a weekly rotation
    /// the last hand-over before it. The first turn of such is the shorter.
    fn anchor(&self) -> DateTime {
        let back = match self.rotation {
            Rotation::Weekly(day) => {
                (Weekday::of(self.starts_on).number() - day.number()).rem_euclid(7)
            }
            _ => 0,
        };
        self.starts_on
            .saturating_sub(back.days())
            .to_datetime(self.hand_over)
    }

    /// The turns that touch a span of time, uncut, in order and without holes
    /// from the start of the layer.
    pub(super) fn turns(&self, zone: &Zone, from: Timestamp, until: Timestamp) -> Vec<Turn> {
        let begins = self.begins(zone);
        let from = from.max(begins);
        let (anchor, period) = (self.anchor(), self.rotation.seconds());
        let boundary = |turn: i64| zone.hand_over(plus_civil(anchor, turn.saturating_mul(period)));
        // The clock may have been moved since the anchor, which misplaces the
        // guess by a few turns at most.
        let mut turn = civil_seconds(anchor, zone.local(from)).div_euclid(period);
        while turn > 0 && boundary(turn) > from {
            turn -= 1;
        }
        while boundary(turn + 1) <= from {
            turn += 1;
        }
        let mut turns = Vec::new();
        let mut start = boundary(turn).max(begins);
        while start < until {
            let end = boundary(turn + 1);
            // A turn that the clock skipped has no length.
            if end > start {
                turns.push(Turn {
                    person: self.whose(turn),
                    from: start,
                    until: end,
                });
            }
            turn += 1;
            start = end;
        }
        turns
    }

    fn whose(&self, turn: i64) -> UserId {
        let len = i64::try_from(self.people.len()).unwrap_or(1).max(1);
        self.people[usize::try_from(turn.rem_euclid(len)).unwrap_or(0)]
    }

    /// When the layer counts within a span of time: sorted, apart from each other.
    pub(super) fn open(
        &self,
        zone: &Zone,
        from: Timestamp,
        until: Timestamp,
    ) -> Vec<(Timestamp, Timestamp)> {
        if self.windows.is_empty() {
            return vec![(from, until)];
        }
        // A window may have begun the day before, and the clock may skip a day.
        let mut date = zone.local(from).date().saturating_sub(2.days());
        let last = zone.local(until).date();
        let mut open = Vec::new();
        while date <= last {
            let day = Weekday::of(date);
            for window in self.windows.iter().filter(|w| w.days.contains(&day)) {
                let ends = if window.until > window.from {
                    date
                } else {
                    date.saturating_add(1.day())
                };
                let begin = zone.hand_over(date.to_datetime(window.from)).max(from);
                let end = zone.hand_over(ends.to_datetime(window.until)).min(until);
                if begin < end {
                    open.push((begin, end));
                }
            }
            match date.tomorrow() {
                Ok(tomorrow) => date = tomorrow,
                Err(_) => break,
            }
        }
        join(open)
    }
}

/// Joins spans that touch or overlap.
fn join(mut spans: Vec<(Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    spans.sort_unstable();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

//! The incident in one line: when something was learnt, done, changed; where
//! it was blocked.

use crate::components::{Strip, StripKind, StripMark, StripSpan, words};
use leptos::prelude::*;
use rideout_domain::{Entry, EntryKind, Room, Timestamp, room::Board};
use std::collections::BTreeMap;

/// Marks closer than one of so many steps become one.
const STEPS: i64 = 240;

/// The strip of a room; nothing while there is nothing on it.
pub(super) fn strip(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let incident = &room.incident;
    let first = room
        .entries
        .iter()
        .filter(|e| kind(e).is_some())
        .map(|e| e.occurred_at)
        .min();
    let Some(first) = first else {
        return ().into_any();
    };
    let from = first.min(incident.started_at);
    let until = incident
        .resolved_at
        .unwrap_or(now)
        .max(from.plus_minutes(1));
    let place = Place {
        from,
        whole: until.seconds_since(from).max(60),
    };
    let marks = marks(room, &place);
    let spans: Vec<StripSpan> = board
        .blockers
        .iter()
        .map(|b| {
            let end = b.lifted.as_ref().map_or(until, |(at, _)| *at);
            let long = words::span(end.seconds_since(b.from));
            StripSpan {
                from: place.of(b.from),
                to: place.of(end),
                title: format!("blocked for {long}"),
            }
        })
        .collect();
    let summary = summary(&marks, spans.len(), until.seconds_since(from));
    let end = if incident.is_open() {
        "now"
    } else {
        "resolved"
    };
    view! { <Strip marks=marks spans=spans from="began".into_any() to=end.into_any() summary=summary /> }.into_any()
}

struct Place {
    from: Timestamp,
    whole: i64,
}

impl Place {
    /// Where a moment stands, from 0 to 1.
    fn of(&self, at: Timestamp) -> f64 {
        let seconds = at.seconds_since(self.from).clamp(0, self.whole);
        // Exact: both are far below 2^52.
        #[expect(clippy::cast_precision_loss, reason = "seconds of an incident fit")]
        let place = seconds as f64 / self.whole as f64;
        place
    }
}

/// What an entry is on the strip; nothing for what no person did.
fn kind(entry: &Entry) -> Option<StripKind> {
    match entry.kind() {
        EntryKind::Status | EntryKind::Severity | EntryKind::Declared => Some(StripKind::Turn),
        _ if !entry.is_activity() => None,
        kind if kind.is_learning() => Some(StripKind::Learn),
        EntryKind::Action
        | EntryKind::ActionEffect
        | EntryKind::TaskDone
        | EntryKind::BreakoutEnded => Some(StripKind::Act),
        _ => Some(StripKind::Entry),
    }
}

/// What tells most when marks fall together: higher wins.
const fn weight(kind: StripKind) -> u8 {
    match kind {
        StripKind::Turn => 4,
        StripKind::Learn => 3,
        StripKind::Act => 2,
        StripKind::Blocked => 1,
        StripKind::Entry => 0,
    }
}

fn marks(room: &Room, place: &Place) -> Vec<StripMark> {
    let mut steps: BTreeMap<i64, (StripKind, &Entry)> = BTreeMap::new();
    for entry in &room.entries {
        let Some(kind) = kind(entry) else { continue };
        let step = entry
            .occurred_at
            .seconds_since(place.from)
            .clamp(0, place.whole)
            * STEPS
            / place.whole;
        let kept = steps.entry(step).or_insert((kind, entry));
        if weight(kind) > weight(kept.0) {
            *kept = (kind, entry);
        }
    }
    steps
        .into_values()
        .map(|(kind, entry)| StripMark {
            at: place.of(entry.occurred_at),
            kind,
            title: format!(
                "{} {}",
                entry.occurred_at.clock_utc(),
                entry.kind().title().to_lowercase()
            ),
        })
        .collect()
}

fn summary(marks: &[StripMark], blocked: usize, seconds: i64) -> String {
    let of = |kind: StripKind| marks.iter().filter(|m| m.kind == kind).count();
    let times = |n: usize| match n {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let stuck = match blocked {
        0 => String::new(),
        n => format!("; blocked {}", times(n)),
    };
    format!(
        "Timeline strip of {}: learnt something {}, did something {}{stuck}",
        words::span(seconds),
        times(of(StripKind::Learn)),
        times(of(StripKind::Act)),
    )
}

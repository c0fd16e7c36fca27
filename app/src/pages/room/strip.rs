//! The incident in one line: when something was learnt, done, changed; where
//! it was stuck, blocked or waiting.

use crate::components::{SpanKind, Strip, StripKind, StripMark, StripSpan, words};
use leptos::prelude::*;
use rideout_domain::{Entry, EntryKind, Room, Timestamp, room::Board, stall::figures::Figures};
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
    let spans = spans(room, board, &place, until);
    let summary = summary(&marks, &spans, until.seconds_since(from));
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

/// The shaded stretches, those below first.
fn spans(room: &Room, board: &Board, place: &Place, until: Timestamp) -> Vec<StripSpan> {
    let span = |kind: SpanKind, word: &str, from: Timestamp, end: Option<Timestamp>| {
        let end = end.unwrap_or(until).min(until);
        let long = words::span(end.seconds_since(from));
        StripSpan {
            kind,
            from: place.of(from),
            to: place.of(end),
            title: format!("{word} for {long}"),
        }
    };
    let waits = board.watch.waits.iter().map(|w| {
        let ended = w.ended.as_ref().map(|(at, _)| *at);
        span(SpanKind::Waiting, "waited", w.from, ended)
    });
    let blockers = board.blockers.iter().map(|b| {
        let lifted = b.lifted.as_ref().map(|(at, _)| *at);
        span(SpanKind::Blocked, "blocked", b.from, lifted)
    });
    let figures = Figures::of(room.entries.iter().map(AsRef::as_ref), until);
    let stuck: Vec<StripSpan> = figures
        .stuck
        .iter()
        .map(|s| span(SpanKind::Stuck, "stuck", s.from, Some(s.to)))
        .collect();
    waits.chain(blockers).chain(stuck).collect()
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

fn summary(marks: &[StripMark], spans: &[StripSpan], seconds: i64) -> String {
    let of = |kind: StripKind| marks.iter().filter(|m| m.kind == kind).count();
    let times = |n: usize| match n {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let shaded: String = [
        (SpanKind::Stuck, "stuck"),
        (SpanKind::Blocked, "blocked"),
        (SpanKind::Waiting, "waiting"),
    ]
    .into_iter()
    .map(|(kind, word)| (word, spans.iter().filter(|s| s.kind == kind).count()))
    .filter(|(_, n)| *n > 0)
    .map(|(word, n)| format!("; {word} {}", times(n)))
    .collect();
    format!(
        "Timeline strip of {}: learnt something {}, did something {}{shaded}",
        words::span(seconds),
        times(of(StripKind::Learn)),
        times(of(StripKind::Act)),
    )
}

//! Finds in a text that it names how long something will take, or when it ends.
//!
//! “Restore will take about six hours”, “ETA 30m”, “back by 14:30 UTC”, “until
//! tomorrow 09:00”. What lies in the past (“it took 5 minutes”) or is a
//! measurement (“p99 of 30 s”) is no wait. A number alone is never one: a word
//! must say that it lies ahead.

use crate::{Timestamp, room::MINUTES_MAX};

mod clock;
mod words;

use words::{Token, tokens};

/// A wait that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// When it ends.
    pub until: Timestamp,
    /// Minutes from when the text was written, at least one, rounded up.
    pub minutes: u32,
}

/// Finds the wait a text names; the longest, where it names several.
///
/// `at` is when it was written. `offset_minutes` is the writer's offset east of
/// UTC, for a clock time that names no zone.
#[must_use]
pub fn find(text: &str, at: Timestamp, offset_minutes: i32) -> Option<Named> {
    let tokens = tokens(text);
    let by_length = words::lengths(&tokens)
        .into_iter()
        .filter(|length| lies_ahead(&tokens, length.from, length.next))
        .map(|length| at.plus_minutes(i64::from(length.minutes)));
    let by_clock =
        (0..tokens.len()).filter_map(|from| clock::end(&tokens, from, at, offset_minutes));
    let until = by_length.chain(by_clock).max()?;
    let seconds = until.seconds_since(at);
    let minutes = u32::try_from((seconds.max(0) + 59) / 60).ok()?;
    (1..=MINUTES_MAX)
        .contains(&minutes)
        .then_some(Named { until, minutes })
}

/// Words before a length which say that it lies ahead.
const AHEAD: &[&str] = &[
    "eta",
    "etc",
    "take",
    "takes",
    "taking",
    "needs",
    "need",
    "another",
    "next",
    "estimate",
    "estimated",
    "estimates",
    "estimating",
    "expect",
    "expects",
    "expected",
    "wait",
    "waiting",
    "remaining",
    "remain",
    "give",
    "hold",
    "observe",
    "monitor",
    "soak",
    "soaking",
    "require",
    "requires",
    "allow",
    "pause",
    "sleep",
    "until",
];
/// Words before or after a length which say that it is over, or a measurement.
const BEHIND: &[&str] = &[
    "took",
    "taken",
    "ago",
    "after",
    "last",
    "lasted",
    "past",
    "since",
    "earlier",
    "later",
    "previous",
    "previously",
    "was",
    "were",
    "had",
    "spent",
    "waited",
    "every",
    "per",
    "each",
    "timeout",
    "timeouts",
    "latency",
    "p99",
    "p95",
    "p90",
    "p50",
    "average",
    "mean",
    "median",
    "ttl",
    "interval",
    "lag",
    "lagging",
    "lags",
    "behind",
    "old",
    "older",
    "newer",
    "within",
    "retention",
    "delayed",
    "delay",
    "delays",
    "uptime",
    "downtime",
    "outage",
    "window",
    "worth",
    "first",
    "during",
    "over",
    "nothing",
    "already",
    "been",
    "down",
    "missing",
    "lost",
];
/// Words which make “in N minutes” a promise.
const PROMISE: &[&str] = &[
    "back",
    "done",
    "ready",
    "finish",
    "finishes",
    "finished",
    "complete",
    "completes",
    "again",
    "look",
    "check",
    "retry",
    "available",
    "expected",
    "should",
    "will",
    "eta",
    "report",
    "meet",
    "resume",
    "update",
    "ends",
    "end",
    "ll",
];

fn lies_ahead(tokens: &[Token], from: usize, next: usize) -> bool {
    // The sentence around the length: what stands in another says nothing of it.
    let start = tokens[..from]
        .iter()
        .rposition(|t| t.ends_sentence())
        .map_or(0, |at| at + 1);
    let before: Vec<&str> = tokens[start..from].iter().filter_map(Token::word).collect();
    let end = tokens[next..]
        .iter()
        .position(Token::ends_sentence)
        .map_or(tokens.len(), |at| next + at);
    let after: Vec<&str> = tokens[next..end].iter().filter_map(Token::word).collect();
    let near = &before[before.len().saturating_sub(5)..];
    let follows = &after[..after.len().min(3)];
    let is = |list: &[&str], words: &[&str]| words.iter().any(|w| list.contains(w));

    if is(
        &["ago", "earlier", "later", "old", "before", "behind", "late"],
        &after[..after.len().min(1)],
    ) {
        return false;
    }
    // The nearest telling word before decides: “after the restart, wait 10 minutes”.
    let telling = near
        .iter()
        .rev()
        .find(|w| AHEAD.contains(w) || BEHIND.contains(w));
    match telling {
        Some(word) if AHEAD.contains(word) => {
            // “has taken another 10 minutes”, “was expected to take 10 minutes”:
            // the plan is over, unless it still stands.
            !is(&["had", "have", "has", "was", "were", "did"], near)
        }
        Some(_) => false,
        None => {
            let promised = near.last().is_some_and(|w| {
                *w == "in" || *w == "about" || *w == "approximately" || *w == "roughly"
            }) && near.contains(&"in")
                && is(PROMISE, &before);
            let left = is(&["remaining", "left", "eta"], follows)
                || follows.starts_with(&["to", "go"])
                || follows.starts_with(&["to", "complete"])
                || follows.starts_with(&["to", "finish"])
                || follows.starts_with(&["until"]);
            promised || left
        }
    }
}

#[cfg(test)]
mod tests;

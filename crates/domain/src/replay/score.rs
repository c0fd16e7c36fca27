//! How well prompts meet known stuck spans, for the watch and for a plain idle timer.

use super::{Report, Script, timeline::Span};
use crate::{Status, Timestamp};

/// Totals over incidents.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Score {
    /// Incidents.
    pub incidents: u32,
    /// Known stuck spans.
    pub spans: u32,
    /// Spans with a prompt in them.
    pub caught: u32,
    /// Sum over caught spans of the share still ahead at the first prompt, 0 to 1.
    pub ahead: f64,
    /// Prompts outside every span.
    pub false_prompts: u32,
    /// All prompts.
    pub prompts: u32,
}

impl Score {
    /// Adds one incident's prompts.
    pub fn add(&mut self, prompts: &[Timestamp], spans: &[Span]) {
        self.incidents += 1;
        self.prompts += count(prompts.len());
        self.false_prompts += count(
            prompts
                .iter()
                .filter(|at| !spans.iter().any(|span| span.holds(**at)))
                .count(),
        );
        for span in spans {
            self.spans += 1;
            if let Some(first) = prompts.iter().filter(|at| span.holds(**at)).min() {
                self.caught += 1;
                let whole = span.to.seconds_since(span.from).max(1);
                self.ahead += span.to.seconds_since(*first) as f64 / whole as f64;
            }
        }
    }

    /// Share of spans caught, 0 to 1.
    #[must_use]
    pub fn catch(&self) -> f64 {
        f64::from(self.caught) / f64::from(self.spans.max(1))
    }

    /// Mean share of a caught span still ahead at its first prompt, 0 to 1.
    #[must_use]
    pub fn share_ahead(&self) -> f64 {
        self.ahead / f64::from(self.caught.max(1))
    }

    /// False prompts for each incident.
    #[must_use]
    pub fn false_each(&self) -> f64 {
        f64::from(self.false_prompts) / f64::from(self.incidents.max(1))
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Times of a report's prompts: of those to the room only, or of all.
#[must_use]
pub fn times(report: &Report, room_only: bool) -> Vec<Timestamp> {
    report
        .prompts
        .iter()
        .filter(|p| !room_only || p.level == 1)
        .map(|p| p.at)
        .collect()
}

/// What a plain idle timer would have told: once a silence of so many minutes,
/// whoever wrote last, from when the incident was noticed until it was resolved.
#[must_use]
pub fn idle_timer(script: &Script, minutes: i64) -> Vec<Timestamp> {
    let began = script.incident.declared_at;
    let end = script.entries.iter().rev().find_map(|e| match &e.body {
        crate::EntryBody::Status {
            to: Status::Resolved,
            ..
        } => Some(e.recorded_at),
        _ => None,
    });
    let mut times: Vec<Timestamp> = script
        .entries
        .iter()
        .map(|e| e.recorded_at)
        .filter(|at| *at >= began && end.is_none_or(|end| *at <= end))
        .collect();
    times.insert(0, began);
    times
        .windows(2)
        .filter_map(|pair| match pair {
            [from, to] => Some(from.plus_minutes(minutes)).filter(|at| at < to),
            _ => None,
        })
        .collect()
}

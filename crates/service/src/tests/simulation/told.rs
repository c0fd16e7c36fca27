//! What happened in a story.

use super::{Levels, Seen};
use std::collections::{BTreeMap, BTreeSet};

/// A message that reached somebody.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) message: u128,
    pub(super) at: i64,
    /// Whether its sender may not have come to write it down.
    pub(super) may_repeat: bool,
}

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) seen: Seen,
    pub(super) deliveries: Vec<Delivery>,
    /// When a sending began: the message, its route, its pages.
    pub(super) sendings: Vec<(i64, u128, usize, Vec<u128>)>,
    /// When an acknowledgement was durable.
    pub(super) acknowledged: BTreeMap<u128, i64>,
    /// When somebody called the next level after a page.
    pub(super) onward: BTreeSet<u128>,
    /// Incidents that ended, and when.
    pub(super) ended: BTreeMap<usize, i64>,
    /// Of each escalation in order: levels, repeats.
    pub(super) policies: Vec<(Levels, u32)>,
    pub(super) in_charge: Vec<usize>,
    pub(super) minutes: i64,
    pub(super) crashes: usize,
    /// What was still to be done when the story had had all the time it needs.
    pub(super) left: Option<String>,
    /// What waits for longer than any rule says, after a node looked.
    pub(super) put_off: Vec<String>,
    pub(super) trace: Vec<String>,
}

impl Told {
    /// What must be the same in every world.
    pub(super) fn summary(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let escalations: BTreeMap<u128, usize> = self
            .seen
            .escalations
            .iter()
            .map(|one| (one.id, one.incident))
            .collect();
        for one in &self.seen.escalations {
            lines.push(format!(
                "incident {}: {} at {}/{}",
                one.incident, one.state, one.round, one.level
            ));
        }
        for page in &self.seen.pages {
            let incident = page.escalation.and_then(|id| escalations.get(&id));
            lines.push(format!(
                "incident {incident:?} {}/{:?} person {}: {}",
                page.round, page.level, page.user, page.state
            ));
        }
        lines.push(format!("{} sent", self.deliveries.len()));
        lines.sort();
        lines
    }
}

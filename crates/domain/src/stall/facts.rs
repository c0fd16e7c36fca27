//! Everything a judgement needs.

use super::{Activity, activity::excerpt};
use crate::{
    HypothesisStatus, Incident, IncidentRole, Severity, Status, Timestamp,
    room::{Board, Hypothesis},
};
use std::collections::BTreeMap;

/// What is known about who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lead {
    /// Read it from the board.
    #[default]
    FromBoard,
    /// A record that names no roles.
    Unknown,
}

/// What lies outside the timeline. The default knows nothing, and a signal of
/// which nothing is known does not fire.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Extra {
    /// Whether the record says who leads.
    pub lead: Lead,
    /// Affected services, when nobody present is known to know any of them.
    pub without_expert: Vec<String>,
    /// Minutes within which nine of ten similar incidents were over.
    pub usual_minutes: Option<u32>,
    /// Minutes in which a dependency promises to respond, by its name, for
    /// questions that did not say.
    pub promised: BTreeMap<String, u32>,
    /// When somebody last came into the room for the first time.
    pub newcomer: Option<Timestamp>,
}

/// A question to a dependency that has not been answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who was asked.
    pub whom: String,
    /// When.
    pub at: Timestamp,
    /// When an answer was promised for; none where nothing was promised.
    pub due: Option<Timestamp>,
}

impl Question {
    /// From when its answer is awaited.
    #[must_use]
    pub fn awaited(&self) -> Timestamp {
        self.due.unwrap_or(self.at)
    }
}

/// Everything a judgement needs, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How bad.
    pub severity: Severity,
    /// How far.
    pub status: Status,
    /// When it was declared: the watch begins.
    pub declared_at: Timestamp,
    /// When it began for customers.
    pub started_at: Timestamp,
    /// Since when customers are well.
    pub mitigated_at: Option<Timestamp>,
    /// What people did.
    pub activity: Activity,
    /// Since when nobody leads.
    pub leaderless: Option<Timestamp>,
    /// Live hypotheses: what, since when without evidence.
    pub live: Vec<(String, Timestamp)>,
    /// How many hypotheses were ruled out, and when the last was.
    pub ruled_out: (usize, Option<Timestamp>),
    /// Open tasks and breakouts: what, when due.
    pub due: Vec<(String, Timestamp)>,
    /// Open blockers: what, since when, until when we are ready to wait.
    pub blockers: Vec<(String, Timestamp, Option<Timestamp>)>,
    /// When the next stakeholder update is due.
    pub next_update: Option<Timestamp>,
    /// Waits on purpose that are not ended: what for, and until when.
    pub waits: Vec<(String, Timestamp)>,
    /// Dependencies that have not answered.
    pub asked: Vec<Question>,
    /// Alerts that fire, and since when.
    pub firing: Vec<(String, Timestamp)>,
    /// Since when the oldest open page waits.
    pub page_since: Option<Timestamp>,
    /// What lies outside the timeline.
    pub extra: Extra,
}

impl Facts {
    /// The facts of an incident, from its timeline and what lies outside it.
    #[must_use]
    pub fn new(incident: &Incident, board: &Board, activity: &Activity, extra: &Extra) -> Self {
        let leaderless = match extra.lead {
            Lead::Unknown => None,
            Lead::FromBoard => board
                .holder(IncidentRole::Commander)
                .is_none()
                .then_some(activity.leaderless.unwrap_or(incident.declared_at)),
        };
        let without_evidence = |h: &Hypothesis| {
            let last = activity.evidence.get(&h.id).copied();
            last.map_or(h.since, |at| at.max(h.since))
        };
        Self {
            severity: incident.severity,
            status: incident.status,
            declared_at: incident.declared_at,
            started_at: incident.started_at,
            mitigated_at: board.mitigated_at,
            activity: activity.clone(),
            leaderless,
            live: board
                .live_hypotheses()
                .filter(|h| h.status != HypothesisStatus::Supported)
                .map(|h| (excerpt(&h.text), without_evidence(h)))
                .collect(),
            ruled_out: (
                board.ruled_out().count(),
                board.ruled_out().map(|h| h.since).max(),
            ),
            due: board
                .open_tasks()
                .map(|t| (excerpt(&t.text), t.due))
                .chain(
                    board
                        .open_breakouts()
                        .map(|b| (excerpt(&b.question), b.due)),
                )
                .collect(),
            blockers: board
                .open_blockers()
                .map(|b| (excerpt(&b.text), b.from, b.until))
                .collect(),
            next_update: board.next_update,
            waits: board
                .watch
                .open_waits()
                .map(|w| (excerpt(&w.text), w.until))
                .collect(),
            asked: board
                .watch
                .open_asked()
                .map(|a| Question {
                    whom: a.whom.clone(),
                    at: a.at,
                    due: a.due.or_else(|| {
                        let minutes = extra.promised.get(&a.whom)?;
                        Some(a.at.plus_minutes(i64::from(*minutes)))
                    }),
                })
                .collect(),
            firing: board
                .watch
                .firing()
                .map(|(name, alert)| (name.to_owned(), alert.since))
                .collect(),
            page_since: board.watch.open_pages().map(|p| p.at).min(),
            extra: extra.clone(),
        }
    }

    /// Whether there is nothing left to watch.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status == Status::Resolved
    }
}

//! Everything a judgement needs.

use super::Activity;
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
pub struct Question<'a> {
    /// Who was asked.
    pub whom: &'a str,
    /// When.
    pub at: Timestamp,
    /// When an answer was promised for; none where nothing was promised.
    pub due: Option<Timestamp>,
}

impl Question<'_> {
    /// From when its answer is awaited.
    #[must_use]
    pub fn awaited(&self) -> Timestamp {
        self.due.unwrap_or(self.at)
    }
}

/// Everything a judgement needs, and nothing else. Texts are as they were written; they
/// are cut only where a reason is told, since a look is taken after every entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
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
    pub activity: &'a Activity,
    /// Since when nobody leads.
    pub leaderless: Option<Timestamp>,
    /// Live hypotheses: what, since when without evidence. The first two: whether there
    /// is none, one or more is all that counts.
    pub live: Vec<(&'a str, Timestamp)>,
    /// How many hypotheses were ruled out, and when the last was.
    pub ruled_out: (usize, Option<Timestamp>),
    /// Open tasks and breakouts: what, when due.
    pub due: Vec<(&'a str, Timestamp)>,
    /// Open blockers: what, since when, until when we are ready to wait.
    pub blockers: Vec<(&'a str, Timestamp, Option<Timestamp>)>,
    /// When the next stakeholder update is due.
    pub next_update: Option<Timestamp>,
    /// Waits on purpose that are not ended: what for, and until when.
    pub waits: Vec<(&'a str, Timestamp)>,
    /// Dependencies that have not answered.
    pub asked: Vec<Question<'a>>,
    /// Alerts that fire, and since when.
    pub firing: Vec<(&'a str, Timestamp)>,
    /// Since when the oldest open page waits.
    pub page_since: Option<Timestamp>,
    /// What lies outside the timeline.
    pub extra: &'a Extra,
}

impl<'a> Facts<'a> {
    /// The facts of an incident, from its timeline and what lies outside it.
    #[must_use]
    pub fn new(
        incident: &Incident,
        board: &'a Board,
        activity: &'a Activity,
        extra: &'a Extra,
    ) -> Self {
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
            activity,
            leaderless,
            live: board
                .live_hypotheses()
                .filter(|h| h.status != HypothesisStatus::Supported)
                .take(2)
                .map(|h| (h.text.as_str(), without_evidence(h)))
                .collect(),
            ruled_out: (
                board.ruled_out().count(),
                board.ruled_out().map(|h| h.since).max(),
            ),
            due: board
                .open_tasks()
                .map(|t| (t.text.as_str(), t.due))
                .chain(board.open_breakouts().map(|b| (b.question.as_str(), b.due)))
                .collect(),
            blockers: board
                .open_blockers()
                .map(|b| (b.text.as_str(), b.from, b.until))
                .collect(),
            next_update: board.next_update,
            waits: board
                .watch
                .open_waits()
                .map(|w| (w.text.as_str(), w.until))
                .collect(),
            asked: board
                .watch
                .open_asked()
                .map(|a| Question {
                    whom: a.whom.as_str(),
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
                .map(|(name, alert)| (name, alert.since))
                .collect(),
            page_since: board.watch.open_pages().map(|p| p.at).min(),
            extra,
        }
    }

    /// Whether there is nothing left to watch.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status == Status::Resolved
    }
}

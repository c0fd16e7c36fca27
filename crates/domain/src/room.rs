//! The room: what an incident's timeline amounts to, and what may be added to it.
//!
//! The timeline is the only truth. [`Board`] is a fold over it, so the board, an
//! export and a page shown to somebody who joins late can never disagree.

use crate::{
    Effect, Entry, EntryBody, EntryId, HypothesisStatus, Incident, IncidentRole, NewEntry,
    Severity, Stance, Status, Timestamp, UserId,
    text::{self, BadText},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub mod watch;

/// Longest time box, timer or wait, in minutes: two weeks.
pub const MINUTES_MAX: u32 = 14 * 24 * 60;
/// How far a client's clock may run ahead before a time counts as the future, in seconds.
pub const CLOCK_TOLERANCE: i64 = 120;

/// An incident with its whole timeline and the names of the people in it.
#[derive(Clone, Debug)]
pub struct Room {
    /// The incident.
    pub incident: Incident,
    /// Every entry, by sequence, in its current revision.
    pub entries: Vec<Arc<Entry>>,
    /// Names of everybody mentioned.
    pub people: HashMap<UserId, String>,
}

/// An explanation and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// The entry that proposed it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// Markdown.
    pub text: String,
    /// Who proposed it.
    pub author: Option<UserId>,
    /// How it stands.
    pub status: HypothesisStatus,
    /// Since when it stands so.
    pub since: Timestamp,
    /// Why it stands so; empty when nobody said.
    pub reason: String,
    /// Evidence on it, oldest first.
    pub evidence: Vec<(EntryId, Stance)>,
}

impl Hypothesis {
    /// Number of pieces of evidence with this stance.
    #[must_use]
    pub fn count(&self, stance: Stance) -> usize {
        self.evidence.iter().filter(|(_, s)| *s == stance).count()
    }
}

/// A task and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The entry that gave it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// Markdown.
    pub text: String,
    /// Who does it.
    pub owner: UserId,
    /// When it was given.
    pub from: Timestamp,
    /// End of its time box.
    pub due: Timestamp,
    /// When it was done, and the result.
    pub done: Option<(Timestamp, String)>,
}

/// A breakout and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakout {
    /// The entry that began it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// The question, Markdown.
    pub question: String,
    /// Who went.
    pub people: Vec<UserId>,
    /// When it began.
    pub from: Timestamp,
    /// When its timer runs out.
    pub due: Timestamp,
    /// When it ended, and what it brought.
    pub ended: Option<(Timestamp, String)>,
}

/// A blocker and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The entry that declared it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// What we lack, Markdown.
    pub text: String,
    /// On whom or what we wait; may be empty.
    pub waiting_on: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when we are ready to wait.
    pub until: Option<Timestamp>,
    /// When it was lifted, and how.
    pub lifted: Option<(Timestamp, String)>,
}

/// An action and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionTaken {
    /// The entry that reported it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// Markdown.
    pub text: String,
    /// Its last reported effect.
    pub effect: Option<Effect>,
}

/// What the timeline amounts to now.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Board {
    /// Hypotheses, oldest first.
    pub hypotheses: Vec<Hypothesis>,
    /// Tasks, oldest first.
    pub tasks: Vec<Task>,
    /// Breakouts, oldest first.
    pub breakouts: Vec<Breakout>,
    /// Blockers, oldest first.
    pub blockers: Vec<Blocker>,
    /// Actions, oldest first.
    pub actions: Vec<ActionTaken>,
    /// Who has which role.
    pub roles: BTreeMap<IncidentRole, Vec<UserId>>,
    /// The newest stakeholder update.
    pub last_update: Option<EntryId>,
    /// When the next stakeholder update is due.
    pub next_update: Option<Timestamp>,
    /// Last entry by a person.
    pub last_human: Option<Timestamp>,
    /// Last time something was learnt.
    pub last_learnt: Option<Timestamp>,
    /// When it was first mitigated since the last reopening.
    pub mitigated_at: Option<Timestamp>,
    /// Waits, questions to dependencies, alerts, prompts and pages.
    pub watch: watch::Watch,
}

impl Board {
    /// Who leads.
    #[must_use]
    pub fn commander(&self) -> Option<UserId> {
        self.holder(IncidentRole::Commander)
    }

    /// Who has a role that one person has.
    #[must_use]
    pub fn holder(&self, role: IncidentRole) -> Option<UserId> {
        self.roles.get(&role).and_then(|who| who.first().copied())
    }

    /// Hypotheses not ruled out.
    pub fn live_hypotheses(&self) -> impl Iterator<Item = &Hypothesis> {
        self.hypotheses
            .iter()
            .filter(|h| h.status != HypothesisStatus::Refuted)
    }

    /// Hypotheses tried and ruled out.
    pub fn ruled_out(&self) -> impl Iterator<Item = &Hypothesis> {
        self.hypotheses
            .iter()
            .filter(|h| h.status == HypothesisStatus::Refuted)
    }

    /// Tasks not done.
    pub fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|t| t.done.is_none())
    }

    /// Breakouts not ended.
    pub fn open_breakouts(&self) -> impl Iterator<Item = &Breakout> {
        self.breakouts.iter().filter(|b| b.ended.is_none())
    }

    /// Blockers not lifted.
    pub fn open_blockers(&self) -> impl Iterator<Item = &Blocker> {
        self.blockers.iter().filter(|b| b.lifted.is_none())
    }
}

/// Why an entry cannot be added. The sentence is meant for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text or a field beside it cannot be taken.
    #[error(transparent)]
    Text(#[from] BadText),
    /// Only Rideout writes such entries.
    #[error("entries of kind “{0}” are written by Rideout alone")]
    NotForClients(&'static str),
    /// The entry it speaks of is not in this incident, or is something else.
    #[error("there is no {what} {id} in this incident")]
    NoSuch {
        /// What was looked for.
        what: &'static str,
        /// The identifier given.
        id: EntryId,
    },
    /// It was closed before.
    #[error("this {what} was closed already")]
    AlreadyClosed {
        /// What it is.
        what: &'static str,
    },
    /// The hypothesis, status or severity is so already.
    #[error("it is {0} already")]
    AlreadySo(&'static str),
    /// The role is not this person's.
    #[error("{0} is not this person's role, so it cannot be given back")]
    NotTheirRole(&'static str),
    /// Nobody with this identifier works here.
    #[error("there is nobody with the identifier {0}")]
    Nobody(UserId),
    /// A breakout needs somebody.
    #[error("name at least one person for the breakout, and at most twenty")]
    NobodyToBreakOut,
    /// A time box must be within limits.
    #[error("{0} minutes will not do: choose 1 to 20160")]
    Minutes(u32),
    /// The time lies ahead.
    #[error("{0} lies in the future; an entry tells what has happened")]
    Future(Timestamp),
    /// The time lies too far back.
    #[error("{0} is too long ago; the earliest time is 2000-01-01")]
    TooLongAgo(Timestamp),
    /// Evidence with neither text, link nor file.
    #[error("evidence needs a text, a link or a file")]
    EmptyEvidence,
    /// Resolving needs a summary.
    #[error("say in a sentence how it ended: the summary is what people will read first")]
    NoSummary,
}

impl Refusal {
    /// The form field or JSON member the refusal is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Text(BadText::NotALink(_)) => "link",
            Self::Text(_) | Self::EmptyEvidence | Self::NoSummary => "text",
            Self::NotForClients(_) => "kind",
            Self::NoSuch { .. } | Self::AlreadyClosed { .. } => "entry",
            Self::AlreadySo(_) => "to",
            Self::NotTheirRole(_) | Self::Nobody(_) => "user",
            Self::NobodyToBreakOut => "people",
            Self::Minutes(_) => "minutes",
            Self::Future(_) | Self::TooLongAgo(_) => "occurred_at",
        }
    }
}

impl Room {
    /// Finds an entry by its identifier.
    #[must_use]
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.iter().find(|e| e.id == id).map(AsRef::as_ref)
    }

    /// The name of a person, or “somebody”.
    #[must_use]
    pub fn name(&self, id: UserId) -> &str {
        self.people.get(&id).map_or("somebody", String::as_str)
    }

    /// The name of an entry's author; Rideout's own where nobody wrote it.
    #[must_use]
    pub fn author(&self, entry: &Entry) -> &str {
        entry.author.map_or("Rideout", |id| self.name(id))
    }

    /// Entries as they are read: by the time they happened, then by sequence.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.iter().map(AsRef::as_ref).collect();
        entries.sort_by_key(|e| (e.occurred_at, e.seq));
        entries
    }

    /// Entries pinned to the top, newest pin first.
    #[must_use]
    pub fn pinned(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self
            .entries
            .iter()
            .map(AsRef::as_ref)
            .filter(|e| e.pinned_at.is_some())
            .collect();
        entries.sort_by_key(|e| std::cmp::Reverse(e.pinned_at));
        entries
    }

    /// What the timeline amounts to.
    #[must_use]
    pub fn board(&self) -> Board {
        let mut board = Board::default();
        for entry in &self.entries {
            board.add(entry);
        }
        board
    }

    /// Checks a new entry against the room and completes it: cleans its text,
    /// fills in what only the server knows. `person` tells whether somebody
    /// with that identifier has an account.
    ///
    /// # Errors
    /// A [`Refusal`] that says what is wrong and with which field.
    pub fn accept(
        &self,
        board: &Board,
        new: NewEntry,
        now: Timestamp,
        person: impl Fn(UserId) -> bool,
    ) -> Result<NewEntry, Refusal> {
        let NewEntry {
            id,
            mut body,
            text,
            occurred_at,
        } = new;
        if let Some(at) = occurred_at {
            if at.seconds_since(now) > CLOCK_TOLERANCE {
                return Err(Refusal::Future(at));
            }
            if at < Timestamp::EARLIEST {
                return Err(Refusal::TooLongAgo(at));
            }
        }
        let kind = body.kind();
        if !kind.is_written_by_clients() {
            return Err(Refusal::NotForClients(kind.word()));
        }
        let evidence_with_more = matches!(&body, EntryBody::Evidence { link, attachment, .. } if link.is_some() || attachment.is_some());
        let text = if kind.may_be_silent() || evidence_with_more {
            text::optional_text("The text", &text)?
        } else if matches!(body, EntryBody::Evidence { .. }) && text.trim().is_empty() {
            return Err(Refusal::EmptyEvidence);
        } else {
            text::long_text("The text", &text)?
        };
        let minutes = |m: u32| {
            if (1..=MINUTES_MAX).contains(&m) {
                Ok(())
            } else {
                Err(Refusal::Minutes(m))
            }
        };
        let somebody = |who: UserId| {
            if person(who) {
                Ok(())
            } else {
                Err(Refusal::Nobody(who))
            }
        };
        match &mut body {
            EntryBody::HypothesisStatus { hypothesis, to } => {
                let found = board.hypotheses.iter().find(|h| h.id == *hypothesis);
                let found = found.ok_or(Refusal::NoSuch {
                    what: "hypothesis",
                    id: *hypothesis,
                })?;
                if found.status == *to {
                    return Err(Refusal::AlreadySo(to.title()));
                }
            }
            EntryBody::Evidence {
                link, hypothesis, ..
            } => {
                if let Some(text) = link {
                    *link = Some(text::link(text)?);
                }
                if let Some(id) = *hypothesis
                    && !board.hypotheses.iter().any(|h| h.id == id)
                {
                    return Err(Refusal::NoSuch {
                        what: "hypothesis",
                        id,
                    });
                }
            }
            EntryBody::Decision { alternatives } => {
                let mut cleaned = Vec::new();
                for one in alternatives.iter().filter(|a| !a.trim().is_empty()) {
                    cleaned.push(text::line("The alternative", one, 500)?);
                }
                cleaned.truncate(20);
                *alternatives = cleaned;
            }
            EntryBody::ActionEffect { action, .. } => {
                if !board.actions.iter().any(|a| a.id == *action) {
                    return Err(Refusal::NoSuch {
                        what: "action",
                        id: *action,
                    });
                }
            }
            EntryBody::Task { owner, minutes: m } => {
                minutes(*m)?;
                somebody(*owner)?;
            }
            EntryBody::TaskDone { task } => {
                let found = board.tasks.iter().find(|t| t.id == *task);
                let found = found.ok_or(Refusal::NoSuch {
                    what: "task",
                    id: *task,
                })?;
                if found.done.is_some() {
                    return Err(Refusal::AlreadyClosed { what: "task" });
                }
            }
            EntryBody::Breakout { people, minutes: m } => {
                minutes(*m)?;
                people.sort_unstable();
                people.dedup();
                if people.is_empty() || people.len() > 20 {
                    return Err(Refusal::NobodyToBreakOut);
                }
                people.iter().try_for_each(|who| somebody(*who))?;
            }
            EntryBody::BreakoutEnded { breakout } => {
                let found = board.breakouts.iter().find(|b| b.id == *breakout);
                let found = found.ok_or(Refusal::NoSuch {
                    what: "breakout",
                    id: *breakout,
                })?;
                if found.ended.is_some() {
                    return Err(Refusal::AlreadyClosed { what: "breakout" });
                }
            }
            EntryBody::Blocker {
                waiting_on,
                minutes: m,
            } => {
                if let Some(m) = *m {
                    minutes(m)?;
                }
                if !waiting_on.trim().is_empty() {
                    *waiting_on = text::line("What we wait for", waiting_on, 200)?;
                } else {
                    waiting_on.clear();
                }
            }
            EntryBody::BlockerLifted { blocker } => {
                let found = board.blockers.iter().find(|b| b.id == *blocker);
                let found = found.ok_or(Refusal::NoSuch {
                    what: "blocker",
                    id: *blocker,
                })?;
                if found.lifted.is_some() {
                    return Err(Refusal::AlreadyClosed { what: "blocker" });
                }
            }
            EntryBody::StakeholderUpdate {
                next_minutes: Some(m),
            } => minutes(*m)?,
            EntryBody::Status { from, to } => {
                if self.incident.status == *to {
                    return Err(Refusal::AlreadySo(to.title()));
                }
                if *to == Status::Resolved && text.trim().is_empty() {
                    return Err(Refusal::NoSummary);
                }
                *from = Some(self.incident.status);
            }
            EntryBody::Severity { from, to } => {
                if self.incident.severity == *to {
                    return Err(Refusal::AlreadySo(to.title()));
                }
                *from = Some(self.incident.severity);
            }
            EntryBody::RoleTaken { role, user, from } => {
                somebody(*user)?;
                let holders = board.roles.get(role).map(Vec::as_slice).unwrap_or_default();
                if holders.contains(user) {
                    return Err(Refusal::AlreadySo("theirs"));
                }
                *from = if role.is_single() {
                    holders.first().copied()
                } else {
                    None
                };
            }
            EntryBody::RoleReleased { role, user } => {
                if !board.roles.get(role).is_some_and(|who| who.contains(user)) {
                    return Err(Refusal::NotTheirRole(role.title()));
                }
            }
            EntryBody::Note
            | EntryBody::Finding
            | EntryBody::Hypothesis
            | EntryBody::Action
            | EntryBody::StakeholderUpdate { next_minutes: None } => {}
            other => watch::accept(board, other)?,
        }
        Ok(NewEntry {
            id,
            body,
            text,
            occurred_at,
        })
    }
}

impl Board {
    /// Adds one entry, in order of sequence.
    pub fn add(&mut self, entry: &Entry) {
        let at = entry.occurred_at;
        if entry.is_activity() {
            self.last_human = self.last_human.max(Some(at));
            if entry.kind().is_learning() {
                self.last_learnt = self.last_learnt.max(Some(at));
            }
        }
        let (id, seq, text) = (entry.id, entry.seq, entry.text.clone());
        match &entry.body {
            EntryBody::Hypothesis => self.hypotheses.push(Hypothesis {
                id,
                seq,
                text,
                author: entry.author,
                status: HypothesisStatus::Proposed,
                since: at,
                reason: String::new(),
                evidence: Vec::new(),
            }),
            EntryBody::HypothesisStatus { hypothesis, to } => {
                if let Some(h) = self
                    .hypotheses
                    .iter_mut()
                    .rev()
                    .find(|h| h.id == *hypothesis)
                {
                    h.status = *to;
                    h.since = at;
                    h.reason = text;
                }
            }
            EntryBody::Evidence {
                hypothesis: Some(hypothesis),
                stance,
                ..
            } => {
                if let Some(h) = self
                    .hypotheses
                    .iter_mut()
                    .rev()
                    .find(|h| h.id == *hypothesis)
                {
                    h.evidence.push((id, *stance));
                }
            }
            EntryBody::Action => self.actions.push(ActionTaken {
                id,
                seq,
                text,
                effect: None,
            }),
            EntryBody::ActionEffect { action, effect } => {
                if let Some(a) = self.actions.iter_mut().rev().find(|a| a.id == *action) {
                    a.effect = Some(*effect);
                }
            }
            EntryBody::Task { owner, minutes } => self.tasks.push(Task {
                id,
                seq,
                text,
                owner: *owner,
                from: at,
                due: at.plus_minutes(i64::from(*minutes)),
                done: None,
            }),
            EntryBody::TaskDone { task } => {
                if let Some(t) = self.tasks.iter_mut().rev().find(|t| t.id == *task) {
                    t.done = Some((at, text));
                }
            }
            EntryBody::Breakout { people, minutes } => self.breakouts.push(Breakout {
                id,
                seq,
                question: text,
                people: people.clone(),
                from: at,
                due: at.plus_minutes(i64::from(*minutes)),
                ended: None,
            }),
            EntryBody::BreakoutEnded { breakout } => {
                if let Some(b) = self.breakouts.iter_mut().rev().find(|b| b.id == *breakout) {
                    b.ended = Some((at, text));
                }
            }
            EntryBody::Blocker {
                waiting_on,
                minutes,
            } => self.blockers.push(Blocker {
                id,
                seq,
                text,
                waiting_on: waiting_on.clone(),
                from: at,
                until: minutes.map(|m| at.plus_minutes(i64::from(m))),
                lifted: None,
            }),
            EntryBody::BlockerLifted { blocker } => {
                if let Some(b) = self.blockers.iter_mut().rev().find(|b| b.id == *blocker) {
                    b.lifted = Some((at, text));
                }
            }
            EntryBody::StakeholderUpdate { next_minutes } => {
                self.last_update = Some(id);
                self.next_update = next_minutes.map(|m| at.plus_minutes(i64::from(m)));
            }
            EntryBody::Status { to, .. } => match to {
                Status::Mitigated | Status::Resolved => {
                    self.mitigated_at = self.mitigated_at.or(Some(at));
                    if *to == Status::Resolved {
                        self.next_update = None;
                    }
                }
                Status::Investigating | Status::Identified => self.mitigated_at = None,
            },
            EntryBody::RoleTaken { role, user, .. } => {
                let who = self.roles.entry(*role).or_default();
                if role.is_single() {
                    who.clear();
                }
                if !who.contains(user) {
                    who.push(*user);
                }
            }
            EntryBody::RoleReleased { role, user } => {
                if let Some(who) = self.roles.get_mut(role) {
                    who.retain(|one| one != user);
                }
            }
            EntryBody::Note
            | EntryBody::Finding
            | EntryBody::Evidence {
                hypothesis: None, ..
            }
            | EntryBody::Decision { .. }
            | EntryBody::Severity { .. } => {}
            _ => self.watch.add(entry),
        }
    }
}

/// How an incident's row changes when an entry is added to its timeline.
///
/// The row repeats what lists need, so that a list reads no timeline.
pub fn apply_to_row(incident: &mut Incident, entry: &Entry, board: &Board) {
    incident.last_seq = incident.last_seq.max(entry.seq);
    match &entry.body {
        EntryBody::Status { to, .. } => {
            incident.status = *to;
            incident.resolved_at = (*to == Status::Resolved).then_some(entry.occurred_at);
        }
        EntryBody::Severity { to, .. } => incident.severity = *to,
        _ => {}
    }
    incident.commander = board.commander();
    incident.last_human_at = board
        .last_human
        .unwrap_or(incident.declared_at)
        .max(incident.last_human_at);
    incident.last_learnt_at = board.last_learnt.max(incident.last_learnt_at);
    incident.next_update_at = board.next_update;
}

/// The severity a new incident takes when nobody chose one.
pub const DEFAULT_SEVERITY: Severity = Severity::Sev2;

#[cfg(test)]
mod tests;

//! The exported incident as data.

use super::FORMAT;
use crate::{
    Effect, Entry, EntryId, HypothesisStatus, Incident, IncidentRole, Room, Stance, Timestamp,
    UserId, room::Board,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One incident, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentExport {
    /// [`FORMAT`].
    pub format: String,
    /// The incident's reference, as people say it.
    pub reference: String,
    /// The incident.
    pub incident: Incident,
    /// Names of everybody mentioned.
    pub people: BTreeMap<UserId, String>,
    /// What the timeline amounts to.
    pub board: ExportedBoard,
    /// Every entry, by sequence, in its current revision.
    pub entries: Vec<ExportedEntry>,
}

/// An entry with its author's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedEntry {
    /// The author's name; Rideout's own where nobody wrote it.
    pub author_name: String,
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What the timeline amounts to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedBoard {
    /// Hypotheses, oldest first.
    pub hypotheses: Vec<ExportedHypothesis>,
    /// Actions, oldest first.
    pub actions: Vec<ExportedAction>,
    /// Tasks, oldest first.
    pub tasks: Vec<ExportedTask>,
    /// Breakouts, oldest first.
    pub breakouts: Vec<ExportedBreakout>,
    /// Blockers, oldest first.
    pub blockers: Vec<ExportedBlocker>,
    /// Who has which role at the end.
    pub roles: BTreeMap<IncidentRole, Vec<UserId>>,
    /// When it was first mitigated since the last reopening.
    pub mitigated_at: Option<Timestamp>,
}

/// A hypothesis and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedHypothesis {
    /// The entry that proposed it.
    pub entry: EntryId,
    /// How it stands.
    pub status: HypothesisStatus,
    /// Since when.
    pub since: Timestamp,
    /// Why; empty when nobody said.
    pub reason: String,
    /// Evidence on it, oldest first.
    pub evidence: Vec<ExportedEvidence>,
}

/// A piece of evidence on a hypothesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedEvidence {
    /// The entry.
    pub entry: EntryId,
    /// How it bears on the hypothesis.
    pub stance: Stance,
}

/// An action and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedAction {
    /// The entry that reported it.
    pub entry: EntryId,
    /// Its last reported effect.
    pub effect: Option<Effect>,
}

/// A task and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedTask {
    /// The entry that gave it.
    pub entry: EntryId,
    /// Who does it.
    pub owner: UserId,
    /// End of its time box.
    pub due: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// The result; empty while it is not done.
    pub result: String,
}

/// A breakout and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedBreakout {
    /// The entry that began it.
    pub entry: EntryId,
    /// Who went.
    pub people: Vec<UserId>,
    /// When its timer runs out.
    pub due: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it brought; empty while it goes on.
    pub result: String,
}

/// A blocker and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedBlocker {
    /// The entry that declared it.
    pub entry: EntryId,
    /// On whom or what we wait; may be empty.
    pub waiting_on: String,
    /// Until when we were ready to wait.
    pub until: Option<Timestamp>,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
    /// How; empty while it stands.
    pub result: String,
}

pub(super) fn collect(room: &Room, board: &Board) -> IncidentExport {
    let mut entries: Vec<ExportedEntry> = room
        .entries
        .iter()
        .map(|e| ExportedEntry {
            author_name: room.author(e).to_owned(),
            entry: Entry::clone(e),
        })
        .collect();
    entries.sort_by_key(|e| e.entry.seq);
    IncidentExport {
        format: FORMAT.to_owned(),
        reference: room.incident.reference(),
        incident: room.incident.clone(),
        people: room
            .people
            .iter()
            .map(|(id, name)| (*id, name.clone()))
            .collect(),
        board: exported_board(board),
        entries,
    }
}

fn exported_board(board: &Board) -> ExportedBoard {
    let at = |closed: &Option<(Timestamp, String)>| closed.as_ref().map(|(at, _)| *at);
    let said = |closed: &Option<(Timestamp, String)>| {
        closed
            .as_ref()
            .map_or_else(String::new, |(_, text)| text.clone())
    };
    ExportedBoard {
        hypotheses: board
            .hypotheses
            .iter()
            .map(|h| ExportedHypothesis {
                entry: h.id,
                status: h.status,
                since: h.since,
                reason: h.reason.clone(),
                evidence: h
                    .evidence
                    .iter()
                    .map(|(entry, stance)| ExportedEvidence {
                        entry: *entry,
                        stance: *stance,
                    })
                    .collect(),
            })
            .collect(),
        actions: board
            .actions
            .iter()
            .map(|a| ExportedAction {
                entry: a.id,
                effect: a.effect,
            })
            .collect(),
        tasks: board
            .tasks
            .iter()
            .map(|t| ExportedTask {
                entry: t.id,
                owner: t.owner,
                due: t.due,
                done_at: at(&t.done),
                result: said(&t.done),
            })
            .collect(),
        breakouts: board
            .breakouts
            .iter()
            .map(|b| ExportedBreakout {
                entry: b.id,
                people: b.people.clone(),
                due: b.due,
                ended_at: at(&b.ended),
                result: said(&b.ended),
            })
            .collect(),
        blockers: board
            .blockers
            .iter()
            .map(|b| ExportedBlocker {
                entry: b.id,
                waiting_on: b.waiting_on.clone(),
                until: b.until,
                lifted_at: at(&b.lifted),
                result: said(&b.lifted),
            })
            .collect(),
        roles: board.roles.clone(),
        mitigated_at: board.mitigated_at,
    }
}

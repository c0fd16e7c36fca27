//! Tests of the watch: every signal by table, and what holds for any timeline.

mod ladder;
mod properties;
mod settings;
mod signals;

use super::*;
use crate::{
    Entry, EntryBody, EntryId, Incident, IncidentId, Severity, Status, Timestamp, UserId,
    room::Board,
};
use uuid::Uuid;

/// 2010-06-15T09:00:00Z, when the story goes live.
const BEGAN: Timestamp = Timestamp(1_276_592_400_000_000);

fn at(minutes: i64) -> Timestamp {
    BEGAN.plus_minutes(minutes)
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn id(n: u128) -> EntryId {
    EntryId(Uuid::from_u128(n))
}

fn incident() -> Incident {
    Incident {
        id: IncidentId(Uuid::from_u128(1)),
        number: 1,
        title: "Reservations crawl".into(),
        description: String::new(),
        description_html: String::new(),
        services: Vec::new(),
        severity: Severity::Sev1,
        status: Status::Investigating,
        restricted: false,
        declared_at: BEGAN,
        declared_by: user(1),
        started_at: BEGAN,
        resolved_at: None,
        commander: None,
        last_human_at: BEGAN,
        last_learnt_at: None,
        next_update_at: None,
        last_seq: 0,
    }
}

/// A room as it fills: everything a judgement is made of.
#[derive(Clone, Debug)]
struct Room {
    incident: Incident,
    board: Board,
    activity: Activity,
    extra: Extra,
    settings: Settings,
    seq: u32,
}

impl Room {
    /// A SEV1 that was declared and is led; nothing else is known.
    fn new() -> Self {
        let mut room = Self {
            incident: incident(),
            board: Board::default(),
            activity: Activity::default(),
            extra: Extra::default(),
            settings: Settings::default(),
            seq: 0,
        };
        room.write(
            0,
            EntryBody::Declared {
                severity: Severity::Sev1,
            },
            "",
        );
        room.write(
            0,
            EntryBody::RoleTaken {
                role: crate::IncidentRole::Commander,
                user: user(1),
                from: None,
            },
            "",
        );
        room
    }

    fn write(&mut self, minute: i64, body: EntryBody, text: &str) -> EntryId {
        self.enter(at(minute), Some(user(1)), body, text)
    }

    fn system(&mut self, minute: i64, body: EntryBody, text: &str) -> EntryId {
        self.enter(at(minute), None, body, text)
    }

    fn enter(
        &mut self,
        at: Timestamp,
        author: Option<UserId>,
        body: EntryBody,
        text: &str,
    ) -> EntryId {
        self.seq += 1;
        let entry = Entry {
            id: id(self.seq.into()),
            incident: self.incident.id,
            seq: self.seq.into(),
            changed_seq: self.seq.into(),
            author,
            body,
            text: text.into(),
            html: String::new(),
            occurred_at: at,
            recorded_at: at,
            revision: 1,
            redacted_at: None,
            pinned_at: None,
        };
        self.board.add(&entry);
        self.activity.add(&entry);
        match &entry.body {
            EntryBody::Status { to, .. } => self.incident.status = *to,
            EntryBody::Severity { to, .. } => self.incident.severity = *to,
            _ => {}
        }
        entry.id
    }

    fn facts(&self) -> Facts<'_> {
        Facts::new(&self.incident, &self.board, &self.activity, &self.extra)
    }

    fn judge(&self, now: Timestamp) -> Assessment {
        assess(&self.facts(), &self.settings, now)
    }
}

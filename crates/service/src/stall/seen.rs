//! What the watch has read of an incident's timeline, kept between looks, so that
//! a look reads only what is new.

use crate::{Error, db::Conn, timeline};
use rideout_domain::{
    Entry, Incident, IncidentId, Timestamp, UserId, room::Board, stall::Activity,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// A timeline up to a sequence, as the watch needs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The last sequence read.
    pub(super) seq: i64,
    /// What the timeline amounts to.
    pub(super) board: Board,
    /// What people did.
    pub(super) activity: Activity,
    /// When each person wrote last.
    pub(super) wrote: BTreeMap<UserId, Timestamp>,
    /// The latest time in it.
    pub(super) latest: Option<Timestamp>,
}

/// By how much a clock was ahead before it was set back, and up to which entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ahead {
    /// The last entry it wrote.
    pub(super) seq: i64,
    /// In microseconds.
    pub(super) by: i64,
}

impl Ahead {
    /// The moment as it is by the clock of now.
    pub(super) const fn moved(self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_sub(self.by))
    }
}

impl Seen {
    fn add(&mut self, entry: &Entry) {
        self.seq = self.seq.max(entry.seq);
        self.board.add(entry);
        self.activity.add(entry);
        let at = entry.occurred_at.max(entry.recorded_at);
        self.latest = self.latest.max(Some(at));
        if let Some(author) = entry.author.filter(|_| entry.is_activity()) {
            let last = self.wrote.entry(author).or_insert(at);
            *last = (*last).max(at);
        }
    }

    /// The same, up to the incident's last sequence.
    pub(super) async fn caught_up(
        self: Arc<Self>,
        conn: &mut Conn,
        incident: &Incident,
    ) -> Result<Arc<Self>, Error> {
        if self.seq == incident.last_seq {
            return Ok(self);
        }
        let mut new = timeline::changed_after(conn, incident.id, self.seq).await?;
        // What was committed after the row was read belongs to the next look.
        new.retain(|e| e.seq <= incident.last_seq);
        let is_append = self.seq < incident.last_seq && new.iter().all(|e| e.seq > self.seq);
        if !is_append {
            return Self::whole(conn, incident, None).await;
        }
        new.sort_by_key(|e| e.seq);
        let mut seen = Arc::unwrap_or_clone(self);
        new.iter().for_each(|entry| seen.add(entry));
        seen.seq = incident.last_seq;
        Ok(Arc::new(seen))
    }

    /// Everything, read anew; what was written by a clock that was ahead is moved
    /// back.
    pub(super) async fn whole(
        conn: &mut Conn,
        incident: &Incident,
        ahead: Option<Ahead>,
    ) -> Result<Arc<Self>, Error> {
        let mut all = all(conn, incident.id).await?;
        all.retain(|e| e.seq <= incident.last_seq);
        let mut seen = Self::default();
        for mut entry in all {
            if let Some(ahead) = ahead.filter(|a| entry.seq <= a.seq) {
                entry.occurred_at = ahead.moved(entry.occurred_at);
                entry.recorded_at = ahead.moved(entry.recorded_at);
            }
            seen.add(&entry);
        }
        seen.seq = incident.last_seq;
        Ok(Arc::new(seen))
    }
}

async fn all(conn: &mut Conn, incident: IncidentId) -> Result<Vec<Entry>, Error> {
    let mut entries = timeline::changed_after(conn, incident, 0).await?;
    entries.sort_by_key(|e| e.seq);
    Ok(entries)
}

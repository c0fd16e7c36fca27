//! The room as a whole: an incident, its timeline, the board, the names.
//!
//! A room is kept in memory between requests and brought up to date by reading
//! only what changed since, so that a page costs one indexed read.

use crate::{Error, Service, args, db::Conn, incident, statements, timeline};
use quick_cache::sync::Cache;
use rideout_domain::{Actor, EntryBody, Incident, IncidentId, Room, UserId, room::Board};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

statements! {
    /// A person's name.
    NAME = "SELECT name FROM users WHERE id = $1";
}

/// A room at one sequence.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The incident, its entries and the names in it.
    pub room: Room,
    /// What the timeline amounts to.
    pub board: Arc<Board>,
    /// Counts renamings of people; with the sequence it tells whether anything shown changed.
    pub names_epoch: u64,
}

/// Rooms kept in memory.
#[derive(Debug, Clone)]
pub(crate) struct RoomCache {
    rooms: Arc<Cache<IncidentId, Arc<Snapshot>>>,
    epoch: Arc<AtomicU64>,
}

impl Default for RoomCache {
    fn default() -> Self {
        Self {
            rooms: Arc::new(Cache::new(256)),
            epoch: Arc::default(),
        }
    }
}

impl RoomCache {
    pub(crate) fn peek(&self, incident: IncidentId) -> Option<Arc<Snapshot>> {
        self.rooms.get(&incident)
    }

    /// Makes every room read names anew.
    pub(crate) fn forget_names(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }
}

impl Service {
    /// The room, up to date.
    ///
    /// # Errors
    /// [`Error::NotFound`] also when the actor may not see it.
    pub async fn room(&self, actor: &Actor, id: IncidentId) -> Result<Arc<Snapshot>, Error> {
        let mut conn = self.db.reader().await?;
        let incident = incident::find(&mut conn, actor, id).await?;
        self.up_to_date(&mut conn, incident).await
    }

    /// The room for work that was authorised otherwise: the live hub, a
    /// stakeholder page, an export on the command line.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn room_unchecked(&self, id: IncidentId) -> Result<Arc<Snapshot>, Error> {
        let mut conn = self.db.reader().await?;
        let row = conn
            .fetch_optional(&incident::FIND, &args![id.0, uuid::Uuid::nil()])
            .await?;
        let incident = incident::from_row(&row.ok_or(Error::NotFound)?)?;
        self.up_to_date(&mut conn, incident).await
    }

    /// Makes every room show people's present names.
    pub fn names_changed(&self) {
        self.rooms.forget_names();
    }

    async fn up_to_date(
        &self,
        conn: &mut Conn,
        incident: Incident,
    ) -> Result<Arc<Snapshot>, Error> {
        let epoch = self.rooms.epoch.load(Ordering::SeqCst);
        let kept = self.rooms.peek(incident.id);
        if let Some(kept) = &kept
            && kept.room.incident.last_seq == incident.last_seq
            && kept.names_epoch == epoch
        {
            return Ok(Arc::clone(kept));
        }
        // A kept room can be ahead of the row read here; then it is newer and right.
        if let Some(kept) = &kept
            && kept.room.incident.last_seq > incident.last_seq
        {
            return Ok(Arc::clone(kept));
        }
        let (mut entries, mut people) = match &kept {
            Some(kept) if kept.names_epoch == epoch => {
                (kept.room.entries.clone(), kept.room.people.clone())
            }
            Some(kept) => (kept.room.entries.clone(), HashMap::new()),
            None => (Vec::new(), HashMap::new()),
        };
        let from = kept.as_ref().map_or(0, |kept| kept.room.incident.last_seq);
        for entry in timeline::changed_after(conn, incident.id, from).await? {
            // What was committed after the row was read belongs to the next snapshot.
            if entry.seq > incident.last_seq {
                continue;
            }
            match entries.binary_search_by_key(&entry.seq, |e| e.seq) {
                Ok(at) => entries[at] = Arc::new(entry),
                Err(at) => entries.insert(at, Arc::new(entry)),
            }
        }
        let mut mentioned: HashSet<UserId> = HashSet::from([incident.declared_by]);
        mentioned.extend(incident.commander);
        for entry in &entries {
            mentioned.extend(entry.author);
            mention(&entry.body, &mut mentioned);
        }
        for id in mentioned {
            if !people.contains_key(&id)
                && let Some(row) = conn.fetch_optional(&NAME, &args![id.0]).await?
            {
                people.insert(id, row.text("name")?);
            }
        }
        let room = Room {
            incident,
            entries,
            people,
        };
        let board = Arc::new(room.board());
        let snapshot = Arc::new(Snapshot {
            room,
            board,
            names_epoch: epoch,
        });
        self.rooms
            .rooms
            .insert(snapshot.room.incident.id, Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

fn mention(body: &EntryBody, people: &mut HashSet<UserId>) {
    match body {
        EntryBody::Task { owner, .. } => {
            people.insert(*owner);
        }
        EntryBody::Breakout { people: who, .. } => people.extend(who),
        EntryBody::RoleTaken { user, from, .. } => {
            people.insert(*user);
            people.extend(*from);
        }
        EntryBody::Prompt {
            people: who, call, ..
        } => {
            people.extend(who);
            people.extend(call.iter().filter_map(|c| c.user));
        }
        EntryBody::RoleReleased { user, .. }
        | EntryBody::AccessGranted { user }
        | EntryBody::Paged { user, .. }
        | EntryBody::PageAcknowledged { user, .. }
        | EntryBody::PageFailed { user, .. } => {
            people.insert(*user);
        }
        _ => {}
    }
}

//! Rooms as they were last rendered, so that a page costs little more than
//! finding out who asks and what is newest.
//!
//! What an entry looks like depends on the timeline alone and is kept until the
//! timeline grows. The regions also tell ages and who is here: they are kept
//! for the second in which they were rendered.

use quick_cache::sync::Cache;
use rideout_app::pages::room::{
    Draft, Filter, Person, Present, Rendered, Scene,
    fragments::{self, Regions},
};
use rideout_domain::{IncidentId, Timestamp, UserId};
use rideout_service::{Error, Service, room::Snapshot};
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::Mutex;

/// Rooms that are kept.
const ROOMS: usize = 64;

/// The rooms that were rendered last.
#[derive(Debug)]
pub struct RoomPages {
    rooms: Cache<IncidentId, Arc<RoomHtml>>,
    people: RwLock<Option<(i64, Arc<[Person]>)>>,
}

impl Default for RoomPages {
    fn default() -> Self {
        Self {
            rooms: Cache::new(ROOMS),
            people: RwLock::default(),
        }
    }
}

/// A room at one sequence, rendered.
#[derive(Debug)]
pub(super) struct RoomHtml {
    seq: i64,
    names_epoch: u64,
    /// The newest entries.
    pub(super) timeline: Rendered,
    /// Everybody who wrote something, by name.
    pub(super) authors: Vec<Person>,
    moment: RwLock<Option<Arc<Moment>>>,
    rendering: Mutex<()>,
}

/// What changes by itself as time goes by.
#[derive(Debug)]
pub(super) struct Moment {
    second: i64,
    /// Who is in the room.
    pub(super) here: Vec<Present>,
    /// Everybody who can be given work.
    pub(super) people: Arc<[Person]>,
    /// The regions.
    pub(super) regions: Regions,
    /// The composer with nothing in it.
    pub(super) composer: String,
}

impl RoomPages {
    /// The room as it looks now.
    pub(super) async fn of(
        &self,
        service: &Service,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<(Arc<RoomHtml>, Arc<Moment>), Error> {
        let room = self.room(snapshot);
        let second = now.0.div_euclid(1_000_000);
        if let Some(moment) = room.moment_of(second) {
            return Ok((room, moment));
        }
        // One renders while the others wait for it.
        let _rendering = room.rendering.lock().await;
        if let Some(moment) = room.moment_of(second) {
            return Ok((Arc::clone(&room), moment));
        }
        let here = present(service, snapshot.room.incident.id).await?;
        let people = self.people(service, second).await?;
        let scene = Scene::new(now, here);
        let (of, board) = (&snapshot.room, &*snapshot.board);
        let moment = Arc::new(Moment {
            second,
            regions: Regions::of(of, board, &scene),
            composer: fragments::composer_html(of, board, &people, &scene, &Draft::default()),
            here: scene.here,
            people,
        });
        *room.moment.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&moment));
        Ok((Arc::clone(&room), moment))
    }

    fn room(&self, snapshot: &Snapshot) -> Arc<RoomHtml> {
        let incident = &snapshot.room.incident;
        if let Some(kept) = self.rooms.get(&incident.id)
            && kept.seq == incident.last_seq
            && kept.names_epoch == snapshot.names_epoch
        {
            return kept;
        }
        let rendered = Arc::new(RoomHtml {
            seq: incident.last_seq,
            names_epoch: snapshot.names_epoch,
            timeline: Rendered::of(&snapshot.room, &Filter::default()),
            authors: authors(snapshot),
            moment: RwLock::default(),
            rendering: Mutex::default(),
        });
        self.rooms.insert(incident.id, Arc::clone(&rendered));
        rendered
    }

    /// Everybody who can be given work, read once in a second: whoever has just
    /// got an account is asked for at once.
    async fn people(&self, service: &Service, second: i64) -> Result<Arc<[Person]>, Error> {
        let kept = self
            .people
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((read_in, people)) = kept
            && read_in == second
        {
            return Ok(people);
        }
        let people: Arc<[Person]> = service
            .people()
            .await?
            .into_iter()
            .map(|p| Person {
                id: p.id,
                name: p.name,
            })
            .collect();
        *self.people.write().unwrap_or_else(PoisonError::into_inner) =
            Some((second, Arc::clone(&people)));
        Ok(people)
    }
}

impl RoomHtml {
    fn moment_of(&self, second: i64) -> Option<Arc<Moment>> {
        let moment = self.moment.read().unwrap_or_else(PoisonError::into_inner);
        moment.as_ref().filter(|m| m.second == second).cloned()
    }
}

/// Who is in the room.
async fn present(service: &Service, incident: IncidentId) -> Result<Vec<Present>, Error> {
    let here = service.here_now_unchecked(incident).await?;
    Ok(here
        .into_iter()
        .map(|p| Present {
            id: p.id,
            name: p.name,
            away: p.away,
        })
        .collect())
}

fn authors(snapshot: &Snapshot) -> Vec<Person> {
    let names: BTreeSet<(String, UserId)> = snapshot
        .room
        .entries
        .iter()
        .filter_map(|e| e.author)
        .map(|id| (snapshot.room.name(id).to_owned(), id))
        .collect();
    names
        .into_iter()
        .map(|(name, id)| Person { id, name })
        .collect()
}

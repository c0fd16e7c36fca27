//! The pages that wait for whoever looks, on every page they open, without asking
//! the database for it each time.
//!
//! What is open is kept until something is committed that changes it; few people
//! are paged at a time, so everybody's are read at once.

use rideout_app::pages::paging::Called;
use rideout_domain::{Actor, Timestamp, UserId};
use rideout_service::{
    Error, Service,
    db::{LiveEvent, LiveWhat},
    page::OpenPage,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

/// Seconds for which they are kept, should an event from another node get lost.
const SECONDS: i64 = 10;
/// Most that are shown.
const SHOWN: usize = 5;

type Open = Arc<HashMap<UserId, Vec<OpenPage>>>;

/// Everybody's open pages.
#[derive(Debug)]
pub struct CalledPeople(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    heard: Receiver<LiveEvent>,
    /// Grows with everything heard that may change them.
    generation: u64,
    open: Option<(Open, Timestamp)>,
}

impl CalledPeople {
    /// Listens to what the service commits.
    #[must_use]
    pub fn new(service: &Service) -> Self {
        Self(Mutex::new(Kept {
            heard: service.db.subscribe(),
            generation: 0,
            open: None,
        }))
    }

    /// What waits for the actor, the oldest first.
    pub(super) async fn of(&self, service: &Service, actor: &Actor) -> Result<Vec<Called>, Error> {
        let open = self.open(service).await?;
        let pages = open.get(&actor.id).map_or(&[][..], Vec::as_slice);
        Ok(pages.iter().take(SHOWN).cloned().map(called).collect())
    }

    async fn open(&self, service: &Service) -> Result<Open, Error> {
        let now = service.now();
        let generation = {
            let mut kept = self.lock();
            kept.listen();
            match &kept.open {
                Some((open, at)) if (0..SECONDS).contains(&now.seconds_since(*at)) => {
                    return Ok(Arc::clone(open));
                }
                _ => kept.generation,
            }
        };
        let open: Open = Arc::new(service.all_open_pages().await?);
        let mut kept = self.lock();
        kept.listen();
        // Read before something changed, it may be wrong already.
        if kept.generation == generation {
            kept.open = Some((Arc::clone(&open), now));
        }
        Ok(open)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn listen(&mut self) {
        loop {
            match self.heard.try_recv() {
                Ok(LiveEvent {
                    what: LiveWhat::Due | LiveWhat::Resync,
                    ..
                })
                | Err(TryRecvError::Lagged(_)) => {
                    self.generation += 1;
                    self.open = None;
                }
                Ok(_) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

fn called(page: OpenPage) -> Called {
    Called {
        id: page.id,
        incident: page.incident,
        number: page.number,
        title: page.title,
        severity: page.severity,
        reason: page.reason,
        since: page.created_at,
    }
}

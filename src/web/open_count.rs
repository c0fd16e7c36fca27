//! The number of open incidents in the rail of every page, without asking the
//! database for it each time.
//!
//! A count is kept until something is committed that may change it. Commits are
//! published before they are acknowledged, so whoever has just declared an
//! incident sees it counted on the next page.

use rideout_domain::{Actor, Timestamp, UserId};
use rideout_service::{
    Error, Service,
    db::{LiveEvent, LiveWhat},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

/// People whose count is kept.
const PEOPLE: usize = 4096;
/// Seconds for which a count is kept, should an event from another node get lost.
const SECONDS: i64 = 10;

/// The counts of those who looked lately.
#[derive(Debug)]
pub struct OpenCounts(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    heard: Receiver<LiveEvent>,
    /// Grows with everything heard that may change a count.
    generation: u64,
    counts: HashMap<UserId, (i64, Timestamp)>,
}

impl OpenCounts {
    /// Listens to what the service commits.
    #[must_use]
    pub fn new(service: &Service) -> Self {
        Self(Mutex::new(Kept {
            heard: service.db.subscribe(),
            generation: 0,
            counts: HashMap::new(),
        }))
    }

    /// How many open incidents the actor may see.
    pub(super) async fn of(&self, service: &Service, actor: &Actor) -> Result<i64, Error> {
        let now = service.now();
        let generation = {
            let mut kept = self.lock();
            kept.listen();
            match kept.counts.get(&actor.id) {
                Some((count, at)) if (0..SECONDS).contains(&now.seconds_since(*at)) => {
                    return Ok(*count);
                }
                _ => kept.generation,
            }
        };
        let count = service.open_incidents(actor).await?;
        let mut kept = self.lock();
        kept.listen();
        // Counted before something changed, it may be wrong already.
        if kept.generation == generation {
            if kept.counts.len() >= PEOPLE {
                kept.counts.clear();
            }
            kept.counts.insert(actor.id, (count, now));
        }
        Ok(count)
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
                    what: LiveWhat::Presence | LiveWhat::Due,
                    ..
                }) => {}
                Ok(_) | Err(TryRecvError::Lagged(_)) => {
                    self.generation += 1;
                    self.counts.clear();
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

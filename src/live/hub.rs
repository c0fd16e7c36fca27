//! The hub: hears what is committed, and knows who watches what.

use super::{
    channel::Channel,
    frame::{Frame, GOOD_BYE},
    housekeeping,
    stats::{Counters, HubStats},
    viewers::{Viewer, Viewers},
};
use rideout_domain::{IncidentId, UserId};
use rideout_service::{
    Service,
    db::{LiveEvent, LiveWhat},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    task::JoinHandle,
};

/// Most streams one person may have open.
pub const STREAMS_PER_PERSON: u32 = 64;

/// The hub of live pages. Cheap to clone.
#[derive(Clone)]
pub struct LiveHub(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) service: Service,
    pub(super) viewers: Viewers,
    pub(super) counters: Arc<Counters>,
    pub(super) most: u32,
    /// Seconds since the hub began.
    tick: AtomicU64,
    work: Mutex<Work>,
}

#[derive(Default)]
struct Work {
    stopped: bool,
    channels: HashMap<IncidentId, (Arc<Channel>, Task)>,
    tasks: Vec<Task>,
}

/// Ends when it is let go.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for LiveHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LiveHub").field(&self.stats()).finish()
    }
}

impl LiveHub {
    /// A hub at work: it listens to what the service commits. Call it inside
    /// the runtime that serves the streams.
    #[must_use]
    pub fn start(service: Service) -> Self {
        Self::with_limit(service, STREAMS_PER_PERSON)
    }

    /// A hub that lets one person open so many streams.
    #[must_use]
    pub fn with_limit(service: Service, streams_per_person: u32) -> Self {
        let bus = service.db.subscribe();
        let hub = Self(Arc::new(Inner {
            service,
            viewers: Viewers::default(),
            counters: Arc::default(),
            most: streams_per_person,
            tick: AtomicU64::new(1),
            work: Mutex::default(),
        }));
        // Weak, so that a hub nobody holds any more ends.
        let tasks = [
            tokio::spawn(hear(bus, Arc::downgrade(&hub.0))),
            tokio::spawn(housekeeping::run(Arc::downgrade(&hub.0))),
        ];
        hub.0.work().tasks.extend(tasks.map(Task));
        hub
    }

    /// Number of open streams.
    #[must_use]
    pub fn viewers(&self) -> usize {
        self.0.viewers.count()
    }

    /// What the hub has done and is doing.
    #[must_use]
    pub fn stats(&self) -> HubStats {
        let watched = self
            .0
            .channels()
            .iter()
            .filter(|channel| channel.viewers() > 0)
            .count();
        self.0.counters.read(self.viewers(), watched)
    }

    /// Closes the streams of somebody whose session ended, whose account was
    /// closed or whose role changed. Their browsers come back and are judged anew.
    pub fn recheck_user(&self, user: UserId) {
        self.0.close(&self.0.viewers.which(|v| v.user == user));
    }

    /// Closes the streams of an incident that fewer people may see now.
    pub fn recheck_incident(&self, incident: IncidentId) {
        self.0
            .close(&self.0.viewers.which(|v| v.incident == incident));
    }

    /// Says good-bye to every stream and ends it. New ones are refused.
    pub fn shut_down(&self) {
        let work = {
            let mut work = self.0.work();
            std::mem::replace(
                &mut *work,
                Work {
                    stopped: true,
                    ..Work::default()
                },
            )
        };
        for (channel, _) in work.channels.values() {
            channel.tell(&Frame::End(GOOD_BYE));
        }
    }
}

impl Inner {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tick(&self) -> u64 {
        self.tick.load(Relaxed)
    }

    /// A second has passed.
    pub(super) fn advance(&self) -> u64 {
        self.tick.fetch_add(1, Relaxed) + 1
    }

    /// The channel of an incident, opened if nobody watched it; none when the hub has stopped.
    pub(super) fn channel(&self, incident: IncidentId) -> Option<Arc<Channel>> {
        let mut work = self.work();
        if work.stopped {
            return None;
        }
        let (channel, _) = work.channels.entry(incident).or_insert_with(|| {
            let channel = Arc::new(Channel::new(incident));
            let task = Arc::clone(&channel).run(self.service.clone(), Arc::clone(&self.counters));
            (channel, Task(tokio::spawn(task)))
        });
        channel.touch(self.tick());
        Some(Arc::clone(channel))
    }

    pub(super) fn channels(&self) -> Vec<Arc<Channel>> {
        self.work()
            .channels
            .values()
            .map(|(channel, _)| Arc::clone(channel))
            .collect()
    }

    /// Lets go of channels that nobody has watched for a while.
    pub(super) fn retire(&self, unused_since: u64) {
        self.work()
            .channels
            .retain(|_, (channel, _)| !channel.is_unused(unused_since));
    }

    /// Closes streams, at once and not when they next have something to send.
    pub(super) fn close(&self, viewers: &[Arc<Viewer>]) {
        let mut incidents: Vec<IncidentId> = viewers.iter().map(|v| v.incident).collect();
        viewers.iter().for_each(|viewer| viewer.close());
        incidents.sort_unstable();
        incidents.dedup();
        let work = self.work();
        for incident in incidents {
            if let Some((channel, _)) = work.channels.get(&incident) {
                channel.tell(&Frame::Wake);
            }
        }
    }

    fn dispatch(&self, event: LiveEvent) {
        if event.what == LiveWhat::Resync {
            self.look_everywhere();
        } else if event.what == LiveWhat::Due {
            // Nothing that a page shows.
        } else if let Some((channel, _)) = self.work().channels.get(&IncidentId(event.incident)) {
            channel.wake();
        }
    }

    /// Something may have been missed: every channel looks for itself.
    fn look_everywhere(&self) {
        self.counters.resynced();
        self.work()
            .channels
            .values()
            .for_each(|(channel, _)| channel.wake());
    }
}

async fn hear(mut bus: Receiver<LiveEvent>, hub: Weak<Inner>) {
    loop {
        let heard = bus.recv().await;
        let Some(hub) = hub.upgrade() else { return };
        match heard {
            Ok(event) => hub.dispatch(event),
            Err(RecvError::Lagged(_)) => hub.look_everywhere(),
            Err(RecvError::Closed) => return,
        }
    }
}

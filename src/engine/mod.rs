//! The engine: lets the stall watch look, takes the steps of escalations that are
//! due, and sends messages.
//!
//! All it knows stands in the database, so a start, an end and another node are
//! nothing special. It looks at what is due when it is told that something is, when
//! the next thing becomes due, and every few seconds in any case; the clock of the
//! service decides what is due, a monotonic one only how long to wait. Cycles let the
//! watch look and take steps; beside them, passes take messages in hand.

mod calendars;
mod compose;
mod cycle;
mod dead_man;
mod deliver;
mod outgoing;
mod send;

pub use cycle::Cycle;
pub use outgoing::Outgoing;

use deliver::{IN_HAND, Pass};
use rideout_channels::Channels;
use rideout_domain::Channel;
use rideout_service::{Error, Service, db::LiveWhat};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore, broadcast, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout},
};

/// Time between two cycles when nothing is due before.
const PAUSE: Duration = Duration::from_secs(5);
/// After a cycle that failed.
const RETRY: Duration = Duration::from_secs(1);
/// Between an entry and the look at what it changed, so that many have one.
const BREATH: Duration = Duration::from_millis(250);
/// Messages sent at the same time through one channel. A mail server that hangs
/// takes none of the places of the others.
const SENDERS: usize = 16;

/// The engine, seen from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
    last: watch::Receiver<Cycle>,
}

/// What every part of the engine works with.
#[derive(Debug)]
struct Inner {
    service: Service,
    channels: Channels,
    /// The address people type, without a slash at its end.
    base_url: Arc<str>,
    /// What makes this process one of the nodes.
    node: String,
    begun: AtomicU64,
    /// Something may be due for a cycle.
    nudge: Notify,
    passes: AtomicU64,
    passed: watch::Receiver<Pass>,
    /// A message may be due, or somebody has a hand free.
    post: Notify,
    /// Messages taken in hand since the last cycle.
    claimed: AtomicU64,
    /// Places for messages, by channel.
    places: HashMap<Channel, Places>,
    stopping: watch::Sender<bool>,
}

/// Places for the messages of one channel.
#[derive(Debug)]
struct Places {
    /// For what is taken in hand.
    hand: Arc<Semaphore>,
    /// For what of it is being sent.
    senders: Semaphore,
}

impl Places {
    fn new() -> Self {
        Self {
            hand: Arc::new(Semaphore::new(IN_HAND)),
            senders: Semaphore::new(SENDERS),
        }
    }
}

impl Inner {
    /// Waits for a pass over the messages that begins after this call.
    async fn next_full_pass(&self) -> Result<(), Error> {
        let begun = self.passes.load(SeqCst);
        let mut passed = self.passed.clone();
        self.post.notify_one();
        let pass = passed.wait_for(|pass| pass.number > begun).await;
        let failed = match pass {
            Ok(pass) => pass.failed.clone(),
            Err(_) => Some("nobody takes messages in hand".to_owned()),
        };
        failed.map_or(Ok(()), |why| Err(Error::internal(why)))
    }
}

/// The engine's tasks, for whoever stops it.
#[derive(Debug)]
pub struct Running {
    engine: Engine,
    tasks: Vec<JoinHandle<()>>,
}

impl Engine {
    /// Starts the engine on the current runtime.
    #[must_use]
    pub fn start(service: Service, outgoing: Outgoing, base_url: &str) -> Running {
        let (done, last) = watch::channel(Cycle::default());
        let (pass_done, passed) = watch::channel(Pass::default());
        let inner = Arc::new(Inner {
            node: node_name(&service),
            base_url: base_url.into(),
            channels: outgoing.channels,
            begun: AtomicU64::new(0),
            nudge: Notify::new(),
            passes: AtomicU64::new(0),
            passed,
            post: Notify::new(),
            claimed: AtomicU64::new(0),
            places: Channel::ALL
                .iter()
                .map(|channel| (*channel, Places::new()))
                .collect(),
            stopping: watch::channel(false).0,
            service,
        });
        let engine = Self {
            inner: Arc::clone(&inner),
            last,
        };
        let mut tasks = vec![
            tokio::spawn(hear(Arc::clone(&inner))),
            tokio::spawn(turn(Arc::clone(&inner), done)),
            tokio::spawn(deliver::run(inner, pass_done, engine.last.clone())),
        ];
        tasks.push(tokio::spawn(calendars::run(engine.clone())));
        if let Some(dead_man) = outgoing.dead_man {
            tasks.push(tokio::spawn(dead_man::run(engine.clone(), dead_man)));
        }
        Running { engine, tasks }
    }

    /// The last cycle that was completed.
    #[must_use]
    pub fn last(&self) -> Cycle {
        self.last.borrow().clone()
    }

    /// Messages being sent now.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        let places = self.inner.places.values();
        places
            .map(|places| SENDERS - places.senders.available_permits())
            .sum()
    }

    /// What makes this process one of the nodes.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.inner.node
    }

    /// Everything messages leave by.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.inner.channels
    }

    /// Waits for a cycle that begins after this call; none when it takes too long.
    pub async fn next_full_cycle(&self, patience: Duration) -> Option<Cycle> {
        let begun = self.inner.begun.load(SeqCst);
        let mut last = self.last.clone();
        self.inner.nudge.notify_one();
        let waited = timeout(patience, last.wait_for(|cycle| cycle.cycle > begun)).await;
        waited.ok()?.ok().map(|cycle| cycle.clone())
    }
}

impl Running {
    /// The engine, for others to look at.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes nothing new in hand from now on.
    pub fn stop(&self) {
        self.engine.inner.stopping.send_replace(true);
    }

    /// Waits until what is being sent has been sent and is written down. What takes
    /// longer than `patience` is left to the next start, which sends it again under
    /// the same identifier.
    pub async fn finished(self, patience: Duration) {
        self.stop();
        let all = u32::try_from(IN_HAND).unwrap_or(u32::MAX);
        let all_sent = async {
            for places in self.engine.inner.places.values() {
                // It is never closed.
                drop(places.hand.acquire_many(all).await);
            }
        };
        if timeout(patience, all_sent).await.is_err() {
            tracing::warn!("some messages were still being sent; the next start sends them again");
        }
        for task in self.tasks {
            task.abort();
        }
    }
}

/// Unique to this process, and a name that an operator knows.
fn node_name(service: &Service) -> String {
    let host = rustix::system::uname();
    let id = service.new_id().simple().to_string();
    let host = host.nodename().to_string_lossy().into_owned();
    // The end of the identifier is random, its beginning the time.
    format!("{host}/{}", &id[24..])
}

/// Wakes the engine when something is committed that is due, and a moment after an
/// entry was: the stall watch may want to look at it.
async fn hear(inner: Arc<Inner>) {
    use broadcast::error::RecvError;
    let mut bus = inner.service.db.subscribe();
    // Set while entries have come that the engine was not woken for.
    let mut breath: Option<Instant> = None;
    loop {
        let waiting = async {
            match breath {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let heard = tokio::select! {
            () = waiting => {
                breath = None;
                inner.nudge.notify_one();
                continue;
            }
            heard = bus.recv() => heard,
        };
        match heard.map(|event| event.what) {
            Ok(LiveWhat::Due | LiveWhat::Resync) | Err(RecvError::Lagged(_)) => {
                inner.nudge.notify_one();
                inner.post.notify_one();
            }
            Ok(LiveWhat::Entry) => {
                breath.get_or_insert_with(|| Instant::now() + BREATH);
            }
            Ok(LiveWhat::Changed | LiveWhat::Presence) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Cycle after cycle until told to stop.
async fn turn(inner: Arc<Inner>, done: watch::Sender<Cycle>) {
    let mut stopping = inner.stopping.subscribe();
    let mut clocks = None;
    while !*stopping.borrow() {
        let number = inner.begun.fetch_add(1, SeqCst) + 1;
        let (report, wait) = cycle::run(&inner, &mut clocks, number).await;
        done.send_replace(report);
        tokio::select! {
            () = sleep(wait) => {}
            () = inner.nudge.notified() => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }
}

//! The worker that tidies up: sessions that have ended, old log-in failures,
//! files that were uploaded and never used.

use rideout_service::{Error, Service, attachment::Looked};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};

/// Time between cycles when nobody asks for one.
const PAUSE: Duration = Duration::from_secs(60);

/// How a cycle went.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Cycle {
    /// Number of the cycle, from 1.
    pub cycle: u64,
    /// How long it took.
    pub micros: u64,
    /// Files removed that nobody had used.
    pub files: u64,
    /// What went wrong, in words for the operator.
    pub failed: Option<String>,
}

/// The worker, seen from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Housekeeping {
    begun: Arc<AtomicU64>,
    nudge: Arc<Notify>,
    last: watch::Receiver<Cycle>,
}

impl Housekeeping {
    /// Starts the worker on the current runtime.
    #[must_use]
    pub fn start(service: Service) -> Self {
        let (done, last) = watch::channel(Cycle::default());
        let this = Self {
            begun: Arc::default(),
            nudge: Arc::default(),
            last,
        };
        let (begun, nudge) = (Arc::clone(&this.begun), Arc::clone(&this.nudge));
        tokio::spawn(async move {
            let mut looked = Looked::default();
            loop {
                let cycle = begun.fetch_add(1, SeqCst) + 1;
                let _ = done.send(run(&service, cycle, &mut looked).await);
                tokio::select! {
                    () = sleep(PAUSE) => {}
                    () = nudge.notified() => {}
                }
            }
        });
        this
    }

    /// The last cycle that was completed.
    #[must_use]
    pub fn last(&self) -> Cycle {
        self.last.borrow().clone()
    }

    /// Waits for a cycle that begins after this call; none when it takes too long.
    pub async fn next_full_cycle(&self, patience: Duration) -> Option<Cycle> {
        let begun = self.begun.load(SeqCst);
        let mut last = self.last.clone();
        self.nudge.notify_one();
        let waited =
            tokio::time::timeout(patience, last.wait_for(|cycle| cycle.cycle > begun)).await;
        waited.ok()?.ok().map(|cycle| cycle.clone())
    }
}

async fn run(service: &Service, cycle: u64, looked: &mut Looked) -> Cycle {
    let began = Instant::now();
    let mut report = Cycle {
        cycle,
        ..Cycle::default()
    };
    let note = |result: Result<u64, Error>, failed: &mut Option<String>| match result {
        Ok(count) => count,
        Err(error) => {
            tracing::warn!(%error, "tidying up failed and is tried again in a minute");
            *failed = Some(error.to_string());
            0
        }
    };
    note(
        service.tidy_accounts().await.map(|()| 0),
        &mut report.failed,
    );
    report.files = note(
        service.delete_orphaned_attachments(looked).await,
        &mut report.failed,
    );
    report.micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    report
}

//! What the admin listener knows of the rest.

use crate::{
    config::Resolved, engine::Engine, server::housekeeping::Housekeeping, telemetry::LogLevel,
    web::Web,
};
use metrics_exporter_prometheus::PrometheusHandle;
use rideout_service::db::{Db, OpenError, OpenOptions};
use std::{
    net::SocketAddr,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{OnceCell, mpsc, oneshot},
    time::{Instant, timeout},
};

type Question = oneshot::Sender<()>;

/// What both listeners share.
#[derive(Debug)]
pub struct Shared {
    /// The configuration, and where it comes from.
    pub resolved: Resolved,
    /// Reads and sets the filter of the log.
    pub log: LogLevel,
    /// Writes out the metrics.
    pub metrics: PrometheusHandle,
    /// When the process began.
    pub began: Instant,
    addresses: OnceLock<(SocketAddr, SocketAddr)>,
    main: OnceLock<(Web, Housekeeping, Engine)>,
    stopping: AtomicBool,
    ask: mpsc::Sender<Question>,
    asked: Mutex<Option<mpsc::Receiver<Question>>>,
    /// The admin listener's own connection, opened when it is first needed:
    /// the file may not exist before.
    db: OnceCell<Db>,
}

impl Shared {
    /// Nothing runs yet.
    #[must_use]
    pub fn new(resolved: Resolved, log: LogLevel, metrics: PrometheusHandle) -> Self {
        let (ask, asked) = mpsc::channel(16);
        Self {
            resolved,
            log,
            metrics,
            began: Instant::now(),
            addresses: OnceLock::new(),
            main: OnceLock::new(),
            stopping: AtomicBool::new(false),
            ask,
            asked: Mutex::new(Some(asked)),
            db: OnceCell::new(),
        }
    }

    /// Sets the real addresses, main first.
    pub fn set_addresses(&self, main: SocketAddr, admin: SocketAddr) {
        let _ = self.addresses.set((main, admin));
    }

    /// The main listener's real address.
    #[must_use]
    pub fn main_address(&self) -> SocketAddr {
        self.addresses
            .get()
            .map_or(self.resolved.config.listen, |both| both.0)
    }

    /// The admin listener's real address.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.addresses
            .get()
            .map_or(self.resolved.config.admin_listen, |both| both.1)
    }

    /// The main listener is ready.
    pub fn set_main(&self, web: Web, housekeeping: Housekeeping, engine: Engine) {
        let _ = self.main.set((web, housekeeping, engine));
    }

    /// The main listener, when it is ready.
    #[must_use]
    pub fn main(&self) -> Option<&(Web, Housekeeping, Engine)> {
        self.main.get()
    }

    /// The server is about to stop.
    pub fn stopping(&self) {
        self.stopping.store(true, SeqCst);
    }

    /// Whether the server is about to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }

    /// The questions that the main listener's loop answers. To be taken once.
    #[must_use]
    pub fn heartbeat(&self) -> mpsc::Receiver<Question> {
        let taken = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        taken.unwrap_or_else(|| mpsc::channel(1).1)
    }

    /// Whether the main listener's loop turns, found out by asking it.
    pub async fn main_answers(&self, within: Duration) -> bool {
        let (answer, answered) = oneshot::channel();
        let asking = async { self.ask.send(answer).await.is_ok() && answered.await.is_ok() };
        timeout(within, asking).await.unwrap_or(false)
    }

    /// The admin listener's own connection.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn db(&self) -> Result<&Db, OpenError> {
        let url = &self.resolved.config.database_url;
        self.db
            .get_or_try_init(|| Db::open(url, OpenOptions::admin()))
            .await
    }

    /// Closes the admin listener's own connection.
    pub async fn close(&self) {
        if let Some(db) = self.db.get() {
            let _ = timeout(Duration::from_secs(2), db.close()).await;
        }
    }
}

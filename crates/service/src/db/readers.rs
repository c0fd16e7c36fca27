//! The read-only SQLite connections.
//!
//! sqlx's own pool spawns a task and pings the connection each time one is
//! returned, which costs more than a small read does.

use super::DbError;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How many steps of SQLite's machine pass between looks at whether to go on;
/// few enough that they take less than a millisecond.
const STEPS: i32 = 10_000;

#[derive(Debug)]
pub(super) struct Readers {
    options: SqliteConnectOptions,
    /// Used from its end, so that the warmest cache is used first.
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
    size: u32,
    patience: Duration,
}

#[derive(Debug)]
struct Reader {
    conn: SqliteConnection,
    /// Breaks off the statement in work.
    stop: Arc<AtomicBool>,
}

/// The right to one connection.
#[derive(Debug)]
pub(super) struct Lease {
    readers: Arc<Readers>,
    stop: Arc<AtomicBool>,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(super) fn new(options: SqliteConnectOptions, size: u32, patience: Duration) -> Arc<Self> {
        let size = size.max(1);
        Arc::new(Self {
            options,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(size as usize)),
            size,
            patience,
        })
    }

    pub(super) async fn acquire(self: &Arc<Self>) -> Result<(SqliteConnection, Lease), DbError> {
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => timeout(self.patience, Arc::clone(&self.permits).acquire_owned())
                .await
                .map_err(|_| DbError::busy())?
                .map_err(|_| DbError::Closed)?,
        };
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let Reader { conn, stop } = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.options)
                .await
                .map_err(|error| DbError::new(error, None))?,
        };
        Ok((
            conn,
            Lease {
                readers: Arc::clone(self),
                stop,
                _permit: permit,
            },
        ))
    }

    pub(super) fn in_use(&self) -> u32 {
        let free = u32::try_from(self.permits.available_permits()).unwrap_or(u32::MAX);
        self.size.saturating_sub(free)
    }

    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// Waits for connections in use, no longer than its patience, and closes all.
    pub(super) async fn close(&self) {
        let all = timeout(self.patience, self.permits.acquire_many(self.size)).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for reader in idle {
            if let Err(error) = reader.conn.close().await {
                tracing::debug!(%error, "a read connection did not close cleanly");
            }
        }
    }
}

impl Reader {
    async fn open(options: &SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let mut conn = options.connect().await?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        conn.lock_handle()
            .await?
            .set_progress_handler(STEPS, move || !stopped.load(Relaxed));
        Ok(Self { conn, stop })
    }
}

impl Lease {
    /// Returns a connection. A statement nobody waits for is broken off, or it
    /// would keep the connection busy; a snapshot is ended, or it would hold back
    /// the checkpoint.
    pub(super) fn give_back(self, mut conn: SqliteConnection, snapshot: bool, running: bool) {
        if !snapshot && !running {
            self.keep(conn);
        } else if let Ok(runtime) = Handle::try_current() {
            self.stop.store(running, Relaxed);
            runtime.spawn(async move {
                let end = if snapshot { "ROLLBACK" } else { "SELECT 1" };
                let ended = sqlx::query(end).execute(&mut conn).await;
                self.stop.store(false, Relaxed);
                if ended.is_ok() {
                    self.keep(conn);
                }
            });
        }
    }

    fn keep(self, conn: SqliteConnection) {
        if !self.readers.permits.is_closed() {
            let reader = Reader {
                conn,
                stop: self.stop,
            };
            self.readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(reader);
        }
    }
}

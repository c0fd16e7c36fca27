//! The read-only SQLite connections.
//!
//! sqlx's own pool spawns a task and pings the connection each time one is
//! returned, which costs more than a small read does.

use super::DbError;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

#[derive(Debug)]
pub(super) struct Readers {
    options: SqliteConnectOptions,
    /// Used from its end, so that the warmest cache is used first.
    idle: Mutex<Vec<SqliteConnection>>,
    permits: Arc<Semaphore>,
    size: u32,
    patience: Duration,
}

/// The right to one connection.
#[derive(Debug)]
pub(super) struct Lease {
    readers: Arc<Readers>,
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
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => self.options.connect().await.map_err(|error| DbError::new(error, None))?,
        };
        Ok((conn, Lease { readers: Arc::clone(self), _permit: permit }))
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
        for conn in idle {
            if let Err(error) = conn.close().await {
                tracing::debug!(%error, "a read connection did not close cleanly");
            }
        }
    }
}

impl Lease {
    /// Returns a connection. An open snapshot is ended first, as it would hold
    /// back the checkpoint.
    pub(super) fn give_back(self, mut conn: SqliteConnection, snapshot: bool) {
        if !snapshot {
            self.keep(conn);
        } else if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if sqlx::query("ROLLBACK").execute(&mut conn).await.is_ok() {
                    self.keep(conn);
                }
            });
        }
    }

    fn keep(self, conn: SqliteConnection) {
        if !self.readers.permits.is_closed() {
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}

//! A pool of PostgreSQL connections that can tell "too many ask" from "nobody answers".

use super::DbError;
use sqlx::{
    ConnectOptions as _, PgPool, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::timeout;

/// Whether PostgreSQL is known to be away. Only a server has somebody who finds
/// out: the listener of the live bus.
#[derive(Debug, Clone, Default)]
pub(super) struct Away(Arc<AtomicBool>);

impl Away {
    pub(super) fn set(&self, away: bool) {
        self.0.store(away, Relaxed);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Pool {
    pool: PgPool,
    away: Away,
}

impl Pool {
    pub(super) fn new(
        size: u32,
        patience: Duration,
        connect: PgConnectOptions,
        away: &Away,
    ) -> Self {
        let options = PgPoolOptions::new()
            .max_connections(size.max(1))
            .acquire_timeout(patience)
            // Instead of a round trip before each use, a dead connection is
            // noticed when it is used and another is taken.
            .test_before_acquire(false);
        Self {
            pool: options.connect_lazy_with(connect),
            away: away.clone(),
        }
    }

    /// Opens the first connection, or says why there is none.
    pub(super) async fn check(&self, patience: Duration) -> Result<(), DbError> {
        // A server that is just starting refuses; the pool tries for a while, and
        // then only tells that it did.
        let late = match self.pool.acquire().await {
            Err(error @ sqlx::Error::PoolTimedOut) => error,
            result => return result.map(drop).map_err(|error| DbError::new(error, None)),
        };
        match timeout(patience, self.pool.connect_options().connect()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(DbError::new(error, None)),
            Err(_) => Err(DbError::Unavailable {
                source: Arc::new(late),
            }),
        }
    }

    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>, DbError> {
        let acquired = self.pool.acquire().await;
        acquired.map_err(|error| self.explain(DbError::new(error, None)))
    }

    /// Begins a transaction. After a restart of PostgreSQL every pooled connection
    /// is dead; as nothing was done yet, the next one is as good.
    pub(super) async fn begin(
        &self,
        sql: &'static str,
    ) -> Result<Transaction<'static, Postgres>, DbError> {
        let mut tries = self.size();
        loop {
            let begun = self.pool.begin_with(sql).await;
            match begun.map_err(|error| DbError::new(error, Some("BEGIN"))) {
                Err(error) if error.lost_connection() && tries > 0 => tries -= 1,
                result => return result.map_err(|error| self.explain(error)),
            }
        }
    }

    /// Waiting in vain for a connection has two reasons.
    fn explain(&self, error: DbError) -> DbError {
        match error {
            DbError::Busy {
                source: Some(source),
            } if matches!(*source, sqlx::Error::PoolTimedOut) && self.away.0.load(Relaxed) => {
                DbError::Unavailable { source }
            }
            other => other,
        }
    }

    /// How many connections there may be.
    pub(super) fn size(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    pub(super) fn in_use(&self) -> u32 {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        self.pool.size().saturating_sub(idle)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

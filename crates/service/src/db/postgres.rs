//! The PostgreSQL back end: for more than one node.

use super::{
    DbError, DbStats, LiveEvent, OpenOptions, ReadConn, Role, Tx,
    bus::{self, Bus},
    conn::{Conn, Inner},
    operation::perform,
    pool::{Away, Pool},
    statements,
    stats::Counters,
};
use futures::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::AbortHandle, time::timeout};
use tracing::Instrument as _;

#[derive(Debug)]
pub(super) struct PgBackend {
    write: Pool,
    read: Pool,
    limit: Duration,
    /// For connections outside the pools.
    connect: Hidden,
    listener: Option<AbortHandle>,
}

/// Options that hold the password, which `Debug` must not show.
struct Hidden(Box<PgConnectOptions>);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl PgBackend {
    pub(super) async fn open(
        connect: &PgConnectOptions,
        options: &OpenOptions,
        bus: &Bus,
        counters: &Arc<Counters>,
    ) -> Result<Self, DbError> {
        let connect = connect
            .clone()
            .application_name("rideout")
            .statement_cache_capacity(512);
        let millis = |time: Duration| time.as_millis().to_string();
        let limited = connect.clone().options([
            ("statement_timeout", millis(options.limit)),
            ("lock_timeout", millis(options.limit)),
            (
                "idle_in_transaction_session_timeout",
                millis(options.limit * 2),
            ),
        ]);
        let away = Away::default();
        let pool = |size, connect| Pool::new(size, options.patience, connect, &away);
        let write = pool(options.writers, limited.clone());
        write.check(options.patience).await?;
        let read = pool(
            options.readers,
            limited.options([("default_transaction_read_only", "on")]),
        );
        let listener = match options.role {
            Role::Tool => None,
            Role::Server => {
                let (ready, wait) = oneshot::channel();
                let task = tokio::spawn(bus::listen(
                    connect.clone(),
                    bus.clone(),
                    Arc::clone(counters),
                    away.clone(),
                    ready,
                ));
                // From now on nothing that is published is missed.
                timeout(options.patience, wait)
                    .await
                    .ok()
                    .and_then(Result::ok)
                    .ok_or_else(DbError::busy)?;
                Some(task.abort_handle())
            }
        };
        Ok(Self {
            write,
            read,
            limit: options.limit,
            connect: Hidden(Box::new(connect)),
            listener,
        })
    }

    pub(super) fn connect_options(&self) -> &PgConnectOptions {
        &self.connect.0
    }

    pub(super) async fn reader(&self) -> Result<ReadConn, DbError> {
        let conn = self.read.acquire().await?;
        Ok(ReadConn::new(
            Conn::new(Inner::PgReader(conn, self.read.clone()), false),
            None,
        ))
    }

    pub(super) async fn snapshot(&self) -> Result<ReadConn, DbError> {
        let tx = self
            .read
            .begin("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .await?;
        Ok(ReadConn::new(Conn::new(Inner::PgTx(tx), true), None))
    }

    pub(super) async fn write<T, E, F>(&self, operation: F, counters: Arc<Counters>) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (pool, limit) = (self.write.clone(), self.limit);
        // A task of its own: it goes to its end although the caller may not.
        let work = async move {
            let tx = pool.begin("BEGIN").await?;
            let mut tx = Tx::new(Conn::new(Inner::PgTx(tx), true));
            let result = match perform(operation, &mut tx, limit).await {
                Ok(value) => commit(&mut tx).await.map(|()| value).map_err(E::from),
                Err(error) => {
                    rollback(&mut tx).await;
                    Err(error)
                }
            };
            match &result {
                Ok(_) => counters.committed(1),
                Err(_) => counters.failed(),
            }
            result
        };
        tokio::spawn(work.in_current_span())
            .await
            .unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    pub(super) async fn publish(&self, event: LiveEvent) -> Result<(), DbError> {
        let mut tx = self.write.begin("BEGIN").await?;
        bus::notify(&mut tx, &[event]).await?;
        tx.commit().await.map_err(|error| DbError::new(error, None))
    }

    pub(super) fn stats(&self, stats: &mut DbStats) {
        stats.readers = self.read.size();
        stats.readers_in_use = self.read.in_use();
        stats.writers = self.write.size();
        stats.writers_in_use = self.write.in_use();
    }

    pub(super) async fn size_on_disk(&self) -> Result<u64, DbError> {
        let size = self
            .reader()
            .await?
            .fetch_one(&statements::SIZE, &[])
            .await?
            .int(0)?;
        Ok(u64::try_from(size).unwrap_or_default())
    }

    pub(super) async fn check_writable(&self) -> Result<(), DbError> {
        let tx = self.write.begin("BEGIN").await?;
        let mut tx = Tx::new(Conn::new(Inner::PgTx(tx), true));
        let made = tx.execute(&statements::PROBE, &[]).await;
        rollback(&mut tx).await;
        made.map(drop)
    }

    pub(super) async fn close(&self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
        self.read.close().await;
        self.write.close().await;
    }
}

impl Drop for PgBackend {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

async fn commit(tx: &mut Tx) -> Result<(), DbError> {
    let events = std::mem::take(&mut tx.events);
    let Inner::PgTx(mut transaction) = tx.take() else {
        return Err(DbError::Closed);
    };
    if !events.is_empty() {
        bus::notify(&mut transaction, &events).await?;
    }
    transaction
        .commit()
        .await
        .map_err(|error| DbError::new(error, Some("COMMIT")))
}

async fn rollback(tx: &mut Tx) {
    if let Inner::PgTx(transaction) = tx.take()
        && let Err(error) = transaction.rollback().await
    {
        tracing::debug!(%error, "a transaction was not rolled back in order; its connection is given up");
    }
}

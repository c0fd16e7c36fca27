//! Storage on SQLite or PostgreSQL, behind one door.
//!
//! A use case is written once. Its statements are constants made by
//! [`statements!`](macro@crate::statements), with `$1` parameters, usually one text for
//! both databases. It reads through [`Db::reader`] or [`Db::snapshot`] and writes
//! through [`Db::write`]:
//!
//! ```text
//! db.write(move |tx| Box::pin(async move {
//!     let row = tx.fetch_one(&NEXT_SEQ, &args![incident]).await?;
//!     tx.execute(&INSERT_ENTRY, &args![id, incident, row.int("seq")?, text]).await?;
//!     tx.after_commit(LiveEvent { incident, seq: row.int("seq")?, what: LiveWhat::Entry });
//!     Ok::<_, AppendError>(())
//! })).await
//! ```
//!
//! What holds on both databases:
//! - An answer `Ok` from `write` means that the operation is on disk.
//! - An operation is saved as a whole or not at all, also if its caller goes away.
//! - After a statement failed, the operation cannot go on: see [`DbError::Aborted`].
//!   So "insert, and if it is there already, read it" is `ON CONFLICT DO NOTHING`.
//! - An operation waits for nothing but the database: on SQLite it holds the only writer.
//! - Constraints are checked at once. A deferred one would fail the commit of
//!   everybody in the batch.

mod backup;
mod bus;
mod classify;
mod conn;
mod error;
mod file;
mod migrate;
mod open;
mod operation;
mod pool;
mod postgres;
mod readers;
mod row;
mod sql;
mod sqlite;
mod statements;
mod stats;
mod tx;
mod url;
mod value;
mod writer;

#[cfg(test)]
mod tests;

pub use backup::{BackupError, BackupReport};
pub use bus::{LiveEvent, LiveWhat};
pub use conn::{Conn, ReadConn};
pub use error::{ConstraintKind, DbError, ResultExt};
pub use migrate::{MigrateError, MigrationInfo, MigrationStatus};
pub use open::{OpenError, OpenOptions, Role};
pub use row::{Column, Row};
pub use sql::{Sql, prepare_all};
pub use statements::all_statements;
pub use stats::DbStats;
pub use tx::Tx;
pub use url::{DatabaseUrl, DatabaseUrlError};
pub use value::Value;

use bus::Bus;
use futures::future::BoxFuture;
use postgres::PgBackend;
use sqlite::SqliteBackend;
use stats::Counters;
use std::{sync::Arc, time::Duration};
use tokio::{sync::broadcast, time::timeout};

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, one file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: DatabaseUrl,
    backend: Backend,
    bus: Bus,
    counters: Arc<Counters>,
}

#[derive(Debug)]
enum Backend {
    Sqlite(SqliteBackend),
    Postgres(PgBackend),
}

impl Db {
    /// Which of the two it is.
    pub fn dialect(&self) -> Dialect {
        match &self.0.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Where it is; shows no password.
    pub fn url(&self) -> &DatabaseUrl {
        &self.0.url
    }

    /// A connection for reading. Keep it for a few statements, not longer.
    ///
    /// # Errors
    /// [`DbError::Busy`] if none becomes free in time, [`DbError::Unavailable`], [`DbError::Closed`].
    pub async fn reader(&self) -> Result<ReadConn, DbError> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.reader().await,
            Backend::Postgres(postgres) => postgres.reader().await,
        }
    }

    /// A connection for reading that sees one state of the database throughout.
    ///
    /// # Errors
    /// As [`reader`](Self::reader).
    pub async fn snapshot(&self) -> Result<ReadConn, DbError> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.snapshot().await,
            Backend::Postgres(postgres) => postgres.snapshot().await,
        }
    }

    /// Runs a write operation in a transaction, and returns when it is on disk.
    ///
    /// If the operation fails or panics, nothing of it is saved. It is carried out
    /// or left undone as a whole even if this future is dropped.
    ///
    /// # Errors
    /// The operation's own error, or a [`DbError`]: of those [`DbError::is_transient`]
    /// may be tried again.
    pub async fn write<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.write(operation).await,
            Backend::Postgres(postgres) => {
                postgres
                    .write(operation, Arc::clone(&self.0.counters))
                    .await
            }
        }
    }

    /// Listens to what is committed, on this node and the others.
    ///
    /// A receiver that lags must load again what it shows, as for [`LiveWhat::Resync`].
    /// On PostgreSQL only a database opened as [`Role::Server`] hears anything; on SQLite
    /// what other processes write is not heard.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.bus.subscribe()
    }

    /// Publishes an event that goes with no change of the database.
    ///
    /// # Errors
    /// [`DbError`], on PostgreSQL.
    pub async fn publish(&self, event: LiveEvent) -> Result<(), DbError> {
        match &self.0.backend {
            Backend::Sqlite(_) => {
                self.0.bus.publish_all([event]);
                Ok(())
            }
            Backend::Postgres(postgres) => postgres.publish(event).await,
        }
    }

    /// What the storage layer is doing. Takes no lock and no connection.
    pub fn stats(&self) -> DbStats {
        let mut stats = self.0.counters.snapshot();
        stats.subscribers = self.0.bus.subscribers();
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.stats(&mut stats),
            Backend::Postgres(postgres) => postgres.stats(&mut stats),
        }
        stats
    }

    /// The size of the database in bytes; on SQLite with its log.
    ///
    /// # Errors
    /// [`DbError`], if it cannot be found out.
    pub async fn size_on_disk(&self) -> Result<u64, DbError> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.size_on_disk(),
            Backend::Postgres(postgres) => postgres.size_on_disk().await,
        }
    }

    /// Whether the database answers a read within that time, for readiness.
    ///
    /// # Errors
    /// [`DbError::Busy`] if not in time, or what the database answered.
    pub async fn ping(&self, within: Duration) -> Result<(), DbError> {
        if matches!(&self.0.backend, Backend::Sqlite(sqlite) if sqlite.is_closed()) {
            return Err(DbError::Closed);
        }
        let read = async { self.reader().await?.fetch_one(&statements::PING, &[]).await };
        timeout(within, read)
            .await
            .unwrap_or_else(|_| Err(DbError::busy()))
            .map(drop)
    }

    /// Whether the database can be written, found out by writing something and
    /// taking it back. For diagnosis, not for readiness.
    ///
    /// # Errors
    /// The reason why not.
    pub async fn check_writable(&self) -> Result<(), DbError> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.check_writable().await,
            Backend::Postgres(postgres) => postgres.check_writable().await,
        }
    }

    /// Waits for what was asked for, then closes the database. An SQLite log is
    /// folded into the file. Later calls fail with [`DbError::Closed`].
    pub async fn close(&self) {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }
}

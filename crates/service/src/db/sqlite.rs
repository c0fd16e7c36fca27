//! The SQLite back end: one file, one writer, several readers, one server.

use super::{
    DatabaseUrl, DbError, DbStats, OpenError, OpenOptions, ReadConn, Role, Tx,
    bus::Bus,
    conn::{Conn, Inner},
    file,
    operation::Pending,
    readers::Readers,
    statements,
    stats::Counters,
    writer::{Command, Limits, Writer},
};
use futures::future::BoxFuture;
use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

#[derive(Debug)]
pub(super) struct SqliteBackend {
    path: PathBuf,
    queue: mpsc::Sender<Command>,
    readers: Arc<Readers>,
    patience: Duration,
    limit: Duration,
    lock: Option<Arc<File>>,
}

impl SqliteBackend {
    pub(super) async fn open(
        path: &Path,
        url: &DatabaseUrl,
        options: &OpenOptions,
        bus: &Bus,
        counters: &Arc<Counters>,
    ) -> Result<Self, OpenError> {
        let path = file::locate(path, options.role)?;
        let lock = match options.role {
            Role::Server => Some(Arc::new(file::lock(&path)?)),
            Role::Tool => None,
        };
        let write = write_options(&path).busy_timeout(options.patience);
        let opened = async {
            let mut conn = write.connect().await?;
            if lock.is_some() {
                // A file that cannot be written opens, even for a write transaction,
                // and fails at the first change.
                sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await?;
                sqlx::query(statements::PROBE.sqlite)
                    .execute(&mut conn)
                    .await?;
                sqlx::query("ROLLBACK").execute(&mut conn).await?;
            }
            Ok(conn)
        };
        let conn = opened
            .await
            .map_err(|error| match DbError::new(error, None) {
                DbError::Corrupt { .. } => OpenError::NotADatabase { path: path.clone() },
                DbError::ReadOnly { .. } => OpenError::ReadOnly { path: path.clone() },
                source => OpenError::Database {
                    url: url.clone(),
                    source,
                },
            })?;
        let (queue, commands) = mpsc::channel(options.queue.max(1));
        let writer = Writer::new(
            write,
            conn,
            commands,
            bus.clone(),
            Arc::clone(counters),
            Limits {
                operation: options.limit,
                batch: options.batch,
                batch_time: options.batch_time,
            },
            lock.clone(),
        );
        tokio::spawn(writer.run());
        let readers = Readers::new(
            read_options(&path).busy_timeout(options.patience),
            options.readers,
            options.patience,
        );
        Ok(Self {
            path,
            queue,
            readers,
            patience: options.patience,
            limit: options.limit,
            lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is still somebody to take write operations.
    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    pub(super) async fn reader(&self) -> Result<ReadConn, DbError> {
        let (conn, lease) = self.readers.acquire().await?;
        let mut conn = Conn::new(Inner::Sqlite(conn), false);
        conn.set_limit(Some(self.limit));
        Ok(ReadConn::new(conn, Some(lease)))
    }

    pub(super) async fn snapshot(&self) -> Result<ReadConn, DbError> {
        let (mut conn, lease) = self.readers.acquire().await?;
        sqlx::query("BEGIN")
            .execute(&mut conn)
            .await
            .map_err(|error| DbError::new(error, Some("BEGIN")))?;
        let mut conn = Conn::new(Inner::Sqlite(conn), true);
        conn.set_limit(Some(self.limit));
        Ok(ReadConn::new(conn, Some(lease)))
    }

    pub(super) async fn write<T, E, F>(&self, operation: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (pending, answer) = Pending::new(operation);
        self.send(Command::Run(Box::new(pending))).await?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    async fn send(&self, command: Command) -> Result<(), DbError> {
        let command = match self.queue.try_send(command) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(DbError::Closed),
            Err(mpsc::error::TrySendError::Full(command)) => command,
        };
        match timeout(self.patience, self.queue.send(command)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(DbError::Closed),
            Err(_) => Err(DbError::busy()),
        }
    }

    pub(super) fn stats(&self, stats: &mut DbStats) {
        stats.queue_depth = (self.queue.max_capacity() - self.queue.capacity()) as u64;
        stats.readers_in_use = self.readers.in_use();
        stats.readers = self.readers.size();
        stats.writers = 1;
    }

    pub(super) fn size_on_disk(&self) -> Result<u64, DbError> {
        let size = |path: &Path| match fs::metadata(path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(DbError::new(error.into(), None)),
        };
        Ok(size(&self.path)? + size(&file::beside(&self.path, "-wal"))?)
    }

    pub(super) async fn check_writable(&self) -> Result<(), DbError> {
        /// The way to take the change back.
        enum End {
            Written,
            Failed(DbError),
        }
        impl From<DbError> for End {
            fn from(error: DbError) -> Self {
                Self::Failed(error)
            }
        }
        let written: Result<(), End> = self
            .write(|tx| {
                Box::pin(async move {
                    tx.execute(&statements::PROBE, &[]).await?;
                    Err(End::Written)
                })
            })
            .await;
        match written {
            Err(End::Failed(error)) => Err(error),
            Ok(()) | Err(End::Written) => Ok(()),
        }
    }

    pub(super) async fn close(&self) {
        // First the readers, so that the writer's checkpoint finds nobody in its way.
        self.readers.close().await;
        let (closed, wait) = oneshot::channel();
        if self.queue.send(Command::Close(closed)).await.is_ok() {
            let _ = wait.await;
        }
        if let Some(Err(error)) = self.lock.as_ref().map(|lock| lock.unlock()) {
            tracing::debug!(%error, "the lock file stays locked until the process ends");
        }
    }
}

/// Never with `optimize_on_close`: figures taken of a file with one incident in
/// it make SQLite read whole tables when there are ten thousand. Without any, it
/// takes the indexes that the statements were written for.
pub(super) fn common_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(512)
        .pragma("temp_store", "MEMORY")
}

pub(super) fn write_options(path: &Path) -> SqliteConnectOptions {
    common_options(path)
        .thread_name(|_| "rideout-writer".to_owned())
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // In KiB; and the log does not stay large after a large transaction.
        .pragma("cache_size", "-16384")
        .pragma("journal_size_limit", "67108864")
}

fn read_options(path: &Path) -> SqliteConnectOptions {
    common_options(path)
        .thread_name(|n| format!("rideout-reader-{n}"))
        .row_buffer_size(256)
        .pragma("cache_size", "-8192")
        .pragma("query_only", "ON")
}

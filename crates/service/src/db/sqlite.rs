//! The SQLite back end: one file, one writer, several readers, one server.

use super::{
    DatabaseUrl, DbError, DbStats, OpenError, OpenOptions, ReadConn, Role, Tx,
    bus::Bus,
    conn::{Conn, Inner},
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
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
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
        let path = real_path(path)?;
        let lock = match options.role {
            Role::Server => {
                let lock = lock(&path)?;
                create(&path)?;
                Some(Arc::new(lock))
            }
            Role::Tool if path.exists() => None,
            Role::Tool => return Err(OpenError::Missing { path }),
        };
        let write = write_options(&path).busy_timeout(options.patience);
        let conn = write
            .connect()
            .await
            .map_err(|error| match DbError::new(error, None) {
                DbError::Corrupt { .. } => OpenError::NotADatabase { path: path.clone() },
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
        Ok(size(&self.path)? + size(&beside(&self.path, "-wal"))?)
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
        .optimize_on_close(true, 400)
}

fn read_options(path: &Path) -> SqliteConnectOptions {
    common_options(path)
        .thread_name(|n| format!("rideout-reader-{n}"))
        .row_buffer_size(256)
        .pragma("cache_size", "-8192")
        .pragma("query_only", "ON")
}

/// The file behind symbolic links, so that two names of one file have one lock.
fn real_path(path: &Path) -> Result<PathBuf, OpenError> {
    if let Ok(real) = path.canonicalize() {
        return Ok(real);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| OpenError::NotADatabase {
        path: path.to_owned(),
    })?;
    let real = folder
        .canonicalize()
        .map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => OpenError::NoFolder {
                path: folder.to_owned(),
            },
            _ => OpenError::File {
                path: folder.to_owned(),
                source,
            },
        })?;
    Ok(real.join(name))
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Takes the lock that only one server can have, and leaves the process number in it.
fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, ".lock");
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&lock_path)
        .map_err(|source| refused(&lock_path, source))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = Some(holder.trim().to_owned()).filter(|id| !id.is_empty());
            return Err(OpenError::InUse {
                path: path.to_owned(),
                holder,
            });
        }
        Err(TryLockError::Error(source)) => {
            return Err(OpenError::File {
                path: lock_path,
                source,
            });
        }
    }
    // The number is a courtesy; the lock is what counts.
    let _ = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "{}", std::process::id()));
    Ok(file)
}

/// Makes sure there is a file that can be written.
fn create(path: &Path) -> Result<(), OpenError> {
    let file = create_private(path).map_err(|source| refused(path, source))?;
    // The superuser can write any file; one marked read-only is left alone all the same.
    match file.metadata() {
        Ok(metadata) if metadata.permissions().readonly() => Err(OpenError::ReadOnly {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Opens a file for writing, and creates it readable by its owner only.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn refused(path: &Path, source: io::Error) -> OpenError {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::ReadOnly {
                path: path.to_owned(),
            }
        }
        _ => OpenError::File {
            path: path.to_owned(),
            source,
        },
    }
}

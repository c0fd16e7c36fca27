//! Opening a database.

use super::{
    Backend, DatabaseUrl, Db, DbError, Inner, bus::Bus, postgres::PgBackend, sqlite::SqliteBackend,
    stats::Counters, url::Kind,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use thiserror::Error;

/// Who opens the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The server. Only one may have an SQLite file open; it creates the file if there is none.
    Server,
    /// A command beside a server that may be running.
    Tool,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Who opens it.
    pub role: Role,
    /// Connections for reading. They are opened when needed.
    pub readers: u32,
    /// Connections for writing, on PostgreSQL. SQLite has one.
    pub writers: u32,
    /// Operations that may wait for SQLite's writer.
    pub queue: usize,
    /// Operations that SQLite's writer may commit together.
    pub batch: usize,
    /// How long it may gather them, so that the first does not wait for too many others.
    pub batch_time: Duration,
    /// How long to wait for a connection, or for room in the queue.
    pub patience: Duration,
    /// How long one write operation or one statement may take.
    pub limit: Duration,
}

impl OpenOptions {
    /// For the server.
    pub fn server() -> Self {
        Self {
            role: Role::Server,
            readers: 8,
            writers: 16,
            queue: 4096,
            batch: 256,
            batch_time: Duration::from_millis(20),
            patience: Duration::from_secs(3),
            limit: Duration::from_secs(10),
        }
    }

    /// For a command.
    pub fn tool() -> Self {
        Self {
            role: Role::Tool,
            readers: 2,
            writers: 2,
            ..Self::server()
        }
    }

    /// For the admin listener, which has its own connection so that it can answer
    /// while the server is drowning.
    pub fn admin() -> Self {
        Self {
            readers: 1,
            writers: 1,
            ..Self::tool()
        }
    }
}

/// Why a database could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another server has the file.
    #[error("another Rideout server{} has {} open: stop it first, or give this one another file", holder.as_ref().map(|id| format!(" (process {id})")).unwrap_or_default(), path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
        /// The other's process number, if it left it.
        holder: Option<String>,
    },
    /// The file may not be written.
    #[error("{} may only be read: give the account that runs Rideout the right to write it and its folder", path.display())]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
    },
    /// The folder of the file does not exist.
    #[error("the folder {} does not exist: create it, or correct the path of the database", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A command found no database.
    #[error("there is no database at {}: correct the path, or start the server once to create it", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Something else than a database file.
    #[error("{} is not a database of Rideout", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be opened", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// The database refused, or did not answer.
    #[error("the database at {url} cannot be opened")]
    Database {
        /// Its address, without password.
        url: DatabaseUrl,
        /// What it said.
        #[source]
        source: DbError,
    },
}

impl Db {
    /// Opens the database. Its tasks run on the current runtime.
    ///
    /// # Errors
    /// [`OpenError`], a sentence for the operator.
    pub async fn open(url: &DatabaseUrl, options: OpenOptions) -> Result<Self, OpenError> {
        let bus = Bus::new();
        let counters = Arc::new(Counters::default());
        let backend = match url.kind() {
            Kind::Sqlite(path) => {
                Backend::Sqlite(SqliteBackend::open(path, url, &options, &bus, &counters).await?)
            }
            Kind::Postgres(postgres) => Backend::Postgres(
                PgBackend::open(postgres, &options, &bus, &counters)
                    .await
                    .map_err(|source| OpenError::Database {
                        url: url.clone(),
                        source,
                    })?,
            ),
        };
        Ok(Self(Arc::new(Inner {
            url: url.clone(),
            backend,
            bus,
            counters,
        })))
    }
}

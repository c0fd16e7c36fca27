//! Backups and the search for damage.

use super::{Backend, Db, DbError, file, sqlite, statements};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, sqlite::SqliteConnectOptions};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Why a backup was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The data is in PostgreSQL.
    #[error("the data is in PostgreSQL: make the backup with pg_dump")]
    Postgres,
    /// There is something at the place for the backup.
    #[error("{} exists already: name a new file", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// The copy was made, and found damaged.
    #[error("the copy is damaged and was deleted: {finding}")]
    Damaged {
        /// The first finding.
        finding: String,
    },
    /// The database refused.
    #[error("the database cannot be copied")]
    Database {
        /// What it said.
        #[from]
        source: DbError,
    },
}

impl Db {
    /// Copies an SQLite database while it is in use. The copy is one state of it,
    /// checked, and on disk under its name only when it is complete.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no file.
    pub async fn backup_to(&self, path: &Path) -> Result<BackupReport, BackupError> {
        let Backend::Sqlite(sqlite) = &self.0.backend else {
            return Err(BackupError::Postgres);
        };
        if path.exists() {
            return Err(BackupError::Exists {
                path: path.to_owned(),
            });
        }
        let partial = file::beside(path, ".partial");
        let result = copy(sqlite.path(), &partial, path).await;
        if result.is_err() {
            // What is left of it is of no use to anybody.
            let _ = fs::remove_file(&partial);
        }
        result
    }

    /// Looks for damage and returns what was found, nothing if all is well. Reads
    /// the whole file. PostgreSQL looks after itself.
    ///
    /// # Errors
    /// [`DbError`] if it cannot be read at all.
    pub async fn integrity_check(&self) -> Result<Vec<String>, DbError> {
        let mut conn = self.snapshot().await?;
        conn.set_limit(None);
        let rows = conn.fetch_all(&statements::INTEGRITY, &[]).await?;
        let findings: Result<Vec<String>, DbError> = rows.iter().map(|row| row.text(0)).collect();
        Ok(findings?
            .into_iter()
            .filter(|finding| finding != "ok")
            .collect())
    }
}

async fn copy(from: &Path, partial: &Path, to: &Path) -> Result<BackupReport, BackupError> {
    let file = |source| BackupError::File {
        path: to.to_owned(),
        source,
    };
    let database = |error| BackupError::Database {
        source: DbError::new(error, Some("VACUUM INTO")),
    };
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file(error)),
        _ => {}
    }
    file::create_private(partial).map_err(file)?;

    // Not the writer's connection: nobody waits for the copy.
    let mut conn = sqlite::common_options(from)
        .connect()
        .await
        .map_err(database)?;
    let name = partial
        .to_str()
        .ok_or_else(|| file(io::Error::from(io::ErrorKind::InvalidFilename)))?;
    sqlx::query("VACUUM INTO $1")
        .bind(name)
        .execute(&mut conn)
        .await
        .map_err(database)?;
    conn.close().await.map_err(database)?;

    let mut copied = SqliteConnectOptions::new()
        .filename(partial)
        .read_only(true)
        .connect()
        .await
        .map_err(database)?;
    let finding: String = sqlx::query("PRAGMA quick_check(1)")
        .fetch_one(&mut copied)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(database)?;
    copied.close().await.map_err(database)?;
    if finding != "ok" {
        return Err(BackupError::Damaged { finding });
    }

    // VACUUM INTO does not wait for the disk; a backup must.
    let written = File::options().write(true).open(partial).map_err(file)?;
    written.sync_all().map_err(file)?;
    let bytes = written.metadata().map_err(file)?.len();
    fs::rename(partial, to).map_err(file)?;
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(file)?;
    }
    Ok(BackupReport {
        path: to.to_owned(),
        bytes,
    })
}

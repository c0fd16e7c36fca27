//! Migrations: the same numbers and names for both databases, applied forwards only.

use super::{Backend, Conn, Db, DbError, Dialect, sqlite};
use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::{Migrate, Migrator},
};
use thiserror::Error;

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

crate::statements! {
    /// Whether any migration was ever applied.
    HAS_MIGRATIONS = sqlite "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations'"
        postgres "SELECT CAST(CAST(to_regclass('_sqlx_migrations') IS NOT NULL AS INT) AS BIGINT)";
    /// What was applied.
    APPLIED = "SELECT version, description, checksum, CAST(CASE WHEN success THEN 1 ELSE 0 END AS BIGINT) AS success
        FROM _sqlx_migrations ORDER BY version";
    /// Whether an SQLite file has tables.
    TABLES = sqlite "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        postgres "SELECT CAST(0 AS BIGINT)";
}

/// A migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationInfo {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
}

/// How the database and this program's migrations compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Applied, as this program knows them.
    pub applied: Vec<MigrationInfo>,
    /// To be applied.
    pub pending: Vec<MigrationInfo>,
    /// Applied, but unknown to this program: the database belongs to a newer one.
    pub unknown: Vec<MigrationInfo>,
    /// Applied with another text than this program has.
    pub changed: Vec<MigrationInfo>,
    /// Begun, and not finished.
    pub unfinished: Vec<MigrationInfo>,
}

/// Why a database was not migrated. Nothing was changed, except as [`Failed`](Self::Failed) says.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The database has been used by a newer Rideout.
    #[error(
        "the database was made by a newer Rideout (its migration {database}, this program knows {program}): use that version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The newest migration of the database.
        database: i64,
        /// The newest one known.
        program: i64,
    },
    /// A migration is not the one that was applied.
    #[error(
        "migration {version} of the database differs from this program's: it was made by another build of Rideout, use that one"
    )]
    Changed {
        /// Its number.
        version: i64,
    },
    /// A migration was broken off.
    #[error("migration {version} was broken off: restore the backup made before it")]
    Unfinished {
        /// Its number.
        version: i64,
    },
    /// The file belongs to another program.
    #[error("the file holds tables of another program: give Rideout a file of its own")]
    Foreign,
    /// A migration failed; it was rolled back, those before it stay applied.
    #[error("migration {version} failed and was rolled back")]
    Failed {
        /// Its number.
        version: i64,
        /// What the database said.
        #[source]
        source: DbError,
    },
    /// After the migrations, rows refer to rows that do not exist.
    #[error(
        "after the migrations {rows} rows refer to missing rows: restore the backup made before"
    )]
    DanglingReferences {
        /// How many.
        rows: usize,
    },
    /// The database refused, or did not answer.
    #[error("the migrations of the database cannot be read or written")]
    Database {
        /// What it said.
        #[from]
        source: DbError,
    },
}

impl Db {
    /// Compares the database with this program's migrations.
    ///
    /// # Errors
    /// [`DbError`] if it cannot be read.
    pub async fn migration_status(&self) -> Result<MigrationStatus, DbError> {
        status(&mut *self.reader().await?, self.migrator()).await
    }

    /// Applies what is pending, and returns it. On PostgreSQL several nodes may do
    /// so at once: the others wait.
    ///
    /// # Errors
    /// [`MigrateError`], a sentence for the operator.
    pub async fn migrate(&self) -> Result<Vec<MigrationInfo>, MigrateError> {
        self.migrate_with(self.migrator()).await
    }

    fn migrator(&self) -> &'static Migrator {
        match self.dialect() {
            Dialect::Sqlite => &SQLITE,
            Dialect::Postgres => &POSTGRES,
        }
    }

    pub(super) async fn migrate_with(
        &self,
        migrator: &Migrator,
    ) -> Result<Vec<MigrationInfo>, MigrateError> {
        let mut conn = self.reader().await?;
        let status = status(&mut conn, migrator).await?;
        let empty = status.applied.is_empty() && conn.fetch_one(&TABLES, &[]).await?.int(0)? > 0;
        drop(conn);
        check(&status, migrator)?;
        if empty {
            return Err(MigrateError::Foreign);
        }
        if status.pending.is_empty() {
            return Ok(status.pending);
        }
        let failed = |error| MigrateError::Database {
            source: DbError::new(error, Some("migrate")),
        };
        match &self.0.backend {
            Backend::Sqlite(backend) => {
                // A table is rebuilt by dropping it, which must not delete what refers to it.
                let options = sqlite::write_options(backend.path()).foreign_keys(false);
                let mut conn = options.connect().await.map_err(failed)?;
                apply(&mut conn, migrator).await?;
                let dangling = sqlx::query("PRAGMA foreign_key_check")
                    .fetch_all(&mut conn)
                    .await
                    .map_err(failed)?;
                conn.close().await.map_err(failed)?;
                if !dangling.is_empty() {
                    return Err(MigrateError::DanglingReferences {
                        rows: dangling.len(),
                    });
                }
            }
            Backend::Postgres(backend) => {
                // Of its own, because a migration may take longer than a statement may.
                let mut conn = backend.connect_options().connect().await.map_err(failed)?;
                apply(&mut conn, migrator).await?;
                conn.close().await.map_err(failed)?;
            }
        }
        Ok(status.pending)
    }
}

#[cfg(test)]
pub(super) fn migrators() -> (&'static Migrator, &'static Migrator) {
    (&SQLITE, &POSTGRES)
}

async fn apply<C: Migrate>(conn: &mut C, migrator: &Migrator) -> Result<(), MigrateError> {
    use sqlx::migrate::MigrateError as Theirs;
    migrator
        .run_direct(None, conn, false)
        .await
        .map_err(|error| match error {
            Theirs::VersionMissing(database) => MigrateError::Newer {
                database,
                program: newest(migrator),
            },
            Theirs::VersionMismatch(version) => MigrateError::Changed { version },
            Theirs::Dirty(version) => MigrateError::Unfinished { version },
            Theirs::ExecuteMigration(source, version) => MigrateError::Failed {
                version,
                source: DbError::new(source, Some("migrate")),
            },
            Theirs::Execute(source) => MigrateError::Database {
                source: DbError::new(source, Some("migrate")),
            },
            other => MigrateError::Database {
                source: DbError::new(sqlx::Error::Migrate(Box::new(other)), Some("migrate")),
            },
        })
}

fn newest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

async fn status(conn: &mut Conn, migrator: &Migrator) -> Result<MigrationStatus, DbError> {
    let mut status = MigrationStatus::default();
    let rows = match conn.fetch_one(&HAS_MIGRATIONS, &[]).await?.int(0)? {
        0 => Vec::new(),
        _ => conn.fetch_all(&APPLIED, &[]).await?,
    };
    for row in &rows {
        let info = MigrationInfo {
            version: row.int("version")?,
            name: row.text("description")?,
        };
        let known = migrator
            .iter()
            .find(|migration| migration.version == info.version);
        let list = match known {
            _ if !row.bool("success")? => &mut status.unfinished,
            None => &mut status.unknown,
            Some(known) if *known.checksum != *row.bytes("checksum")? => &mut status.changed,
            Some(_) => &mut status.applied,
        };
        list.push(info);
    }
    for migration in migrator.iter() {
        if !rows.iter().any(|row| {
            row.int("version")
                .is_ok_and(|version| version == migration.version)
        }) {
            status.pending.push(MigrationInfo {
                version: migration.version,
                name: migration.description.to_string(),
            });
        }
    }
    Ok(status)
}

fn check(status: &MigrationStatus, migrator: &Migrator) -> Result<(), MigrateError> {
    let last = |list: &[MigrationInfo]| list.last().map(|info| info.version);
    if let Some(database) = last(&status.unknown) {
        Err(MigrateError::Newer {
            database,
            program: newest(migrator),
        })
    } else if let Some(version) = last(&status.changed) {
        Err(MigrateError::Changed { version })
    } else if let Some(version) = last(&status.unfinished) {
        Err(MigrateError::Unfinished { version })
    } else {
        Ok(())
    }
}

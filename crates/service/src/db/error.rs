//! What can go wrong with the database, in terms a use case can act on.

use super::classify;
use std::sync::Arc;
use thiserror::Error;

pub(super) type Source = Arc<sqlx::Error>;

/// A database error. Its text is safe to show; details are in its source.
///
/// It can be cloned, because one failed commit may be the answer to many operations.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum DbError {
    /// There is no room on the disk.
    #[error("the disk of the database is full, so nothing was saved")]
    DiskFull {
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// The database, or its file, must not be written.
    #[error("the database is read-only, so nothing was saved")]
    ReadOnly {
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// Too much to do just now, or a conflict with another operation: try again.
    #[error("the database is too busy, try again in a moment")]
    Busy {
        /// The driver's error, if it was the database that said so.
        #[source]
        source: Option<Source>,
    },
    /// The database cannot be reached, or its disk does not answer. If that happened
    /// during a commit, it is not known whether the operation was saved; it carries
    /// an id of its own, so that it can be done again.
    #[error("{}", unavailable(source))]
    Unavailable {
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// A constraint of the schema refused the change.
    #[error("the change breaks a rule of the database")]
    Constraint {
        /// The constraint's name. SQLite tells columns instead: then it is the name
        /// PostgreSQL would give by default, such as `users_email_key`.
        name: Option<String>,
        /// On SQLite, the columns as it lists them: `users.email` or `t.a, t.b`.
        columns: Option<String>,
        /// The kind of constraint.
        kind: ConstraintKind,
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// The database file is damaged, or is not a database.
    #[error("the database file is damaged")]
    Corrupt {
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// The number of arguments does not fit the statement.
    #[error("{statement} takes {expected} arguments and got {given}")]
    Arguments {
        /// The statement's name.
        statement: &'static str,
        /// The highest `$N`.
        expected: usize,
        /// How many came.
        given: usize,
    },
    /// `fetch_one` found nothing.
    #[error("{statement} found no row")]
    NoRow {
        /// The statement's name.
        statement: &'static str,
    },
    /// A column of a row cannot be read as asked for.
    #[error("column {column} cannot be read")]
    Column {
        /// Its name or position.
        column: String,
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// The operation went on after one of its statements had failed. Nothing of
    /// it is saved: PostgreSQL has ended such a transaction by itself, and SQLite
    /// is held to the same rule.
    #[error("an earlier step failed, so nothing was saved")]
    Aborted {
        /// What failed first.
        #[source]
        source: Box<DbError>,
    },
    /// The operation panicked; nothing of it is saved.
    #[error("the operation broke off, so nothing was saved")]
    Panicked,
    /// The database has been closed.
    #[error("the database is closed")]
    Closed,
    /// Anything else.
    #[error("the database reported an error")]
    Other {
        /// The statement's name, if it was one.
        statement: Option<&'static str>,
        /// The driver's error.
        #[source]
        source: Source,
    },
}

fn unavailable(source: &sqlx::Error) -> &'static str {
    match source {
        // SQLite talks to a disk, and nobody else.
        sqlx::Error::Database(error) if classify::is_sqlite(&**error) => {
            "the file of the database cannot be read or written"
        }
        _ => "the database cannot be reached",
    }
}

/// The kinds of constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A primary key or a unique index.
    Unique,
    /// A reference to another table.
    ForeignKey,
    /// A check.
    Check,
    /// A column that must have a value.
    NotNull,
}

impl DbError {
    pub(super) fn new(error: sqlx::Error, statement: Option<&'static str>) -> Self {
        let source = Arc::new(error);
        match &*source {
            sqlx::Error::Database(error) => classify::from_database(&**error, statement, &source),
            sqlx::Error::PoolTimedOut => Self::Busy {
                source: Some(source),
            },
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable { source },
            _ => Self::Other { statement, source },
        }
    }

    pub(super) fn busy() -> Self {
        Self::Busy { source: None }
    }

    /// Whether the same operation may well succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unavailable { .. } => true,
            Self::Aborted { source } => source.is_transient(),
            _ => false,
        }
    }

    /// Whether the connection is gone, and nothing more than that.
    pub(super) fn lost_connection(&self) -> bool {
        let Self::Unavailable { source } = self else {
            return false;
        };
        match &**source {
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("57P"))
            }
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
            _ => false,
        }
    }

    /// Whether a new connection is better than this one.
    pub(super) fn spoils_connection(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. } | Self::Corrupt { .. } | Self::ReadOnly { .. }
        )
    }

    /// Whether the error may have ended the transaction: SQLite rolls back by
    /// itself when the disk is full or fails.
    pub(super) fn ends_transaction(&self) -> bool {
        match self {
            Self::DiskFull { .. }
            | Self::ReadOnly { .. }
            | Self::Busy { source: Some(_) }
            | Self::Unavailable { .. }
            | Self::Corrupt { .. }
            | Self::Closed => true,
            Self::Aborted { source } => source.ends_transaction(),
            _ => false,
        }
    }

    /// Whether the constraint of that name refused the change.
    pub fn is_constraint(&self, wanted: &str) -> bool {
        matches!(self, Self::Constraint { name: Some(name), .. } if name == wanted)
    }

    /// Whether a unique constraint refused the change: `columns` as SQLite
    /// lists them (`"users.email"`, `"entries.incident_id, entries.seq"`), `name` as in PostgreSQL.
    pub fn is_unique_on(&self, columns: &str, name: &str) -> bool {
        match self {
            Self::Constraint {
                kind: ConstraintKind::Unique,
                columns: Some(found),
                ..
            } => found == columns,
            Self::Constraint {
                kind: ConstraintKind::Unique,
                ..
            } => self.is_constraint(name),
            _ => false,
        }
    }

    /// Whether a reference to a missing row refused the change.
    pub fn is_foreign_key(&self) -> bool {
        matches!(
            self,
            Self::Constraint {
                kind: ConstraintKind::ForeignKey,
                ..
            }
        )
    }
}

/// Turns a refused constraint into the error of a use case.
pub trait ResultExt<T> {
    /// If the constraint of that name refused the change, fails with `error()`.
    ///
    /// # Errors
    /// `error()`, or the error as it was.
    fn on_constraint<E: From<DbError>>(self, name: &str, error: impl FnOnce() -> E)
    -> Result<T, E>;

    /// If that unique constraint refused the change, fails with `error()`; see [`DbError::is_unique_on`].
    ///
    /// # Errors
    /// `error()`, or the error as it was.
    fn on_unique<E: From<DbError>>(
        self,
        columns: &str,
        name: &str,
        error: impl FnOnce() -> E,
    ) -> Result<T, E>;
}

impl<T> ResultExt<T> for Result<T, DbError> {
    fn on_constraint<E: From<DbError>>(
        self,
        name: &str,
        error: impl FnOnce() -> E,
    ) -> Result<T, E> {
        self.map_err(|e| {
            if e.is_constraint(name) {
                error()
            } else {
                e.into()
            }
        })
    }

    fn on_unique<E: From<DbError>>(
        self,
        columns: &str,
        name: &str,
        error: impl FnOnce() -> E,
    ) -> Result<T, E> {
        self.map_err(|e| {
            if e.is_unique_on(columns, name) {
                error()
            } else {
                e.into()
            }
        })
    }
}

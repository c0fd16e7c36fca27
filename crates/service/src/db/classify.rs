//! The errors of both drivers, told apart by their codes.

use super::{
    DbError,
    error::{ConstraintKind, Source},
};
use sqlx::error::{DatabaseError, ErrorKind};
use std::{borrow::Cow, sync::Arc};

pub(super) fn from_database(
    error: &dyn DatabaseError,
    statement: Option<&'static str>,
    source: &Source,
) -> DbError {
    let source = Arc::clone(source);
    let kind = match error.kind() {
        ErrorKind::UniqueViolation => Some(ConstraintKind::Unique),
        ErrorKind::ForeignKeyViolation => Some(ConstraintKind::ForeignKey),
        ErrorKind::CheckViolation => Some(ConstraintKind::Check),
        ErrorKind::NotNullViolation => Some(ConstraintKind::NotNull),
        _ => None,
    };
    let code = error.code().unwrap_or(Cow::Borrowed(""));
    if is_sqlite(error) {
        let code: u32 = code.parse().unwrap_or_default();
        if let Some(kind) = kind {
            let (name, columns) = sqlite_constraint(kind, code, error.message());
            return DbError::Constraint {
                name,
                columns,
                kind,
                source,
            };
        }
        match code & 0xff {
            5 | 6 | 9 => DbError::Busy {
                source: Some(source),
            },
            7 | 10 | 14 => DbError::Unavailable { source },
            8 => DbError::ReadOnly { source },
            11 | 26 => DbError::Corrupt { source },
            13 => DbError::DiskFull { source },
            _ => DbError::Other { statement, source },
        }
    } else if let Some(kind) = kind {
        let name = error.constraint().map(str::to_owned);
        DbError::Constraint {
            name,
            columns: None,
            kind,
            source,
        }
    } else {
        match &*code {
            // Serialization failure, deadlock, lock not available, cancelled by a
            // time-out, too many connections.
            "40001" | "40P01" | "55P03" | "57014" | "53300" | "25P03" => DbError::Busy {
                source: Some(source),
            },
            "53100" => DbError::DiskFull { source },
            "25006" => DbError::ReadOnly { source },
            "XX001" | "XX002" => DbError::Corrupt { source },
            // Shutting down, crashed, starting up, connection lost.
            "57P01" | "57P02" | "57P03" | "57P05" => DbError::Unavailable { source },
            code if code.starts_with("08") || code.starts_with("58") => {
                DbError::Unavailable { source }
            }
            _ => DbError::Other { statement, source },
        }
    }
}

pub(super) fn is_sqlite(error: &dyn DatabaseError) -> bool {
    error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
}

/// Name and columns from `UNIQUE constraint failed: t.a, t.b`.
fn sqlite_constraint(
    kind: ConstraintKind,
    code: u32,
    message: &str,
) -> (Option<String>, Option<String>) {
    const PRIMARY_KEY: u32 = 1555;
    let Some((_, what)) = message.split_once(": ") else {
        return (None, None);
    };
    if let Some(index) = what.strip_prefix("index '") {
        return (Some(index.trim_end_matches('\'').to_owned()), None);
    }
    match kind {
        ConstraintKind::Check => (Some(what.to_owned()), None),
        ConstraintKind::ForeignKey => (None, None),
        ConstraintKind::NotNull => (None, Some(what.to_owned())),
        ConstraintKind::Unique => {
            let table = what.split('.').next().unwrap_or_default();
            let name = if code == PRIMARY_KEY {
                format!("{table}_pkey")
            } else {
                let columns: Vec<&str> = what
                    .split(", ")
                    .filter_map(|c| c.split_once('.').map(|(_, column)| column))
                    .collect();
                format!("{table}_{}_key", columns.join("_"))
            };
            (Some(name), Some(what.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConstraintKind, sqlite_constraint};

    #[test]
    fn sqlite_constraints_get_the_names_postgres_gives() {
        let name = |code, columns: &str| {
            let message = format!("UNIQUE constraint failed: {columns}");
            sqlite_constraint(ConstraintKind::Unique, code, &message).0
        };
        assert_eq!(
            name(2067, "users.email").as_deref(),
            Some("users_email_key")
        );
        assert_eq!(name(2067, "t.a, t.b").as_deref(), Some("t_a_b_key"));
        assert_eq!(name(1555, "users.id").as_deref(), Some("users_pkey"));
        assert_eq!(name(2067, "index 'by_lower'").as_deref(), Some("by_lower"));
        let check = sqlite_constraint(
            ConstraintKind::Check,
            275,
            "CHECK constraint failed: severity",
        );
        assert_eq!(check.0.as_deref(), Some("severity"));
    }
}

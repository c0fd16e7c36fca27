//! Where the data lives, as the operator writes it.

use sqlx::postgres::PgConnectOptions;
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};
use thiserror::Error;

/// The address of a database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
///
/// `Display` and `Debug` mask the password, so that it may be logged and shown.
#[derive(Clone)]
pub struct DatabaseUrl {
    kind: Kind,
    shown: String,
}

#[derive(Clone)]
pub(super) enum Kind {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

/// Why a database address was not understood.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatabaseUrlError {
    /// No `scheme:` in front.
    #[error(
        "a database address starts with its kind: write sqlite:PATH for one file, or postgres://USER:PASSWORD@HOST/NAME"
    )]
    NoScheme,
    /// A database Rideout does not speak to.
    #[error(
        "`{0}` is not a database Rideout can use: write sqlite:PATH for one file, or postgres://USER:PASSWORD@HOST/NAME"
    )]
    UnknownScheme(String),
    /// `sqlite:` and nothing behind it.
    #[error("sqlite: needs the path of a file, for example sqlite:rideout.db")]
    NoPath,
    /// A database in memory would be lost with the process.
    #[error("a database in memory is lost when Rideout stops: write sqlite:PATH")]
    InMemory,
    /// Parameters behind `?`.
    #[error("a sqlite: address takes no parameters: leave out `?` and what follows")]
    Parameters,
    /// The address of a PostgreSQL server cannot be read.
    #[error(
        "the PostgreSQL address cannot be read: write postgres://USER:PASSWORD@HOST/NAME and percent-encode special characters of the password"
    )]
    Postgres {
        /// What the parser said.
        #[source]
        source: sqlx::Error,
    },
}

impl DatabaseUrl {
    /// The address of an SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            shown: format!("sqlite:{}", path.display()),
            kind: Kind::Sqlite(path),
        }
    }

    /// The SQLite file, if it is one.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Sqlite(path) => Some(path),
            Kind::Postgres(_) => None,
        }
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(DatabaseUrlError::NoScheme)?;
        match scheme {
            "sqlite" | "sqlite3" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path == ":memory:" {
                    Err(DatabaseUrlError::InMemory)
                } else if path.contains('?') {
                    Err(DatabaseUrlError::Parameters)
                } else if path.is_empty() {
                    Err(DatabaseUrlError::NoPath)
                } else {
                    Ok(Self::sqlite(path))
                }
            }
            "postgres" | "postgresql" => Ok(Self {
                kind: Kind::Postgres(Box::new(
                    text.parse()
                        .map_err(|source| DatabaseUrlError::Postgres { source })?,
                )),
                shown: masked(text),
            }),
            // Without a known scheme the text may be anything, a password too:
            // only a plain word is repeated.
            other if !other.is_empty() && other.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Err(DatabaseUrlError::UnknownScheme(other.to_owned()))
            }
            _ => Err(DatabaseUrlError::NoScheme),
        }
    }
}

/// `postgres://user:secret@host/name?password=secret` without the secrets.
fn masked(url: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, None), |(base, query)| (base, Some(query)));
    let mut shown = match (base.split_once("://"), base.rfind('@')) {
        (Some((scheme, _)), Some(at)) => {
            let user = base.get(scheme.len() + 3..at).unwrap_or_default();
            match user.split_once(':') {
                Some((name, _)) => format!(
                    "{scheme}://{name}:***{}",
                    base.get(at..).unwrap_or_default()
                ),
                None => base.to_owned(),
            }
        }
        _ => base.to_owned(),
    };
    for (i, pair) in query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .enumerate()
    {
        shown.push(if i == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((key, _)) if key.to_ascii_lowercase().contains("password") => {
                shown.push_str(key);
                shown.push_str("=***");
            }
            _ => shown.push_str(pair),
        }
    }
    shown
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

//! The audit log: everything that matters for security, written with its cause.

mod export;

pub use export::{CSV_HEAD, csv_line};

use crate::{
    Error, Service, args,
    db::{Row, Tx},
    statements,
};
use rideout_domain::{Action, Actor, Timestamp, UserId, text};
use serde::Serialize;
use serde_json::Value;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Who acted when nobody was signed in at a browser.
pub(crate) const COMMAND_LINE: By<'static> = By {
    id: None,
    name: "the command line",
    address: "",
};
/// Who acted when it was the server itself.
pub(crate) const SERVER: By<'static> = By {
    id: None,
    name: "Rideout",
    address: "",
};

/// Most lines of one page.
pub const PAGE_MAX: i64 = 1_000;

statements! {
    /// Adds a line to the audit log.
    INSERT = "INSERT INTO audit (id, at, actor_id, actor, action, subject, detail, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Lines before a point, newest first.
    PAGE = "SELECT id, at, actor_id, actor, action, subject, detail, address FROM audit WHERE (at, id) < ($1, $2) AND at >= $3 AND (CAST($4 AS TEXT) IS NULL OR action = $4 OR action LIKE $5 ESCAPE '!') AND (CAST($6 AS TEXT) IS NULL OR lower(actor) LIKE $6 ESCAPE '!' OR lower(subject) LIKE $6 ESCAPE '!' OR lower(detail) LIKE $6 ESCAPE '!' OR lower(address) LIKE $6 ESCAPE '!') ORDER BY at DESC, id DESC LIMIT $7";
}

/// Who acted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By<'a> {
    /// The person, if it was one with an account.
    pub(crate) id: Option<UserId>,
    /// The name to write down.
    pub(crate) name: &'a str,
    /// Where from.
    pub(crate) address: &'a str,
}

impl<'a> From<&'a Actor> for By<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self {
            id: Some(actor.id),
            name: &actor.name,
            address: &actor.address,
        }
    }
}

/// Who acted, for an operation that outlives the request.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    id: Option<UserId>,
    name: String,
    address: String,
}

impl Author {
    /// Whoever runs the server.
    pub(crate) fn command_line() -> Self {
        Self {
            id: None,
            name: COMMAND_LINE.name.to_owned(),
            address: String::new(),
        }
    }

    /// For [`record_by`].
    pub(crate) fn by(&self) -> By<'_> {
        By {
            id: self.id,
            name: &self.name,
            address: &self.address,
        }
    }
}

impl From<&Actor> for Author {
    fn from(actor: &Actor) -> Self {
        Self {
            id: Some(actor.id),
            name: actor.name.clone(),
            address: actor.address.clone(),
        }
    }
}

/// Writes down who did what, in the transaction of its cause.
///
/// `action` is a dotted word such as `entry.redacted`; `subject` says in a few
/// words what it was done to. Neither it nor `detail` may hold a secret.
pub(crate) async fn record(
    tx: &mut Tx,
    id: Uuid,
    at: Timestamp,
    actor: &Actor,
    action: &'static str,
    subject: &str,
    detail: Value,
) -> Result<(), Error> {
    record_by(tx, id, at, By::from(actor), action, subject, detail).await
}

/// Like [`record`], for what no signed-in person did.
pub(crate) async fn record_by(
    tx: &mut Tx,
    id: Uuid,
    at: Timestamp,
    by: By<'_>,
    action: &'static str,
    subject: &str,
    detail: Value,
) -> Result<(), Error> {
    let who = by.id.map(|id| id.0);
    tx.execute(
        &INSERT,
        &args![
            id,
            at.0,
            who,
            by.name,
            action,
            subject,
            detail.to_string(),
            by.address
        ],
    )
    .await?;
    Ok(())
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Identifier.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The person, if it was one with an account.
    pub actor_id: Option<UserId>,
    /// Who, by the name of that time.
    pub actor: String,
    /// What was done, a dotted word.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// More, by name.
    pub detail: Value,
    /// Where it was done from; empty for the command line.
    pub address: String,
}

/// Which lines to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// An action, or the part before its dot: `token.made`, `token`.
    pub action: Option<String>,
    /// Text in the name, the subject, the details or the address.
    pub text: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    at: Timestamp,
    id: Uuid,
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id.simple())
    }
}

impl FromStr for AuditCursor {
    type Err = Error;
    fn from_str(s: &str) -> Result<Self, Error> {
        let parts = s
            .split_once('.')
            .and_then(|(at, id)| Some((at.parse().ok()?, Uuid::try_parse(id).ok()?)));
        let (at, id) = parts.ok_or_else(|| {
            Error::invalid("cursor", "this cursor is not one that Rideout gave out")
        })?;
        Ok(Self {
            at: Timestamp(at),
            id,
        })
    }
}

/// A page of the audit log, newest first.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The lines.
    pub entries: Vec<AuditEntry>,
    /// Where it goes on, if it does.
    pub next: Option<AuditCursor>,
}

impl Service {
    /// A page of the audit log, at most `limit` lines (1 to [`PAGE_MAX`]).
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor may read it.
    pub async fn audit_log(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        cursor: Option<AuditCursor>,
        limit: i64,
    ) -> Result<AuditPage, Error> {
        Error::authorise(actor, Action::ReadAudit)?;
        let limit = limit.clamp(1, PAGE_MAX);
        // PostgreSQL takes no NUL in a text; cleaned like what is stored, it is found as well.
        let given = |text: &Option<String>| {
            let text = text::clean(text.as_deref().unwrap_or_default())
                .trim()
                .to_lowercase();
            Some(text).filter(|text| !text.is_empty())
        };
        let action = given(&filter.action);
        let area = action
            .as_deref()
            .map(|action| format!("{}.%", escaped(action)));
        let text = given(&filter.text).map(|text| format!("%{}%", escaped(&text)));
        let from = filter.from.map_or(i64::MIN, |from| from.0);
        let end = AuditCursor {
            at: filter.until.unwrap_or(Timestamp(i64::MAX)),
            id: Uuid::nil(),
        };
        let before = match cursor {
            Some(cursor) if cursor.at < end.at => cursor,
            _ => end,
        };
        let args = args![before.at.0, before.id, from, action, area, text, limit + 1];
        let rows = self.db.reader().await?.fetch_all(&PAGE, &args).await?;
        let mut entries = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
        let size = usize::try_from(limit).unwrap_or(entries.len());
        let more = entries.len() > size;
        entries.truncate(size);
        let next = entries.last().filter(|_| more).map(|last| AuditCursor {
            at: last.at,
            id: last.id,
        });
        Ok(AuditPage { entries, next })
    }

    /// Writes down that the audit log is exported, before it is.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor may read it.
    pub async fn audit_export(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        format: &'static str,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ReadAudit)?;
        let detail = serde_json::json!({
            "action": filter.action, "text": filter.text, "from": filter.from, "until": filter.until,
        });
        self.note(Author::from(actor), "audit.exported", format, detail)
            .await
    }

    /// Writes down that somebody took a whole incident with them.
    ///
    /// An export may be what saves the day when the disk is full: where nothing
    /// can be written, it goes on, and the server's own log tells of it.
    ///
    /// # Errors
    /// Only those of the database, but for its not being writable.
    pub async fn note_export(
        &self,
        actor: &Actor,
        reference: &str,
        format: &'static str,
    ) -> Result<(), Error> {
        let detail = serde_json::json!({ "format": format });
        let author = Author::from(actor);
        unless_unwritable(
            self.note(author, "export.incident", reference, detail)
                .await,
        )
    }

    /// Writes down that all incidents were exported on the command line.
    ///
    /// # Errors
    /// As [`note_export`](Self::note_export).
    pub async fn note_export_of_all(
        &self,
        incidents: usize,
        format: &'static str,
    ) -> Result<(), Error> {
        let detail = serde_json::json!({ "incidents": incidents, "format": format });
        let author = Author::command_line();
        unless_unwritable(
            self.note(author, "export.all", "all incidents", detail)
                .await,
        )
    }

    /// Writes down something that changes nothing else.
    async fn note(
        &self,
        author: Author,
        action: &'static str,
        subject: &str,
        detail: Value,
    ) -> Result<(), Error> {
        let (now, id, subject) = (self.now(), self.new_id(), subject.to_owned());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    record_by(tx, id, now, author.by(), action, &subject, detail).await
                })
            })
            .await
    }
}

fn unless_unwritable(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(error @ (Error::Storage(_) | Error::Busy)) => {
            tracing::warn!(%error, "an export could not be written into the audit log");
            Ok(())
        }
        other => other,
    }
}

fn from_row(row: &Row) -> Result<AuditEntry, Error> {
    let detail = row.text("detail")?;
    Ok(AuditEntry {
        id: row.uuid("id")?,
        at: Timestamp(row.int("at")?),
        actor_id: row.opt_uuid("actor_id")?.map(UserId),
        actor: row.text("actor")?,
        action: row.text("action")?,
        subject: row.text("subject")?,
        detail: serde_json::from_str(&detail).unwrap_or(Value::String(detail)),
        address: row.text("address")?,
    })
}

/// Text for LIKE, with `!` as escape.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars().take(100) {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern
}

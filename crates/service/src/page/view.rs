//! What people see of pages and messages.

use super::heartbeat::{self, Node, Waiting};
use crate::{Error, Service, args, db::Row, statements};
use rideout_domain::{
    Actor, Channel, IncidentId, PageId, Role, Severity, Timestamp, UserId,
    outbox::{MessageState, Purpose},
};
use std::collections::HashMap;

/// How many messages the engine's page shows.
const MESSAGES: i64 = 50;
/// How long after somebody was last seen they are taken to be there, in seconds.
const LOOKING: i64 = 120;
/// How long a page that reached nobody waits for its person to look by themselves,
/// in minutes.
const MISSED: i64 = 24 * 60;

statements! {
    /// The last messages, newest first.
    LAST = "SELECT m.id, m.user_id, m.purpose, m.state, m.attempts, m.due_at, m.why, m.created_at, m.settled_at, u.name, r.channel FROM messages m JOIN users u ON u.id = m.user_id JOIN contact_routes r ON r.id = m.route_id ORDER BY m.id DESC LIMIT $1";
    /// When somebody was last seen: a page of theirs open in a room, or a request.
    SEEN = "SELECT MAX(at) AS at FROM (SELECT MAX(seen_at) AS at FROM participants WHERE user_id = $1 UNION ALL SELECT MAX(last_seen_at) AS at FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS seen";
    /// Pages of everybody that wait for an answer, oldest first.
    OPEN = "SELECT p.id, p.user_id, p.incident_id, p.reason, p.created_at, i.number, i.title, i.severity FROM pages p JOIN incidents i ON i.id = p.incident_id WHERE p.state = 'open' UNION ALL SELECT p.id, p.user_id, p.incident_id, p.reason, p.created_at, i.number, i.title, i.severity FROM pages p JOIN incidents i ON i.id = p.incident_id LEFT JOIN escalations e ON e.id = p.escalation_id WHERE p.state = 'failed' AND p.ended_at > $1 AND i.resolved_at IS NULL AND (e.state IS NULL OR e.state IN ('running', 'exhausted')) ORDER BY 5, 1";
    /// Pages of one person that wait for an answer, oldest first.
    OPEN_OF = "SELECT p.id, p.user_id, p.incident_id, p.reason, p.created_at, i.number, i.title, i.severity FROM pages p JOIN incidents i ON i.id = p.incident_id WHERE p.user_id = $2 AND p.state = 'open' UNION ALL SELECT p.id, p.user_id, p.incident_id, p.reason, p.created_at, i.number, i.title, i.severity FROM pages p JOIN incidents i ON i.id = p.incident_id LEFT JOIN escalations e ON e.id = p.escalation_id WHERE p.state = 'failed' AND p.ended_at > $1 AND i.resolved_at IS NULL AND (e.state IS NULL OR e.state IN ('running', 'exhausted')) AND p.user_id = $2 ORDER BY 5, 1";
}

/// What everybody may see of the engine.
#[derive(Debug, Clone)]
pub struct EnginePage {
    /// The nodes, the youngest heartbeat first.
    pub nodes: Vec<Node>,
    /// What it waits for.
    pub waiting: Waiting,
    /// The last messages, newest first.
    pub messages: Vec<MessageLine>,
}

/// A message on the engine's page.
#[derive(Debug, Clone)]
pub struct MessageLine {
    /// Whom it is for.
    pub person: String,
    /// What it travels by.
    pub channel: Channel,
    /// What it is for.
    pub purpose: Purpose,
    /// How it stands.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it is not further; only for its person and for admins.
    pub why: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// When nothing more happened to it.
    pub settled_at: Option<Timestamp>,
}

/// A page that waits for whoever looks.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OpenPage {
    /// The page.
    pub id: PageId,
    /// Its incident.
    pub incident: IncidentId,
    /// The incident's number.
    pub number: i64,
    /// The incident's title.
    pub title: String,
    /// The incident's severity.
    pub severity: Severity,
    /// Why they are called.
    pub reason: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl Service {
    /// The engine as everybody who is signed in may see it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn engine_page(&self, actor: &Actor) -> Result<EnginePage, Error> {
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let mut messages = Vec::new();
        for row in conn.fetch_all(&LAST, &args![MESSAGES]).await? {
            let own = row.uuid("user_id")? == actor.id.0 || actor.role == Role::Admin;
            messages.push(MessageLine {
                person: row.text("name")?,
                channel: row.text("channel")?.parse().map_err(Error::internal)?,
                purpose: row.text("purpose")?.parse().map_err(Error::internal)?,
                state: row.text("state")?.parse().map_err(Error::internal)?,
                attempts: row.int("attempts")?,
                why: if own { row.text("why")? } else { String::new() },
                created_at: Timestamp(row.int("created_at")?),
                due_at: row.opt_int("due_at")?.map(Timestamp),
                settled_at: row.opt_int("settled_at")?.map(Timestamp),
            });
        }
        let nodes = heartbeat::nodes(&mut conn).await?;
        let mut waiting = heartbeat::waiting(&mut conn, now).await?;
        drop(conn);
        let look = self.watch_next().await?;
        waiting.next_due = [waiting.next_due, look].into_iter().flatten().min();
        Ok(EnginePage {
            nodes,
            waiting,
            messages,
        })
    }

    /// Whether somebody has Rideout open: whether a page in their browser would be
    /// seen. Unknown without an account.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn is_looking(&self, user: UserId) -> Result<bool, Error> {
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let row = conn.fetch_one(&SEEN, &args![user.0]).await?;
        let seen = row.opt_int("at")?.map(Timestamp);
        Ok(seen.is_some_and(|at| now.seconds_since(at) < LOOKING))
    }

    /// The pages of whoever asks that wait for an answer, oldest first: open ones,
    /// and those of the last day that no message could bring.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn open_pages(&self, actor: &Actor) -> Result<Vec<OpenPage>, Error> {
        let since = self.now().plus_minutes(-MISSED);
        let mut conn = self.db.reader().await?;
        let rows = conn
            .fetch_all(&OPEN_OF, &args![since.0, actor.id.0])
            .await?;
        rows.iter().map(open_page).collect()
    }

    /// The same of everybody, by person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn all_open_pages(&self) -> Result<HashMap<UserId, Vec<OpenPage>>, Error> {
        let since = self.now().plus_minutes(-MISSED);
        let mut conn = self.db.reader().await?;
        let mut pages: HashMap<UserId, Vec<OpenPage>> = HashMap::new();
        for row in conn.fetch_all(&OPEN, &args![since.0]).await? {
            let user = UserId(row.uuid("user_id")?);
            pages.entry(user).or_default().push(open_page(&row)?);
        }
        Ok(pages)
    }
}

fn open_page(row: &Row) -> Result<OpenPage, Error> {
    Ok(OpenPage {
        id: PageId(row.uuid("id")?),
        incident: IncidentId(row.uuid("incident_id")?),
        number: row.int("number")?,
        title: row.text("title")?,
        severity: row.text("severity")?.parse().map_err(Error::internal)?,
        reason: row.text("reason")?,
        created_at: Timestamp(row.int("created_at")?),
    })
}

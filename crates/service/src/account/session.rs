//! Sessions: begun by a log-in, recognised, listed, ended.

use super::{
    audit,
    known::{Holder, Kind, TOUCH_SECONDS},
};
use crate::{
    Error, Service, args,
    db::{Row, Tx},
    secret, statements,
};
use rideout_domain::{Actor, SessionId, Timestamp, UserId, text};
use serde_json::json;
use uuid::Uuid;

/// Days after which a session ends however much it is used.
pub const LONGEST_DAYS: i64 = 90;
/// Characters kept of what a browser says about itself.
const AGENT_MAX: usize = 300;
const DAY: i64 = 24 * 3600;

statements! {
    /// Who holds a session, if it and they are in good standing.
    HOLDER = "SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, u.id AS user_id, u.name, u.role FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL";
    /// Begins a session.
    INSERT = "INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, user_agent, address) VALUES ($1, $2, $3, $4, $4, $5, $6, $7)";
    /// Notes that a session is in use, at most once a minute.
    TOUCH = "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND last_seen_at <= $4 AND ended_at IS NULL";
    /// Somebody's sessions, last used first.
    LIST = "SELECT id, token_hash, created_at, last_seen_at, expires_at, user_agent, address FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC LIMIT 100";
    /// Ends the session of a token.
    END_BY_TOKEN = "UPDATE sessions SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL RETURNING id, user_id";
    /// Ends one of somebody's sessions.
    END_ONE = "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL";
    /// Whether a session is somebody's.
    IS_OWN = "SELECT 1 AS yes FROM sessions WHERE id = $1 AND user_id = $2";
    /// Ends all of somebody's sessions but one.
    END_OTHERS = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND token_hash <> $3";
    /// Forgets sessions that ended long ago.
    TIDY = "DELETE FROM sessions WHERE expires_at < $1 OR ended_at < $1";
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visit<'a> {
    /// Address of the client.
    pub address: &'a str,
    /// What the browser says about itself.
    pub user_agent: &'a str,
    /// The session token that the browser brought along, if it did.
    pub session: Option<&'a str>,
}

/// A session that has just begun.
#[derive(Clone)]
pub struct SignedIn {
    /// Who it is.
    pub actor: Actor,
    /// The secret for the cookie.
    pub token: String,
    /// When the session ends however much it is used.
    pub ends_at: Timestamp,
}

/// A session, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// Identifier.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
    /// What the browser said about itself.
    pub user_agent: String,
    /// Where the log-in came from.
    pub address: String,
    /// Whether it is the asker's own.
    pub this: bool,
}

/// A session about to begin.
pub(crate) struct Fresh {
    id: Uuid,
    hash: Vec<u8>,
    pub(crate) now: Timestamp,
    expires_at: Timestamp,
    ends_at: Timestamp,
    user_agent: String,
    address: String,
    token: String,
    replaces: Option<Vec<u8>>,
}

impl Fresh {
    /// What the audit log says of it.
    pub(crate) fn detail(&self) -> serde_json::Value {
        json!({"session": self.id, "browser": self.user_agent})
    }

    /// Writes it down, and ends the session it takes the place of.
    pub(crate) async fn begin(self, tx: &mut Tx, actor: Actor) -> Result<SignedIn, Error> {
        if let Some(old) = self.replaces {
            tx.execute(&END_BY_TOKEN, &args![old, self.now.0]).await?;
        }
        let Self {
            id,
            hash,
            now,
            expires_at,
            user_agent,
            address,
            ..
        } = self;
        tx.execute(
            &INSERT,
            &args![
                id,
                hash,
                actor.id.0,
                now.0,
                expires_at.0,
                user_agent,
                address
            ],
        )
        .await?;
        Ok(SignedIn {
            actor,
            token: self.token,
            ends_at: self.ends_at,
        })
    }
}

impl Service {
    /// Ends the session of a token, if there is one.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn log_out(&self, token: &str, address: &str) -> Result<(), Error> {
        let Some(actor) = self.authenticate_session(token, address).await? else {
            return Ok(());
        };
        let (hash, now, audit_id) = (secret::hash(token), self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(row) = tx
                        .fetch_optional(&END_BY_TOKEN, &args![hash, now.0])
                        .await?
                    {
                        let detail = json!({"session": row.uuid("id")?});
                        audit::record(
                            tx,
                            audit_id,
                            now,
                            &actor,
                            "session.logged_out",
                            &actor.name,
                            detail,
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Who holds this session, if it is good: not ended, not expired, and its person not disabled.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn authenticate_session(
        &self,
        token: &str,
        address: &str,
    ) -> Result<Option<Actor>, Error> {
        let (hash, now) = (secret::hash(token), self.now());
        let known = &self.accounts.known;
        if let Some(holder) = known.get(Kind::Session, &hash, now) {
            return Ok(Some(holder.actor(address)));
        }
        let generation = known.generation();
        let mut conn = self.db.reader().await?;
        let Some(row) = conn
            .fetch_optional(&HOLDER, &args![hash.as_slice(), now.0])
            .await?
        else {
            return Ok(None);
        };
        drop(conn);
        let holder = Holder::from_row(&row, Timestamp(row.int("expires_at")?))?;
        if known.touch(holder.id, Timestamp(row.int("last_seen_at")?), now) {
            let expires = self.expires_at(now, Timestamp(row.int("created_at")?));
            let before = now.plus_seconds(-TOUCH_SECONDS);
            let args = args![holder.id, now.0, expires.0, before.0];
            self.later(move |tx| {
                Box::pin(async move { tx.execute(&TOUCH, &args).await.map_err(Error::from) })
            });
        }
        let actor = holder.actor(address);
        known.keep(Kind::Session, hash, holder, (generation, now));
        Ok(Some(actor))
    }

    /// The actor's sessions, last used first; `current` is the token of the asker's own.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn sessions(
        &self,
        actor: &Actor,
        current: Option<&str>,
    ) -> Result<Vec<ListedSession>, Error> {
        let current = current.map(secret::hash);
        let rows = self
            .db
            .reader()
            .await?
            .fetch_all(&LIST, &args![actor.id.0, self.now().0])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ListedSession {
                    id: SessionId(row.uuid("id")?),
                    created_at: Timestamp(row.int("created_at")?),
                    last_seen_at: Timestamp(row.int("last_seen_at")?),
                    expires_at: Timestamp(row.int("expires_at")?),
                    user_agent: row.text("user_agent")?,
                    address: row.text("address")?,
                    this: current.as_ref() == Some(&row.bytes("token_hash")?),
                })
            })
            .collect()
    }

    /// Ends one of the actor's sessions. Does nothing when it has ended.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn end_session(&self, actor: &Actor, session: SessionId) -> Result<(), Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if tx
                        .execute(&END_ONE, &args![session.0, actor.id.0, now.0])
                        .await?
                        == 1
                    {
                        let detail = json!({"session": session});
                        return audit::record(
                            tx,
                            audit_id,
                            now,
                            &actor,
                            "session.ended",
                            &actor.name,
                            detail,
                        )
                        .await;
                    }
                    let own = tx
                        .fetch_optional(&IS_OWN, &args![session.0, actor.id.0])
                        .await?;
                    own.map(drop).ok_or(Error::NotFound)
                })
            })
            .await
    }

    /// Ends all of the actor's sessions but the one with the token `current`; tells how many.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn end_other_sessions(
        &self,
        actor: &Actor,
        current: Option<&str>,
    ) -> Result<u64, Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        let current = current.map(secret::hash).unwrap_or_default();
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let ended = end_others(tx, actor.id, now, current).await?;
                    if ended > 0 {
                        let detail = json!({"sessions": ended});
                        audit::record(
                            tx,
                            audit_id,
                            now,
                            &actor,
                            "session.others_ended",
                            &actor.name,
                            detail,
                        )
                        .await?;
                    }
                    Ok(ended)
                })
            })
            .await
    }

    /// A session to begin.
    pub(crate) fn fresh_session(&self, visit: Visit<'_>) -> Result<Fresh, Error> {
        let (token, hash) = secret::make(&*self.ids, "")?;
        let now = self.now();
        Ok(Fresh {
            id: self.new_id(),
            hash,
            now,
            expires_at: self.expires_at(now, now),
            ends_at: now.plus_seconds(LONGEST_DAYS * DAY),
            user_agent: text::clean(visit.user_agent)
                .chars()
                .take(AGENT_MAX)
                .collect(),
            address: visit.address.to_owned(),
            token,
            replaces: visit.session.map(secret::hash),
        })
    }

    fn expires_at(&self, now: Timestamp, created_at: Timestamp) -> Timestamp {
        let unused = now.plus_seconds(self.settings.session_days.clamp(1, LONGEST_DAYS) * DAY);
        unused.min(created_at.plus_seconds(LONGEST_DAYS * DAY))
    }

    /// Writes something that nobody waits for and whose loss does no harm.
    pub(crate) fn later<F>(&self, operation: F)
    where
        F: for<'t> FnOnce(&'t mut Tx) -> futures::future::BoxFuture<'t, Result<u64, Error>>
            + Send
            + 'static,
    {
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = db.write(operation).await {
                tracing::warn!(%error, "the last use of a session could not be written down");
            }
        });
    }

    /// Forgets failed log-ins and sessions that no longer matter. To be called
    /// now and then.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn tidy_accounts(&self) -> Result<(), Error> {
        let now = self.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    super::throttle::tidy(tx, now).await?;
                    tx.execute(&TIDY, &args![now.plus_seconds(-LONGEST_DAYS * DAY).0])
                        .await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Columns `name` and `role`, and the person's identifier in the column `id`.
pub(crate) fn actor(row: &Row, id: &'static str, address: &str) -> Result<Actor, Error> {
    Ok(Actor {
        id: UserId(row.uuid(id)?),
        name: row.text("name")?,
        role: row.text("role")?.parse().map_err(Error::internal)?,
        address: address.to_owned(),
    })
}

/// Ends all of somebody's sessions but the one with this hash; tells how many.
pub(crate) async fn end_others(
    tx: &mut Tx,
    user: UserId,
    now: Timestamp,
    but: Vec<u8>,
) -> Result<u64, Error> {
    Ok(tx.execute(&END_OTHERS, &args![user.0, now.0, but]).await?)
}

/// Ends all of somebody's sessions; tells how many.
pub(crate) async fn end_all(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<u64, Error> {
    end_others(tx, user, now, Vec::new()).await
}

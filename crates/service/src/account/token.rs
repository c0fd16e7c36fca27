//! Bearer tokens for the REST API.

use super::{
    audit::{self, Author},
    known::{Holder, Kind, TOUCH_SECONDS},
};
use crate::{Error, Service, args, db::ResultExt as _, secret, statements};
use rideout_domain::{Actor, Timestamp, TokenId, UserId, text};
use serde_json::json;

/// What every token begins with, so that scanners for lost secrets know it.
pub const PREFIX: &str = "rdo_";
/// Most tokens one person may have in use.
pub const MOST: i64 = 50;

statements! {
    /// Who holds a token, if it and they are in good standing.
    HOLDER = "SELECT t.id, t.created_at, t.last_used_at, u.id AS user_id, u.name, u.role FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND u.disabled_at IS NULL";
    /// How many tokens somebody has in use.
    COUNT = "SELECT COUNT(*) AS n FROM api_tokens WHERE user_id = $1 AND revoked_at IS NULL";
    /// Adds a token.
    INSERT = "INSERT INTO api_tokens (id, token_hash, user_id, name, created_at) VALUES ($1, $2, $3, $4, $5)";
    /// Notes that a token is in use, at most once a minute.
    TOUCH = "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
    /// Somebody's tokens, newest first.
    LIST = "SELECT id, name, created_at, last_used_at FROM api_tokens WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC";
    /// One of somebody's tokens.
    FIND = "SELECT name FROM api_tokens WHERE id = $1 AND user_id = $2";
    /// Ends a token.
    REVOKE = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    /// Somebody by e-mail address, for the command line.
    PERSON = "SELECT id, name FROM users WHERE email = $1 AND disabled_at IS NULL";
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedToken {
    /// Identifier.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Service {
    /// Makes a token that acts as the actor. The secret in the answer is shown once.
    /// The id is made before the form is sent, so that sending it twice makes one token.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `name`; [`Error::Conflict`] `already_made`, or
    /// `too_many_tokens` when there are [`MOST`].
    pub async fn make_token(
        &self,
        actor: &Actor,
        id: Option<TokenId>,
        name: &str,
    ) -> Result<(TokenId, String), Error> {
        self.insert_token(actor.id, id, name, Author::from(actor))
            .await
    }

    /// Makes a token for somebody, on the command line, which no role limits.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody in good standing has this address; [`Error::Invalid`] for `name`.
    pub async fn token_create(&self, email: &str, name: &str) -> Result<(TokenId, String), Error> {
        let email = text::email(email).map_err(Error::text("email"))?;
        let row = self
            .db
            .reader()
            .await?
            .fetch_optional(&PERSON, &args![email])
            .await?
            .ok_or(Error::NotFound)?;
        self.insert_token(UserId(row.uuid("id")?), None, name, Author::command_line())
            .await
    }

    async fn insert_token(
        &self,
        user: UserId,
        id: Option<TokenId>,
        name: &str,
        by: Author,
    ) -> Result<(TokenId, String), Error> {
        let name = text::line("The name", name, text::NAME_MAX).map_err(Error::text("name"))?;
        let (token, hash) = secret::make(&*self.ids, PREFIX)?;
        let id = id.map_or_else(|| self.new_id(), |id| id.0);
        let (audit_id, now) = (self.new_id(), self.now());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if tx.fetch_one(&COUNT, &args![user.0]).await?.int("n")? >= MOST {
                        return Err(Error::Conflict {
                            code: "too_many_tokens",
                            message: format!(
                                "You have {MOST} tokens in use. Revoke one you no longer need."
                            ),
                        });
                    }
                    tx.execute(&INSERT, &args![id, hash, user.0, name.as_str(), now.0])
                        .await
                        .on_unique("api_tokens.id", "api_tokens_pkey", already_made)?;
                    let detail = json!({"token": id, "for": user});
                    audit::record_by(tx, audit_id, now, by.by(), "token.made", &name, detail).await
                })
            })
            .await?;
        Ok((TokenId(id), token))
    }

    /// The actor's tokens in use, newest first.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<ListedToken>, Error> {
        let rows = self
            .db
            .reader()
            .await?
            .fetch_all(&LIST, &args![actor.id.0])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ListedToken {
                    id: TokenId(row.uuid("id")?),
                    name: row.text("name")?,
                    created_at: Timestamp(row.int("created_at")?),
                    last_used_at: row.opt_int("last_used_at")?.map(Timestamp),
                })
            })
            .collect()
    }

    /// Ends one of the actor's tokens at once. Does nothing when it has ended.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn revoke_token(&self, actor: &Actor, token: TokenId) -> Result<(), Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = tx
                        .fetch_optional(&FIND, &args![token.0, actor.id.0])
                        .await?;
                    let name = row.ok_or(Error::NotFound)?.text("name")?;
                    if tx.execute(&REVOKE, &args![token.0, now.0]).await? == 1 {
                        let detail = json!({"token": token});
                        audit::record(tx, audit_id, now, &actor, "token.revoked", &name, detail)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Who holds this token, if it is good: not revoked, and its person not disabled.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn authenticate_token(
        &self,
        token: &str,
        address: &str,
    ) -> Result<Option<Actor>, Error> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let (hash, now) = (secret::hash(token), self.now());
        let known = &self.accounts.known;
        if let Some(holder) = known.get(Kind::Token, &hash, now) {
            return Ok(Some(holder.actor(address)));
        }
        let generation = known.generation();
        let mut conn = self.db.reader().await?;
        let Some(row) = conn
            .fetch_optional(&HOLDER, &args![hash.as_slice()])
            .await?
        else {
            return Ok(None);
        };
        drop(conn);
        let holder = Holder::from_row(&row, Timestamp(i64::MAX))?;
        let last = row
            .opt_int("last_used_at")?
            .map_or(Timestamp(i64::MIN), Timestamp);
        if known.touch(holder.id, last, now) {
            let args = args![holder.id, now.0, now.plus_seconds(-TOUCH_SECONDS).0];
            self.later(move |tx| {
                Box::pin(async move { tx.execute(&TOUCH, &args).await.map_err(Error::from) })
            });
        }
        let actor = holder.actor(address);
        known.keep(Kind::Token, hash, holder, (generation, now));
        Ok(Some(actor))
    }
}

/// The form was sent a second time. Its secret was in the first answer only.
pub(crate) fn already_made() -> Error {
    Error::Conflict {
        code: "already_made",
        message: "This was made already, and its secret was shown then. If it is lost, revoke it and make another."
            .to_owned(),
    }
}

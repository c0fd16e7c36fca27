//! Logging in with a password, and changing it.

use super::{
    audit::{self, By},
    password,
    person::SET_PASSWORD,
    session::{SignedIn, Visit, actor, end_others},
    throttle::{Allowance, Attempt, PER_ACCOUNT},
};
use crate::{Error, Service, args, db::Conn, secret, statements};
use rideout_domain::{Actor, UserId, text};
use serde_json::json;
use uuid::Uuid;

statements! {
    /// Who wants to log in.
    CANDIDATE = "SELECT id, name, role, password_hash, disabled_at FROM users WHERE email = $1";
    /// The same, by identifier.
    ONESELF = "SELECT email, name, password_hash FROM users WHERE id = $1 AND disabled_at IS NULL";
    /// Replaces a hash by one with the parameters of today, unless the password changed meanwhile.
    REHASH = "UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3";
}

/// What somebody types to log in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Password.
    pub password: &'a str,
}

impl Service {
    /// Logs in: a new session, in place of the one the browser had.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the form as a whole when the two do not match, whatever the
    /// reason; [`Error::TooMany`] after too many failures; [`Error::Busy`].
    pub async fn log_in(
        &self,
        typed: Credentials<'_>,
        visit: Visit<'_>,
    ) -> Result<SignedIn, Error> {
        let email = text::email(typed.email).ok();
        let attempt = Attempt::log_in(email.as_deref(), typed.email, visit.address);
        // The turn is held until a failure is on record: so parallel guesses
        // cannot outrun the count.
        let turn = self.accounts.hasher.turn().await?;
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let found = match &email {
            Some(email) => conn.fetch_optional(&CANDIDATE, &args![email]).await?,
            None => None,
        };
        // Nobody is looked up like somebody, so that time does not tell them apart.
        let owner = match &found {
            Some(row) => UserId(row.uuid("id")?),
            None => UserId(Uuid::nil()),
        };
        let left = match attempt
            .allowance(&mut conn, now, Some((owner, visit.address)))
            .await?
        {
            Allowance::None {
                retry_after_seconds,
            } => {
                return Err(Error::TooMany {
                    retry_after_seconds,
                });
            }
            Allowance::Left(left) => left,
        };
        drop(conn);
        let stored = match &found {
            Some(row) => row.opt_text("password_hash")?,
            None => None,
        };
        let (turn, verdict) = turn.compare(typed.password, stored.clone()).await?;
        match found {
            Some(row) if verdict.right && row.opt_int("disabled_at")?.is_none() => {
                let new_hash = if verdict.outdated {
                    Some(turn.hash(&*self.ids, typed.password).await?.1)
                } else {
                    None
                };
                let actor = actor(&row, "id", visit.address)?;
                self.let_in(actor, attempt, stored.zip(new_hash), visit)
                    .await
            }
            found => {
                let who = match &found {
                    Some(row) => Some((UserId(row.uuid("id")?), row.text("name")?)),
                    None => None,
                };
                self.turn_away(who, email, attempt, visit.address, left <= 1)
                    .await?;
                drop(turn);
                Err(Error::invalid(
                    "",
                    "This address and password do not go together. Check both and try again.",
                ))
            }
        }
    }

    async fn let_in(
        &self,
        actor: Actor,
        attempt: Attempt,
        rehash: Option<(String, String)>,
        visit: Visit<'_>,
    ) -> Result<SignedIn, Error> {
        let fresh = self.fresh_session(visit)?;
        let audit_id = self.new_id();
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    attempt.succeeded(tx).await?;
                    if let Some((old, new)) = rehash {
                        tx.execute(&REHASH, &args![actor.id.0, new, old]).await?;
                    }
                    let detail = fresh.detail();
                    audit::record(
                        tx,
                        audit_id,
                        fresh.now,
                        &actor,
                        "login.ok",
                        &actor.name,
                        detail,
                    )
                    .await?;
                    fresh.begin(tx, actor.clone()).await
                })
            })
            .await
    }

    async fn turn_away(
        &self,
        who: Option<(UserId, String)>,
        email: Option<String>,
        attempt: Attempt,
        address: &str,
        last: bool,
    ) -> Result<(), Error> {
        let (now, ids, address) = (
            self.now(),
            [self.new_id(), self.new_id(), self.new_id()],
            address.to_owned(),
        );
        // What is no address may be a password typed into the wrong field.
        let email = email.unwrap_or_else(|| "not an e-mail address".to_owned());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    attempt.failed(tx, ids[0], now).await?;
                    // Whoever failed is not known to be the person: the person is the subject.
                    let by = By {
                        id: None,
                        name: "somebody",
                        address: &address,
                    };
                    let account = who.map(|(id, _)| id);
                    let detail = json!({"account": account});
                    audit::record_by(tx, ids[1], now, by, "login.failed", &email, detail).await?;
                    if last {
                        let detail = json!({"account": account, "failures": PER_ACCOUNT});
                        audit::record_by(tx, ids[2], now, by, "login.throttled", &email, detail)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Changes the actor's password and ends their other sessions; tells how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `current_password` or `password`; [`Error::TooMany`].
    pub async fn change_password(
        &self,
        actor: &Actor,
        current: Option<&str>,
        present: &str,
        new: &str,
    ) -> Result<u64, Error> {
        let attempt = Attempt::present_password(actor.id);
        let turn = self.accounts.hasher.turn().await?;
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let row = conn
            .fetch_optional(&ONESELF, &args![actor.id.0])
            .await?
            .ok_or(Error::SignInNeeded)?;
        if let Allowance::None {
            retry_after_seconds,
        } = attempt.allowance(&mut conn, now, None).await?
        {
            return Err(Error::TooMany {
                retry_after_seconds,
            });
        }
        drop(conn);
        password::check("password", new, &row.text("email")?, &row.text("name")?)?;
        let stored = row.opt_text("password_hash")?;
        let (turn, verdict) = turn.compare(present, stored).await?;
        if !verdict.right {
            let id = self.new_id();
            self.db
                .write(move |tx| Box::pin(async move { attempt.failed(tx, id, now).await }))
                .await?;
            return Err(Error::invalid(
                "current_password",
                "This is not your present password.",
            ));
        }
        if present == new {
            return Err(Error::invalid(
                "password",
                "This is the password you have now. Choose another.",
            ));
        }
        let hash = turn.hash(&*self.ids, new).await?.1;
        let (actor, audit_id) = (actor.clone(), self.new_id());
        let current = current.map(secret::hash).unwrap_or_default();
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    attempt.succeeded(tx).await?;
                    tx.execute(&SET_PASSWORD, &args![actor.id.0, hash]).await?;
                    let ended = end_others(tx, actor.id, now, current).await?;
                    let detail = json!({"sessions_ended": ended});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "password.changed",
                        &actor.name,
                        detail,
                    )
                    .await?;
                    Ok(ended)
                })
            })
            .await
    }
}

/// Whether a person with an account has this address.
pub(crate) async fn has_account(conn: &mut Conn, email: &str) -> Result<bool, Error> {
    Ok(conn
        .fetch_optional(&CANDIDATE, &args![email])
        .await?
        .is_some())
}

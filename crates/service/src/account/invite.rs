//! Invitations: links that let one person make one account.

use super::{
    audit::{self, By},
    login::has_account,
    newcomer,
    person::{self, HAS_ADMIN, LOCK_PEOPLE},
    session::{SignedIn, Visit},
    token::already_made,
};
use crate::{
    Error, Service, args,
    db::{ResultExt as _, Row},
    secret, statements,
};
use rideout_domain::{Action, Actor, InviteId, Role, Timestamp, UserId, text};
use serde_json::json;

/// Days that an invitation is good for.
pub const DAYS: i64 = 7;

statements! {
    /// Adds an invitation.
    INSERT = "INSERT INTO invites (id, token_hash, email, role, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Invitations that are open, or expired not long ago, newest first.
    LIST = "SELECT i.id, i.email, i.role, i.created_at, i.expires_at, u.name AS created_by FROM invites i LEFT JOIN users u ON u.id = i.created_by WHERE i.used_at IS NULL AND i.revoked_at IS NULL AND i.created_by IS NOT NULL AND i.expires_at > $1 ORDER BY i.created_at DESC, i.id DESC";
    /// The invitation that a secret belongs to.
    FIND = "SELECT i.id, i.email, i.role, i.created_by, i.expires_at, i.used_at, i.revoked_at, u.name FROM invites i LEFT JOIN users u ON u.id = i.created_by WHERE i.token_hash = $1";
    /// Uses an invitation, once.
    USE = "UPDATE invites SET used_at = $2, used_by = $3 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2";
    /// Ends an invitation.
    REVOKE = "UPDATE invites SET revoked_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL";
    /// Whom an invitation was for.
    ABOUT = "SELECT email, role FROM invites WHERE id = $1 AND created_by IS NOT NULL";
    /// Ends the open invitations that somebody made.
    REVOKE_BY = "UPDATE invites SET revoked_at = $2 WHERE created_by = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2";
}

/// An invitation, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Identifier.
    pub id: InviteId,
    /// The only address it is for, if it is for one.
    pub email: Option<String>,
    /// The role it gives.
    pub role: Role,
    /// Who made it; nobody made the set-up link.
    pub created_by: Option<String>,
    /// When it ceases to be good.
    pub expires_at: Timestamp,
}

/// An invitation just made.
#[derive(Clone)]
pub struct MadeInvite {
    /// The invitation.
    pub invite: Invite,
    /// The secret for the link, shown once.
    pub token: String,
}

/// What somebody who was invited types.
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    /// Name shown to others.
    pub name: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// Password.
    pub password: &'a str,
}

impl Service {
    /// Invites somebody: whoever opens the link first gets the role. The id is made
    /// before the form is sent, so that sending it twice makes one invitation.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor manages people; [`Error::Invalid`] for `email`;
    /// [`Error::Conflict`] `already_made`.
    pub async fn make_invite(
        &self,
        actor: &Actor,
        id: Option<InviteId>,
        role: Role,
        email: &str,
    ) -> Result<MadeInvite, Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        let email = match email.trim() {
            "" => None,
            email => Some(text::email(email).map_err(Error::text("email"))?),
        };
        let (token, hash) = secret::make(&*self.ids, "")?;
        let id = id.map_or_else(|| self.new_id(), |id| id.0);
        let (audit_id, now) = (self.new_id(), self.now());
        let expires_at = now.plus_seconds(DAYS * 24 * 3600);
        let invite = Invite {
            id: InviteId(id),
            email: email.clone(),
            role,
            created_by: Some(actor.name.clone()),
            expires_at,
        };
        let actor = actor.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(email) = &email
                        && has_account(tx, email).await?
                    {
                        return Err(Error::invalid(
                            "email",
                            "Somebody with this address has an account already.",
                        ));
                    }
                    let args = args![
                        id,
                        hash,
                        email.clone(),
                        role.word(),
                        actor.id.0,
                        now.0,
                        expires_at.0
                    ];
                    tx.execute(&INSERT, &args).await.on_unique(
                        "invites.id",
                        "invites_pkey",
                        already_made,
                    )?;
                    let subject = email.as_deref().unwrap_or("whoever opens the link");
                    let detail = json!({"invite": id, "role": role, "expires_at": expires_at});
                    audit::record(tx, audit_id, now, &actor, "invite.made", subject, detail).await
                })
            })
            .await?;
        Ok(MadeInvite { invite, token })
    }

    /// Invitations that nobody used yet, newest first; those that expired stay for a month.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor manages people.
    pub async fn invites(&self, actor: &Actor) -> Result<Vec<Invite>, Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        let since = self.now().plus_seconds(-30 * 24 * 3600);
        let rows = self
            .db
            .reader()
            .await?
            .fetch_all(&LIST, &args![since.0])
            .await?;
        rows.iter()
            .map(|row| from_row(row, row.opt_text("created_by")?))
            .collect()
    }

    /// Ends an invitation at once. Does nothing when it was used or has ended.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor manages people; [`Error::NotFound`].
    pub async fn revoke_invite(&self, actor: &Actor, invite: InviteId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = tx
                        .fetch_optional(&ABOUT, &args![invite.0])
                        .await?
                        .ok_or(Error::NotFound)?;
                    if tx.execute(&REVOKE, &args![invite.0, now.0]).await? == 1 {
                        let email = row.opt_text("email")?;
                        let subject = email.as_deref().unwrap_or("whoever opens the link");
                        let detail = json!({"invite": invite, "role": row.text("role")?});
                        audit::record(tx, audit_id, now, &actor, "invite.revoked", subject, detail)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The invitation that a link belongs to, for whoever holds the link.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Conflict`] when it is no longer
    /// good: `link_used`, `link_revoked` or `link_expired`.
    pub async fn invite(&self, token: &str) -> Result<Invite, Error> {
        let row = self
            .db
            .reader()
            .await?
            .fetch_optional(&FIND, &args![secret::hash(token)])
            .await?;
        let row = row.ok_or(Error::NotFound)?;
        let dead = |code, message: &str| Error::Conflict {
            code,
            message: message.to_owned(),
        };
        if row.opt_int("used_at")?.is_some() {
            return Err(dead(
                "link_used",
                "This link has been used. If it was you, sign in.",
            ));
        }
        if row.opt_int("revoked_at")?.is_some() {
            return Err(dead(
                "link_revoked",
                "This link has been taken back. Ask for a new one.",
            ));
        }
        if row.int("expires_at")? <= self.now().0 {
            return Err(dead(
                "link_expired",
                "This link has expired. Ask for a new one.",
            ));
        }
        if row.opt_uuid("created_by")?.is_none() && self.has_admin().await? {
            return Err(dead(
                "link_used",
                "Rideout has been set up already. Sign in.",
            ));
        }
        from_row(&row, row.opt_text("name")?)
    }

    /// Makes the account that a link invites to and signs in, all or nothing, once.
    ///
    /// # Errors
    /// Those of [`invite`](Self::invite); [`Error::Invalid`] for `name`, `email` and `password`.
    pub async fn accept_invite(
        &self,
        token: &str,
        new: NewAccount<'_>,
        visit: Visit<'_>,
    ) -> Result<SignedIn, Error> {
        let invite = self.invite(token).await?;
        let (name, email) = newcomer::check(new.name, new.email, new.password)?;
        if invite.email.as_ref().is_some_and(|only| *only != email) {
            return Err(Error::invalid(
                "email",
                "This invitation is for another address.",
            ));
        }
        let hash = self.accounts.hasher.hash(&*self.ids, new.password).await?;
        let fresh = self.fresh_session(visit)?;
        let (user, now) = (UserId(self.new_id()), self.now());
        let ids = [self.new_id(), self.new_id()];
        let first = invite.created_by.is_none();
        let actor = Actor {
            id: user,
            name,
            role: invite.role,
            address: visit.address.to_owned(),
        };
        let taken = Error::Conflict {
            code: "link_used",
            message: "This link has just been used. If it was you, sign in.".to_owned(),
        };
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if first {
                        tx.fetch_optional(&LOCK_PEOPLE, &args![]).await?;
                        if tx.fetch_optional(&HAS_ADMIN, &args![]).await?.is_some() {
                            return Err(taken);
                        }
                    }
                    let args = args![
                        user.0,
                        email.as_str(),
                        actor.name.as_str(),
                        actor.role.word(),
                        hash,
                        now.0
                    ];
                    tx.execute(&person::INSERT, &args).await.on_unique(
                        "users.email",
                        "users_email_key",
                        newcomer::email_taken,
                    )?;
                    if tx.execute(&USE, &args![invite.id.0, now.0, user.0]).await? != 1 {
                        return Err(taken);
                    }
                    let action = if first { "setup.used" } else { "invite.used" };
                    let detail = json!({"invite": invite.id, "user": user, "role": actor.role});
                    audit::record_by(tx, ids[0], now, By::from(&actor), action, &email, detail)
                        .await?;
                    // A moment later, so that the log tells it in this order.
                    let then = Timestamp(now.0.saturating_add(1));
                    audit::record(
                        tx,
                        ids[1],
                        then,
                        &actor,
                        "login.ok",
                        &actor.name,
                        fresh.detail(),
                    )
                    .await?;
                    fresh.begin(tx, actor.clone()).await
                })
            })
            .await
    }
}

fn from_row(row: &Row, created_by: Option<String>) -> Result<Invite, Error> {
    Ok(Invite {
        id: InviteId(row.uuid("id")?),
        email: row.opt_text("email")?,
        role: row.text("role")?.parse().map_err(Error::internal)?,
        created_by,
        expires_at: Timestamp(row.int("expires_at")?),
    })
}

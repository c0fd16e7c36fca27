//! People: who there is, their roles, and who may no longer come in.

use super::{
    audit::{self, Author},
    invite::REVOKE_BY,
    session::end_all,
};
use crate::{
    Error, Service, args,
    db::{LiveEvent, Row, Tx},
    statements,
};
use rideout_domain::{Action, Actor, Role, Timestamp, UserId, text};
use serde_json::json;

statements! {
    /// Serialises what must leave an admin on PostgreSQL; SQLite has one writer anyway.
    LOCK_PEOPLE = sqlite "SELECT 1" postgres "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7240302)) AS held";
    /// Whether there is an admin in good standing.
    HAS_ADMIN = "SELECT 1 AS yes FROM users WHERE role = 'admin' AND disabled_at IS NULL LIMIT 1";
    /// Whether there is another one.
    HAS_OTHER_ADMIN = "SELECT 1 AS yes FROM users WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1 LIMIT 1";
    /// Adds a person.
    INSERT = "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// One person.
    FIND = "SELECT id, email, name, role, disabled_at FROM users WHERE id = $1";
    /// Everybody in good standing, by name.
    PEOPLE = "SELECT id, name, role FROM users WHERE disabled_at IS NULL ORDER BY lower(name), id";
    /// Everybody, by name, with the last sign of life.
    LIST = "SELECT u.id, u.email, u.name, u.role, u.created_at, u.disabled_at, (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at FROM users u ORDER BY (CASE WHEN u.disabled_at IS NULL THEN 0 ELSE 1 END), lower(u.name), u.id";
    /// One person in good standing, with the last sign of life.
    PROFILE = "SELECT u.id, u.email, u.name, u.role, u.created_at, u.disabled_at, (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at FROM users u WHERE u.id = $1 AND u.disabled_at IS NULL";
    /// Changes a role.
    SET_ROLE = "UPDATE users SET role = $2 WHERE id = $1";
    /// Shuts out, or lets in again.
    SET_DISABLED = "UPDATE users SET disabled_at = $2 WHERE id = $1";
    /// Changes a name.
    SET_NAME = "UPDATE users SET name = $2 WHERE id = $1";
    /// Replaces a password.
    SET_PASSWORD = "UPDATE users SET password_hash = $2 WHERE id = $1";
}

/// Somebody who can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Person {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Role in the organisation.
    pub role: Role,
}

/// Somebody with an account, for admins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPerson {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Role in the organisation.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when shut out.
    pub disabled_at: Option<Timestamp>,
    /// Last use of a session.
    pub last_seen_at: Option<Timestamp>,
}

/// What is known of somebody before a change.
pub(super) struct Before {
    pub(super) id: UserId,
    pub(super) email: String,
    pub(super) name: String,
    role: Role,
    disabled: bool,
}

impl Before {
    pub(super) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId(row.uuid("id")?),
            email: row.text("email")?,
            name: row.text("name")?,
            role: row.text("role")?.parse().map_err(Error::internal)?,
            disabled: row.opt_int("disabled_at")?.is_some(),
        })
    }

    async fn find(tx: &mut Tx, id: UserId) -> Result<Self, Error> {
        tx.fetch_optional(&LOCK_PEOPLE, &args![]).await?;
        let row = tx.fetch_optional(&FIND, &args![id.0]).await?;
        Self::from_row(&row.ok_or(Error::NotFound)?)
    }

    /// Refuses when nobody else could manage people.
    async fn another_admin(&self, tx: &mut Tx) -> Result<(), Error> {
        if self.role == Role::Admin
            && !self.disabled
            && tx
                .fetch_optional(&HAS_OTHER_ADMIN, &args![self.id.0])
                .await?
                .is_none()
        {
            return Err(Error::Conflict {
                code: "last_admin",
                message: format!(
                    "{} is the only admin. Make somebody else an admin first.",
                    self.name
                ),
            });
        }
        Ok(())
    }
}

impl Service {
    /// Everybody who can be chosen, by name: those in good standing.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        let rows = self.db.reader().await?.fetch_all(&PEOPLE, &args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(Person {
                    id: UserId(row.uuid("id")?),
                    name: row.text("name")?,
                    role: row.text("role")?.parse().map_err(Error::internal)?,
                })
            })
            .collect()
    }

    /// What there is to know of the actor themselves.
    ///
    /// # Errors
    /// [`Error::SignInNeeded`] when the account was disabled meanwhile.
    pub async fn profile(&self, actor: &Actor) -> Result<ListedPerson, Error> {
        let row = self
            .db
            .reader()
            .await?
            .fetch_optional(&PROFILE, &args![actor.id.0])
            .await?;
        listed(&row.ok_or(Error::SignInNeeded)?)
    }

    /// Everybody with an account, those shut out last.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor manages people.
    pub async fn people_list(&self, actor: &Actor) -> Result<Vec<ListedPerson>, Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        self.everybody().await
    }

    pub(super) async fn everybody(&self) -> Result<Vec<ListedPerson>, Error> {
        let rows = self.db.reader().await?.fetch_all(&LIST, &args![]).await?;
        rows.iter().map(listed).collect()
    }

    /// Changes somebody's role, from their next request on.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Conflict`] `last_admin`.
    pub async fn set_role(&self, actor: &Actor, user: UserId, role: Role) -> Result<(), Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        self.write_role(Author::from(actor), user, role).await
    }

    pub(super) async fn write_role(
        &self,
        by: Author,
        user: UserId,
        role: Role,
    ) -> Result<(), Error> {
        let (now, audit_id) = (self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let before = Before::find(tx, user).await?;
                    if before.role == role {
                        return Ok(());
                    }
                    before.another_admin(tx).await?;
                    tx.execute(&SET_ROLE, &args![user.0, role.word()]).await?;
                    let revoked = tx.execute(&REVOKE_BY, &args![user.0, now.0]).await?;
                    let detail = json!({
                        "user": user, "from": before.role, "to": role, "invites_revoked": revoked,
                    });
                    audit::record_by(
                        tx,
                        audit_id,
                        now,
                        by.by(),
                        "user.role",
                        &before.email,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Shuts somebody out at once: sessions end, tokens and open invitations are no longer good.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Conflict`] `yourself` or `last_admin`.
    pub async fn disable_person(&self, actor: &Actor, user: UserId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        if actor.id == user {
            return Err(Error::Conflict {
                code: "yourself",
                message: "You cannot disable your own account. Another admin can.".to_owned(),
            });
        }
        self.write_disabled(Author::from(actor), user).await
    }

    pub(super) async fn write_disabled(&self, by: Author, user: UserId) -> Result<(), Error> {
        let (now, audit_id) = (self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let before = Before::find(tx, user).await?;
                    if before.disabled {
                        return Ok(());
                    }
                    before.another_admin(tx).await?;
                    tx.execute(&SET_DISABLED, &args![user.0, now.0]).await?;
                    let sessions = end_all(tx, user, now).await?;
                    let invites = tx.execute(&REVOKE_BY, &args![user.0, now.0]).await?;
                    let detail = json!({
                        "user": user, "sessions_ended": sessions, "invites_revoked": invites,
                    });
                    audit::record_by(
                        tx,
                        audit_id,
                        now,
                        by.by(),
                        "user.disabled",
                        &before.email,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Lets somebody in again, with the password they had.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn enable_person(&self, actor: &Actor, user: UserId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        self.write_enabled(Author::from(actor), user).await
    }

    pub(super) async fn write_enabled(&self, by: Author, user: UserId) -> Result<(), Error> {
        let (now, audit_id) = (self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let before = Before::find(tx, user).await?;
                    if !before.disabled {
                        return Ok(());
                    }
                    tx.execute(&SET_DISABLED, &args![user.0, None::<i64>])
                        .await?;
                    let detail = json!({"user": user});
                    audit::record_by(
                        tx,
                        audit_id,
                        now,
                        by.by(),
                        "user.enabled",
                        &before.email,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Ends all sessions of somebody; tells how many.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn end_sessions_of(&self, actor: &Actor, user: UserId) -> Result<u64, Error> {
        Error::authorise(actor, Action::ManagePeople)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let before = Before::find(tx, user).await?;
                    let ended = end_all(tx, user, now).await?;
                    let detail = json!({"user": user, "sessions": ended});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "session.all_ended",
                        &before.email,
                        detail,
                    )
                    .await?;
                    Ok(ended)
                })
            })
            .await
    }

    /// Changes the actor's own name. Every room shows the new one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `name`.
    pub async fn rename(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        let name = text::line("The name", name, text::NAME_MAX).map_err(Error::text("name"))?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        let forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let before = Before::find(tx, actor.id).await?;
                    if before.name == name {
                        return Ok(());
                    }
                    tx.execute(&SET_NAME, &args![actor.id.0, name.as_str()])
                        .await?;
                    tx.after_commit(LiveEvent::RESYNC);
                    let detail = json!({"from": before.name, "to": name});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "user.renamed",
                        &actor.name,
                        detail,
                    )
                    .await
                })
            })
            .await?;
        drop(forget);
        self.names_changed();
        Ok(())
    }
}

fn listed(row: &Row) -> Result<ListedPerson, Error> {
    Ok(ListedPerson {
        id: UserId(row.uuid("id")?),
        name: row.text("name")?,
        email: row.text("email")?,
        role: row.text("role")?.parse().map_err(Error::internal)?,
        created_at: Timestamp(row.int("created_at")?),
        disabled_at: row.opt_int("disabled_at")?.map(Timestamp),
        last_seen_at: row.opt_int("last_seen_at")?.map(Timestamp),
    })
}

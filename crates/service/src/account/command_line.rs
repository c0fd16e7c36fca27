//! People on the command line: for whoever runs the server, whom no role limits.

use super::{
    audit::{self, Author},
    newcomer::{check, email_taken},
    password,
    person::{Before, INSERT, ListedPerson, SET_PASSWORD},
    session::end_all,
};
use crate::{Error, Service, args, db::ResultExt as _, statements};
use rideout_domain::{Role, UserId, text};
use serde_json::json;

statements! {
    /// One person, by address.
    FIND_BY_EMAIL = "SELECT id, email, name, role, disabled_at FROM users WHERE email = $1";
}

/// A person made on the command line.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Name shown to others.
    pub name: &'a str,
    /// Role in the organisation.
    pub role: Role,
    /// Password.
    pub password: &'a str,
}

impl Service {
    /// Makes an account.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `email`, `name` and `password`.
    pub async fn user_create(&self, new: NewUser<'_>) -> Result<UserId, Error> {
        let (name, email) = check(new.name, new.email, new.password)?;
        let hash = self.accounts.hasher.hash(&*self.ids, new.password).await?;
        let (id, audit_id, now, role) = (self.new_id(), self.new_id(), self.now(), new.role);
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(
                        &INSERT,
                        &args![id, email.as_str(), name, role.word(), hash, now.0],
                    )
                    .await
                    .on_unique(
                        "users.email",
                        "users_email_key",
                        email_taken,
                    )?;
                    let detail = json!({"user": id, "role": role});
                    audit::record_by(
                        tx,
                        audit_id,
                        now,
                        audit::COMMAND_LINE,
                        "user.created",
                        &email,
                        detail,
                    )
                    .await
                })
            })
            .await?;
        Ok(UserId(id))
    }

    /// Sets somebody's password and ends their sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for `email` and `password`.
    pub async fn user_password(&self, email: &str, password: &str) -> Result<(), Error> {
        let person = self.user_by_email(email).await?;
        password::check("password", password, &person.email, &person.name)?;
        let hash = self.accounts.hasher.hash(&*self.ids, password).await?;
        let (audit_id, now) = (self.new_id(), self.now());
        let _forget = self.accounts.known.forget_after();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&SET_PASSWORD, &args![person.id.0, hash]).await?;
                    let ended = end_all(tx, person.id, now).await?;
                    let detail = json!({"user": person.id, "sessions_ended": ended});
                    audit::record_by(
                        tx,
                        audit_id,
                        now,
                        audit::COMMAND_LINE,
                        "password.set",
                        &person.email,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Everybody with an account, those shut out last.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn user_list(&self) -> Result<Vec<ListedPerson>, Error> {
        self.everybody().await
    }

    /// Changes somebody's role.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `last_admin`.
    pub async fn user_role(&self, email: &str, role: Role) -> Result<(), Error> {
        let person = self.user_by_email(email).await?;
        self.write_role(Author::command_line(), person.id, role)
            .await
    }

    /// Shuts somebody out at once.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `last_admin`.
    pub async fn user_disable(&self, email: &str) -> Result<(), Error> {
        let person = self.user_by_email(email).await?;
        self.write_disabled(Author::command_line(), person.id).await
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn user_enable(&self, email: &str) -> Result<(), Error> {
        let person = self.user_by_email(email).await?;
        self.write_enabled(Author::command_line(), person.id).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Before, Error> {
        let email = text::email(email).map_err(Error::text("email"))?;
        let row = self
            .db
            .reader()
            .await?
            .fetch_optional(&FIND_BY_EMAIL, &args![email])
            .await?;
        Before::from_row(&row.ok_or(Error::NotFound)?)
    }
}

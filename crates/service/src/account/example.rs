//! The way in without a password, for the throw-away file of the example only.

use super::{
    audit,
    person::Person,
    session::{SignedIn, Visit, actor},
};
use crate::{Error, Service, args, statements};
use rideout_domain::UserId;
use serde_json::json;

statements! {
    /// Whether this database holds the example.
    IS_EXAMPLE = "SELECT 1 AS yes FROM meta WHERE key = 'example' AND value = '1'";
    /// A person of the example.
    PERSON = "SELECT id, name, role FROM users WHERE id = $1 AND disabled_at IS NULL";
}

impl Service {
    /// Whether this database holds the example.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn is_example(&self) -> Result<bool, Error> {
        Ok(self
            .db
            .reader()
            .await?
            .fetch_optional(&IS_EXAMPLE, &args![])
            .await?
            .is_some())
    }

    /// Whom one may enter the example as.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless this database holds the example.
    pub async fn example_people(&self) -> Result<Vec<Person>, Error> {
        if !self.is_example().await? {
            return Err(Error::NotFound);
        }
        self.people().await
    }

    /// Signs in as somebody of the example, without a password.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless this database holds the example, and them in it.
    pub async fn enter_as_example(
        &self,
        user: UserId,
        visit: Visit<'_>,
    ) -> Result<SignedIn, Error> {
        let fresh = self.fresh_session(visit)?;
        let (now, audit_id, address) = (self.now(), self.new_id(), visit.address.to_owned());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&IS_EXAMPLE, &args![])
                        .await?
                        .ok_or(Error::NotFound)?;
                    let row = tx
                        .fetch_optional(&PERSON, &args![user.0])
                        .await?
                        .ok_or(Error::NotFound)?;
                    let actor = actor(&row, "id", &address)?;
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "example.entered",
                        &actor.name,
                        json!({}),
                    )
                    .await?;
                    fresh.begin(tx, actor).await
                })
            })
            .await
    }
}

//! The set-up link: an invitation to be the first admin, made by nobody.

use super::{
    audit,
    person::{HAS_ADMIN, LOCK_PEOPLE},
};
use crate::{Error, Service, args, secret, statements};
use rideout_domain::Role;
use serde_json::json;

/// Days that a set-up link is good for; a restart makes another.
const DAYS: i64 = 7;

statements! {
    /// Ends set-up links made earlier.
    REVOKE_OLDER = "UPDATE invites SET revoked_at = $1 WHERE created_by IS NULL AND used_at IS NULL AND revoked_at IS NULL";
    /// Adds a set-up link.
    INSERT = "INSERT INTO invites (id, token_hash, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
}

impl Service {
    /// The secret of a new set-up link, or `None` when there is an admin.
    /// Links made earlier cease to be good.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn setup_link(&self) -> Result<Option<String>, Error> {
        if self.has_admin().await? {
            return Ok(None);
        }
        let (token, hash) = secret::make(&*self.ids, "")?;
        let (id, audit_id, now) = (self.new_id(), self.new_id(), self.now());
        let made = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&LOCK_PEOPLE, &args![]).await?;
                    if tx.fetch_optional(&HAS_ADMIN, &args![]).await?.is_some() {
                        return Ok(false);
                    }
                    tx.execute(&REVOKE_OLDER, &args![now.0]).await?;
                    let expires_at = now.plus_seconds(DAYS * 24 * 3600);
                    tx.execute(
                        &INSERT,
                        &args![id, hash, Role::Admin.word(), now.0, expires_at.0],
                    )
                    .await?;
                    let detail = json!({"invite": id, "expires_at": expires_at});
                    audit::record_by(
                        tx,
                        audit_id,
                        now,
                        audit::SERVER,
                        "setup.made",
                        "set-up link",
                        detail,
                    )
                    .await?;
                    Ok::<_, Error>(true)
                })
            })
            .await?;
        Ok(made.then_some(token))
    }

    /// Whether there is an admin, and so whether set-up is done.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn has_admin(&self) -> Result<bool, Error> {
        Ok(self
            .db
            .reader()
            .await?
            .fetch_optional(&HAS_ADMIN, &args![])
            .await?
            .is_some())
    }
}

//! What a service relies on.

use super::{registry, too_many};
use crate::{Error, Service, account::audit, args, statements};
use rideout_domain::{Action, Actor, ServiceId, directory::DEPENDENCIES_MAX};
use serde_json::json;

statements! {
    /// How many dependencies a service has.
    COUNT = "SELECT COUNT(*) AS n FROM service_dependencies d JOIN services s ON s.id = d.dependency_id WHERE d.service_id = $1 AND s.archived_at IS NULL";
    /// Adds a dependency, or changes whether it is hard.
    PUT = "INSERT INTO service_dependencies (service_id, dependency_id, hard) VALUES ($1, $2, $3) ON CONFLICT (service_id, dependency_id) DO UPDATE SET hard = excluded.hard";
    /// Takes a dependency away.
    DELETE = "DELETE FROM service_dependencies WHERE service_id = $1 AND dependency_id = $2";
}

impl Service {
    /// Says that a service relies on another, and whether it fails with it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] for `dependency`,
    /// [`Error::Conflict`] `too_many`.
    pub async fn put_dependency(
        &self,
        actor: &Actor,
        id: ServiceId,
        dependency: ServiceId,
        hard: bool,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        if id == dependency {
            return Err(Error::invalid(
                "dependency",
                "A service does not rely on itself: choose another one.",
            ));
        }
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let service = registry::find(tx, id).await?;
                    let Some(other) = registry::find_optional(tx, dependency).await? else {
                        return Err(Error::invalid(
                            "dependency",
                            "There is no such service any more.",
                        ));
                    };
                    let count = tx.fetch_one(&COUNT, &args![id.0]).await?;
                    tx.execute(&PUT, &args![id.0, dependency.0, hard]).await?;
                    let after = tx.fetch_one(&COUNT, &args![id.0]).await?;
                    if after.int("n")? > count.int("n")? && after.int("n")? > DEPENDENCIES_MAX {
                        return Err(too_many("dependencies", DEPENDENCIES_MAX));
                    }
                    let detail = json!({"service": id, "relies_on": other.name, "hard": hard});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "service.dependency_put",
                        &service.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Says that a service no longer relies on another.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn remove_dependency(
        &self,
        actor: &Actor,
        id: ServiceId,
        dependency: ServiceId,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let service = registry::find(tx, id).await?;
                    let removed = tx.execute(&DELETE, &args![id.0, dependency.0]).await?;
                    if removed == 0 {
                        return Err(Error::NotFound);
                    }
                    let detail = json!({"service": id, "no_longer_relies_on": dependency});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "service.dependency_removed",
                        &service.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }
}

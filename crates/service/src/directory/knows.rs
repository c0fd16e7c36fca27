//! Who knows what an incident affects, and what that relies on.

use super::{Component, Named, Registered, component, registry, team};
use crate::{Error, Service, db::Conn};
use rideout_domain::{Action, Actor, ServiceId};

/// A service, and the people around it who can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The service; its owner has an account in good standing.
    pub service: Registered,
    /// Who is in the team that runs it.
    pub members: Vec<Named>,
    /// Its components with owners and experts.
    pub components: Vec<Component>,
}

/// An affected service, and what it relies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knows {
    /// The affected service.
    pub affected: Known,
    /// What it relies on, hard dependencies first, with whether each is hard.
    pub relies_on: Vec<(bool, Known)>,
}

impl Service {
    /// What is known of the services that an incident names, in its order.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn known_services(
        &self,
        actor: &Actor,
        services: &[String],
    ) -> Result<Vec<Knows>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        knowing(&mut *self.db.snapshot().await?, services).await
    }
}

/// The registered services among those that an incident names, in its order,
/// each once, with everybody who can be called about them.
///
/// # Errors
/// Only those of the database.
pub async fn knowing(conn: &mut Conn, services: &[String]) -> Result<Vec<Knows>, Error> {
    let mut found: Vec<Knows> = Vec::new();
    for name in services {
        let Some(service) = registry::find_named(conn, name).await? else {
            continue;
        };
        if found.iter().any(|k| k.affected.service.id == service.id) {
            continue;
        }
        let id: ServiceId = service.id;
        let affected = known(conn, service).await?;
        let mut relies_on = Vec::new();
        for dependency in registry::relies_on(conn, id).await? {
            relies_on.push((dependency.hard, known(conn, dependency.service).await?));
        }
        found.push(Knows {
            affected,
            relies_on,
        });
    }
    Ok(found)
}

async fn known(conn: &mut Conn, mut service: Registered) -> Result<Known, Error> {
    service.owner = service.owner.filter(|o| o.active);
    let mut members = match &service.team {
        Some(team) => team::members_of(conn, team.id).await?,
        None => Vec::new(),
    };
    members.retain(|m| m.active);
    let mut components = component::components_of(conn, service.id).await?;
    for component in &mut components {
        component.owner = component.owner.take().filter(|o| o.active);
        component.experts.retain(|e| e.active);
    }
    Ok(Known {
        service,
        members,
        components,
    })
}

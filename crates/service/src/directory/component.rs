//! The components of a service: who owns each, and who knows it well.

use super::{Named, Wrong, description, distinct, name, people_exist, registry};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, Row, Tx},
    statements,
};
use rideout_domain::{
    Action, Actor, ComponentId, ServiceId, UserId,
    directory::{COMPONENTS_MAX, EXPERTS_MAX, key},
};
use serde_json::json;
use std::collections::HashMap;

statements! {
    /// The components of a service, by name.
    OF = "SELECT c.id, c.service_id, c.name, c.description, c.owner_id, o.name AS owner, o.disabled_at AS owner_disabled_at FROM components c LEFT JOIN users o ON o.id = c.owner_id WHERE c.service_id = $1 AND c.archived_at IS NULL ORDER BY lower(c.name), c.id";
    /// One component of a service.
    FIND = "SELECT c.id, c.service_id, c.name, c.description, c.owner_id, o.name AS owner, o.disabled_at AS owner_disabled_at FROM components c LEFT JOIN users o ON o.id = c.owner_id WHERE c.id = $1 AND c.service_id = $2 AND c.archived_at IS NULL";
    /// The experts of a service's components, by name.
    EXPERTS = "SELECT e.component_id, u.id, u.name, u.disabled_at FROM component_experts e JOIN components c ON c.id = e.component_id JOIN users u ON u.id = e.user_id WHERE c.service_id = $1 ORDER BY lower(u.name), u.id";
    /// Whether a component was made, even if it is archived.
    EXISTS = "SELECT 1 AS yes FROM components WHERE id = $1";
    /// Adds a component.
    INSERT = "INSERT INTO components (id, service_id, name, description, owner_id) VALUES ($1, $2, $3, $4, $5)";
    /// Changes a component.
    UPDATE = "UPDATE components SET name = $2, description = $3, owner_id = $4 WHERE id = $1";
    /// Archives a component.
    ARCHIVE = "UPDATE components SET archived_at = $2 WHERE id = $1";
    /// Takes all experts away, but for people who may get their account back.
    CLEAR = "DELETE FROM component_experts WHERE component_id = $1 AND user_id IN (SELECT id FROM users WHERE disabled_at IS NULL)";
    /// Adds an expert.
    ADD = "INSERT INTO component_experts (component_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}

/// A component of a service.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Component {
    /// Identifier.
    pub id: ComponentId,
    /// Name.
    pub name: String,
    /// What it does; may be empty.
    pub description: String,
    /// Who answers for it.
    pub owner: Option<Named>,
    /// Who knows it well, by name.
    pub experts: Vec<Named>,
}

/// What a component is made of, or changed to.
#[derive(Debug, Clone, Default)]
pub struct NewComponent {
    /// Name.
    pub name: String,
    /// What it does; may be empty.
    pub description: String,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// Who knows it well.
    pub experts: Vec<UserId>,
}

impl NewComponent {
    fn checked(&self) -> Result<Self, Error> {
        let mut wrong = Wrong::default();
        let checked = Self {
            name: wrong.take(name("The name", &self.name))?,
            description: wrong.take(description(&self.description))?,
            owner: self.owner,
            experts: wrong.take(distinct("experts", &self.experts, EXPERTS_MAX))?,
        };
        wrong.none()?;
        Ok(checked)
    }
}

impl Service {
    /// Adds a component to a service. With an id made by the client, a retry adds no second one.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Conflict`] `too_many`.
    pub async fn make_component(
        &self,
        actor: &Actor,
        service: ServiceId,
        id: Option<ComponentId>,
        new: &NewComponent,
    ) -> Result<ComponentId, Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let id = id.unwrap_or_else(|| ComponentId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let of = registry::find(tx, service).await?;
                    if tx.fetch_optional(&EXISTS, &args![id.0]).await?.is_some() {
                        return Ok(id);
                    }
                    let others = components_of(tx, service).await?;
                    if i64::try_from(others.len()).unwrap_or(i64::MAX) >= COMPONENTS_MAX {
                        return Err(super::too_many("components", COMPONENTS_MAX));
                    }
                    alone(&others, id, &new.name)?;
                    let owner: Vec<_> = new.owner.into_iter().collect();
                    people_exist(tx, "owner", &owner).await?;
                    tx.execute(
                        &INSERT,
                        &args![
                            id.0,
                            service.0,
                            &new.name,
                            &new.description,
                            new.owner.map(|o| o.0)
                        ],
                    )
                    .await?;
                    put_experts(tx, id, &new.experts).await?;
                    let detail = detail(&of.name, id, &new);
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "component.made",
                        &new.name,
                        detail,
                    )
                    .await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Changes a component.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change_component(
        &self,
        actor: &Actor,
        service: ServiceId,
        id: ComponentId,
        new: &NewComponent,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let of = registry::find(tx, service).await?;
                    let before = find(tx, service, id).await?;
                    alone(&components_of(tx, service).await?, id, &new.name)?;
                    // Somebody whose account was disabled stays the owner until another is chosen.
                    let kept = before.owner.as_ref().map(|o| o.id);
                    let owner: Vec<_> =
                        new.owner.filter(|o| Some(*o) != kept).into_iter().collect();
                    people_exist(tx, "owner", &owner).await?;
                    tx.execute(
                        &UPDATE,
                        &args![id.0, &new.name, &new.description, new.owner.map(|o| o.0)],
                    )
                    .await?;
                    tx.execute(&CLEAR, &args![id.0]).await?;
                    put_experts(tx, id, &new.experts).await?;
                    let detail = detail(&of.name, id, &new);
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "component.changed",
                        &before.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Archives a component.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn archive_component(
        &self,
        actor: &Actor,
        service: ServiceId,
        id: ComponentId,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let before = find(tx, service, id).await?;
                    tx.execute(&ARCHIVE, &args![id.0, now.0]).await?;
                    let detail = json!({"component": id});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "component.archived",
                        &before.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }
}

fn detail(service: &str, id: ComponentId, new: &NewComponent) -> serde_json::Value {
    json!({
        "component": id, "of": service, "name": new.name, "owner": new.owner,
        "experts": new.experts,
    })
}

/// Refuses a name that another component of the service has.
fn alone(others: &[Component], id: ComponentId, name: &str) -> Result<(), Error> {
    if others
        .iter()
        .any(|c| c.id != id && key(&c.name) == key(name))
    {
        return Err(Error::invalid(
            "name",
            "Another component of this service has this name.",
        ));
    }
    Ok(())
}

async fn put_experts(tx: &mut Tx, id: ComponentId, experts: &[UserId]) -> Result<(), Error> {
    people_exist(tx, "experts", experts).await?;
    for expert in experts {
        tx.execute(&ADD, &args![id.0, expert.0]).await?;
    }
    Ok(())
}

async fn find(conn: &mut Conn, service: ServiceId, id: ComponentId) -> Result<Component, Error> {
    let row = conn
        .fetch_optional(&FIND, &args![id.0, service.0])
        .await?
        .ok_or(Error::NotFound)?;
    from_row(&row)
}

/// The components of a service with their experts, by name.
pub(super) async fn components_of(
    conn: &mut Conn,
    service: ServiceId,
) -> Result<Vec<Component>, Error> {
    let mut experts: HashMap<_, Vec<Named>> = HashMap::new();
    for row in conn.fetch_all(&EXPERTS, &args![service.0]).await? {
        let component = ComponentId(row.uuid("component_id")?);
        experts
            .entry(component)
            .or_default()
            .push(Named::from_row(&row)?);
    }
    let rows = conn.fetch_all(&OF, &args![service.0]).await?;
    rows.iter()
        .map(|row| {
            let mut component = from_row(row)?;
            component.experts = experts.remove(&component.id).unwrap_or_default();
            Ok(component)
        })
        .collect()
}

fn from_row(row: &Row) -> Result<Component, Error> {
    Ok(Component {
        id: ComponentId(row.uuid("id")?),
        name: row.text("name")?,
        description: row.text("description")?,
        owner: Named::owner(row)?,
        experts: Vec::new(),
    })
}

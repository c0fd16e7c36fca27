//! Services and dependencies: who owns each, who is called, what relies on what.

use super::{
    Component, Named, Ref, Wrong, component, description, name, people_exist, reference, too_many,
};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, ResultExt as _, Row, Tx},
    statements,
};
use rideout_domain::{
    Action, Actor, PolicyId, ServiceId, ServiceKind, TeamId, UserId,
    directory::{self, CONTACT_MAX, RESPONSE_MAX, SERVICES_MAX},
    text,
};
use serde_json::json;

/// The columns of a service and of what it refers to.
macro_rules! columns {
    () => {
        "s.id, s.name, s.description, s.kind, s.contact, s.response_minutes, s.team_id, t.name AS team, s.owner_id, o.name AS owner, o.disabled_at AS owner_disabled_at, s.policy_id, p.name AS policy"
    };
}
/// What a service refers to.
macro_rules! joins {
    () => {
        " LEFT JOIN teams t ON t.id = s.team_id AND t.archived_at IS NULL LEFT JOIN users o ON o.id = s.owner_id LEFT JOIN escalation_policies p ON p.id = s.policy_id AND p.archived_at IS NULL"
    };
}

statements! {
    /// All services, ours first, by name.
    LIST = (concat!("SELECT ", columns!(), " FROM services s", joins!(), " WHERE s.archived_at IS NULL ORDER BY s.kind DESC, s.key"));
    /// One service.
    FIND = (concat!("SELECT ", columns!(), " FROM services s", joins!(), " WHERE s.id = $1 AND s.archived_at IS NULL"));
    /// A service by its name in lower case.
    FIND_KEY = (concat!("SELECT ", columns!(), " FROM services s", joins!(), " WHERE s.key = $1 AND s.archived_at IS NULL"));
    /// What a service relies on, hard dependencies first.
    RELIES_ON = (concat!("SELECT ", columns!(), ", d.hard FROM service_dependencies d JOIN services s ON s.id = d.dependency_id", joins!(), " WHERE d.service_id = $1 AND s.archived_at IS NULL ORDER BY d.hard DESC, s.key"));
    /// What relies on a service, hard dependencies first.
    RELIED_ON_BY = (concat!("SELECT ", columns!(), ", d.hard FROM service_dependencies d JOIN services s ON s.id = d.service_id", joins!(), " WHERE d.dependency_id = $1 AND s.archived_at IS NULL ORDER BY d.hard DESC, s.key"));
    /// Whether a service was made, even if it is archived.
    EXISTS = "SELECT 1 AS yes FROM services WHERE id = $1";
    /// Names, for those who declare.
    NAMES = "SELECT name FROM services WHERE archived_at IS NULL ORDER BY kind DESC, key";
    /// How many services there are.
    COUNT = "SELECT COUNT(*) AS n FROM services WHERE archived_at IS NULL";
    /// Adds a service.
    INSERT = "INSERT INTO services (id, name, key, description, kind, team_id, owner_id, policy_id, contact, response_minutes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Changes a service.
    UPDATE = "UPDATE services SET name = $2, key = $3, description = $4, kind = $5, team_id = $6, owner_id = $7, policy_id = $8, contact = $9, response_minutes = $10 WHERE id = $1";
    /// Archives a service.
    ARCHIVE = "UPDATE services SET archived_at = $2 WHERE id = $1";
    /// Whether a team is there.
    HAS_TEAM = "SELECT 1 AS yes FROM teams WHERE id = $1 AND archived_at IS NULL";
    /// Whether a policy is there.
    HAS_POLICY = "SELECT 1 AS yes FROM escalation_policies WHERE id = $1 AND archived_at IS NULL";
}

/// A registered service or dependency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Registered {
    /// Identifier.
    pub id: ServiceId,
    /// Name, by which an incident's services are matched.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// Ours, or somebody else's.
    pub kind: ServiceKind,
    /// The team that runs it.
    pub team: Option<Ref<TeamId>>,
    /// Who answers for it.
    pub owner: Option<Named>,
    /// Its own escalation policy; else the default one holds.
    pub policy: Option<Ref<PolicyId>>,
    /// How its people are reached outside Rideout; may be empty.
    pub contact: String,
    /// Minutes in which they have promised to answer.
    pub response_minutes: Option<u32>,
}

/// A dependency, from either side.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Dependency {
    /// Whether one fails when the other does.
    pub hard: bool,
    /// The service at the other end.
    pub service: Registered,
}

/// A service with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RegisteredPage {
    /// The service itself.
    #[serde(flatten)]
    pub service: Registered,
    /// Its components, by name.
    pub components: Vec<Component>,
    /// What it relies on, hard dependencies first.
    pub relies_on: Vec<Dependency>,
    /// What relies on it, hard dependencies first.
    pub relied_on_by: Vec<Dependency>,
}

/// What a service is made of, or changed to.
#[derive(Debug, Clone)]
pub struct NewService {
    /// Name.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// Ours, or somebody else's.
    pub kind: ServiceKind,
    /// The team that runs it.
    pub team: Option<TeamId>,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// Its own escalation policy.
    pub policy: Option<PolicyId>,
    /// How its people are reached outside Rideout; may be empty.
    pub contact: String,
    /// Minutes in which they have promised to answer, 1 to [`RESPONSE_MAX`].
    pub response_minutes: Option<u32>,
}

impl Default for NewService {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            kind: ServiceKind::Service,
            team: None,
            owner: None,
            policy: None,
            contact: String::new(),
            response_minutes: None,
        }
    }
}

impl NewService {
    fn checked(&self) -> Result<Self, Error> {
        let mut wrong = Wrong::default();
        let contact = if self.contact.trim().is_empty() {
            Ok(String::new())
        } else {
            text::line("The contact", &self.contact, CONTACT_MAX).map_err(Error::text("contact"))
        };
        let response = match self.response_minutes {
            Some(minutes) if !(1..=RESPONSE_MAX).contains(&minutes) => Err(Error::invalid(
                "response_minutes",
                "Choose 1 minute to 30 days, or leave it empty when nothing was promised.",
            )),
            other => Ok(other),
        };
        let checked = Self {
            name: wrong.take(name("The name", &self.name))?,
            description: wrong.take(description(&self.description))?,
            contact: wrong.take(contact)?,
            response_minutes: wrong.take(response)?,
            ..self.clone()
        };
        wrong.none()?;
        Ok(checked)
    }

    /// Refuses what refers to nothing.
    async fn refers(&self, tx: &mut Tx) -> Result<(), Error> {
        if let Some(team) = self.team
            && tx
                .fetch_optional(&HAS_TEAM, &args![team.0])
                .await?
                .is_none()
        {
            return Err(Error::invalid("team", "There is no such team any more."));
        }
        if let Some(policy) = self.policy
            && tx
                .fetch_optional(&HAS_POLICY, &args![policy.0])
                .await?
                .is_none()
        {
            return Err(Error::invalid(
                "policy",
                "There is no such escalation policy any more.",
            ));
        }
        if let Some(owner) = self.owner {
            people_exist(tx, "owner", &[owner]).await?;
        }
        Ok(())
    }

    fn detail(&self, id: ServiceId) -> serde_json::Value {
        json!({
            "service": id, "name": self.name, "kind": self.kind, "team": self.team,
            "owner": self.owner, "policy": self.policy,
            "response_minutes": self.response_minutes,
        })
    }
}

impl Service {
    /// All registered services, ours first, by name.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn services(&self, actor: &Actor) -> Result<Vec<Registered>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let rows = self.db.reader().await?.fetch_all(&LIST, &args![]).await?;
        rows.iter().map(from_row).collect()
    }

    /// The names of registered services, for whoever says what is affected.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn service_names(&self, actor: &Actor) -> Result<Vec<String>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let rows = self.db.reader().await?.fetch_all(&NAMES, &args![]).await?;
        rows.iter().map(|row| Ok(row.text("name")?)).collect()
    }

    /// One service with its components and dependencies.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is archived.
    pub async fn registered(&self, actor: &Actor, id: ServiceId) -> Result<RegisteredPage, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let mut conn = self.db.snapshot().await?;
        Ok(RegisteredPage {
            service: find(&mut conn, id).await?,
            components: component::components_of(&mut conn, id).await?,
            relies_on: relies_on(&mut conn, id).await?,
            relied_on_by: dependencies(&conn.fetch_all(&RELIED_ON_BY, &args![id.0]).await?)?,
        })
    }

    /// Registers a service. With an id made by the client, a retry makes no second one.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`], [`Error::Conflict`] `too_many`.
    pub async fn make_service(
        &self,
        actor: &Actor,
        id: Option<ServiceId>,
        new: &NewService,
    ) -> Result<ServiceId, Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let id = id.unwrap_or_else(|| ServiceId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    if tx.fetch_optional(&EXISTS, &args![id.0]).await?.is_some() {
                        return Ok(id);
                    }
                    if tx.fetch_one(&COUNT, &args![]).await?.int("n")? >= SERVICES_MAX {
                        return Err(too_many("services", SERVICES_MAX));
                    }
                    new.refers(tx).await?;
                    let args = args![
                        id.0,
                        &new.name,
                        directory::key(&new.name),
                        &new.description,
                        new.kind.word(),
                        new.team.map(|t| t.0),
                        new.owner.map(|o| o.0),
                        new.policy.map(|p| p.0),
                        &new.contact,
                        new.response_minutes,
                        now.0
                    ];
                    tx.execute(&INSERT, &args)
                        .await
                        .on_constraint("services_key_key", taken)?;
                    let detail = new.detail(id);
                    audit::record(tx, audit_id, now, &actor, "service.made", &new.name, detail)
                        .await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Changes a service.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change_service(
        &self,
        actor: &Actor,
        id: ServiceId,
        new: &NewService,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let before = find(tx, id).await?;
                    // Somebody whose account was disabled stays the owner until another is chosen.
                    let kept = before.owner.as_ref().map(|o| o.id);
                    let mut asked = new.clone();
                    asked.owner = new.owner.filter(|owner| Some(*owner) != kept);
                    asked.refers(tx).await?;
                    let args = args![
                        id.0,
                        &new.name,
                        directory::key(&new.name),
                        &new.description,
                        new.kind.word(),
                        new.team.map(|t| t.0),
                        new.owner.map(|o| o.0),
                        new.policy.map(|p| p.0),
                        &new.contact,
                        new.response_minutes
                    ];
                    tx.execute(&UPDATE, &args)
                        .await
                        .on_constraint("services_key_key", taken)?;
                    let detail = new.detail(id);
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "service.changed",
                        &before.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Archives a service. What relied on it no longer does.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn archive_service(&self, actor: &Actor, id: ServiceId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let before = find(tx, id).await?;
                    tx.execute(&ARCHIVE, &args![id.0, now.0]).await?;
                    let detail = json!({"service": id});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "service.archived",
                        &before.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }
}

fn taken() -> Error {
    Error::invalid("name", "Another service has this name.")
}

pub(super) async fn find_optional(
    conn: &mut Conn,
    id: ServiceId,
) -> Result<Option<Registered>, Error> {
    let row = conn.fetch_optional(&FIND, &args![id.0]).await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) async fn find(conn: &mut Conn, id: ServiceId) -> Result<Registered, Error> {
    find_optional(conn, id).await?.ok_or(Error::NotFound)
}

pub(super) async fn find_named(conn: &mut Conn, name: &str) -> Result<Option<Registered>, Error> {
    let row = conn
        .fetch_optional(&FIND_KEY, &args![directory::key(name)])
        .await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) async fn relies_on(conn: &mut Conn, id: ServiceId) -> Result<Vec<Dependency>, Error> {
    dependencies(&conn.fetch_all(&RELIES_ON, &args![id.0]).await?)
}

fn dependencies(rows: &[Row]) -> Result<Vec<Dependency>, Error> {
    rows.iter()
        .map(|row| {
            Ok(Dependency {
                hard: row.bool("hard")?,
                service: from_row(row)?,
            })
        })
        .collect()
}

fn from_row(row: &Row) -> Result<Registered, Error> {
    Ok(Registered {
        id: ServiceId(row.uuid("id")?),
        name: row.text("name")?,
        description: row.text("description")?,
        kind: row.text("kind")?.parse().map_err(Error::internal)?,
        team: reference(row, "team_id", "team")?,
        owner: Named::owner(row)?,
        policy: reference(row, "policy_id", "policy")?,
        contact: row.text("contact")?,
        response_minutes: row
            .opt_int("response_minutes")?
            .map(u32::try_from)
            .transpose()
            .map_err(Error::internal)?,
    })
}

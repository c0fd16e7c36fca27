//! Teams and who is in them.

use super::{Named, Wrong, description, distinct, name, people_exist, too_many};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, ResultExt as _, Row, Tx},
    statements,
};
use rideout_domain::{
    Action, Actor, TeamId, UserId,
    directory::{MEMBERS_MAX, TEAMS_MAX},
    escalation::Target,
};
use serde_json::json;
use std::collections::HashMap;

statements! {
    /// All teams, by name.
    LIST = "SELECT id, name, description FROM teams WHERE archived_at IS NULL ORDER BY lower(name), id";
    /// One team.
    FIND = "SELECT id, name, description FROM teams WHERE id = $1 AND archived_at IS NULL";
    /// Whether a team was made, even if it is archived.
    EXISTS = "SELECT 1 AS yes FROM teams WHERE id = $1";
    /// Who is in each team, by name.
    MEMBERS = "SELECT m.team_id, u.id, u.name, u.disabled_at FROM team_members m JOIN users u ON u.id = m.user_id ORDER BY lower(u.name), u.id";
    /// Who is in one team, by name.
    MEMBERS_OF = "SELECT u.id, u.name, u.disabled_at FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = $1 ORDER BY lower(u.name), u.id";
    /// How many teams there are.
    COUNT = "SELECT COUNT(*) AS n FROM teams WHERE archived_at IS NULL";
    /// Adds a team.
    INSERT = "INSERT INTO teams (id, name, description, created_at) VALUES ($1, $2, $3, $4)";
    /// Changes a team.
    UPDATE = "UPDATE teams SET name = $2, description = $3 WHERE id = $1";
    /// Archives a team.
    ARCHIVE = "UPDATE teams SET archived_at = $2 WHERE id = $1";
    /// Empties a team, but for people who may get their account back.
    CLEAR = "DELETE FROM team_members WHERE team_id = $1 AND user_id IN (SELECT id FROM users WHERE disabled_at IS NULL)";
    /// Adds somebody to a team.
    ADD = "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// Whether somebody is in good standing.
    ACTIVE = "SELECT id FROM users WHERE id = $1 AND disabled_at IS NULL";
    /// Who of a team is in good standing.
    ACTIVE_OF = "SELECT u.id FROM team_members m JOIN users u ON u.id = m.user_id JOIN teams t ON t.id = m.team_id WHERE m.team_id = $1 AND u.disabled_at IS NULL AND u.role <> 'viewer' AND t.archived_at IS NULL ORDER BY lower(u.name), u.id";
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Team {
    /// Identifier.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Who is in it, by name.
    pub members: Vec<Named>,
}

/// What a team is made of, or changed to.
#[derive(Debug, Clone, Default)]
pub struct NewTeam {
    /// Name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Who is in it.
    pub members: Vec<UserId>,
}

impl NewTeam {
    fn checked(&self) -> Result<Self, Error> {
        let mut wrong = Wrong::default();
        let checked = Self {
            name: wrong.take(name("The name", &self.name))?,
            description: wrong.take(description(&self.description))?,
            members: wrong.take(distinct("members", &self.members, MEMBERS_MAX))?,
        };
        wrong.none()?;
        Ok(checked)
    }
}

impl Service {
    /// All teams, by name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to nobody who is signed in.
    pub async fn teams(&self, actor: &Actor) -> Result<Vec<Team>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let mut conn = self.db.snapshot().await?;
        let mut members: HashMap<_, Vec<Named>> = HashMap::new();
        for row in conn.fetch_all(&MEMBERS, &args![]).await? {
            let team = TeamId(row.uuid("team_id")?);
            members
                .entry(team)
                .or_default()
                .push(Named::from_row(&row)?);
        }
        let rows = conn.fetch_all(&LIST, &args![]).await?;
        rows.iter()
            .map(|row| {
                let mut team = from_row(row)?;
                team.members = members.remove(&team.id).unwrap_or_default();
                Ok(team)
            })
            .collect()
    }

    /// One team.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is archived.
    pub async fn team(&self, actor: &Actor, team: TeamId) -> Result<Team, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let mut conn = self.db.reader().await?;
        let mut found = find(&mut conn, team).await?;
        found.members = members_of(&mut conn, team).await?;
        Ok(found)
    }

    /// Makes a team. With an id made by the client, a retry makes no second one.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`], [`Error::Conflict`] `too_many`.
    pub async fn make_team(
        &self,
        actor: &Actor,
        id: Option<TeamId>,
        new: &NewTeam,
    ) -> Result<TeamId, Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let id = id.unwrap_or_else(|| TeamId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    if tx.fetch_optional(&EXISTS, &args![id.0]).await?.is_some() {
                        return Ok(id);
                    }
                    if tx.fetch_one(&COUNT, &args![]).await?.int("n")? >= TEAMS_MAX {
                        return Err(too_many("teams", TEAMS_MAX));
                    }
                    tx.execute(&INSERT, &args![id.0, &new.name, &new.description, now.0])
                        .await
                        .on_constraint("teams_name_key", taken)?;
                    put_members(tx, id, &new.members).await?;
                    let detail = json!({"team": id, "members": new.members});
                    audit::record(tx, audit_id, now, &actor, "team.made", &new.name, detail)
                        .await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Changes a team.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change_team(
        &self,
        actor: &Actor,
        team: TeamId,
        new: &NewTeam,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let before = find(tx, team).await?;
                    tx.execute(&UPDATE, &args![team.0, &new.name, &new.description])
                        .await
                        .on_constraint("teams_name_key", taken)?;
                    tx.execute(&CLEAR, &args![team.0]).await?;
                    put_members(tx, team, &new.members).await?;
                    let detail = json!({"team": team, "name": new.name, "members": new.members});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "team.changed",
                        &before.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }

    /// Archives a team that no escalation policy calls.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Conflict`] `in_use`.
    pub async fn archive_team(&self, actor: &Actor, team: TeamId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let before = find(tx, team).await?;
                    let calling = super::policy::calling(tx, Target::Team(team)).await?;
                    if !calling.is_empty() {
                        return Err(Error::Conflict {
                            code: "in_use",
                            message: format!(
                                "{} is called by {}. Change that first.",
                                before.name,
                                super::policy::listed_names(&calling)
                            ),
                        });
                    }
                    tx.execute(&ARCHIVE, &args![team.0, now.0]).await?;
                    let detail = json!({"team": team});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "team.archived",
                        &before.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }
}

async fn put_members(tx: &mut Tx, team: TeamId, members: &[UserId]) -> Result<(), Error> {
    people_exist(tx, "members", members).await?;
    for member in members {
        tx.execute(&ADD, &args![team.0, member.0]).await?;
    }
    Ok(())
}

fn taken() -> Error {
    Error::invalid("name", "Another team has this name.")
}

async fn find(conn: &mut Conn, team: TeamId) -> Result<Team, Error> {
    let row = conn.fetch_optional(&FIND, &args![team.0]).await?;
    from_row(&row.ok_or(Error::NotFound)?)
}

fn from_row(row: &Row) -> Result<Team, Error> {
    Ok(Team {
        id: TeamId(row.uuid("id")?),
        name: row.text("name")?,
        description: row.text("description")?,
        members: Vec::new(),
    })
}

pub(super) async fn members_of(conn: &mut Conn, team: TeamId) -> Result<Vec<Named>, Error> {
    let rows = conn.fetch_all(&MEMBERS_OF, &args![team.0]).await?;
    rows.iter().map(Named::from_row).collect()
}

/// Whom a level of a policy names without asking who is on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// One person.
    Person(UserId),
    /// Everybody in a team.
    Team(TeamId),
}

/// Who can be called when somebody or a team is: accounts in good standing, by name; of a
/// team nobody who can only look.
///
/// # Errors
/// Only those of the database.
pub async fn people_of(conn: &mut Conn, who: Who) -> Result<Vec<UserId>, Error> {
    let rows = match who {
        Who::Person(user) => conn.fetch_all(&ACTIVE, &args![user.0]).await?,
        Who::Team(team) => conn.fetch_all(&ACTIVE_OF, &args![team.0]).await?,
    };
    rows.iter().map(|row| Ok(UserId(row.uuid("id")?))).collect()
}

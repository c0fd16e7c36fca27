//! Whom a level of an escalation policy can call.

use crate::{Error, Service, args, db::Conn, statements};
use rideout_domain::{
    Action, Actor, CannotRespond, Role, ScheduleId, TeamId, UserId, escalation::Target,
};

statements! {
    /// Everybody, and whether they can be called and respond.
    PEOPLE = "SELECT id, name, role, disabled_at FROM users ORDER BY lower(name), id";
    /// Teams, and whether anybody in them can be called.
    TEAMS = "SELECT t.id, t.name, (SELECT COUNT(*) FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = t.id AND u.disabled_at IS NULL) AS people FROM teams t WHERE t.archived_at IS NULL ORDER BY lower(t.name), t.id";
    /// On-call schedules.
    SCHEDULES = "SELECT id, name FROM schedules WHERE archived_at IS NULL ORDER BY lower(name), id";
}

/// Somebody a level can call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TargetName {
    /// Whom it is.
    #[serde(flatten)]
    pub target: Target,
    /// The name; a sentence's part when there is none any more.
    pub name: String,
    /// Whether anybody can be called: false for a team of nobody and an account
    /// that is disabled. Who is on call is not asked.
    pub reaches: bool,
    /// Why whoever it is cannot respond, with what to do about it. Nobody such can be
    /// chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl TargetName {
    /// Whom it calls, for the middle of a sentence.
    #[must_use]
    pub fn whom(&self) -> String {
        match self.target {
            Target::Team(_) => format!("everybody in {}", self.name),
            Target::Schedule(_) => format!("whoever is on call in {}", self.name),
            Target::Person(_) => self.name.clone(),
        }
    }
}

impl Service {
    /// Everybody a level can call: schedules, teams, people, each by name. Those with
    /// a [`trouble`](TargetName::trouble) can stay where they are, and not be chosen.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn policy_targets(&self, actor: &Actor) -> Result<Vec<TargetName>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        Ok(Targets::load(&mut *self.db.snapshot().await?).await?.0)
    }
}

/// Everybody a level can call, and those it no longer should.
pub(super) struct Targets(Vec<TargetName>);

impl Targets {
    pub(super) async fn load(conn: &mut Conn) -> Result<Self, Error> {
        let mut all = Vec::new();
        for row in conn.fetch_all(&SCHEDULES, &args![]).await? {
            all.push(TargetName {
                target: Target::Schedule(ScheduleId(row.uuid("id")?)),
                name: row.text("name")?,
                reaches: true,
                trouble: None,
            });
        }
        for row in conn.fetch_all(&TEAMS, &args![]).await? {
            all.push(TargetName {
                target: Target::Team(TeamId(row.uuid("id")?)),
                name: row.text("name")?,
                reaches: row.int("people")? > 0,
                trouble: None,
            });
        }
        for row in conn.fetch_all(&PEOPLE, &args![]).await? {
            let role: Role = row.text("role")?.parse().map_err(Error::internal)?;
            let in_use = row.opt_int("disabled_at")?.is_none();
            let name = row.text("name")?;
            let why = CannotRespond::of(role, in_use);
            all.push(TargetName {
                target: Target::Person(UserId(row.uuid("id")?)),
                reaches: in_use,
                trouble: why.map(|why| why.told(&name)),
                name: match in_use {
                    true => name,
                    false => format!("{name} (no account)"),
                },
            });
        }
        Ok(Self(all))
    }

    pub(super) fn find(&self, target: Target) -> Option<&TargetName> {
        self.0.iter().find(|t| t.target == target)
    }

    pub(super) fn named(&self, target: Target) -> TargetName {
        self.find(target).cloned().unwrap_or_else(|| TargetName {
            target,
            name: match target {
                Target::Person(_) => "somebody without an account",
                Target::Team(_) => "a team that is archived",
                Target::Schedule(_) => "a schedule that is archived",
            }
            .to_owned(),
            reaches: false,
            trouble: None,
        })
    }
}

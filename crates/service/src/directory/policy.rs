//! Escalation policies: whom an escalation calls, level by level.

use super::{
    Named, Ref, Wrong, description,
    targets::{TargetName, Targets},
    too_many,
};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, ResultExt as _, Row, Tx},
    oncall, statements,
};
use rideout_domain::{
    Action, Actor, PolicyId, ServiceId, TeamId, Timestamp, UserId,
    directory::{POLICIES_MAX, key},
    escalation::{BadPolicy, Policy, Target},
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

statements! {
    /// All policies, the default one first, then by name.
    LIST = "SELECT id, name, description, repeats, levels, is_default, changed_at FROM escalation_policies WHERE archived_at IS NULL ORDER BY is_default DESC, lower(name), id";
    /// One policy.
    FIND = "SELECT id, name, description, repeats, levels, is_default, changed_at FROM escalation_policies WHERE id = $1 AND archived_at IS NULL";
    /// Whether a policy was made, even if it is archived.
    EXISTS = "SELECT 1 AS yes FROM escalation_policies WHERE id = $1";
    /// The policy of a service, by the service's name in lower case.
    OF_SERVICE = "SELECT p.id, p.name, p.repeats, p.levels FROM services s JOIN escalation_policies p ON p.id = s.policy_id WHERE s.key = $1 AND s.archived_at IS NULL AND p.archived_at IS NULL";
    /// The policy of services without their own.
    DEFAULT = "SELECT id, name, repeats, levels FROM escalation_policies WHERE is_default = 1 AND archived_at IS NULL";
    /// Which services have a policy of their own.
    USED_BY = "SELECT policy_id, id, name FROM services WHERE policy_id IS NOT NULL AND archived_at IS NULL ORDER BY key";
    /// Who is in which team.
    MEMBERS = "SELECT team_id, user_id FROM team_members";
    /// How many policies there are.
    COUNT = "SELECT COUNT(*) AS n FROM escalation_policies WHERE archived_at IS NULL";
    /// Adds a policy.
    INSERT = "INSERT INTO escalation_policies (id, name, description, repeats, levels, is_default, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    /// Changes a policy.
    UPDATE = "UPDATE escalation_policies SET name = $2, description = $3, repeats = $4, levels = $5, is_default = $6, changed_at = $7 WHERE id = $1";
    /// Makes room for another default policy.
    NO_DEFAULT = "UPDATE escalation_policies SET is_default = 0 WHERE is_default = 1 AND id <> $1";
    /// Archives a policy.
    ARCHIVE = "UPDATE escalation_policies SET archived_at = $2, is_default = 0 WHERE id = $1";
}

/// A policy with what people need to judge it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ListedPolicy {
    /// Identifier.
    pub id: PolicyId,
    /// What it is for; may be empty.
    pub description: String,
    /// Whether services without their own have it.
    #[serde(rename = "default")]
    pub is_default: bool,
    /// Levels and repeats.
    #[serde(flatten)]
    pub policy: Policy,
    /// What will happen, in a sentence.
    pub told: String,
    /// Everybody its levels name, each once.
    pub targets: Vec<TargetName>,
    /// Levels, from 1, that call nobody as things are; they are passed over at once.
    pub empty_levels: Vec<usize>,
    /// Whoever it calls as things are, by name, and no route of whom is confirmed.
    pub unconfirmed: Vec<Named>,
    /// Services that have it as their own, by name.
    pub used_by: Vec<Ref<ServiceId>>,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// What a policy is made of, or changed to.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// What it is for; may be empty.
    pub description: String,
    /// Whether services without their own have it; another default one gives way.
    pub is_default: bool,
    /// Name, levels and repeats.
    pub policy: Policy,
}

impl NewPolicy {
    fn checked(&self) -> Result<Self, Error> {
        let mut wrong = Wrong::default();
        let described = wrong.take(description(&self.description))?;
        let policy = match self.policy.clone().checked() {
            Ok(policy) => Some(policy),
            Err(bad) => {
                wrong.0.push(refused(&bad));
                None
            }
        };
        wrong.none()?;
        Ok(Self {
            description: described,
            is_default: self.is_default,
            policy: policy.ok_or_else(|| Error::internal("a refused policy says why"))?,
        })
    }

    fn detail(&self, id: PolicyId) -> serde_json::Value {
        json!({
            "policy": id, "name": self.policy.name, "default": self.is_default,
            "repeats": self.policy.repeats, "levels": self.policy.levels,
        })
    }
}

fn refused(bad: &BadPolicy) -> crate::FieldError {
    crate::FieldError {
        field: bad
            .level()
            .map_or_else(|| bad.field().to_owned(), |level| format!("levels.{level}")),
        message: bad.to_string(),
    }
}

impl Service {
    /// All escalation policies, the default one first.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn policies(&self, actor: &Actor) -> Result<Vec<ListedPolicy>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let mut conn = self.db.snapshot().await?;
        let rows = conn.fetch_all(&LIST, &args![]).await?;
        let around = Around::load(&mut conn, self.now()).await?;
        rows.iter().map(|row| around.listed(row)).collect()
    }

    /// One escalation policy.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is archived.
    pub async fn policy(&self, actor: &Actor, id: PolicyId) -> Result<ListedPolicy, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let mut conn = self.db.snapshot().await?;
        let row = conn.fetch_optional(&FIND, &args![id.0]).await?;
        let row = row.ok_or(Error::NotFound)?;
        Around::load(&mut conn, self.now()).await?.listed(&row)
    }

    /// Makes an escalation policy. With an id made by the client, a retry makes no second one.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`], [`Error::Conflict`] `too_many`.
    pub async fn make_policy(
        &self,
        actor: &Actor,
        id: Option<PolicyId>,
        new: &NewPolicy,
    ) -> Result<PolicyId, Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let id = id.unwrap_or_else(|| PolicyId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    if tx.fetch_optional(&EXISTS, &args![id.0]).await?.is_some() {
                        return Ok(id);
                    }
                    if tx.fetch_one(&COUNT, &args![]).await?.int("n")? >= POLICIES_MAX {
                        return Err(too_many("escalation policies", POLICIES_MAX));
                    }
                    write(tx, &INSERT, id, &new, now, &HashSet::new()).await?;
                    let (detail, name) = (new.detail(id), &new.policy.name);
                    audit::record(tx, audit_id, now, &actor, "policy.made", name, detail).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Changes an escalation policy. What is running keeps the policy it began with.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change_policy(
        &self,
        actor: &Actor,
        id: PolicyId,
        new: &NewPolicy,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let new = new.checked()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let row = tx.fetch_optional(&FIND, &args![id.0]).await?;
                    let before = policy(&row.ok_or(Error::NotFound)?)?;
                    // Whom it called before may stay, even if they cannot be chosen any more.
                    let known = before
                        .levels
                        .iter()
                        .flat_map(|l| l.targets.clone())
                        .collect();
                    write(tx, &UPDATE, id, &new, now, &known).await?;
                    let (detail, name) = (new.detail(id), &before.name);
                    audit::record(tx, audit_id, now, &actor, "policy.changed", name, detail).await
                })
            })
            .await
    }

    /// Archives an escalation policy that no service has as its own and that is
    /// not the default one. What is running goes on.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Conflict`] `in_use`.
    pub async fn archive_policy(&self, actor: &Actor, id: PolicyId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&super::LOCK, &args![]).await?;
                    let row = tx.fetch_optional(&FIND, &args![id.0]).await?;
                    let row = row.ok_or(Error::NotFound)?;
                    let before = Around::load(tx, now).await?.listed(&row)?;
                    let in_use = |message| Error::Conflict {
                        code: "in_use",
                        message,
                    };
                    if before.is_default {
                        return Err(in_use(format!(
                            "{} is the default escalation policy. Make another one the default first.",
                            before.policy.name
                        )));
                    }
                    if !before.used_by.is_empty() {
                        let names: Vec<_> = before.used_by.iter().map(|s| &*s.name).collect();
                        return Err(in_use(format!(
                            "{} is the escalation policy of {}. Give them another one first.",
                            before.policy.name,
                            names.join(", ")
                        )));
                    }
                    tx.execute(&ARCHIVE, &args![id.0, now.0]).await?;
                    let (detail, name) = (json!({"policy": id}), &before.policy.name);
                    audit::record(tx, audit_id, now, &actor, "policy.archived", name, detail).await
                })
            })
            .await
    }
}

async fn write(
    tx: &mut Tx,
    how: &crate::db::Sql,
    id: PolicyId,
    new: &NewPolicy,
    now: Timestamp,
    known: &HashSet<Target>,
) -> Result<(), Error> {
    let targets = Targets::load(tx).await?;
    for (at, level) in new.policy.levels.iter().enumerate() {
        for target in &level.targets {
            if known.contains(target) {
                continue;
            }
            let wrong = match targets.find(*target) {
                Some(found) => found.trouble.clone(),
                None => Some(format!(
                    "Level {} calls somebody who is no longer here: choose again.",
                    at + 1
                )),
            };
            if let Some(wrong) = wrong {
                return Err(Error::invalid(format!("levels.{}", at + 1), wrong));
            }
        }
    }
    if new.is_default {
        tx.execute(&NO_DEFAULT, &args![id.0]).await?;
    }
    let levels = serde_json::to_string(&new.policy.levels).map_err(Error::internal)?;
    let args = args![
        id.0,
        &new.policy.name,
        &new.description,
        new.policy.repeats,
        levels,
        new.is_default,
        now.0
    ];
    tx.execute(how, &args)
        .await
        .on_constraint("escalation_policies_name_key", || {
            Error::invalid("name", "Another escalation policy has this name.")
        })?;
    Ok(())
}

/// What is shown beside a policy.
struct Around {
    targets: Targets,
    used_by: HashMap<PolicyId, Vec<Ref<ServiceId>>>,
    /// By name.
    unconfirmed: Vec<Named>,
    /// Whom a team or a schedule stands for now.
    behind: HashMap<Target, Vec<UserId>>,
}

impl Around {
    async fn load(conn: &mut Conn, now: Timestamp) -> Result<Self, Error> {
        let mut used_by: HashMap<_, Vec<_>> = HashMap::new();
        for row in conn.fetch_all(&USED_BY, &args![]).await? {
            let policy = PolicyId(row.uuid("policy_id")?);
            used_by.entry(policy).or_default().push(Ref {
                id: ServiceId(row.uuid("id")?),
                name: row.text("name")?,
            });
        }
        let unconfirmed = super::unconfirmed(conn).await?;
        let mut behind: HashMap<Target, Vec<UserId>> = HashMap::new();
        if !unconfirmed.is_empty() {
            for row in conn.fetch_all(&MEMBERS, &args![]).await? {
                let team = Target::Team(TeamId(row.uuid("team_id")?));
                let user = UserId(row.uuid("user_id")?);
                behind.entry(team).or_default().push(user);
            }
            for (schedule, _, people) in oncall::everybody_on_call(conn, now).await? {
                behind.insert(Target::Schedule(schedule), people);
            }
        }
        Ok(Self {
            targets: Targets::load(conn).await?,
            used_by,
            unconfirmed,
            behind,
        })
    }

    /// Whom a policy calls as things are, as far as no route of theirs is confirmed.
    fn unconfirmed(&self, policy: &Policy) -> Vec<Named> {
        let called: HashSet<UserId> = policy
            .levels
            .iter()
            .flat_map(|level| &level.targets)
            .flat_map(|target| match target {
                Target::Person(id) => std::slice::from_ref(id),
                other => self.behind.get(other).map_or(&[][..], Vec::as_slice),
            })
            .copied()
            .collect();
        let mut unconfirmed = self.unconfirmed.clone();
        unconfirmed.retain(|one| called.contains(&one.id));
        unconfirmed
    }

    fn listed(&self, row: &Row) -> Result<ListedPolicy, Error> {
        let policy = policy(row)?;
        let id = PolicyId(row.uuid("id")?);
        let mut targets: Vec<TargetName> = Vec::new();
        let mut empty_levels = Vec::new();
        for (at, level) in policy.levels.iter().enumerate() {
            let named: Vec<_> = level
                .targets
                .iter()
                .map(|t| self.targets.named(*t))
                .collect();
            if !named.iter().any(|t| t.reaches) {
                empty_levels.push(at + 1);
            }
            for one in named {
                if !targets.contains(&one) {
                    targets.push(one);
                }
            }
        }
        Ok(ListedPolicy {
            id,
            description: row.text("description")?,
            is_default: row.bool("is_default")?,
            unconfirmed: self.unconfirmed(&policy),
            told: policy.told(|target| self.targets.named(target).whom()),
            policy,
            targets,
            empty_levels,
            used_by: self.used_by.get(&id).cloned().unwrap_or_default(),
            changed_at: Timestamp(row.int("changed_at")?),
        })
    }
}

fn policy(row: &Row) -> Result<Policy, Error> {
    Ok(Policy {
        name: row.text("name")?,
        repeats: u32::try_from(row.int("repeats")?).map_err(Error::internal)?,
        levels: serde_json::from_str(&row.text("levels")?).map_err(Error::internal)?,
    })
}

/// The policy by which an escalation about these services is led: that of the
/// first registered one with a policy of its own, else the default one.
///
/// # Errors
/// Only those of the database.
pub async fn policy_for(
    conn: &mut Conn,
    services: &[String],
) -> Result<Option<(PolicyId, Policy)>, Error> {
    for name in services {
        if let Some(row) = conn.fetch_optional(&OF_SERVICE, &args![key(name)]).await? {
            return Ok(Some((PolicyId(row.uuid("id")?), policy(&row)?)));
        }
    }
    match conn.fetch_optional(&DEFAULT, &args![]).await? {
        Some(row) => Ok(Some((PolicyId(row.uuid("id")?), policy(&row)?))),
        None => Ok(None),
    }
}

/// The policies that call somebody, with the first level, from 1, that does.
///
/// # Errors
/// Only those of the database.
pub async fn calling(conn: &mut Conn, target: Target) -> Result<Vec<(String, usize)>, Error> {
    let mut calling = Vec::new();
    for row in conn.fetch_all(&LIST, &args![]).await? {
        let policy = policy(&row)?;
        if let Some(at) = policy
            .levels
            .iter()
            .position(|l| l.targets.contains(&target))
        {
            calling.push((policy.name, at + 1));
        }
    }
    Ok(calling)
}

/// Policies for the middle of a sentence: `the escalation policy “Night” (level 2)`.
pub(crate) fn listed_names(calling: &[(String, usize)]) -> String {
    let names: Vec<_> = calling
        .iter()
        .map(|(name, level)| format!("“{name}” (level {level})"))
        .collect();
    let noun = if names.len() == 1 {
        "the escalation policy"
    } else {
        "the escalation policies"
    };
    format!("{noun} {}", names.join(", "))
}

//! Escalations: begin, go on, call the next level by hand.

use super::{
    Stamp,
    callee::{self, Callees},
    entry,
    person::{self, Reason, Step},
};
use crate::{
    Error, Service, args,
    db::{Conn, Row, Tx},
    directory, incident, statements,
};
use futures::{StreamExt as _, stream};
use rideout_domain::{
    Action, Actor, EntryBody, EscalationId, Incident, IncidentId, PolicyId, Status, Timestamp,
    UserId,
    entry::EscalationStep,
    escalation::{
        Policy,
        run::{Due, Run, State, Stepped},
    },
    text,
};

/// Most escalations whose step is taken in one pass.
const BATCH: i64 = 500;
/// How long a step that Rideout itself could not take is put off, in seconds, so that
/// it is not in the way of others.
const PUT_OFF_SECONDS: i64 = 60;
/// How long after a level was called another call by hand is a slip of the finger, or
/// somebody else's at the same time, in seconds.
const SLIP: i64 = 60;
/// Steps taken at a time, so that many share a commit.
const AT_A_TIME: usize = 16;

statements! {
    /// Adds an escalation.
    INSERT = "INSERT INTO escalations (id, incident_id, policy, reason, state, level, round, next_at, started_at, started_by) VALUES ($1, $2, $3, $4, 'running', 0, 0, $5, $5, $6)";
    /// One escalation.
    FIND = "SELECT id, incident_id, policy, reason, state, level, round, next_at FROM escalations WHERE id = $1";
    /// A policy to escalate by.
    POLICY = "SELECT name, repeats, levels FROM escalation_policies WHERE id = $1 AND archived_at IS NULL";
    /// The escalation that runs in an incident.
    RUNNING = "SELECT id, incident_id, policy, reason, state, level, round, next_at FROM escalations WHERE incident_id = $1 AND state = 'running' ORDER BY started_at, id LIMIT 1";
    /// Escalations whose step is due.
    DUE = "SELECT id, incident_id FROM escalations WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2";
    /// Writes how an escalation stands; nobody has come.
    UPDATE = "UPDATE escalations SET state = $2, level = $3, round = $4, next_at = $5, ended_at = $6, acknowledged_at = NULL, acknowledged_by = NULL WHERE id = $1";
    /// Somebody came.
    ACKNOWLEDGE = "UPDATE escalations SET state = 'acknowledged', next_at = NULL, ended_at = $2, acknowledged_at = $2, acknowledged_by = $3 WHERE id = $1";
    /// Running escalations whose step lies ahead, for a clock that was set back.
    AHEAD = "SELECT id, incident_id, policy, reason, state, level, round, next_at FROM escalations WHERE next_at > $1 ORDER BY next_at DESC LIMIT $2";
    /// Puts a step off that is due.
    PUT_OFF = "UPDATE escalations SET next_at = $2 WHERE id = $1 AND state = 'running' AND next_at <= $3";
    /// When an escalation of an incident called somebody last.
    CALLED = "SELECT MAX(created_at) AS at FROM pages WHERE incident_id = $1 AND escalation_id IS NOT NULL";
    /// Brings a step forward.
    SET_NEXT = "UPDATE escalations SET next_at = $2 WHERE id = $1 AND state = 'running' AND next_at > $2";
}

/// What is needed to begin an escalation.
#[derive(Debug, Clone)]
pub struct NewEscalation {
    /// The policy; a copy of it is kept. Without levels, whoever is in charge is called at once.
    pub policy: Policy,
    /// What whoever is called is told.
    pub reason: Reason,
    /// Who began it; nobody when it was Rideout.
    pub by: Option<UserId>,
}

/// An escalation that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escalated {
    /// Which.
    pub id: EscalationId,
    /// False when one ran in this incident already; then its next level was called.
    pub created: bool,
}

/// An escalation as it is stored.
#[derive(Debug)]
pub(super) struct Escalation {
    pub(super) id: EscalationId,
    pub(super) incident: IncidentId,
    pub(super) reason: String,
    pub(super) run: Run,
    /// Who asked for the step that is due, in a sentence.
    pub(super) asked: Option<String>,
}

impl Service {
    /// Begins an escalation by hand, by the policy of the incident's services or
    /// by another one. When one runs already, its next level is called.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a policy that is not there, [`Error::Conflict`] `resolved`, or
    /// `just_escalated` when a level was called within a minute, [`Error::Forbidden`].
    pub async fn escalate(
        &self,
        actor: &Actor,
        incident: IncidentId,
        policy: Option<PolicyId>,
        reason: Reason,
    ) -> Result<Escalated, Error> {
        let why = text::line("The reason", &reason.why, text::TITLE_MAX)
            .map_err(Error::text("reason"))?;
        let (stamp, actor) = (self.stamp(), actor.clone());
        let done = self.db.write(move |tx| {
            Box::pin(async move {
                let row = incident::find_for_update(tx, &actor, incident).await?;
                Error::authorise(&actor, Action::Respond)?;
                if row.status == Status::Resolved {
                    return Err(Error::Conflict {
                        code: "resolved",
                        message: "this incident is over; reopen it before you call anybody".into(),
                    });
                }
                not_just_called(tx, row.id, stamp.now).await?;
                let policy = match policy {
                    Some(id) => stored_policy(tx, id).await?.ok_or_else(|| {
                        Error::invalid("policy", "this escalation policy is not there any more")
                    })?,
                    None => directory::policy_for(tx, &row.services)
                        .await?
                        .map_or_else(no_policy, |(_, policy)| policy),
                };
                let new = NewEscalation {
                    policy,
                    reason: Reason { why, ..reason },
                    by: Some(actor.id),
                };
                Ok(start_escalation(tx, &stamp, row, new).await?.1)
            })
        });
        done.await
    }

    /// Takes the steps of escalations that are due, each in a transaction
    /// of its own. Returns how many were taken.
    ///
    /// # Errors
    /// The first error; the others have been tried all the same.
    pub async fn run_escalations(&self) -> Result<u64, Error> {
        let now = self.now();
        let due = {
            let mut conn = self.db.reader().await?;
            conn.fetch_all(&DUE, &args![now.0, BATCH]).await?
        };
        let mut ids = Vec::with_capacity(due.len());
        for row in due {
            let incident = IncidentId(row.uuid("incident_id")?);
            ids.push((EscalationId(row.uuid("id")?), incident));
        }
        let (mut taken, mut failed) = (0, None);
        let mut steps = stream::iter(ids)
            .map(|(id, incident)| async move { (id, self.run_escalation(id, incident).await) })
            .buffer_unordered(AT_A_TIME);
        while let Some((id, step)) = steps.next().await {
            match step {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, escalation = %id, "a step of an escalation could not be taken and is tried again");
                    if !matches!(error, Error::Busy | Error::Storage(_)) {
                        self.put_off_escalation(id).await?;
                    }
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(taken), Err)
    }

    async fn run_escalation(&self, id: EscalationId, incident: IncidentId) -> Result<bool, Error> {
        let stamp = self.stamp();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = entry::hold(tx, incident).await?;
                    // Another node may have taken the step, or somebody has come meanwhile.
                    let Some(mut found) = find(tx, id).await? else {
                        return Ok(false);
                    };
                    if found.run.due(stamp.now).is_none() {
                        return Ok(false);
                    }
                    advance(tx, &stamp, row, &mut found).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn put_off_escalation(&self, id: EscalationId) -> Result<(), Error> {
        let now = self.now();
        let until = now.plus_seconds(PUT_OFF_SECONDS);
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&PUT_OFF, &args![id.0, until.0, now.0]).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The clock was set back: no step, message or claim waits for the old time.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn clock_set_back(&self) -> Result<(), Error> {
        let now = self.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    for row in tx.fetch_all(&AHEAD, &args![now.0, 10 * BATCH]).await? {
                        let mut found = from_row(&row)?;
                        if found.run.set_back(now)
                            && let Some(next) = found.run.next_at
                        {
                            tx.execute(&SET_NEXT, &args![found.id.0, next.0]).await?;
                        }
                    }
                    crate::oncall::set_back(tx, now).await?;
                    super::claim::set_back(tx, now).await
                })
            })
            .await
    }
}

/// Begins an escalation and takes its first step. When one runs in this incident
/// already, its next level is called instead. Returns the incident after it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn start_escalation(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    new: NewEscalation,
) -> Result<(Incident, Escalated), Error> {
    if let Some(row) = tx.fetch_optional(&RUNNING, &args![incident.id.0]).await? {
        let mut found = from_row(&row)?;
        found.reason.clone_from(&new.reason.why);
        let id = found.id;
        // It runs, so it can be escalated.
        let _ = found.run.escalate(stamp.now);
        let incident = advance(tx, stamp, incident, &mut found).await?;
        return Ok((incident, Escalated { id, created: false }));
    }
    let id = EscalationId(stamp.id());
    let policy = serde_json::to_string(&new.policy).map_err(Error::internal)?;
    let why = text::clean(&new.reason.why);
    let row = args![
        id.0,
        incident.id.0,
        policy,
        why.as_str(),
        stamp.now.0,
        new.by.map(|by| by.0)
    ];
    tx.execute(&INSERT, &row).await?;
    let started = EntryBody::Escalation {
        escalation: id,
        step: EscalationStep::Started,
        level: 0,
    };
    let text = if new.policy.levels.is_empty() {
        format!("{why} There is no escalation policy for this incident.")
    } else {
        format!("{why} Escalation policy: {}.", new.policy.name)
    };
    let incident = entry::write(tx, stamp, incident, new.by, started, &text).await?;
    let mut escalation = Escalation {
        id,
        incident: incident.id,
        reason: why,
        run: Run::start(new.policy, stamp.now),
        asked: None,
    };
    let incident = advance(tx, stamp, incident, &mut escalation).await?;
    Ok((incident, Escalated { id, created: true }))
}

/// Refuses a call by hand while whoever was called a moment ago has had no time to
/// answer: two people who press at the same time must not call two levels.
///
/// # Errors
/// [`Error::Conflict`] `just_escalated`.
pub(super) async fn not_just_called(
    conn: &mut Conn,
    incident: IncidentId,
    now: Timestamp,
) -> Result<(), Error> {
    let called = conn.fetch_one(&CALLED, &args![incident.0]).await?;
    let called = called.opt_int("at")?.map(Timestamp);
    match called.map(|at| now.seconds_since(at)) {
        // Another node's clock may be a little ahead; one that was set back by hours
        // holds nobody up.
        Some(ago) if (-SLIP..SLIP).contains(&ago) => Err(Error::Conflict {
            code: "just_escalated",
            message: format!(
                "somebody was called {} seconds ago; give them a minute to answer",
                ago.max(0)
            ),
        }),
        _ => Ok(()),
    }
}

/// Calls the next level of an escalation now, and says who `asked` for it. Returns
/// the incident after it.
///
/// # Errors
/// [`Error::Conflict`] `escalation_over`, [`Error::NotFound`].
pub(crate) async fn escalate_now(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    id: EscalationId,
    asked: Option<String>,
) -> Result<Incident, Error> {
    let mut found = find(tx, id).await?.ok_or(Error::NotFound)?;
    if found.incident != incident.id {
        return Err(Error::NotFound);
    }
    found.asked = asked;
    found
        .run
        .escalate(stamp.now)
        .map_err(|over| Error::Conflict {
            code: "escalation_over",
            message: over.to_string(),
        })?;
    advance(tx, stamp, incident, &mut found).await
}

/// Takes the steps that are due, one after the other while nobody is there, and
/// writes how the escalation then stands.
pub(super) async fn advance(
    tx: &mut Tx,
    stamp: &Stamp,
    mut incident: Incident,
    escalation: &mut Escalation,
) -> Result<Incident, Error> {
    let Escalation {
        id,
        reason,
        run,
        asked,
        ..
    } = escalation;
    let (id, now) = (*id, stamp.now);
    while let Some(due) = run.due(now) {
        let (callees, level, round) = match due {
            Due::Level {
                level,
                round,
                targets,
            } => {
                let callees = callee::behind(tx, targets, &incident, now).await?;
                (callees, level, round)
            }
            Due::Exhausted => {
                let callees = callee::in_charge(tx, &incident, now).await?;
                (callees, run.level + 1, run.round)
            }
        };
        let of_policy = matches!(run.due(now), Some(Due::Level { .. }));
        let stepped = run.step(now, callees.reachable());
        let (step, text) = match stepped {
            Stepped::Called => (EscalationStep::Level, callees.absent.join(" ")),
            Stepped::Nobody => (EscalationStep::Nobody, callees.absent.join(" ")),
            Stepped::Exhausted => (EscalationStep::Exhausted, exhausted(&callees)),
        };
        let text = match asked.take() {
            Some(asked) => format!("{asked} {text}"),
            None => text,
        };
        let told = EntryBody::Escalation {
            escalation: id,
            step,
            level: if of_policy { level } else { run.level },
        };
        incident = entry::write(tx, stamp, incident, None, told, &text).await?;
        let step = Step {
            escalation: id,
            level,
            round,
            of_policy,
        };
        let reason = Reason::new(reason.as_str());
        for person in callees.people.iter().filter(|p| !p.routes.is_empty()) {
            let (after, _) =
                person::write(tx, stamp, incident, person, Some(step), &reason, None).await?;
            incident = after;
        }
    }
    save(tx, id, run, now).await?;
    Ok(incident)
}

fn exhausted(callees: &Callees) -> String {
    let mut text = if callees.all_here() {
        "Nobody else is left to call: everybody in charge is in the room already.".to_owned()
    } else if callees.reachable() == 0 {
        "Nobody came, and nobody in charge can be reached. Call somebody by other means.".to_owned()
    } else {
        "Nobody came. Everybody in charge is called, once.".to_owned()
    };
    for absent in callees.absent.iter().filter(|_| !callees.all_here()) {
        text.push(' ');
        text.push_str(absent);
    }
    text
}

/// What stands for the policy where there is none.
pub(crate) fn no_policy() -> Policy {
    Policy {
        name: "none".to_owned(),
        repeats: 0,
        levels: Vec::new(),
    }
}

async fn stored_policy(conn: &mut Conn, id: PolicyId) -> Result<Option<Policy>, Error> {
    let Some(row) = conn.fetch_optional(&POLICY, &args![id.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Policy {
        name: row.text("name")?,
        repeats: u32::try_from(row.int("repeats")?).map_err(Error::internal)?,
        levels: serde_json::from_str(&row.text("levels")?).map_err(Error::internal)?,
    }))
}

async fn save(tx: &mut Tx, id: EscalationId, run: &Run, now: Timestamp) -> Result<(), Error> {
    let ended = (run.state != State::Running).then_some(now.0);
    let row = args![
        id.0,
        run.state.word(),
        run.level,
        run.round,
        run.next_at.map(|at| at.0),
        ended
    ];
    tx.execute(&UPDATE, &row).await?;
    Ok(())
}

pub(super) async fn find(conn: &mut Conn, id: EscalationId) -> Result<Option<Escalation>, Error> {
    let row = conn.fetch_optional(&FIND, &args![id.0]).await?;
    row.map(|row| from_row(&row)).transpose()
}

pub(super) fn from_row(row: &Row) -> Result<Escalation, Error> {
    let policy: Policy = serde_json::from_str(&row.text("policy")?).map_err(Error::internal)?;
    let small =
        |name| -> Result<u32, Error> { u32::try_from(row.int(name)?).map_err(Error::internal) };
    Ok(Escalation {
        id: EscalationId(row.uuid("id")?),
        incident: IncidentId(row.uuid("incident_id")?),
        reason: row.text("reason")?,
        run: Run::resume(
            policy,
            row.text("state")?.parse().map_err(Error::internal)?,
            small("level")?,
            small("round")?,
            row.opt_int("next_at")?.map(Timestamp),
        ),
        asked: None,
    })
}

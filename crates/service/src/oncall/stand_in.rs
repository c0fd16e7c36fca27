//! Standing in: overrides.

use super::{
    OVERRIDES_MAX, refused,
    store::{self, Names, OverrideRow},
};
use crate::{Error, Service, account::audit, args, db::Tx, statements};
use rideout_domain::{Action, Actor, OverrideId, ScheduleId, Timestamp, UserId};
use rideout_oncall::Shift;
use serde_json::json;

statements! {
    /// Whether an override was made, even if it was taken back.
    EXISTS = "SELECT 1 AS yes FROM schedule_overrides WHERE id = $1";
    /// How many overrides people made that are not over.
    COUNT = "SELECT COUNT(*) AS n FROM schedule_overrides WHERE schedule_id = $1 AND source = 'person' AND removed_at IS NULL AND until_at > $2";
    /// Adds an override.
    INSERT = "INSERT INTO schedule_overrides (id, schedule_id, user_id, from_at, until_at, source, created_by, created_at) VALUES ($1, $2, $3, $4, $5, 'person', $6, $7)";
    /// One override that stands.
    FIND = "SELECT id, schedule_id, user_id, from_at, until_at, source, created_by, created_at FROM schedule_overrides WHERE id = $1 AND schedule_id = $2 AND removed_at IS NULL";
    /// Takes back what has not begun.
    REMOVE = "UPDATE schedule_overrides SET removed_at = $2 WHERE id = $1";
    /// Ends what has begun: who was on call until then stays true.
    END = "UPDATE schedule_overrides SET until_at = $2 WHERE id = $1";
    /// Notes that a schedule is no longer what it was, and tells a time later than any such before.
    TOUCH = "UPDATE schedules SET changed_at = (CASE WHEN changed_at < $2 THEN $2 ELSE changed_at + 1 END) WHERE id = $1 RETURNING changed_at";
}

/// Somebody stands in.
#[derive(Debug, Clone, Copy)]
pub struct NewOverride {
    /// Made by the client, so that a retry makes no second one.
    pub id: Option<OverrideId>,
    /// Who is on call.
    pub person: UserId,
    /// From this moment.
    pub from: Timestamp,
    /// Up to this moment.
    pub until: Timestamp,
}

impl Service {
    /// Puts somebody on call for a span of time. Responders put themselves;
    /// commanders anybody.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] for `person`
    /// or `until`, [`Error::Conflict`] `too_many`.
    pub async fn add_override(
        &self,
        actor: &Actor,
        schedule: ScheduleId,
        new: NewOverride,
    ) -> Result<OverrideId, Error> {
        let needed = if new.person == actor.id {
            Action::Respond
        } else {
            Action::ManageSchedules
        };
        Error::authorise(actor, needed)?;
        let shift =
            Shift::new(new.person, new.from, new.until).map_err(|invalid| refused(&invalid))?;
        let id = new.id.unwrap_or_else(|| OverrideId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        if shift.until <= now {
            return Err(Error::invalid(
                "until",
                "this is over already: choose an end that is still to come",
            ));
        }
        // What was is not changed afterwards.
        let from = shift.from.max(now);
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = store::find(tx, schedule, now, now).await?;
                    let found = found.ok_or(Error::NotFound)?;
                    if tx.fetch_optional(&EXISTS, &args![id.0]).await?.is_some() {
                        return Ok(id);
                    }
                    let standing = tx.fetch_one(&COUNT, &args![schedule.0, now.0]).await?;
                    if standing.int("n")? >= OVERRIDES_MAX {
                        return Err(Error::Conflict {
                            code: "too_many",
                            message: format!(
                                "There are {OVERRIDES_MAX} overrides to come already. Change the layers instead."
                            ),
                        });
                    }
                    store::can_respond(tx, || "person".to_owned(), shift.person).await?;
                    // The order of overrides decides who holds, so no two are made at once.
                    let made_at = touch(tx, schedule, now).await?;
                    tx.execute(
                        &INSERT,
                        &args![
                            id.0,
                            schedule.0,
                            shift.person.0,
                            from.0,
                            shift.until.0,
                            actor.id.0,
                            made_at.0
                        ],
                    )
                    .await?;
                    let detail = json!({"override": id, "person": shift.person, "from": from, "until": shift.until});
                    audit::record(tx, audit_id, now, &actor, "override.added", found.schedule.name(), detail)
                        .await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Takes an override back: what has begun ends now, what has not never was.
    /// Responders take back their own, commanders any. Answers with who it was.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] also when it is over.
    pub async fn remove_override(
        &self,
        actor: &Actor,
        schedule: ScheduleId,
        id: OverrideId,
    ) -> Result<String, Error> {
        Error::authorise(actor, Action::Respond)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = store::find(tx, schedule, now, now).await?;
                    let found = found.ok_or(Error::NotFound)?;
                    let row = tx.fetch_optional(&FIND, &args![id.0, schedule.0]).await?;
                    let row = OverrideRow::from_row(&row.ok_or(Error::NotFound)?)?;
                    if row.shift.until <= now {
                        return Err(Error::NotFound);
                    }
                    if row.shift.person != actor.id && row.created_by != actor.id {
                        Error::authorise(&actor, Action::ManageSchedules)?;
                    }
                    let take_back = if row.shift.from >= now { &REMOVE } else { &END };
                    tx.execute(take_back, &args![id.0, now.0]).await?;
                    touch(tx, schedule, now).await?;
                    let detail = json!({"override": id, "person": row.shift.person, "from": row.shift.from, "until": row.shift.until});
                    audit::record(tx, audit_id, now, &actor, "override.removed", found.schedule.name(), detail)
                        .await?;
                    Ok(Names::load(tx).await?.of(row.shift.person).name)
                })
            })
            .await
    }
}

/// Notes that a schedule changed; answers with when, later than any time before.
pub(super) async fn touch(
    tx: &mut Tx,
    schedule: ScheduleId,
    now: Timestamp,
) -> Result<Timestamp, Error> {
    let row = tx.fetch_one(&TOUCH, &args![schedule.0, now.0]).await?;
    Ok(Timestamp(row.int("changed_at")?))
}

//! Making, changing and archiving schedules.

use super::{Layer, LayerDraft, SCHEDULES_MAX, Schedule, refused, store};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{ResultExt as _, Tx},
    directory, statements,
};
use rideout_domain::{Action, Actor, ScheduleId, TeamId, Timestamp, escalation::Target};
use serde_json::json;

statements! {
    /// Whether a schedule was made, even if it is archived.
    EXISTS = "SELECT 1 AS yes FROM schedules WHERE id = $1";
    /// How many schedules are in use.
    COUNT = "SELECT COUNT(*) AS n FROM schedules WHERE archived_at IS NULL";
    /// Whether a team is in use.
    IS_TEAM = "SELECT 1 AS yes FROM teams WHERE id = $1 AND archived_at IS NULL";
    /// Adds a schedule.
    INSERT = "INSERT INTO schedules (id, name, zone, layers, team_id, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $6)";
    /// Changes a schedule.
    UPDATE = "UPDATE schedules SET name = $2, zone = $3, layers = $4, team_id = $5, changed_at = $6 WHERE id = $1";
    /// Of changes from a moment on, which a clock that was ahead has written, keeps the first.
    KEEP_FIRST = "DELETE FROM former_layers WHERE until_at > $1 AND EXISTS (SELECT 1 FROM former_layers earlier WHERE earlier.schedule_id = former_layers.schedule_id AND earlier.until_at >= $1 AND earlier.until_at < former_layers.until_at)";
    /// And has it made at that moment.
    BRING_BACK = "UPDATE former_layers SET until_at = $1 WHERE until_at > $1";
    /// Keeps what layers were until they were changed; nothing, when they had no time to count.
    KEEP = "INSERT INTO former_layers (schedule_id, until_at, zone, layers) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    /// Archives a schedule.
    ARCHIVE = "UPDATE schedules SET archived_at = $2, changed_at = $2 WHERE id = $1";
}

/// What a schedule is made of.
#[derive(Debug, Clone, Default)]
pub struct NewSchedule {
    /// Name.
    pub name: String,
    /// Time zone of hand-overs.
    pub zone: String,
    /// Whose it is.
    pub team: Option<TeamId>,
    /// Layers, the one that wins first.
    pub layers: Vec<LayerDraft>,
}

/// What is changed of a schedule; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// Name.
    pub name: Option<String>,
    /// Time zone of hand-overs.
    pub zone: Option<String>,
    /// Whose it is; `Some(None)` is nobody's in particular.
    pub team: Option<Option<TeamId>>,
    /// All layers, the one that wins first.
    pub layers: Option<Vec<LayerDraft>>,
    /// When the schedule had last been changed as the asker saw it: a change on
    /// top of one they have not seen is refused.
    pub revision: Option<Timestamp>,
}

impl Service {
    /// Makes a schedule. With an id made by the client, a retry makes no second one.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`], [`Error::Conflict`] `too_many`.
    pub async fn make_schedule(
        &self,
        actor: &Actor,
        id: Option<ScheduleId>,
        new: NewSchedule,
    ) -> Result<ScheduleId, Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let layers = layers(&new.layers)?;
        let schedule =
            Schedule::new(&new.name, &new.zone, layers).map_err(|invalid| refused(&invalid))?;
        let id = id.unwrap_or_else(|| ScheduleId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&directory::LOCK, &args![]).await?;
                    if tx.fetch_optional(&EXISTS, &args![id.0]).await?.is_some() {
                        return Ok(id);
                    }
                    if tx.fetch_one(&COUNT, &args![]).await?.int("n")? >= SCHEDULES_MAX {
                        return Err(Error::Conflict {
                            code: "too_many",
                            message: format!(
                                "There are {SCHEDULES_MAX} schedules already. Archive one that is no longer needed."
                            ),
                        });
                    }
                    can_respond(tx, schedule.layers(), &[]).await?;
                    team_exists(tx, new.team).await?;
                    tx.execute(
                        &INSERT,
                        &args![
                            id.0,
                            schedule.name(),
                            schedule.zone().name(),
                            stored(schedule.layers())?,
                            new.team.map(|team| team.0),
                            now.0
                        ],
                    )
                    .await
                    .on_constraint("schedules_name_key", taken)?;
                    let detail = json!({"schedule": id, "zone": schedule.zone().name(), "layers": schedule.layers()});
                    audit::record(tx, audit_id, now, &actor, "schedule.made", schedule.name(), detail)
                        .await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Changes what is named of a schedule. Other layers, or another zone, count from
    /// now on: who was on call before stays as it was.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`],
    /// [`Error::Conflict`] `changed_meanwhile`.
    pub async fn change_schedule(
        &self,
        actor: &Actor,
        id: ScheduleId,
        change: ScheduleChange,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let new_layers = change.layers.as_deref().map(layers).transpose()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&directory::LOCK, &args![]).await?;
                    let before = store::find(tx, id, now, now).await?.ok_or(Error::NotFound)?;
                    if change.revision.is_some_and(|seen| seen != before.changed_at) {
                        return Err(Error::Conflict {
                            code: "changed_meanwhile",
                            message: "Somebody changed this schedule since you opened the page. Look at what it is now, then change it again.".to_owned(),
                        });
                    }
                    if let Some(layers) = &new_layers {
                        can_respond(tx, layers, before.schedule.layers()).await?;
                    }
                    let name = change.name.as_deref().unwrap_or(before.schedule.name());
                    let zone = change.zone.as_deref().unwrap_or(before.schedule.zone().name());
                    let layers =
                        new_layers.unwrap_or_else(|| before.schedule.layers().to_vec());
                    let after =
                        Schedule::new(name, zone, layers).map_err(|invalid| refused(&invalid))?;
                    let team = match change.team {
                        Some(team) => {
                            team_exists(tx, team).await?;
                            team
                        }
                        None => before.team.map(|(team, _)| team),
                    };
                    let changes = after.zone() != before.schedule.zone()
                        || after.layers() != before.schedule.layers();
                    if changes {
                        keep(tx, id, &before.schedule, now).await?;
                    }
                    // Also when the clock stands still or goes back.
                    let changed_at = now.0.max(before.changed_at.0 + 1);
                    tx.execute(
                        &UPDATE,
                        &args![
                            id.0,
                            after.name(),
                            after.zone().name(),
                            stored(after.layers())?,
                            team.map(|team| team.0),
                            changed_at
                        ],
                    )
                    .await
                    .on_constraint("schedules_name_key", taken)?;
                    let detail = json!({"schedule": id, "name": after.name(), "zone": after.zone().name(), "layers": after.layers()});
                    audit::record(tx, audit_id, now, &actor, "schedule.changed", before.schedule.name(), detail)
                        .await
                })
            })
            .await
    }

    /// Archives a schedule that no escalation policy calls.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Conflict`] `in_use`.
    pub async fn archive_schedule(&self, actor: &Actor, id: ScheduleId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&directory::LOCK, &args![]).await?;
                    let before = store::find(tx, id, now, now)
                        .await?
                        .ok_or(Error::NotFound)?;
                    let calling = directory::calling(tx, Target::Schedule(id)).await?;
                    if !calling.is_empty() {
                        return Err(Error::Conflict {
                            code: "in_use",
                            message: format!(
                                "{} is called by {}. Change that first.",
                                before.schedule.name(),
                                directory::listed_names(&calling)
                            ),
                        });
                    }
                    tx.execute(&ARCHIVE, &args![id.0, now.0]).await?;
                    let detail = json!({"schedule": id});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "schedule.archived",
                        before.schedule.name(),
                        detail,
                    )
                    .await
                })
            })
            .await
    }
}

fn layers(drafts: &[LayerDraft]) -> Result<Vec<Layer>, Error> {
    let layers = drafts.iter().enumerate();
    layers
        .map(|(at, draft)| {
            Layer::new(draft).map_err(|invalid| refused(&invalid.within(&format!("layers.{at}"))))
        })
        .collect()
}

fn stored(layers: &[Layer]) -> Result<String, Error> {
    serde_json::to_string(layers).map_err(Error::internal)
}

/// Keeps what the layers of a schedule were until now.
async fn keep(tx: &mut Tx, id: ScheduleId, before: &Schedule, now: Timestamp) -> Result<(), Error> {
    set_back(tx, now).await?;
    let (zone, layers) = (before.zone().name(), stored(before.layers())?);
    tx.execute(&KEEP, &args![id.0, now.0, zone, layers]).await?;
    Ok(())
}

/// The clock was set back to `now`: no layers count only from a time to come.
pub(super) async fn set_back(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    tx.execute(&KEEP_FIRST, &args![now.0]).await?;
    tx.execute(&BRING_BACK, &args![now.0]).await?;
    Ok(())
}

/// Refuses layers that name somebody who could not respond. A layer that stays as it
/// was may: what is wrong in one layer keeps nobody from changing another.
async fn can_respond(tx: &mut Tx, layers: &[Layer], before: &[Layer]) -> Result<(), Error> {
    for (at, layer) in layers.iter().enumerate() {
        if before.contains(layer) {
            continue;
        }
        for person in layer.people() {
            store::can_respond(tx, || format!("layers.{at}.people"), *person).await?;
        }
    }
    Ok(())
}

async fn team_exists(tx: &mut Tx, team: Option<TeamId>) -> Result<(), Error> {
    let Some(team) = team else {
        return Ok(());
    };
    let found = tx.fetch_optional(&IS_TEAM, &args![team.0]).await?;
    found
        .map(drop)
        .ok_or_else(|| Error::invalid("team", "there is no such team"))
}

fn taken() -> Error {
    Error::invalid("name", "Another schedule has this name.")
}

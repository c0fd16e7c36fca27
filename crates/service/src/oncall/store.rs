//! Schedules as they are stored.

use super::Schedule;
use crate::{
    Error, args,
    db::{Conn, Row},
    statements,
};
use rideout_domain::{CannotRespond, OverrideId, Role, ScheduleId, TeamId, Timestamp, UserId};
use rideout_oncall::{Former, Layer, Shift, Zone};
use std::collections::{BTreeMap, HashMap};

statements! {
    /// One schedule in use.
    FIND = "SELECT s.id, s.name, s.zone, s.layers, s.team_id, t.name AS team, s.created_at, s.changed_at FROM schedules s LEFT JOIN teams t ON t.id = s.team_id AND t.archived_at IS NULL WHERE s.id = $1 AND s.archived_at IS NULL";
    /// All schedules in use, by name.
    LIST = "SELECT s.id, s.name, s.zone, s.layers, s.team_id, t.name AS team, s.created_at, s.changed_at FROM schedules s LEFT JOIN teams t ON t.id = s.team_id AND t.archived_at IS NULL WHERE s.archived_at IS NULL ORDER BY lower(s.name), s.id";
    /// The overrides of one schedule that touch a span of time, in the order of their making.
    OVERRIDES = "SELECT id, schedule_id, user_id, from_at, until_at, source, created_by, created_at FROM schedule_overrides WHERE schedule_id = $1 AND removed_at IS NULL AND until_at > $2 AND from_at < $3 ORDER BY created_at, id";
    /// The overrides of all schedules that touch a span of time, in the order of their making.
    ALL_OVERRIDES = "SELECT o.id, o.schedule_id, o.user_id, o.from_at, o.until_at, o.source, o.created_by, o.created_at FROM schedule_overrides o JOIN schedules s ON s.id = o.schedule_id WHERE s.archived_at IS NULL AND o.removed_at IS NULL AND o.until_at > $1 AND o.from_at < $2 ORDER BY o.created_at, o.id";
    /// What the layers of one schedule were, if they were changed after a moment.
    FORMER = "SELECT schedule_id, until_at, zone, layers FROM former_layers WHERE schedule_id = $1 AND until_at > $2 ORDER BY until_at";
    /// What the layers of all schedules were, if they were changed after a moment.
    ALL_FORMER = "SELECT f.schedule_id, f.until_at, f.zone, f.layers FROM former_layers f JOIN schedules s ON s.id = f.schedule_id WHERE s.archived_at IS NULL AND f.until_at > $1 ORDER BY f.until_at";
    /// Everybody who cannot be called any more, and since when their account is closed.
    ABSENT = "SELECT id, disabled_at FROM users WHERE disabled_at IS NOT NULL";
    /// Everybody's name, and whether they can respond.
    NAMES = "SELECT id, name, role, disabled_at FROM users";
    /// Somebody's name, and whether they can respond.
    NAME = "SELECT name, role, disabled_at FROM users WHERE id = $1";
}

/// Somebody by name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Named {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Whether the account is in good standing, so that they can be called.
    pub active: bool,
    /// Why they cannot respond when they are called.
    #[serde(skip)]
    pub cannot_respond: Option<CannotRespond>,
}

impl Named {
    fn from_row(id: UserId, row: &Row) -> Result<Self, Error> {
        let role: Role = row.text("role")?.parse().map_err(Error::internal)?;
        let active = row.opt_int("disabled_at")?.is_none();
        Ok(Self {
            id,
            name: row.text("name")?,
            active,
            cannot_respond: CannotRespond::of(role, active),
        })
    }

    fn unknown(id: UserId) -> Self {
        Self {
            id,
            name: "somebody".to_owned(),
            active: false,
            cannot_respond: Some(CannotRespond::NoAccount),
        }
    }

    /// Why they should not be on call, with what to do about it; nothing when they may.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.cannot_respond.map(|why| why.told(&self.name))
    }
}

/// Refuses somebody who could not respond, for a field.
pub(super) async fn can_respond(
    conn: &mut Conn,
    field: impl FnOnce() -> String,
    id: UserId,
) -> Result<(), Error> {
    let row = conn.fetch_optional(&NAME, &args![id.0]).await?;
    let named = match row {
        Some(row) => Named::from_row(id, &row)?,
        None => Named::unknown(id),
    };
    named
        .trouble()
        .map_or(Ok(()), |trouble| Err(Error::invalid(field(), trouble)))
}

/// Everybody's names.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<UserId, Named>);

impl Names {
    pub(super) async fn load(conn: &mut Conn) -> Result<Self, Error> {
        let rows = conn.fetch_all(&NAMES, &args![]).await?;
        let named = rows.iter().map(|row| {
            let id = UserId(row.uuid("id")?);
            Ok((id, Named::from_row(id, row)?))
        });
        Ok(Self(named.collect::<Result<_, Error>>()?))
    }

    /// Somebody by name; people are never deleted.
    #[must_use]
    pub fn of(&self, id: UserId) -> Named {
        self.0.get(&id).cloned().unwrap_or(Named::unknown(id))
    }

    /// Several, by name.
    #[must_use]
    pub fn all(&self, ids: &[UserId]) -> Vec<Named> {
        let mut named: Vec<Named> = ids.iter().map(|id| self.of(*id)).collect();
        named.sort_by_key(|one| one.name.to_lowercase());
        named
    }
}

/// A schedule with what touches a span of time.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: ScheduleId,
    pub(super) team: Option<(TeamId, String)>,
    pub(super) created_at: Timestamp,
    pub(super) changed_at: Timestamp,
    pub(super) schedule: Schedule,
    pub(super) rows: Vec<OverrideRow>,
}

/// An override or an imported shift.
#[derive(Debug, Clone)]
pub(super) struct OverrideRow {
    pub(super) id: OverrideId,
    pub(super) schedule: ScheduleId,
    pub(super) shift: Shift,
    pub(super) imported: bool,
    pub(super) created_by: UserId,
    pub(super) created_at: Timestamp,
}

impl OverrideRow {
    pub(super) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: OverrideId(row.uuid("id")?),
            schedule: ScheduleId(row.uuid("schedule_id")?),
            shift: Shift {
                person: UserId(row.uuid("user_id")?),
                from: Timestamp(row.int("from_at")?),
                until: Timestamp(row.int("until_at")?),
            },
            imported: row.text("source")? == "import",
            created_by: UserId(row.uuid("created_by")?),
            created_at: Timestamp(row.int("created_at")?),
        })
    }
}

/// A schedule in use with what touches a span of time.
pub(super) async fn find(
    conn: &mut Conn,
    id: ScheduleId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Option<Stored>, Error> {
    let Some(row) = conn.fetch_optional(&FIND, &args![id.0]).await? else {
        return Ok(None);
    };
    let overrides = conn
        .fetch_all(&OVERRIDES, &args![id.0, from.0, until.0])
        .await?;
    let overrides = overrides.iter().map(OverrideRow::from_row);
    let overrides = overrides.collect::<Result<Vec<_>, _>>()?;
    let former = conn.fetch_all(&FORMER, &args![id.0, from.0]).await?;
    let former = former.iter().map(former_layers);
    let former = former.collect::<Result<Vec<_>, _>>()?;
    let absent = absent(conn).await?;
    stored(&row, overrides, former, &absent).map(Some)
}

/// All schedules in use with what touches a span of time, by name.
pub(super) async fn all(
    conn: &mut Conn,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Stored>, Error> {
    let schedules = conn.fetch_all(&LIST, &args![]).await?;
    let mut overrides: HashMap<ScheduleId, Vec<OverrideRow>> = HashMap::new();
    let rows = conn
        .fetch_all(&ALL_OVERRIDES, &args![from.0, until.0])
        .await?;
    for row in rows {
        let row = OverrideRow::from_row(&row)?;
        overrides.entry(row.schedule).or_default().push(row);
    }
    let mut former: HashMap<ScheduleId, Vec<Former>> = HashMap::new();
    for row in conn.fetch_all(&ALL_FORMER, &args![from.0]).await? {
        let id = ScheduleId(row.uuid("schedule_id")?);
        former.entry(id).or_default().push(former_layers(&row)?);
    }
    let absent = absent(conn).await?;
    schedules
        .iter()
        .map(|row| {
            let id = ScheduleId(row.uuid("id")?);
            let overrides = overrides.remove(&id).unwrap_or_default();
            let former = former.remove(&id).unwrap_or_default();
            stored(row, overrides, former, &absent)
        })
        .collect()
}

async fn absent(conn: &mut Conn) -> Result<BTreeMap<UserId, Timestamp>, Error> {
    let rows = conn.fetch_all(&ABSENT, &args![]).await?;
    rows.iter()
        .map(|row| {
            let since = Timestamp(row.int("disabled_at")?);
            Ok((UserId(row.uuid("id")?), since))
        })
        .collect()
}

fn former_layers(row: &Row) -> Result<Former, Error> {
    Ok(Former {
        zone: Zone::named(&row.text("zone")?).map_err(Error::internal)?,
        layers: serde_json::from_str(&row.text("layers")?).map_err(Error::internal)?,
        until: Timestamp(row.int("until_at")?),
    })
}

fn stored(
    row: &Row,
    rows: Vec<OverrideRow>,
    former: Vec<Former>,
    absent: &BTreeMap<UserId, Timestamp>,
) -> Result<Stored, Error> {
    let layers: Vec<Layer> = serde_json::from_str(&row.text("layers")?).map_err(Error::internal)?;
    let schedule =
        Schedule::new(&row.text("name")?, &row.text("zone")?, layers).map_err(Error::internal)?;
    let of = |imported: bool| {
        rows.iter()
            .filter(|row| row.imported == imported)
            .map(|row| row.shift)
            .collect()
    };
    let schedule = schedule
        .with_former(former)
        .with_overrides(of(false))
        .with_imported(of(true))
        .with_absent(absent.iter().map(|(id, since)| (*id, *since)));
    let team = match (row.opt_uuid("team_id")?, row.opt_text("team")?) {
        (Some(id), Some(name)) => Some((TeamId(id), name)),
        _ => None,
    };
    Ok(Stored {
        id: ScheduleId(row.uuid("id")?),
        team,
        created_at: Timestamp(row.int("created_at")?),
        changed_at: Timestamp(row.int("changed_at")?),
        schedule,
        rows,
    })
}

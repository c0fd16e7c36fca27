//! Who is called, and how each can be reached now.

use crate::{Error, args, db::Conn, statements};
use jiff::{Timestamp as Instant, civil::Time, tz::TimeZone};
use rideout_domain::{
    Incident, RouteId, ScheduleId, Severity, Timestamp, UserId, escalation::Target, text::clean,
};

statements! {
    /// People with an account in use: one by identifier.
    PERSON = "SELECT id, name FROM users WHERE id = $1 AND disabled_at IS NULL";
    /// The people of a team.
    TEAM = "SELECT u.id, u.name FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = $1 AND u.disabled_at IS NULL ORDER BY u.name, u.id";
    /// Whoever may lead any incident.
    IN_CHARGE = "SELECT id, name FROM users WHERE role IN ('commander', 'admin') AND disabled_at IS NULL ORDER BY name, id";
    /// Whoever may see a restricted incident.
    NAMED = "SELECT u.id, u.name FROM incident_access a JOIN users u ON u.id = a.user_id WHERE a.incident_id = $1 AND u.disabled_at IS NULL ORDER BY u.name, u.id";
    /// The routes of a person that can be used, the first to be used first.
    ROUTES = "SELECT id FROM contact_routes WHERE user_id = $1 AND removed_at IS NULL AND disabled_at IS NULL ORDER BY position, id";
    /// The quiet hours of a person.
    QUIET = "SELECT zone, from_minute, until_minute, loud_severity FROM quiet_hours WHERE user_id = $1";
    /// Who stands in, in a schedule.
    OVERRIDES = "SELECT user_id FROM schedule_overrides WHERE schedule_id = $1 AND from_at <= $2 AND until_at > $2 AND removed_at IS NULL ORDER BY created_at DESC, id DESC";
    /// The name of a team.
    TEAM_NAME = "SELECT name FROM teams WHERE id = $1";
    /// The name of a schedule.
    SCHEDULE_NAME = "SELECT name FROM schedules WHERE id = $1";
}

/// Somebody to call.
#[derive(Debug, Clone)]
pub(super) struct Callee {
    pub(super) id: UserId,
    pub(super) name: String,
    /// The routes that can be used, in order.
    pub(super) routes: Vec<RouteId>,
    /// When their quiet hours end, if they hold now for this incident.
    pub(super) quiet_until: Option<Timestamp>,
}

impl Callee {
    /// Whether a page reaches them now.
    pub(super) fn is_reachable(&self) -> bool {
        !self.routes.is_empty() && self.quiet_until.is_none()
    }
}

/// Who stands behind the targets of a level, each once.
#[derive(Debug, Default)]
pub(super) struct Callees {
    pub(super) people: Vec<Callee>,
    /// Why somebody is not there or cannot be reached, in sentences.
    pub(super) absent: Vec<String>,
}

impl Callees {
    pub(super) fn reachable(&self) -> usize {
        self.people.iter().filter(|p| p.is_reachable()).count()
    }

    fn add(&mut self, callee: Callee) {
        if self.people.iter().any(|known| known.id == callee.id) {
            return;
        }
        if callee.routes.is_empty() {
            self.absent
                .push(format!("{} has no contact route in use.", callee.name));
        } else if let Some(until) = callee.quiet_until {
            self.absent.push(format!(
                "{} has quiet hours until {} UTC and gets the page then.",
                callee.name,
                until.clock_utc()
            ));
        }
        self.people.push(callee);
    }
}

/// Finds who is called by the targets of a level.
pub(super) async fn behind(
    conn: &mut Conn,
    targets: &[Target],
    incident: &Incident,
    now: Timestamp,
) -> Result<Callees, Error> {
    let mut found = Callees::default();
    for target in targets {
        let (people, nobody) = match target {
            Target::Person(id) => (
                conn.fetch_all(&PERSON, &args![id.0]).await?,
                "Somebody who was to be called has no account any more.".to_owned(),
            ),
            Target::Team(id) => {
                let name = name_of(conn, &TEAM_NAME, id.0).await?;
                (
                    conn.fetch_all(&TEAM, &args![id.0]).await?,
                    format!("Nobody is in the team {name}."),
                )
            }
            Target::Schedule(id) => {
                let name = name_of(conn, &SCHEDULE_NAME, id.0).await?;
                let mut people = Vec::new();
                for who in on_call(conn, *id, now).await? {
                    people.extend(conn.fetch_all(&PERSON, &args![who.0]).await?);
                }
                (people, format!("Nobody is on call in {name}."))
            }
        };
        if people.is_empty() {
            found.absent.push(nobody);
        }
        for row in people {
            let person = (UserId(row.uuid("id")?), row.text("name")?);
            found.add(reach(conn, person, incident.severity, now).await?);
        }
    }
    Ok(found)
}

/// Whoever is in charge, for when nobody else came: those who may lead any
/// incident, and of a restricted one only those who may see it.
pub(super) async fn in_charge(
    conn: &mut Conn,
    incident: &Incident,
    now: Timestamp,
) -> Result<Callees, Error> {
    let rows = if incident.restricted {
        conn.fetch_all(&NAMED, &args![incident.id.0]).await?
    } else {
        conn.fetch_all(&IN_CHARGE, &[]).await?
    };
    let mut found = Callees::default();
    for row in rows {
        let person = (UserId(row.uuid("id")?), row.text("name")?);
        found.add(reach(conn, person, incident.severity, now).await?);
    }
    Ok(found)
}

/// One person with an account in use.
pub(super) async fn one(
    conn: &mut Conn,
    id: UserId,
    incident: &Incident,
    now: Timestamp,
) -> Result<Option<Callee>, Error> {
    let Some(row) = conn.fetch_optional(&PERSON, &args![id.0]).await? else {
        return Ok(None);
    };
    let person = (id, row.text("name")?);
    Ok(Some(reach(conn, person, incident.severity, now).await?))
}

/// Whoever is on call in a schedule.
async fn on_call(
    conn: &mut Conn,
    schedule: ScheduleId,
    now: Timestamp,
) -> Result<Vec<UserId>, Error> {
    let rows = conn
        .fetch_all(&OVERRIDES, &args![schedule.0, now.0])
        .await?;
    rows.iter()
        .map(|row| Ok(UserId(row.uuid("user_id")?)))
        .collect()
}

async fn reach(
    conn: &mut Conn,
    (id, name): (UserId, String),
    severity: Severity,
    now: Timestamp,
) -> Result<Callee, Error> {
    let mut routes = Vec::new();
    for row in conn.fetch_all(&ROUTES, &args![id.0]).await? {
        routes.push(RouteId(row.uuid("id")?));
    }
    let mut quiet = None;
    if let Some(row) = conn.fetch_optional(&QUIET, &args![id.0]).await? {
        let loud: Severity = row
            .text("loud_severity")?
            .parse()
            .map_err(Error::internal)?;
        if severity > loud {
            let (from, until) = (row.int("from_minute")?, row.int("until_minute")?);
            quiet = quiet_until(now, &row.text("zone")?, from, until);
        }
    }
    Ok(Callee {
        id,
        name: clean(&name),
        routes,
        quiet_until: quiet,
    })
}

async fn name_of(conn: &mut Conn, sql: &crate::db::Sql, id: uuid::Uuid) -> Result<String, Error> {
    let row = conn.fetch_optional(sql, &args![id]).await?;
    row.map_or_else(
        || Ok("that is not there any more".to_owned()),
        |row| Ok(format!("“{}”", row.text("name")?)),
    )
}

/// When quiet hours that hold now end; none when they do not hold. Minutes are
/// those of the day in the zone; hours that end before they begin go over midnight.
/// A zone nobody knows has no quiet hours: rather called at night than not at all.
fn quiet_until(now: Timestamp, zone: &str, from: i64, until: i64) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).ok()?;
    let local = zone.to_datetime(Instant::from_microsecond(now.0).ok()?);
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let holds = if from <= until {
        from <= minute && minute < until
    } else {
        from <= minute || minute < until
    };
    if !holds {
        return None;
    }
    let day = if until > minute {
        local.date()
    } else {
        local.date().tomorrow().ok()?
    };
    let hour = i8::try_from(until / 60).ok()?;
    let time = Time::new(hour, i8::try_from(until % 60).ok()?, 0, 0).ok()?;
    let end = zone.to_timestamp(day.to_datetime(time)).ok()?;
    Some(Timestamp(end.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(now: &str, zone: &str, from: i64, until: i64) -> Option<String> {
        quiet_until(now.parse().unwrap(), zone, from, until).map(Timestamp::rfc3339)
    }

    #[test]
    fn quiet_hours_end_in_their_zone() {
        let (night, morning) = (22 * 60, 7 * 60);
        for (now, wanted) in [
            // Berlin is two hours ahead in June.
            ("2010-06-15T19:59:59Z", None),
            ("2010-06-15T20:00:00Z", Some("2010-06-16T05:00:00Z")),
            ("2010-06-16T04:59:59Z", Some("2010-06-16T05:00:00Z")),
            ("2010-06-16T05:00:00Z", None),
            // The night in which the clocks go forward, and the one in which they go back.
            ("2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
            ("2026-10-24T22:00:00Z", Some("2026-10-25T06:00:00Z")),
        ] {
            assert_eq!(
                until(now, "Europe/Berlin", night, morning).as_deref(),
                wanted,
                "{now}"
            );
        }
        let noon = until("2010-06-15T12:30:00Z", "UTC", 12 * 60, 13 * 60);
        assert_eq!(noon.as_deref(), Some("2010-06-15T13:00:00Z"));
        assert_eq!(until("2010-06-15T12:30:00Z", "Mars/Olympus", 0, 1439), None);
    }
}

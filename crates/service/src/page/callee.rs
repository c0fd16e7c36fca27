//! Who is called, and how each can be reached now.

use crate::{
    Error, args,
    db::Conn,
    directory::{self, Who},
    oncall, statements,
};
use jiff::{Timestamp as Instant, civil::Time, tz::TimeZoneDatabase};
use rideout_domain::{
    Incident, QuietHours, RouteId, Severity, Timestamp, UserId, escalation::Target,
};

/// Minutes for which whoever wrote or acknowledged is taken to be in the room.
const HERE: i64 = 15;
/// Seconds by which the clocks of nodes may differ; what is further ahead was written
/// by a clock that has been set back since.
const AHEAD: i64 = 120;

statements! {
    /// Who wrote in an incident lately, or acknowledged a page. Whoever only declared it
    /// may have gone since.
    LATELY = "SELECT author_id AS id FROM (SELECT author_id, kind, recorded_at FROM entries WHERE incident_id = $1 ORDER BY seq DESC LIMIT 100) AS newest WHERE recorded_at > $2 AND recorded_at <= $3 AND author_id IS NOT NULL AND kind <> 'declared' UNION SELECT acknowledged_by AS id FROM pages WHERE incident_id = $1 AND acknowledged_at > $2 AND acknowledged_at <= $3";
    /// The name of somebody with an account in use.
    PERSON = "SELECT name FROM users WHERE id = $1 AND disabled_at IS NULL";
    /// Whoever may lead any incident.
    IN_CHARGE = "SELECT id FROM users WHERE role IN ('commander', 'admin') AND disabled_at IS NULL ORDER BY lower(name), id";
    /// Whoever may see a restricted incident.
    NAMED = "SELECT u.id FROM incident_access a JOIN users u ON u.id = a.user_id WHERE a.incident_id = $1 AND u.disabled_at IS NULL ORDER BY lower(u.name), u.id";
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
    /// Who is in the room already: a page would tell them nothing new.
    here: Vec<UserId>,
    /// Whom of them the targets name.
    called_here: Vec<UserId>,
}

impl Callees {
    async fn of(conn: &mut Conn, incident: &Incident, now: Timestamp) -> Result<Self, Error> {
        let since = now.plus_minutes(-HERE);
        let lately = args![incident.id.0, since.0, now.plus_seconds(AHEAD).0];
        let rows = conn.fetch_all(&LATELY, &lately).await?;
        let here = rows.iter().map(|row| Ok(UserId(row.uuid("id")?)));
        Ok(Self {
            here: here.collect::<Result<_, Error>>()?,
            ..Self::default()
        })
    }

    /// Whether everybody who was to be called is in the room already.
    pub(super) const fn all_here(&self) -> bool {
        self.people.is_empty() && !self.called_here.is_empty()
    }

    pub(super) fn reachable(&self) -> usize {
        self.people.iter().filter(|p| p.is_reachable()).count()
    }

    fn add(&mut self, callee: Callee) {
        let known = self.people.iter().map(|known| &known.id);
        if known.chain(&self.called_here).any(|id| *id == callee.id) {
            return;
        }
        if self.here.contains(&callee.id) {
            self.absent
                .push(format!("{} is in the room already.", callee.name));
            self.called_here.push(callee.id);
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
    let mut found = Callees::of(conn, incident, now).await?;
    for target in targets {
        let (people, nobody) = match target {
            Target::Person(id) => (
                directory::people_of(conn, Who::Person(*id)).await?,
                "Somebody who was to be called has no account any more.".to_owned(),
            ),
            Target::Team(id) => {
                let name = name_of(conn, &TEAM_NAME, id.0).await?;
                (
                    directory::people_of(conn, Who::Team(*id)).await?,
                    format!("Nobody is in the team {name}."),
                )
            }
            Target::Schedule(id) => {
                let name = name_of(conn, &SCHEDULE_NAME, id.0).await?;
                (
                    oncall::on_call_at(conn, *id, now).await?,
                    format!("Nobody is on call in {name}."),
                )
            }
        };
        for id in &people {
            if let Some(callee) = one(conn, *id, incident, now).await? {
                found.add(callee);
            }
        }
        // Of those on call, accounts may have been closed.
        let known = || found.people.iter().map(|p| p.id);
        let somebody = known()
            .chain(found.called_here.iter().copied())
            .any(|id| people.contains(&id));
        if !somebody {
            found.absent.push(nobody);
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
    let mut found = Callees::of(conn, incident, now).await?;
    for row in rows {
        if let Some(callee) = one(conn, UserId(row.uuid("id")?), incident, now).await? {
            found.add(callee);
        }
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
    let routes = directory::routes_of(conn, id).await?;
    let quiet = directory::quiet_hours(conn, id).await?;
    Ok(Some(Callee {
        id,
        name: row.text("name")?,
        routes: routes.iter().map(|route| route.id).collect(),
        quiet_until: quiet.and_then(|quiet| quiet_until(&quiet, now, incident.severity)),
    }))
}

async fn name_of(conn: &mut Conn, sql: &crate::db::Sql, id: uuid::Uuid) -> Result<String, Error> {
    let row = conn.fetch_optional(sql, &args![id]).await?;
    row.map_or_else(
        || Ok("that is not there any more".to_owned()),
        |row| Ok(format!("“{}”", row.text("name")?)),
    )
}

/// When quiet hours that keep an incident away now end; none when they do not.
fn quiet_until(quiet: &QuietHours, now: Timestamp, severity: Severity) -> Option<Timestamp> {
    if !directory::quiet_now(quiet, now, severity) {
        return None;
    }
    let zone = TimeZoneDatabase::bundled().get(&quiet.zone).ok()?;
    let local = zone.to_datetime(Instant::from_microsecond(now.0).ok()?);
    let until = i64::from(quiet.until_minute);
    let day = if until > i64::from(local.hour()) * 60 + i64::from(local.minute()) {
        local.date()
    } else {
        local.date().tomorrow().ok()?
    };
    let (hour, minute) = (i8::try_from(until / 60), i8::try_from(until % 60));
    let time = Time::new(hour.ok()?, minute.ok()?, 0, 0).ok()?;
    let end = zone.to_timestamp(day.to_datetime(time)).ok()?;
    Some(Timestamp(end.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_in_their_zone() {
        let until = |now: &str, zone: &str, from_minute, until_minute| {
            let quiet = QuietHours {
                zone: zone.into(),
                from_minute,
                until_minute,
                loud_severity: Severity::Sev1,
            };
            quiet_until(&quiet, now.parse().unwrap(), Severity::Sev2).map(Timestamp::rfc3339)
        };
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
            let found = until(now, "Europe/Berlin", night, morning);
            assert_eq!(found.as_deref(), wanted, "{now}");
        }
        let noon = until("2010-06-15T12:30:00Z", "UTC", 12 * 60, 13 * 60);
        assert_eq!(noon.as_deref(), Some("2010-06-15T13:00:00Z"));
        // Rather called at night than not at all.
        assert_eq!(until("2010-06-15T12:30:00Z", "Mars/Olympus", 0, 1439), None);
    }
}

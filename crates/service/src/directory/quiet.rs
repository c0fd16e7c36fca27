//! When a person is not to be disturbed.

use super::Wrong;
use crate::{Error, Service, account::audit, args, db::Conn, statements};
use rideout_domain::{Actor, QuietHours, Severity, Timestamp, UserId, reach};
use rideout_oncall::Zone;
use serde_json::json;

statements! {
    /// When somebody is not to be disturbed.
    FIND = "SELECT zone, from_minute, until_minute, loud_severity FROM quiet_hours WHERE user_id = $1";
    /// Sets when somebody is not to be disturbed.
    SET = "INSERT INTO quiet_hours (user_id, zone, from_minute, until_minute, loud_severity) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET zone = excluded.zone, from_minute = excluded.from_minute, until_minute = excluded.until_minute, loud_severity = excluded.loud_severity";
    /// Lets somebody be disturbed at any time.
    CLEAR = "DELETE FROM quiet_hours WHERE user_id = $1";
}

/// Quiet hours as typed.
#[derive(Debug, Clone)]
pub struct NewQuietHours {
    /// Name of the time zone.
    pub zone: String,
    /// When they begin: `22:00`.
    pub from: String,
    /// When they end.
    pub until: String,
    /// Incidents at least this bad disturb all the same.
    pub loud_severity: Severity,
}

impl Service {
    /// Sets when the actor is not to be disturbed; `None` is never.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `zone`, `from` or `until`.
    pub async fn set_quiet_hours(
        &self,
        actor: &Actor,
        quiet: Option<&NewQuietHours>,
    ) -> Result<(), Error> {
        let quiet = quiet.map(NewQuietHours::checked).transpose()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    match &quiet {
                        None => {
                            tx.execute(&CLEAR, &args![actor.id.0]).await?;
                        }
                        Some(quiet) => {
                            let args = args![
                                actor.id.0,
                                &quiet.zone,
                                quiet.from_minute,
                                quiet.until_minute,
                                quiet.loud_severity.word()
                            ];
                            tx.execute(&SET, &args).await?;
                        }
                    }
                    let detail = json!({"quiet_hours": quiet});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "route.quiet_hours",
                        &actor.name,
                        detail,
                    )
                    .await
                })
            })
            .await
    }
}

impl NewQuietHours {
    fn checked(&self) -> Result<QuietHours, Error> {
        let mut wrong = Wrong::default();
        let minute = |field, text| {
            reach::minute_of_day(text).ok_or_else(|| {
                Error::invalid(field, "This is no time of the day: choose 00:00 to 23:59.")
            })
        };
        let from_minute = wrong.take(minute("from", &self.from))?;
        let until_minute = wrong.take(minute("until", &self.until))?;
        let zone = wrong.take(zone(&self.zone))?;
        wrong.none()?;
        QuietHours {
            zone,
            from_minute,
            until_minute,
            loud_severity: self.loud_severity,
        }
        .checked()
        .map_err(|bad| Error::invalid(bad.field(), bad))
    }
}

/// The names of time zones to choose from, without aliases.
#[must_use]
pub fn zone_names() -> Vec<String> {
    Zone::names()
}

fn zone(name: &str) -> Result<String, Error> {
    Zone::named(name)
        .map(|zone| zone.name().to_owned())
        .map_err(|bad| Error::invalid("zone", bad))
}

/// When somebody is not to be disturbed, if ever.
///
/// # Errors
/// Only those of the database.
pub async fn quiet_hours(conn: &mut Conn, user: UserId) -> Result<Option<QuietHours>, Error> {
    let Some(row) = conn.fetch_optional(&FIND, &args![user.0]).await? else {
        return Ok(None);
    };
    let minute =
        |column| -> Result<u16, Error> { u16::try_from(row.int(column)?).map_err(Error::internal) };
    Ok(Some(QuietHours {
        zone: row.text("zone")?,
        from_minute: minute("from_minute")?,
        until_minute: minute("until_minute")?,
        loud_severity: row
            .text("loud_severity")?
            .parse()
            .map_err(Error::internal)?,
    }))
}

/// Whether quiet hours keep an incident of this severity away at this moment.
///
/// A zone that is not known any more keeps nothing away.
#[must_use]
pub fn quiet_now(quiet: &QuietHours, at: Timestamp, severity: Severity) -> bool {
    let quiet_at = |zone: Zone| quiet.hold_at(zone.minute_of_day(at));
    !quiet.let_through(severity) && Zone::named(&quiet.zone).is_ok_and(quiet_at)
}

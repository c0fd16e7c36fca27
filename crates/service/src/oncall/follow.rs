//! Keeping up with a calendar: it is fetched again and again, and its shifts take
//! the place of those that came out of it before.
//!
//! A calendar that cannot be fetched or read, or that is suddenly empty, changes
//! nothing: whoever is on call stays on call, and the schedule says since when its
//! calendar is silent.

use super::{
    import::{self, Taking},
    store::Names,
};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, Row, Tx},
    statements,
};
use rideout_domain::{Action, Actor, Role, ScheduleId, Timestamp, UserId};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Minutes between two fetches.
const EVERY: i64 = 60;
/// Minutes after a failure.
const AGAIN: i64 = 10;
/// Minutes that a fetch may take before another node tries.
const CLAIM: i64 = 5;
/// Longest reason that is kept, in characters.
const WHY_MAX: usize = 300;

statements! {
    /// Begins to follow, or follows another calendar from now on.
    FOLLOW = "INSERT INTO calendar_sources (schedule_id, url, who, followed_by, followed_at, next_at, read_at, why) VALUES ($1, $2, $3, $4, $5, $6, $5, '') ON CONFLICT (schedule_id) DO UPDATE SET url = excluded.url, who = excluded.who, followed_by = excluded.followed_by, followed_at = excluded.followed_at, next_at = excluded.next_at, read_at = excluded.read_at, failed_since = NULL, why = ''";
    /// Follows no more.
    STOP = "DELETE FROM calendar_sources WHERE schedule_id = $1";
    /// What a schedule follows.
    FIND = "SELECT url, followed_at, read_at, failed_since, why FROM calendar_sources WHERE schedule_id = $1";
    /// Calendars to fetch.
    DUE = "SELECT c.schedule_id, c.url, c.who, c.followed_by, c.next_at, u.name, u.role, u.disabled_at FROM calendar_sources c JOIN schedules s ON s.id = c.schedule_id JOIN users u ON u.id = c.followed_by WHERE c.next_at <= $1 AND s.archived_at IS NULL ORDER BY c.next_at LIMIT $2";
    /// Takes a fetch in hand, if nobody else has.
    CLAIM_IT = "UPDATE calendar_sources SET next_at = $3 WHERE schedule_id = $1 AND next_at = $2";
    /// A fetch came to something.
    WAS_READ = "UPDATE calendar_sources SET next_at = $3, read_at = $4, failed_since = NULL, why = $5 WHERE schedule_id = $1 AND url = $2";
    /// A fetch came to nothing.
    FAILED = "UPDATE calendar_sources SET next_at = $3, failed_since = COALESCE(failed_since, $4), why = $5 WHERE schedule_id = $1 AND url = $2";
    /// Nothing waits for a time that the clock has left again.
    SET_BACK = "UPDATE calendar_sources SET next_at = $1 WHERE next_at > $1";
}

/// A calendar that a schedule keeps up with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The host of its address; the rest may be a secret.
    pub host: String,
    /// Since when.
    pub followed_at: Timestamp,
    /// When it was last read.
    pub read_at: Timestamp,
    /// Since when it cannot be, and why; or what was left out of it.
    pub failed_since: Option<Timestamp>,
    /// In a sentence; empty when all is well.
    pub why: String,
}

/// A calendar to be fetched.
#[derive(Debug, Clone)]
pub struct DueCalendar {
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// Its address; a secret.
    pub url: String,
    who: HashMap<String, Option<UserId>>,
    by: Actor,
}

impl Service {
    /// Takes calendars in hand that are to be fetched now, at most `limit`. For some
    /// minutes nobody else does.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn calendars_due(&self, limit: i64) -> Result<Vec<DueCalendar>, Error> {
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let rows = conn.fetch_all(&DUE, &args![now.0, limit]).await?;
        drop(conn);
        let mut due = Vec::new();
        for row in rows {
            let (calendar, next_at) = (due_calendar(&row)?, row.int("next_at")?);
            let claim = args![calendar.schedule.0, next_at, now.plus_minutes(CLAIM).0];
            let claimed = self.db.write(move |tx| {
                Box::pin(async move { Ok::<_, Error>(tx.execute(&CLAIM_IT, &claim).await?) })
            });
            if claimed.await? != 1 {
                continue;
            }
            // Whoever had it followed decided who is on call. They must be allowed to.
            let may = calendar.by.may(Action::ManageSchedules);
            if may && row.opt_int("disabled_at")?.is_none() {
                due.push(calendar);
            } else {
                let why = format!("{} has no right to any more", calendar.by.name);
                self.calendar_fetched(&calendar, Err(why)).await?;
            }
        }
        Ok(due)
    }

    /// Writes down what fetching a calendar came to: its shifts, or why there are
    /// none. Whom nobody recognises, and nobody named when it was first imported, is
    /// left out and told.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn calendar_fetched(
        &self,
        calendar: &DueCalendar,
        file: Result<Vec<u8>, String>,
    ) -> Result<(), Error> {
        let read = match file {
            Ok(file) => self.follow(calendar, file).await,
            Err(why) => Err(Error::invalid("file", why)),
        };
        let (schedule, url, now) = (calendar.schedule, calendar.url.clone(), self.now());
        let (statement, next, why) = match read {
            Ok(left_out) => (&WAS_READ, EVERY, left_out),
            Err(Error::Invalid(errors)) => {
                let whys: Vec<String> = errors.into_iter().map(|e| e.message).collect();
                (&FAILED, AGAIN, whys.join("; "))
            }
            // It is archived, or gone.
            Err(Error::NotFound) => return Ok(()),
            Err(other) => return Err(other),
        };
        let why: String = why.chars().take(WHY_MAX).collect();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let next = now.plus_minutes(next);
                    let row = args![schedule.0, url, next.0, now.0, why];
                    tx.execute(statement, &row).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Takes the shifts of a calendar; says what was left out.
    async fn follow(&self, calendar: &DueCalendar, file: Vec<u8>) -> Result<String, Error> {
        let reading = self.read_for(calendar.schedule, file).await?;
        let mut who = calendar.who.clone();
        let mut left_out: Vec<String> = Vec::new();
        let names = Names::load(&mut *self.db.reader().await?).await?;
        // Who somebody was said to be may no longer be able to respond.
        for is in who.values_mut() {
            if let Some(trouble) = is.and_then(|is| names.of(is).trouble()) {
                *is = None;
                left_out.push(trouble);
            }
        }
        left_out.extend(reading.viewers.iter().filter_map(|(one, _)| one.trouble()));
        left_out.sort();
        left_out.dedup();
        let told: HashSet<&str> = reading
            .shifts
            .iter()
            .filter(|read| !read.viewers.is_empty())
            .map(|read| &*read.whom)
            .collect();
        let strangers: Vec<String> = reading
            .unmatched
            .iter()
            .map(|one| one.whom.clone())
            .filter(|whom| !who.contains_key(whom))
            .collect();
        who.extend(strangers.iter().map(|whom| (whom.clone(), None)));
        let strangers: Vec<String> = strangers
            .into_iter()
            .filter(|whom| !told.contains(&**whom))
            .collect();
        if !strangers.is_empty() {
            left_out.push(format!("nobody here is known as {}", strangers.join(", ")));
        }
        left_out.extend(
            reading
                .skipped
                .iter()
                .map(|one| format!("{}: {}", one.title, one.why)),
        );
        let taking = Taking {
            schedule: calendar.schedule,
            shifts: reading.shifts,
            who,
            by: calendar.by.clone(),
        };
        self.take_shifts(taking, None).await?;
        Ok(left_out.join("; "))
    }

    /// Imports the shifts of a calendar as [`import_shifts`](Self::import_shifts)
    /// does, and keeps up with it from now on.
    ///
    /// # Errors
    /// As there.
    pub async fn follow_calendar(
        &self,
        actor: &Actor,
        schedule: ScheduleId,
        shifts: Vec<import::Read>,
        who: HashMap<String, Option<UserId>>,
        url: String,
    ) -> Result<usize, Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let taking = Taking {
            schedule,
            shifts,
            who,
            by: actor.clone(),
        };
        self.take_shifts(taking, Some(Some(url))).await
    }

    /// Keeps up with a calendar no longer. Its shifts stay.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn stop_following(&self, actor: &Actor, schedule: ScheduleId) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = super::store::find(tx, schedule, now, now).await?;
                    let found = found.ok_or(Error::NotFound)?;
                    let name = found.schedule.name();
                    if tx.execute(&STOP, &args![schedule.0]).await? == 1 {
                        let detail = json!({ "schedule": schedule });
                        audit::record(tx, audit_id, now, &actor, "calendar.left", name, detail)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Follows the calendar at that address, or none.
pub(super) async fn set(
    tx: &mut Tx,
    schedule: ScheduleId,
    url: Option<&str>,
    who: &HashMap<String, Option<UserId>>,
    by: UserId,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(url) = url else {
        tx.execute(&STOP, &args![schedule.0]).await?;
        return Ok(());
    };
    let who = serde_json::to_string(who).map_err(Error::internal)?;
    let next = now.plus_minutes(EVERY);
    let row = args![schedule.0, url, who, by.0, now.0, next.0];
    tx.execute(&FOLLOW, &row).await?;
    Ok(())
}

/// What a schedule keeps up with.
pub(super) async fn of(conn: &mut Conn, schedule: ScheduleId) -> Result<Option<Followed>, Error> {
    let Some(row) = conn.fetch_optional(&FIND, &args![schedule.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Followed {
        host: host(&row.text("url")?),
        followed_at: Timestamp(row.int("followed_at")?),
        read_at: Timestamp(row.int("read_at")?),
        failed_since: row.opt_int("failed_since")?.map(Timestamp),
        why: row.text("why")?,
    }))
}

/// The clock was set back to `now`.
pub(crate) async fn set_back(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    let latest = now.plus_minutes(EVERY);
    tx.execute(&SET_BACK, &args![latest.0]).await?;
    super::schedule::set_back(tx, now).await
}

fn due_calendar(row: &Row) -> Result<DueCalendar, Error> {
    let role: Role = row.text("role")?.parse().map_err(Error::internal)?;
    Ok(DueCalendar {
        schedule: ScheduleId(row.uuid("schedule_id")?),
        url: row.text("url")?,
        who: serde_json::from_str(&row.text("who")?).map_err(Error::internal)?,
        by: Actor {
            id: UserId(row.uuid("followed_by")?),
            name: row.text("name")?,
            role,
            address: String::new(),
        },
    })
}

/// The host of a web address.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

//! On-call schedules: who is on call when, who stands in, calendars in and out.
//!
//! Everybody signed in reads. Responders stand in themselves; commanders and
//! admins change schedules and have others stand in. What other use cases need
//! is answered by the functions that take a connection: those authorise nothing.

mod feed;
mod follow;
mod import;
mod listed;
mod schedule;
mod stand_in;
mod store;

pub use feed::{Feed, ListedFeed};
pub use follow::{DueCalendar, Followed};
pub use import::{Read, Reading, Unmatched};
pub use listed::{ListedSchedule, Place, ShownOverride, ShownSchedule, Source};
pub use rideout_oncall::import::BYTES_MAX;
pub use rideout_oncall::{
    Layer, LayerDraft, Part, Schedule, Span, Weekday, WindowDraft, Zone, limits,
};
pub use schedule::{NewSchedule, ScheduleChange};
pub use stand_in::NewOverride;
pub use store::{Named, Names};

use crate::{
    Error, FieldError,
    db::{Conn, Sql},
};
use rideout_domain::{ScheduleId, Timestamp, UserId};

pub(crate) use follow::set_back;

/// The statements of this area.
pub(crate) const STATEMENTS: &[&[Sql]] = &[
    feed::ALL,
    follow::ALL,
    import::ALL,
    schedule::ALL,
    stand_in::ALL,
    store::ALL,
];

/// Most schedules.
pub const SCHEDULES_MAX: i64 = 200;
/// Most overrides of a schedule that are not over.
pub const OVERRIDES_MAX: i64 = 500;
/// How many days ahead gaps are looked for.
pub const GAP_DAYS: i64 = 14;

/// Who is on call in a schedule at a moment: accounts in good standing, sorted by
/// identifier. Nobody, when it is archived or there never was one.
///
/// # Errors
/// Only those of the database.
pub async fn on_call_at(
    conn: &mut Conn,
    schedule: ScheduleId,
    at: Timestamp,
) -> Result<Vec<UserId>, Error> {
    let until = Timestamp(at.0.saturating_add(1));
    let stored = store::find(conn, schedule, at, until).await?;
    Ok(stored.map_or_else(Vec::new, |stored| stored.schedule.on_call_at(at)))
}

/// When nobody is on call in a schedule between two moments; nothing when there
/// is no such schedule.
///
/// # Errors
/// Only those of the database.
pub async fn gaps(
    conn: &mut Conn,
    schedule: ScheduleId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Option<Vec<Span>>, Error> {
    let stored = store::find(conn, schedule, from, until).await?;
    Ok(stored.map(|stored| stored.schedule.gaps(from, until)))
}

/// Who is on call at a moment, schedule by schedule, by the schedules' names.
///
/// # Errors
/// Only those of the database.
pub async fn everybody_on_call(
    conn: &mut Conn,
    at: Timestamp,
) -> Result<Vec<(ScheduleId, String, Vec<UserId>)>, Error> {
    let until = Timestamp(at.0.saturating_add(1));
    let all = store::all(conn, at, until).await?;
    Ok(all
        .into_iter()
        .map(|stored| {
            let people = stored.schedule.on_call_at(at);
            (stored.id, stored.schedule.name().to_owned(), people)
        })
        .collect())
}

/// What the schedule's rules refused, for the field of a form or the API.
fn refused(invalid: &rideout_oncall::Invalid) -> Error {
    Error::Invalid(vec![FieldError {
        field: invalid.field.clone(),
        message: invalid.to_string(),
    }])
}

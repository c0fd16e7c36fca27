//! Shifts out of a calendar file (RFC 5545), as Google Calendar, Outlook and
//! on-call tools write them.
//!
//! Read liberally, within bounds that do not depend on what the file claims
//! (docs/adr/0010-calendars.md). An event that cannot be read is left out and
//! said; a file beyond the bounds is refused.
//!
//! # What is read
//!
//! Events with their recurrence (`RRULE`, `RDATE`, `EXDATE`, `EXRULE`), changed
//! and cancelled instances (`RECURRENCE-ID`, `STATUS:CANCELLED`), whole days,
//! times in UTC, in a named zone, or in none. Three readings differ from the
//! letter of RFC 5545, since each other reading leaves hours with nobody on
//! call, and since it is what the calendars show from which such files come:
//!
//! - The end of a recurring event stays at its time of day over a change of the
//!   clock, also when it is written as `DTEND` (§3.8.5.3 keeps the exact length).
//! - An instance at a time that the clock skips happens with the offset before
//!   the skip (§3.3.5), and is not left out (§3.3.10).
//! - `UNTIL` written as a date covers all of that day.

mod clock;
mod event;
mod expand;
mod lines;
mod rule;
#[cfg(test)]
mod tests;
mod vtimezone;
mod windows;

use crate::zone::Zone;
use rideout_domain::Timestamp;

/// Largest file, in bytes.
pub const BYTES_MAX: usize = 5 * 1024 * 1024;
/// Most events in a file.
pub const EVENTS_MAX: usize = 10_000;
/// Most shifts that a file may come to within the horizon.
pub const SHIFTS_MAX: usize = 20_000;
/// Most days, hours, minutes or seconds that recurrences may be tried on.
const WORK_MAX: u64 = 10_000_000;
/// Most events that are named as left out.
const SKIPPED_MAX: usize = 100;

/// Which part of time is wanted, and on which clock a time without zone is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// Shifts that end after this moment,
    pub from: Timestamp,
    /// and begin before this one.
    pub until: Timestamp,
    /// For times without a zone and whole days, unless the file names another.
    pub zone: Zone,
}

/// What a file comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// What the calendar calls itself.
    pub name: Option<String>,
    /// Its shifts, by their beginning; uncut by the horizon.
    pub shifts: Vec<Imported>,
    /// Events that were left out, the first hundred.
    pub skipped: Vec<Skipped>,
}

/// A shift as the file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Imported {
    /// From this moment.
    pub from: Timestamp,
    /// Up to this moment, which no longer belongs to it.
    pub until: Timestamp,
    /// The title of the event: often a name.
    pub title: String,
    /// E-mail addresses of those who attend and have not declined, in lower case.
    pub emails: Vec<String>,
}

/// An event that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its title.
    pub title: String,
    /// Why, as a sentence.
    pub why: Why,
}

/// Why an event was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No beginning.
    #[error("it has no beginning")]
    NoStart,
    /// A date or time that is none.
    #[error("“{0}” is no date or time")]
    BadTime(String),
    /// A rule that is none.
    #[error("its recurrence “{0}” cannot be read")]
    BadRule(String),
    /// A zone that neither the file nor the time-zone database explains.
    #[error("its time zone “{0}” is not known")]
    UnknownZone(String),
    /// It ends when it begins, or before.
    #[error("it ends when it begins or before")]
    NoLength,
    /// Longer than a year.
    #[error("it is longer than 366 days")]
    TooLong,
}

/// Why a file cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More bytes than are read.
    #[error("the calendar is larger than 5 MB; export only the part that matters")]
    TooLarge,
    /// No `BEGIN:VCALENDAR`.
    #[error(
        "this is no iCalendar file: it has no line BEGIN:VCALENDAR. Export the calendar as .ics"
    )]
    NotACalendar,
    /// The format before iCalendar.
    #[error("this is a vCalendar 1.0 file; export the calendar as iCalendar (.ics)")]
    OldCalendar,
    /// Parts within parts without end.
    #[error("the calendar nests its parts too deeply to be read")]
    TooDeep,
    /// More events than are read.
    #[error("the calendar has more than 10,000 events; export only the part that matters")]
    TooManyEvents,
    /// More shifts than are kept.
    #[error("the calendar comes to more than 20,000 shifts; export only the part that matters")]
    TooManyShifts,
    /// A recurrence that would take too long.
    #[error("“{title}” recurs too often to be a shift; take it out or let it recur hourly at most")]
    TooOften {
        /// The event.
        title: String,
    },
}

/// Reads a file.
///
/// # Errors
/// [`Unreadable`], when it is not a calendar or beyond the bounds.
pub fn read(file: &[u8], horizon: &Horizon) -> Result<Calendar, Unreadable> {
    let parts = lines::read(file)?;
    let mut work = WORK_MAX;
    let mut calendar = Calendar {
        name: parts.name.clone(),
        ..Calendar::default()
    };
    let mut clocks = clock::Clocks::new(&parts, horizon);
    let mut skip = |title: &str, why: Why| {
        if calendar.skipped.len() < SKIPPED_MAX {
            let title = title.to_owned();
            calendar.skipped.push(Skipped { title, why });
        }
    };
    let mut events = Vec::with_capacity(parts.events.len());
    for properties in &parts.events {
        match event::Event::read(properties, &mut clocks) {
            Ok(event) => events.push(event),
            Err((title, why)) => skip(&title, why),
        }
    }
    for series in event::group(&events) {
        let shifts = expand::expand(&series, horizon, &mut work, &mut skip)?;
        calendar.shifts.extend(shifts);
        if calendar.shifts.len() > SHIFTS_MAX {
            return Err(Unreadable::TooManyShifts);
        }
    }
    calendar.shifts.sort_unstable();
    calendar.shifts.dedup();
    Ok(calendar)
}

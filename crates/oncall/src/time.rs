//! Between our microseconds and the calendar library's times.

use jiff::civil::DateTime;
use rideout_domain::Timestamp;

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds in a day of 24 hours.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// The library's instant; times beyond its years become its first or last.
pub(crate) fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.0).unwrap_or(if at.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

/// Our microseconds of an instant.
pub(crate) fn micros(at: jiff::Timestamp) -> Timestamp {
    Timestamp(at.as_microsecond())
}

/// A civil time plus seconds of the civil clock; stays within the library's years.
pub(crate) fn plus_civil(local: DateTime, seconds: i64) -> DateTime {
    local.saturating_add(jiff::SignedDuration::from_secs(seconds))
}

/// Seconds of the civil clock between two civil times.
pub(crate) fn civil_seconds(from: DateTime, until: DateTime) -> i64 {
    until.duration_since(from).as_secs()
}

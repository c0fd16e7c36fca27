//! RFC 3339 to microseconds and back.
//!
//! Our own, because the browser half carries it: a full calendar library costs
//! a fifth of the whole transfer. Tests hold it against one (`jiff`). Days are
//! counted as in Howard Hinnant, “chrono-compatible low-level date algorithms”.

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Writes a time of the years 0 to 9999; others are written as their count.
pub(super) fn write(micros: i64) -> String {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    if !(0..=9999).contains(&year) {
        return format!("{micros} µs");
    }
    let seconds = rest / SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    let fraction = rest % SECOND;
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Reads a time with its offset; digits beyond microseconds are cut off.
pub(super) fn read(text: &str) -> Option<i64> {
    let text = text.as_bytes();
    let number = |from: usize, to: usize| {
        text.get(from..to)?.iter().try_fold(0_i64, |n, c| {
            c.is_ascii_digit().then(|| n * 10 + i64::from(c - b'0'))
        })
    };
    let is = |at: usize, any: &[u8]| text.get(at).is_some_and(|c| any.contains(c));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let shaped = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    let ranged = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !shaped || !ranged {
        return None;
    }
    let mut at = 19;
    let mut fraction = 0;
    if is(at, b".") {
        at += 1;
        let digits = text[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        if digits == 0 || digits > 9 {
            return None;
        }
        fraction = number(at, at + digits.min(6))?
            * 10_i64.pow(6_u32.saturating_sub(u32::try_from(digits).ok()?));
        at += digits;
    }
    let offset = if is(at, b"Zz") {
        at += 1;
        0
    } else if is(at, b"+-") && is(at + 3, b":") {
        let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let sign = if text[at] == b'-' { -1 } else { 1 };
        at += 6;
        sign * (hours * 3600 + minutes * 60)
    } else {
        return None;
    };
    if at != text.len() {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(seconds * SECOND + fraction)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date that many days from 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn writes_what_a_calendar_library_writes(micros in -62_135_596_800_000_000_i64..253_370_764_800_000_000) {
            let oracle = jiff::Timestamp::from_microsecond(micros).unwrap().to_string();
            prop_assert_eq!(write(micros), oracle);
            prop_assert_eq!(read(&write(micros)), Some(micros));
        }

        #[test]
        fn reads_what_a_calendar_library_reads(
            year in 1_i64..9999, month in 0_i64..14, day in 0_i64..33,
            hour in 0_i64..25, minute in 0_i64..61, fraction in "(\\.[0-9]{1,9})?", offset in "(Z|[+-][01][0-9]:[0-5][0-9])",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:07{fraction}{offset}");
            let oracle = text.parse::<jiff::Timestamp>().ok().map(|t| t.as_nanosecond().div_euclid(1_000) as i64);
            prop_assert_eq!(read(&text), oracle, "{}", text);
        }

        #[test]
        fn nothing_typed_breaks_it(text in ".{0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn nothing_counted_breaks_it(micros in any::<i64>()) {
            prop_assert!(!write(micros).is_empty());
        }
    }
}

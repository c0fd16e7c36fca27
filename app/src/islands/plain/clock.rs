//! RFC 3339 in UTC to milliseconds and back, without a library of time zones.

/// Milliseconds since 1970 of `2010-06-15T09:04:00.5Z`. None when it is not
/// such a time.
#[must_use]
pub fn millis(text: &str) -> Option<f64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.splitn(3, ':');
    let hour: i64 = time.next()?.parse().ok()?;
    let minute: i64 = time.next()?.parse().ok()?;
    let second: f64 = time.next().unwrap_or("0").parse().ok()?;
    let possible = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    if !possible || !(0.0..61.0).contains(&second) {
        return None;
    }
    let whole = (days(year, month, day) * 24 + hour) * 60 + minute;
    Some((whole * 60_000) as f64 + (second * 1_000_000.0).round() / 1_000.0)
}

/// `2010-06-15T09:04:00.500Z` from milliseconds since 1970.
#[must_use]
pub fn rfc3339(millis: f64) -> String {
    let millis = millis as i64;
    let (seconds, fraction) = (millis.div_euclid(1_000), millis.rem_euclid(1_000));
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    let (h, m, s) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{h:02}:{m:02}:{s:02}.{fraction:03}Z")
}

/// Days since 1970 of a date in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rideout_domain::Timestamp;

    #[test]
    fn go_live_of_the_story() {
        assert_eq!(millis("2010-06-15T09:00:00Z"), Some(1_276_592_400_000.0));
        assert_eq!(millis("2010-06-15T09:00:00.5Z"), Some(1_276_592_400_500.0));
        assert_eq!(millis("2010-06-15T09:00Z"), Some(1_276_592_400_000.0));
        assert_eq!(rfc3339(1_276_592_400_500.0), "2010-06-15T09:00:00.500Z");
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in ["", "Z", "2010-06-15", "2010-06-15T09:00:00", "2010-13-15T09:00:00Z", "x-y-zTa:b:cZ", "2010-06-15T25:00:00Z"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_server(at in -2_000_000_000_000_i64..250_000_000_000_000) {
            let text = Timestamp(at * 1_000).rfc3339();
            prop_assert_eq!(millis(&text), Some(at as f64));
            let back: Timestamp = rfc3339(at as f64).parse().unwrap();
            prop_assert_eq!(back.0, at * 1_000);
        }

        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = millis(&text);
        }
    }
}

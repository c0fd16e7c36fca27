//! What is a wait and what is none.

use super::*;
use proptest::prelude::*;

/// 2010-06-15T14:00:00Z.
const AT: Timestamp = Timestamp(1_276_610_400_000_000);

fn minutes(text: &str) -> Option<u32> {
    find(text, AT, 0).map(|named| named.minutes)
}

#[test]
fn waits_are_found() {
    for (text, expected) in [
        ("Restore will take about six hours", 360),
        ("restore takes 2-3 hours", 180),
        ("ETA 30m", 30),
        ("ETA: 1h30m", 90),
        ("Rebuild started, ETA ~45 min.", 45),
        ("Download running, about 40 minutes remaining", 40),
        ("We will be back in 20 minutes", 20),
        ("I'll look again in an hour", 60),
        ("Give it another 10 minutes", 10),
        ("Wait half an hour for the cache to fill", 30),
        ("Estimated 1.5 hours for the copy", 90),
        ("Needs an hour and a half", 90),
        ("We expect the replay to take 5 to 6 hours", 360),
        ("Observe for the next 30 minutes", 30),
        ("two hours to go", 120),
        ("This takes a couple of hours", 120),
        ("It took 5 minutes. The next one will take 20 minutes", 20),
        ("After the restart we wait 15 min", 15),
        ("will need 1 hour and 15 minutes", 75),
        ("Copy requires two days", 2_880),
        ("back by 14:30 UTC", 30),
        ("Vendor says until 16:00", 120),
        ("ETA 15:10", 70),
        ("Expected back at 14:45", 45),
        ("until tomorrow 09:00", 19 * 60),
        ("nothing to do until tomorrow", 19 * 60),
        ("will be ready by 09:00 tomorrow", 19 * 60),
        ("Until 01:30 the copy runs", 11 * 60 + 30),
        ("restored by 16:30 CEST", 30),
        ("Done by 07:20 PDT", 20),
    ] {
        assert_eq!(minutes(text), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_wait_is_left_alone() {
    for text in [
        "",
        "it took 5 minutes",
        "p99 of 30 s",
        "p99 latency is 2 min",
        "after 10 minutes nothing changed",
        "10 minutes later it was down again",
        "down for 20 minutes",
        "errors for the last 2 hours",
        "30 minutes ago",
        "the lag is 15 minutes",
        "replica is 3 hours behind",
        "every 5 minutes a pod restarts",
        "a timeout of 10 min",
        "retention of 14 days",
        "backup is 2 days old",
        "waited 20 minutes for an answer",
        "the failover had taken 30 minutes",
        "it was expected to take 10 minutes",
        "rate fell by half in 5 minutes",
        "Replay of about 18 h of WAL done after 5.5 h, slower than expected",
        "1308 jobs against 532",
        "deployed 10 minutes before",
        "at 14:30 the errors began",
        "from 13:00 until 14:30 errors rose",
        "errors between 13:00 and 14:30",
        "was down until 13:30",
        "since 14:30",
        "until 13:00",
        "takes 30 seconds",
        "a restart takes 20 days",
        "version 1.2.30 m",
        "port 14:99",
    ] {
        assert_eq!(minutes(text), None, "{text}");
    }
}

#[test]
fn a_clock_time_without_a_zone_is_the_writers() {
    // 14:00 UTC is 16:00 for the writer.
    let named = find("back by 16:30", AT, 120).unwrap();
    assert_eq!((named.minutes, named.until), (30, AT.plus_minutes(30)));
    assert_eq!(find("back by 14:30 UTC", AT, 120).unwrap().minutes, 30);
    assert_eq!(
        find("until tomorrow 09:00", AT, 120).unwrap().minutes,
        17 * 60
    );
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "(\\PC|will take|until|[0-9]{1,22}|:|-| hours? | min ){0,12}", at: i64, offset in -900_i32..900) {
        if let Some(named) = find(&text, Timestamp(at), offset) {
            prop_assert!(named.until > Timestamp(at));
            prop_assert!((1..=MINUTES_MAX).contains(&named.minutes));
        }
    }

    #[test]
    fn a_promise_in_digits_is_read_back(hours in 0_u32..48, minutes_part in 1_u32..60) {
        let text = format!("restore will take {hours} h {minutes_part} min");
        prop_assert_eq!(minutes(&text), Some(hours * 60 + minutes_part), "{}", text);
    }
}

//! The examples that RFC 5545 §3.8.5.3 prints, with what it says they come to.

use super::*;
use jiff::civil::{Date, DateTime, Time, date};

/// Start, lines after it, and the instances as `year month/day,day month/day-day`;
/// `-` is a range, `:2` behind it every second day. At 09:00 unless told otherwise.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("19970902", "RRULE:FREQ=DAILY;COUNT=10", "1997 9/2-11"),
    (
        "19970902",
        "RRULE:FREQ=DAILY;UNTIL=19971224T000000Z",
        "1997 9/2-30 10/1-31 11/1-30 12/1-23",
    ),
    (
        "19970902",
        "RRULE:FREQ=DAILY;INTERVAL=2",
        "1997 9/2-30:2 10/2-30:2 11/1-29:2 12/1,3",
    ),
    (
        "19970902",
        "RRULE:FREQ=DAILY;INTERVAL=10;COUNT=5",
        "1997 9/2,12,22 10/2,12",
    ),
    (
        "19980101",
        "RRULE:FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998 1/1-31 1999 1/1-31 2000 1/1-31",
    ),
    (
        "19980101",
        "RRULE:FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        "1998 1/1-31 1999 1/1-31 2000 1/1-31",
    ),
    (
        "19970902",
        "RRULE:FREQ=WEEKLY;COUNT=10",
        "1997 9/2,9,16,23,30 10/7,14,21,28 11/4",
    ),
    (
        "19970902",
        "RRULE:FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997 9/2,9,16,23,30 10/7,14,21,28 11/4,11,18,25 12/2,9,16,23",
    ),
    (
        "19970902",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997 9/2,16,30 10/14,28 11/11,25 12/9,23 1998 1/6,20 2/3,17",
    ),
    (
        "19970902",
        "RRULE:FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "1997 9/2,4,9,11,16,18,23,25,30 10/2",
    ),
    (
        "19970902",
        "RRULE:FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        "1997 9/2,4,9,11,16,18,23,25,30 10/2",
    ),
    (
        "19970901",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997 9/1,3,5,15,17,19,29 10/1,3,13,15,17,27,29,31 11/10,12,14,24,26,28 12/8,10,12,22",
    ),
    (
        "19970902",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997 9/2,4,16,18,30 10/2,14,16",
    ),
    (
        "19970905",
        "RRULE:FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997 9/5 10/3 11/7 12/5 1998 1/2 2/6 3/6 4/3 5/1 6/5",
    ),
    (
        "19970905",
        "RRULE:FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997 9/5 10/3 11/7 12/5",
    ),
    (
        "19970907",
        "RRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997 9/7,28 11/2,30 1998 1/4,25 3/1,29 5/3,31",
    ),
    (
        "19970922",
        "RRULE:FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997 9/22 10/20 11/17 12/22 1998 1/19 2/16",
    ),
    (
        "19970928",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997 9/28 10/29 11/28 12/29 1998 1/29 2/26",
    ),
    (
        "19970902",
        "RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997 9/2,15 10/2,15 11/2,15 12/2,15 1998 1/2,15",
    ),
    (
        "19970930",
        "RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997 9/30 10/1,31 11/1,30 12/1,31 1998 1/1,31 2/1",
    ),
    (
        "19970910",
        "RRULE:FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997 9/10-15 1999 3/10-13",
    ),
    (
        "19970902",
        "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997 9/2,9,16,23,30 11/4,11,18,25 1998 1/6,13,20,27 3/3,10,17,24,31",
    ),
    (
        "19970610",
        "RRULE:FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997 6/10 7/10 1998 6/10 7/10 1999 6/10 7/10 2000 6/10 7/10 2001 6/10 7/10",
    ),
    (
        "19970310",
        "RRULE:FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997 3/10 1999 1/10 2/10 3/10 2001 1/10 2/10 3/10 2003 1/10 2/10 3/10",
    ),
    (
        "19970101",
        "RRULE:FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997 1/1 4/10 7/19 2000 1/1 4/9 7/18 2003 1/1 4/10 7/19 2006 1/1",
    ),
    (
        "19970519",
        "RRULE:FREQ=YEARLY;BYDAY=20MO",
        "1997 5/19 1998 5/18 1999 5/17",
    ),
    (
        "19970512",
        "RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "1997 5/12 1998 5/11 1999 5/17",
    ),
    (
        "19970313",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997 3/13,20,27 1998 3/5,12,19,26 1999 3/4,11,18,25",
    ),
    (
        "19970605",
        "RRULE:FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997 6/5,12,19,26 7/3,10,17,24,31 8/7,14,21,28 \
         1998 6/4,11,18,25 7/2,9,16,23,30 8/6,13,20,27 \
         1999 6/3,10,17,24 7/1,8,15,22,29 8/5,12,19,26",
    ),
    (
        "19970902",
        "EXDATE;TZID=America/New_York:19970902T090000\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1998 2/13 3/13 11/13 1999 8/13 2000 10/13",
    ),
    (
        "19970913",
        "RRULE:FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997 9/13 10/11 11/8 12/13 1998 1/10 2/7 3/7 4/11 5/9 6/13",
    ),
    (
        "19961105",
        "RRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996 11/5 2000 11/7 2004 11/2",
    ),
    (
        "19970904",
        "RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "1997 9/4 10/7 11/6",
    ),
    (
        "19970929",
        "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997 9/29 10/30 11/27 12/30 1998 1/29 2/26 3/30",
    ),
    (
        "19970805",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997 8/5,10,19,24",
    ),
    (
        "19970805",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1997 8/5,17,19,31",
    ),
    (
        "20070115",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "2007 1/15,30 2/15 3/15,30",
    ),
];

/// Those that recur within a day, on 2 September 1997.
const WITHIN_A_DAY: &[(&str, &[&str])] = &[
    // The RFC prints 17:00 UTC as the end, and means 17:00 in New York (21:00
    // UTC), as its list tells.
    (
        "RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z",
        &["09:00", "12:00", "15:00"],
    ),
    (
        "RRULE:FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        &["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"],
    ),
    (
        "RRULE:FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        &["09:00", "10:30", "12:00", "13:30"],
    ),
    (
        "RRULE:FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        EVERY_20_MINUTES,
    ),
    (
        "RRULE:FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
        EVERY_20_MINUTES,
    ),
];

const EVERY_20_MINUTES: &[&str] = &[
    "09:00", "09:20", "09:40", "10:00", "10:20", "10:40", "11:00", "11:20", "11:40", "12:00",
    "12:20", "12:40", "13:00", "13:20", "13:40", "14:00", "14:20", "14:40", "15:00", "15:20",
    "15:40", "16:00", "16:20", "16:40",
];

fn days(list: &str) -> Vec<Date> {
    let mut year = 0;
    let mut found = Vec::new();
    for word in list.split_whitespace() {
        let Some((month, days)) = word.split_once('/') else {
            year = word.parse().unwrap();
            continue;
        };
        let month = month.parse().unwrap();
        for part in days.split(',') {
            let (range, step) = part.split_once(':').unwrap_or((part, "1"));
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (i8, i8) = (first.parse().unwrap(), last.parse().unwrap());
            let step = step.parse().unwrap();
            found.extend(
                (first..=last)
                    .step_by(step)
                    .map(|day| date(year, month, day)),
            );
        }
    }
    found
}

fn new_york() -> Zone {
    Zone::named("America/New_York").unwrap()
}

/// The local times in New York of what an event comes to up to a day.
fn instances(start: &str, lines: &str, from: Timestamp, until: Timestamp) -> Vec<DateTime> {
    let lines =
        format!("DTSTART;TZID=America/New_York:{start}T090000\nDURATION:PT1M\n{lines}\nSUMMARY:x");
    let horizon = Horizon {
        from,
        until,
        zone: Zone::UTC,
    };
    let calendar = read_all(&calendar(&event(&lines)), &horizon);
    assert_eq!(calendar.skipped, []);
    let zone = new_york();
    let local = |shift: &Imported| zone.local(shift.from);
    calendar.shifts.iter().map(local).collect()
}

fn midnight(day: Date) -> Timestamp {
    new_york().written(day.to_datetime(Time::midnight()))
}

#[test]
fn recurrences_come_to_what_the_rfc_prints() {
    for (start, lines, expected) in EXAMPLES {
        let expected = days(expected);
        let morning = |day: &Date| day.at(9, 0, 0, 0);
        let last = expected[expected.len() - 1].tomorrow().unwrap();
        assert_eq!(
            instances(start, lines, Timestamp(0), midnight(last)),
            expected.iter().map(morning).collect::<Vec<_>>(),
            "{start} {lines}"
        );
    }
}

/// A horizon in the middle of a series shows exactly that part of it: the walk
/// starts elsewhere and comes to the same.
#[test]
fn a_part_of_a_recurrence_is_the_same_part() {
    for (start, lines, expected) in EXAMPLES {
        let expected = days(expected);
        let last = expected[expected.len() - 1];
        for first in &expected {
            let until = midnight(last.tomorrow().unwrap());
            let wanted: Vec<DateTime> = expected
                .iter()
                .filter(|day| *day >= first)
                .map(|day| day.at(9, 0, 0, 0))
                .collect();
            assert_eq!(
                instances(start, lines, midnight(*first), until),
                wanted,
                "{start} {lines} from {first}"
            );
        }
    }
}

#[test]
fn recurrences_within_a_day_come_to_what_the_rfc_prints() {
    let day = date(1997, 9, 2);
    let until = midnight(day.tomorrow().unwrap());
    for (lines, expected) in WITHIN_A_DAY {
        let found = instances("19970902", lines, Timestamp(0), until);
        let found: Vec<String> = found
            .iter()
            .map(|at| at.strftime("%H:%M").to_string())
            .collect();
        assert_eq!(&found, expected, "{lines}");
    }
}

/// Rules drawn at random, with what python-dateutil 2.9 says they come to
/// within a span after their start: start, rule, span, instances. None mixes
/// days with and without a number, which that library reads as “both”.
const DRAWN: &str = include_str!("recurrences.txt");

#[test]
fn recurrences_come_to_what_another_implementation_says() {
    let when = |text: &str| DateTime::strptime("%Y%m%dT%H%M%S", text).unwrap();
    let mut differing = Vec::new();
    for line in DRAWN.lines() {
        let [start, rule, from, until, expected] = *line.split('|').collect::<Vec<_>>() else {
            panic!("{line}");
        };
        let expected: Vec<DateTime> = expected.split_whitespace().map(when).collect();
        let mut work = WORK_MAX;
        let found = super::super::rule::Rule::read(rule, when(start), |utc| utc)
            .and_then(|rule| rule.times(when(from), when(until), &mut work));
        if found.as_ref() != Ok(&expected) {
            differing.push((line, found));
        }
    }
    assert!(differing.is_empty(), "{differing:#?}");
}

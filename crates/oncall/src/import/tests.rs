//! Calendars as they are found, and as nobody should send them.

mod hostile;
mod rfc5545;
mod round_trip;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn horizon(from: &str, until: &str) -> Horizon {
    Horizon {
        from: at(from),
        until: at(until),
        zone: Zone::named("Europe/Berlin").unwrap(),
    }
}

/// The year 2026.
fn year() -> Horizon {
    horizon("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
}

/// A calendar of these lines.
fn calendar(lines: &str) -> String {
    let lines: Vec<&str> = lines.lines().map(str::trim).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n",
        lines.join("\r\n")
    )
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT")
}

fn read_all(text: &str, horizon: &Horizon) -> Calendar {
    read(text.as_bytes(), horizon).unwrap()
}

/// Shifts as `from to title`.
fn told(calendar: &Calendar) -> Vec<String> {
    calendar
        .shifts
        .iter()
        .map(|shift| {
            format!(
                "{} {} {}",
                shift.from.minute_utc(),
                shift.until.minute_utc(),
                shift.title
            )
        })
        .collect()
}

fn shifts(lines: &str) -> Vec<String> {
    let calendar = read_all(&calendar(lines), &year());
    assert_eq!(calendar.skipped, []);
    told(&calendar)
}

fn why(lines: &str) -> Vec<String> {
    let calendar = read_all(&calendar(lines), &year());
    calendar
        .skipped
        .iter()
        .map(|skipped| format!("{}: {}", skipped.title, skipped.why))
        .collect()
}

#[test]
fn a_single_event_in_each_way_to_write_a_time() {
    for (lines, expected) in [
        (
            "DTSTART:20260302T080000Z\nDTEND:20260302T160000Z",
            "2026-03-02 08:00 2026-03-02 16:00",
        ),
        (
            "DTSTART;TZID=America/New_York:20260302T080000\nDTEND;TZID=America/New_York:20260302T160000",
            "2026-03-02 13:00 2026-03-02 21:00",
        ),
        // Without a zone, on the schedule's clock.
        (
            "DTSTART:20260302T080000\nDTEND:20260302T160000",
            "2026-03-02 07:00 2026-03-02 15:00",
        ),
        // A whole day, and two; the end no longer belongs to it.
        (
            "DTSTART;VALUE=DATE:20260302",
            "2026-03-01 23:00 2026-03-02 23:00",
        ),
        (
            "DTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330",
            "2026-03-27 23:00 2026-03-29 22:00",
        ),
        (
            "DTSTART:20260302T080000Z\nDURATION:PT8H30M",
            "2026-03-02 08:00 2026-03-02 16:30",
        ),
        // A day over the change of the clock has 23 hours, 24 hours have 24.
        (
            "DTSTART:20260328T090000\nDURATION:P1D",
            "2026-03-28 08:00 2026-03-29 07:00",
        ),
        (
            "DTSTART:20260328T090000\nDURATION:PT24H",
            "2026-03-28 08:00 2026-03-29 08:00",
        ),
        (
            "DTSTART:20260328T090000\nDURATION:P1W",
            "2026-03-28 08:00 2026-04-04 07:00",
        ),
        // Ends on another clock than it begins on.
        (
            "DTSTART;TZID=Europe/Berlin:20260302T080000\nDTEND;TZID=America/New_York:20260302T080000",
            "2026-03-02 07:00 2026-03-02 13:00",
        ),
    ] {
        assert_eq!(
            shifts(&event(&format!("{lines}\nSUMMARY:Ann"))),
            [format!("{expected} Ann")],
            "{lines}"
        );
    }
}

#[test]
fn zones_by_all_their_names() {
    for name in [
        "Europe/Berlin",
        "europe/berlin",
        "\"Europe/Berlin\"",
        "\"W. Europe Standard Time\"",
        "W. Europe Standard Time",
        "\"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\"",
        "\"(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\"",
        "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
        "/mozilla.org/20050126_1/Europe/Berlin",
    ] {
        // Summer time, so that a fixed offset would be seen.
        let lines = format!("DTSTART;TZID={name}:20260702T090000\nDURATION:PT1H\nSUMMARY:Ann");
        assert_eq!(
            shifts(&event(&lines)),
            ["2026-07-02 07:00 2026-07-02 08:00 Ann"],
            "{name}"
        );
    }
    let utc = "DTSTART;TZID=\"tzone://Microsoft/Utc\":20260702T090000\nDURATION:PT1H\nSUMMARY:Ann";
    assert_eq!(
        shifts(&event(utc)),
        ["2026-07-02 09:00 2026-07-02 10:00 Ann"]
    );
    let pacific = "DTSTART;TZID=Pacific Standard Time:20260702T090000\nDURATION:PT1H\nSUMMARY:Ann";
    assert_eq!(
        shifts(&event(pacific)),
        ["2026-07-02 16:00 2026-07-02 17:00 Ann"]
    );
}

/// As Outlook writes a zone of its own making: New York, with rules since 1601.
const CUSTOM_ZONE: &str = "BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
";

#[test]
fn a_zone_that_the_file_brings_along() {
    let lines = format!(
        "{CUSTOM_ZONE}{}",
        event(
            "DTSTART;TZID=Customized Time Zone:20260301T090000\nDURATION:PT24H\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Ann"
        )
    );
    assert_eq!(
        shifts(&lines),
        [
            "2026-03-01 14:00 2026-03-02 14:00 Ann",
            "2026-03-08 13:00 2026-03-09 13:00 Ann",
            "2026-03-15 13:00 2026-03-16 13:00 Ann",
        ]
    );
}

/// The same times read with a zone of the file and with the database's.
#[test]
fn a_zone_of_the_file_agrees_with_the_database() {
    for clock in [
        "0130", "0159", "0200", "0230", "0259", "0300", "0330", "0900", "2359",
    ] {
        for day in ["0307", "0308", "0309", "1031", "1101", "1102", "0701"] {
            let of = |zone: &str| {
                event(&format!(
                    "DTSTART;TZID={zone}:2026{day}T{clock}00\nDURATION:PT1H\nSUMMARY:Ann"
                ))
            };
            let own = shifts(&format!("{CUSTOM_ZONE}{}", of("Customized Time Zone")));
            assert_eq!(own, shifts(&of("America/New_York")), "{day} {clock}");
        }
    }
}

#[test]
fn a_zone_copied_under_another_name_says_where_it_is_from() {
    let lines = format!(
        "BEGIN:VTIMEZONE\nTZID:Office\nX-LIC-LOCATION:Europe/Berlin\nEND:VTIMEZONE\n{}",
        event("DTSTART;TZID=Office:20260702T090000\nDURATION:PT1H\nSUMMARY:Ann")
    );
    assert_eq!(shifts(&lines), ["2026-07-02 07:00 2026-07-02 08:00 Ann"]);
}

#[test]
fn the_calendar_names_its_zone_and_itself() {
    let lines = format!(
        "X-WR-CALNAME:Payments\\, nights\nX-WR-TIMEZONE:America/New_York\n{}",
        event("DTSTART:20260302T080000\nDURATION:PT1H\nSUMMARY:Ann")
    );
    let calendar = read_all(&calendar(&lines), &year());
    assert_eq!(calendar.name.as_deref(), Some("Payments, nights"));
    assert_eq!(told(&calendar), ["2026-03-02 13:00 2026-03-02 14:00 Ann"]);
}

/// Mondays at 09:00, a week long each.
const WEEKLY: &str = "UID:w
DTSTART;TZID=Europe/Berlin:20260316T090000
DTEND;TZID=Europe/Berlin:20260323T090000
RRULE:FREQ=WEEKLY;COUNT=4
SUMMARY:Ann";

#[test]
fn a_weekly_shift_ends_at_its_time_of_day() {
    assert_eq!(
        shifts(&event(WEEKLY)),
        [
            "2026-03-16 08:00 2026-03-23 08:00 Ann",
            "2026-03-23 08:00 2026-03-30 07:00 Ann",
            "2026-03-30 07:00 2026-04-06 07:00 Ann",
            "2026-04-06 07:00 2026-04-13 07:00 Ann",
        ]
    );
}

#[test]
fn an_instance_in_a_skipped_hour_still_happens() {
    assert_eq!(
        shifts(&event(
            "DTSTART:20260328T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:Ann"
        )),
        [
            "2026-03-28 01:30 2026-03-28 02:00 Ann",
            "2026-03-29 01:30 2026-03-29 02:00 Ann",
            "2026-03-30 00:30 2026-03-30 01:00 Ann",
        ]
    );
}

#[test]
fn dates_are_taken_out_however_they_are_written() {
    for exdate in [
        "EXDATE;TZID=Europe/Berlin:20260323T090000",
        "EXDATE:20260323T080000Z",
        "EXDATE;TZID=America/New_York:20260323T040000",
        "EXDATE;VALUE=DATE:20260323",
        "EXDATE;TZID=Europe/Berlin:20260101T090000,20260323T090000",
        "EXRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=1;BYDAY=MO;WKST=MO\nEXDATE;TZID=Europe/Berlin:20260323T090000\nRDATE;TZID=Europe/Berlin:20260316T090000",
    ] {
        let lines = event(&format!("{WEEKLY}\n{exdate}"));
        let found = shifts(&lines);
        assert!(
            !found.iter().any(|shift| shift.starts_with("2026-03-23")),
            "{exdate}: {found:?}"
        );
        assert!(found.len() >= 2, "{exdate}: {found:?}");
    }
}

#[test]
fn dates_are_added_with_their_own_length_or_the_events() {
    assert_eq!(
        shifts(&event(
            "DTSTART:20260302T080000Z\nDTEND:20260302T160000Z\nSUMMARY:Ann
RDATE:20260310T080000Z
RDATE;VALUE=PERIOD:20260311T080000Z/20260311T090000Z,20260312T080000Z/PT2H"
        )),
        [
            "2026-03-02 08:00 2026-03-02 16:00 Ann",
            "2026-03-10 08:00 2026-03-10 16:00 Ann",
            "2026-03-11 08:00 2026-03-11 09:00 Ann",
            "2026-03-12 08:00 2026-03-12 10:00 Ann",
        ]
    );
}

#[test]
fn one_instance_is_moved_and_given_to_somebody_else() {
    let moved = "UID:w
RECURRENCE-ID;TZID=Europe/Berlin:20260323T090000
DTSTART;TZID=Europe/Berlin:20260323T120000
DTEND;TZID=Europe/Berlin:20260324T120000
SUMMARY:Bob";
    // Before its series, as some files have it, and written in UTC.
    let lines = format!(
        "{}\n{}",
        event(&moved.replace(";TZID=Europe/Berlin:20260323T090000", ":20260323T080000Z")),
        event(WEEKLY)
    );
    assert_eq!(
        shifts(&lines),
        [
            "2026-03-16 08:00 2026-03-23 08:00 Ann",
            "2026-03-23 11:00 2026-03-24 11:00 Bob",
            "2026-03-30 07:00 2026-04-06 07:00 Ann",
            "2026-04-06 07:00 2026-04-13 07:00 Ann",
        ]
    );
    // An older revision of the same instance does not count.
    let older = event(&format!("{moved}\nSEQUENCE:1"));
    let newer = event(&format!(
        "{}\nSEQUENCE:2",
        moved.replace("SUMMARY:Bob", "SUMMARY:Cyd")
    ));
    let found = shifts(&format!("{}\n{newer}\n{older}", event(WEEKLY)));
    assert!(
        found.iter().any(|shift| shift.ends_with("Cyd")),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|shift| shift.ends_with("Bob")),
        "{found:?}"
    );
}

#[test]
fn one_instance_and_all_later_ones_are_moved() {
    let moved = event(
        "UID:w
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260330T090000
DTSTART;TZID=Europe/Berlin:20260330T100000
DTEND;TZID=Europe/Berlin:20260331T100000
SUMMARY:Bob",
    );
    assert_eq!(
        shifts(&format!("{}\n{moved}", event(WEEKLY))),
        [
            "2026-03-16 08:00 2026-03-23 08:00 Ann",
            "2026-03-23 08:00 2026-03-30 07:00 Ann",
            "2026-03-30 08:00 2026-03-31 08:00 Bob",
            "2026-04-06 08:00 2026-04-07 08:00 Bob",
        ]
    );
}

#[test]
fn cancelled_events_and_instances_do_not_happen() {
    let instance = event(
        "UID:w
RECURRENCE-ID;TZID=Europe/Berlin:20260323T090000
DTSTART;TZID=Europe/Berlin:20260323T090000
DTEND;TZID=Europe/Berlin:20260330T090000
STATUS:CANCELLED
SUMMARY:Ann",
    );
    let found = shifts(&format!("{}\n{instance}", event(WEEKLY)));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(!found.iter().any(|shift| shift.starts_with("2026-03-23")));
    let whole = event(&format!("{WEEKLY}\nSTATUS:CANCELLED"));
    assert_eq!(shifts(&whole), [] as [String; 0]);
}

#[test]
fn a_series_from_long_ago_is_read_for_the_horizon_only() {
    let lines = event(
        "DTSTART;TZID=Europe/Berlin:19991227T090000
DTEND;TZID=Europe/Berlin:20000103T090000
RRULE:FREQ=WEEKLY;INTERVAL=3
SUMMARY:Ann",
    );
    let week = horizon("2026-03-10T00:00:00Z", "2026-03-31T00:00:00Z");
    // 27 December 1999 plus 456 times three weeks is 16 March 2026.
    assert_eq!(
        told(&read_all(&calendar(&lines), &week)),
        ["2026-03-16 08:00 2026-03-23 08:00 Ann"]
    );
}

#[test]
fn who_attends_is_known_by_address() {
    let lines = event(
        "DTSTART:20260302T080000Z
DURATION:PT1H
SUMMARY:  On call\\; primary
ATTENDEE;CN=\"Ann, of course\":MAILTO:Ann@Example.org
ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org
ATTENDEE;EMAIL=cyd@example.org:urn:uuid:1
ATTENDEE:not an address
BEGIN:VALARM
ATTENDEE:mailto:alarm@example.org
SUMMARY:wake up
END:VALARM",
    );
    let calendar = read_all(&calendar(&lines), &year());
    assert_eq!(calendar.shifts[0].title, "On call; primary");
    assert_eq!(
        calendar.shifts[0].emails,
        ["ann@example.org", "cyd@example.org"]
    );
}

#[test]
fn lines_are_folded_anywhere_and_ended_anyhow() {
    for end in ["\r\n", "\n"] {
        let folded = [
            "BEGIN:VCALENDAR",
            "BEGIN:VEVENT",
            "DTST",
            " ART:2026030",
            "\t2T080000Z",
            "DURATION:PT1H",
            "SUMMARY:Ann",
            "  Lee",
            "DESCRIPTION:dropped",
            " BEGIN:VEVENT",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        .join(end);
        assert_eq!(
            told(&read_all(&format!("\u{feff}{folded}"), &year())),
            ["2026-03-02 08:00 2026-03-02 09:00 Ann Lee"]
        );
    }
}

#[test]
fn what_is_left_out_is_said() {
    for (lines, expected) in [
        ("SUMMARY:Ann", "Ann: it has no beginning"),
        (
            "DTSTART:20260230T080000Z\nDURATION:PT1H",
            "(no title): “20260230T080000Z” is no date or time",
        ),
        (
            "DTSTART:20260302T080000Z\nSUMMARY:Ann",
            "Ann: it ends when it begins or before",
        ),
        (
            "DTSTART:20260302T080000Z\nDTEND:20260302T070000Z\nSUMMARY:Ann",
            "Ann: it ends when it begins or before",
        ),
        (
            "DTSTART:20260302T080000Z\nDURATION:P9999D\nSUMMARY:Ann",
            "Ann: it is longer than 366 days",
        ),
        (
            "DTSTART:20260302T080000Z\nDURATION:soon\nSUMMARY:Ann",
            "Ann: “soon” is no date or time",
        ),
        (
            "DTSTART;TZID=Mars/Olympus:20260302T080000\nDURATION:PT1H\nSUMMARY:Ann",
            "Ann: its time zone “Mars/Olympus” is not known",
        ),
        // An offset alone does not tell when clocks change.
        (
            "DTSTART;TZID=(UTC+01:00) Atlantis:20260302T080000\nDURATION:PT1H\nSUMMARY:Ann",
            "Ann: its time zone “(UTC+01:00) Atlantis” is not known",
        ),
        (
            "DTSTART:20260302T080000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES\nSUMMARY:Ann",
            "Ann: its recurrence “FREQ=SOMETIMES” cannot be read",
        ),
    ] {
        assert_eq!(why(&event(lines)), [expected], "{lines}");
    }
}

#[test]
fn an_end_of_a_rule_is_read_as_it_is_written() {
    for (until, last) in [
        // The last is at 07:00 UTC.
        ("20260330T070000Z", "2026-03-30"),
        ("20260330T065959Z", "2026-03-29"),
        ("20260330T090000", "2026-03-30"),
        ("20260330T085959", "2026-03-29"),
        ("20260330", "2026-03-30"),
    ] {
        let found = shifts(&event(&format!(
            "DTSTART;TZID=Europe/Berlin:20260327T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL={until}\nSUMMARY:Ann"
        )));
        assert!(
            found[found.len() - 1].starts_with(last),
            "{until}: {found:?}"
        );
    }
}

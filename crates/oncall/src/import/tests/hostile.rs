//! Files made to keep a reader busy. What they may cost is counted, not
//! measured: each of these would run for hours without the bounds.

use super::*;
use proptest::prelude::*;

fn refused(text: &str) -> Unreadable {
    read(text.as_bytes(), &year()).unwrap_err()
}

#[test]
fn a_recurrence_without_end_is_refused_by_name() {
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYSETPOS=2",
        "FREQ=MINUTELY;BYSECOND=0,10,20,30,40,50",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30;BYSECOND=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59",
        "FREQ=SECONDLY;COUNT=4294967295;BYDAY=MO",
    ] {
        let lines = format!("DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:{rule}\nSUMMARY:Tick");
        let error = refused(&calendar(&event(&lines)));
        assert!(
            matches!(&error, Unreadable::TooOften { title } if title == "Tick"),
            "{rule}: {error}"
        );
    }
}

/// These say no second either, and end without being refused.
#[test]
fn a_recurrence_that_never_happens_ends() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=DAILY;BYDAY=MO;INTERVAL=4294967295",
        "FREQ=YEARLY;INTERVAL=4294967295",
        "FREQ=MONTHLY;INTERVAL=4294967295",
        "FREQ=HOURLY;INTERVAL=4294967295",
        "FREQ=YEARLY;BYDAY=255SU",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=DAILY;RSCALE=CHINESE",
    ] {
        let lines = format!("DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:{rule}");
        let read = read_all(&calendar(&event(&lines)), &year());
        assert_eq!(read.shifts, [], "{rule}");
    }
}

#[test]
fn many_slow_recurrences_share_one_budget() {
    let slow = event(
        "DTSTART:19700101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=9;BYMONTH=2;BYMONTHDAY=31\nSUMMARY:Slow",
    );
    let error = refused(&calendar(&vec![slow; 5_000].join("\n")));
    assert!(matches!(error, Unreadable::TooOften { .. }), "{error}");
}

#[test]
fn more_than_fits_is_refused() {
    let long = "x".repeat(BYTES_MAX + 1);
    assert_eq!(refused(&long), Unreadable::TooLarge);
    let many = vec![event("DTSTART:20260302T080000Z"); EVENTS_MAX + 1].join("\n");
    assert_eq!(refused(&calendar(&many)), Unreadable::TooManyEvents);
    let dates: Vec<String> = (0..SHIFTS_MAX + 1)
        .map(|n| {
            let (day, hour, minute) = (n / 1440 + 1, n / 60 % 24, n % 60);
            format!("202603{day:02}T{hour:02}{minute:02}00Z")
        })
        .collect();
    let lines = format!(
        "DTSTART:20260301T000000Z\nDURATION:PT1S\nRDATE:{}",
        dates.join(",")
    );
    assert_eq!(
        refused(&calendar(&event(&lines))),
        Unreadable::TooManyShifts
    );
}

#[test]
fn parts_within_parts_are_refused_without_recursion() {
    assert_eq!(
        refused(&calendar(&"BEGIN:VEVENT\n".repeat(100_000))),
        Unreadable::TooDeep
    );
    assert_eq!(
        refused(&calendar(&"BEGIN:X\n".repeat(100_000))),
        Unreadable::TooDeep
    );
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for text in [
        "",
        "hello",
        "<html></html>",
        "BEGIN:VCARD\nEND:VCARD",
        "\0\0\0",
    ] {
        assert_eq!(refused(text), Unreadable::NotACalendar, "{text:?}");
    }
    assert_eq!(
        refused("BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR"),
        Unreadable::OldCalendar
    );
    let empty = read_all("BEGIN:VCALENDAR\r\nEND:VCALENDAR", &year());
    assert_eq!(empty, Calendar::default());
    assert!(read(&[0xff, 0xfe, 0x00], &year()).is_err());
}

/// Lines as long as the file: each kind of list, parameter and fold.
#[test]
fn endless_lines_end() {
    let room = BYTES_MAX - 1_000;
    let fill = |unit: &str| unit.repeat(room / unit.len());
    for lines in [
        format!(
            "DTSTART:20260302T080000Z\nDURATION:PT1H\nEXDATE:{}1",
            fill("20260302T080000Z,")
        ),
        format!(
            "DTSTART:20260302T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYDAY={}MO",
            fill("MO,")
        ),
        format!(
            "DTSTART:20260302T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYYEARDAY={}1",
            fill("1,")
        ),
        format!(
            "DTSTART:20260302T080000Z\nDURATION:PT1H\nRRULE:{}",
            fill(";")
        ),
        format!("DTSTART{}:20260302T080000Z", fill(";X=1")),
        format!("DTSTART{}:20260302T080000Z", fill(";X=\"")),
        format!("DTSTART;TZID={}:20260302T080000", fill("x")),
        format!("SUMMARY:{}", fill("\\,")),
        format!("SUMMARY:{}", fill("x\n ")),
        format!("SUMMARY;ENCODING=QUOTED-PRINTABLE:{}", fill("=\n")),
        format!("ATTENDEE{}:mailto:a@example.org", fill(";CN=^n")),
        fill("ATTENDEE:mailto:a@example.org\n"),
        fill("DTSTART;TZID=A/B:20260302T080000\n"),
        fill("\n "),
        fill(":"),
    ] {
        let text = format!("BEGIN:VCALENDAR\n{}\nEND:VCALENDAR\n", event(&lines));
        assert!(text.len() <= BYTES_MAX, "{}", text.len());
        let _ = read(text.as_bytes(), &year());
    }
}

#[test]
fn zones_cannot_keep_it_busy() {
    let rules = "RRULE:FREQ=SECONDLY\nRDATE:16010101T000000\n";
    let zone = |id: &str, rule: &str| {
        format!(
            "BEGIN:VTIMEZONE\nTZID:{id}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n{rule}END:STANDARD\nEND:VTIMEZONE\n"
        )
    };
    let lines = format!(
        "{}{}",
        zone("Z", rules),
        event("DTSTART;TZID=Z:20260302T080000\nDURATION:PT1H\nSUMMARY:Ann")
    );
    assert_eq!(why(&lines), ["Ann: its time zone “Z” is not known"]);
    // Offsets that no clock on Earth has.
    let far = zone("Z", "").replace("+0200", "+9900");
    let lines = format!(
        "{far}{}",
        event("DTSTART;TZID=Z:20260302T080000\nDURATION:PT1H\nSUMMARY:Ann")
    );
    assert_eq!(why(&lines), ["Ann: its time zone “Z” is not known"]);
    // Ten thousand zones, each asked for once.
    let many: String = (0..10_000)
        .map(|n| {
            let event = format!("DTSTART;TZID=Z{n}:20260302T080000\nDURATION:PT1H\nSUMMARY:Ann");
            self::event(&event) + "\n"
        })
        .collect();
    assert_eq!(why(&many).len(), SKIPPED_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_typed_breaks_it(text in ".{0,400}") {
        let _ = read(text.as_bytes(), &year());
        let _ = read(calendar(&text).as_bytes(), &year());
        let _ = read(calendar(&event(&text)).as_bytes(), &year());
    }

    #[test]
    fn no_broken_line_breaks_it(
        lines in prop::collection::vec((
            prop::sample::select(vec![
                "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
                "UID", "SEQUENCE", "BEGIN", "END", "ATTENDEE", "TZOFFSETFROM", "TZOFFSETTO", "TZID",
            ]),
            prop::sample::select(vec!["", ";TZID=Europe/Berlin", ";TZID=Z", ";VALUE=DATE", ";VALUE=PERIOD", ";RANGE=THISANDFUTURE", ";", ";X=\""]),
            prop_oneof![
                "[0-9TZ/P,;:=+-]{0,30}",
                "20260[0-9]{3}T[0-9]{6}Z?",
                "P[0-9]{1,12}[WDTHMS]",
                "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY|SECONDLY);(INTERVAL|COUNT|BYDAY|BYMONTHDAY|UNTIL|BYSETPOS)=[-0-9A-Z,]{0,8}",
                Just("VEVENT".to_owned()), Just("VTIMEZONE".to_owned()), Just("STANDARD".to_owned()),
            ],
        ), 0..30),
    ) {
        let lines: Vec<String> = lines.iter().map(|(name, params, value)| format!("{name}{params}:{value}")).collect();
        let _ = read(calendar(&event(&lines.join("\n"))).as_bytes(), &year());
    }
}

//! What a feed says is what an import reads.

use super::*;
use crate::{
    Schedule,
    feed::{self, Listed},
    schedule::tests::any_schedule,
};
use proptest::prelude::*;
use rideout_domain::UserId;

fn name(person: UserId) -> String {
    // With what has to be escaped, and longer than a line may be.
    format!(
        "Person {}; \\ „ü“, {}",
        person.0.as_u128(),
        "né ".repeat(25)
    )
}

fn feed_of(schedule: &Schedule, from: Timestamp, until: Timestamp) -> String {
    let listed = Listed {
        id: "0197",
        schedule,
        changed_at: Timestamp(0),
    };
    feed::of_schedule(listed, from, until, name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_feed_imports_as_the_same_shifts(
        schedule in any_schedule(),
        from in 1_774_000_000_i64..1_778_000_000, days in 1_i64..40,
    ) {
        let (from, until) = (Timestamp(from * 1_000_000), Timestamp((from + days * 86_400) * 1_000_000));
        let text = feed_of(&schedule, from, until);
        let horizon = Horizon { from, until, zone: Zone::UTC };
        let calendar = read_all(&text, &horizon);
        prop_assert_eq!(&calendar.skipped, &vec![]);
        // iCalendar knows whole seconds only.
        let second = |at: Timestamp| at.0.div_euclid(1_000_000);
        for span in schedule.shifts(from, until) {
            let middle = second(Timestamp(span.from.0.midpoint(span.until.0)));
            if second(span.from) == middle {
                continue;
            }
            let mut said: Vec<&str> = calendar
                .shifts
                .iter()
                .filter(|shift| second(shift.from) <= middle && middle < second(shift.until))
                .map(|shift| shift.title.as_str())
                .collect();
            let mut expected: Vec<String> = span.people.iter().map(|person| {
                super::super::lines::line(&name(*person)).unwrap()
            }).collect();
            said.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(said, expected, "{}", span.from);
        }
    }

    #[test]
    fn an_event_keeps_its_identifier(
        schedule in any_schedule(),
        from in 1_774_000_000_i64..1_778_000_000, later in 0_i64..20 * 86_400,
    ) {
        let moment = |seconds: i64| Timestamp(seconds * 1_000_000);
        let month = 30 * 86_400;
        let events = |text: &str| -> Vec<String> {
            let text = text.replace("\r\n ", "");
            text.split("BEGIN:VEVENT").skip(1).map(str::to_owned).collect()
        };
        let one = events(&feed_of(&schedule, moment(from), moment(from + month)));
        let other = events(&feed_of(&schedule, moment(from + later), moment(from + later + month)));
        // What both show, both show alike.
        let uid = |event: &str| event.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
        for event in &one {
            if let Some(twin) = other.iter().find(|twin| uid(twin) == uid(event)) {
                prop_assert_eq!(twin.trim_end_matches("END:VCALENDAR\r\n"), event.trim_end_matches("END:VCALENDAR\r\n"));
            }
        }
        let mut uids: Vec<String> = one.iter().map(|event| uid(event)).collect();
        uids.sort_unstable();
        let all = uids.len();
        uids.dedup();
        prop_assert_eq!(uids.len(), all);
    }
}

#[test]
fn a_feed_keeps_to_the_rules_of_the_format() {
    let layer = crate::Layer::new(&crate::LayerDraft {
        name: "Primary".to_owned(),
        rotation: "weekly".to_owned(),
        weekday: Some(crate::Weekday::Monday),
        starts_on: "2026-03-02".to_owned(),
        hand_over: "09:00".to_owned(),
        people: vec![UserId(uuid::Uuid::from_u128(1))],
        ..crate::LayerDraft::default()
    })
    .unwrap();
    let schedule = Schedule::new("Pay; ments, \"EU\"", "Europe/Berlin", vec![layer]).unwrap();
    let text = feed_of(
        &schedule,
        at("2026-03-25T00:00:00Z"),
        at("2026-04-01T00:00:00Z"),
    );
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"),
        "{text}"
    );
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{} {line}", line.len());
        assert!(!line.contains('\n') && !line.contains('\r'), "{line}");
    }
    let text = text.replace("\r\n ", "");
    for line in [
        "X-WR-CALNAME:On call: Pay\\; ments\\, \"EU\"\r\n",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n",
        // One person alone still hands over to themselves, and the shift that
        // began before the span is whole.
        "UID:0197.00000000-0000-0000-0000-000000000001.1774252800000000@rideout\r\n",
        "DTSTART:20260323T080000Z\r\nDTEND:20260330T070000Z\r\n",
        "DTSTART:20260330T070000Z\r\nDTEND:20260406T070000Z\r\n",
        "DTSTAMP:19700101T000000Z\r\n",
        "TRANSP:TRANSPARENT\r\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let person = UserId(uuid::Uuid::from_u128(1));
    let listed = Listed {
        id: "0197",
        schedule: &schedule,
        changed_at: Timestamp(0),
    };
    let until = at("2026-04-01T00:00:00Z");
    let own = feed::of_person(person, "Ann", &[listed], at("2026-03-25T00:00:00Z"), until);
    assert!(own.contains("X-WR-CALNAME:Ann on call\r\n"), "{own}");
    assert_eq!(own.matches("SUMMARY:On call: Pay\\; ments").count(), 2);
    let nobody = UserId(uuid::Uuid::from_u128(2));
    let empty = feed::of_person(nobody, "Bob", &[listed], at("2026-03-25T00:00:00Z"), until);
    assert_eq!(empty.matches("BEGIN:VEVENT").count(), 0);
}

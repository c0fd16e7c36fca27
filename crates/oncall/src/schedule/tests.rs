//! Who is on call when.

use super::*;
use crate::time::{DAY, SECOND};
use proptest::prelude::*;
use uuid::Uuid;

fn person(number: u8) -> UserId {
    UserId(Uuid::from_u128(u128::from(number)))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A layer of people 1 to `people`.
fn draft(rotation: &str, people: u8) -> LayerDraft {
    LayerDraft {
        name: "Primary".to_owned(),
        rotation: rotation.to_owned(),
        weekday: Some(Weekday::Monday),
        every: Some(3),
        starts_on: "2026-03-02".to_owned(),
        hand_over: "09:00".to_owned(),
        people: (1..=people).map(person).collect(),
        windows: Vec::new(),
    }
}

fn schedule(zone: &str, layers: &[LayerDraft]) -> Schedule {
    let layers = layers.iter().map(|draft| Layer::new(draft).unwrap());
    Schedule::new("Payments", zone, layers.collect()).unwrap()
}

fn window(days: &[Weekday], from: &str, until: &str) -> WindowDraft {
    WindowDraft {
        days: days.to_vec(),
        from: from.to_owned(),
        until: until.to_owned(),
    }
}

/// Spans as `from people`, to read in a table.
fn told(spans: &[Span]) -> Vec<String> {
    let number = |id: &UserId| (id.0.as_u128() % 256).to_string();
    spans
        .iter()
        .map(|span| {
            let people: Vec<String> = span.people.iter().map(number).collect();
            format!("{} {}", span.from.minute_utc(), people.join("+"))
        })
        .collect()
}

/// A rotation, the span asked for, and the beginnings of its shifts in UTC.
#[test]
fn rotations_hand_over_at_their_local_time() {
    for (zone, rotation, span, expected) in [
        // Monday 2 March 2026, 09:00 in Berlin is 08:00 UTC; from 29 March, 07:00.
        (
            "Europe/Berlin",
            draft("weekly", 3),
            ("2026-03-01T00:00:00Z", "2026-04-08T00:00:00Z"),
            vec![
                "2026-03-01 00:00 ",
                "2026-03-02 08:00 1",
                "2026-03-09 08:00 2",
                "2026-03-16 08:00 3",
                "2026-03-23 08:00 1",
                "2026-03-30 07:00 2",
                "2026-04-06 07:00 3",
            ],
        ),
        (
            "America/New_York",
            draft("daily", 2),
            ("2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"),
            vec![
                "2026-03-07 00:00 1",
                "2026-03-07 14:00 2",
                "2026-03-08 13:00 1",
                "2026-03-09 13:00 2",
            ],
        ),
        (
            "UTC",
            draft("days", 2),
            ("2026-03-02T09:00:00Z", "2026-03-12T00:00:00Z"),
            vec![
                "2026-03-02 09:00 1",
                "2026-03-05 09:00 2",
                "2026-03-08 09:00 1",
                "2026-03-11 09:00 2",
            ],
        ),
        // Twelve hours stay 09:00 and 21:00; the night of the change is an hour shorter.
        (
            "Europe/Berlin",
            LayerDraft {
                every: Some(12),
                ..draft("hours", 2)
            },
            ("2026-03-28T08:00:00Z", "2026-03-29T20:00:00Z"),
            vec![
                "2026-03-28 08:00 1",
                "2026-03-28 20:00 2",
                "2026-03-29 07:00 1",
                "2026-03-29 19:00 2",
            ],
        ),
        // Lord Howe goes back half an hour on 5 April 2026: 09:00 is 22:00, then 22:30 UTC.
        (
            "Australia/Lord_Howe",
            draft("daily", 2),
            ("2026-04-03T22:00:00Z", "2026-04-06T00:00:00Z"),
            vec![
                "2026-04-03 22:00 2",
                "2026-04-04 22:30 1",
                "2026-04-05 22:30 2",
            ],
        ),
        // A start in the middle of a week makes the first turn shorter.
        (
            "UTC",
            LayerDraft {
                starts_on: "2026-03-05".to_owned(),
                ..draft("weekly", 2)
            },
            ("2026-03-05T09:00:00Z", "2026-03-17T00:00:00Z"),
            vec![
                "2026-03-05 09:00 1",
                "2026-03-09 09:00 2",
                "2026-03-16 09:00 1",
            ],
        ),
        // Hourly, in a night that repeats the hour from 02:00 to 03:00: it lasts two.
        (
            "Europe/Berlin",
            LayerDraft {
                every: Some(1),
                ..draft("hours", 5)
            },
            ("2026-10-24T23:00:00Z", "2026-10-25T04:00:00Z"),
            vec![
                "2026-10-24 23:00 1",
                "2026-10-25 00:00 2",
                "2026-10-25 02:00 3",
                "2026-10-25 03:00 4",
            ],
        ),
        // And in one that skips it: whoever's hour it was has no turn.
        (
            "Europe/Berlin",
            LayerDraft {
                every: Some(1),
                ..draft("hours", 5)
            },
            ("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"),
            vec![
                "2026-03-29 00:00 1",
                "2026-03-29 01:00 3",
                "2026-03-29 02:00 4",
            ],
        ),
        // A hand-over at 02:30 on the day that skips it happens at the skip.
        (
            "Europe/Berlin",
            LayerDraft {
                hand_over: "02:30".to_owned(),
                ..draft("daily", 2)
            },
            ("2026-03-28T02:00:00Z", "2026-03-30T01:00:00Z"),
            vec![
                "2026-03-28 02:00 1",
                "2026-03-29 01:00 2",
                "2026-03-30 00:30 1",
            ],
        ),
    ] {
        let schedule = schedule(zone, &[rotation]);
        assert_eq!(
            told(&schedule.shifts(at(span.0), at(span.1))),
            expected,
            "{zone} {span:?}"
        );
    }
}

#[test]
fn a_zone_that_skipped_a_day_skips_a_turn() {
    let layer = LayerDraft {
        starts_on: "2011-12-26".to_owned(),
        ..draft("daily", 7)
    };
    let schedule = schedule("Pacific/Apia", &[layer]);
    // 09:00 in Samoa was 19:00 UTC at UTC-10, and the 30th did not exist: the
    // turn that would have begun in it begins with the skip, at midnight.
    assert_eq!(
        told(&schedule.shifts(at("2011-12-28T19:00:00Z"), at("2012-01-01T00:00:00Z"))),
        [
            "2011-12-28 19:00 3",
            "2011-12-29 19:00 4",
            "2011-12-30 10:00 5",
            "2011-12-30 19:00 6",
            "2011-12-31 19:00 7"
        ]
    );
}

#[test]
fn another_zone_moves_the_hand_over() {
    let moved = |zone: &str| {
        told(
            &schedule(zone, &[draft("weekly", 2)])
                .shifts(at("2026-06-01T12:00:00Z"), at("2026-06-09T12:00:00Z")),
        )
    };
    assert_eq!(
        moved("Europe/Berlin"),
        ["2026-06-01 12:00 2", "2026-06-08 07:00 1"]
    );
    assert_eq!(
        moved("America/New_York"),
        [
            "2026-06-01 12:00 1",
            "2026-06-01 13:00 2",
            "2026-06-08 13:00 1"
        ]
    );
}

#[test]
fn windows_leave_the_rest_to_whoever_is_below() {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let days = [Monday, Tuesday, Wednesday, Thursday, Friday];
    let office = LayerDraft {
        windows: vec![window(&days, "09:00", "17:00")],
        ..draft("weekly", 1)
    };
    let always = LayerDraft {
        people: vec![person(9)],
        ..draft("weekly", 0)
    };
    let schedule = schedule("Europe/Berlin", &[office, always]);
    assert_eq!(
        told(&schedule.shifts(at("2026-03-26T16:00:00Z"), at("2026-03-31T00:00:00Z"))),
        [
            "2026-03-26 16:00 9",
            "2026-03-27 08:00 1",
            "2026-03-27 16:00 9",
            "2026-03-30 07:00 1",
            "2026-03-30 15:00 9",
        ]
    );
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_begins_on() {
    let nights = LayerDraft {
        windows: vec![window(&[Weekday::Friday], "18:00", "06:00")],
        ..draft("weekly", 1)
    };
    let schedule = schedule("UTC", &[nights]);
    assert_eq!(
        told(&schedule.shifts(at("2026-03-06T00:00:00Z"), at("2026-03-08T00:00:00Z"))),
        [
            "2026-03-06 00:00 ",
            "2026-03-06 18:00 1",
            "2026-03-07 06:00 "
        ]
    );
    let gaps = schedule.gaps(at("2026-03-06T00:00:00Z"), at("2026-03-08T00:00:00Z"));
    assert_eq!(told(&gaps), ["2026-03-06 00:00 ", "2026-03-07 06:00 "]);
}

#[test]
fn of_overrides_the_last_added_holds() {
    let hours = |from: &str, until: &str, who| {
        let day = |clock: &str| at(&format!("2026-03-03T{clock}:00Z"));
        Shift::new(person(who), day(from), day(until)).unwrap()
    };
    let schedule = schedule("UTC", &[draft("weekly", 1)])
        .with_overrides(vec![hours("10:00", "14:00", 5), hours("12:00", "13:00", 6)])
        .with_imported(vec![hours("09:00", "11:00", 7), hours("08:00", "10:30", 8)]);
    let day = (at("2026-03-03T00:00:00Z"), at("2026-03-04T00:00:00Z"));
    assert_eq!(
        told(&schedule.shifts(day.0, day.1)),
        [
            "2026-03-03 00:00 1",
            "2026-03-03 08:00 8",
            "2026-03-03 09:00 7+8",
            "2026-03-03 10:00 5",
            "2026-03-03 12:00 6",
            "2026-03-03 13:00 5",
            "2026-03-03 14:00 1",
        ]
    );
    assert_eq!(
        told(&schedule.part(Part::Layer(0), day.0, day.1)),
        ["2026-03-03 00:00 1"]
    );
    let gone = Timestamp(0);
    let away = schedule.with_absent([(person(6), gone), (person(8), gone)]);
    assert_eq!(
        told(&away.shifts(day.0, day.1)),
        [
            "2026-03-03 00:00 1",
            "2026-03-03 09:00 7",
            "2026-03-03 10:00 5",
            "2026-03-03 14:00 1",
        ]
    );
}

/// A schedule whose layers were changed at a moment.
fn changed(before: &Schedule, after: Schedule, at: Timestamp) -> Schedule {
    let mut former = before.former.clone();
    former.push(Former {
        zone: before.zone.clone(),
        layers: before.layers.clone(),
        until: at,
    });
    after
        .with_former(former)
        .with_overrides(before.overrides.clone())
        .with_imported(before.imported.clone())
}

#[test]
fn a_change_of_layers_leaves_the_past_as_it_was() {
    let before = schedule("UTC", &[draft("daily", 3)]);
    let turned = LayerDraft {
        people: vec![person(3), person(2), person(1)],
        ..draft("daily", 3)
    };
    let change = at("2026-03-05T15:00:00Z");
    let after = changed(
        &before,
        schedule("UTC", std::slice::from_ref(&turned)),
        change,
    );
    let span = (at("2026-03-03T00:00:00Z"), at("2026-03-07T00:00:00Z"));
    assert_eq!(
        told(&after.shifts(span.0, span.1)),
        [
            "2026-03-03 00:00 1",
            "2026-03-03 09:00 2",
            "2026-03-04 09:00 3",
            // The fourth turn is the first one's, by the new order the third one's.
            "2026-03-05 09:00 1",
            "2026-03-05 15:00 3",
            "2026-03-06 09:00 2",
        ]
    );
    assert_eq!(after.layers_since(), Some(change));
    assert_eq!(
        told(&after.part(Part::Layer(0), span.0, span.1)),
        [
            "2026-03-03 00:00 ",
            "2026-03-05 15:00 3",
            "2026-03-06 09:00 2"
        ]
    );
    assert_eq!(
        after.part(Part::Former, span.0, change),
        before.shifts(span.0, change)
    );
    // Nor does another zone, and an override still wins over what was.
    let moved = changed(&after, schedule("Asia/Tokyo", &[turned]), span.1);
    let stands_in = Shift::new(person(9), at("2026-03-05T10:00:00Z"), change).unwrap();
    let moved = moved.with_overrides(vec![stands_in]);
    assert_eq!(moved.on_call_at(at("2026-03-05T12:00:00Z")), [person(9)]);
    assert_eq!(moved.on_call_at(at("2026-03-05T09:30:00Z")), [person(1)]);
    assert_eq!(
        moved.shifts(change, span.1),
        after.shifts(change, span.1),
        "the day after the change"
    );
}

#[test]
fn a_shift_goes_on_over_a_change_that_leaves_its_person_in_place() {
    let before = schedule("UTC", &[draft("daily", 2)]);
    let longer = LayerDraft {
        people: vec![person(2)],
        starts_on: "2026-03-01".to_owned(),
        ..draft("daily", 1)
    };
    let change = at("2026-03-05T15:00:00Z");
    let after = changed(&before, schedule("UTC", &[longer]), change);
    let (from, until) = (at("2026-03-04T00:00:00Z"), at("2026-03-06T12:00:00Z"));
    let pieces = after.pieces(Part::All, from, until);
    let begins: Vec<String> = pieces.iter().map(|one| one.from.minute_utc()).collect();
    assert_eq!(
        begins,
        [
            "2026-03-04 00:00",
            "2026-03-04 09:00",
            // On until the hand-over after the change, and then it is another turn.
            "2026-03-05 09:00",
            "2026-03-06 09:00",
        ]
    );
}

#[test]
fn whoever_closed_their_account_was_on_call_until_then() {
    let schedule = schedule("UTC", &[draft("daily", 2), draft("weekly", 1)]);
    let gone = at("2026-03-05T15:00:00Z");
    let (from, until) = (at("2026-03-03T09:00:00Z"), at("2026-03-08T09:00:00Z"));
    let whole = schedule.shifts(from, gone);
    let away = schedule.with_absent([(person(2), gone)]);
    assert_eq!(away.shifts(from, gone), whole);
    assert_eq!(told(&away.shifts(gone, until)), ["2026-03-05 15:00 1"]);
}

#[test]
fn now_and_next_look_past_the_turns_of_one_person() {
    let schedule = schedule("UTC", &[draft("days", 2)]);
    let (now, next) = schedule.now_and_next(at("2026-03-04T12:00:00Z"));
    assert_eq!(told(std::slice::from_ref(&now)), ["2026-03-04 12:00 1"]);
    assert_eq!(now.until, at("2026-03-05T09:00:00Z"));
    let next = next.unwrap();
    assert_eq!(told(std::slice::from_ref(&next)), ["2026-03-05 09:00 2"]);
    assert_eq!(next.until, at("2026-03-08T09:00:00Z"));

    let alone = self::schedule("UTC", &[draft("daily", 1)]);
    let (now, next) = alone.now_and_next(at("2026-03-04T12:00:00Z"));
    assert_eq!((now.people, next), (vec![person(1)], None));
    let (now, next) = alone.now_and_next(at("2026-02-27T12:00:00Z"));
    assert_eq!(now.people, []);
    assert_eq!(next.map(|span| span.from), Some(at("2026-03-02T09:00:00Z")));
}

/// A year has more turns than a test could count one by one from 2000.
#[test]
fn far_away_costs_no_more() {
    let hourly = LayerDraft {
        starts_on: "2000-01-01".to_owned(),
        every: Some(1),
        ..draft("hours", 100)
    };
    let schedule = schedule("America/New_York", &[hourly]);
    for year in [2001, 2026, 2099] {
        let layer = &schedule.layers()[0];
        let from = at(&format!("{year}-06-15T00:00:00Z"));
        let turns = layer.turns(&schedule.zone, from, Timestamp(from.0 + 3_600 * SECOND));
        assert_eq!(turns.len(), 1, "{year}");
    }
    assert_eq!(
        schedule.shifts(Timestamp(i64::MIN), Timestamp(0)),
        [Span {
            from: Timestamp(i64::MIN),
            until: Timestamp(0),
            people: Vec::new()
        }]
    );
    let late = Timestamp(at("2200-01-01T00:00:00Z").0 - 1);
    assert_eq!(schedule.shifts(late, Timestamp(i64::MAX)).len(), 2);
    assert!(schedule.on_call_at(Timestamp(i64::MAX)).is_empty());
}

#[test]
fn a_refusal_names_the_field() {
    for (change, field, says) in [
        (
            Box::new(|d: &mut LayerDraft| d.name.clear()) as Box<dyn Fn(&mut LayerDraft)>,
            "name",
            "empty",
        ),
        (Box::new(|d| d.people.clear()), "people", "at least one"),
        (
            Box::new(|d| d.people = vec![person(1); 101]),
            "people",
            "at most 100",
        ),
        (
            Box::new(|d| d.rotation = "yearly".to_owned()),
            "rotation",
            "“yearly” is no rotation",
        ),
        (Box::new(|d| d.weekday = None), "weekday", "choose the day"),
        (
            Box::new(|d| {
                d.rotation = "days".to_owned();
                d.every = Some(0);
            }),
            "every",
            "from 1 to 90",
        ),
        (
            Box::new(|d| {
                d.rotation = "hours".to_owned();
                d.every = Some(169);
            }),
            "every",
            "from 1 to 168",
        ),
        (
            Box::new(|d| d.starts_on = "2026-02-30".to_owned()),
            "starts_on",
            "2026-02-30",
        ),
        (
            Box::new(|d| d.starts_on = "1999-12-31".to_owned()),
            "starts_on",
            "between 2000 and 2099",
        ),
        (
            Box::new(|d| d.hand_over = "24:00".to_owned()),
            "hand_over",
            "24:00",
        ),
        (
            Box::new(|d| d.hand_over = "9".to_owned()),
            "hand_over",
            "write it as 09:00",
        ),
        (
            Box::new(|d| d.windows = vec![window(&[], "09:00", "17:00")]),
            "windows.0.days",
            "at least one day",
        ),
        (
            Box::new(|d| d.windows = vec![window(&[Weekday::Monday], "09:00", "5pm")]),
            "windows.0.until",
            "5pm",
        ),
    ] {
        let mut draft = draft("weekly", 2);
        change(&mut draft);
        let refusal = Layer::new(&draft).unwrap_err();
        assert_eq!(refusal.field, field);
        assert!(refusal.to_string().contains(says), "{refusal}");
    }
    assert_eq!(Schedule::new(" ", "UTC", vec![]).unwrap_err().field, "name");
    assert_eq!(
        Schedule::new("x", "Nowhere", vec![]).unwrap_err().field,
        "zone"
    );
    let layer = Layer::new(&draft("daily", 1)).unwrap();
    let many = Schedule::new("x", "UTC", vec![layer; 11]).unwrap_err();
    assert_eq!(many.field, "layers");
    let (now, day) = (at("2026-03-02T00:00:00Z"), DAY);
    assert!(Shift::new(person(1), now, now).is_err());
    let year = Timestamp(now.0 + 367 * day);
    assert_eq!(Shift::new(person(1), now, year).unwrap_err().field, "until");
}

#[test]
fn a_layer_tells_when_people_hand_over() {
    use Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    let week = [Monday, Tuesday, Wednesday, Thursday, Friday];
    for (rotation, every, windows, told) in [
        (
            "weekly",
            None,
            vec![],
            "Every Monday at 09:00, since 2026-03-02.",
        ),
        (
            "daily",
            None,
            vec![window(&week, "09:00", "17:00")],
            "Every day at 09:00, since 2026-03-02; only Mon–Fri 09:00–17:00.",
        ),
        (
            "hours",
            Some(12),
            vec![
                window(&Weekday::ALL, "18:00", "06:00"),
                window(&[Monday, Saturday], "00:00", "00:00"),
            ],
            "Every 12 hours from 09:00, since 2026-03-02; only every day 18:00–06:00 of the day after, Mon, Sat from 00:00 for 24 hours.",
        ),
        (
            "days",
            Some(14),
            vec![],
            "Every 14 days at 09:00, since 2026-03-02.",
        ),
    ] {
        let draft = LayerDraft {
            every,
            windows,
            ..draft(rotation, 1)
        };
        assert_eq!(Layer::new(&draft).unwrap().told(), told);
    }
}

#[test]
fn a_layer_is_stored_as_it_was_written() {
    let layer = Layer::new(&LayerDraft {
        windows: vec![window(&[Weekday::Sunday, Weekday::Monday], "9:05", "00:00")],
        ..draft("weekly", 2)
    })
    .unwrap();
    let json = serde_json::to_value(&layer).unwrap();
    assert_eq!(json["weekday"], "monday");
    assert_eq!(json["hand_over"], "09:00");
    assert_eq!(json["windows"][0]["days"][0], "monday");
    assert_eq!(json["windows"][0]["from"], "09:05");
    assert_eq!(serde_json::from_value::<Layer>(json).unwrap(), layer);
    let bad = r#"{"name":"x","rotation":"daily","starts_on":"2026-03-02","hand_over":"9","people":["00000000-0000-0000-0000-000000000001"]}"#;
    let refusal = serde_json::from_str::<Layer>(bad).unwrap_err().to_string();
    assert!(refusal.contains("is no time of day"), "{refusal}");
}

const ZONES: [&str; 5] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
];

fn any_window() -> impl Strategy<Value = WindowDraft> {
    let days = prop::collection::vec(prop::sample::select(Weekday::ALL.to_vec()), 1..5);
    (days, 0..24, 0..24, prop::sample::select(vec![0, 30])).prop_map(
        |(days, from, until, minute)| {
            window(
                &days,
                &format!("{from:02}:{minute:02}"),
                &format!("{until:02}:{minute:02}"),
            )
        },
    )
}

fn any_layer() -> impl Strategy<Value = LayerDraft> {
    (
        prop::sample::select(vec!["daily", "weekly", "days", "hours"]),
        prop::sample::select(Weekday::ALL.to_vec()),
        1_u32..60,
        (2011_i32..2027, 1..13, 1..29),
        (0..24, prop::sample::select(vec![0, 15, 30])),
        prop::collection::vec(1_u8..6, 1..5),
        prop::collection::vec(any_window(), 0..3),
    )
        .prop_map(
            |(rotation, weekday, every, date, time, people, windows)| LayerDraft {
                name: "Layer".to_owned(),
                rotation: rotation.to_owned(),
                weekday: Some(weekday),
                every: Some(every),
                starts_on: format!("{:04}-{:02}-{:02}", date.0, date.1, date.2),
                hand_over: format!("{:02}:{:02}", time.0, time.1),
                people: people.into_iter().map(person).collect(),
                windows,
            },
        )
}

fn any_shifts() -> impl Strategy<Value = Vec<Shift>> {
    let shift = (1_u8..9, 0_i64..40 * 86_400, 1_i64..10 * 86_400);
    prop::collection::vec(shift, 0..4).prop_map(|shifts| {
        let moment = |seconds: i64| Timestamp((1_774_000_000 + seconds) * SECOND + 123_456);
        shifts
            .into_iter()
            .map(|(who, from, long)| {
                Shift::new(person(who), moment(from), moment(from + long)).unwrap()
            })
            .collect()
    })
}

fn any_former() -> impl Strategy<Value = Former> {
    (
        prop::sample::select(ZONES.to_vec()),
        prop::collection::vec(any_layer(), 0..3),
        1_770_000_000_i64..1_780_000_000,
    )
        .prop_map(|(zone, layers, seconds)| {
            let of = schedule(zone, &layers);
            Former {
                zone: of.zone,
                layers: of.layers,
                until: Timestamp(seconds * SECOND + 7),
            }
        })
}

pub(crate) fn any_schedule() -> impl Strategy<Value = Schedule> {
    (
        prop::sample::select(ZONES.to_vec()),
        prop::collection::vec(any_layer(), 0..4),
        any_shifts(),
        any_shifts(),
        prop::collection::vec(any_former(), 0..3),
    )
        .prop_map(|(zone, layers, overrides, imported, former)| {
            schedule(zone, &layers)
                .with_former(former)
                .with_overrides(overrides)
                .with_imported(imported)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn spans_cover_all_of_the_time_once(
        schedule in any_schedule(),
        from in 1_770_000_000_i64..1_780_000_000, long in 1_i64..60 * 86_400,
    ) {
        let (from, until) = (Timestamp(from * SECOND), Timestamp((from + long) * SECOND));
        let spans = schedule.shifts(from, until);
        prop_assert_eq!(spans[0].from, from);
        prop_assert_eq!(spans[spans.len() - 1].until, until);
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].until, pair[1].from);
            prop_assert_ne!(&pair[0].people, &pair[1].people);
        }
        for span in &spans {
            prop_assert!(span.from < span.until);
            for moment in [span.from.0, span.until.0 - 1, span.from.0.midpoint(span.until.0)] {
                prop_assert_eq!(&schedule.on_call_at(Timestamp(moment)), &span.people);
            }
        }
        let covered: Vec<_> = schedule.gaps(from, until);
        prop_assert!(covered.iter().all(|gap| spans.contains(gap) && gap.people.is_empty()));
    }

    #[test]
    fn a_part_of_the_time_shows_the_same(
        schedule in any_schedule(),
        from in 1_770_000_000_i64..1_780_000_000, before in 0_i64..90 * 86_400, after in 0_i64..90 * 86_400,
    ) {
        let (from, until) = (Timestamp(from * SECOND), Timestamp((from + 86_400) * SECOND));
        let narrow = schedule.shifts(from, until);
        let wide = schedule.shifts(Timestamp(from.0 - before * SECOND), Timestamp(until.0 + after * SECOND));
        let cut: Vec<Span> = wide
            .into_iter()
            .filter(|span| span.until > from && span.from < until)
            .map(|span| Span { from: span.from.max(from), until: span.until.min(until), ..span })
            .collect();
        prop_assert_eq!(narrow, cut);
    }

    /// A change at a moment leaves who was on call at any moment before as it was, and
    /// from that moment on the new layers speak as if they had always been there.
    #[test]
    fn a_change_leaves_who_was_on_call_before_it_as_it_was(
        before in any_schedule(), after in any_schedule(),
        change in 1_780_000_000_i64..1_781_000_000,
        from in 0_i64..400 * 86_400, long in 1_i64..20 * 86_400, moment in 0_i64..400 * 86_400,
    ) {
        let change = Timestamp(change * SECOND + 11);
        let after = schedule(after.zone.name(), &after.layers.iter().cloned().map(Into::into).collect::<Vec<_>>());
        let alone = after.clone()
            .with_overrides(before.overrides.clone())
            .with_imported(before.imported.clone());
        let after = changed(&before, after, change);
        let earlier = Timestamp(change.0 - 1 - moment * SECOND);
        prop_assert_eq!(after.on_call_at(earlier), before.on_call_at(earlier));
        let until = Timestamp(change.0 - from * SECOND);
        let from = Timestamp(until.0 - long * SECOND);
        prop_assert_eq!(after.shifts(from, until), before.shifts(from, until));
        let later = Timestamp(change.0 + long * SECOND);
        prop_assert_eq!(after.shifts(change, later), alone.shifts(change, later));
    }

    /// The plain reading of the rule, moment by moment, against the clever one.
    #[test]
    fn who_is_on_call_is_whose_turn_the_local_clock_says(
        zone in prop::sample::select(ZONES.to_vec()), layer in any_layer(),
        seconds in 1_770_000_000_i64..1_780_000_000,
    ) {
        let plain = LayerDraft { windows: Vec::new(), ..layer };
        let schedule = schedule(zone, std::slice::from_ref(&plain));
        let layer = Layer::new(&plain).unwrap();
        let zone = schedule.zone();
        let moment = Timestamp(seconds * SECOND);
        // Turns counted one by one on the local clock from the start.
        let mut boundary = layer.starts_on.to_datetime(layer.hand_over);
        if let Rotation::Weekly(day) = layer.rotation {
            while Weekday::of(boundary.date()) != day {
                boundary = crate::time::plus_civil(boundary, -86_400);
            }
        }
        let starts = zone.hand_over(layer.starts_on.to_datetime(layer.hand_over));
        let mut turn = 0;
        loop {
            boundary = crate::time::plus_civil(boundary, layer.rotation.seconds());
            if zone.hand_over(boundary) > moment {
                break;
            }
            turn += 1;
        }
        let expected = if moment < starts { vec![] } else { vec![layer.people[turn % layer.people.len()]] };
        prop_assert_eq!(schedule.on_call_at(moment), expected);
    }
}

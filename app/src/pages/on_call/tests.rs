//! What the pages of on-call schedules show.

use super::*;
use crate::{FormState, render_fragment};
use leptos::prelude::*;
use rideout_domain::{FeedId, OverrideId, ScheduleId, UserId};

const NOW: Timestamp = Timestamp(1_276_592_400_000_000);

fn id<T: std::str::FromStr>(n: u128) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{n:08x}-0000-7000-8000-000000000000")
        .parse()
        .unwrap()
}

fn somebody(n: u128, name: &str) -> Person {
    Person {
        id: UserId(id(n)),
        name: name.into(),
    }
}

fn local(hours: i64, text: &str) -> Local {
    Local {
        at: NOW.plus_minutes(hours * 60),
        text: text.into(),
    }
}

fn gap(from: i64, until: i64) -> Gap {
    Gap {
        from: local(from, "Sat 19 Jun, 09:00"),
        until: local(until, "Sun 20 Jun, 09:00"),
    }
}

fn card() -> Card {
    Card {
        id: ScheduleId(id(1)),
        name: "Payments <b>".into(),
        zone: "Europe/Berlin".into(),
        team: Some("Payments".into()),
        people: vec![somebody(1, "Dana Kim")],
        until: Some(local(22, "Wed 16 Jun, 09:00")),
        next: vec![somebody(2, "Omar")],
        gaps: Vec::new(),
        has_layers: true,
    }
}

fn list(schedules: Vec<Card>, may_manage: bool) -> String {
    let page = OnCallPage {
        schedules,
        viewer: UserId(id(1)),
        may_manage,
        feeds: Vec::new(),
        made: None,
        next_feed: FeedId(id(9)),
        now: NOW,
    };
    render_fragment(move || view! { <OnCall page=page /> }.into_any())
}

#[test]
fn the_list_says_who_is_on_call_until_when_and_who_is_next() {
    let html = list(vec![card()], false);
    assert!(
        html.contains("Payments &lt;b&gt;") && !html.contains("Payments <b>"),
        "{html}"
    );
    for words in [
        "You are on call.",
        "Dana Kim",
        "Wed 16 Jun, 09:00",
        "2010-06-16 07:00 UTC",
        "covered for 14 days",
        "1 schedule, all covered for the next two weeks.",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(
        !html.contains("/on-call/new"),
        "only commanders make schedules"
    );
}

#[test]
fn a_gap_is_said_in_words_and_in_red() {
    let lacking = Card {
        people: Vec::new(),
        next: Vec::new(),
        gaps: vec![gap(96, 120), gap(264, 288), gap(300, 301)],
        ..card()
    };
    let html = list(vec![lacking, card()], true);
    for words in [
        "3 gaps, 2 d 1 h together",
        "Nobody",
        "then <span class=\"nobody-word\">nobody</span>",
        "and 1 more",
        "2 schedules; 1 lacks somebody in the next two weeks.",
        "href=\"/on-call/new\"",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let last = Card {
        until: None,
        ..card()
    };
    assert!(list(vec![last], false).contains("nobody after them for more than a year"));
}

#[test]
fn the_first_schedule_is_taught() {
    assert!(list(Vec::new(), true).contains("Make the first schedule"));
    assert!(list(Vec::new(), false).contains("A commander or an admin can make one."));
}

fn piece(from: f64, to: f64, names: &[&str]) -> PicturePiece {
    PicturePiece {
        from,
        to,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        title: "Dana: Mon to Tue".into(),
    }
}

fn picture() -> Picture {
    let row = |kind, label: &str, pieces| PictureRow {
        kind,
        label: label.into(),
        pieces,
        summary: format!("{label}: Dana Kim from Mon"),
    };
    let pieces = || {
        vec![
            piece(0.0, 0.25, &["Dana Kim"]),
            piece(0.25, 0.28, &["Omar Nassar"]),
            piece(0.28, 0.29, &["Lena"]),
            piece(0.29, 1.0, &[]),
        ]
    };
    Picture {
        days: vec![PictureDay {
            from: 0.0,
            to: 1.0,
            day: "14".into(),
            week: Some("14 Jun".into()),
            weekend: true,
        }],
        rows: vec![
            row(RowKind::All, "On call", pieces()),
            row(RowKind::Layer, "Primary", pieces()),
        ],
        now: Some(0.5),
    }
}

#[test]
fn a_picture_writes_what_fits_and_hatches_gaps_once() {
    let html = render_fragment(move || view! { <picture::Rota picture=picture() /> }.into_any());
    assert!(html.contains(">Dana Kim</text>"), "{html}");
    assert!(
        html.contains(">ON</text>"),
        "initials, where a name does not fit: {html}"
    );
    assert!(
        !html.contains(">LE</text>") && !html.contains(">Lena</text>"),
        "{html}"
    );
    assert_eq!(html.matches("piece gap").count(), 1, "{html}");
    assert!(
        html.contains("aria-label=\"Primary: Dana Kim from Mon\""),
        "{html}"
    );
    assert!(!html.contains(" style"), "no inline style: {html}");
}

fn show(may_manage: bool, form: FormState) -> String {
    let page = ShowSchedulePage {
        card: card(),
        picture: picture(),
        weeks: "14 Jun to 11 Jul 2010".into(),
        around: ("2010-05-17".into(), "2010-07-12".into()),
        elsewhen: false,
        shifts: vec![ShiftLine {
            from: local(0, "Tue 15 Jun, 11:00"),
            until: local(22, "Wed 16 Jun, 09:00"),
            people: Vec::new(),
        }],
        overrides: vec![OverrideLine {
            id: OverrideId(id(3)),
            person: somebody(2, "Omar"),
            from: local(-1, "Tue 15 Jun, 10:00"),
            until: local(2, "Tue 15 Jun, 13:00"),
            imported: false,
            created_by: "Priya".into(),
            begun: true,
            may_remove: may_manage,
        }],
        imported: 7,
        calendar: Some(FollowedCalendar {
            host: "calendar.example.org".into(),
            read_at: local(-1, "Tue 15 Jun, 08:00"),
            failed_since: Some(local(-1, "Tue 15 Jun, 09:00")),
            why: "the host did not answer".into(),
        }),
        layers: vec![
            LayerLine {
                name: "Primary".into(),
                told: "Every Monday at 09:00.".into(),
                people: vec!["Dana Kim".into(), "Omar".into()],
            },
            LayerLine {
                name: "Nights".into(),
                told: "Every day at 18:00.".into(),
                people: vec!["Lena".into()],
            },
        ],
        troubles: vec![TroubleLine {
            told: "Vera can only look: give them the role responder".into(),
            places: vec!["in Primary".into(), "standing in".into()],
            layers: vec![(0, "Primary".into())],
        }],
        unconfirmed: vec![somebody(2, "Omar")],
        people: vec![somebody(1, "Dana Kim"), somebody(2, "Omar")],
        viewer: UserId(id(1)),
        may_manage,
        may_stand_in: true,
        form,
        next_override: OverrideId(id(4)),
        feeds: Vec::new(),
        made: Some("https://rideout.example.org/calendars/secret".into()),
        next_feed: FeedId(id(5)),
        refused: None,
        now: NOW,
    };
    render_fragment(move || view! { <ShowSchedule page=page /> }.into_any())
}

#[test]
fn a_schedule_is_changed_by_those_who_may() {
    let html = show(true, FormState::new());
    for words in [
        "/edit\"",
        "Vera can only look: give them the role responder.",
        "Named in Primary, standing in.",
        "/layers/0\">Change Primary",
        "/import\"",
        "/layers/0/lower",
        "/layers/new",
        "End now that Omar stands in",
        "7 shifts are out of an imported calendar",
        "calendar.example.org",
        "the host did not answer",
        "/calendar/stop\"",
        "<option value=\"00000002-0000-7000-8000-000000000000\">Omar",
        "https://rideout.example.org/calendars/secret",
        "Times are those of Europe/Berlin",
        "?from=2010-07-12#weeks",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(
        !html.contains("/layers/1/lower"),
        "the last cannot go lower"
    );
    let html = show(false, FormState::new());
    for words in ["/edit\"", "/layers/", "/overrides/", "<select"] {
        assert!(!html.contains(words), "{words}: {html}");
    }
    assert!(html.contains("Put me on call"), "{html}");
}

#[test]
fn a_refused_override_keeps_what_was_typed() {
    let form = FormState::new()
        .with("from", "tomorrow")
        .with("until", "2010-06-16T09:00")
        .refuse("from", "“tomorrow” is no date and time");
    let html = show(true, form);
    assert!(
        html.contains("value=\"tomorrow\"") && html.contains("value=\"2010-06-16T09:00\""),
        "{html}"
    );
    assert!(html.contains("f-from-error"), "{html}");
}

#[test]
fn a_layer_form_keeps_the_order_of_turns_and_its_windows() {
    let form = FormState::new()
        .with(
            "people",
            format!("{}\n\n{}", somebody(2, "").id, somebody(1, "").id),
        )
        .with("windows.3.days", "monday\nfriday")
        .with("windows.3.from", "25:00")
        .refuse("windows.3.from", "“25:00” is no time of day");
    assert_eq!(window_count(&form), 5);
    assert_eq!(window_count(&FormState::new()), 3);
    let page = LayerFormPage {
        schedule: (ScheduleId(id(1)), "Payments".into(), "UTC".into()),
        at: Some(1),
        people: vec![somebody(1, "Dana Kim"), somebody(2, "Omar")],
        form,
    };
    let html = render_fragment(move || view! { <LayerForm page=page /> }.into_any());
    let chosen: Vec<&str> = html
        .split("selected")
        .skip(1)
        .filter_map(|rest| rest.split('>').nth(1)?.split('<').next())
        .take(2)
        .collect();
    assert_eq!(chosen, ["Omar", "Dana Kim"], "{html}");
    assert!(
        html.contains("<details open class=\"disclosure\""),
        "{html}"
    );
    assert!(html.contains("id=\"w3-from-error\""), "{html}");
    assert!(html.contains("/layers/1/remove"), "{html}");
}

#[test]
fn an_import_asks_who_those_are_whom_nobody_knows() {
    let reading = ImportReading {
        name: Some("Rota".into()),
        follow: Some("https://calendar.example.org/secret".into()),
        shifts: 26,
        carried: "[{\"whom\":\"<i>\"}]".into(),
        matched: vec![("Omar".into(), 13)],
        unmatched: vec![("Dana & Co".into(), 13)],
        viewers: vec!["Vera can only look".into()],
        skipped: vec![("Broken".into(), "it has no beginning".into())],
        replaces: 4,
        picture: picture(),
    };
    let page = ImportPage {
        schedule: (ScheduleId(id(1)), "Payments".into(), "UTC".into()),
        reading: Some(reading),
        people: vec![somebody(1, "Dana Kim")],
        form: FormState::new().refuse("is.0", "choose who this is, or leave them out"),
    };
    let html = render_fragment(move || view! { <ImportSchedule page=page /> }.into_any());
    for words in [
        "Rota: 26 shifts",
        "name=\"follow\" value=\"https://calendar.example.org/secret\"",
        "take the place of 4 shifts",
        "Omar (13)",
        "Dana &amp; Co",
        "Leave these shifts out",
        "<li>Vera can only look.</li>",
        "1 event is left out",
        "Choose who this is",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(!html.contains("<i>"), "{html}");
}

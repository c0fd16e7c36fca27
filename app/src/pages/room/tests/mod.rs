//! What the room shows.

mod story;
mod watch;

use super::{
    Draft, Filter, Person, Present, Rendered, RoomPage, Scene,
    fragments::{self, Regions},
    room_page,
};
use crate::{FormState, render_fragment};
use rideout_domain::{EntryBody, EntryId, EntryKind, Role, Room, Stance, Timestamp, room::Board};
use std::{collections::BTreeSet, sync::Arc};
use story::{PRIYA, empty, entry_id, minute, resolved, say, stuck, user};

fn scene(now: Timestamp, room: &Room) -> Scene {
    let mut here: Vec<Present> = room
        .people
        .iter()
        .map(|(id, name)| Present {
            id: *id,
            name: name.clone(),
            away: name == "Lena W.",
        })
        .collect();
    here.sort_by(|a, b| a.name.cmp(&b.name));
    Scene::new(now, here)
}

fn people(room: &Room) -> Vec<Person> {
    room.people
        .iter()
        .map(|(id, name)| Person {
            id: *id,
            name: name.clone(),
        })
        .collect()
}

fn whole(room: &Room, scene: &Scene, filter: &Filter, draft: &Draft, role: Role) -> String {
    let board = room.board();
    let regions = Regions::of(room, &board, scene);
    let composer = fragments::composer_html(room, &board, &people(room), scene, draft);
    let page = RoomPage {
        incident: &room.incident,
        regions: &regions,
        composer: &composer,
        entry_id: story::id::<EntryId>(99),
        timeline: &Rendered::of(room, filter),
        filter,
        authors: &people(room),
        me: user(PRIYA),
        role,
        joined: true,
    };
    render_fragment(|| room_page(&page))
}

fn plain(room: &Room, now: Timestamp) -> String {
    whole(
        room,
        &scene(now, room),
        &Filter::default(),
        &Draft::default(),
        Role::Responder,
    )
}

/// Tags that are opened and closed in order, attributes that are quoted.
fn assert_well_formed(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if tag.starts_with('!') {
            continue;
        }
        let outside: String = tag.split('"').step_by(2).collect();
        assert!(
            !outside.contains("onfocus") && !outside.contains("onerror"),
            "it would run: <{tag}>"
        );
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap_or_default();
        if ["input", "img", "br", "hr", "path", "circle", "rect"].contains(&name)
            && !tag.starts_with('/')
        {
            if name == "rect" && !tag.ends_with('/') {
                open.push(name);
            }
            continue;
        }
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "…{}", &rest[..rest.len().min(200)]),
            None => open.push(name),
        }
        let parent = open.iter().rev().nth(1).copied().unwrap_or_default();
        if !tag.starts_with('/') {
            assert!(
                name != "li" || ["ul", "ol"].contains(&parent),
                "<li> in <{parent}>"
            );
            assert!(
                !["ul", "ol"].contains(&parent) || name == "li",
                "<{name}> in <{parent}>"
            );
            assert!(
                parent != "p" || !["p", "div", "ul", "ol", "form", "details"].contains(&name),
                "<{name}> in <p>"
            );
            assert!(parent != "dl" || name == "div", "<{name}> in <dl>");
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

fn ids(html: &str) -> Vec<&str> {
    html.split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn the_page_is_well_formed_and_no_identifier_stands_twice() {
    let mut asked = stuck();
    watch::prompt(&mut asked, 31);
    for (room, now) in [
        (asked, minute(32)),
        (stuck(), minute(31)),
        (resolved(), minute(90)),
        (empty("Nothing yet"), minute(2)),
    ] {
        let html = plain(&room, now);
        assert_well_formed(&html);
        let all = ids(&html);
        let unique: BTreeSet<&str> = all.iter().copied().collect();
        let mut twice = all.clone();
        twice.retain(|id| all.iter().filter(|other| other == &id).count() > 1);
        assert_eq!(all.len(), unique.len(), "{twice:?}");
        assert!(
            !all.iter().any(|id| id.contains(' ')),
            "an identifier with a space"
        );
    }
}

#[test]
fn nothing_is_styled_inline() {
    let html = plain(&stuck(), minute(31));
    assert!(
        !html.contains(concat!(" sty", "le=")),
        "the content-security policy forbids it"
    );
    assert!(!html.contains("<script") && !html.contains(" onclick"));
}

#[test]
fn hostile_text_is_inert_everywhere() {
    let evil = "</textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>\" onfocus=\"alert(1)\u{202e}";
    let mut room = empty(evil);
    for name in room.people.values_mut() {
        *name = evil.to_owned();
    }
    room.incident.services = vec![evil.to_owned()];
    let r = &mut room;
    let hypothesis = say(r, 1, Some(PRIYA), EntryBody::Hypothesis, evil);
    say(
        r,
        2,
        Some(PRIYA),
        EntryBody::Evidence {
            link: Some(format!("https://x/{evil}")),
            attachment: Some(rideout_domain::entry::Attachment {
                id: story::id(1),
                name: evil.to_owned(),
                size: 1,
                content_type: "image/png".to_owned(),
            }),
            hypothesis: Some(hypothesis),
            stance: Stance::For,
        },
        evil,
    );
    say(
        r,
        3,
        Some(PRIYA),
        EntryBody::Decision {
            alternatives: vec![evil.to_owned()],
        },
        evil,
    );
    say(
        r,
        4,
        Some(PRIYA),
        EntryBody::Blocker {
            waiting_on: evil.to_owned(),
            minutes: Some(1),
        },
        evil,
    );
    say(
        r,
        5,
        Some(PRIYA),
        EntryBody::Task {
            owner: user(PRIYA),
            minutes: 1,
        },
        evil,
    );
    say(
        r,
        6,
        Some(PRIYA),
        EntryBody::Breakout {
            people: vec![user(PRIYA)],
            minutes: 1,
        },
        evil,
    );
    say(r, 7, Some(PRIYA), EntryBody::Action, evil);
    let form = [
        "kind",
        "text",
        "link",
        "waiting_on",
        "occurred_at",
        "task_minutes",
        "alternatives",
        "attachment",
    ]
    .into_iter()
    .fold(FormState::new(), |form, field| {
        form.with(field, evil).refuse(field, evil)
    })
    .refuse("", evil);
    let draft = Draft {
        form,
        preview: None,
    };
    let html = whole(
        &room,
        &scene(minute(9), &room),
        &Filter::default(),
        &draft,
        Role::Responder,
    );
    assert!(
        !html.contains("<script") && !html.contains("<img src=x"),
        "it would run"
    );
    assert_well_formed(&html);
}

#[test]
fn what_is_late_is_marked_and_nothing_else() {
    let room = stuck();
    let board = room.board();
    let at = |now| fragments::region_html("glance", &room, &board, &scene(now, &room));
    assert!(!at(minute(20)).contains("fact late"), "nothing is late yet");
    let html = at(minute(33));
    assert_eq!(
        html.matches("fact late").count(),
        1,
        "only the learning is late: {html}"
    );
    assert!(html.contains("16 min ago"));
    assert_eq!(
        at(minute(36)).matches("fact late").count(),
        2,
        "the update is late too"
    );
    let over = resolved();
    let html = fragments::region_html("glance", &over, &over.board(), &scene(minute(900), &over));
    assert!(
        !html.contains("late\""),
        "nothing is late once it is over: {html}"
    );
    assert!(html.contains("Lasted") && html.contains("01:12:00"));
}

#[test]
fn somebody_must_lead() {
    let room = empty("Nobody leads");
    let html = fragments::region_html("glance", &room, &Board::default(), &scene(minute(2), &room));
    assert!(html.contains("fact late") && html.contains("Nobody leads"));
}

#[test]
fn the_board_tells_what_we_think_and_what_was_ruled_out() {
    let room = stuck();
    let html = fragments::region_html("thinking", &room, &room.board(), &scene(minute(31), &room));
    let order = [
        "What blocks us",
        "What we think",
        "Request threads are tied up",
        "Tried and ruled out",
        "The carrier is down",
        "Too few instances",
    ];
    let found: Vec<usize> = order
        .iter()
        .map(|words| html.find(words).unwrap_or_else(|| panic!("no {words}")))
        .collect();
    assert!(found.is_sorted(), "{found:?}");
    assert!(html.contains("0 for · 1 against") && html.contains("No evidence yet"));
    assert!(html.contains("Their team sees heavy load but copes"));
}

#[test]
fn timers_run_over_in_red() {
    let room = stuck();
    let html = fragments::region_html("doing", &room, &room.board(), &scene(minute(31), &room));
    assert!(html.contains("+04:00") && html.contains("09:00"), "{html}");
    assert_eq!(html.matches("card task late").count(), 1);
    assert!(!html.contains("card breakout late"));
    assert!(
        html.contains("What did it do?"),
        "an action without a reported effect is asked about"
    );
}

#[test]
fn comings_and_goings_are_hidden_until_asked_for() {
    let room = stuck();
    let kinds = |filter: &Filter| -> Vec<EntryKind> {
        filter
            .page(&room)
            .entries
            .iter()
            .map(|e| e.kind())
            .collect()
    };
    assert!(!kinds(&Filter::default()).contains(&EntryKind::Joined));
    assert!(
        kinds(&Filter {
            system: true,
            ..Filter::default()
        })
        .contains(&EntryKind::Joined)
    );
    let only = Filter {
        kinds: vec![EntryKind::Finding],
        ..Filter::default()
    };
    assert_eq!(kinds(&only), [EntryKind::Finding]);
    let priya = Filter {
        person: Some(user(PRIYA)),
        ..Filter::default()
    };
    assert!(
        priya
            .page(&room)
            .entries
            .iter()
            .all(|e| e.author == Some(user(PRIYA)))
    );
}

#[test]
fn entries_stand_in_the_order_they_happened() {
    let room = stuck();
    let filter = Filter::default();
    let page = filter.page(&room);
    assert!(page.entries.is_sorted_by_key(|e| (e.occurred_at, e.seq)));
    let decision = page
        .entries
        .iter()
        .position(|e| e.kind() == EntryKind::Decision)
        .unwrap();
    assert!(
        page.entries[decision + 1..].iter().any(|e| e.seq < 20),
        "the back-dated one stands where it happened"
    );
}

#[test]
fn pages_of_a_long_timeline_join_without_gap_or_overlap() {
    let mut room = empty("Long");
    for m in 0..450 {
        say(&mut room, m, Some(PRIYA), EntryBody::Note, "still on it");
    }
    let (mut filter, mut seen) = (Filter::default(), Vec::new());
    loop {
        let page = filter.page(&room);
        seen.extend(page.entries.iter().rev().map(|e| e.seq));
        match page.earlier_than {
            Some(before) => filter.before = Some(before),
            None => break,
        }
    }
    assert_eq!(seen, (1..=450).rev().collect::<Vec<i64>>());
    let oldest = Filter::address_of(&room, &room.entries[0]);
    let query = oldest.split_once('?').unwrap().1.split_once('#').unwrap().0;
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|p| p.split_once('='))
        .map(|(a, b)| (a.into(), b.into()))
        .collect();
    assert!(
        Filter::from_pairs(&pairs)
            .page(&room)
            .entries
            .iter()
            .any(|e| e.seq == 1),
        "{oldest}"
    );
    let newest = Filter::address_of(&room, &room.entries[449]);
    assert!(
        newest.ends_with("#e-450") && !newest.contains('?'),
        "{newest}"
    );
}

#[test]
fn a_filter_survives_its_query() {
    let filter = Filter {
        kinds: vec![EntryKind::Finding, EntryKind::Evidence],
        person: Some(user(PRIYA)),
        system: true,
        before: Some(7),
    };
    let query = filter.query();
    let pairs: Vec<(String, String)> = query[1..]
        .split('&')
        .filter_map(|p| p.split_once('='))
        .map(|(a, b)| (a.into(), b.into()))
        .collect();
    assert_eq!(Filter::from_pairs(&pairs), filter);
    assert_eq!(
        Filter::from_pairs(&[
            ("kinds".into(), "nonsense".into()),
            ("person".into(), "x".into())
        ]),
        Filter::default()
    );
}

#[test]
fn ones_own_entries_are_marked_and_the_rest_are_the_same_bytes() {
    let room = stuck();
    let rendered = Rendered::of(&room, &Filter::default());
    let mine = rendered.items_for(user(PRIYA));
    let nobodys = rendered.items_for(user(99));
    assert!(mine.matches("<li data-mine").count() > 3);
    assert_eq!(mine.replace("<li data-mine=\"\"", "<li"), nobodys);
    let one = room.entry(entry_id(5)).unwrap();
    assert!(
        nobodys.contains(&fragments::entry_html(&room, one)),
        "the page holds what a live event carries"
    );
}

#[test]
fn a_region_stays_the_same_when_nothing_in_it_changed() {
    let mut room = stuck();
    let scene = scene(minute(31), &room);
    let before = Regions::of(&room, &room.board(), &scene);
    say(
        &mut room,
        31,
        Some(PRIYA),
        EntryBody::Note,
        "A note changes no region of the board.",
    );
    let after = Regions::of(&room, &room.board(), &scene);
    for ((name, before), (_, after)) in before.by_name().into_iter().zip(after.by_name()) {
        assert!(name == "glance" || before == after, "{name}");
    }
}

#[test]
fn what_was_typed_comes_back_with_its_errors() {
    let room = stuck();
    let form = FormState::new()
        .with("kind", "task")
        .with("text", "Look at the ports\n& pools")
        .with("task_minutes", "soon")
        .refuse("task_minutes", "Say how many minutes.");
    let draft = Draft {
        form,
        preview: Some("<p>Look at the ports</p>".to_owned()),
    };
    let html = whole(
        &room,
        &scene(minute(31), &room),
        &Filter::default(),
        &draft,
        Role::Responder,
    );
    assert!(html.contains("Look at the ports\n&amp; pools") && html.contains("value=\"soon\""));
    assert!(html.contains("Say how many minutes."));
    assert!(html.contains("id=\"kind-task\" value=\"task\" checked"));
    assert!(html.contains("<div class=\"prose\"><p>Look at the ports</p></div>"));
}

#[test]
fn a_redacted_entry_keeps_its_place_and_says_nothing() {
    let mut room = stuck();
    let mut gone = (*room.entries[4]).clone();
    gone.text.clear();
    gone.html.clear();
    gone.redacted_at = Some(minute(29));
    gone.pinned_at = None;
    room.entries[4] = Arc::new(gone);
    let html = plain(&room, minute(31));
    assert!(!html.contains("spins 40 s"));
    assert!(html.contains("Redacted at"));
}

/// `RIDEOUT_PAGES=folder cargo test … -- --ignored pages_to_look_at`
#[test]
#[ignore = "writes pages to look at"]
fn pages_to_look_at() {
    let folder = std::path::PathBuf::from(
        std::env::var("RIDEOUT_PAGES").expect("RIDEOUT_PAGES names a folder"),
    );
    let mut css = String::new();
    let style = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../style");
    for name in std::fs::read_to_string(style.join("order.txt"))
        .unwrap()
        .lines()
    {
        css.push_str(&std::fs::read_to_string(style.join(name)).unwrap());
    }
    std::fs::write(folder.join("style.css"), css).unwrap();
    let narrow = Filter {
        kinds: vec![EntryKind::Evidence, EntryKind::Finding],
        ..Filter::default()
    };
    let refused = FormState::new()
        .with("kind", "task")
        .with("text", "Look at the **ports**")
        .with("task_minutes", "soon")
        .with("occurred_at", "2010-06-15T09:04")
        .refuse(
            "task_minutes",
            "Say how many minutes, as a whole number from 1 to 20160.",
        )
        .refuse("owner", "Choose who does it. A task has one owner.");
    let refused = Draft {
        form: refused,
        preview: Some("<p>Look at the <strong>ports</strong></p>".to_owned()),
    };
    let evidence = Draft {
        form: FormState::new().with("kind", "evidence"),
        preview: None,
    };
    let mut restricted = stuck();
    restricted.incident.restricted = true;
    restricted.incident.severity = rideout_domain::Severity::Sev3;
    let cases = [
        (
            "stuck",
            stuck(),
            minute(31),
            Filter::default(),
            Draft::default(),
            Role::Commander,
        ),
        (
            "overdue",
            stuck(),
            minute(44),
            Filter::default(),
            evidence,
            Role::Responder,
        ),
        (
            "resolved",
            resolved(),
            minute(90),
            Filter::default(),
            Draft::default(),
            Role::Responder,
        ),
        (
            "empty",
            empty("Checkout answers 502 for some customers"),
            minute(2),
            Filter::default(),
            Draft::default(),
            Role::Responder,
        ),
        (
            "filtered",
            stuck(),
            minute(31),
            narrow,
            Draft::default(),
            Role::Responder,
        ),
        (
            "refused",
            stuck(),
            minute(31),
            Filter::default(),
            refused,
            Role::Responder,
        ),
        (
            "viewer",
            restricted,
            minute(31),
            Filter {
                system: true,
                ..Filter::default()
            },
            Draft::default(),
            Role::Viewer,
        ),
    ];
    for (name, room, now, filter, draft, role) in cases {
        let mut scene = scene(now, &room);
        if name == "empty" {
            scene.here.clear();
        }
        let body = whole(&room, &scene, &filter, &draft, role);
        let cx = crate::PageContext {
            nonce: "x".into(),
            theme: None,
            viewer: Some(crate::Viewer {
                id: user(PRIYA),
                name: "Priya N.".into(),
                role,
            }),
            assets: crate::Assets {
                css: Some("style.css".into()),
                js: None,
                wasm: None,
            },
            nav: crate::Nav::Incidents,
            open_incidents: Some(1),
            flash: None,
            called: Vec::new(),
            now,
            example: false,
            islands: false,
        };
        let html = crate::render_page(cx, &room.incident.title, || {
            use leptos::prelude::*;
            view! { <div inner_html=body></div> }.into_any()
        });
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}

#[test]
fn nothing_left_open_is_late_once_it_is_over() {
    let mut room = stuck();
    let over = EntryBody::Status {
        from: None,
        to: rideout_domain::Status::Resolved,
    };
    say(&mut room, 60, Some(PRIYA), over, "It is over.");
    let regions = Regions::of(&room, &room.board(), &scene(minute(90), &room));
    for (name, html) in regions.by_name() {
        assert!(
            !html.contains("late\"") && !html.contains("data-late-at"),
            "{name}: {html}"
        );
    }
    assert_eq!(regions.doing.matches("left open").count(), 2);
}

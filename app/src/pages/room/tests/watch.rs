//! What the room shows of waits, questions to dependencies, prompts and pages.

use super::{
    scene,
    story::{DANA, OMAR, PRIYA, SAM, id, minute, resolved, say, stuck, user},
};
use crate::{pages::room::fragments, render_fragment};
use rideout_domain::{
    EntryBody, EntryId, PageId, Room, Timestamp,
    entry::{AnswerKind, PromptSignal, PromptTo},
};

fn region(name: &str, room: &Room, now: i64) -> String {
    let now = minute(now);
    fragments::region_html(name, room, &room.board(), &scene(now, room))
}

fn prompt(room: &mut Room, at: i64) -> EntryId {
    let body = EntryBody::Prompt {
        to: PromptTo::Room,
        people: Vec::new(),
        level: 1,
        signals: vec![PromptSignal {
            id: "blocked".into(),
            why: "Blocked for 11 minutes.".into(),
        }],
        answer_by: minute(at + 3),
        call: Vec::new(),
    };
    say(room, at, None, body, "")
}

#[test]
fn a_wait_is_shown_until_its_end_and_late_beyond() {
    let mut room = stuck();
    say(
        &mut room,
        30,
        Some(OMAR),
        EntryBody::Wait { minutes: 20 },
        "The restore runs",
    );
    let html = region("doing", &room, 31);
    assert!(
        html.contains("The restore runs") && html.contains("19:00"),
        "{html}"
    );
    assert!(!html.contains("card wait late"));
    assert!(region("doing", &room, 51).contains("card wait late"));
    let glance = region("glance", &room, 45);
    assert!(glance.contains("waiting until "), "{glance}");
    assert!(
        !glance.contains(r#"fact late" data-late-at="2010-06-15T09:32"#),
        "nothing need be learnt while the room waits on purpose"
    );
    let wait = room.board().watch.waits[0].id;
    say(
        &mut room,
        40,
        Some(OMAR),
        EntryBody::WaitEnded { wait },
        "Restored",
    );
    assert!(!region("doing", &room, 41).contains("card wait"));
}

#[test]
fn a_question_is_late_only_past_its_promise() {
    let mut room = stuck();
    let ask = |room: &mut Room, whom: &str, minutes| {
        let body = EntryBody::Asked {
            whom: whom.into(),
            minutes,
        };
        say(room, 20, Some(SAM), body, "How many threads wait?")
    };
    let carrier = ask(&mut room, "carrier team", Some(15));
    ask(&mut room, "supplier", None);
    let html = region("doing", &room, 30);
    assert_eq!(html.matches("card asked").count(), 2);
    assert!(
        !html.contains("card asked late") && html.contains("in 5 min"),
        "{html}"
    );
    let html = region("doing", &room, 36);
    assert_eq!(html.matches("card asked late").count(), 1);
    say(
        &mut room,
        36,
        Some(SAM),
        EntryBody::Replied { asked: carrier },
        "Eight",
    );
    assert!(!region("doing", &room, 37).contains("card asked late"));
}

#[test]
fn whoever_is_called_is_named_until_they_come() {
    let mut room = stuck();
    let (page, dana) = (id::<PageId>(5), user(DANA));
    let body = EntryBody::Paged {
        page,
        user: dana,
        level: Some(1),
    };
    say(&mut room, 29, None, body, "Nothing learnt");
    let glance = region("glance", &room, 31);
    assert!(
        glance.contains("Being called") && glance.contains("2 min ago"),
        "{glance}"
    );
    let doing = region("doing", &room, 31);
    assert!(doing.contains("Who is being called") && doing.contains("Dana K."));
    assert!(doing.contains("level 1 of the escalation policy"));
    let body = EntryBody::PageAcknowledged { page, user: dana };
    say(&mut room, 32, None, body, "");
    assert!(!region("glance", &room, 33).contains("Being called"));
    assert!(!region("doing", &room, 33).contains("Who is being called"));
}

fn strip_of(room: &Room, now: Timestamp) -> String {
    let board = room.board();
    render_fragment(|| crate::pages::room::strip::strip(room, &board, now))
}

#[test]
fn a_stuck_stretch_ends_when_something_is_learnt() {
    let mut room = stuck();
    let asked = prompt(&mut room, 31);
    let html = strip_of(&room, minute(35));
    assert!(
        html.contains("stuck for 4 min") && html.contains("stuck once"),
        "{html}"
    );
    say(
        &mut room,
        36,
        Some(OMAR),
        EntryBody::Finding,
        "8 of 32 threads",
    );
    let html = strip_of(&room, minute(60));
    assert!(html.contains("stuck for 5 min"), "{html}");
    let answer = EntryBody::Answer {
        prompt: asked,
        answer: AnswerKind::NotStuck,
        minutes: None,
    };
    say(&mut room, 37, Some(PRIYA), answer, "");
    assert!(
        !strip_of(&room, minute(60)).contains("stuck for"),
        "a false prompt is no stuck stretch"
    );
}

#[test]
fn nobody_is_called_and_nothing_is_awaited_once_it_is_over() {
    let mut room = resolved();
    let body = EntryBody::Paged {
        page: id::<PageId>(5),
        user: user(DANA),
        level: None,
    };
    say(&mut room, 80, Some(PRIYA), body, "");
    let html = region("glance", &room, 90) + &region("doing", &room, 90);
    assert!(!html.contains("Being called") && !html.contains("Who is being called"));
}

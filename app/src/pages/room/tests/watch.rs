//! What the room shows of waits, questions to dependencies, prompts and pages.

use super::{
    scene,
    story::{DANA, OMAR, PRIYA, SAM, id, minute, resolved, say, stuck, user},
};
use crate::{
    FormState,
    pages::room::{Refused, Scene, fragments},
    render_fragment,
};
use rideout_domain::{
    EntryBody, EntryId, EscalationId, PageId, Room, Timestamp, UserId,
    entry::{AnswerKind, EscalationStep, PromptSignal, PromptTo, ToCall},
};

fn region(name: &str, room: &Room, now: i64) -> String {
    let now = minute(now);
    fragments::region_html(name, room, &room.board(), &scene(now, room))
}

pub(super) fn prompt(room: &mut Room, at: i64) -> EntryId {
    asked(room, at, PromptTo::Room, Vec::new())
}

fn asked(room: &mut Room, at: i64, to: PromptTo, people: Vec<UserId>) -> EntryId {
    let signal = |id: &str, why: &str| PromptSignal {
        id: id.into(),
        why: why.into(),
    };
    let body = EntryBody::Prompt {
        to,
        people,
        level: 2,
        signals: vec![
            signal("no_learning", "Nothing was learnt for 14 minutes."),
            signal("blocked", "Blocked for 11 minutes."),
        ],
        answer_by: minute(at + 3),
        call: vec![
            ToCall {
                user: Some(user(DANA)),
                name: "Dana as she was called then".into(),
                reason: "Knows the admin interface.".into(),
                route: "by e-mail, ntfy".into(),
            },
            ToCall {
                user: None,
                name: "Carrier".into(),
                reason: "Answers for the carrier, which is suspected.".into(),
                route: "+1 555 0100".into(),
            },
        ],
    };
    say(room, at, None, body, "")
}

#[test]
fn a_room_that_is_not_asked_has_an_empty_region() {
    let html = region("prompt", &stuck(), 31);
    assert!(html.contains(r#"id="region-prompt""#) && html.contains("hidden"));
    assert!(!html.contains("Are we stuck") && !html.contains("data-prompt"));
}

#[test]
fn the_prompt_says_why_what_follows_and_whom_to_call() {
    let mut room = stuck();
    let id = prompt(&mut room, 31);
    let html = region("prompt", &room, 32);
    assert!(html.contains(&format!(r#"data-prompt="{id}""#)));
    for words in [
        r#"role="alert""#,
        "Are we stuck?",
        "Nothing was learnt for 14 minutes.",
        "Blocked for 11 minutes.",
        "Sam O. (deputy) is asked",
        "in 2 min",
        "15 min ago",
        "Whom to call",
        "Dana K.",
        "by e-mail, ntfy",
        "+1 555 0100",
    ] {
        assert!(html.contains(words), "no {words} in {html}");
    }
    let alert = html.split(r#"role="alert""#).nth(1).unwrap();
    let alert = alert.split("</ul>").next().unwrap();
    assert!(
        !alert.contains("data-due") && !alert.contains("data-ago"),
        "what ticks would be read aloud every second"
    );
    let to = format!("/incidents/{}/prompts/{id}/answer", room.incident.id);
    assert_eq!(html.matches(&to).count(), 6, "six answers");
    for answer in AnswerKind::ALL {
        let sent = format!(r#"name="answer" value="{answer}""#);
        assert!(html.contains(&sent), "no {sent}");
    }
    for minutes in ["5", "10", "15", "30"] {
        assert!(html.contains(&format!(r#"name="minutes" value="{minutes}""#)));
    }
    let pages = format!(r#"action="/incidents/{}/pages""#, room.incident.id);
    assert_eq!(
        html.matches(&pages).count(),
        1,
        "who has no account is no page"
    );
    let glance = region("glance", &room, 32);
    assert!(glance.contains("are we stuck?"), "{glance}");
}

#[test]
fn whoever_was_paged_from_the_prompt_has_no_button_any_more() {
    let mut room = stuck();
    prompt(&mut room, 31);
    let (page, dana) = (id::<PageId>(5), user(DANA));
    let paged = || EntryBody::Paged {
        page,
        user: dana,
        level: None,
    };
    say(&mut room, 32, Some(PRIYA), paged(), "Blocked");
    let mut lost = room.clone();
    let html = region("prompt", &room, 34);
    assert!(
        html.contains("paged ") && !html.contains("Page Dana K."),
        "{html}"
    );
    let body = EntryBody::PageAcknowledged { page, user: dana };
    say(&mut room, 35, None, body, "");
    assert!(region("prompt", &room, 36).contains("is on it"));
    let body = EntryBody::PageFailed { page, user: dana };
    say(&mut lost, 35, None, body, "");
    assert!(region("prompt", &lost, 36).contains("Page Dana K."));
}

#[test]
fn each_rung_says_who_is_asked() {
    let mut room = stuck();
    prompt(&mut room, 31);
    asked(&mut room, 34, PromptTo::SecondOpinion, vec![user(SAM)]);
    let html = region("prompt", &room, 35);
    assert!(
        html.contains("A second opinion is asked of Sam O."),
        "{html}"
    );
    asked(&mut room, 37, PromptTo::Policy, Vec::new());
    let escalation = id::<EscalationId>(3);
    let step = |step, level| EntryBody::Escalation {
        escalation,
        step,
        level,
    };
    say(&mut room, 37, None, step(EscalationStep::Started, 0), "");
    say(&mut room, 37, None, step(EscalationStep::Level, 1), "");
    let html = region("prompt", &room, 38);
    assert!(html.contains("Level 1 of the escalation policy is being called."));
    say(&mut room, 40, None, step(EscalationStep::Exhausted, 1), "");
    let html = region("prompt", &room, 41);
    assert!(html.contains("nobody came; it begins again"), "{html}");
}

#[test]
fn an_answered_prompt_and_the_end_of_the_incident_empty_the_region() {
    let mut room = stuck();
    let prompt = prompt(&mut room, 31);
    let answer = EntryBody::Answer {
        prompt,
        answer: AnswerKind::StillOnIt,
        minutes: Some(10),
    };
    let mut answered = room.clone();
    say(&mut answered, 32, Some(PRIYA), answer, "Reading the logs");
    assert!(!region("prompt", &answered, 33).contains("Are we stuck"));
    room.incident.resolved_at = Some(minute(40));
    assert!(!region("prompt", &room, 41).contains("Are we stuck"));
}

#[test]
fn a_refused_answer_comes_back_as_it_was_typed() {
    let mut room = stuck();
    prompt(&mut room, 31);
    let form = FormState::new()
        .with("waiting_on", "platform on-call")
        .refuse("text", "Say what is lacking.");
    let scene = Scene {
        refused: Some(Refused {
            key: "answer-blocked".to_owned(),
            form,
        }),
        ..scene(minute(32), &room)
    };
    let html = fragments::region_html("prompt", &room, &room.board(), &scene);
    assert!(html.contains("Say what is lacking.") && html.contains("platform on-call"));
    assert_eq!(html.matches(" open").count(), 1, "its form is open");
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
fn a_wait_that_a_text_names_is_offered_until_it_is_declared() {
    let mut room = stuck();
    assert!(!region("doing", &room, 31).contains("wait_until"));
    say(
        &mut room,
        32,
        Some(OMAR),
        EntryBody::Action,
        "Restarted the import; it will take about 40 minutes.",
    );
    let html = region("doing", &room, 33);
    assert!(
        html.contains("Do we wait on purpose?")
            && html.contains(r#"name="wait_until" value="2010-06-15T10:12:00"#),
        "{html}"
    );
    assert!(
        !region("doing", &room, 75).contains("wait_until"),
        "it is over"
    );
    let body = EntryBody::Wait { minutes: 40 };
    say(&mut room, 34, Some(OMAR), body, "The import");
    assert!(!region("doing", &room, 35).contains("wait_until"));
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
    let glance = region("glance", &room, 33);
    assert!(!glance.contains("Being called"));
    assert!(
        glance.contains("On it") && glance.contains("Dana K.") && glance.contains("acknowledged"),
        "{glance}"
    );
    // For two hours: then they are as much in the room as anybody.
    assert!(!region("glance", &room, 32 + 120).contains("On it"));
    assert!(!region("doing", &room, 33).contains("Who is being called"));
}

fn strip_of(room: &Room, now: Timestamp) -> String {
    let board = room.board();
    render_fragment(|| crate::pages::room::strip::strip(room, &board, now))
}

#[test]
fn a_stuck_stretch_ends_when_something_is_learnt() {
    let mut room = stuck();
    prompt(&mut room, 31);
    let html = strip_of(&room, minute(35));
    assert!(
        html.contains("stuck for 18 min") && html.contains("stuck once"),
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
    assert!(html.contains("stuck for 19 min"), "{html}");
}

#[test]
fn a_false_prompt_is_no_stuck_stretch() {
    let mut room = stuck();
    let prompt = prompt(&mut room, 31);
    let answer = EntryBody::Answer {
        prompt,
        answer: AnswerKind::NotStuck,
        minutes: None,
    };
    say(&mut room, 32, Some(PRIYA), answer, "");
    assert!(!strip_of(&room, minute(60)).contains("stuck for"));
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

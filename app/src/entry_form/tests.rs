//! What forms say.

use super::*;
use rideout_domain::{HypothesisStatus, command};

const ID: &str = "01890000-0000-7000-8000-000000000001";
const OTHER: &str = "01890000-0000-7000-8000-000000000002";

fn form(kind: &str, text: &str) -> FormState {
    FormState::new()
        .with("id", ID)
        .with("kind", kind)
        .with("text", text)
}

#[test]
fn a_note_needs_no_more_than_its_text() {
    let entry = read(&form("note", "Directors ask when it is over.")).unwrap();
    assert_eq!(entry.body, EntryBody::Note);
    assert_eq!(
        (entry.text.as_str(), entry.occurred_at),
        ("Directors ask when it is over.", None)
    );
}

#[test]
fn the_fields_of_other_kinds_are_left_alone() {
    let full = form("task", "Look at the ports")
        .with("owner", OTHER)
        .with("task_minutes", "5")
        .with("breakout_minutes", "nonsense")
        .with("hypothesis", "nonsense");
    let owner = OTHER.parse().unwrap();
    assert_eq!(
        read(&full).unwrap().body,
        EntryBody::Task { owner, minutes: 5 }
    );
}

#[test]
fn every_missing_field_is_named_and_nothing_typed_is_lost() {
    let refused = read(&form("task", "Look at the ports")).unwrap_err();
    assert!(refused.error("owner").is_some() && refused.error("task_minutes").is_some());
    assert_eq!(refused.value("text"), "Look at the ports");
    let refused = read(&form("hypothesis_status", "")).unwrap_err();
    assert!(refused.error("hypothesis").is_some() && refused.error("hypothesis_to").is_some());
}

#[test]
fn what_rideout_writes_alone_is_refused() {
    for kind in [
        "declared",
        "joined",
        "left",
        "changed",
        "access_granted",
        "details",
        "",
        "nonsense",
    ] {
        assert!(
            read(&form(kind, "x")).unwrap_err().error("kind").is_some(),
            "{kind}"
        );
    }
}

#[test]
fn a_local_time_is_read_with_its_offset() {
    let at = |typed: &str, offset: &str| {
        read(
            &form("note", "x")
                .with("occurred_at", typed)
                .with("offset", offset),
        )
        .map(|e| e.occurred_at.map(Timestamp::rfc3339))
    };
    assert_eq!(
        at("2010-06-15T11:04", "120").unwrap().unwrap(),
        "2010-06-15T09:04:00Z"
    );
    assert_eq!(
        at("2010-06-15T09:04:30", "").unwrap().unwrap(),
        "2010-06-15T09:04:30Z"
    );
    assert_eq!(at("", "120").unwrap(), None);
    assert!(
        at("yesterday", "0")
            .unwrap_err()
            .error("occurred_at")
            .is_some()
    );
    assert!(
        at("2010-06-15T09:04", "9000")
            .unwrap_err()
            .error("occurred_at")
            .is_some()
    );
}

#[test]
fn me_is_whoever_sends_the_form() {
    let form = form("role_taken", "")
        .with("role", "commander")
        .with("user", ME);
    assert!(read(&form).unwrap_err().error("user").is_some());
    let me: UserId = OTHER.parse().unwrap();
    let entry = read(&sent_by(&form, me)).unwrap();
    assert!(matches!(entry.body, EntryBody::RoleTaken { user, .. } if user == me));
}

#[test]
fn a_slash_command_fills_the_same_fields() {
    let dana = OTHER.parse().unwrap();
    let draft = command::parse(
        "/breakout @dana 15m Reach the admin interface",
        &[(dana, "Dana K.")],
    )
    .unwrap()
    .unwrap();
    let entry = read(&filled_by(&draft, &form("note", "/breakout …"))).unwrap();
    assert_eq!(
        entry.body,
        EntryBody::Breakout {
            people: vec![dana],
            minutes: 15
        }
    );
    assert_eq!(entry.text, "Reach the admin interface");
    let draft = command::parse("/refuted heavy load but copes", &[])
        .unwrap()
        .unwrap();
    let asked = read(&filled_by(&draft, &form("note", ""))).unwrap_err();
    assert!(asked.error("hypothesis").is_some());
    assert_eq!(
        asked.value("hypothesis_to"),
        HypothesisStatus::Refuted.word()
    );
}

#[test]
fn waits_and_questions_are_read_from_commands_as_from_fields() {
    let typed = form("note", "/wait 90m the restore runs");
    let command = command::parse(&typed.value("text"), &[]).unwrap().unwrap();
    let entry = read(&filled_by(&command, &typed)).unwrap();
    assert_eq!(entry.body, EntryBody::Wait { minutes: 90 });
    assert_eq!(entry.text, "the restore runs");
    let typed = form("note", "/asked carrier team 15m is it you?");
    let command = command::parse(&typed.value("text"), &[]).unwrap().unwrap();
    let whom = "carrier team".to_owned();
    let minutes = Some(15);
    assert_eq!(
        read(&filled_by(&command, &typed)).unwrap().body,
        EntryBody::Asked { whom, minutes }
    );
    let refused = read(&form("wait", "The restore runs")).unwrap_err();
    assert!(refused.error("wait_minutes").is_some());
}

//! Telling the story, and telling it only once.

use super::{Room, from, id_of};
use crate::support::{Who, new_id};
use serde_json::json;

#[tokio::test]
async fn the_story_can_be_told_by_forms_alone() {
    let room = Room::open().await;
    let rosa = room.server.person(Who::Responder).id.clone();
    let bea = room.server.person(Who::Bystander).id.clone();
    room.add(&[
        ("kind", "finding"),
        ("text", "Reservation spins 40 s, then times out."),
    ])
    .await;
    let carrier = room
        .add(&[("kind", "hypothesis"), ("text", "The carrier is down")])
        .await;
    let against = [
        ("kind", "evidence"),
        ("hypothesis", id_of(&carrier)),
        ("stance", "against"),
        ("link", "https://example.org/q"),
        ("text", ""),
    ];
    assert_eq!(room.add(&against).await["stance"], "against");
    let out = [
        ("form", "standing-3"),
        ("seen", "1"),
        ("kind", "hypothesis_status"),
        ("hypothesis", id_of(&carrier)),
        ("hypothesis_to", "refuted"),
        ("text", "It copes"),
    ];
    room.add(&out).await;
    let task = room
        .add(&[
            ("kind", "task"),
            ("owner", "me"),
            ("task_minutes", "5"),
            ("text", "Look at the ports"),
        ])
        .await;
    assert_eq!(task["owner"], rosa.as_str());
    let away = [
        ("kind", "breakout"),
        ("people", rosa.as_str()),
        ("people", bea.as_str()),
        ("breakout_minutes", "15"),
        ("text", "Reach the admin interface"),
    ];
    let breakout = room.add(&away).await;
    let blocker = room
        .add(&[
            ("kind", "blocker"),
            ("waiting_on", "platform"),
            ("blocker_minutes", ""),
            ("text", "No access"),
        ])
        .await;
    let decision = room
        .add(&[
            ("kind", "decision"),
            ("alternatives", "add four now\n\nwait"),
            ("text", "No guess"),
        ])
        .await;
    assert_eq!(decision["alternatives"], json!(["add four now", "wait"]));
    room.add(&[
        ("kind", "stakeholder_update"),
        ("next_minutes", "30"),
        ("text", "Reservations are slow."),
    ])
    .await;

    let page = room.page("").await;
    let board = from(&page, "region-thinking");
    assert!(
        board.contains("What blocks us")
            && board.contains("Tried and ruled out")
            && board.contains("It copes")
    );
    assert!(from(&page, "region-doing").contains("Reach the admin interface"));
    assert!(from(&page, "timeline").contains("against “The carrier is down”"));

    room.add(&[
        ("form", "x"),
        ("seen", "1"),
        ("kind", "task_done"),
        ("task", id_of(&task)),
        ("text", "All to the admin port"),
    ])
    .await;
    room.add(&[
        ("form", "x"),
        ("seen", "2"),
        ("kind", "breakout_ended"),
        ("breakout", id_of(&breakout)),
        ("text", "Pool of 8"),
    ])
    .await;
    room.add(&[
        ("form", "x"),
        ("seen", "3"),
        ("kind", "blocker_lifted"),
        ("blocker", id_of(&blocker)),
        ("text", ""),
    ])
    .await;
    let action = room
        .add(&[("kind", "action"), ("text", "Routed to the main port")])
        .await;
    room.add(&[
        ("form", "x"),
        ("seen", "4"),
        ("kind", "action_effect"),
        ("action", id_of(&action)),
        ("effect", "helped"),
        ("text", "1.2 s"),
    ])
    .await;
    room.add(&[
        ("kind", "severity"),
        ("severity_to", "SEV3"),
        ("text", "Fine again"),
    ])
    .await;
    room.add(&[
        ("form", "role"),
        ("seen", "0"),
        ("kind", "role_taken"),
        ("role", "scribe"),
        ("user", "me"),
        ("text", ""),
    ])
    .await;
    room.send(&[("kind", "status"), ("status_to", "resolved"), ("text", "")])
        .await
        .expect(422);
    room.add(&[
        ("kind", "status"),
        ("status_to", "resolved"),
        ("text", "The pool was too small."),
    ])
    .await;

    let page = room.page("").await;
    assert!(page.contains("Lasted") && page.contains("Reopen"));
    assert!(
        !from(&page, "region-doing")
            .split("region-roles")
            .next()
            .unwrap()
            .contains("Look at the ports")
    );
    let caught_up = room.page("/catch-up").await;
    assert!(caught_up.contains("How it ended") && caught_up.contains("The pool was too small."));
    let exported = room.rosa.get(&room.path("/export.md")).await.expect(200);
    assert!(
        exported.text.contains("Pool of 8")
            && exported
                .header("content-disposition")
                .starts_with("attachment")
    );
    let exported = room.rosa.get(&room.path("/export.json")).await.expect(200);
    assert_eq!(exported.json()["format"], "rideout.incident/1");
}

#[tokio::test]
async fn a_form_sent_twice_is_one_entry() {
    let room = Room::open().await;
    let before = room.entries().await.len();
    let id = new_id();
    for _ in 0..2 {
        room.send(&[("id", &id), ("kind", "note"), ("text", "Directors ask")])
            .await
            .expect(303);
    }
    let hypothesis = room
        .add(&[("kind", "hypothesis"), ("text", "Threads are tied up")])
        .await;
    for _ in 0..2 {
        // The forms of the board carry no identifier.
        let tested = [
            ("form", "standing-2"),
            ("seen", "7"),
            ("kind", "hypothesis_status"),
            ("hypothesis", id_of(&hypothesis)),
            ("hypothesis_to", "testing"),
            ("text", ""),
        ];
        room.send(&tested).await.expect(303);
    }
    for _ in 0..2 {
        let id = format!("{}aa", &id[..34]);
        let fields = [
            ("id", id.as_str()),
            ("kind", "evidence"),
            ("text", "Counted"),
        ];
        room.upload(&fields, "counts.csv", "text/csv", b"8,32".to_vec())
            .await
            .expect(303);
    }
    assert_eq!(room.entries().await.len(), before + 4);
}

#[tokio::test]
async fn slash_commands_work_without_a_script() {
    let room = Room::open().await;
    let task = room
        .add(&[
            ("kind", "note"),
            ("text", "/task @bea 10m Look at the ports"),
        ])
        .await;
    assert_eq!(
        (task["kind"].as_str(), task["minutes"].as_i64()),
        (Some("task"), Some(10))
    );
    assert_eq!(
        task["owner"],
        room.server.person(Who::Bystander).id.as_str()
    );
    assert_eq!(
        room.add(&[("kind", "note"), ("text", "/sev 1 Nobody can reserve")])
            .await["to"],
        "SEV1"
    );
    assert_eq!(
        room.add(&[("kind", "note"), ("text", "//etc is full")])
            .await["text"],
        "/etc is full"
    );
    assert_eq!(
        room.add(&[("kind", "note"), ("text", "/var/log is full")])
            .await["kind"],
        "note"
    );
    assert_eq!(
        room.add(&[("kind", "finding"), ("text", "/task is a word here")])
            .await["kind"],
        "finding"
    );
    room.add(&[("kind", "hypothesis"), ("text", "The carrier is down")])
        .await;
    let asked = room
        .send(&[("kind", "note"), ("text", "/refuted It copes")])
        .await
        .expect(422);
    assert!(
        asked
            .text
            .contains("id=\"kind-hypothesis_status\" value=\"hypothesis_status\" checked")
    );
    assert!(asked.text.contains(">\nIt copes</textarea>") && asked.text.contains("choose it here"));
}

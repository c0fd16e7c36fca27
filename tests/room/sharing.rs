//! Who may look, and who may only look.

use super::{Room, from};
use crate::support::{TestServer, Who, new_id};
use serde_json::json;

#[tokio::test]
async fn viewers_read_and_do_not_write() {
    let room = Room::open().await;
    let vera = room.server.client(Who::Viewer);
    let page = vera.get(&room.path("")).await.expect(200).text;
    assert!(page.contains("data-role=\"viewer\"") && page.contains("You can read along"));
    vera.form(
        &room.path("/entries"),
        &[("id", &new_id()), ("kind", "note"), ("text", "x")],
    )
    .await
    .expect(403);
    vera.form(&room.path("/join"), &[]).await.expect(303);
    assert!(from(&vera.get(&room.path("")).await.text, "region-here").contains("Vera Viewer"));
    assert!(
        vera.get(&room.path(""))
            .await
            .text
            .contains("Leave the room")
    );
    vera.form(&room.path("/leave"), &[]).await.expect(303);
    assert!(!from(&vera.get(&room.path("")).await.text, "region-here").contains("Vera Viewer"));
}

#[tokio::test]
async fn a_stakeholder_sees_updates_and_no_names() {
    let room = Room::open().await;
    room.add(&[("kind", "finding"), ("text", "internal-finding")])
        .await;
    room.add(&[
        ("kind", "stakeholder_update"),
        ("next_minutes", "30"),
        ("text", "Reservations are slow."),
    ])
    .await;
    room.rosa.get(&room.path("/share")).await.expect(403);
    let carl = room.server.client(Who::Commander);
    carl.form(&room.path("/share/links"), &[("label", " ")])
        .await
        .expect(422);
    let made = carl
        .form(&room.path("/share/links"), &[("label", "Directors")])
        .await
        .expect(201)
        .text;
    let link = made
        .split_once("id=\"made-link\"")
        .unwrap()
        .1
        .split_once("/s/")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();
    assert!(
        !carl
            .get(&room.path("/share"))
            .await
            .expect(200)
            .text
            .contains(&link),
        "the secret is shown once"
    );

    let stranger = room.server.client(Who::Stranger);
    let page = stranger.get(&format!("/s/{link}")).await.expect(200);
    assert!(
        page.text.contains("Reservations are slow.") && page.text.contains("The next update comes")
    );
    for secret in ["internal-finding", "Rosa", "Carl", &room.id] {
        assert!(!page.text.contains(secret), "{secret}");
    }
    assert_eq!(
        (page.header("refresh"), page.header("referrer-policy")),
        ("60", "same-origin")
    );
    assert!(
        carl.get(&room.path("/share"))
            .await
            .text
            .contains("just now")
    );

    let page = carl.get(&room.path("/share")).await.text;
    let revoke = page
        .split_once("/share/links/")
        .unwrap()
        .1
        .split_once("/revoke")
        .unwrap()
        .0;
    carl.form(&room.path(&format!("/share/links/{revoke}/revoke")), &[])
        .await
        .expect(303);
    let gone = stranger.get(&format!("/s/{link}")).await.expect(404);
    assert!(gone.text.contains("not shared any more") && !gone.text.contains("Reservations"));
    stranger.get("/s/nonsense").await.expect(404);
}

#[tokio::test]
async fn a_restricted_room_is_opened_to_people_by_name() {
    let server = TestServer::start().await;
    let carl = server.client(Who::Commander);
    let body = json!({ "title": "Quiet", "severity": "SEV3", "restricted": true });
    let id = carl
        .post("/api/v1/incidents", &body)
        .await
        .expect(201)
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let bea = server.client(Who::Bystander);
    for rest in ["", "/catch-up", "/export.md", "/details", "/share"] {
        bea.get(&format!("/incidents/{id}{rest}")).await.expect(404);
    }
    carl.form(&format!("/incidents/{id}/share/access"), &[("user", "")])
        .await
        .expect(422);
    let named = [("user", server.person(Who::Bystander).id.as_str())];
    carl.form(&format!("/incidents/{id}/share/access"), &named)
        .await
        .expect(303);
    assert!(
        bea.get(&format!("/incidents/{id}"))
            .await
            .expect(200)
            .text
            .contains("Restricted")
    );
    assert!(
        carl.get(&format!("/incidents/{id}/share"))
            .await
            .text
            .contains("Bea Bystander")
    );
}

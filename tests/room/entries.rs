//! One entry changed, and the details of the incident.

use super::{Room, from, id_of};
use crate::support::Who;

#[tokio::test]
async fn an_entry_is_edited_pinned_and_redacted() {
    let room = Room::open().await;
    let entry = room
        .add(&[("kind", "finding"), ("text", "Three of four tries fail")])
        .await;
    let path = room.path(&format!("/entries/{}", id_of(&entry)));
    let seq = entry["seq"].as_i64().unwrap();
    let found = room.rosa.get(&path).await.expect(303);
    assert_eq!(found.header("location"), room.path(&format!("#e-{seq}")));

    let form = room
        .rosa
        .get(&format!("{path}/edit"))
        .await
        .expect(200)
        .text;
    assert!(form.contains(">\nThree of four tries fail</textarea>"));
    let changed = [
        ("text", "Three of five tries fail"),
        ("revision", "1"),
        ("reason", "Counted again"),
        ("occurred_at", "2020-01-01T09:04"),
    ];
    room.rosa
        .form(&format!("{path}/edit"), &changed)
        .await
        .expect(303);
    let clash = room
        .rosa
        .form(
            &format!("{path}/edit"),
            &[("text", "Mine"), ("revision", "1")],
        )
        .await
        .expect(409);
    assert!(
        clash.text.contains("Three of five tries fail")
            && clash.text.contains(">\nMine</textarea>")
    );
    let history = room
        .rosa
        .get(&format!("{path}/history"))
        .await
        .expect(200)
        .text;
    assert!(
        history.contains("<del>four</del>")
            && history.contains("<ins>five</ins>")
            && history.contains("Counted again")
    );
    let page = room.page("").await;
    assert!(page.contains("edited"));

    room.rosa
        .form(&format!("{path}/pin"), &[])
        .await
        .expect(303);
    assert!(from(&room.page("").await, "region-pinned").contains("Three of five"));
    room.rosa
        .form(&format!("{path}/unpin"), &[])
        .await
        .expect(303);

    room.rosa.get(&format!("{path}/redact")).await.expect(200);
    for _ in 0..2 {
        room.rosa
            .form(
                &format!("{path}/redact"),
                &[("reason", "A name stood in it")],
            )
            .await
            .expect(303);
    }
    let page = room.page("").await;
    assert!(page.contains("Redacted at") && !from(&page, "timeline").contains("Three of five"));
    room.rosa.get(&format!("{path}/history")).await.expect(403);
    let read = room
        .server
        .client(Who::Commander)
        .get(&format!("{path}/history"))
        .await
        .expect(200)
        .text;
    assert!(read.contains("five"));
    room.rosa.get(&format!("{path}/edit")).await.expect(409);
}

#[tokio::test]
async fn details_are_changed_by_a_form() {
    let room = Room::open().await;
    let form = room.page("/details").await;
    assert!(form.contains("value=\"Reservations crawl and time out\""));
    let path = room.path("/details");
    let refused = room
        .rosa
        .form(
            &path,
            &[
                ("title", " "),
                ("services", "a, b"),
                ("description", "<b>kept"),
            ],
        )
        .await
        .expect(422);
    assert!(refused.text.contains("is empty") && refused.text.contains(">\n&lt;b>kept</textarea>"));
    let fields = [
        ("title", "Reservations fail"),
        ("services", "store app, carrier"),
        ("description", "Ten instances of **32** threads."),
    ];
    room.rosa.form(&path, &fields).await.expect(303);
    let page = room.page("?system=1").await;
    assert!(
        page.contains("store app, carrier")
            && page.contains("<strong>32</strong>")
            && page.contains("changed the details")
    );
}

//! What cannot be taken, and what is only looked at.

use super::{Room, from, id_of};
use crate::support::new_id;

#[tokio::test]
async fn what_is_refused_comes_back_as_it_was_typed() {
    let room = Room::open().await;
    let before = room.entries().await.len();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("kind", "note"), ("text", "  ")], "is empty"),
        (
            &[
                ("kind", "task"),
                ("text", "Kept <text> &amp;"),
                ("task_minutes", "soon"),
            ],
            "how many minutes",
        ),
        (
            &[
                ("kind", "task"),
                ("text", "Kept <text> &amp;"),
                ("owner", "me"),
                ("task_minutes", "0"),
            ],
            "0 minutes will not do",
        ),
        (
            &[
                ("kind", "evidence"),
                ("text", "Kept <text> &amp;"),
                ("link", "javascript:alert(1)"),
            ],
            "is not a link",
        ),
        (
            &[
                ("kind", "breakout"),
                ("text", "Kept <text> &amp;"),
                ("breakout_minutes", "5"),
            ],
            "Choose who goes",
        ),
        (
            &[
                ("kind", "note"),
                ("text", "Kept <text> &amp;"),
                ("occurred_at", "9999-01-01T00:00"),
            ],
            "lies in the future",
        ),
        (
            &[
                ("kind", "note"),
                ("text", "Kept <text> &amp;"),
                ("occurred_at", "yesterday"),
            ],
            "That is no time",
        ),
        (
            &[("kind", "joined"), ("text", "Kept <text> &amp;")],
            "Only Rideout writes",
        ),
        (
            &[("kind", "note"), ("text", "/nonsense Kept <text> &amp;")],
            "is no command",
        ),
        (
            &[
                ("kind", "status"),
                ("text", "Kept <text> &amp;"),
                ("status_to", "investigating"),
            ],
            "already",
        ),
    ];
    for (fields, said) in cases {
        let answer = room.send(fields).await;
        assert!(
            [409, 422].contains(&answer.status),
            "{fields:?}: {} {}",
            answer.status,
            answer.header("location")
        );
        assert!(answer.text.contains(said), "{fields:?} should say “{said}”");
        assert!(answer.text.ends_with("</html>"));
        if fields[1].1.contains("Kept") {
            assert!(
                answer.text.contains("Kept &lt;text> &amp;amp;"),
                "{fields:?} lost its text"
            );
            assert!(
                !answer.text.contains("Kept <text>"),
                "{fields:?} is not escaped"
            );
        }
    }
    assert_eq!(room.entries().await.len(), before, "nothing was recorded");
    let long = "x".repeat(900_000);
    let answer = room
        .send(&[("kind", "note"), ("text", &long)])
        .await
        .expect(422);
    assert!(
        answer.text.contains("900000 characters") && answer.text.contains(&long),
        "not a letter is lost"
    );
}

#[tokio::test]
async fn a_refused_form_of_the_board_opens_where_it_stands() {
    let room = Room::open().await;
    let hypothesis = room
        .add(&[("kind", "hypothesis"), ("text", "Threads are tied up")])
        .await;
    let (key, long) = (
        format!("standing-{}", hypothesis["seq"]),
        "y".repeat(20_001),
    );
    let fields = [
        ("form", key.as_str()),
        ("seen", "1"),
        ("kind", "hypothesis_status"),
        ("hypothesis", id_of(&hypothesis)),
        ("hypothesis_to", "testing"),
        ("text", &long),
    ];
    let answer = room.send(&fields).await.expect(422);
    let form = answer
        .text
        .split_once(&format!("data-ask=\"{key}\""))
        .unwrap();
    assert!(
        form.0.ends_with("<details open class=\"ask write\" ")
            || form.0.rsplit('<').next().unwrap().contains("open")
    );
    assert!(form.1.contains(&long) && form.1.contains("20001 characters"));
    assert!(
        !from(&answer.text, "composer-text").starts_with(&long),
        "the composer stays empty"
    );
}

#[tokio::test]
async fn a_preview_keeps_everything_and_records_nothing() {
    let room = Room::open().await;
    let before = room.entries().await.len();
    let id = new_id();
    let fields = [
        ("id", id.as_str()),
        ("kind", "decision"),
        ("text", "**No** guess <script>"),
        ("alternatives", "wait"),
        ("preview", "1"),
    ];
    let page = room.send(&fields).await.expect(200).text;
    assert!(from(&page, "preview").contains("<strong>No</strong> guess"));
    assert!(
        page.contains(&format!("name=\"id\" form=\"composer\" value=\"{id}\""))
            || page.contains(&id),
        "it stays the same entry"
    );
    assert!(
        page.contains(">\n**No** guess &lt;script></textarea>")
            && page.contains(">\nwait</textarea>")
    );
    assert_eq!(room.entries().await.len(), before);
    let html = room
        .rosa
        .form("/preview", &[("text", "`a` [b](javascript:alert(1))")])
        .await
        .expect(200)
        .text;
    assert!(html.contains("<code>a</code>") && !html.contains("javascript:"));
}

#[tokio::test]
async fn a_preview_of_more_than_an_entry_takes_is_refused() {
    let room = Room::open().await;
    let long = "> ".repeat(10_001);
    let note = room.add(&[("kind", "note"), ("text", "short")]).await;
    let edit = room.path(&format!("/entries/{}/edit", id_of(&note)));
    let answers = [
        room.rosa.form("/preview", &[("text", long.as_str())]).await,
        room.send(&[("kind", "note"), ("preview", "1"), ("text", &long)])
            .await,
        room.rosa
            .form(&edit, &[("preview", "1"), ("text", &long)])
            .await,
    ];
    for answer in answers {
        assert!(
            answer.expect(422).text.contains("at most 20000 fit"),
            "it says how much fits"
        );
    }
}

//! Files beside entries.

use super::Room;
use crate::support::new_id;

#[tokio::test]
async fn files_are_saved_and_never_run() {
    let room = Room::open().await;
    let png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, kind, content, shown) in [
        ("q.png", "image/png", png, true),
        (
            "x.html",
            "text/html",
            b"<script>alert(1)</script>".to_vec(),
            false,
        ),
        (
            "x.svg",
            "image/svg+xml",
            b"<svg onload='alert(1)'/>".to_vec(),
            false,
        ),
    ] {
        let id = new_id();
        let fields = [
            ("id", id.as_str()),
            ("kind", "evidence"),
            ("text", "See the file"),
        ];
        room.upload(&fields, name, kind, content.clone())
            .await
            .expect(303);
        let entry = room.entries().await.pop().unwrap();
        let path = room.path(&format!(
            "/attachments/{}",
            entry["attachment"]["id"].as_str().unwrap()
        ));
        assert!(room.page("").await.contains(&format!("href=\"{path}\"")));
        let file = room.rosa.get(&path).await.expect(200);
        let how = if shown { "inline" } else { "attachment" };
        assert!(
            file.header("content-disposition").starts_with(how),
            "{name}"
        );
        assert_eq!(
            file.header("content-type"),
            if shown {
                "image/png"
            } else {
                "application/octet-stream"
            }
        );
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").contains("sandbox"));
    }
    let fields = [
        ("id", "01900000-0000-7000-8000-0000000000ff"),
        ("kind", "evidence"),
        ("text", "Too much"),
    ];
    let big = room
        .upload(
            &fields,
            "core.dump",
            "application/x-core",
            vec![0; 10 * 1024 * 1024 + 1],
        )
        .await
        .expect(422);
    assert!(
        big.text.contains("is larger than 10 MB") && big.text.contains(">\nToo much</textarea>")
    );
    // What is refused for another reason keeps its file.
    let fields = [
        ("id", "01900000-0000-7000-8000-0000000000fe"),
        ("kind", "evidence"),
        ("text", "x"),
        ("link", "nonsense"),
    ];
    let kept = room
        .upload(&fields, "counts.csv", "text/csv", b"8,32".to_vec())
        .await
        .expect(422);
    assert!(kept.text.contains("name=\"attachment\"") && kept.text.contains("counts.csv"));
}

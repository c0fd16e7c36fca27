//! The REST API: what it gives, and everything it refuses.

use crate::support::{TestServer, Who, new_id, send};
use serde_json::{Value, json};

#[tokio::test]
async fn an_incident_is_declared_changed_and_resolved() {
    for server in TestServer::each().await {
        let responder = server.client(Who::Responder);
        let body = json!({
            "title": "  Reservations\tcrawl and time out ", "severity": "SEV1", "description": "Since **09:00**.",
            "services": ["store", "carrier api"], "started_at": "2010-06-15T09:00:00Z",
        });
        let answer = responder.post("/api/v1/incidents", &body).await.expect(201);
        let incident = answer.json();
        let path = answer.header("location").to_owned();
        assert_eq!(
            path,
            format!("/api/v1/incidents/{}", incident["id"].as_str().unwrap())
        );
        assert_eq!(incident["title"], "Reservations crawl and time out");
        assert_eq!(
            (incident["severity"].as_str(), incident["status"].as_str()),
            (Some("SEV1"), Some("investigating"))
        );
        assert_eq!(
            (
                incident["reference"].as_str(),
                incident["started_at"].as_str()
            ),
            (Some("INC-1"), Some("2010-06-15T09:00:00Z"))
        );
        assert_eq!(incident["services"], json!(["store", "carrier api"]));
        assert_eq!(responder.get(&path).await.expect(200).json(), incident);

        let changed = responder
            .patch(&path, &json!({ "title": "Reservations time out", "services": "store, load balancer", "severity": "SEV2", "status": "identified", "reason": "Wrong port." }))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (changed["severity"].as_str(), changed["status"].as_str()),
            (Some("SEV2"), Some("identified"))
        );
        assert_eq!(changed["services"], json!(["store", "load balancer"]));
        let entries = responder
            .get(&format!("{path}/entries"))
            .await
            .expect(200)
            .json();
        let kinds: Vec<_> = entries["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["declared", "details", "severity", "status"]);
        // What is so already changes nothing.
        let again = responder
            .patch(
                &path,
                &json!({ "severity": "SEV2", "status": "identified" }),
            )
            .await
            .expect(200)
            .json();
        assert_eq!(again["last_seq"], changed["last_seq"]);

        assert_eq!(
            responder
                .patch(&path, &json!({ "status": "resolved" }))
                .await
                .expect(422)
                .field(),
            "summary"
        );
        let done = responder
            .patch(
                &path,
                &json!({ "status": "resolved", "summary": "Routed to the right port." }),
            )
            .await;
        assert!(done.expect(200).json()["resolved_at"].is_string());
        let open = responder
            .patch(
                &path,
                &json!({ "status": "investigating", "reason": "It is back." }),
            )
            .await;
        assert!(open.expect(200).json()["resolved_at"].is_null());
    }
}

#[tokio::test]
async fn an_incident_declared_twice_with_one_id_is_one() {
    let server = TestServer::start().await;
    let (one, other) = (server.client(Who::Responder), server.client(Who::Commander));
    let body = json!({ "id": new_id(), "title": "Once" });
    let first = one
        .post("/api/v1/incidents", &body)
        .await
        .expect(201)
        .json();
    let second = one
        .post("/api/v1/incidents", &body)
        .await
        .expect(200)
        .json();
    assert_eq!(first["number"], second["number"]);
    assert_eq!(first["severity"], "SEV2");
    assert_eq!(
        other
            .post("/api/v1/incidents", &body)
            .await
            .expect(409)
            .json()["code"],
        "id_taken"
    );
}

#[tokio::test]
async fn a_declaration_that_cannot_be_taken_names_the_member() {
    let server = TestServer::start().await;
    let responder = server.client(Who::Responder);
    let long = "x".repeat(201);
    for (body, status, field) in [
        (json!({}), 422, "title"),
        (json!({ "title": "  " }), 422, "title"),
        (json!({ "title": long }), 422, "title"),
        (json!({ "title": 7 }), 422, ""),
        (json!({ "title": "x", "severity": "SEV9" }), 422, "severity"),
        (json!({ "title": "x", "sevrity": "SEV1" }), 422, "sevrity"),
        (
            json!({ "title": "x", "started_at": "yesterday" }),
            422,
            "started_at",
        ),
        (
            json!({ "title": "x", "started_at": "9999-01-01T00:00:00Z" }),
            422,
            "started_at",
        ),
        (
            json!({ "title": "x", "services": ["y".repeat(101)] }),
            422,
            "services",
        ),
        (
            json!({ "title": "x", "restricted": true, "people": [new_id()] }),
            422,
            "people",
        ),
        (json!([]), 422, ""),
    ] {
        let answer = responder
            .post("/api/v1/incidents", &body)
            .await
            .expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.field(), field, "{body}: {}", answer.text);
        assert!(
            answer.json()["instance"]
                .as_str()
                .unwrap()
                .ends_with(answer.header("x-request-id"))
        );
    }
    let raw = |body: &'static [u8], kind: &'static str| {
        send(
            responder
                .request("POST", "/api/v1/incidents")
                .header("content-type", kind)
                .body(body),
        )
    };
    raw(b"{\"title\":", "application/json").await.expect(400);
    raw(b"{\"title\":\"\xff\"}", "application/json")
        .await
        .expect(400);
    raw(b"title=x", "application/x-www-form-urlencoded")
        .await
        .expect(415);
    raw(b"{\"title\":\"x\"}", "application/json; charset=utf-8")
        .await
        .expect(201);
    responder
        .get("/api/v1/incidents/not-an-id")
        .await
        .expect(404);
    responder
        .get(&format!("/api/v1/incidents/{}", new_id()))
        .await
        .expect(404);
    assert_eq!(
        responder.get("/api/v1/nowhere").await.expect(404).json()["code"],
        "not_found"
    );
    let answer = send(responder.request("DELETE", "/api/v1/incidents"))
        .await
        .expect(405);
    assert!(
        answer.header("allow").contains("POST"),
        "{:?}",
        answer.headers
    );
    send(responder.request("HEAD", "/api/v1/incidents"))
        .await
        .expect(200);
}

#[tokio::test]
async fn an_entry_is_recorded_once() {
    for server in TestServer::each().await {
        let (responder, other) = (server.client(Who::Responder), server.client(Who::Commander));
        let incident = responder.declare("Once").await;
        let entries = format!("/api/v1/incidents/{incident}/entries");
        let id = new_id();
        let entry = json!({ "id": id, "kind": "finding", "text": "The pool is 8.", "occurred_at": "2010-06-15T09:37:00Z" });
        let answer = responder.post(&entries, &entry).await.expect(201);
        assert_eq!(answer.header("location"), format!("{entries}/{id}"));
        let recorded = answer.json();
        assert_eq!(
            (recorded["seq"].as_i64(), recorded["kind"].as_str()),
            (Some(2), Some("finding"))
        );
        assert_eq!(recorded["occurred_at"], "2010-06-15T09:37:00Z");
        assert_eq!(
            recorded["author"].as_str().unwrap(),
            server.person(Who::Responder).id
        );
        assert!(recorded.get("html").is_none(), "programs get the text");

        assert_eq!(
            responder.post(&entries, &entry).await.expect(200).json(),
            recorded
        );
        let mut different = entry.clone();
        different["text"] = json!("The pool is 32.");
        assert_eq!(
            responder
                .post(&entries, &different)
                .await
                .expect(409)
                .json()["code"],
            "id_taken"
        );
        other.post(&entries, &entry).await.expect(409);
        let elsewhere = responder.declare("Elsewhere").await;
        responder
            .post(&format!("/api/v1/incidents/{elsewhere}/entries"), &entry)
            .await
            .expect(409);
        assert_eq!(
            responder
                .get(&format!("{entries}/{id}"))
                .await
                .expect(200)
                .json(),
            recorded
        );
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_taken_names_the_member() {
    let server = TestServer::start().await;
    let responder = server.client(Who::Responder);
    let incident = responder.declare("Refusals").await;
    let entries = format!("/api/v1/incidents/{incident}/entries");
    let nobody = new_id();
    for (body, field) in [
        (json!({ "kind": "note", "text": "x" }), "id"),
        (json!({ "id": "x", "kind": "note", "text": "x" }), ""),
        (json!({ "id": new_id(), "text": "x" }), "kind"),
        (
            json!({ "id": new_id(), "kind": "rumour", "text": "x" }),
            "kind",
        ),
        (json!({ "id": new_id(), "kind": "joined" }), "kind"),
        (
            json!({ "id": new_id(), "kind": "note", "text": " \n" }),
            "text",
        ),
        (
            json!({ "id": new_id(), "kind": "note", "text": "x", "occurred_at": "9999-12-31T23:59:59Z" }),
            "occurred_at",
        ),
        (
            json!({ "id": new_id(), "kind": "note", "text": "x", "occurred_at": "1969-01-01T00:00:00Z" }),
            "occurred_at",
        ),
        (
            json!({ "id": new_id(), "kind": "task", "text": "x", "owner": nobody, "minutes": 5 }),
            "user",
        ),
        (
            json!({ "id": new_id(), "kind": "breakout", "text": "x", "people": [], "minutes": 5 }),
            "people",
        ),
        (
            json!({ "id": new_id(), "kind": "blocker", "text": "x", "minutes": 0 }),
            "minutes",
        ),
        (
            json!({ "id": new_id(), "kind": "evidence", "text": "x", "link": "javascript:alert(1)" }),
            "link",
        ),
        (json!({ "id": new_id(), "kind": "evidence" }), "text"),
        (
            json!({ "id": new_id(), "kind": "evidence", "attachment": { "id": nobody } }),
            "attachment",
        ),
        (
            json!({ "id": new_id(), "kind": "task_done", "task": nobody, "text": "x" }),
            "entry",
        ),
        (
            json!({ "id": new_id(), "kind": "status", "to": "resolved" }),
            "text",
        ),
    ] {
        let answer = responder.post(&entries, &body).await.expect(422);
        assert_eq!(answer.field(), field, "{body}: {}", answer.text);
    }
    let again = json!({ "id": new_id(), "kind": "status", "to": "investigating" });
    assert_eq!(
        responder.post(&entries, &again).await.expect(409).json()["code"],
        "already_so"
    );
    let listed = responder.get(&entries).await.expect(200).json();
    assert_eq!(
        listed["entries"].as_array().unwrap().len(),
        1,
        "nothing refused is on record"
    );
}

#[tokio::test]
async fn hostile_text_is_kept_as_text() {
    for server in TestServer::each().await {
        let responder = server.client(Who::Responder);
        let incident = responder.declare("<script>alert(1)</script>").await;
        for (text, kept) in [
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            (
                "</textarea><img src=x onerror=alert(1)>",
                "</textarea><img src=x onerror=alert(1)>",
            ),
            ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
            ("a\u{0}b\u{1b}[31m", "a␀b␛[31m"),
            ("\u{202e}gnp.exe", "\u{202e}gnp.exe"),
            ("line one\r\nline two", "line one\nline two"),
        ] {
            let recorded = responder
                .note(&incident, &new_id(), text)
                .await
                .expect(201)
                .json();
            assert_eq!(recorded["text"], kept);
        }
    }
}

#[tokio::test]
async fn entries_come_in_pages_by_sequence() {
    for server in TestServer::each().await {
        let responder = server.client(Who::Responder);
        let incident = responder.declare("Pages").await;
        for n in 0..6 {
            responder
                .note(&incident, &new_id(), &format!("note {n}"))
                .await
                .expect(201);
        }
        let path = format!("/api/v1/incidents/{incident}/entries");
        let (mut seen, mut after) = (Vec::new(), Some(0));
        while let Some(from) = after {
            let page = responder
                .get(&format!("{path}?after={from}&limit=3"))
                .await
                .expect(200)
                .json();
            seen.extend(
                page["entries"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|entry| entry["seq"].as_i64().unwrap()),
            );
            after = page["next_after"].as_i64();
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(
            responder
                .get(&format!("{path}?limit=0"))
                .await
                .expect(422)
                .field(),
            "limit"
        );
        assert_eq!(
            responder
                .get(&format!("{path}?after=x"))
                .await
                .expect(422)
                .field(),
            "after"
        );
    }
}

#[tokio::test]
async fn the_list_is_filtered_and_goes_on() {
    for server in TestServer::each().await {
        let responder = server.client(Who::Responder);
        for n in 1..=5 {
            responder.declare(&format!("Trouble {n}")).await;
        }
        let path = "/api/v1/incidents";
        let first = responder
            .get(&format!("{path}?limit=2"))
            .await
            .expect(200)
            .json();
        let id = first["incidents"][0]["id"].as_str().unwrap().to_owned();
        responder
            .patch(
                &format!("{path}/{id}"),
                &json!({ "status": "resolved", "summary": "Over." }),
            )
            .await
            .expect(200);
        let numbers = |page: &Value| -> Vec<i64> {
            page["incidents"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["number"].as_i64().unwrap())
                .collect()
        };
        let (mut seen, mut cursor) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let page = responder
                .get(&format!("{path}?limit=2&cursor={at}"))
                .await
                .expect(200)
                .json();
            seen.extend(numbers(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        assert_eq!(
            seen,
            [4, 3, 2, 1, 5],
            "open ones first, then what is over; newest first"
        );
        let only = async |query: &str| {
            numbers(
                &responder
                    .get(&format!("{path}?{query}"))
                    .await
                    .expect(200)
                    .json(),
            )
        };
        assert_eq!(only("status=open").await, [4, 3, 2, 1]);
        assert_eq!(only("status=resolved").await, [5]);
        assert_eq!(
            only("status=investigating&severity=SEV2").await,
            [4, 3, 2, 1]
        );
        assert_eq!(only("severity=SEV1").await, Vec::<i64>::new());
        assert_eq!(only("q=trouble+3").await, [3]);
        assert_eq!(only("q=inc-2").await, [2]);
        assert_eq!(only("q=%25").await, Vec::<i64>::new());
        assert_eq!(only("q=a%00b").await, Vec::<i64>::new());
        assert_eq!(
            responder
                .get(&format!("{path}?status=lost"))
                .await
                .expect(422)
                .field(),
            "status"
        );
        assert_eq!(
            responder
                .get(&format!("{path}?cursor=x"))
                .await
                .expect(422)
                .field(),
            "cursor"
        );
        assert_eq!(
            responder
                .get(&format!("{path}?limit=201"))
                .await
                .expect(422)
                .field(),
            "limit"
        );
    }
}

#[tokio::test]
async fn an_entry_is_edited_pinned_and_redacted_in_sight_of_all() {
    for server in TestServer::each().await {
        let (author, commander) = (server.client(Who::Responder), server.client(Who::Commander));
        let incident = author.declare("Edits").await;
        let id = new_id();
        author.note(&incident, &id, "first").await.expect(201);
        let entry = format!("/api/v1/incidents/{incident}/entries/{id}");
        let edited = author
            .patch(
                &entry,
                &json!({ "text": "second", "reason": "typo", "revision": 1 }),
            )
            .await
            .expect(200)
            .json();
        assert_eq!(
            (edited["text"].as_str(), edited["revision"].as_i64()),
            (Some("second"), Some(2))
        );
        author
            .patch(&entry, &json!({ "text": "third", "revision": 1 }))
            .await
            .expect(409);
        assert_eq!(
            author
                .patch(&entry, &json!({ "txet": "x" }))
                .await
                .expect(422)
                .field(),
            "txet"
        );
        let history = author
            .get(&format!("{entry}/history"))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (
                history["revisions"][0]["text"].as_str(),
                history["revisions"][0]["reason"].as_str()
            ),
            (Some("first"), Some("typo"))
        );

        assert!(
            send(author.request("POST", &format!("{entry}/pin")))
                .await
                .expect(200)
                .json()["pinned_at"]
                .is_string()
        );
        assert!(
            send(author.request("POST", &format!("{entry}/unpin")))
                .await
                .expect(200)
                .json()
                .get("pinned_at")
                .is_none()
        );
        let redacted = commander
            .post(
                &format!("{entry}/redact"),
                &json!({ "reason": "a customer's name" }),
            )
            .await
            .expect(200)
            .json();
        assert_eq!(redacted["text"], "");
        author.get(&format!("{entry}/history")).await.expect(403);
        assert!(
            commander
                .get(&format!("{entry}/history"))
                .await
                .expect(200)
                .text
                .contains("second")
        );
        let all = author
            .get(&format!("/api/v1/incidents/{incident}/entries"))
            .await
            .expect(200);
        assert!(
            !all.text.contains("second") && !all.text.contains("first"),
            "{}",
            all.text
        );
        let kinds: Vec<_> = all.json()["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            kinds,
            [
                "declared", "note", "changed", "changed", "changed", "changed"
            ]
        );
    }
}

#[tokio::test]
async fn a_file_becomes_evidence() {
    for server in TestServer::each().await {
        let responder = server.client(Who::Responder);
        let incident = responder.declare("Files").await;
        let upload = responder.request(
            "POST",
            &format!("/api/v1/incidents/{incident}/attachments?name=..%2Fthreads.txt"),
        );
        let file = send(upload.header("content-type", "text/plain").body("8 of 32"))
            .await
            .expect(201)
            .json();
        assert_eq!(
            (file["name"].as_str(), file["size"].as_i64()),
            (Some("threads.txt"), Some(7))
        );
        let evidence =
            json!({ "id": new_id(), "kind": "evidence", "attachment": { "id": file["id"] } });
        let recorded = responder
            .post(&format!("/api/v1/incidents/{incident}/entries"), &evidence)
            .await
            .expect(201)
            .json();
        assert_eq!(recorded["attachment"]["name"], "threads.txt");
        let empty = responder.request(
            "POST",
            &format!("/api/v1/incidents/{incident}/attachments?name=x"),
        );
        send(empty).await.expect(422);
    }
}

#[tokio::test]
async fn who_is_here_is_told() {
    let server = TestServer::start().await;
    let viewer = server.client(Who::Viewer);
    let incident = server.client(Who::Responder).declare("Here").await;
    let path = format!("/api/v1/incidents/{incident}");
    send(viewer.request("POST", &format!("{path}/join")))
        .await
        .expect(204);
    let here = viewer.get(&format!("{path}/here")).await.expect(200);
    assert!(here.text.contains("Vera Viewer"), "{}", here.text);
    send(viewer.request("POST", &format!("{path}/leave")))
        .await
        .expect(204);
    assert!(
        !viewer
            .get(&format!("{path}/here"))
            .await
            .expect(200)
            .text
            .contains("Vera Viewer")
    );
    let people = viewer.get("/api/v1/people").await.expect(200).json();
    assert_eq!(
        people["people"].as_array().unwrap().len(),
        Who::WITH_ACCOUNT.len()
    );
    assert!(
        !people.to_string().contains("example.org"),
        "addresses are for admins"
    );
}

#[tokio::test]
async fn tokens_that_are_not_right_open_nothing() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    let right = &server.person(Who::Viewer).token;
    let mut spoilt = right.clone();
    spoilt.pop();
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer x",
        &format!("Bearer {spoilt}"),
        &format!("Basic {right}"),
        right,
    ] {
        let request = stranger
            .request("GET", "/api/v1/me")
            .header("authorization", value);
        assert_eq!(
            send(request).await.expect(401).json()["code"],
            "sign_in_needed",
            "{value}"
        );
    }
    send(
        stranger
            .request("GET", "/api/v1/me")
            .header("authorization", format!("bearer {right}")),
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn the_document_of_the_api_is_served() {
    let server = TestServer::start().await;
    let document = server
        .client(Who::Stranger)
        .get("/api/v1/openapi.json")
        .await
        .expect(200)
        .json();
    assert_eq!(document["openapi"], "3.1.0");
}

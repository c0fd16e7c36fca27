//! PostgreSQL is gone for a while, and comes back.

use super::{
    stream::Follower,
    writers::{Ledger, WRITERS, Writers, is_clear},
};
use crate::{
    door::sign_in,
    support::{
        Answer, Client, Cluster, PATIENCE, TestServer, Who, new_id, rideout, send, wait_until,
    },
};
use serde_json::json;

#[tokio::test]
async fn everybody_is_told_nothing_is_lost_and_rideout_goes_on() {
    let Some(mut cluster) = Cluster::start().await else {
        return;
    };
    let server = TestServer::at(&cluster.url()).await;
    let ledger = Ledger::open(&server).await;
    let (viewer, responder) = (server.client(Who::Viewer), server.client(Who::Responder));
    let browser = sign_in(&server, Who::Responder).await;
    let followers = [
        Follower::start(&viewer, &ledger.incident, "/api/v1/incidents/{id}/events"),
        Follower::start(&viewer, &ledger.incident, "/incidents/{id}/live"),
    ];
    let writers = Writers::start(&ledger, &[&responder], WRITERS);
    ledger.grows_by(WRITERS).await;

    // Away for long enough that it is noticed.
    cluster.stop_at_once().await;
    while_it_is_away(&server, &browser, &ledger).await;
    cluster.start_again().await;
    ledger.grows_by(WRITERS).await;
    wait_until("the server is ready again", || async {
        server.operator().get("/health/ready").await.status == 200
    })
    .await;

    // Back at once, as by `pg_ctl restart -m immediate`.
    for _ in 0..2 {
        cluster.stop_at_once().await;
        cluster.start_again().await;
        ledger.grows_by(WRITERS).await;
    }
    writers.stop().await;
    for ((status, code), times) in ledger.refused() {
        assert_eq!(status, 503, "{code}, {times} times");
    }
    ledger.check(&viewer).await;
    ledger.settle(&responder).await;
    ledger.check(&viewer).await;
    let last = viewer
        .get(&format!("/api/v1/incidents/{}", ledger.incident))
        .await
        .expect(200)
        .json()["last_seq"]
        .as_i64();
    for follower in followers {
        follower.has_seen_all(last.unwrap()).await;
    }
    // Of absences close to each other it may notice only one.
    let state = server.operator().get("/state").await.json();
    assert!(
        state["database"]["pool"]["bus_reconnects"].as_u64() >= Some(1),
        "{state}"
    );
    assert!(!server.log().contains("panic"), "{}", server.log());
}

/// Whatever is asked is answered in time, with a sentence.
async fn while_it_is_away(server: &TestServer, browser: &Client, ledger: &Ledger) {
    let (viewer, responder, operator) = (
        server.client(Who::Viewer),
        server.client(Who::Responder),
        server.operator(),
    );
    let incident = &ledger.incident;
    let room = format!("/incidents/{incident}");
    let note = json!({ "id": new_id(), "kind": "note", "text": "while it is away" });
    let read = ask(viewer.request("GET", &ledger.path()));
    let write = ask(responder
        .request("POST", &format!("{}?", ledger.path()))
        .json(&note));
    let page = ask(browser.request("GET", &room));
    let form = browser.request("POST", &format!("{room}/entries"));
    let form = ask(form
        .header("content-type", "application/x-www-form-urlencoded")
        .body("kind=note&text=x"));
    let style = ask(browser.request("GET", "/robots.txt"));
    let ready = ask(operator.request("GET", "/health/ready"));
    let live = ask(operator.request("GET", "/health/live"));
    let state = ask(operator.request("GET", "/state"));
    let metrics = ask(operator.request("GET", "/metrics"));
    let (folder, url) = (server.folder().to_owned(), server.database_url());
    let command = tokio::task::spawn_blocking(move || {
        let arguments = ["export", "--database-url", &url];
        rideout(&folder, &arguments, &[], "")
    });
    let (read, write, page, form) = tokio::join!(read, write, page, form);
    for answer in [read, write] {
        let answer = answer.expect(503);
        assert_eq!(is_clear(&answer), "storage", "{}", answer.text);
        assert!(
            answer.text.contains("The database cannot be reached"),
            "{}",
            answer.text
        );
    }
    for page in [page, form] {
        let page = page.expect(503);
        assert!(page.text.ends_with("</html>"), "{}", page.text);
        assert!(
            page.text.contains("The database cannot be reached"),
            "{}",
            page.text
        );
    }
    let output = command.await.unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(
        complaint.contains("the database cannot be reached"),
        "{complaint}"
    );
    let (style, ready, live, state, metrics) = tokio::join!(style, ready, live, state, metrics);
    let ready = ready.expect(503).json();
    assert!(
        ready["reasons"][0]
            .as_str()
            .unwrap()
            .contains("the database"),
        "{ready}"
    );
    for answer in [style, live, state, metrics] {
        answer.expect(200);
    }
}

async fn ask(request: reqwest::RequestBuilder) -> Answer {
    send(request.timeout(PATIENCE)).await
}

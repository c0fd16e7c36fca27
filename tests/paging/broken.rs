//! Things break between a page and its person.

use super::{free_port, header, mail, messages, page, settled, told};
use crate::support::{Client, MailServer, TestServer, Who, wait_until};
use axum::{Router, routing::post};
use futures::FutureExt as _;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

#[tokio::test]
async fn killed_after_the_mail_was_taken_and_before_that_was_written_it_is_the_same_mail_again() {
    let Some((mails, url)) = mail(&["--first", "silent"]).await else {
        return;
    };
    let mut server = TestServer::with(&["--smtp-url", &url]).await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    page(&server, &incident, Who::Responder).await;
    wait_until("the mail is there", || async { mails.mails().len() == 1 }).await;
    server.kill();
    server.restart();
    assert_eq!(settled(&server).await, ["sent"]);
    let both = mails.mails();
    assert_eq!(both.len(), 2);
    for name in ["Message-ID", "Date", "Subject"] {
        assert_eq!(header(&both[0], name), header(&both[1], name));
    }
    assert_eq!(told(&server, &incident).await, ["paged"]);
}

#[tokio::test]
async fn killed_before_the_mail_left_it_leaves_after_the_start() {
    // Takes the connection, and never says who it is.
    let port = free_port();
    let Ok(silent) = std::net::TcpListener::bind(("127.0.0.1", port)) else {
        panic!("the port was free a moment ago");
    };
    let mut server = TestServer::with(&["--smtp-url", &format!("smtp://127.0.0.1:{port}")]).await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    page(&server, &incident, Who::Responder).await;
    let admin = server.client(Who::Admin);
    wait_until("it is being sent", || async {
        messages(&admin).await[0]["state"] == "sending"
    })
    .await;
    server.kill();
    drop(silent);
    let Some(mails) = MailServer::start(&["--port", &port.to_string()]).await else {
        return;
    };
    server.restart();
    assert_eq!(settled(&server).await, ["sent"]);
    assert_eq!(mails.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_tried_again_and_everybody_sees_it() {
    let port = free_port();
    let server = TestServer::with(&["--smtp-url", &format!("smtp://127.0.0.1:{port}")]).await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    page(&server, &incident, Who::Responder).await;
    let responder = server.client(Who::Responder);
    wait_until("it was tried", || async {
        messages(&responder).await[0]["attempts"].as_i64() >= Some(1)
            && messages(&responder).await[0]["state"] == "pending"
    })
    .await;
    let mine = &messages(&responder).await[0];
    assert_eq!(mine["why"], "The mail server cannot be reached.");
    let others = &messages(&server.client(Who::Viewer)).await[0];
    assert!(others["why"].is_null(), "{others}");
    let engine = server
        .client(Who::Viewer)
        .get("/api/v1/engine")
        .await
        .json();
    assert!(!engine["waiting"]["oldest_unsent"].is_null(), "{engine}");
    assert_eq!(engine["waiting"]["unsent"], 1);
    let shown = server
        .client(Who::Viewer)
        .get("/engine")
        .await
        .expect(200)
        .text;
    assert!(shown.contains("1 message") && shown.contains("Rosa Responder"));

    let Some(mails) = MailServer::start(&["--port", &port.to_string()]).await else {
        return;
    };
    assert_eq!(settled(&server).await, ["sent"]);
    assert_eq!(mails.mails().len(), 1);
}

#[tokio::test]
async fn told_to_stop_while_a_mail_is_being_taken_it_finishes_and_sends_nothing_twice() {
    let Some((mails, url)) = mail(&["--first", "wait"]).await else {
        return;
    };
    let mut server = TestServer::with(&["--smtp-url", &url]).await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    page(&server, &incident, Who::Responder).await;
    wait_until("the mail is there", || async { mails.mails().len() == 1 }).await;
    server.ask_to_stop();
    wait_until("it takes nothing new", || async {
        server.log().contains("stopping: no new requests")
    })
    .await;
    mails.go();
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.log());
    server.restart();
    assert_eq!(settled(&server).await, ["sent"]);
    assert_eq!(mails.mails().len(), 1);
}

#[tokio::test]
async fn without_a_mail_server_the_page_is_known_to_have_reached_nobody() {
    let server = TestServer::start().await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    page(&server, &incident, Who::Target).await;
    assert_eq!(settled(&server).await, ["failed"]);
    assert_eq!(told(&server, &incident).await, ["paged", "page_failed"]);
    let why = messages(&server.client(Who::Admin)).await[0]["why"].clone();
    assert!(why.as_str().unwrap().contains("smtp_url"), "{why}");
}

/// Adds a route and has a test sent through it.
async fn test_route(client: &Client, channel: &str, target: &str) {
    let body = json!({ "channel": channel, "target": target });
    let made = client.post("/api/v1/me/routes", &body).await.expect(201);
    let path = format!(
        "/api/v1/me/routes/{}/test",
        made.json()["id"].as_str().unwrap()
    );
    client.post(&path, &json!({})).await.expect(202);
}

#[tokio::test]
async fn a_mail_server_that_hangs_holds_up_no_other_channel() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mails = format!("smtp://{}", silent.local_addr().unwrap());
    let got = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&got);
    let count = move || async move { counted.fetch_add(1, SeqCst) }.map(|_| "ok");
    let router = Router::new().route("/hook", post(count));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });

    let flags = ["--smtp-url", &mails, "--outgoing-allow", "127.0.0.1"];
    let server = TestServer::with(&flags).await;
    // More than are sent at a time through one channel.
    for who in [Who::Responder, Who::Commander] {
        for number in 0..9 {
            let address = format!("{number}@example.org");
            test_route(&server.client(who), "email", &address).await;
        }
    }
    let admin = server.client(Who::Admin);
    wait_until("all places for mail are taken", || async {
        let state = server.operator().get("/state").await.json();
        state["engine"]["in_flight"].as_u64() == Some(16)
    })
    .await;
    test_route(&admin, "webhook", &hook).await;
    wait_until("the webhook has its message", || async {
        got.load(SeqCst) == 1
    })
    .await;
    serving.abort();
}

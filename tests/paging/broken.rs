//! Things break between a page and its person.

use super::{free_port, header, mail, messages, page, settled, told};
use crate::support::{MailServer, TestServer, Who, wait_until};

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

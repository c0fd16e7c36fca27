//! How much may be sent, how long it may take, how many may ask at a time.

use crate::support::{TestServer, Who, new_id, send};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn what_is_too_large_is_refused_and_what_fits_is_taken() {
    let server = TestServer::start().await;
    let responder = server.client(Who::Responder);
    let incident = responder.declare("Sizes").await;
    let entries = format!("/api/v1/incidents/{incident}/entries");
    // One byte of JSON too many for the body; then a text that is too long for an entry.
    let large = json!({ "id": new_id(), "kind": "note", "text": "x".repeat(1024 * 1024) });
    assert_eq!(
        responder.post(&entries, &large).await.expect(413).json()["code"],
        "too_large"
    );
    let long = json!({ "id": new_id(), "kind": "note", "text": "x".repeat(20_001) });
    assert_eq!(
        responder.post(&entries, &long).await.expect(422).field(),
        "text"
    );
    let full = json!({ "id": new_id(), "kind": "note", "text": "é".repeat(20_000) });
    responder.post(&entries, &full).await.expect(201);

    let upload = |bytes: usize| {
        let request = responder.request(
            "POST",
            &format!("/api/v1/incidents/{incident}/attachments?name=dump.bin"),
        );
        send(
            request
                .header("content-type", "application/octet-stream")
                .body(vec![7_u8; bytes]),
        )
    };
    assert_eq!(
        upload(10 * 1024 * 1024).await.expect(201).json()["size"],
        10 * 1024 * 1024
    );
    upload(10 * 1024 * 1024 + 1).await.expect(413);
    upload(12 * 1024 * 1024).await.expect(413);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let server = TestServer::with(&["--request-timeout-seconds", "1"]).await;
    let token = &server.person(Who::Responder).token;
    let address = server.main.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/incidents HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{{\"title\":"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"sent_too_slowly\""), "{answer}");
}

#[tokio::test]
async fn who_finds_no_place_is_asked_to_come_back() {
    let server =
        TestServer::with(&["--max-requests", "1", "--request-timeout-seconds", "10"]).await;
    let token = &server.person(Who::Responder).token;
    let address = server.main.trim_start_matches("http://");
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/incidents HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    crate::support::wait_until("the slow request is in work", || async {
        server.operator().get("/state").await.json()["requests"]["in_work"] == 1
    })
    .await;
    let declare = serde_json::json!({ "title": "No place" });
    let responder = server.client(Who::Responder);
    let answer = responder
        .post("/api/v1/incidents", &declare)
        .await
        .expect(503);
    assert_eq!(
        (answer.json()["code"].as_str(), answer.header("retry-after")),
        (Some("busy"), "1")
    );
    // Slow senders keep nobody from reading.
    responder.get("/api/v1/me").await.expect(200);
    drop(slow);
    crate::support::wait_until("there is a place again", || async {
        responder.post("/api/v1/incidents", &declare).await.status == 201
    })
    .await;
}

#[tokio::test]
async fn a_stream_outlives_the_time_out() {
    let server = TestServer::with(&["--request-timeout-seconds", "1"]).await;
    let responder = server.client(Who::Responder);
    let incident = responder.declare("Streamed").await;
    let mut stream = server
        .client(Who::Viewer)
        .request("GET", &format!("/api/v1/incidents/{incident}/events"))
        .send()
        .await
        .unwrap();
    // Waiting for nothing to happen: shorter would prove nothing, and longer nothing more.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    responder
        .note(&incident, &new_id(), "still there")
        .await
        .expect(201);
    let mut heard = String::new();
    while !heard.contains("still there") {
        heard.push_str(&String::from_utf8_lossy(
            &stream.chunk().await.unwrap().expect("the stream goes on"),
        ));
    }
}

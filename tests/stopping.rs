//! Ending in good order, and in bad.

use crate::support::{TestServer, Who, new_id};
use std::collections::BTreeSet;

#[tokio::test]
async fn live_streams_end_and_the_exit_code_is_nought() {
    let mut server = TestServer::start().await;
    let viewer = server.client(Who::Viewer);
    let incident = server.client(Who::Commander).declare("Streamed").await;
    let stream = viewer
        .request("GET", &format!("/api/v1/incidents/{incident}/events"))
        .send()
        .await
        .unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(
        stream.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    server.ask_to_stop();
    let rest = tokio::time::timeout(std::time::Duration::from_secs(20), stream.text()).await;
    rest.expect("the stream ends").unwrap();
    assert!(server.ended().await.success());
    assert!(server.log().contains("stopped"), "{}", server.log());
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_power_cut_once() {
    let mut server = TestServer::start().await;
    let incident = server.client(Who::Commander).declare("Cut").await;
    let mut acknowledged = BTreeSet::new();
    for _ in 0..3 {
        let responder = server.client(Who::Responder);
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (responder, incident) = (responder.clone(), incident.clone());
            writers.spawn(async move {
                let mut done = Vec::new();
                loop {
                    let id = new_id();
                    let entry = serde_json::json!({ "id": id, "kind": "note", "text": "x" });
                    let sent = responder
                        .request("POST", &format!("/api/v1/incidents/{incident}/entries"))
                        .json(&entry)
                        .send()
                        .await;
                    match sent {
                        Ok(answer) if answer.status() == 201 => done.push(id),
                        Ok(answer) => panic!("{}", answer.status()),
                        Err(_) => return done,
                    }
                }
            });
        }
        let operator = server.operator();
        let before = acknowledged.len() as u64;
        crate::support::wait_until("some were written", || async {
            operator.get("/state").await.json()["database"]["writes"]["operations"]
                .as_u64()
                .unwrap()
                > before + 100
        })
        .await;
        server.kill();
        while let Some(done) = writers.join_next().await {
            acknowledged.extend(done.unwrap());
        }
        server.restart();
    }
    let viewer = server.client(Who::Viewer);
    let (mut found, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let page = viewer
            .get(&format!(
                "/api/v1/incidents/{incident}/entries?after={from}&limit=1000"
            ))
            .await
            .expect(200)
            .json();
        found.extend(
            page["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["id"].as_str().unwrap().to_owned()),
        );
        after = page["next_after"].as_i64();
    }
    let unique: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(unique.len(), found.len(), "an entry is there twice");
    assert!(acknowledged.len() > 100);
    assert!(
        acknowledged.is_subset(&unique),
        "an acknowledged entry is lost"
    );
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let server = TestServer::start().await;
    let url = server.database_url();
    let arguments = [
        "serve",
        "--database-url",
        &url,
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    let output = crate::support::rideout(server.folder(), &arguments, &[], "");
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("another Rideout server"), "{complaint}");
    server.operator().get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_setting() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = crate::support::rideout(
        folder.path(),
        &[
            "serve",
            "--listen",
            &address,
            "--admin-listen",
            "127.0.0.1:0",
        ],
        &[],
        "",
    );
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        complaint.contains(&format!("cannot listen on {address}"))
            && complaint.contains("set listen"),
        "{complaint}"
    );
}

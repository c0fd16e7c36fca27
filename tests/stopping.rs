//! Ending in good order, and in bad.

use crate::support::{TestServer, Who};

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

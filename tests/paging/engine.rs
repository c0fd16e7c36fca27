//! The engine, seen by operators and by whoever waits outside.

use super::{free_port, mail};
use crate::support::{TestServer, Who, rideout, wait_until};
use axum::{Router, extract::State, routing::get};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

#[tokio::test]
async fn the_health_of_the_engine_is_that_of_its_next_full_cycle() {
    for server in TestServer::each().await {
        let operator = server.operator();
        let first = operator.get("/health/engine").await.expect(200).json();
        let second = operator.get("/health/engine").await.expect(200).json();
        let cycle = |answer: &serde_json::Value| answer["last"]["cycle"].as_u64().unwrap();
        assert!(cycle(&second) > cycle(&first), "{first} {second}");
        let state = operator.get("/state").await.expect(200).json();
        assert!(state["engine"]["last"]["cycle"].as_u64().unwrap() >= cycle(&second));
        let metrics = operator.get("/metrics").await.expect(200).text;
        for name in [
            "rideout_engine_cycles ",
            "rideout_oldest_unsent_seconds ",
            "rideout_engine_cycle_seconds_",
        ] {
            assert!(metrics.contains(name), "{name}");
        }
        wait_until("the heartbeat is there for everybody", || async {
            let seen = server
                .client(Who::Viewer)
                .get("/api/v1/engine")
                .await
                .json();
            seen["nodes"][0]["cycle"].as_u64() >= Some(1)
        })
        .await;
        let page = server.client(Who::Viewer).get("/engine").await.expect(200);
        assert!(page.text.contains("The engine turns."), "{}", page.text);
    }
}

#[tokio::test]
async fn somebody_outside_is_told_again_and_again_that_rideout_can_page() {
    let told = Arc::new(AtomicUsize::new(0));
    let count = |State(told): State<Arc<AtomicUsize>>| async move {
        told.fetch_add(1, SeqCst);
        "ok"
    };
    let router = Router::new()
        .route("/ping/secret", get(count))
        .with_state(Arc::clone(&told));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ping/secret", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let flags = [
        "--dead-man-url",
        &url,
        "--dead-man-seconds",
        "1",
        "--outgoing-allow",
        "127.0.0.1",
    ];
    let server = TestServer::with(&flags).await;
    wait_until("it was told three times", || async {
        told.load(SeqCst) >= 3
    })
    .await;
    let config = server.operator().get("/config").await.expect(200).text;
    assert!(
        !config.contains("secret") && config.contains("http://127.0.0.1/***"),
        "{config}"
    );
    serving.abort();

    // Not without leave.
    let before = told.load(SeqCst);
    let strict = TestServer::with(&["--dead-man-url", &url, "--dead-man-seconds", "1"]).await;
    wait_until("it says why not", || async {
        strict.log().contains("outgoing_allow")
    })
    .await;
    assert_eq!(told.load(SeqCst), before);
    assert!(!strict.log().contains("secret"), "{}", strict.log());
}

#[tokio::test]
async fn the_doctor_looks_at_the_mail_server() {
    let Some((_mails, url)) = mail(&[]).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let look = |url: String| {
        let listen = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let mut arguments = vec!["doctor", "--smtp-url", &url];
        arguments.extend(listen);
        let output = rideout(folder.path(), &arguments, &[], "");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (code, said) = look(url);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ok    e-mail: smtp://127.0.0.1:"), "{said}");
    let (code, said) = look(format!("smtp://me:hunter2@127.0.0.1:{}", free_port()));
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("BAD   e-mail: smtp://me:***@127.0.0.1:"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

//! The admin listener, and what keeps the two listeners apart.

use crate::support::{TestServer, Who, send, wait_until};

#[tokio::test]
async fn each_listener_refuses_the_paths_of_the_other_by_name() {
    let server = TestServer::start().await;
    let (stranger, operator) = (server.client(Who::Stranger), server.operator());
    for path in rideout::admin::PATHS {
        let answer = stranger.get(path).await.expect(421);
        assert!(
            answer.text.contains(&format!("{}{path}", server.admin)),
            "{path}: {}",
            answer.text
        );
        let json = send(
            stranger
                .request("GET", path)
                .header("accept", "application/json"),
        )
        .await
        .expect(421)
        .json();
        assert_eq!(json["code"], "admin_port");
    }
    send(stranger.request("PUT", "/log-level").body("info"))
        .await
        .expect(421);
    for path in [
        "/incidents",
        "/api/v1/me",
        "/login",
        "/s/secret",
        "/nowhere",
    ] {
        let answer = operator.get(path).await.expect(421);
        assert!(
            answer.text.contains(&format!("{}{path}", server.main)),
            "{path}: {}",
            answer.text
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn health_metrics_state_and_configuration_are_told() {
    for server in TestServer::each().await {
        let operator = server.operator();
        server
            .client(Who::Commander)
            .declare("For the figures")
            .await;
        operator.get("/health/live").await.expect(200);
        operator.get("/health/ready").await.expect(200);
        let first = operator.get("/health/engine").await.expect(200).json()["last"]["cycle"]
            .as_u64()
            .unwrap();
        let second = operator.get("/health/engine").await.expect(200).json()["last"]["cycle"]
            .as_u64()
            .unwrap();
        assert!(second > first, "each answer waits for a cycle of its own");

        let metrics = operator.get("/metrics").await.expect(200).text;
        for figure in [
            "rideout_http_requests_total{method=\"POST\",route=\"/api/v1/incidents\",status=\"201\"} 1",
            "rideout_http_request_seconds_bucket{route=\"/api/v1/incidents\"",
            "rideout_db_operations ",
            "rideout_live_viewers 0",
            "rideout_build_info{version=",
            "# HELP rideout_db_queue_depth",
        ] {
            assert!(metrics.contains(figure), "{figure} is not in {metrics}");
        }
        let state = operator.get("/state").await.expect(200).json();
        assert!(state["database"]["writes"]["operations"].as_u64().unwrap() > 0);
        assert!(
            state["database"]["bytes"].as_u64().unwrap() > 0
                && state["memory_resident_bytes"].as_u64().unwrap() > 0
        );
        assert_eq!(state["live"]["viewers"], 0);
        let config = operator.get("/config").await.expect(200).json();
        assert_eq!(config["settings"]["session_days"]["from"], "the default");
        assert_eq!(config["settings"]["listen"]["from"], "--listen");
        operator.get("/").await.expect(200);
        send(operator.request("POST", "/metrics")).await.expect(405);
        send(operator.request("HEAD", "/health/live"))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn the_log_level_is_read_and_set() {
    let server = TestServer::start().await;
    let operator = server.operator();
    assert_eq!(operator.get("/log-level").await.expect(200).text, "info\n");
    let put = |filter: &'static str| send(operator.request("PUT", "/log-level").body(filter));
    put("error").await.expect(200);
    server
        .client(Who::Stranger)
        .get("/robots.txt?quiet")
        .await
        .expect(200);
    put("info,rideout=debug").await.expect(200);
    server
        .client(Who::Stranger)
        .get("/robots.txt?loud")
        .await
        .expect(200);
    let bad = put("info,rideout=loud").await.expect(400);
    assert!(
        bad.json()["detail"].as_str().unwrap().contains("level"),
        "{}",
        bad.text
    );
    assert!(put("").await.expect(400).text.contains("empty"));
    assert!(
        operator
            .get("/log-level")
            .await
            .text
            .contains("rideout=debug"),
        "a bad filter changes nothing"
    );
    let lines = server
        .log()
        .lines()
        .filter(|line| line.contains("/robots.txt"))
        .count();
    assert_eq!(lines, 1, "{}", server.log());
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let mut server = TestServer::start().await;
    let operator = server.operator();
    operator.get("/health/ready").await.expect(200);
    // A connection held open keeps the server from ending at once.
    let held = server.client(Who::Viewer);
    let incident = server.client(Who::Commander).declare("Held").await;
    let _stream = held
        .request("GET", &format!("/api/v1/incidents/{incident}/events"))
        .send()
        .await
        .unwrap();
    server.ask_to_stop();
    wait_until("it says that it is stopping, or has stopped", || async {
        match operator.request("GET", "/health/ready").send().await {
            Ok(answer) => {
                answer.status() == 503
                    && answer.text().await.unwrap_or_default().contains("stopping")
            }
            Err(_) => true,
        }
    })
    .await;
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn admin_answers_while_the_main_listener_is_drowning() {
    let server = TestServer::with(&["--max-requests", "1", "--max-connections", "16"]).await;
    // Sixteen connections that never say what they want.
    let address = server.main.trim_start_matches("http://").to_owned();
    let mut held = Vec::new();
    for _ in 0..17 {
        held.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    let operator = server.operator();
    wait_until("readiness says that connections are used up", || async {
        let answer = operator.get("/health/ready").await;
        answer.status == 503 && answer.text.contains("main listener")
    })
    .await;
    operator.get("/health/live").await.expect(200);
    operator.get("/state").await.expect(200);
    operator.get("/metrics").await.expect(200);
    drop(held);
    wait_until("it is ready again", || async {
        operator.get("/health/ready").await.status == 200
    })
    .await;
}

//! Two nodes on one PostgreSQL database, and PostgreSQL going away.

use super::{header, mail, messages, page, settled, told};
use crate::support::{Cluster, TestServer, Who, wait_until};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn two_nodes_page_everybody_once() {
    let Some((mails, url)) = mail(&[]).await else {
        return;
    };
    let Some(here) = TestServer::on_postgres_with(&["--smtp-url", &url]).await else {
        return;
    };
    let there = here.node_beside().await;
    let mut incidents = Vec::new();
    for n in 0..6 {
        let node = if n % 2 == 0 { &here } else { &there };
        let responder = node.client(Who::Responder);
        let incident = responder.declare(&format!("Incident {n}")).await;
        let path = format!("/api/v1/incidents/{incident}/escalations");
        let reason = json!({ "reason": "Nobody answers." });
        responder.post(&path, &reason).await.expect(201);
        incidents.push(incident);
    }
    // Three people are in charge; from their fourth page on they get them in bundles.
    let covered = || async {
        let mut pages = BTreeSet::new();
        for mail in mails.mails() {
            let to = header(&mail, "X-Rcpt").to_owned();
            for n in 0..6 {
                if super::text_of(&mail).contains(&format!("Incident {n}")) {
                    assert!(pages.insert((to.clone(), n)), "{to} got incident {n} twice");
                }
            }
        }
        pages.len()
    };
    let admin = here.client(Who::Admin);
    // What a throttle holds back for a minute may still be waiting.
    wait_until("what may go has gone", || async {
        messages(&admin)
            .await
            .iter()
            .all(|m| m["state"] != "sending")
            && mails.mails().len() >= 9
    })
    .await;
    assert!(covered().await >= 9);
    let ids: BTreeSet<String> = mails
        .mails()
        .iter()
        .map(|mail| header(mail, "Message-ID").to_owned())
        .collect();
    assert_eq!(ids.len(), mails.mails().len());
    for incident in &incidents {
        assert_eq!(
            told(&there, incident).await,
            ["started", "exhausted", "paged", "paged", "paged"]
        );
    }
    let engine = there.client(Who::Viewer).get("/api/v1/engine").await.json();
    assert_eq!(engine["nodes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn postgresql_goes_away_and_comes_back_and_pages_go_out() {
    let Some((mails, url)) = mail(&[]).await else {
        return;
    };
    let Some(mut cluster) = Cluster::start().await else {
        return;
    };
    let server = TestServer::at_with(&cluster.url(), &["--smtp-url", &url]).await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    cluster.stop_at_once().await;
    let engine = server.operator().get("/health/engine").await;
    assert_eq!(engine.status, 503, "{}", engine.text);
    cluster.start_again().await;
    wait_until("the engine turns again", || async {
        server.operator().get("/health/engine").await.status == 200
    })
    .await;
    page(&server, &incident, Who::Responder).await;
    assert_eq!(settled(&server).await, ["sent"]);
    assert_eq!(mails.mails().len(), 1);
    assert!(!server.log().contains("panic"), "{}", server.log());
}

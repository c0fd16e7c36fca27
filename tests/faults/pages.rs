//! A thousand pages, twenty at a time.

use crate::{
    door::sign_in,
    support::{Client, PATIENCE, TestServer, Who, new_id, send},
};
use serde_json::json;
use std::sync::Arc;
use tokio::{sync::Semaphore, task::JoinSet};

const PAGES: usize = 1_000;
const AT_A_TIME: usize = 20;
const ENTRIES: usize = 200;

/// A room with everything in it, so that every part of its page is rendered.
async fn busy_room(server: &TestServer) -> String {
    let responder = server.client(Who::Responder);
    let incident = responder.declare("A thousand looks").await;
    let path = format!("/api/v1/incidents/{incident}/entries");
    for n in 0..ENTRIES {
        let text = format!("**{n}** connections & `<threads>`; see https://example.org/{n}");
        let kind = match n % 8 {
            0 => json!({ "kind": "hypothesis" }),
            1 => json!({ "kind": "finding" }),
            2 => json!({ "kind": "evidence", "link": "https://example.org/graph" }),
            3 => json!({ "kind": "decision" }),
            4 => {
                json!({ "kind": "task", "owner": server.person(Who::Responder).id, "minutes": 10 })
            }
            _ => json!({ "kind": "note" }),
        };
        let mut entry = kind.as_object().unwrap().clone();
        entry.insert("id".to_owned(), json!(new_id()));
        entry.insert("text".to_owned(), json!(text));
        let answer = responder.post(&path, &json!(entry)).await;
        assert_eq!(answer.status, 201, "{entry:?}: {}", answer.text);
    }
    incident
}

#[tokio::test]
async fn each_is_whole_and_none_hangs() {
    for server in TestServer::each().await {
        let incident = busy_room(&server).await;
        let browser = sign_in(&server, Who::Responder).await;
        let paths = [
            "/incidents".to_owned(),
            format!("/incidents/{incident}"),
            format!("/incidents/{incident}/catch-up"),
            "/incidents/new".to_owned(),
            "/account".to_owned(),
        ];
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let mut asked = JoinSet::new();
        for n in 0..PAGES {
            let (browser, path) = (browser.clone(), paths[n % paths.len()].clone());
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            asked.spawn(async move {
                look(&browser, &path).await;
                drop(place);
            });
        }
        while let Some(done) = asked.join_next().await {
            done.unwrap();
        }
        server.operator().get("/health/ready").await.expect(200);
    }
}

async fn look(browser: &Client, path: &str) {
    let page = send(browser.request("GET", path).timeout(PATIENCE)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    assert!(
        page.text.starts_with("<!DOCTYPE html>"),
        "{path}: {}",
        page.text
    );
    assert!(
        page.text.ends_with("</html>"),
        "{path} breaks off: {}",
        page.text
    );
    assert_eq!(page.text.matches("</html>").count(), 1, "{path}");
}

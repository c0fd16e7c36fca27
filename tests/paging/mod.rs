//! Paging with the real thing: a server, a mail server, receivers on loopback.

mod answers;
mod broken;
mod engine;
mod nodes;

use crate::support::{Client, MailServer, TestServer, Who, wait_until};
use serde_json::{Value, json};

/// A mail server, and the flags that lead to it.
pub(crate) async fn mail(options: &[&str]) -> Option<(MailServer, String)> {
    let mail = MailServer::start(options).await?;
    let url = format!("smtp://127.0.0.1:{}", mail.port);
    Some((mail, url))
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Pages somebody by hand and returns the page.
async fn page(server: &TestServer, incident: &str, who: Who) -> String {
    let path = format!("/api/v1/incidents/{incident}/pages");
    let body = json!({ "user": server.person(who).id, "reason": "You know the load balancer." });
    let commander = server.client(Who::Commander);
    let paged = commander.post(&path, &body).await.expect(201).json();
    paged["id"].as_str().unwrap().to_owned()
}

/// What the engine tells of its messages, newest first.
async fn messages(client: &Client) -> Vec<Value> {
    let engine = client.get("/api/v1/engine").await.expect(200).json();
    engine["messages"].as_array().unwrap().clone()
}

/// Waits until every message has come to an end, and returns their states.
async fn settled(server: &TestServer) -> Vec<String> {
    let admin = server.client(Who::Admin);
    wait_until("every message is settled", || async {
        let messages = messages(&admin).await;
        !messages.is_empty() && messages.iter().all(|m| !m["settled_at"].is_null())
    })
    .await;
    let states = messages(&admin).await;
    states
        .iter()
        .map(|m| m["state"].as_str().unwrap().to_owned())
        .collect()
}

/// What the timeline tells of pages and escalations, in short.
async fn told(server: &TestServer, incident: &str) -> Vec<String> {
    let path = format!("/api/v1/incidents/{incident}/entries");
    let entries = server
        .client(Who::Viewer)
        .get(&path)
        .await
        .expect(200)
        .json();
    let entries = entries["entries"].as_array().unwrap();
    entries
        .iter()
        .filter_map(|entry| {
            let kind = entry["kind"].as_str().unwrap();
            match kind {
                "paged" | "page_acknowledged" | "page_failed" => Some(kind.to_owned()),
                "escalation" => Some(entry["step"].as_str().unwrap().to_owned()),
                _ => None,
            }
        })
        .collect()
}

/// A mail's plain text, decoded as far as it matters for links.
fn text_of(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

/// The address behind words in a mail, without what comes before its path.
fn link(mail: &str, words: &str) -> String {
    let text = text_of(mail);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{words}: ")))
        .unwrap_or_else(|| panic!("no link to {words}: {text}"));
    let path = line.trim().splitn(4, '/').nth(3).unwrap();
    format!("/{path}")
}

/// The header of a mail.
fn header<'m>(mail: &'m str, name: &str) -> &'m str {
    mail.lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")))
        .unwrap_or_else(|| panic!("no {name}: {mail}"))
        .trim()
}

//! Services, teams, escalation policies and how people are reached, by pages and
//! by the API.

mod api;
mod pages;
mod reach;

use crate::support::{TestServer, Who};
use serde_json::{Value, json};

/// Makes something by the API, as an admin, and returns its id.
async fn make(server: &TestServer, area: &str, body: Value) -> String {
    let made = server
        .client(Who::Admin)
        .post(&format!("/api/v1/{area}"), &body)
        .await
        .expect(201)
        .json();
    made["id"].as_str().unwrap().to_owned()
}

/// A target of a policy.
fn person(server: &TestServer, who: Who) -> Value {
    json!({ "kind": "person", "id": server.person(who).id })
}

/// The identifier that a form made for what it is about to make.
fn next_id(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

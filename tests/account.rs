//! Accounts as people use them: set-up, invitations, signing in, sessions,
//! tokens, the audit log, on every database there is.

mod audit;
mod hostile;
mod joining;
mod own;
mod people;
mod signing_in;

use crate::support::{Client, PASSWORD, TestServer, Who};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The cookie that an answer begins a session with.
fn cookie(headers: &HeaderMap) -> String {
    let of_session = headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .find(|value| value.starts_with("__Host-rideout="));
    of_session
        .expect("a session")
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

async fn sign_in(server: &TestServer, who: Who) -> Client {
    let stranger = server.client(Who::Stranger);
    let answer = stranger
        .form("/login", &[("email", &who.email()), ("password", PASSWORD)])
        .await
        .expect(303);
    stranger.with_cookie(&cookie(&answer.headers))
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text
        .find(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"))
        + before.len();
    &text[start..start + text[start..].find(after).unwrap()]
}

/// The value of a field of a page.
fn value<'a>(page: &'a str, id: &str) -> &'a str {
    let tag = between(page, &format!("id=\"{id}\""), ">");
    tag.split("value=\"")
        .nth(1)
        .map_or("", |rest| rest.split('"').next().unwrap())
}

async fn audit_lines(client: &Client, query: &str) -> Vec<Value> {
    let log = client.get(&format!("/audit.json{query}")).await.expect(200);
    log.json().as_array().unwrap().clone()
}

//! What nobody should type, in every field of an account.

use super::{sign_in, value};
use crate::support::{Client, PASSWORD, TestServer, Who};

/// Hostile texts: each is stored or refused clearly, never executed, never lost.
fn texts() -> Vec<String> {
    vec![
        "<script>alert(1)</script>".into(),
        "\"><img src=x onerror=alert(1)>".into(),
        "</textarea></title><svg onload=alert(1)>".into(),
        "nul \0 escape \x1b[31m bell \x07".into(),
        "\u{202e}drawkcab\u{2066}".into(),
        "' OR 1=1 -- %_!".into(),
        "javascript:alert(1)".into(),
        "\r\nSet-Cookie: rideout=x".into(),
        "x".repeat(300_000),
        "𝕏".repeat(60),
    ]
}

#[track_caller]
fn is_harmless(page: &str) {
    for bad in ["<script>alert", "<img src=x", "<svg onload", "\0", "\u{1b}"] {
        let around = page
            .find(bad)
            .map(|at| page.get(at.saturating_sub(200)..at + 20));
        assert!(around.is_none(), "{bad:?} came back: {around:?}");
    }
    assert!(page.is_empty() || page.ends_with("</html>"), "a whole page");
}

async fn sent(client: &Client, path: &str, fields: &[(&str, &str)]) -> u16 {
    let answer = client.form(path, fields).await;
    assert!(
        answer.status < 500,
        "{path} {}: {}",
        answer.status,
        answer.text
    );
    is_harmless(&answer.text);
    answer.status
}

#[tokio::test]
async fn hostile_texts_do_nothing_in_any_field() {
    for server in TestServer::each().await {
        let stranger = server.client(Who::Stranger);
        let admin = sign_in(&server, Who::Admin).await;
        for text in &texts() {
            // Ten failures would close the door for the next text.
            let email = format!("{}@example.org", text.chars().take(9).collect::<String>());
            sent(
                &stranger,
                "/login",
                &[("email", text), ("password", text), ("next", text)],
            )
            .await;
            sent(
                &stranger,
                "/login",
                &[("email", &email), ("password", text)],
            )
            .await;
            sent(&admin, "/account/name", &[("name", text)]).await;
            sent(&admin, "/account/tokens", &[("name", text), ("id", text)]).await;
            let fields = [("role", "viewer"), ("email", text.as_str()), ("id", text)];
            let status = sent(&admin, "/people/invites", &fields).await;
            assert_eq!(status, 422, "no address: {:.40}", text);
            sent(&admin, "/people/invites", &[("role", text)]).await;
            sent(&admin, "/theme", &[("theme", text), ("back", text)]).await;
            if text.len() < 1_000 {
                let query = serde_urlencoded::to_string([
                    ("q", text),
                    ("action", text),
                    ("from", text),
                    ("cursor", text),
                    ("next", text),
                ])
                .unwrap();
                for path in ["/audit", "/audit.json", "/login", "/people"] {
                    let answer = admin.get(&format!("{path}?{query}")).await;
                    assert!(answer.status < 500, "{path}: {}", answer.text);
                }
                let path = serde_urlencoded::to_string([("", text)])
                    .unwrap()
                    .replace('+', "%20");
                for door in ["invite", "setup"] {
                    let answer = stranger.get(&format!("/{door}/{}", &path[1..])).await;
                    assert!(answer.status < 500, "{door}: {}", answer.text);
                    is_harmless(&answer.text);
                }
            }
        }
        for path in ["/account", "/people", "/audit", "/incidents"] {
            is_harmless(&admin.get(path).await.expect(200).text);
        }
        admin
            .form("/account/name", &[("name", "Ada Admin")])
            .await
            .expect(303);
    }
}

#[tokio::test]
async fn an_invitation_takes_no_hostile_person() {
    for server in TestServer::each().await {
        let (stranger, admin) = (server.client(Who::Stranger), server.client(Who::Admin));
        let made = admin
            .form("/people/invites", &[("role", "viewer")])
            .await
            .expect(201);
        let link = value(&made.text, "made-link").to_owned();
        let path = link.strip_prefix(&server.main).unwrap();
        for text in &texts() {
            let fields = [("name", text.as_str()), ("email", text), ("password", text)];
            assert_eq!(sent(&stranger, path, &fields).await, 422);
        }
        let agent = stranger
            .request("POST", path)
            .header("user-agent", "<script>alert(1)</script>\t é")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "name=%3Cscript%3Ealert%281%29&email=x%40example.org&password={}",
                PASSWORD.replace(' ', "+")
            ))
            .send()
            .await
            .unwrap();
        assert_eq!(agent.status().as_u16(), 303);
        let cookie = super::cookie(agent.headers());
        let newcomer = stranger.with_cookie(&cookie);
        is_harmless(&newcomer.get("/account").await.expect(200).text);
        is_harmless(&admin.get("/people").await.expect(200).text);
    }
}

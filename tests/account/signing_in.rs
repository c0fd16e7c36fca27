use super::{audit_lines, between, cookie, sign_in, value};
use crate::support::{Client, PASSWORD, TestServer, Who, new_id};

#[tokio::test]
async fn signing_in_begins_a_new_session_and_leads_where_one_was_going() {
    for server in TestServer::each().await {
        let stranger = server.client(Who::Stranger);
        let email = Who::Responder.email();
        let typed = |next: &'static str| {
            [
                ("email", email.clone()),
                ("password", PASSWORD.into()),
                ("next", next.into()),
            ]
        };
        let form = async |client: &Client, fields: [(&str, String); 3]| {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            client.form("/login", &fields).await
        };
        let first = form(&stranger, typed("/incidents/new?a=b"))
            .await
            .expect(303);
        assert_eq!(first.header("location"), "/incidents/new?a=b");
        let outside = form(&stranger, typed("//evil.example/")).await.expect(303);
        assert_eq!(outside.header("location"), "/incidents");

        // The session a browser brings along ends: an attacker may have planted it.
        let old = stranger.with_cookie(&cookie(&first.headers));
        old.get("/account").await.expect(200);
        assert_eq!(
            old.get("/login?next=/audit")
                .await
                .expect(303)
                .header("location"),
            "/audit"
        );
        let second = form(&old, typed("/")).await.expect(303);
        assert_ne!(cookie(&first.headers), cookie(&second.headers));
        assert_eq!(
            old.get("/account").await.expect(303).header("location"),
            "/login?next=/account"
        );

        let new = stranger.with_cookie(&cookie(&second.headers));
        let out = new.form("/logout", &[]).await.expect(303);
        assert_eq!(out.header("location"), "/login");
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        new.get("/account").await.expect(303);
        new.form("/logout", &[]).await.expect(303);

        let refused = form(
            &stranger,
            [
                ("email", email.clone()),
                ("password", "wrong".into()),
                ("next", "/x".into()),
            ],
        );
        let refused = refused.await.expect(422);
        assert_eq!(value(&refused.text, "f-email"), email);
        assert!(
            refused.text.contains("do not go together") && refused.text.contains("value=\"/x\"")
        );
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_owner_stays_signed_in() {
    for server in TestServer::each().await {
        let (stranger, owner) = (
            server.client(Who::Stranger),
            sign_in(&server, Who::Responder).await,
        );
        let guess = async || {
            let email = Who::Responder.email();
            stranger
                .form(
                    "/login",
                    &[("email", email.as_str()), ("password", "guess")],
                )
                .await
        };
        for _ in 0..10 {
            guess().await.expect(422);
        }
        let slowed = guess().await.expect(429);
        let wait: i64 = slowed.header("retry-after").parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        assert!(slowed.text.contains("Too many attempts failed"));
        assert_eq!(value(&slowed.text, "f-email"), Who::Responder.email());
        owner.get("/account").await.expect(200);
        let admin = server.client(Who::Admin);
        assert_eq!(audit_lines(&admin, "?action=login.failed").await.len(), 10);
        let throttled = audit_lines(&admin, "?action=login.throttled").await;
        assert_eq!(
            (throttled.len(), throttled[0]["subject"].as_str()),
            (1, Some(&*Who::Responder.email()))
        );
    }
}

#[tokio::test]
async fn the_example_is_entered_without_a_password_and_nothing_else_is() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    stranger.get("/example").await.expect(404);
    let user = server.person(Who::Admin).id.clone();
    stranger
        .form("/example/enter", &[("user", &user)])
        .await
        .expect(404);

    let example = TestServer::empty(&["--example"]).await;
    let stranger = example.client(Who::Stranger);
    assert!(
        stranger
            .get("/login")
            .await
            .expect(200)
            .text
            .contains("This is the example.")
    );
    let page = stranger.get("/example").await.expect(200).text;
    let grace = page
        .split("<form")
        .find(|form| form.contains("Grace Obi"))
        .unwrap();
    let user = between(grace, "name=\"user\" value=\"", "\"");
    let entered = stranger
        .form("/example/enter", &[("user", user)])
        .await
        .expect(303);
    stranger
        .with_cookie(&cookie(&entered.headers))
        .get("/audit")
        .await
        .expect(200);
    stranger
        .form("/example/enter", &[("user", &new_id())])
        .await
        .expect(404);
    stranger
        .form("/example/enter", &[("user", "nobody")])
        .await
        .expect(404);
}

//! Accounts as people use them: set-up, invitations, signing in, sessions,
//! tokens, the audit log, on every database there is.

use crate::support::{Client, PASSWORD, TestServer, Who, new_id};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The cookie that an answer begins a session with.
fn cookie(headers: &HeaderMap) -> String {
    let of_session = headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .find(|value| value.starts_with("__Host-rideout="));
    of_session.expect("a session").split(';').next().unwrap().to_owned()
}

async fn sign_in(server: &TestServer, who: Who) -> Client {
    let stranger = server.client(Who::Stranger);
    let answer = stranger.form("/login", &[("email", &who.email()), ("password", PASSWORD)]).await.expect(303);
    stranger.with_cookie(&cookie(&answer.headers))
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    &text[start..start + text[start..].find(after).unwrap()]
}

/// The value of a field of a page.
fn value<'a>(page: &'a str, id: &str) -> &'a str {
    let tag = between(page, &format!("id=\"{id}\""), ">");
    tag.split("value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap())
}

async fn audit(client: &Client, query: &str) -> Vec<Value> {
    let log = client.get(&format!("/audit.json{query}")).await.expect(200);
    log.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_admin_who_invites_the_rest() {
    let server = TestServer::empty(&[]).await;
    let stranger = server.client(Who::Stranger);
    let line = server.printed.iter().find_map(|line| line.strip_prefix("Set up: ")).expect("a set-up link");
    let setup = line.strip_prefix(&server.main).unwrap();
    assert!(stranger.get("/login").await.expect(200).text.contains("Open the set-up link"));

    // What is wrong stands beside its field, and nothing typed is lost but the password.
    let page = stranger.get(setup).await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    let typed = [("name", "Grace <b>Obi</b>"), ("email", "no address"), ("password", "tooshort")];
    let refused = stranger.form(setup, &typed).await.expect(422);
    assert_eq!(value(&refused.text, "f-name"), "Grace &lt;b&gt;Obi&lt;/b&gt;");
    assert_eq!(value(&refused.text, "f-email"), "no address");
    assert!(refused.text.contains("is not an e-mail address") && refused.text.contains("These are 8 characters"));
    assert!(!refused.text.contains("tooshort"));

    let typed = [("name", "Grace Obi"), ("email", "grace@example.org"), ("password", PASSWORD)];
    let done = stranger.form(setup, &typed).await.expect(303);
    assert_eq!(done.header("location"), "/people");
    let grace = stranger.with_cookie(&cookie(&done.headers));
    assert!(grace.get("/people").await.expect(200).text.contains("You are alone here"));
    let gone = stranger.form(setup, &typed).await.expect(410);
    assert!(gone.text.contains("This link no longer works"));

    // The link is shown in the answer to the form, once.
    let id = new_id();
    let form = [("id", id.as_str()), ("role", "commander"), ("email", "omar@example.org")];
    let made = grace.form("/people/invites", &form).await.expect(201);
    let link = value(&made.text, "made-link").to_owned();
    let path = link.strip_prefix(&server.main).unwrap();
    let again = grace.form("/people/invites", &form).await.expect(303);
    assert_eq!(again.header("location"), "/people#invites");
    let list = grace.get("/people").await.expect(200);
    assert!(list.text.contains("omar@example.org") && !list.text.contains(path));
    assert_eq!(list.text.matches("/people/invites/").count(), 1, "sent twice, made once");

    let page = stranger.get(path).await.expect(200);
    assert!(page.text.contains("Grace Obi invites you as commander"));
    let elsewhere = path.replace("/invite/", "/setup/");
    assert_eq!(stranger.get(&elsewhere).await.expect(303).header("location"), path);
    let typed = [("name", "Omar"), ("email", "omar@example.org"), ("password", "platform engineer on call")];
    let done = stranger.form(path, &typed).await.expect(303);
    assert_eq!(done.header("location"), "/incidents");
    let omar = stranger.with_cookie(&cookie(&done.headers));
    omar.get("/account").await.expect(200);
    omar.get("/people").await.expect(403);
    stranger.get(path).await.expect(410);
    stranger.get("/invite/made-up").await.expect(404);

    // Links and tokens are in no log line.
    let log = server.log();
    for secret in [setup, path, cookie(&done.headers).split('=').nth(1).unwrap()] {
        let secret = secret.rsplit('/').next().unwrap();
        assert!(secret.len() > 40 && !log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn signing_in_begins_a_new_session_and_leads_where_one_was_going() {
    for server in TestServer::each().await {
        let stranger = server.client(Who::Stranger);
        let email = Who::Responder.email();
        let typed = |next: &'static str| [("email", email.clone()), ("password", PASSWORD.into()), ("next", next.into())];
        let form = async |client: &Client, fields: [(&str, String); 3]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            client.form("/login", &fields).await
        };
        let first = form(&stranger, typed("/incidents/new?a=b")).await.expect(303);
        assert_eq!(first.header("location"), "/incidents/new?a=b");
        let outside = form(&stranger, typed("//evil.example/")).await.expect(303);
        assert_eq!(outside.header("location"), "/incidents");

        // The session a browser brings along ends: an attacker may have planted it.
        let old = stranger.with_cookie(&cookie(&first.headers));
        old.get("/account").await.expect(200);
        assert_eq!(old.get("/login?next=/audit").await.expect(303).header("location"), "/audit");
        let second = form(&old, typed("/")).await.expect(303);
        assert_ne!(cookie(&first.headers), cookie(&second.headers));
        assert_eq!(old.get("/account").await.expect(303).header("location"), "/login?next=/account");

        let new = stranger.with_cookie(&cookie(&second.headers));
        let out = new.form("/logout", &[]).await.expect(303);
        assert_eq!(out.header("location"), "/login");
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        new.get("/account").await.expect(303);
        new.form("/logout", &[]).await.expect(303);

        let refused = form(&stranger, [("email", email.clone()), ("password", "wrong".into()), ("next", "/x".into())]);
        let refused = refused.await.expect(422);
        assert_eq!(value(&refused.text, "f-email"), email);
        assert!(refused.text.contains("do not go together") && refused.text.contains("value=\"/x\""));
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_owner_stays_signed_in() {
    for server in TestServer::each().await {
        let (stranger, owner) = (server.client(Who::Stranger), sign_in(&server, Who::Responder).await);
        let guess = async || {
            let email = Who::Responder.email();
            stranger.form("/login", &[("email", email.as_str()), ("password", "guess")]).await
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
        assert_eq!(audit(&admin, "?action=login.failed").await.len(), 10);
        let throttled = audit(&admin, "?action=login.throttled").await;
        assert_eq!((throttled.len(), throttled[0]["subject"].as_str()), (1, Some(&*Who::Responder.email())));
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = TestServer::start().await;
    let (here, there) = (sign_in(&server, Who::Viewer).await, sign_in(&server, Who::Viewer).await);
    let page = here.get("/account").await.expect(200).text;
    assert_eq!(page.matches("this one").count(), 1);
    let ends = page.split("/account/sessions/").filter_map(|rest| rest.split_once("/end\"")).map(|(id, _)| id);
    let [other] = ends.filter(|id| id.len() == 36).collect::<Vec<_>>()[..] else { panic!("{page}") };
    // Others cannot end it, and cannot tell whether it exists.
    server.client(Who::Admin).form(&format!("/account/sessions/{other}/end"), &[]).await.expect(404);
    there.get("/account").await.expect(200);
    here.form(&format!("/account/sessions/{other}/end"), &[]).await.expect(303);
    there.get("/account").await.expect(303);

    let third = sign_in(&server, Who::Viewer).await;
    here.form("/account/sessions/end-others", &[]).await.expect(303);
    third.get("/account").await.expect(303);
    here.get("/account").await.expect(200);

    let fourth = sign_in(&server, Who::Viewer).await;
    let wrong = [("current_password", "not it"), ("password", "a brand new sentence")];
    let refused = here.form("/account/password", &wrong).await.expect(422);
    assert!(refused.text.contains("This is not your present password."));
    let right = [("current_password", PASSWORD), ("password", "a brand new sentence")];
    here.form("/account/password", &right).await.expect(303);
    here.get("/account").await.expect(200);
    fourth.get("/account").await.expect(303);
    let stranger = server.client(Who::Stranger);
    stranger.form("/login", &[("email", &Who::Viewer.email()), ("password", PASSWORD)]).await.expect(422);
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_revoked() {
    for server in TestServer::each().await {
        let browser = sign_in(&server, Who::Responder).await;
        let refused = browser.form("/account/tokens", &[("name", "  ")]).await.expect(422);
        assert!(refused.text.contains("The name is empty"));
        let id = new_id();
        let made = browser.form("/account/tokens", &[("id", &id), ("name", "deploy <script>")]).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let token = value(&made.text, "made-token").to_owned();
        assert!(token.starts_with("rdo_"), "{token}");
        let again = browser.form("/account/tokens", &[("id", &id), ("name", "deploy <script>")]).await.expect(303);
        assert_eq!(again.header("location"), "/account#tokens");
        let page = browser.get("/account").await.expect(200);
        assert!(!page.text.contains(&token) && page.text.contains("deploy &lt;script&gt;"));

        let program = Client::new(&server.main, Some(token));
        program.get("/api/v1/me").await.expect(200);
        program.declare("By a script").await;
        server.client(Who::Admin).form(&format!("/account/tokens/{id}/revoke"), &[]).await.expect(404);
        browser.form(&format!("/account/tokens/{id}/revoke"), &[]).await.expect(303);
        program.get("/api/v1/me").await.expect(401);
    }
}

#[tokio::test]
async fn admins_change_roles_and_shut_people_out_at_once() {
    for server in TestServer::each().await {
        let (admin, bea) = (sign_in(&server, Who::Admin).await, sign_in(&server, Who::Bystander).await);
        let (own, other) = (&server.person(Who::Admin).id, &server.person(Who::Bystander).id);
        bea.get("/incidents/new").await.expect(200);
        admin.form(&format!("/people/{other}/role"), &[("role", "viewer")]).await.expect(303);
        bea.get("/incidents/new").await.expect(403);
        admin.form(&format!("/people/{other}/role"), &[("role", "boss")]).await.expect(422);

        // The last admin stays, and nobody shuts themselves out.
        let refused = admin.form(&format!("/people/{own}/role"), &[("role", "viewer")]).await.expect(409);
        assert!(refused.text.contains("is the only admin") && refused.text.contains("<h1>People</h1>"));
        let refused = admin.form(&format!("/people/{own}/disable"), &[]).await.expect(409);
        assert!(refused.text.contains("You cannot disable your own account"));

        let program = server.client(Who::Bystander);
        program.get("/api/v1/me").await.expect(200);
        admin.form(&format!("/people/{other}/disable"), &[]).await.expect(303);
        bea.get("/account").await.expect(303);
        program.get("/api/v1/me").await.expect(401);
        let typed = [("email", &*Who::Bystander.email()), ("password", PASSWORD)];
        server.client(Who::Stranger).form("/login", &typed).await.expect(422);
        admin.form(&format!("/people/{other}/enable"), &[]).await.expect(303);
        program.get("/api/v1/me").await.expect(200);
        sign_in(&server, Who::Bystander).await;

        let said: Vec<_> = audit(&admin, "?action=user").await.into_iter().map(|one| one["action"].clone()).collect();
        assert_eq!(said[..3], ["user.enabled", "user.disabled", "user.role"]);
    }
}

#[tokio::test]
async fn live_pages_of_those_who_are_out_end_at_once() {
    let server = TestServer::start().await;
    let admin = server.client(Who::Admin);
    let incident = admin.declare("Watched").await;
    let watch = async |client: &Client| {
        let request = client.request("GET", &format!("/incidents/{incident}/live"));
        let mut response = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.chunk().await.unwrap().expect("a first sign of life");
        response
    };
    let ends = async |mut response: reqwest::Response| {
        let to_the_end = async { while response.chunk().await.unwrap_or_default().is_some() {} };
        tokio::time::timeout(std::time::Duration::from_secs(20), to_the_end).await.expect("the stream ends");
    };
    let viewer = sign_in(&server, Who::Viewer).await;
    let watched = watch(&viewer).await;
    let person = &server.person(Who::Viewer).id;
    admin.form(&format!("/people/{person}/disable"), &[]).await.expect(303);
    ends(watched).await;
    let responder = sign_in(&server, Who::Responder).await;
    let watched = watch(&responder).await;
    responder.form("/logout", &[]).await.expect(303);
    ends(watched).await;
}

#[tokio::test]
async fn a_new_name_shows_in_every_room() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Commander).await;
    let incident = server.client(Who::Commander).declare("Renaming").await;
    let path = format!("/incidents/{incident}");
    assert!(browser.get(&path).await.expect(200).text.contains("Carl Commander"));
    browser.form("/account/name", &[("name", "Carla <i>Commander</i>")]).await.expect(303);
    let page = browser.get(&path).await.expect(200).text;
    let timeline = &page[page.find("id=\"timeline\"").unwrap()..];
    let timeline = &timeline[..timeline.find("</ol>").unwrap()];
    assert!(timeline.contains("Carla &lt;i&gt;Commander&lt;/i&gt;"), "{timeline}");
    assert!(!timeline.contains("Carl Commander"), "{timeline}");
    let refused = browser.form("/account/name", &[("name", "x".repeat(101).as_str())]).await.expect(422);
    assert_eq!(value(&refused.text, "f-name").len(), 101, "nothing typed is lost");
}

#[tokio::test]
async fn the_audit_log_is_read_filtered_and_exported() {
    for server in TestServer::each().await {
        let admin = server.client(Who::Admin);
        for n in 0..3 {
            admin.form("/account/tokens", &[("name", &format!("=HYPERLINK({n})"))]).await.expect(201);
        }
        let page = admin.get("/audit?action=token&q=hyperlink").await.expect(200).text;
        assert_eq!(page.matches("made the API token").count(), 3);
        assert!(page.contains("/audit.csv?action=token&amp;q=hyperlink"));
        let none = admin.get("/audit?q=nowhere-to-be-found").await.expect(200).text;
        assert!(none.contains("Nothing matches."));
        let wrong = admin.get("/audit?from=yesterday").await.expect(422).text;
        assert!(wrong.contains("Write a day as") && wrong.contains("value=\"yesterday\""));

        let csv = admin.get("/audit.csv?action=token&q=hyperlink").await.expect(200);
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"rideout-audit.csv\"");
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(csv.text.lines().count(), 4);
        assert!(csv.text.contains("\"'=HYPERLINK(2)\""), "{}", csv.text);
        let lines = audit(&admin, "?action=audit.exported").await;
        assert_eq!(lines.len(), 2, "this export, too");
        assert_eq!(lines[1]["subject"], "CSV");
        admin.get("/audit.csv?until=x").await.expect(422);
        server.client(Who::Commander).get("/audit.json").await.expect(403);
    }
}

#[tokio::test]
async fn the_log_is_exported_whole_however_long() {
    let server = TestServer::start().await;
    let (admin, stranger) = (server.client(Who::Admin), server.client(Who::Stranger));
    // More than the database gives at once cannot be made by hand in a test; two
    // pages of the screen can.
    for n in 0..110 {
        let (name, viewer) = (format!("Name {n}"), server.client(Who::Viewer));
        viewer.form("/account/name", &[("name", &name)]).await.expect(303);
    }
    let first = admin.get("/audit?action=user.renamed").await.expect(200).text;
    assert_eq!(first.matches("<tr>").count(), 101, "a head and 100 lines");
    let older = between(&first, "href=\"/audit?action=user.renamed&amp;cursor=", "\"").to_owned();
    let second = admin.get(&format!("/audit?action=user.renamed&cursor={older}")).await.expect(200).text;
    assert_eq!(second.matches("<tr>").count(), 11);
    assert!(second.contains("Back to the newest"));
    assert_eq!(audit(&admin, "?action=user.renamed").await.len(), 110);
    stranger.get("/audit").await.expect(303);
}

#[tokio::test]
async fn the_example_is_entered_without_a_password_and_nothing_else_is() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    stranger.get("/example").await.expect(404);
    let user = server.person(Who::Admin).id.clone();
    stranger.form("/example/enter", &[("user", &user)]).await.expect(404);

    let example = TestServer::empty(&["--example"]).await;
    let stranger = example.client(Who::Stranger);
    assert!(stranger.get("/login").await.expect(200).text.contains("This is the example."));
    let page = stranger.get("/example").await.expect(200).text;
    let grace = page.split("<form").find(|form| form.contains("Grace Obi")).unwrap();
    let user = between(grace, "name=\"user\" value=\"", "\"");
    let entered = stranger.form("/example/enter", &[("user", user)]).await.expect(303);
    stranger.with_cookie(&cookie(&entered.headers)).get("/audit").await.expect(200);
    stranger.form("/example/enter", &[("user", &new_id())]).await.expect(404);
    stranger.form("/example/enter", &[("user", "nobody")]).await.expect(404);
}

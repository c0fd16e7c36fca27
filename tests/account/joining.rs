use super::{cookie, value};
use crate::support::{PASSWORD, TestServer, Who, new_id};

#[tokio::test]
async fn the_set_up_link_makes_the_first_admin_who_invites_the_rest() {
    let server = TestServer::empty(&[]).await;
    let stranger = server.client(Who::Stranger);
    let line = server
        .printed
        .iter()
        .find_map(|line| line.strip_prefix("Set up: "))
        .expect("a set-up link");
    let setup = line.strip_prefix(&server.main).unwrap();
    assert!(
        stranger
            .get("/login")
            .await
            .expect(200)
            .text
            .contains("Open the set-up link")
    );

    // What is wrong stands beside its field, and nothing typed is lost but the password.
    let page = stranger.get(setup).await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    let typed = [
        ("name", "Grace <b>Obi</b>"),
        ("email", "no address"),
        ("password", "tooshort"),
    ];
    let refused = stranger.form(setup, &typed).await.expect(422);
    assert_eq!(
        value(&refused.text, "f-name"),
        "Grace &lt;b&gt;Obi&lt;/b&gt;"
    );
    assert_eq!(value(&refused.text, "f-email"), "no address");
    assert!(
        refused.text.contains("is not an e-mail address")
            && refused.text.contains("These are 8 characters")
    );
    assert!(!refused.text.contains("tooshort"));

    let typed = [
        ("name", "Grace Obi"),
        ("email", "grace@example.org"),
        ("password", PASSWORD),
    ];
    let done = stranger.form(setup, &typed).await.expect(303);
    assert_eq!(done.header("location"), "/people");
    let grace = stranger.with_cookie(&cookie(&done.headers));
    assert!(
        grace
            .get("/people")
            .await
            .expect(200)
            .text
            .contains("You are alone here")
    );
    let gone = stranger.form(setup, &typed).await.expect(410);
    assert!(gone.text.contains("This link no longer works"));

    // The link is shown in the answer to the form, once.
    let id = new_id();
    let form = [
        ("id", id.as_str()),
        ("role", "commander"),
        ("email", "omar@example.org"),
    ];
    let made = grace.form("/people/invites", &form).await.expect(201);
    let link = value(&made.text, "made-link").to_owned();
    let path = link.strip_prefix(&server.main).unwrap();
    let again = grace.form("/people/invites", &form).await.expect(303);
    assert_eq!(again.header("location"), "/people#invites");
    let list = grace.get("/people").await.expect(200);
    assert!(list.text.contains("omar@example.org") && !list.text.contains(path));
    assert_eq!(
        list.text.matches("/people/invites/").count(),
        1,
        "sent twice, made once"
    );

    let page = stranger.get(path).await.expect(200);
    assert!(
        page.text
            .contains("Grace Obi invites you with the role commander, who also redacts")
    );
    let elsewhere = path.replace("/invite/", "/setup/");
    assert_eq!(
        stranger
            .get(&elsewhere)
            .await
            .expect(303)
            .header("location"),
        path
    );
    let typed = [
        ("name", "Omar"),
        ("email", "omar@example.org"),
        ("password", "platform engineer on call"),
    ];
    let done = stranger.form(path, &typed).await.expect(303);
    assert_eq!(done.header("location"), "/incidents");
    let omar = stranger.with_cookie(&cookie(&done.headers));
    omar.get("/account").await.expect(200);
    omar.get("/people").await.expect(403);
    stranger.get(path).await.expect(410);
    stranger.get("/invite/made-up").await.expect(404);

    // Links and tokens are in no log line.
    let log = server.log();
    for secret in [
        setup,
        path,
        cookie(&done.headers).split('=').nth(1).unwrap(),
    ] {
        let secret = secret.rsplit('/').next().unwrap();
        assert!(
            secret.len() > 40 && !log.contains(secret),
            "{secret} is in the log"
        );
    }
}

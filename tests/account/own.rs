use super::{sign_in, value};
use crate::support::{Client, PASSWORD, TestServer, Who, new_id};

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = TestServer::start().await;
    let (here, there) = (
        sign_in(&server, Who::Viewer).await,
        sign_in(&server, Who::Viewer).await,
    );
    let page = here.get("/account").await.expect(200).text;
    assert_eq!(page.matches("this one").count(), 1);
    let ends = page
        .split("/account/sessions/")
        .filter_map(|rest| rest.split_once("/end\""))
        .map(|(id, _)| id);
    let [other] = ends.filter(|id| id.len() == 36).collect::<Vec<_>>()[..] else {
        panic!("{page}")
    };
    // Others cannot end it, and cannot tell whether it exists.
    server
        .client(Who::Admin)
        .form(&format!("/account/sessions/{other}/end"), &[])
        .await
        .expect(404);
    there.get("/account").await.expect(200);
    here.form(&format!("/account/sessions/{other}/end"), &[])
        .await
        .expect(303);
    there.get("/account").await.expect(303);

    let third = sign_in(&server, Who::Viewer).await;
    here.form("/account/sessions/end-others", &[])
        .await
        .expect(303);
    third.get("/account").await.expect(303);
    here.get("/account").await.expect(200);

    let fourth = sign_in(&server, Who::Viewer).await;
    let wrong = [
        ("current_password", "not it"),
        ("password", "a brand new sentence"),
    ];
    let refused = here.form("/account/password", &wrong).await.expect(422);
    assert!(refused.text.contains("This is not your present password."));
    let right = [
        ("current_password", PASSWORD),
        ("password", "a brand new sentence"),
    ];
    here.form("/account/password", &right).await.expect(303);
    here.get("/account").await.expect(200);
    fourth.get("/account").await.expect(303);
    let stranger = server.client(Who::Stranger);
    stranger
        .form(
            "/login",
            &[("email", &Who::Viewer.email()), ("password", PASSWORD)],
        )
        .await
        .expect(422);
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_revoked() {
    for server in TestServer::each().await {
        let browser = sign_in(&server, Who::Responder).await;
        let refused = browser
            .form("/account/tokens", &[("name", "  ")])
            .await
            .expect(422);
        assert!(refused.text.contains("The name is empty"));
        let id = new_id();
        let made = browser
            .form(
                "/account/tokens",
                &[("id", &id), ("name", "deploy <script>")],
            )
            .await
            .expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let token = value(&made.text, "made-token").to_owned();
        assert!(token.starts_with("rdo_"), "{token}");
        let again = browser
            .form(
                "/account/tokens",
                &[("id", &id), ("name", "deploy <script>")],
            )
            .await
            .expect(303);
        assert_eq!(again.header("location"), "/account#tokens");
        let page = browser.get("/account").await.expect(200);
        assert!(!page.text.contains(&token) && page.text.contains("deploy &lt;script&gt;"));

        let program = Client::new(&server.main, Some(token));
        program.get("/api/v1/me").await.expect(200);
        program.declare("By a script").await;
        server
            .client(Who::Admin)
            .form(&format!("/account/tokens/{id}/revoke"), &[])
            .await
            .expect(404);
        browser
            .form(&format!("/account/tokens/{id}/revoke"), &[])
            .await
            .expect(303);
        program.get("/api/v1/me").await.expect(401);
    }
}

#[tokio::test]
async fn a_new_name_shows_in_every_room() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Commander).await;
    let incident = server.client(Who::Commander).declare("Renaming").await;
    let path = format!("/incidents/{incident}");
    assert!(
        browser
            .get(&path)
            .await
            .expect(200)
            .text
            .contains("Carl Commander")
    );
    browser
        .form("/account/name", &[("name", "Carla <i>Commander</i>")])
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200).text;
    let timeline = &page[page.find("id=\"timeline\"").unwrap()..];
    let timeline = &timeline[..timeline.find("</ol>").unwrap()];
    assert!(
        timeline.contains("Carla &lt;i&gt;Commander&lt;/i&gt;"),
        "{timeline}"
    );
    assert!(!timeline.contains("Carl Commander"), "{timeline}");
    let refused = browser
        .form("/account/name", &[("name", "x".repeat(101).as_str())])
        .await
        .expect(422);
    assert_eq!(
        value(&refused.text, "f-name").len(),
        101,
        "nothing typed is lost"
    );
}

use super::{audit_lines, sign_in};
use crate::support::{Client, PASSWORD, TestServer, Who};

#[tokio::test]
async fn admins_change_roles_and_shut_people_out_at_once() {
    for server in TestServer::each().await {
        let (admin, bea) = (
            sign_in(&server, Who::Admin).await,
            sign_in(&server, Who::Bystander).await,
        );
        let (own, other) = (
            &server.person(Who::Admin).id,
            &server.person(Who::Bystander).id,
        );
        bea.get("/incidents/new").await.expect(200);
        admin
            .form(&format!("/people/{other}/role"), &[("role", "viewer")])
            .await
            .expect(303);
        bea.get("/incidents/new").await.expect(403);
        admin
            .form(&format!("/people/{other}/role"), &[("role", "boss")])
            .await
            .expect(422);

        // The last admin stays, and nobody shuts themselves out.
        let refused = admin
            .form(&format!("/people/{own}/role"), &[("role", "viewer")])
            .await
            .expect(409);
        assert!(
            refused.text.contains("is the only admin") && refused.text.contains("<h1>People</h1>")
        );
        let refused = admin
            .form(&format!("/people/{own}/disable"), &[])
            .await
            .expect(409);
        assert!(refused.text.contains("You cannot disable your own account"));

        let program = server.client(Who::Bystander);
        program.get("/api/v1/me").await.expect(200);
        admin
            .form(&format!("/people/{other}/disable"), &[])
            .await
            .expect(303);
        bea.get("/account").await.expect(303);
        program.get("/api/v1/me").await.expect(401);
        let typed = [("email", &*Who::Bystander.email()), ("password", PASSWORD)];
        server
            .client(Who::Stranger)
            .form("/login", &typed)
            .await
            .expect(422);
        admin
            .form(&format!("/people/{other}/enable"), &[])
            .await
            .expect(303);
        program.get("/api/v1/me").await.expect(200);
        sign_in(&server, Who::Bystander).await;

        let said: Vec<_> = audit_lines(&admin, "?action=user")
            .await
            .into_iter()
            .map(|one| one["action"].clone())
            .collect();
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
        let mut response = request
            .header("accept", "text/event-stream")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        response
            .chunk()
            .await
            .unwrap()
            .expect("a first sign of life");
        response
    };
    let ends = async |mut response: reqwest::Response| {
        let to_the_end = async { while response.chunk().await.unwrap_or_default().is_some() {} };
        tokio::time::timeout(std::time::Duration::from_secs(20), to_the_end)
            .await
            .expect("the stream ends");
    };
    let viewer = sign_in(&server, Who::Viewer).await;
    let watched = watch(&viewer).await;
    let person = &server.person(Who::Viewer).id;
    admin
        .form(&format!("/people/{person}/disable"), &[])
        .await
        .expect(303);
    ends(watched).await;
    let responder = sign_in(&server, Who::Responder).await;
    let watched = watch(&responder).await;
    responder.form("/logout", &[]).await.expect(303);
    ends(watched).await;
}

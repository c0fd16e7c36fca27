use super::{audit_lines, between};
use crate::support::{TestServer, Who};

#[tokio::test]
async fn the_audit_log_is_read_filtered_and_exported() {
    for server in TestServer::each().await {
        let admin = server.client(Who::Admin);
        for n in 0..3 {
            admin
                .form("/account/tokens", &[("name", &format!("=HYPERLINK({n})"))])
                .await
                .expect(201);
        }
        let page = admin
            .get("/audit?action=token&q=hyperlink")
            .await
            .expect(200)
            .text;
        assert_eq!(page.matches("made the API token").count(), 3);
        assert!(page.contains("/audit.csv?action=token&amp;q=hyperlink"));
        let none = admin
            .get("/audit?q=nowhere-to-be-found")
            .await
            .expect(200)
            .text;
        assert!(none.contains("Nothing matches."));
        let wrong = admin.get("/audit?from=yesterday").await.expect(422).text;
        assert!(wrong.contains("Write a day as") && wrong.contains("value=\"yesterday\""));

        let csv = admin
            .get("/audit.csv?action=token&q=hyperlink")
            .await
            .expect(200);
        assert_eq!(
            csv.header("content-disposition"),
            "attachment; filename=\"rideout-audit.csv\""
        );
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(csv.text.lines().count(), 4);
        assert!(csv.text.contains("\"'=HYPERLINK(2)\""), "{}", csv.text);
        let lines = audit_lines(&admin, "?action=audit.exported").await;
        assert_eq!(lines.len(), 2, "this export, too");
        assert_eq!(lines[1]["subject"], "CSV");
        admin.get("/audit.csv?until=x").await.expect(422);
        server
            .client(Who::Commander)
            .get("/audit.json")
            .await
            .expect(403);
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
        viewer
            .form("/account/name", &[("name", &name)])
            .await
            .expect(303);
    }
    let first = admin
        .get("/audit?action=user.renamed")
        .await
        .expect(200)
        .text;
    assert_eq!(first.matches("<tr>").count(), 101, "a head and 100 lines");
    let older = between(
        &first,
        "href=\"/audit?action=user.renamed&amp;cursor=",
        "\"",
    )
    .to_owned();
    let second = admin
        .get(&format!("/audit?action=user.renamed&cursor={older}"))
        .await
        .expect(200)
        .text;
    assert_eq!(second.matches("<tr>").count(), 11);
    assert!(second.contains("Back to the newest"));
    assert_eq!(audit_lines(&admin, "?action=user.renamed").await.len(), 110);
    stranger.get("/audit").await.expect(303);
}

//! Pages and forms, as a browser without JavaScript uses them.

use crate::{
    door::sign_in,
    support::{TestServer, Who, send},
};

#[tokio::test]
async fn an_incident_is_declared_by_a_form() {
    for server in TestServer::each().await {
        let browser = sign_in(&server, Who::Responder).await;
        let form = browser
            .get("/incidents/new?title=Slow+%26+sad")
            .await
            .expect(200);
        assert!(
            form.text.ends_with("</html>") && form.text.contains("value=\"Slow &amp; sad\""),
            "{}",
            form.text
        );
        let id = form
            .text
            .split("name=\"id\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let fields = [
            ("id", id.as_str()),
            ("title", "Reservations crawl"),
            ("severity", "SEV1"),
            ("services", "store, carrier"),
            ("started", "30"),
        ];
        let answer = browser.form("/incidents", &fields).await.expect(303);
        assert_eq!(answer.header("location"), format!("/incidents/{id}"));
        let again = browser.form("/incidents", &fields).await.expect(303);
        assert_eq!(
            again.header("location"),
            format!("/incidents/{id}"),
            "sent twice, it is one incident"
        );
        let list = browser.get("/incidents").await.expect(200);
        assert!(
            list.text.contains("Reservations crawl") && list.text.contains("INC-1"),
            "{}",
            list.text
        );
        assert!(!list.text.contains("INC-2"));
        let none = browser.get("/incidents?status=resolved").await.expect(200);
        assert!(!none.text.contains("INC-1"));
    }
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_typed() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Responder).await;
    let typed = "</textarea><script>alert(1)</script> \"quoted\"";
    let fields = [
        ("title", " "),
        ("severity", "SEV1"),
        ("services", "a, b"),
        ("description", typed),
        ("restricted", "on"),
    ];
    let page = browser.form("/incidents", &fields).await.expect(422);
    assert!(page.text.contains("The title is empty"), "{}", page.text);
    assert!(page.text.contains("value=\"a, b\""));
    assert!(
        page.text.contains("&lt;/textarea")
            && page.text.contains("&lt;script")
            && !page.text.contains("<script>alert(1)"),
        "{}",
        page.text
    );
    let bad = browser
        .form("/incidents", &[("title", "x"), ("severity", "SEV9")])
        .await
        .expect(422);
    assert!(bad.text.contains("SEV9"));
    let request = browser
        .request("POST", "/incidents")
        .header("content-type", "application/x-www-form-urlencoded");
    let page = send(request.body(b"title=%ff%fe".to_vec()))
        .await
        .expect(422);
    assert!(
        page.text.contains("UTF-8") && page.text.ends_with("</html>"),
        "{}",
        page.text
    );
    let request = browser
        .request("POST", "/incidents")
        .header("content-type", "text/plain");
    send(request.body("title=x")).await.expect(415);
}

#[tokio::test]
async fn every_error_page_is_whole_and_leads_on() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Viewer).await;
    for (path, status) in [
        ("/nowhere", 404),
        ("/incidents/not-an-id", 404),
        ("/people", 403),
        ("/incidents/new", 403),
        ("/health/live", 421),
    ] {
        let page = browser.get(path).await.expect(status);
        assert!(page.text.ends_with("</html>"), "{path}");
        assert!(
            page.text.contains("href=\"/incidents\""),
            "{path} leads nowhere"
        );
        assert!(
            page.text.contains(page.header("x-request-id")),
            "{path} names no request"
        );
    }
    let page = send(browser.request("HEAD", "/nowhere")).await.expect(404);
    assert_eq!(page.text, "");
    send(browser.request("DELETE", "/incidents"))
        .await
        .expect(405);
}

#[tokio::test]
async fn the_theme_is_kept_in_a_cookie_and_leads_back() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    let answer = stranger
        .form("/theme", &[("theme", "dark"), ("back", "/login")])
        .await
        .expect(303);
    assert_eq!(answer.header("location"), "/login");
    let page = stranger
        .with_cookie(answer.header("set-cookie").split(';').next().unwrap())
        .get("/login")
        .await
        .expect(200);
    assert!(page.text.contains("data-theme=\"dark\""));
    let answer = stranger
        .form("/theme", &[("theme", "system"), ("back", "//evil.example")])
        .await
        .expect(303);
    assert_eq!(answer.header("location"), "/");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
}

/// The form of the theme names no page, so without a script it led to the list.
#[tokio::test]
async fn a_theme_chosen_without_a_script_stays_on_the_page() {
    let public = "https://rideout.example.org";
    let server = TestServer::with(&["--public-url", public]).await;
    let leads_to = async |referer: &str| {
        let request = server
            .client(Who::Stranger)
            .request("POST", "/theme")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", referer)
            .body("theme=dark");
        let answer = send(request).await.expect(303);
        answer.header("location").to_owned()
    };
    let page = "/incidents?status=all&q=a%26b";
    assert_eq!(leads_to(&format!("{}{page}#top", server.main)).await, page);
    // A proxy in front need not pass on the name by which it was asked.
    assert_eq!(leads_to(&format!("{public}{page}")).await, page);
    for elsewhere in [
        "",
        "nonsense",
        "https://evil.example/incidents",
        "https://rideout.example.org.evil.example/incidents",
        "https://rideout.example.org//evil.example",
        "https://rideout.example.org/\\evil.example",
    ] {
        assert_eq!(leads_to(elsewhere).await, "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_ask_and_streams_are_not() {
    let server = TestServer::start().await;
    let viewer = server.client(Who::Viewer);
    for coding in ["gzip", "br"] {
        let answer = viewer
            .request("GET", "/incidents")
            .header("accept-encoding", coding)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-encoding"], coding);
    }
    let incident = server.client(Who::Responder).declare("Streamed").await;
    let stream = viewer
        .request("GET", &format!("/api/v1/incidents/{incident}/events"))
        .header("accept-encoding", "gzip, br");
    let stream = stream.send().await.unwrap();
    assert!(stream.headers().get("content-encoding").is_none());
}

//! What browsers may and may not do: headers, cookies, other sites.

use crate::support::{Client, PASSWORD, TestServer, Who, send};

/// Signs in by the form and returns the cookie.
pub(crate) async fn sign_in(server: &TestServer, who: Who) -> Client {
    let stranger = server.client(Who::Stranger);
    let answer = stranger
        .form("/login", &[("email", &who.email()), ("password", PASSWORD)])
        .await
        .expect(303);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-rideout="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    stranger.with_cookie(cookie.split(';').next().unwrap())
}

#[tokio::test]
async fn every_answer_tells_browsers_what_they_must_not_do() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    let mut nonces = Vec::new();
    for path in ["/login", "/nowhere", "/health/live", "/login"] {
        let page = stranger.get(path).await;
        let policy = page.header("content-security-policy").to_owned();
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        assert!(
            page.text.contains(&format!("nonce=\"{nonce}\"")),
            "{path} uses another nonce"
        );
        assert!(
            !page.text.contains("style=\""),
            "{path} has an inline style"
        );
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 4, "a nonce is used once");

    for path in ["/login", "/api/v1/me", "/robots.txt", "/", "/nowhere"] {
        let answer = stranger.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert_eq!(answer.header("x-request-id").len(), 36);
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "not over http"
        );
    }
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let server = TestServer::with(&["--public-url", "https://rideout.example.org"]).await;
    let answer = server.client(Who::Stranger).get("/login").await.expect(200);
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age=31536000")
    );
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_act() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Responder).await;
    let cookie = browser.request("GET", "/").build().unwrap().headers()["cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    let host = server.main.trim_start_matches("http://").to_owned();
    let stranger = server.client(Who::Stranger);
    let declare = |headers: &[(&str, &str)]| {
        let mut request = stranger
            .request("POST", "/incidents")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request.body("title=From+a+form&severity=SEV3"))
    };
    let with = ("cookie", cookie.as_str());
    for site in ["cross-site", "same-site", "nonsense"] {
        let answer = declare(&[with, ("sec-fetch-site", site)]).await.expect(403);
        assert!(answer.text.contains("another site"), "{}", answer.text);
    }
    declare(&[with, ("origin", "https://evil.example")])
        .await
        .expect(403);
    declare(&[with, ("origin", "null")]).await.expect(403);
    declare(&[with, ("origin", &format!("http://{host}.evil.example"))])
        .await
        .expect(403);
    declare(&[with]).await.expect(403);
    // What the browser says of itself outweighs the origin.
    declare(&[
        with,
        ("sec-fetch-site", "cross-site"),
        ("origin", &server.main),
    ])
    .await
    .expect(403);

    declare(&[with, ("sec-fetch-site", "same-origin")])
        .await
        .expect(303);
    declare(&[with, ("sec-fetch-site", "none")])
        .await
        .expect(303);
    declare(&[with, ("origin", &server.main)]).await.expect(303);
    // A program with a token is no browser; its cookies do not count.
    let token = format!("Bearer {}", server.person(Who::Responder).token);
    declare(&[("authorization", &token), ("sec-fetch-site", "cross-site")])
        .await
        .expect(303);
    declare(&[
        with,
        ("authorization", "Bearer wrong"),
        ("accept", "application/json"),
    ])
    .await
    .expect(401);
    // Reading is not acting.
    send(
        stranger
            .request("GET", "/incidents")
            .header("cookie", &cookie)
            .header("sec-fetch-site", "cross-site"),
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_come_back() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    let answer = stranger
        .get("/incidents?status=open&q=a%26b")
        .await
        .expect(303);
    assert_eq!(
        answer.header("location"),
        "/login?next=/incidents%3Fstatus%3Dopen%26q%3Da%2526b"
    );
    let answer = stranger.get("/api/v1/incidents").await.expect(401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(answer.json()["code"], "sign_in_needed");
    let answer = stranger
        .form("/incidents", &[("title", "x")])
        .await
        .expect(401);
    assert!(
        answer.text.contains("</html>"),
        "a form that was sent is not thrown away by a redirect"
    );
}

#[tokio::test]
async fn the_proxy_is_believed_only_when_it_is_trusted() {
    let server = TestServer::with(&["--trusted-proxies", "127.0.0.1"]).await;
    let untrusting = TestServer::start().await;
    for (server, address) in [(&server, "203.0.113.9"), (&untrusting, "127.0.0.1")] {
        let request = server.client(Who::Stranger).request("GET", "/robots.txt");
        send(request.header("x-forwarded-for", "198.51.100.1, 203.0.113.9"))
            .await
            .expect(200);
        assert!(
            server
                .log()
                .contains(&format!("client.address=\"{address}\"")),
            "{}",
            server.log()
        );
    }
}

#[tokio::test]
async fn the_log_tells_each_request_once_and_no_secret() {
    let server = TestServer::with(&["--log-format", "json"]).await;
    let stranger = server.client(Who::Stranger);
    stranger.get("/s/a-secret-of-a-stakeholder").await;
    stranger.get("/nowhere?token=hush").await.expect(404);
    server
        .client(Who::Viewer)
        .get("/api/v1/me")
        .await
        .expect(200);
    let log = server.log();
    assert!(
        !log.contains("a-secret-of-a-stakeholder") && !log.contains("hush"),
        "{log}"
    );
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let requests: Vec<_> = lines
        .iter()
        .filter(|line| line["target"] == "rideout::access")
        .collect();
    assert_eq!(requests.len(), 3);
    let last = requests[2];
    assert_eq!(
        (last["http.route"].as_str(), last["http.status"].as_u64()),
        (Some("/api/v1/me"), Some(200))
    );
    assert_eq!(
        last["actor.id"].as_str().unwrap(),
        server.person(Who::Viewer).id
    );
}

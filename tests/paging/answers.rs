//! A page arrives, and is answered: by the link in its mail, by the notice on
//! every page, by the API.

use super::{header, link, mail, page, settled, text_of, told};
use crate::{
    door::sign_in,
    support::{TestServer, Who, wait_until},
};
use serde_json::json;

#[tokio::test]
async fn a_page_arrives_by_mail_and_only_the_button_behind_its_link_acknowledges() {
    let Some((mails, url)) = mail(&[]).await else {
        return;
    };
    let server = TestServer::with(&[
        "--smtp-url",
        &url,
        "--public-url",
        "http://rideout.test:4000",
    ])
    .await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    page(&server, &incident, Who::Responder).await;
    assert_eq!(settled(&server).await, ["sent"]);
    let mail = &mails.mails()[0];
    assert!(
        mail.starts_with("X-Rcpt: responder@example.org\r\n"),
        "{mail}"
    );
    assert_eq!(header(mail, "Subject"), "SEV2 INC-1 Reservations time out");
    assert_eq!(header(mail, "From"), "Rideout <rideout@rideout.test>");
    assert!(
        text_of(mail).contains("You know the load balancer."),
        "{mail}"
    );
    assert!(
        text_of(mail).contains("http://rideout.test:4000/page/"),
        "{mail}"
    );

    // A mail scanner opens every link, again and again.
    let stranger = server.client(Who::Stranger);
    let (acknowledge, escalate) = (link(mail, "Acknowledge"), link(mail, "Escalate"));
    for path in [&acknowledge, &escalate, &acknowledge] {
        let shown = stranger.get(path).await.expect(200);
        assert!(shown.text.contains("Rosa Responder"), "{}", shown.text);
        assert!(shown.text.contains("INC-1 Reservations time out"));
        assert_eq!(shown.header("x-robots-tag"), "noindex, nofollow");
        assert_eq!(shown.header("cache-control"), "no-store");
        assert!(!shown.text.contains("leptos-island"));
    }
    assert_eq!(told(&server, &incident).await, ["paged"]);
    let notice = server.client(Who::Responder).get("/incidents").await.text;
    assert!(notice.contains("You are paged"));

    let done = stranger.form(&acknowledge, &[]).await.expect(200);
    assert!(
        done.text.contains("Rosa Responder acknowledged"),
        "{}",
        done.text
    );
    let again = stranger.form(&acknowledge, &[]).await.expect(200);
    assert!(again.text.contains("Rosa Responder acknowledged"));
    assert_eq!(
        told(&server, &incident).await,
        ["paged", "page_acknowledged"]
    );
    // Whoever came may still hand on.
    let handed_on = stranger.form(&escalate, &[]).await.expect(200).text;
    assert!(
        handed_on.contains("The next level has been called"),
        "{handed_on}"
    );
    let notice = server.client(Who::Responder).get("/incidents").await.text;
    assert!(!notice.contains("You are paged"));
}

#[tokio::test]
async fn a_test_arrives_by_mail_and_the_button_behind_its_link_confirms_the_route() {
    let Some((mails, url)) = mail(&[]).await else {
        return;
    };
    let server = TestServer::with(&["--smtp-url", &url]).await;
    let responder = server.client(Who::Responder);
    let route = format!("/api/v1/me/routes/{}", server.person(Who::Responder).id);
    let confirmed = async || {
        let shown = responder.get(&route).await.expect(200).json();
        shown["confirmed_at"].as_str().map(str::to_owned)
    };
    let body = json!({});
    responder
        .post(&format!("{route}/test"), &body)
        .await
        .expect(202);
    assert_eq!(settled(&server).await, ["sent"]);
    let mail = &mails.mails()[0];
    assert!(text_of(mail).contains("Rosa Responder asked for this test"));
    let path = link(mail, "This route works");
    let browser = sign_in(&server, Who::Responder).await;
    let own = async || browser.get("/account/reach").await.expect(200).text;
    assert!(own().await.contains("not confirmed yet"));

    // A mail scanner opens every link, again and again.
    let stranger = server.client(Who::Stranger);
    for _ in 0..2 {
        let shown = stranger.get(&path).await.expect(200);
        for words in ["A test for Rosa Responder", "responder@example.org"] {
            assert!(shown.text.contains(words), "{}", shown.text);
        }
        assert_eq!(shown.header("cache-control"), "no-store");
        assert!(!shown.text.contains("leptos-island"));
    }
    assert_eq!(confirmed().await, None);
    for _ in 0..2 {
        let done = stranger.form(&path, &[]).await.expect(200).text;
        assert!(done.contains("Confirmed"), "{done}");
    }
    assert!(confirmed().await.is_some());
    let page = own().await;
    assert!(!page.contains("not confirmed yet"), "{page}");
    assert!(!page.contains("No route of yours is confirmed"), "{page}");
}

#[tokio::test]
async fn acknowledging_from_a_mail_confirms_the_address_it_went_to() {
    let Some((mails, url)) = mail(&[]).await else {
        return;
    };
    let server = TestServer::with(&["--smtp-url", &url]).await;
    let responder = server.client(Who::Responder);
    let incident = responder.declare("Reservations time out").await;
    page(&server, &incident, Who::Responder).await;
    assert_eq!(settled(&server).await, ["sent"]);
    let path = link(&mails.mails()[0], "Acknowledge");
    server
        .client(Who::Stranger)
        .form(&path, &[])
        .await
        .expect(200);
    let routes = responder.get("/api/v1/me/routes").await.expect(200).json();
    assert!(routes["routes"][0]["confirmed_at"].is_string(), "{routes}");
}

#[tokio::test]
async fn an_address_that_may_be_a_strangers_gets_few_tests_and_one_is_told_what_to_do() {
    let server = TestServer::start().await;
    let body = json!({ "channel": "email", "target": "stranger@example.net" });
    let mut refused = Vec::new();
    for who in [
        Who::Viewer,
        Who::Responder,
        Who::Commander,
        Who::Admin,
        Who::Outsider,
        Who::Bystander,
    ] {
        let client = server.client(who);
        let made = client.post("/api/v1/me/routes", &body).await.expect(201);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/me/routes/{id}/test");
        let answer = client.post(&path, &json!({})).await;
        if answer.status != 202 {
            refused.push((who, id, answer));
        }
    }
    let [(who, id, answer)] = &refused[..] else {
        panic!("{} are refused", refused.len());
    };
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json()["code"], "tested_often");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((86_000..=86_400).contains(&wait), "{wait}");
    let browser = sign_in(&server, *who).await;
    let path = format!("/account/reach/{id}/test");
    let sent = browser.form(&path, &[]).await.expect(303);
    assert_eq!(sent.header("location"), "/account/reach");
    assert!(sent.header("set-cookie").contains("rideout_flash="));
}

#[tokio::test]
async fn a_link_that_is_not_ours_leads_nowhere_and_says_so() {
    let server = TestServer::start().await;
    let stranger = server.client(Who::Stranger);
    for path in [
        "/page/x",
        "/page/%00",
        "/page/AAAA",
        &format!("/page/{}", "A".repeat(56)),
    ] {
        for answer in [stranger.get(path).await, stranger.form(path, &[]).await] {
            let answer = answer.expect(404);
            assert!(
                answer.text.contains("This link leads nowhere"),
                "{}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn whoever_is_paged_is_told_on_every_page_and_answers_there() {
    let server = TestServer::start().await;
    let incident = server
        .client(Who::Responder)
        .declare("Reservations time out")
        .await;
    let first = page(&server, &incident, Who::Viewer).await;
    // Sessions for browsers; a viewer answers their own page.
    let browser = sign_in(&server, Who::Viewer).await;
    for path in [
        "/incidents",
        "/engine",
        "/account",
        &format!("/incidents/{incident}"),
    ] {
        let shown = browser.get(path).await.expect(200).text;
        assert!(
            shown.contains("You are paged") && shown.contains("You know the load balancer."),
            "{path}"
        );
    }
    let other = server.client(Who::Responder).get("/incidents").await.text;
    assert!(!other.contains("You are paged"));

    let elsewhere = browser
        .request("POST", &format!("/pages/{first}/acknowledge"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("referer", format!("{}/engine", server.main));
    let answer = crate::support::send(elsewhere).await.expect(303);
    assert_eq!(answer.header("location"), "/engine");
    assert!(
        !browser
            .get("/incidents")
            .await
            .text
            .contains("You are paged")
    );
    assert_eq!(
        told(&server, &incident).await.last().unwrap(),
        "page_acknowledged"
    );
}

#[tokio::test]
async fn the_api_answers_pages_for_whom_they_are_and_for_whoever_takes_them_on() {
    let server = TestServer::start().await;
    let restricted = json!({ "title": "Keys leaked", "restricted": true, "people": [server.person(Who::Commander).id] });
    let responder = server.client(Who::Responder);
    let declared = responder
        .post("/api/v1/incidents", &restricted)
        .await
        .expect(201)
        .json();
    let incident = declared["id"].as_str().unwrap().to_owned();
    let id = page(&server, &incident, Who::Viewer).await;
    let path = format!("/api/v1/pages/{id}/acknowledge");
    let nothing = json!({});

    server
        .client(Who::Stranger)
        .post(&path, &nothing)
        .await
        .expect(401);
    // For whoever may not see the incident there is no page.
    server
        .client(Who::Outsider)
        .post(&path, &nothing)
        .await
        .expect(404);
    server
        .client(Who::Admin)
        .post(&path, &nothing)
        .await
        .expect(404);
    let open = server
        .client(Who::Viewer)
        .get("/api/v1/pages")
        .await
        .expect(200)
        .json();
    assert_eq!(open["pages"][0]["id"], id.as_str());
    assert_eq!(open["pages"][0]["reason"], "You know the load balancer.");
    let taken = responder.post(&path, &nothing).await.expect(200).json();
    assert_eq!(taken["was_open"], true);
    let again = server
        .client(Who::Viewer)
        .post(&path, &nothing)
        .await
        .expect(200)
        .json();
    assert_eq!(again["was_open"], false);
    let open = server
        .client(Who::Viewer)
        .get("/api/v1/pages")
        .await
        .expect(200)
        .json();
    assert_eq!(open["pages"], json!([]));
    let nobodys = "/api/v1/pages/01900000-0000-7000-8000-00000000ba6e/acknowledge";
    responder.post(nobodys, &nothing).await.expect(404);
}

#[tokio::test]
async fn without_a_policy_whoever_is_in_charge_is_called_and_one_of_them_comes() {
    let Some((mails, url)) = mail(&[]).await else {
        return;
    };
    let server = TestServer::with(&["--smtp-url", &url]).await;
    let responder = server.client(Who::Responder);
    let incident = responder.declare("Reservations time out").await;
    let path = format!("/api/v1/incidents/{incident}/escalations");
    let viewer = server.client(Who::Viewer);
    let reason = json!({ "reason": "Nobody answers." });
    viewer.post(&path, &reason).await.expect(403);
    let wrong = json!({ "reason": "" });
    assert_eq!(
        responder.post(&path, &wrong).await.expect(422).field(),
        "reason"
    );
    let begun = responder.post(&path, &reason).await.expect(201).json();
    assert_eq!(begun["created"], true);
    wait_until("three mails are there", || async {
        mails.mails().len() == 3
    })
    .await;
    let mut to: Vec<String> = mails
        .mails()
        .iter()
        .map(|mail| header(mail, "X-Rcpt").to_owned())
        .collect();
    to.sort();
    assert_eq!(
        to,
        [
            "admin@example.org",
            "commander@example.org",
            "outsider@example.org"
        ]
    );
    let link = link(&mails.mails()[0], "Acknowledge");
    server
        .client(Who::Stranger)
        .form(&link, &[])
        .await
        .expect(200);
    assert_eq!(
        told(&server, &incident).await,
        [
            "started",
            "exhausted",
            "paged",
            "paged",
            "paged",
            "page_acknowledged",
            "ended"
        ]
    );
}

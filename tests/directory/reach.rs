use super::next_id;
use crate::{
    door::sign_in,
    support::{TestServer, Who, wait_until},
};

fn ids(page: &str) -> Vec<String> {
    page.split("/account/reach/")
        .filter_map(|rest| rest.split_once("/move\""))
        .map(|(id, _)| id.to_owned())
        .collect()
}

#[tokio::test]
async fn routes_are_added_moved_changed_and_removed_by_forms() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Responder).await;
    let page = browser.get("/account/reach").await.expect(200).text;
    assert!(page.contains("responder@example.org"), "{page}");
    let fields = [
        ("id", &*next_id(&page)),
        ("channel", "ntfy"),
        ("target", "https://ntfy.example.org/rosa pages"),
        ("token", "tk_secret"),
        ("label", "my phone"),
    ];
    let refused = browser
        .form("/account/reach", &fields)
        .await
        .expect(422)
        .text;
    assert!(
        refused.contains("value=\"my phone\"") && refused.contains("rosa pages"),
        "{refused}"
    );
    assert!(!refused.contains("tk_secret"), "{refused}");
    let fields = [
        ("id", &*next_id(&page)),
        ("channel", "ntfy"),
        ("target", "https://ntfy.example.org/rosa-pages"),
        ("token", "tk_secret"),
        ("label", "my phone"),
    ];
    browser.form("/account/reach", &fields).await.expect(303);
    let page = browser.get("/account/reach").await.expect(200).text;
    let order = ids(&page);
    assert_eq!(order.len(), 2);
    let phone = format!("/account/reach/{}", order[1]);
    browser
        .form(&format!("{phone}/move"), &[("to", "earlier")])
        .await
        .expect(303);
    let page = browser.get("/account/reach").await.expect(200).text;
    assert_eq!(ids(&page)[0], order[1]);
    let edit = browser.get(&format!("{phone}/edit")).await.expect(200).text;
    assert!(
        edit.contains("https://ntfy.example.org/rosa-pages") && !edit.contains("tk_secret"),
        "{edit}"
    );
    let bad = [("target", "ntfy.example.org"), ("label", "my phone")];
    browser
        .form(&format!("{phone}/edit"), &bad)
        .await
        .expect(422);
    browser
        .form(
            &format!("{phone}/edit"),
            &[("target", ""), ("label", "the phone")],
        )
        .await
        .expect(303);
    // A webhook's secret is in this answer and in no other.
    let fields = [
        ("channel", "webhook"),
        ("target", "https://pager.example.org/in/very-secret"),
    ];
    let made = browser
        .form("/account/reach", &fields)
        .await
        .expect(201)
        .text;
    assert!(
        made.contains("whsec_") && !made.contains("very-secret"),
        "{made}"
    );
    let page = browser.get("/account/reach").await.expect(200).text;
    assert!(
        !page.contains("whsec_") && page.contains("the phone"),
        "{page}"
    );
    browser
        .form(&format!("{phone}/remove"), &[])
        .await
        .expect(303);
    let other = sign_in(&server, Who::Admin).await;
    let left = format!(
        "/account/reach/{}",
        ids(&browser.get("/account/reach").await.text)[0]
    );
    for what in ["move", "enable", "test", "remove", "edit"] {
        other.form(&format!("{left}/{what}"), &[]).await.expect(404);
    }
}

#[tokio::test]
async fn a_test_of_a_route_tells_how_it_went() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Responder).await;
    let page = browser.get("/account/reach").await.expect(200).text;
    let email = format!("/account/reach/{}/test", ids(&page)[0]);
    let sent = browser.form(&email, &[]).await.expect(303);
    let to = sent.header("location").to_owned();
    assert!(to.starts_with("/account/reach?test="), "{to}");
    // This server has no mail server, and says so once the engine has tried.
    wait_until("the test is told of", || async {
        browser.get(&to).await.text.contains("no mail server")
    })
    .await;
    let again = browser.form(&email, &[]).await.expect(303);
    assert_eq!(again.header("location"), "/account/reach");
    // Whose test it is, nobody else is told.
    let other = sign_in(&server, Who::Admin).await;
    let theirs = other.get(&to).await.expect(200).text;
    assert!(!theirs.contains("The test "), "{theirs}");
}

#[tokio::test]
async fn quiet_hours_are_set_and_cleared_by_a_form() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Responder).await;
    let bad = [
        ("from", "22:00"),
        ("until", "22:00"),
        ("zone", "Europe/Berlin"),
        ("loud_severity", "SEV2"),
    ];
    let refused = browser
        .form("/account/reach/quiet-hours", &bad)
        .await
        .expect(422)
        .text;
    assert!(
        refused.contains("Quiet hours end at another time than they begin."),
        "{refused}"
    );
    assert!(refused.contains("value=\"Europe/Berlin\""), "{refused}");
    let good = [
        ("from", "22:00"),
        ("until", "7:00"),
        ("zone", "europe/berlin"),
        ("loud_severity", "SEV2"),
    ];
    browser
        .form("/account/reach/quiet-hours", &good)
        .await
        .expect(303);
    let page = browser.get("/account/reach").await.expect(200).text;
    assert!(
        page.contains("value=\"07:00\"") && page.contains("value=\"Europe/Berlin\""),
        "{page}"
    );
    browser
        .form("/account/reach/quiet-hours/clear", &[])
        .await
        .expect(303);
    let page = browser.get("/account/reach").await.expect(200).text;
    assert!(
        page.contains("You have none: pages reach you at any time."),
        "{page}"
    );
}

use super::{make, next_id, person};
use crate::{
    door::sign_in,
    support::{TestServer, Who},
};
use serde_json::json;

#[tokio::test]
async fn a_service_is_registered_by_forms_alone() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Commander).await;
    let empty = browser.get("/services").await.expect(200).text;
    assert!(empty.contains("No service is registered yet"), "{empty}");
    let form = browser
        .get("/services/new?name=Store+app")
        .await
        .expect(200)
        .text;
    assert!(form.contains("value=\"Store app\""), "{form}");
    let id = next_id(&form);
    let responder = server.person(Who::Responder).id.clone();
    let bad = [
        ("id", id.as_str()),
        ("name", "Store app"),
        ("owner", responder.as_str()),
        ("response_minutes", "soon"),
    ];
    let refused = browser.form("/services", &bad).await.expect(422).text;
    assert!(
        refused.contains("is not a length of time") && refused.contains("value=\"soon\""),
        "{refused}"
    );
    assert!(
        refused.contains(&format!("value=\"{responder}\" selected")),
        "{refused}"
    );
    let good = [
        ("id", id.as_str()),
        ("name", "Store app"),
        ("kind", "service"),
        ("owner", responder.as_str()),
        ("response_minutes", "2h"),
    ];
    for _ in 0..2 {
        let made = browser.form("/services", &good).await.expect(303);
        assert_eq!(made.header("location"), format!("/services/{id}"));
    }
    let base = format!("/services/{id}");
    let page = browser.get(&base).await.expect(200).text;
    assert!(
        page.contains("Rosa Responder") && page.contains("within 2 h"),
        "{page}"
    );

    let form = browser
        .get(&format!("{base}/components/new"))
        .await
        .expect(200)
        .text;
    let component = next_id(&form);
    let fields = [
        ("id", component.as_str()),
        ("name", "Admin interface"),
        ("experts", responder.as_str()),
    ];
    browser
        .form(&format!("{base}/components"), &fields)
        .await
        .expect(303);
    let page = browser.get(&base).await.expect(200).text;
    assert!(
        page.contains("Admin interface") && page.contains("one person knows it"),
        "{page}"
    );
    let edit = browser
        .get(&format!("{base}/components/{component}/edit"))
        .await
        .expect(200)
        .text;
    assert!(
        edit.contains(&format!("value=\"{responder}\" checked")),
        "{edit}"
    );

    let carrier = make(
        &server,
        "services",
        json!({ "name": "Carrier API", "kind": "dependency" }),
    )
    .await;
    let nothing = browser
        .form(&format!("{base}/dependencies"), &[("dependency", "")])
        .await
        .expect(422)
        .text;
    assert!(nothing.contains("Choose one of the list."), "{nothing}");
    browser
        .form(
            &format!("{base}/dependencies"),
            &[("dependency", &carrier), ("strength", "hard")],
        )
        .await
        .expect(303);
    let page = browser
        .get(&format!("/services/{carrier}"))
        .await
        .expect(200)
        .text;
    assert!(page.contains(&format!("href=\"{base}\"")), "{page}");
    browser
        .form(&format!("{base}/dependencies/{carrier}/remove"), &[])
        .await
        .expect(303);
    browser
        .form(&format!("{base}/archive"), &[])
        .await
        .expect(303);
    browser.get(&base).await.expect(404);
}

#[tokio::test]
async fn whoever_may_not_change_the_directory_sees_it_without_buttons() {
    let server = TestServer::start().await;
    let service = make(&server, "services", json!({ "name": "Store app" })).await;
    let team = make(&server, "teams", json!({ "name": "Platform" })).await;
    let levels = json!([{ "minutes": 5, "targets": [person(&server, Who::Responder)] }]);
    make(
        &server,
        "policies",
        json!({ "name": "Night", "levels": levels }),
    )
    .await;
    let browser = sign_in(&server, Who::Responder).await;
    for path in [
        "/services".to_owned(),
        format!("/services/{service}"),
        "/teams".into(),
        "/policies".into(),
    ] {
        let main = browser.get(&path).await.expect(200).text;
        let main = main.split("<main").nth(1).unwrap().to_owned();
        assert!(
            !main.contains("/edit\"") && !main.contains("/new\"") && !main.contains("<form"),
            "{path}: {main}"
        );
    }
    for path in [
        "/services/new".to_owned(),
        format!("/teams/{team}/edit"),
        "/policies/new".into(),
    ] {
        browser.get(&path).await.expect(403);
    }
}

#[tokio::test]
async fn a_policy_is_edited_without_a_script_and_saved_only_when_asked() {
    let server = TestServer::start().await;
    let browser = sign_in(&server, Who::Commander).await;
    let team = make(
        &server,
        "teams",
        json!({ "name": "Platform", "members": [server.person(Who::Viewer).id] }),
    )
    .await;
    let dana = format!("person:{}", server.person(Who::Responder).id);
    let platform = format!("team:{team}");
    let form = browser.get("/policies/new").await.expect(200).text;
    let id = next_id(&form);
    // The first policy is offered as the default one.
    assert!(
        form.contains("name=\"default\"") && form.contains("checked"),
        "{form}"
    );
    let begun = vec![
        ("id", id.as_str()),
        ("name", "Night"),
        ("default", "on"),
        ("repeats", "1"),
        ("levels", "1"),
        ("minutes-0", "5"),
        ("add-0", dana.as_str()),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields = begun.clone();
        fields.extend_from_slice(more);
        fields
    };
    let page = browser
        .form("/policies", &with(&[("do", "add-level")]))
        .await
        .expect(200)
        .text;
    assert!(
        page.contains("id=\"level-2\"") && page.contains("Not saved yet"),
        "{page}"
    );
    assert!(
        page.contains(&format!("name=\"target-0\" value=\"{dana}\"")),
        "{page}"
    );
    let page = browser
        .form("/policies", &with(&[("do", "add-target")]))
        .await
        .expect(200)
        .text;
    assert!(
        page.contains(
            "First Rosa Responder, for 5 min; then all again once; then all commanders and admins are called."
        ),
        "{page}"
    );
    let page = browser
        .form("/policies", &with(&[("do", "remove-target 0 0")]))
        .await
        .expect(200)
        .text;
    assert!(page.contains("Calls nobody yet"), "{page}");
    assert!(
        browser
            .get("/policies")
            .await
            .expect(200)
            .text
            .contains("There is no escalation policy yet")
    );

    let two = [
        ("id", id.as_str()),
        ("name", "Night"),
        ("default", "on"),
        ("repeats", "1"),
        ("levels", "2"),
        ("minutes-0", "5"),
        ("target-0", dana.as_str()),
        ("minutes-1", "x"),
        ("do", "save"),
    ];
    let page = browser.form("/policies", &two).await.expect(422).text;
    let (_, second) = page.split_once("id=\"level-2\"").unwrap();
    assert!(
        second.contains("Say after how many minutes") && page.contains("value=\"x\""),
        "{page}"
    );
    // Chosen in the list is called, also when “Add” was not pressed.
    let two = [
        ("id", id.as_str()),
        ("name", "Night"),
        ("default", "on"),
        ("repeats", "1"),
        ("levels", "2"),
        ("minutes-0", "5"),
        ("target-0", dana.as_str()),
        ("minutes-1", "10"),
        ("add-1", platform.as_str()),
        ("do", "save"),
    ];
    let made = browser.form("/policies", &two).await.expect(303);
    assert_eq!(made.header("location"), format!("/policies#policy-{id}"));
    let page = browser.get("/policies").await.expect(200).text;
    assert!(page.contains("First Rosa Responder, for 5 min; then everybody in Platform, for 10 min; then all again once; then all commanders and admins are called."), "{page}");

    let edit = format!("/policies/{id}/edit");
    assert!(
        browser
            .get(&edit)
            .await
            .expect(200)
            .text
            .contains(&format!("name=\"target-1\" value=\"{platform}\""))
    );
    let swapped = [
        ("name", "Night"),
        ("repeats", "0"),
        ("levels", "2"),
        ("minutes-0", "5"),
        ("target-0", dana.as_str()),
        ("minutes-1", "10"),
        ("target-1", platform.as_str()),
    ];
    let page = browser
        .form(&edit, &[&swapped[..], &[("do", "up 1")]].concat())
        .await
        .expect(200)
        .text;
    assert!(page.contains("First everybody in Platform, for 10 min; then Rosa Responder, for 5 min; then all commanders and admins are called."), "{page}");
    browser.form(&edit, &swapped).await.expect(303);
    // No longer the default, it can be archived; the team it called first cannot before.
    let refused = browser
        .form(&format!("/teams/{team}/archive"), &[])
        .await
        .expect(303);
    assert_eq!(refused.header("location"), format!("/teams#team-{team}"));
    browser
        .form(&format!("/policies/{id}/archive"), &[])
        .await
        .expect(303);
    browser
        .form(&format!("/teams/{team}/archive"), &[])
        .await
        .expect(303);
    assert!(
        browser
            .get("/teams")
            .await
            .expect(200)
            .text
            .contains("There is no team yet")
    );
}

#[tokio::test]
async fn registered_services_are_offered_and_told_of_in_incidents() {
    let server = TestServer::start().await;
    make(
        &server,
        "services",
        json!({ "name": "Store app", "owner": server.person(Who::Responder).id }),
    )
    .await;
    let browser = sign_in(&server, Who::Commander).await;
    let form = browser.get("/incidents/new").await.expect(200).text;
    assert!(form.contains("<option value=\"Store app\">"), "{form}");
    let body = json!({ "title": "Slow", "services": ["STORE app", "Något annat & mer"] });
    let id = server
        .client(Who::Commander)
        .post("/api/v1/incidents", &body)
        .await
        .expect(201)
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = browser
        .get(&format!("/incidents/{id}/details"))
        .await
        .expect(200)
        .text;
    assert!(
        page.contains("<option value=\"Store app\">") && page.contains("Rosa Responder"),
        "{page}"
    );
    assert!(
        page.contains("/services/new?name=N%C3%A5got%20annat%20%26%20mer"),
        "{page}"
    );
}

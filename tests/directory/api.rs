use super::{make, person};
use crate::support::{TestServer, Who, new_id};
use serde_json::json;

#[tokio::test]
async fn the_story_s_services_are_registered() {
    for server in TestServer::each().await {
        let (commander, viewer) = (server.client(Who::Commander), server.client(Who::Viewer));
        let responder = server.person(Who::Responder).id.clone();
        let team = make(
            &server,
            "teams",
            json!({ "name": "Reservations", "members": [responder] }),
        )
        .await;
        let levels = json!([
            { "minutes": 5, "targets": [person(&server, Who::Responder)] },
            { "minutes": 10, "targets": [{ "kind": "team", "id": team }, person(&server, Who::Commander)] },
        ]);
        let policy = commander
            .post(
                "/api/v1/policies",
                &json!({ "name": "Reservations", "levels": levels, "repeats": 1, "default": true }),
            )
            .await
            .expect(201);
        assert!(policy.header("location").starts_with("/api/v1/policies/"));
        let policy = policy.json();
        assert_eq!(
            policy["told"],
            "First Rosa Responder, for 5 min; then everybody in Reservations and Carl Commander, for 10 min; then all again once; then all commanders and admins are called."
        );
        assert_eq!(policy["default"], true);
        assert_eq!(policy["levels"], levels);

        let id = new_id();
        let store = json!({ "id": id, "name": "Store app", "team": team, "owner": responder, "policy": policy["id"] });
        let made = commander.post("/api/v1/services", &store).await.expect(201);
        assert_eq!(made.header("location"), format!("/api/v1/services/{id}"));
        // Sent again it is the same one.
        commander.post("/api/v1/services", &store).await.expect(201);
        let carrier = make(
            &server,
            "services",
            json!({ "name": "Carrier API", "kind": "dependency", "contact": "Carrier desk", "response_minutes": 15 }),
        )
        .await;
        let base = format!("/api/v1/services/{id}");
        commander
            .put(
                &format!("{base}/dependencies/{carrier}"),
                &json!({ "hard": true }),
            )
            .await
            .expect(200);
        let component = json!({ "name": "Admin interface", "experts": [responder] });
        let component = commander
            .post(&format!("{base}/components"), &component)
            .await
            .expect(201)
            .json();
        let page = viewer.get(&base).await.expect(200).json();
        assert_eq!(page["relies_on"][0]["hard"], true);
        assert_eq!(page["relies_on"][0]["service"]["response_minutes"], 15);
        assert_eq!(page["components"][0], component);
        assert_eq!(page["owner"]["name"], "Rosa Responder");
        let other = viewer
            .get(&format!("/api/v1/services/{carrier}"))
            .await
            .expect(200)
            .json();
        assert_eq!(other["relied_on_by"][0]["service"]["name"], "Store app");
        let listed = viewer.get("/api/v1/services").await.expect(200).json();
        assert_eq!(listed["services"].as_array().unwrap().len(), 2);

        // What is in use is not archived.
        let in_use = commander
            .delete(&format!("/api/v1/teams/{team}"))
            .await
            .expect(409)
            .json();
        assert_eq!(in_use["code"], "in_use");
        let at = format!("/api/v1/policies/{}", policy["id"].as_str().unwrap());
        commander.delete(&at).await.expect(409);
        // What is no longer named is gone.
        let replaced = commander
            .put(&base, &json!({ "name": "Store" }))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (replaced["name"].as_str(), replaced["owner"].is_null()),
            (Some("Store"), true)
        );
        assert_eq!(replaced["components"].as_array().unwrap().len(), 1);
        commander
            .delete(&format!(
                "{base}/components/{}",
                component["id"].as_str().unwrap()
            ))
            .await
            .expect(204);
        commander
            .delete(&format!("{base}/dependencies/{carrier}"))
            .await
            .expect(204);
        commander.delete(&base).await.expect(204);
        viewer.get(&base).await.expect(404);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_names_its_member() {
    let server = TestServer::start().await;
    let commander = server.client(Who::Commander);
    make(&server, "services", json!({ "name": "Store app" })).await;
    let level = json!([{ "minutes": 5, "targets": [person(&server, Who::Target)] }]);
    let late = json!([{ "minutes": 5, "targets": [person(&server, Who::Target)] }, { "minutes": 0, "targets": [person(&server, Who::Target)] }]);
    for (area, body, member) in [
        ("services", json!({ "name": "store APP" }), "name"),
        (
            "services",
            json!({ "name": "Mail", "kind": "thing" }),
            "kind",
        ),
        (
            "services",
            json!({ "name": "Mail", "team": new_id() }),
            "team",
        ),
        (
            "services",
            json!({ "name": "Mail", "response_minutes": 0 }),
            "response_minutes",
        ),
        ("services", json!({ "nome": "Mail" }), "nome"),
        (
            "teams",
            json!({ "name": "T", "members": [new_id()] }),
            "members",
        ),
        ("teams", json!({}), "name"),
        ("policies", json!({ "name": "P", "levels": [] }), "levels"),
        (
            "policies",
            json!({ "name": "P", "levels": late }),
            "levels.2",
        ),
        (
            "policies",
            json!({ "name": "P", "levels": level, "repeats": 10 }),
            "repeats",
        ),
        ("me/routes", json!({ "channel": "pigeon" }), "channel"),
        (
            "me/routes",
            json!({ "channel": "webhook", "target": "http://10.0.0.1/x" }),
            "target",
        ),
    ] {
        let answer = commander
            .post(&format!("/api/v1/{area}"), &body)
            .await
            .expect(422);
        assert_eq!(answer.field(), member, "{area} {body}");
    }
    let bad = json!({ "zone": "Nowhere", "from": "22:00", "until": "7" });
    let answer = commander
        .put("/api/v1/me/quiet-hours", &bad)
        .await
        .expect(422);
    assert_eq!(answer.field(), "until");
}

#[tokio::test]
async fn routes_belong_to_whoever_has_the_token() {
    let server = TestServer::start().await;
    let (mine, other) = (server.client(Who::Responder), server.client(Who::Admin));
    let reach = mine.get("/api/v1/me/routes").await.expect(200).json();
    assert_eq!(reach["routes"][0]["shown"], "responder@example.org");
    assert_eq!(reach["last_resort"], "responder@example.org");
    let hook = json!({ "channel": "webhook", "target": "https://pager.example.org/in/very-secret", "label": "Pager" });
    let made = mine.post("/api/v1/me/routes", &hook).await.expect(201);
    let at = made.header("location").to_owned();
    let made = made.json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let shown = mine.get(&at).await.expect(200);
    assert!(
        !shown.text.contains("very-secret") && !shown.text.contains("whsec_"),
        "{}",
        shown.text
    );
    for refused in [
        other.get(&at).await,
        other.patch(&at, &json!({})).await,
        other.delete(&at).await,
        other
            .post(&format!("{at}/move"), &json!({ "to": "earlier" }))
            .await,
        other.post(&format!("{at}/enable"), &json!({})).await,
        other.post(&format!("{at}/test"), &json!({})).await,
    ] {
        refused.expect(404);
    }
    let moved = mine
        .post(&format!("{at}/move"), &json!({ "to": "earlier" }))
        .await
        .expect(200)
        .json();
    assert_eq!(moved["routes"][0]["id"], made["id"]);
    let renamed = mine
        .patch(&at, &json!({ "label": "The pager" }))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (renamed["label"].as_str(), renamed["has_secret"].as_bool()),
        (Some("The pager"), Some(true))
    );
    let quiet = json!({ "zone": "Europe/Berlin", "from": "22:00", "until": "07:00" });
    let reach = mine
        .put("/api/v1/me/quiet-hours", &quiet)
        .await
        .expect(200)
        .json();
    assert_eq!(reach["quiet_hours"]["loud_severity"], "SEV1");
    mine.delete("/api/v1/me/quiet-hours").await.expect(204);
    mine.delete(&at).await.expect(204);
    let reach = mine.get("/api/v1/me/routes").await.expect(200).json();
    assert!(reach["quiet_hours"].is_null());
    assert_eq!(reach["routes"].as_array().unwrap().len(), 1);
}

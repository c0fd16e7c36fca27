//! Prompts of the stall watch, on both databases, with the engine that runs in
//! the server: asked at once by a policy that asks at once.

use crate::support::{Client, TestServer, Who, new_id, wait_until};
use rideout_app::pages::stall::policy_form;
use rideout_domain::stall::{Rule, Settings, Signal};
use serde_json::{Value, json};

/// Saves a policy under which a blocker is enough to be asked at once.
async fn ask_at_once(server: &TestServer) {
    let mut rules = Settings::default().sev2;
    let rule = Rule {
        on: true,
        minutes: 0,
        weight: 6,
    };
    rules.signals.insert(Signal::Blocked, rule);
    let form = policy_form(&rules);
    let mut fields: Vec<(&str, &str)> = vec![("do", "save"), ("service", ""), ("severity", "SEV2")];
    for (name, value) in form.values.iter() {
        fields.extend(value.lines().map(|line| (name, line)));
    }
    let commander = server.client(Who::Commander);
    commander.form("/stall/policy", &fields).await.expect(303);
}

/// A room in which somebody is blocked, and its open prompt.
async fn asked(server: &TestServer) -> (String, String) {
    ask_at_once(server).await;
    let rosa = server.client(Who::Responder);
    let incident = rosa.declare("Reservations crawl and time out").await;
    let path = format!("/api/v1/incidents/{incident}/entries");
    let blocker =
        json!({ "id": new_id(), "kind": "blocker", "text": "No access to the admin interface" });
    rosa.post(&path, &blocker).await.expect(201);
    let prompt = prompt(&rosa, &incident).await;
    (incident, prompt)
}

async fn stall(client: &Client, incident: &str) -> Value {
    let path = format!("/api/v1/incidents/{incident}/stall");
    client.get(&path).await.expect(200).json()
}

async fn prompt(client: &Client, incident: &str) -> String {
    wait_until("the room is asked", || async {
        !stall(client, incident).await["prompt"].is_null()
    })
    .await;
    let prompt = stall(client, incident).await["prompt"]["id"].clone();
    prompt.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_engine_asks_and_an_answer_by_the_api_is_taken_once() {
    for server in TestServer::each().await {
        let (incident, prompt) = asked(&server).await;
        let rosa = server.client(Who::Responder);
        let shown = stall(&rosa, &incident).await;
        assert_eq!(shown["rung"], "room", "{shown}");
        let why = shown["signals"][0]["why"].as_str().unwrap();
        assert!(why.contains("admin interface"), "{shown}");
        let path = format!("/api/v1/incidents/{incident}/prompts/{prompt}/answer");
        let answer = json!({ "id": new_id(), "answer": "still_on_it", "minutes": 10, "text": "Reading logs" });
        let first = rosa.post(&path, &answer).await.expect(201).json();
        let again = rosa.post(&path, &answer).await.expect(200).json();
        assert_eq!(first, again);
        let late = json!({ "id": new_id(), "answer": "not_stuck" });
        let refused = server.client(Who::Commander).post(&path, &late).await;
        let refused = refused.expect(409).json();
        assert_eq!(refused["code"], "answered");
        let odd = json!({ "id": new_id(), "answer": "still_on_it", "minutes": 7 });
        rosa.post(&path, &odd).await.expect(422);
        let shown = stall(&rosa, &incident).await;
        assert!(
            shown["prompt"].is_null() && shown["rung"] == "calm",
            "{shown}"
        );
        let told = rosa.get("/api/v1/stall").await.expect(200).json();
        assert_eq!(told["figures"]["prompts"], 1, "{told}");
        assert_eq!(told["incidents"][0]["id"], incident.as_str());
    }
}

#[tokio::test]
async fn two_servers_on_one_database_ask_once() {
    let Some(server) = TestServer::on_postgres().await else {
        return;
    };
    let beside = server.node_beside().await;
    ask_at_once(&server).await;
    let rosa = server.client(Who::Responder);
    let mut incidents = Vec::new();
    for n in 0..12 {
        let by = if n % 2 == 0 { &server } else { &beside };
        let incident = rosa.declare("Reservations crawl and time out").await;
        let blocker = json!({ "id": new_id(), "kind": "blocker", "text": "No access" });
        let path = format!("/api/v1/incidents/{incident}/entries");
        by.client(Who::Responder)
            .post(&path, &blocker)
            .await
            .expect(201);
        incidents.push((incident, path));
    }
    for (incident, path) in incidents {
        prompt(&rosa, &incident).await;
        let entries = rosa.get(&path).await.expect(200).json();
        let entries = entries["entries"].as_array().unwrap();
        let asked = entries.iter().filter(|e| e["kind"] == "prompt").count();
        assert_eq!(asked, 1, "{entries:?}");
    }
}

#[tokio::test]
async fn a_prompt_is_answered_by_forms_alone() {
    let server = TestServer::start().await;
    let (incident, prompt) = asked(&server).await;
    let rosa = server.client(Who::Responder);
    let room = format!("/incidents/{incident}");
    let page = rosa.get(&room).await.expect(200).text;
    for words in ["Are we stuck?", "<title>Are we stuck? ", "Blocked for"] {
        assert!(page.contains(words), "no {words}");
    }
    let viewer = server.client(Who::Viewer).get(&room).await.expect(200).text;
    assert!(viewer.contains("Are we stuck?"), "readers see it, too");
    let path = format!("{room}/prompts/{prompt}/answer");
    let form = "answer-blocked".to_owned();
    assert!(page.contains(&format!("data-ask=\"{form}\"")));
    let refused = rosa
        .form(
            &path,
            &[
                ("answer", "blocked"),
                ("form", form.as_str()),
                ("waiting_on", "platform"),
            ],
        )
        .await
        .expect(422);
    assert!(refused.text.contains("Say what is lacking."));
    assert!(
        refused.text.contains(r#"value="platform""#),
        "typed text is kept"
    );
    let sent = [
        ("answer", "mitigated"),
        ("text", "Traffic goes to the right port."),
    ];
    let to = rosa.form(&path, &sent).await.expect(303);
    assert!(to.header("location").contains("#e-"));
    let page = rosa.get(&room).await.expect(200).text;
    assert!(page.contains("answered the prompt: ") && page.contains("Mitigated"));
    assert!(!page.contains("<title>Are we stuck? "));
    let late = rosa
        .form(&path, &[("answer", "escalate")])
        .await
        .expect(409);
    assert!(
        late.text.contains("answered already: mitigated"),
        "{}",
        late.text
    );
}

#[tokio::test]
async fn somebody_is_paged_by_the_composer_and_beside_the_prompt() {
    let server = TestServer::start().await;
    let rosa = server.client(Who::Responder);
    let incident = rosa.declare("Reservations crawl and time out").await;
    let room = format!("/incidents/{incident}");
    let grace = server.person(Who::Commander).id.to_string();
    let composed = [
        ("kind", "paged"),
        ("page_user", grace.as_str()),
        ("text", "Nobody reaches the admin interface."),
    ];
    let entries = format!("{room}/entries");
    rosa.form(&entries, &composed).await.expect(303);
    let page = rosa.get(&room).await.expect(200).text;
    assert!(page.contains("Who is being called") && page.contains("Being called"));
    let nobody = [("kind", "paged"), ("text", "why")];
    let nobody = rosa.form(&entries, &nobody).await.expect(422);
    assert!(nobody.text.contains("Choose who is to be called."));
    let beside = [("user", grace.as_str()), ("text", "")];
    let refused = rosa.form(&format!("{room}/pages"), &beside).await;
    refused.expect(422);
    let api = format!("/api/v1/incidents/{incident}/pages");
    let nowhere = json!({ "user": new_id(), "reason": "why" });
    rosa.post(&api, &nowhere).await.expect(422);
}

#[tokio::test]
async fn a_policy_is_edited_and_tried_by_forms_alone() {
    let server = TestServer::start().await;
    let (_, _) = asked(&server).await;
    let commander = server.client(Who::Commander);
    let page = commander
        .get("/stall/policy?severity=SEV2")
        .await
        .expect(200);
    assert!(page.text.contains("Changed by "), "{}", page.text);
    let mut rules = Settings::default().sev2;
    rules.stalled_at = 30;
    let form = policy_form(&rules);
    let send = |what: &'static str, odd: Option<&'static str>| {
        let mut fields: Vec<(&str, &str)> = vec![("do", what), ("severity", "SEV2")];
        for (name, value) in form.values.iter() {
            let value = odd.filter(|_| name == "again").unwrap_or(value);
            fields.extend(value.lines().map(|line| (name, line)));
        }
        fields
    };
    let tried = commander
        .form("/stall/policy", &send("preview", None))
        .await;
    let tried = tried.expect(200).text;
    assert!(
        tried.contains("What these settings would have done"),
        "{tried}"
    );
    let odd = commander
        .form("/stall/policy", &send("save", Some("999999")))
        .await
        .expect(422);
    assert!(odd.text.contains("choose 1 to 10080"), "{}", odd.text);
    commander
        .form("/stall/policy", &[("do", "reset")])
        .await
        .expect(303);
    let page = commander
        .get("/stall/policy?severity=SEV2")
        .await
        .expect(200);
    assert!(page.text.contains("These are the defaults."));
    let figures = commander.get("/stall").await.expect(200).text;
    assert!(figures.contains("Reservations crawl and time out"));
}

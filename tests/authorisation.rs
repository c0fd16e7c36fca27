//! Every endpoint, asked by everybody.
//!
//! The table comes from the router itself, so no endpoint can be left out. Its
//! list is also kept in `endpoints.txt`: whoever adds an endpoint says there
//! who may use it, and a reviewer sees it. An endpoint whose verdict depends on
//! what is sent needs a sample in [`sample`].

use crate::support::{Client, TestServer, Who, new_id, send};
use rideout::web::{Access, Endpoint, endpoints::Verb, router};
use rideout_domain::Role;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const ASKERS: [Who; 6] = [
    Who::Stranger,
    Who::Viewer,
    Who::Outsider,
    Who::Responder,
    Who::Commander,
    Who::Admin,
];

/// What the answer says about the right to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Sent to sign in, or 401.
    SignIn,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// Anything else: what was asked for, or a refusal of what was sent.
    Allowed,
}

fn expected(access: Access, who: Who, restricted: bool) -> Verdict {
    let Some(role) = who.role() else {
        return match access {
            Access::Anyone => Verdict::Allowed,
            Access::Link => Verdict::NotFound,
            _ => Verdict::SignIn,
        };
    };
    let needed = |needs: Role| {
        if role < needs {
            Verdict::Forbidden
        } else {
            Verdict::Allowed
        }
    };
    match access {
        Access::Anyone | Access::SignedIn => Verdict::Allowed,
        Access::Link => Verdict::NotFound,
        Access::Role(needs) => needed(needs),
        Access::Incident(_) | Access::Author(_) if restricted && who == Who::Outsider => {
            Verdict::NotFound
        }
        Access::Incident(needs) | Access::Author(needs) => needed(needs),
    }
}

/// Things for endpoints to act upon, new for every question.
pub(crate) struct Fixture {
    pub(crate) incident: String,
    entry: String,
    link: String,
    attachment: String,
    user: String,
    invite: String,
    schedule: String,
    stands_in: String,
    directory: Arc<Directory>,
}

/// Services and what stands around them.
struct Directory {
    service: String,
    dependency: String,
    component: String,
    team: String,
    policy: String,
}

impl Directory {
    async fn make(server: &TestServer) -> Self {
        let admin = server.client(Who::Admin);
        let make = async |path: &str, mut body: Value| {
            body["name"] = json!(format!("Acted upon {}", new_id()));
            let made = admin.post(path, &body).await.expect(201).json();
            made["id"].as_str().unwrap().to_owned()
        };
        let service = make("/api/v1/services", json!({})).await;
        let dependency = make("/api/v1/services", json!({})).await;
        let put = format!("/api/v1/services/{service}/dependencies/{dependency}");
        let hard = admin.request("PUT", &put).json(&json!({ "hard": true }));
        send(hard).await.expect(200);
        let components = format!("/api/v1/services/{service}/components");
        let person = json!({ "kind": "person", "id": server.person(Who::Admin).id });
        let levels = json!([{ "minutes": 5, "targets": [person] }]);
        Self {
            component: make(&components, json!({})).await,
            team: make("/api/v1/teams", json!({})).await,
            policy: make("/api/v1/policies", json!({ "levels": levels })).await,
            service,
            dependency,
        }
    }
}

pub(crate) async fn fixture(server: &TestServer, restricted: bool) -> Fixture {
    let directory = Arc::new(Directory::make(server).await);
    fixture_beside(server, restricted, directory).await
}

/// There is a limit to the number of policies, so a directory is kept as long as it can be.
async fn fixture_beside(
    server: &TestServer,
    restricted: bool,
    directory: Arc<Directory>,
) -> Fixture {
    let (admin, author) = (server.client(Who::Admin), server.client(Who::Bystander));
    let people: Vec<&str> = [Who::Viewer, Who::Responder, Who::Commander, Who::Admin]
        .iter()
        .map(|who| server.person(*who).id.as_str())
        .collect();
    let body = json!({ "title": "Acted upon", "restricted": restricted, "people": if restricted { people } else { vec![] } });
    let incident = author
        .post("/api/v1/incidents", &body)
        .await
        .expect(201)
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let upload = author.request(
        "POST",
        &format!("/api/v1/incidents/{incident}/attachments?name=x.txt"),
    );
    let file = send(upload.body("x")).await.expect(201).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let entry = new_id();
    let evidence = json!({ "id": entry, "kind": "evidence", "text": "by another", "attachment": { "id": file } });
    author
        .post(&format!("/api/v1/incidents/{incident}/entries"), &evidence)
        .await
        .expect(201);
    let share = format!("/incidents/{incident}/share");
    admin
        .form(&format!("{share}/links"), &[("label", "Directors")])
        .await;
    let page = admin.get(&share).await.text;
    let link = between(&page, &format!("{share}/links/"), "/revoke").unwrap_or_else(new_id);
    admin
        .form("/people/invites", &[("role", "viewer"), ("email", "")])
        .await;
    let page = admin.get("/people").await.text;
    let invite = between(&page, "/people/invites/", "/revoke").unwrap_or_else(new_id);
    let (schedule, stands_in) = scheduled(server).await;
    Fixture {
        schedule,
        stands_in,
        incident,
        entry,
        link,
        attachment: file,
        user: server.person(Who::Target).id.clone(),
        invite,
        directory,
    }
}

/// A schedule with a layer, and somebody of no importance who stands in.
async fn scheduled(server: &TestServer) -> (String, String) {
    let admin = server.client(Who::Admin);
    let target = &server.person(Who::Bystander).id;
    // There may not be many at a time.
    let before = admin.get("/api/v1/schedules").await.expect(200).json();
    for one in before["schedules"].as_array().unwrap() {
        let path = format!("/api/v1/schedules/{}", one["id"].as_str().unwrap());
        send(admin.request("DELETE", &path)).await;
    }
    let id = new_id();
    let layer = json!({ "name": "Primary", "rotation": "daily", "starts_on": "2020-01-01", "hand_over": "09:00", "people": [target] });
    let body = json!({ "id": id, "name": format!("Acted upon {id}"), "zone": "UTC", "layers": [layer, layer] });
    admin.post("/api/v1/schedules", &body).await.expect(201);
    let body = json!({ "person": target, "from": "2098-01-01T00:00:00Z", "until": "2098-02-01T00:00:00Z" });
    let path = format!("/api/v1/schedules/{id}/overrides");
    let made = admin.post(&path, &body).await.expect(201).json();
    (id, made["id"].as_str().unwrap().to_owned())
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0.to_owned()).filter(|found| found.len() == 36)
}

/// The path with its names filled in. A new name must be added here.
pub(crate) fn path(endpoint: &Endpoint, fixture: &Fixture) -> String {
    let mut out = String::new();
    for part in endpoint.path.split('/').skip(1) {
        let before = out.rsplit('/').next().unwrap_or_default().to_owned();
        out.push('/');
        out.push_str(match part {
            "{person}" => &fixture.user,
            "{invite}" => &fixture.invite,
            "{id}" if before == "incidents" => &fixture.incident,
            "{entry}" => &fixture.entry,
            "{link}" => &fixture.link,
            "{attachment}" => &fixture.attachment,
            "{schedule}" => &fixture.schedule,
            "{override}" => &fixture.stands_in,
            "{layer}" => "0",
            // Nobody's: whose it is is not told by the role.
            "{page}" => "01900000-0000-7000-8000-00000000ba6e",
            // Nobody's: whether it is one's own is not told by the role.
            "{feed}" => "01900000-0000-7000-8000-00000000feed",
            "{service}" => &fixture.directory.service,
            "{dependency}" => &fixture.directory.dependency,
            "{component}" => &fixture.directory.component,
            "{team}" => &fixture.directory.team,
            "{policy}" => &fixture.directory.policy,
            // The route that came with the account.
            "{route}" => &fixture.user,
            "{token}" => "a-secret-that-was-never-given-out",
            "{*path}" => "rideout.css",
            plain if !plain.contains('{') => plain,
            other => panic!(
                "{}: tell tests/authorisation.rs what stands for {other} after {before}",
                endpoint.path
            ),
        });
    }
    if matches!(sample(endpoint, fixture), Sent::File) {
        out.push_str("?name=x.txt");
    }
    out
}

/// What is sent, where the verdict depends on it.
enum Sent {
    Nothing,
    Json(Value),
    Form(Vec<(&'static str, String)>),
    File,
}

fn sample(endpoint: &Endpoint, fixture: &Fixture) -> Sent {
    let form = |fields: &[(&'static str, &str)]| {
        Sent::Form(fields.iter().map(|(k, v)| (*k, (*v).to_owned())).collect())
    };
    match (endpoint.verb, endpoint.path) {
        (Verb::Get, _) => Sent::Nothing,
        (_, "/api/v1/incidents") => Sent::Json(json!({ "title": "Sampled" })),
        (_, "/api/v1/incidents/{id}") => Sent::Json(json!({ "title": "Renamed" })),
        (_, "/api/v1/incidents/{id}/entries") => {
            Sent::Json(json!({ "id": new_id(), "kind": "note", "text": "sampled" }))
        }
        (_, "/api/v1/incidents/{id}/entries/{entry}") => Sent::Json(json!({ "text": "changed" })),
        (_, "/api/v1/incidents/{id}/entries/{entry}/redact") => {
            Sent::Json(json!({ "reason": "sampled" }))
        }
        (_, "/api/v1/incidents/{id}/attachments") => Sent::File,
        (_, "/api/v1/incidents/{id}/prompts/{entry}/answer") => {
            Sent::Json(json!({ "id": new_id(), "answer": "still_on_it" }))
        }
        (_, "/api/v1/incidents/{id}/escalations") => Sent::Json(json!({ "reason": "sampled" })),
        (_, "/api/v1/incidents/{id}/pages") => {
            Sent::Json(json!({ "user": fixture.user, "reason": "sampled" }))
        }
        (_, "/api/v1/schedules") => Sent::Json(json!({ "name": new_id(), "zone": "UTC" })),
        (Verb::Patch, "/api/v1/schedules/{schedule}") => Sent::Json(json!({ "zone": "UTC" })),
        (_, "/api/v1/schedules/{schedule}/overrides") => {
            Sent::Json(json!({ "from": "2098-01-01T00:00:00Z", "until": "2098-02-01T00:00:00Z" }))
        }
        (Verb::Put, "/api/v1/services/{service}/dependencies/{dependency}") => {
            Sent::Json(json!({ "hard": false }))
        }
        (Verb::Post | Verb::Put, path)
            if ["services", "teams", "policies"]
                .iter()
                .any(|area| path.starts_with(&format!("/api/v1/{area}"))) =>
        {
            let targets = json!([{ "kind": "person", "id": fixture.user }]);
            let mut body = json!({ "name": format!("Sampled {}", new_id()) });
            if path.contains("policies") {
                body["levels"] = json!([{ "minutes": 5, "targets": targets }]);
            }
            Sent::Json(body)
        }
        (_, "/api/v1/me/routes") => Sent::Json(json!({ "channel": "browser" })),
        (Verb::Put, "/api/v1/me/quiet-hours") => {
            Sent::Json(json!({ "zone": "UTC", "from": "22:00", "until": "07:00" }))
        }
        (_, path) if path.starts_with("/api/") => Sent::Nothing,
        (_, "/incidents/{id}/entries") => {
            form(&[("id", &new_id()), ("kind", "note"), ("text", "sampled")])
        }
        (_, "/incidents/{id}/share/access") => form(&[("user", &fixture.user)]),
        (_, "/people/{person}/role") => form(&[("role", "responder")]),
        (_, "/people/invites") => form(&[("role", "viewer")]),
        _ => form(&[
            ("title", "Sampled"),
            ("text", "sampled"),
            ("label", "Sampled"),
            ("reason", "sampled"),
            ("name", "Sampled"),
            ("services", ""),
            ("description", ""),
            ("revision", "1"),
        ]),
    }
}

async fn ask(client: &Client, endpoint: &Endpoint, fixture: &Fixture) -> (Verdict, u16) {
    let mut request = client
        .request(endpoint.verb.word(), &path(endpoint, fixture))
        .header("accept", "text/html");
    request = match sample(endpoint, fixture) {
        Sent::Nothing => request,
        Sent::Json(body) => request.json(&body),
        Sent::File => request.header("content-type", "text/plain").body("x"),
        Sent::Form(fields) => request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(fields).unwrap()),
    };
    // A stream never ends, so the body is not read.
    let answer = request.send().await.unwrap();
    let to_login = answer
        .headers()
        .get("location")
        .is_some_and(|to| to.to_str().unwrap().starts_with("/login"));
    let verdict = match answer.status().as_u16() {
        401 => Verdict::SignIn,
        303 if to_login && endpoint.path != "/logout" => Verdict::SignIn,
        403 => Verdict::Forbidden,
        404 => Verdict::NotFound,
        _ => Verdict::Allowed,
    };
    (verdict, answer.status().as_u16())
}

/// Endpoints that say themselves, in their own test, why they are not asked here.
fn is_left_out(endpoint: &Endpoint) -> bool {
    // Answers 404 without a browser half, and for things that are the asker's own.
    endpoint.path.starts_with("/pkg/") || endpoint.path.starts_with("/favicon")
        || matches!(endpoint.path, "/account/sessions/{session}/end" | "/account/tokens/{token}/revoke" | "/on-call/feeds/{feed}/revoke")
        // Responders take back their own overrides, commanders all: tests/on_call.rs.
        || endpoint.path.contains("/overrides/{override}")
        // Whose page it is decides: tests/paging/answers.rs.
        || endpoint.path.contains("/pages/{page}/")
        || endpoint.path.contains("/{route}")
        // Only there when started as the example.
        || endpoint.path.starts_with("/example")
}

#[tokio::test]
async fn every_endpoint_lets_in_whom_it_should_and_nobody_else() {
    let server = TestServer::start().await;
    let mut wrong = Vec::new();
    let mut fixtures = BTreeMap::new();
    let mut directory = Arc::new(Directory::make(&server).await);
    for endpoint in router::endpoints()
        .iter()
        .filter(|endpoint| !is_left_out(endpoint))
    {
        for restricted in [false, true] {
            let about_incidents =
                matches!(endpoint.access, Access::Incident(_) | Access::Author(_));
            if restricted && !about_incidents {
                continue;
            }
            for who in ASKERS {
                // What was acted upon may not be fit to be acted upon again.
                let kept = fixtures.remove(&restricted);
                let things = match kept {
                    Some(kept) => kept,
                    None => fixture_beside(&server, restricted, Arc::clone(&directory)).await,
                };
                let (found, status) = ask(&server.client(who), endpoint, &things).await;
                if endpoint.verb == Verb::Get || found != Verdict::Allowed {
                    fixtures.insert(restricted, things);
                } else if ["{service}", "{team}", "{policy}"]
                    .iter()
                    .any(|name| endpoint.path.contains(name))
                {
                    directory = Arc::new(Directory::make(&server).await);
                }
                let wanted = expected(endpoint.access, who, restricted);
                // The public half of the table may also say that nothing is there.
                let fits = found == wanted || (wanted == Verdict::NotFound && status == 410);
                if !fits {
                    wrong.push(format!("{} {} restricted={restricted} {who:?}: {found:?} ({status}), not {wanted:?}", endpoint.verb.word(), endpoint.path));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} answers are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_list_of_endpoints_is_kept() {
    let mut lines: Vec<String> = router::endpoints()
        .iter()
        // Only in development builds.
        .filter(|endpoint| endpoint.path != "/styleguide")
        .map(|endpoint| {
            format!(
                "{:6} {} — {:?}",
                endpoint.verb.word(),
                endpoint.path,
                endpoint.access
            )
        })
        .collect();
    lines.sort_by(|a, b| a[7..].cmp(&b[7..]));
    let found = lines.join("\n") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/endpoints.txt");
    if std::env::var_os("RIDEOUT_TEST_ACCEPT").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == found,
        "tests/endpoints.txt is not what the router serves. Look at the difference, then run this test with RIDEOUT_TEST_ACCEPT=1.\n{found}"
    );
}

#[test]
fn endpoints_about_an_incident_ask_who_may_see_it() {
    for endpoint in router::endpoints() {
        let about = endpoint.path.contains("/incidents/{id}");
        let asks = matches!(endpoint.access, Access::Incident(_) | Access::Author(_));
        assert_eq!(about, asks, "{} {}", endpoint.verb.word(), endpoint.path);
    }
}

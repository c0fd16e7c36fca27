//! The frame around handlers, with handlers that misbehave.

use super::{Access, ApiError, Form, PageError, Routes, Web, router::assemble};
use crate::{
    config::resolve,
    live::LiveHub,
    web::{middleware::gate::Gate, open_count::OpenCounts},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response},
};
use rideout_service::{
    Error, Service, Settings,
    db::{DatabaseUrl, Db, OpenOptions},
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::{Notify, oneshot};
use tower::ServiceExt as _;

async fn web() -> (Web, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(
        &DatabaseUrl::sqlite(folder.path().join("t.db")),
        OpenOptions::server(),
    )
    .await
    .unwrap();
    db.migrate().await.unwrap();
    let service = Service::new(db, Settings::default());
    let config = resolve(Some("/dev/null".into()), &Vec::new(), &BTreeMap::new())
        .unwrap()
        .config;
    let web = Web {
        hub: LiveHub::start(service.clone()),
        open_counts: Arc::new(OpenCounts::new(&service)),
        called: Arc::new(super::called::CalledPeople::new(&service)),
        rooms: Arc::default(),
        service,
        config: Arc::new(config),
        gate: Arc::new(Gate::new(2)),
        body_gate: Arc::new(Gate::new(2)),
        client: rideout_channels::Client::new(
            rideout_channels::Guard::new(Vec::new()),
            &rideout_channels::Authorities::default(),
        )
        .unwrap(),
        base_url: "http://127.0.0.1:4000".into(),
        admin: ([127, 0, 0, 1], 4001).into(),
        example: false,
    };
    (web, folder)
}

async fn ask(router: &Router, request: Request<Body>) -> (Response<Body>, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), text)
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

async fn panics() -> &'static str {
    panic!("the secret of the handler")
}

async fn fails() -> Result<(), PageError> {
    Err(Error::internal("the secret of the database").into())
}

async fn fails_for_programs() -> Result<(), ApiError> {
    Err(Error::internal("the secret of the database").into())
}

#[tokio::test]
async fn a_panic_and_a_defect_become_pages_that_keep_their_secrets() {
    let (web, _folder) = web().await;
    let routes = Routes::new()
        .get("/panics", Access::Anyone, panics)
        .get("/fails", Access::Anyone, fails)
        .get("/programs", Access::Anyone, fails_for_programs);
    let router = assemble(routes, web.clone());
    for path in ["/panics", "/fails", "/programs"] {
        let (response, text) = ask(&router, get(path)).await;
        assert_eq!(response.status(), 500, "{path}");
        assert!(!text.contains("secret"), "{text}");
        let id = response.headers()["x-request-id"].to_str().unwrap();
        assert!(text.contains(id), "{path} names no request");
        assert_eq!(path == "/programs", text.starts_with('{'), "{text}");
    }
    assert_eq!(web.gate.inside(), 0, "a panic gives its place back");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let (mut web, _folder) = web().await;
    let mut config = (*web.config).clone();
    config.request_timeout = std::time::Duration::ZERO;
    web.config = Arc::new(config);
    let routes = Routes::new().get("/slow", Access::Anyone, std::future::pending::<()>);
    let (response, text) = ask(&assemble(routes, web), get("/slow")).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "2");
    assert!(
        text.contains("This took too long") && text.ends_with("</html>"),
        "{text}"
    );
}

#[tokio::test]
async fn unfinished_bodies_take_no_place_from_those_who_read() {
    let (web, _folder) = web().await;
    let gate = Arc::clone(&web.body_gate);
    let (_one, _two) = (gate.enter().await.unwrap(), gate.enter().await.unwrap());
    let router = assemble(Routes::new().get("/", Access::Anyone, async || "in"), web);
    assert_eq!(ask(&router, get("/")).await.1, "in");
}

#[tokio::test]
async fn when_all_places_are_taken_others_are_turned_away() {
    let (web, _folder) = web().await;
    // From here on waiting takes no time.
    tokio::time::pause();
    let gate = Arc::clone(&web.gate);
    let (entered, is_in) = oneshot::channel();
    let leave = Arc::new(Notify::new());
    let holder = {
        let (gate, leave) = (Arc::clone(&gate), Arc::clone(&leave));
        tokio::spawn(async move {
            let _both = (gate.enter().await.unwrap(), gate.enter().await.unwrap());
            entered.send(()).unwrap();
            leave.notified().await;
        })
    };
    is_in.await.unwrap();
    let router = assemble(Routes::new().get("/", Access::Anyone, async || "in"), web);
    let (response, text) = ask(&router, get("/")).await;
    assert_eq!((response.status().as_u16(), gate.turned_away()), (503, 1));
    assert!(text.contains("Too much to do just now"), "{text}");
    leave.notify_one();
    holder.await.unwrap();
    assert_eq!(ask(&router, get("/")).await.1, "in");
}

#[tokio::test]
async fn a_form_with_a_file_arrives_whole() {
    async fn show(form: Form) -> String {
        let file = form.file("file").unwrap();
        format!(
            "{} {} {} {}",
            form.text("text"),
            file.name,
            file.content_type,
            file.content.len()
        )
    }
    let (web, _folder) = web().await;
    let router = assemble(Routes::new().post_file("/", Access::Anyone, show), web);
    let send = |body: Vec<u8>| {
        let kind = "multipart/form-data; boundary=edge";
        Request::post("/")
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap()
    };
    let part = |head: &str, content: &[u8]| {
        [
            b"--edge\r\nContent-Disposition: form-data; ",
            head.as_bytes(),
            b"\r\n\r\n",
            content,
            b"\r\n",
        ]
        .concat()
    };
    let text = part("name=\"text\"", "Größe & co".as_bytes());
    let file = part(
        "name=\"file\"; filename=\"a b.txt\"\r\nContent-Type: text/plain",
        &[7; 2_000_000],
    );
    let (_, shown) = ask(&router, send([&text[..], &file, b"--edge--\r\n"].concat())).await;
    assert_eq!(shown, "Größe & co a b.txt text/plain 2000000");

    let (response, _) = ask(&router, send([&text[..], b"--ed"].concat())).await;
    assert_eq!(response.status(), 400, "broken off");
    let large = part("name=\"file\"; filename=\"x\"", &vec![7; 12 * 1024 * 1024]);
    let (response, _) = ask(&router, send([&large[..], b"--edge--\r\n"].concat())).await;
    assert_eq!(response.status(), 413);
    let (response, said) = ask(
        &router,
        send([&part("name=\"text\"", b"\xff\xfe")[..], b"--edge--\r\n"].concat()),
    )
    .await;
    assert_eq!(response.status(), 422);
    assert!(said.contains("UTF-8"));
}

#[tokio::test]
async fn a_method_that_is_not_there_names_those_that_are() {
    let (web, _folder) = web().await;
    let router = assemble(
        Routes::new().get("/here", Access::Anyone, async || "here"),
        web,
    );
    let request = Request::post("/here")
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        .unwrap();
    let (response, text) = ask(&router, request).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET,HEAD");
    assert!(text.ends_with("</html>"));
    let (response, text) = ask(&router, Request::head("/here").body(Body::empty()).unwrap()).await;
    assert_eq!((response.status().as_u16(), text.as_str()), (200, ""));
}

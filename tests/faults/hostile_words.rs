//! Bodies, queries and paths that nobody would send in good faith, to every
//! endpoint there is.

use super::writers::is_clear;
use crate::{
    authorisation::{Fixture, fixture, path},
    support::{Answer, PATIENCE, TestServer, Who, new_id, send},
};
use rideout::web::{Endpoint, endpoints::Verb, router};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data; boundary=edge";

/// Fields of all the forms there are.
const FIELDS: [&str; 24] = [
    "id",
    "title",
    "text",
    "kind",
    "description",
    "services",
    "severity",
    "status",
    "reason",
    "summary",
    "name",
    "email",
    "password",
    "current",
    "new_password",
    "role",
    "label",
    "user",
    "people",
    "occurred_at",
    "started",
    "started_at",
    "minutes",
    "revision",
];

/// Every field with the same value, already escaped.
fn all_fields(value: &str) -> Vec<u8> {
    FIELDS
        .map(|field| format!("{field}={value}"))
        .join("&")
        .into_bytes()
}

/// The same, but of a kind that there is, so that the text itself is looked at.
fn note(value: &str) -> Vec<u8> {
    let id = new_id();
    format!(
        "id={id}&kind=note&severity=SEV1&role=viewer&revision=1&title={value}&text={value}&name={value}&label={value}\
         &description={value}&services={value}&reason={value}&email={value}&password={value}&next={value}"
    )
    .into_bytes()
}

fn json_note(value: &str) -> Vec<u8> {
    format!(r#"{{"id":"{}","kind":"note","text":{value}}}"#, new_id()).into_bytes()
}

fn part(head: &str, body: &[u8]) -> Vec<u8> {
    [
        format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes(),
        body,
        b"\r\n--edge--\r\n",
    ]
    .concat()
}

/// Media types and bodies.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let line = "x".repeat(100_000);
    let deep = "[".repeat(100_000);
    vec![
        (FORM, all_fields("%ff%fe")),
        (
            FORM,
            [
                &b"kind=note&text=\xff\xfe&title=\xff&name=\xff&id="[..],
                new_id().as_bytes(),
            ]
            .concat(),
        ),
        (FORM, all_fields("a%00b")),
        (FORM, note("a%00b")),
        (
            FORM,
            note("%F0%9F%94%A5%E2%80%AE%EF%BB%BF%C2%85%E2%80%A8%1B[31m%07"),
        ),
        (
            FORM,
            note("%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
        ),
        (
            FORM,
            format!("id={}&kind=note&title={line}", new_id()).into_bytes(),
        ),
        (
            FORM,
            format!("id={}&kind=note&text={line}", new_id()).into_bytes(),
        ),
        (FORM, format!("{}={line}", "y".repeat(40_000)).into_bytes()),
        (FORM, "a=b&".repeat(10_000).into_bytes()),
        (FORM, all_fields("9999-12-31T23:59:59Z")),
        (FORM, all_fields("%2B292277026596-12-04T15:30:07Z")),
        (FORM, all_fields("-9999-01-01T00:00")),
        (FORM, all_fields("99999999999999999999999")),
        (FORM, all_fields("-9223372036854775808")),
        (FORM, all_fields("")),
        (FORM, b"&&==&=&%&%f&%zz=%zz;\r\n\0".to_vec()),
        (MULTIPART, part("name=\"text\"", b"a\0b\xff\xfe")),
        (
            MULTIPART,
            part("name=\"file\"; filename=\"../../../../etc/passwd\"", b"x"),
        ),
        (
            MULTIPART,
            part("name=\"file\"; filename=\"a\0b\u{ff}\"", b"x"),
        ),
        (MULTIPART, part("nonsense", b"x")),
        (MULTIPART, b"--edge\r\nno end".to_vec()),
        (MULTIPART, b"--other--".to_vec()),
        ("multipart/form-data", b"--edge--".to_vec()),
        (
            JSON,
            b"{\"id\":\"\xff\xfe\",\"kind\":\"note\",\"text\":\"\xff\"}".to_vec(),
        ),
        (JSON, json_note(r#""a\u0000b""#)),
        (JSON, json_note(r#""\ud800""#)),
        (JSON, json_note("1e999")),
        (JSON, json_note(&format!("\"{line}\""))),
        (
            JSON,
            json_note(r#""x","occurred_at":"9999-12-31T23:59:59Z""#),
        ),
        (
            JSON,
            json_note(r#""x","occurred_at":"+10000-01-01T00:00:00Z""#),
        ),
        (JSON, json_note(r#""x","text":"twice""#)),
        (
            JSON,
            br#"{"title":"a\u0000b","name":"a\u0000b","reason":"\u0000","revision":1e30}"#.to_vec(),
        ),
        (
            JSON,
            br#"{"title":"x","services":[[[]]],"severity":{},"started_at":"9999-12-31T23:59:59Z"}"#
                .to_vec(),
        ),
        (JSON, deep.clone().into_bytes()),
        (JSON, format!("{{\"text\":{deep}").into_bytes()),
        (JSON, b"null".to_vec()),
        (JSON, b"{} {}".to_vec()),
        (JSON, b"\xef\xbb\xbf{}".to_vec()),
        (JSON, b"".to_vec()),
        ("application/json; charset=utf-16", b"{\0}\0".to_vec()),
        ("text/plain", b"text=x".to_vec()),
        (
            "application/xml",
            b"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>".to_vec(),
        ),
        (
            "application/x-www-form-urlencoded; charset=\u{ff}",
            b"text=x".to_vec(),
        ),
        (";;;/;=", vec![0; 1000]),
    ]
}

const QUERIES: [&str; 12] = [
    "q=%ff&cursor=%ff&kinds=%ff",
    "q=a%00b&title=a%00b&person=%00&cursor=%00",
    "after=99999999999999999999&before=99999999999999999999&limit=99999999999999999999",
    "after=-1&before=-1&limit=-1&cursor=-1",
    "after=9223372036854775807&before=-9223372036854775808&limit=1000",
    "status=%22%3E%3Cscript%3E&severity=%22%3E%3Cscript%3E&compose=%22%3E%3Cscript%3E&kinds=%22%3E%3Cscript%3E",
    "q=%25_%27%22%5C--;DROP%20TABLE%20incidents",
    "cursor=AAAA&q=%F0%9F%94%A5&person=not-a-uuid&system=maybe",
    "from=9999-12-31&to=0000-00-00&cursor=9999-12-31T23:59:59Z",
    "title=%3C/textarea%3E&fragment=all&fragment=none&before=0",
    "%00=%00&=&&&;",
    "next=//evil.example&next=javascript:alert(1)",
];

const NAMES: [&str; 6] = [
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "'%20OR%201=1--",
    "00000000-0000-0000-0000-000000000000",
    "9223372036854775808",
];

/// Endpoints that are tested elsewhere.
fn is_left_out(endpoint: &Endpoint) -> bool {
    // An asset that is not there is answered without a body.
    endpoint.path.starts_with("/pkg/")
        || endpoint.path.starts_with("/favicon")
        || endpoint.path.contains("{session}")
        || endpoint.path.starts_with("/example")
}

/// A refusal, or it is done; never a failure. Returns what is wrong with the answer.
fn fault(answer: &Answer) -> Option<String> {
    let for_programs = answer.header("content-type") == "application/problem+json";
    let page = answer.header("content-type").starts_with("text/html");
    match answer.status {
        500.. => Some(answer.text.clone()),
        400.. if for_programs => {
            is_clear(answer);
            None
        }
        // What it is not said to be, it need not be: a fragment of a page, say.
        400.. if page && !answer.text.ends_with("</html>") => {
            Some("the page breaks off".to_owned())
        }
        400.. if !page => Some(format!(
            "a refusal as {}: {}",
            answer.header("content-type"),
            answer.text
        )),
        _ if page && answer.text.contains("<script>alert(1)") => {
            Some("a script gets through".to_owned())
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_endpoint_refuses_hostile_bodies_with_a_sentence() {
    for server in TestServer::each().await {
        let admin = server.client(Who::Admin);
        let things = fixture(&server, false).await;
        let mut wrong = Vec::new();
        let writing = router::endpoints()
            .into_iter()
            .filter(|endpoint| endpoint.verb != Verb::Get);
        for endpoint in writing.filter(|endpoint| !is_left_out(endpoint)) {
            let to = path(&endpoint, &things);
            for (n, (kind, body)) in bodies().into_iter().enumerate() {
                let request = admin.request(endpoint.verb.word(), &to).timeout(PATIENCE);
                let kind = http::HeaderValue::from_bytes(kind.as_bytes()).unwrap();
                let answer = send(request.header("content-type", kind).body(body)).await;
                if let Some(fault) = fault(&answer) {
                    wrong.push(format!(
                        "{} {to} with body {n}: {} {fault}",
                        endpoint.verb.word(),
                        answer.status
                    ));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{} answers are wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        goes_on(&server, &things).await;
    }
}

#[tokio::test]
async fn every_endpoint_refuses_hostile_addresses_with_a_sentence() {
    for server in TestServer::each().await {
        let admin = server.client(Who::Admin);
        let things = fixture(&server, false).await;
        let mut wrong = Vec::new();
        for endpoint in router::endpoints()
            .into_iter()
            .filter(|endpoint| !is_left_out(endpoint))
        {
            let good = path(&endpoint, &things);
            let joint = if good.contains('?') { '&' } else { '?' };
            let mut addresses: Vec<String> =
                QUERIES.map(|query| format!("{good}{joint}{query}")).into();
            for (at, _) in endpoint.path.match_indices('{') {
                let place = endpoint.path[..at].matches('/').count();
                addresses.extend(NAMES.map(|name| {
                    let mut parts: Vec<&str> = good.split('/').collect();
                    parts[place] = name;
                    parts.join("/")
                }));
            }
            for address in addresses {
                let request = admin
                    .request(endpoint.verb.word(), &address)
                    .timeout(PATIENCE);
                // A stream has no end to wait for.
                let response = request.send().await.unwrap();
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let is_stream = headers
                    .get("content-type")
                    .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
                let text = if is_stream {
                    String::new()
                } else {
                    String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned()
                };
                let answer = Answer {
                    status,
                    headers,
                    text,
                };
                if let Some(fault) = fault(&answer) {
                    wrong.push(format!(
                        "{} {address}: {status} {fault}",
                        endpoint.verb.word()
                    ));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{} answers are wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        goes_on(&server, &things).await;
    }
}

/// Nothing is broken, and everything that was stored can be shown.
async fn goes_on(server: &TestServer, things: &Fixture) {
    assert!(!server.log().contains("panic"), "{}", server.log());
    server.operator().get("/health/ready").await.expect(200);
    let admin = server.client(Who::Admin);
    let incident = &things.incident;
    let pages = [
        "",
        "/catch-up",
        "/details",
        "/share",
        "/export.md",
        "/export.json",
    ]
    .map(|end| format!("/incidents/{incident}{end}"));
    for path in pages.iter().map(String::as_str).chain([
        "/incidents?status=all",
        "/people",
        "/audit",
        "/account",
    ]) {
        let page = admin.get(path).await.expect(200);
        assert!(
            !page.text.contains("<script>alert(1)") || path.contains("export"),
            "{path}"
        );
        assert!(
            path.contains("export") || page.text.ends_with("</html>"),
            "{path}"
        );
    }
    server
        .client(Who::Responder)
        .note(incident, &new_id(), "goes on")
        .await
        .expect(201);
}

#[tokio::test]
async fn a_refusal_names_what_is_wrong() {
    for server in TestServer::each().await {
        let responder = server.client(Who::Responder);
        let incident = responder.declare("Refused").await;
        let api = format!("/api/v1/incidents/{incident}/entries");
        let incidents = "/incidents".to_owned();
        let form = format!("/incidents/{incident}/entries");
        let long = "x".repeat(1024 * 1024);
        let cases: Vec<(&str, &str, Vec<u8>, u16, &str)> = vec![
            (
                &api,
                JSON,
                b"{\"id\":\"\xff\"}".to_vec(),
                400,
                "not valid JSON",
            ),
            // What cannot be stored is shown by a sign for it.
            (&api, JSON, json_note(r#""a\u0000b""#), 201, "a\u{2400}b"),
            (
                &api,
                JSON,
                json_note(r#""x","occurred_at":"9999-12-31T23:59:59Z""#),
                422,
                "occurred_at",
            ),
            (
                &api,
                JSON,
                json_note(&format!("\"{}\"", &long[..900_000])),
                422,
                "text",
            ),
            (&api, JSON, json_note(&format!("\"{long}\"")), 413, "1 MB"),
            (
                &api,
                "text/plain",
                json_note("\"x\""),
                415,
                "application/json",
            ),
            (&form, FORM, b"kind=note&text=%ff".to_vec(), 422, "UTF-8"),
            (&form, FORM, note("a%00b"), 303, ""),
            (&form, FORM, note(&long), 422, "Nothing you typed is lost"),
            (&incidents, FORM, note(&long), 413, "1 MB"),
            (&form, "text/csv", b"a,b".to_vec(), 415, "not a form"),
        ];
        for (path, kind, body, status, word) in cases {
            let shown = String::from_utf8_lossy(&body[..body.len().min(100)]).into_owned();
            let answer = send(
                responder
                    .request("POST", path)
                    .header("content-type", kind)
                    .body(body),
            )
            .await;
            assert_eq!(
                answer.status, status,
                "{path} {kind} {shown}: {}",
                answer.text
            );
            assert!(
                answer.text.contains(word),
                "{path} {kind} {shown}: {}",
                answer.text
            );
        }
        assert_eq!(
            responder.get(&api).await.expect(200).json()["entries"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
    }
}

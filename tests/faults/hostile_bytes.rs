//! What is no proper HTTP, sent over a bare connection.

use super::writers::all_entries;
use crate::support::{PATIENCE, TestServer, Who, send, wait_until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Sends bytes, and returns the status of the answer; none when the connection
/// was closed without one.
async fn status(address: &str, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Whoever refuses early may also close before everything is sent.
    let _ = stream.write_all(bytes).await;
    let mut head = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(n) => head.extend_from_slice(&buffer[..n]),
            }
        }
    };
    timeout(PATIENCE, reading)
        .await
        .expect("an answer or an end in time");
    let text = String::from_utf8_lossy(&head);
    text.strip_prefix("HTTP/1.1 ")
        .or(text.strip_prefix("HTTP/1.0 "))?
        .get(..3)?
        .parse()
        .ok()
}

#[tokio::test]
async fn it_is_refused_and_the_server_goes_on() {
    let server = TestServer::start().await;
    let address = server.main.trim_start_matches("http://");
    let token = &server.person(Who::Responder).token;
    let incident = server.client(Who::Responder).declare("Still there").await;
    let path = format!("/api/v1/incidents/{incident}/entries");
    let me = |lines: &str| {
        format!(
            "GET /api/v1/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{lines}\r\n\r\n"
        )
    };
    let post = |lines: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n{lines}\r\n\r\n{body}"
        )
    };
    assert_eq!(
        status(address, me("accept: */*").as_bytes()).await,
        Some(200)
    );
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n");
    let long = "x".repeat(1024 * 1024);
    let many: String = (0..1000).map(|n| format!("x-{n}: y\r\n")).collect();
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        (
            "no HTTP at all",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
            &[400],
        ),
        (
            "the beginning of HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            &[400, 505],
        ),
        (
            "an unknown version",
            b"GET / HTTP/7.3\r\nhost: x\r\n\r\n".to_vec(),
            &[400, 505],
        ),
        (
            "an unknown method",
            b"BREW /incidents HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
            &[403, 405, 501],
        ),
        (
            "a header of a megabyte",
            me(&format!("x-long: {long}")).into_bytes(),
            &[431],
        ),
        (
            "a thousand headers",
            me(&format!("{many}x: y")).into_bytes(),
            &[431],
        ),
        (
            "a cookie of 60 kB",
            me(&format!("cookie: {}", &long[..60_000])).into_bytes(),
            &[200, 431],
        ),
        (
            "a target of a megabyte",
            get(&format!("/incidents?q={long}")).into_bytes(),
            &[414, 431],
        ),
        (
            "a target of 60 kB",
            get(&format!("/login?next=/{}", &long[..60_000])).into_bytes(),
            &[200, 400, 414],
        ),
        ("NUL in a header", me("x-nul: a\0b").into_bytes(), &[400]),
        (
            "NUL in the target",
            get("/incidents/\0").into_bytes(),
            &[400],
        ),
        (
            "bytes beyond ASCII in a header",
            [me("x-odd: ").trim_end().as_bytes(), b" \xff\xfe\r\n\r\n"].concat(),
            &[200, 400],
        ),
        (
            "bytes beyond ASCII as token",
            b"GET /api/v1/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \xff\xfe\r\n\r\n"
                .to_vec(),
            &[400, 401],
        ),
        (
            "escaped NUL in the path",
            get("/incidents/%00").into_bytes(),
            &[303, 404],
        ),
        (
            "invalid UTF-8 in the path",
            get("/s/%ff%fe").into_bytes(),
            &[404],
        ),
        (
            "a way out of the folder",
            get("/pkg/../../../../etc/passwd").into_bytes(),
            &[404],
        ),
        (
            "an escaped way out of the folder",
            get("/pkg/%2e%2e%2f%2e%2e%2fetc%2fpasswd").into_bytes(),
            &[404],
        ),
        (
            "no host",
            b"GET /login HTTP/1.1\r\n\r\n".to_vec(),
            &[200, 400],
        ),
        (
            "a length below nought",
            post("content-length: -1", "{}").into_bytes(),
            &[400],
        ),
        (
            "two lengths",
            post("content-length: 2\r\ncontent-length: 3", "{}").into_bytes(),
            &[400],
        ),
        (
            "ten gigabytes",
            post("content-length: 10000000000", "{").into_bytes(),
            &[413],
        ),
        (
            "ten gigabytes after asking",
            post("expect: 100-continue\r\ncontent-length: 10000000000", "").into_bytes(),
            &[413],
        ),
        (
            "a chunk of no size",
            post("transfer-encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n").into_bytes(),
            &[400],
        ),
        (
            "a chunk larger than all",
            post("transfer-encoding: chunked", "fffffffffffffffff\r\n{}").into_bytes(),
            &[400, 413],
        ),
        (
            "a length and chunks",
            post(
                "transfer-encoding: chunked\r\ncontent-length: 2",
                "0\r\n\r\n",
            )
            .into_bytes(),
            &[400],
        ),
    ];
    for (what, bytes, statuses) in cases {
        let found = status(address, &bytes).await;
        // Closing without a word is an answer to what is no HTTP.
        let told = found.is_some_and(|found| statuses.contains(&found));
        assert!(
            told || (found.is_none() && statuses.contains(&400)),
            "{what}: {found:?}, not one of {statuses:?}"
        );
    }
    assert!(!server.log().contains("panic"), "{}", server.log());
    server.operator().get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn half_a_request_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let address = server.main.trim_start_matches("http://");
    let token = &server.person(Who::Responder).token;
    let incident = server.client(Who::Responder).declare("Half said").await;
    let head = |lines: &str| {
        format!(
            "POST /api/v1/incidents/{incident}/entries HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{lines}\r\n\r\n"
        )
    };
    // The body reads as a whole entry, but is not all that was announced.
    let entry = r#"{"id":"01900000-0000-7000-8000-00000000abcd","kind":"note","text":"half"}"#;
    let cases = [
        "POST /api/v1/inc".to_owned(),
        head(&format!("content-length: {}", entry.len() + 1)) + entry,
        head("content-length: 4000") + &entry[..20],
        head("transfer-encoding: chunked") + &format!("{:x}\r\n{entry}\r\n", entry.len()),
        head("transfer-encoding: chunked") + "40\r\n{",
        format!(
            "POST /api/v1/incidents/{incident}/attachments?name=x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: text/plain\r\ncontent-length: 1000000\r\n\r\nhalf"
        ),
    ];
    for case in &cases {
        for _ in 0..5 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(case.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // Whatever is said about it, the connection ends.
            let mut rest = Vec::new();
            let end = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
            end.expect("the connection ends").ok();
            let said = String::from_utf8_lossy(&rest);
            assert!(
                said.is_empty() || said.starts_with("HTTP/1.1 4"),
                "{case}: {said}"
            );
        }
    }
    wait_until("nothing is in work", || async {
        server.operator().get("/state").await.json()["requests"]["in_work"] == 0
    })
    .await;
    let entries = all_entries(&server.client(Who::Viewer), &incident).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(!server.log().contains("panic"), "{}", server.log());
}

#[tokio::test]
async fn a_refusal_reaches_whoever_is_still_sending() {
    let server = TestServer::start().await;
    let (stranger, responder) = (server.client(Who::Stranger), server.client(Who::Responder));
    for _ in 0..5 {
        for (client, path, status) in [
            (&responder, "/api/v1/incidents", 413),
            (&stranger, "/api/v1/incidents", 413),
            (&responder, "/nowhere", 404),
        ] {
            let body = vec![b' '; 20 * 1024 * 1024];
            let request = client.request("POST", path).timeout(PATIENCE);
            let request = request.header("content-type", "application/json");
            send(request.body(body)).await.expect(status);
        }
    }
}

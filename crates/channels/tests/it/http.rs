//! The guarded client and the channels that go by HTTP.

use crate::{
    LIMITS, NOW, Scripted, client, message,
    receiver::Receiver,
    web::{Authority, Endless, answer, with_body},
};
use bytes::Bytes;
use http::HeaderMap;
use rideout_channels::{
    Authorities, Channels, Client, Denied, Failure, Guard, Kind, NtfyAuth, Outcome, Route, Secret,
    SigningSecret, SystemResolver, sign,
};
use std::sync::{Arc, atomic::Ordering};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

async fn send(route: &Route) -> Outcome {
    Channels::new(client(), None)
        .send(route, &message(), NOW)
        .await
}

fn webhook(url: String) -> Route {
    let secret = SigningSecret::from_bytes(&[7; 32]).unwrap();
    Route::Webhook { url, secret }
}

fn slack(url: String) -> Route {
    Route::Slack {
        url: Secret::new(url),
    }
}

fn ntfy(server: String) -> Route {
    Route::Ntfy {
        server,
        topic: "ana".into(),
        auth: NtfyAuth::Token(Secret::new("tk_secret")),
    }
}

#[tokio::test]
async fn a_webhook_is_signed_and_keeps_its_id_when_it_comes_again() {
    let receiver = Receiver::start(|_| answer(204, &[], "")).await;
    let route = webhook(receiver.url());
    assert_eq!(send(&route).await, Outcome::Delivered);
    let later = rideout_domain::Timestamp(NOW.0 + 90_000_000);
    let again = Channels::new(client(), None)
        .send(&route, &message(), later)
        .await;
    assert_eq!(again, Outcome::Delivered);

    let asked = receiver.asked();
    assert_eq!(asked[0].method, "POST");
    assert_eq!(asked[0].uri, "/hook?a=b");
    assert_eq!(asked[0].header("host"), receiver.address.to_string());
    assert_eq!(asked[0].header("content-type"), "application/json");
    assert!(asked[0].header("user-agent").starts_with("Rideout/"));
    assert_eq!(asked[0].header("webhook-timestamp"), "1276592430");
    assert_eq!(asked[1].header("webhook-timestamp"), "1276592520");
    let id = message().id.to_string();
    let secret = SigningSecret::from_bytes(&[7; 32]).unwrap();
    for (one, at) in asked.iter().zip([1_276_592_430, 1_276_592_520]) {
        assert_eq!(one.header("webhook-id"), id);
        assert_eq!(
            one.header("webhook-signature"),
            sign(&secret, &id, at, &one.body)
        );
    }
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(
        asked[0].json()["data"]["acknowledge"],
        "https://rideout.example.org/page/a"
    );
}

#[tokio::test]
async fn a_chat_gets_text_and_blocks() {
    let receiver = Receiver::start(|_| answer(200, &[], "ok")).await;
    assert_eq!(send(&slack(receiver.url())).await, Outcome::Delivered);
    let sent = receiver.one().json();
    assert!(
        sent["text"]
            .as_str()
            .unwrap()
            .starts_with("*SEV1 Reservations time out*\n")
    );
    assert!(sent["blocks"].is_array());
}

#[tokio::test]
async fn ntfy_gets_json_at_its_root_and_the_proof() {
    let receiver = Receiver::start(|_| answer(200, &[], r#"{"id":"x"}"#)).await;
    let root = format!("http://{}", receiver.address);
    assert_eq!(send(&ntfy(root)).await, Outcome::Delivered);
    let asked = receiver.one();
    assert_eq!(asked.uri, "/");
    assert_eq!(asked.header("authorization"), "Bearer tk_secret");
    assert_eq!(asked.json()["topic"], "ana");
}

#[tokio::test]
async fn what_each_status_comes_to() {
    enum Want {
        Delivered,
        Never,
        NotThis,
        Later(Option<i64>),
        Gone,
    }
    use Want::{Delivered, Gone, Later, Never, NotThis};
    for (status, headers, want) in [
        (200, &[][..], Delivered),
        (202, &[][..], Delivered),
        (301, &[("location", "http://127.0.0.1:1/")][..], Never),
        (304, &[][..], Never),
        (400, &[][..], NotThis),
        (401, &[][..], Never),
        (403, &[][..], Never),
        (404, &[][..], Never),
        (408, &[][..], Later(None)),
        (410, &[][..], Gone),
        (413, &[][..], NotThis),
        (429, &[("retry-after", "17")][..], Later(Some(17))),
        (429, &[][..], Later(None)),
        (500, &[][..], Later(None)),
        (502, &[][..], Later(None)),
        (
            503,
            &[
                ("retry-after", "Tue, 15 Jun 2010 09:01:00 GMT"),
                ("date", "Tue, 15 Jun 2010 09:00:00 GMT"),
            ][..],
            Later(Some(60)),
        ),
        (504, &[][..], Later(None)),
    ] {
        let receiver = Receiver::start(move |_| answer(status, headers, "")).await;
        let outcome = send(&webhook(receiver.url())).await;
        let as_wanted = match (&want, &outcome) {
            (Delivered, Outcome::Delivered) | (Gone, Outcome::Gone) => true,
            (Never, Outcome::Refused { permanent, .. }) => *permanent,
            (NotThis, Outcome::Refused { permanent, .. }) => !permanent,
            (Later(wanted), Outcome::TryAgain { after, .. }) => wanted == after,
            _ => false,
        };
        assert!(as_wanted, "{status}: {outcome:?}");
        receiver.one();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inside = Receiver::start(|_| answer(200, &[], "ok")).await;
    let to = inside.url();
    let outside = Receiver::start(move |_| answer(307, &[("location", &to)], "")).await;
    for route in [
        webhook(outside.url()),
        slack(outside.url()),
        ntfy(outside.url()),
    ] {
        let Outcome::Refused {
            permanent: true,
            why,
        } = send(&route).await
        else {
            panic!("a redirect is a refusal");
        };
        assert!(why.contains("redirect"), "{why}");
    }
    let fetched = client().fetch(&outside.url(), 100).await;
    assert_eq!(fetched.unwrap_err(), Failure::Redirect);
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn a_dead_host_is_tried_again() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let outcome = send(&webhook(format!("http://{address}/"))).await;
    let why = "The host does not take connections.".to_owned();
    assert_eq!(outcome, Outcome::TryAgain { after: None, why });
}

#[tokio::test]
async fn a_host_that_never_answers_is_tried_again() {
    // Takes the connection, and leaves it at that.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let why = "The host did not answer in time.".to_owned();
    for route in [
        webhook(format!("http://{address}/")),
        // The handshake of TLS is not answered, either.
        slack(format!("https://{address}/")),
    ] {
        let again = Outcome::TryAgain {
            after: None,
            why: why.clone(),
        };
        assert_eq!(send(&route).await, again);
    }
    let fetched = client().fetch(&format!("http://{address}/"), 10).await;
    assert_eq!(fetched.unwrap_err(), Failure::TimedOut);
}

#[tokio::test]
async fn what_is_no_http_is_tried_again() {
    for words in [
        &b"220 mail.example.org ESMTP\r\n"[..],
        b"",
        b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n",
        b"HTTP/1.1 999999 ?\r\n\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let other = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(words).await.unwrap();
        });
        let outcome = send(&webhook(format!("http://{address}/"))).await;
        assert!(
            matches!(outcome, Outcome::TryAgain { after: None, .. }),
            "{outcome:?}"
        );
        other.await.unwrap();
    }
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let long = "x".repeat(100_000);
    let receiver = Receiver::start(move |_| answer(200, &[("x-long", &long)], "ok")).await;
    let outcome = send(&webhook(receiver.url())).await;
    assert!(matches!(outcome, Outcome::TryAgain { .. }), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_counts_by_its_head_however_its_body_behaves() {
    let flood = Receiver::start(|_| with_body(200, &[], Endless::Flood)).await;
    assert_eq!(send(&webhook(flood.url())).await, Outcome::Delivered);
    let stall = Receiver::start(|_| with_body(200, &[], Endless::Stall(Some("ok".into())))).await;
    // Sent again it would arrive again: the receiver has said that it has it.
    assert_eq!(send(&webhook(stall.url())).await, Outcome::Delivered);
    assert_eq!(send(&slack(stall.url())).await, Outcome::Delivered);
    assert!(matches!(
        send(&slack(flood.url())).await,
        Outcome::Refused { .. }
    ));
    assert_eq!(stall.asked().len(), 2);
}

#[tokio::test]
async fn a_file_is_fetched_whole_or_not_at_all() {
    let fetch = |answer: fn() -> crate::receiver::Answer, max: usize| async move {
        let receiver = Receiver::start(move |_| answer()).await;
        let fetched = client().fetch(&receiver.url(), max).await;
        assert_eq!(receiver.one().method, "GET");
        fetched
    };
    let file = || {
        answer(
            200,
            &[("content-type", "text/calendar; charset=utf-8")],
            "BEGIN:VCALENDAR",
        )
    };
    let fetched = fetch(file, 15).await.unwrap();
    assert_eq!(fetched.body, "BEGIN:VCALENDAR");
    assert_eq!(
        fetched.content_type.as_deref(),
        Some("text/calendar; charset=utf-8")
    );

    let too_large = Err(Failure::TooLarge { max: 14 });
    assert_eq!(fetch(file, 14).await.map(|f| f.body), too_large);
    let flood = || with_body(200, &[], Endless::Flood);
    assert_eq!(fetch(flood, 14).await.map(|f| f.body), too_large);
    let stall = || with_body(200, &[], Endless::Stall(Some(Bytes::from_static(b"BEGIN"))));
    assert_eq!(
        fetch(stall, 100).await.map(|f| f.body),
        Err(Failure::TimedOut)
    );
    let missing = || answer(404, &[], "");
    assert_eq!(
        fetch(missing, 100).await.map(|f| f.body),
        Err(Failure::Status(404))
    );
    let packed = || answer(200, &[("content-encoding", "gzip")], "xx");
    assert_eq!(
        fetch(packed, 100).await.map(|f| f.body),
        Err(Failure::Broken)
    );
    let empty = || answer(200, &[], "");
    assert_eq!(fetch(empty, 0).await.map(|f| f.body), Ok(Bytes::new()));
}

#[tokio::test]
async fn without_leave_nothing_reaches_the_networks_inside() {
    let receiver = Receiver::start(|_| answer(200, &[], "ok")).await;
    let port = receiver.address.port();
    let strict = Client::with(
        Guard::default(),
        &Authorities::default(),
        Arc::new(SystemResolver),
        LIMITS,
    )
    .unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let posted = strict
                .post(&url, HeaderMap::new(), "x")
                .await
                .map(|r| r.status);
            assert!(
                matches!(posted, Err(Failure::Denied(Denied::Address(_)))),
                "{url}: {posted:?}"
            );
        }
    }
    assert!(receiver.asked().is_empty());
}

#[tokio::test]
async fn a_name_is_asked_once_and_only_what_was_judged_is_connected_to() {
    let receiver = Receiver::start(|_| answer(200, &[], "ok")).await;
    let url = format!("http://hooks.example.org:{}/x", receiver.address.port());
    let strict_url = url.replace("http:", "https:");

    // Rebinding: a public address for whoever checks, a private one for whoever connects.
    let rebinding = Scripted::new(&[&["192.0.2.1"], &["127.0.0.1"]]);
    let strict = Client::with(
        Guard::default(),
        &Authorities::default(),
        rebinding.clone(),
        LIMITS,
    )
    .unwrap();
    let posted = strict
        .post(&strict_url, HeaderMap::new(), "x")
        .await
        .map(|r| r.status);
    assert_eq!(posted, Err(Denied::Address(Kind::Documentation).into()));
    assert_eq!(rebinding.asked.load(Ordering::SeqCst), 1);

    // Every address private: nothing is sent.
    let inside = Scripted::new(&[&["127.0.0.1", "10.0.0.1", "::1"]]);
    let strict = Client::with(Guard::default(), &Authorities::default(), inside, LIMITS).unwrap();
    let posted = strict
        .post(&strict_url, HeaderMap::new(), "x")
        .await
        .map(|r| r.status);
    assert!(
        matches!(posted, Err(Failure::Denied(Denied::Address(_)))),
        "{posted:?}"
    );
    assert!(receiver.asked().is_empty());

    // Of several only the one that may be used is used.
    let mixed = Scripted::new(&[&["10.0.0.1", "fe80::1", "127.0.0.1"]]);
    let guard = || Guard::new(vec!["127.0.0.1".parse().unwrap()]);
    let open = Client::with(guard(), &Authorities::default(), mixed.clone(), LIMITS).unwrap();
    assert_eq!(
        open.post(&url, HeaderMap::new(), "x").await.unwrap().status,
        200
    );
    assert_eq!(mixed.asked.load(Ordering::SeqCst), 1);
    let host = format!("hooks.example.org:{}", receiver.address.port());
    assert_eq!(receiver.one().header("host"), host);

    let nowhere = Scripted::new(&[&[]]);
    let open = Client::with(guard(), &Authorities::default(), nowhere, LIMITS).unwrap();
    let posted = open
        .post(&url, HeaderMap::new(), "x")
        .await
        .map(|r| r.status);
    assert_eq!(posted, Err(Failure::Unresolved));
}

#[tokio::test]
async fn https_needs_a_certificate_for_the_name_from_a_trusted_authority() {
    let authority = Authority::new();
    let tls = authority.acceptor(&["hooks.example.org"]);
    let receiver = Receiver::with(Some(tls), |_| answer(200, &[], "ok")).await;
    let port = receiver.address.port();
    let guard = || Guard::new(vec!["127.0.0.1".parse().unwrap()]);
    let here = || Scripted::new(&[&["127.0.0.1"]]);
    let trusting = Client::with(guard(), &authority.trusted(), here(), LIMITS).unwrap();
    let url = format!("https://hooks.example.org:{port}/x");
    assert_eq!(
        trusting
            .post(&url, HeaderMap::new(), "x")
            .await
            .unwrap()
            .status,
        200
    );
    receiver.one();

    let other = format!("https://other.example.org:{port}/x");
    let wrong_name = trusting
        .post(&other, HeaderMap::new(), "x")
        .await
        .map(|r| r.status);
    assert_eq!(wrong_name, Err(Failure::Tls));
    let by_address = format!("https://127.0.0.1:{port}/x");
    let wrong_name = trusting
        .post(&by_address, HeaderMap::new(), "x")
        .await
        .map(|r| r.status);
    assert_eq!(wrong_name, Err(Failure::Tls));
    let unknown = Client::with(guard(), &Authorities::default(), here(), LIMITS).unwrap();
    let unknown = unknown
        .post(&url, HeaderMap::new(), "x")
        .await
        .map(|r| r.status);
    assert_eq!(unknown, Err(Failure::Tls));
    receiver.one();
}

#[tokio::test]
async fn no_outcome_shows_a_secret() {
    let receiver = Receiver::start(|_| answer(403, &[], "tell nobody: hook?a=b tk_secret")).await;
    for route in [
        webhook(receiver.url()),
        slack(receiver.url()),
        ntfy(receiver.url()),
    ] {
        let shown = format!("{:?} {route:?}", send(&route).await);
        assert!(
            !shown.contains("tk_secret") && !shown.contains("whsec_B"),
            "{shown}"
        );
    }
    let hook = slack("https://hooks.example.org/services/T0/B0/hush".into());
    assert!(!format!("{hook:?}").contains("hush"));
}

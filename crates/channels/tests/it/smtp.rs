//! E-mail through a real mail server.

use crate::{NOW, client, mail::MailServer, message, web::Authority};
use rideout_channels::{Authorities, Channels, Mailer, Message, Outcome, Route};
use std::time::Duration;
use tokio::net::TcpListener;

/// For servers that answer.
const PATIENT: Duration = Duration::from_secs(60);
/// For servers that never do.
const SHORT: Duration = Duration::from_millis(1_500);

fn channels(url: &str, authorities: &Authorities) -> Channels {
    channels_within(PATIENT, url, authorities)
}

fn channels_within(limit: Duration, url: &str, authorities: &Authorities) -> Channels {
    let from = "Rideout <rideout@example.org>";
    let mailer = Mailer::with(url.parse().unwrap(), from, authorities, limit).unwrap();
    Channels::new(client(), Some(mailer))
}

async fn send(channels: &Channels, to: &str) -> Outcome {
    let address = to.to_owned();
    channels
        .send(&Route::Email { address }, &message(), NOW)
        .await
}

#[tokio::test]
async fn a_mail_arrives_and_one_sent_again_is_the_same_mail() {
    let Some(server) = MailServer::start(&[]).await else {
        return;
    };
    let channels = channels(
        &format!("smtp://127.0.0.1:{}", server.port),
        &Authorities::default(),
    );
    assert_eq!(send(&channels, "ana@example.org").await, Outcome::Delivered);
    // On the connection that was kept.
    assert_eq!(send(&channels, "ana@example.org").await, Outcome::Delivered);
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
    assert!(mails[0].starts_with("X-Rcpt: ana@example.org\r\n"));
    assert!(mails[0].contains(&format!(
        "\r\nMessage-ID: <{}@example.org>\r\n",
        message().id
    )));
    assert!(mails[0].contains("\r\nSubject: SEV1 Reservations time out\r\n"));
    assert!(mails[0].contains("Nobody has learnt anything for 15 minutes."));
}

#[tokio::test]
async fn what_each_answer_of_the_server_comes_to() {
    let Some(server) = MailServer::start(&[]).await else {
        return;
    };
    let channels = channels(
        &format!("smtp://127.0.0.1:{}", server.port),
        &Authorities::default(),
    );
    let why = |words: &str| format!("The mail server {words}");
    let refused = |permanent, words| Outcome::Refused {
        permanent,
        why: why(words),
    };
    let later = |words| Outcome::TryAgain {
        after: None,
        why: why(words),
    };
    assert_eq!(
        send(&channels, "nobody@example.org").await,
        refused(
            true,
            "refuses this message (550: “5.1.1 No such user here”)."
        )
    );
    let greylisted = later("asks to come back later (451: “4.7.1 Greylisted, come back later”).");
    assert_eq!(send(&channels, "later@example.org").await, greylisted);
    assert_eq!(send(&channels, "once@example.org").await, greylisted);
    assert_eq!(
        send(&channels, "once@example.org").await,
        Outcome::Delivered
    );
    assert_eq!(
        send(&channels, "full@example.org").await,
        refused(
            false,
            "refuses this message (552: “5.3.4 Message too big”)."
        )
    );
    assert_eq!(
        send(&channels, "spam@example.org").await,
        refused(
            false,
            "refuses this message (554: “5.7.1 Message looks like spam”)."
        )
    );
    assert_eq!(server.mails().len(), 1);
    for wrong in [
        "no address",
        "",
        "a@b\r\nRCPT TO:<evil@example.net>",
        "<a@b>",
        "a@b, c@d",
    ] {
        let outcome = send(&channels, wrong).await;
        assert!(
            matches!(
                outcome,
                Outcome::Refused {
                    permanent: true,
                    ..
                }
            ),
            "{wrong}: {outcome:?}"
        );
    }
    let outcome = send(&channels, "änä@example.org").await;
    assert!(
        matches!(
            outcome,
            Outcome::Refused {
                permanent: true,
                ..
            }
        ),
        "{outcome:?}"
    );
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_waited_for() {
    let Some(server) = MailServer::start(&["--first", "wait"]).await else {
        return;
    };
    let channels = channels(
        &format!("smtp://127.0.0.1:{}", server.port),
        &Authorities::default(),
    );
    let sending = send(&channels, "ana@example.org");
    let letting_go = async {
        while server.mails().is_empty() {
            tokio::task::yield_now().await;
        }
        server.go();
    };
    let (outcome, ()) = tokio::join!(sending, letting_go);
    assert_eq!(outcome, Outcome::Delivered);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_given_up_in_the_middle_does_not_become_part_of_the_next() {
    let Some(server) = MailServer::start(&[]).await else {
        return;
    };
    let channels = channels(
        &format!("smtp://127.0.0.1:{}", server.port),
        &Authorities::default(),
    );
    assert_eq!(send(&channels, "ana@example.org").await, Outcome::Delivered);
    let hasty = channels_within(
        SHORT,
        &format!("smtp://127.0.0.1:{}", server.port),
        &Authorities::default(),
    );
    let silent = send(&hasty, "silent@example.org").await;
    let why = "The mail server did not answer in time.".to_owned();
    assert_eq!(silent, Outcome::TryAgain { after: None, why });
    let cut = send(&channels, "cut@example.org").await;
    let why = "The connection to the mail server broke off.".to_owned();
    assert_eq!(cut, Outcome::TryAgain { after: None, why });
    assert_eq!(send(&channels, "bo@example.org").await, Outcome::Delivered);
    assert_eq!(send(&hasty, "cy@example.org").await, Outcome::Delivered);
    let to: Vec<String> = server
        .mails()
        .iter()
        .map(|mail| mail.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        to,
        ["ana", "silent", "cut", "bo", "cy"].map(|who| format!("X-Rcpt: {who}@example.org"))
    );
    for mail in server.mails() {
        assert_eq!(mail.matches("Message-ID:").count(), 1);
    }
}

#[tokio::test]
async fn tls_needs_a_certificate_for_the_name_from_a_trusted_authority() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    for (mode, scheme, query) in [
        ("starttls", "smtp", "?tls=starttls"),
        ("implicit", "smtps", ""),
    ] {
        let server = |names: &'static [&'static str], tag: &'static str| {
            let (certificate, key) = authority.certify(names);
            let path = |what: &str| folder.path().join(format!("{mode}{tag}.{what}"));
            std::fs::write(path("crt"), certificate).unwrap();
            std::fs::write(path("key"), key).unwrap();
            let paths = [path("crt"), path("key")].map(|path| path.to_str().unwrap().to_owned());
            async move {
                let options = [
                    "--tls",
                    mode,
                    "--certificate",
                    &paths[0],
                    "--key",
                    &paths[1],
                    "--login",
                    "me:p:w",
                ];
                MailServer::start(&options).await
            }
        };
        let Some(right) = server(&["127.0.0.1"], "right").await else {
            return;
        };
        let url = |login: &str, port| format!("{scheme}://{login}127.0.0.1:{port}{query}");
        let pem = &authority.trusted();

        let trusted = channels(&url("me:p%3Aw@", right.port), pem);
        assert_eq!(send(&trusted, "ana@example.org").await, Outcome::Delivered);
        assert_eq!(right.mails().len(), 1);
        trusted.mailer().unwrap().check().await.unwrap();

        let again = |why: &str| Outcome::TryAgain {
            after: None,
            why: why.to_owned(),
        };
        let unsafe_server = again(
            "No safe connection to the mail server can be made; the operator must look at smtp_url.",
        );
        let unknown = channels(&url("me:p%3Aw@", right.port), &Authorities::default());
        assert_eq!(send(&unknown, "ana@example.org").await, unsafe_server);
        unknown.mailer().unwrap().check().await.unwrap_err();
        let wrong = channels(&url("me:hunter2@", right.port), pem);
        let outcome = send(&wrong, "ana@example.org").await;
        assert_eq!(
            outcome,
            again("The mail server refuses Rideout's log-in; the operator must look at smtp_url.")
        );
        let told = wrong.mailer().unwrap().check().await.unwrap_err();
        assert!(!told.contains("hunter2"), "{told}");

        let other = server(&["mail.example.org"], "other").await.unwrap();
        let misnamed = channels(&url("me:p%3Aw@", other.port), pem);
        assert_eq!(send(&misnamed, "ana@example.org").await, unsafe_server);
        assert_eq!(right.mails().len() + other.mails().len(), 1);
    }
}

#[tokio::test]
async fn without_tls_on_offer_nothing_is_said_in_the_open() {
    let Some(server) = MailServer::start(&[]).await else {
        return;
    };
    let channels = channels(
        &format!("smtp://me:pw@127.0.0.1:{}?tls=starttls", server.port),
        &Authorities::default(),
    );
    let outcome = send(&channels, "ana@example.org").await;
    assert!(
        matches!(&outcome, Outcome::TryAgain { why, .. } if why.contains("No safe connection")),
        "{outcome:?}"
    );
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // Takes the connection and never greets.
    let silent = channels_within(
        SHORT,
        &format!("smtp://127.0.0.1:{port}"),
        &Authorities::default(),
    );
    let why = "The mail server did not answer in time.".to_owned();
    assert_eq!(
        send(&silent, "ana@example.org").await,
        Outcome::TryAgain { after: None, why }
    );
    silent.mailer().unwrap().check().await.unwrap_err();
    drop(listener);
    let why = "The mail server cannot be reached.".to_owned();
    assert_eq!(
        send(&silent, "ana@example.org").await,
        Outcome::TryAgain { after: None, why }
    );
}

#[tokio::test]
async fn without_a_mail_server_a_mail_is_refused_with_the_way_forward() {
    let channels = Channels::new(client(), None);
    let outcome = send(&channels, "ana@example.org").await;
    assert!(
        matches!(&outcome, Outcome::Refused { why, .. } if why.contains("smtp_url")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn letters_of_every_script_arrive() {
    let Some(server) = MailServer::start(&[]).await else {
        return;
    };
    let channels = channels(
        &format!("smtp://127.0.0.1:{}", server.port),
        &Authorities::default(),
    );
    let message = Message {
        subject: "SEV1 予約がタイムアウト – „naïve“ 🔥".into(),
        text: Some("x".repeat(3_000) + " Überlast"),
        ..message()
    };
    let address = "ana@example.org".to_owned();
    let outcome = channels
        .send(&Route::Email { address }, &message, NOW)
        .await;
    assert_eq!(outcome, Outcome::Delivered);
    let mail = &server.mails()[0];
    assert!(mail.is_ascii());
    assert!(mail.contains("\r\nSubject: SEV1 =?utf-8?b?"), "{mail}");
}

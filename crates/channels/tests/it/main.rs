//! Channels against real receivers on loopback.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on must fail loudly"
)]

mod http;
#[path = "../../../../tests/support/mail.rs"]
mod mail;
mod receiver;
mod smtp;
mod web;

use rideout_channels::{Authorities, Client, Guard, Limits, Message, Resolve, Urgency};
use rideout_domain::Timestamp;
use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use uuid::Uuid;

/// A message of the story.
pub(crate) fn message() -> Message {
    Message {
        id: Uuid::from_u128(0x0191_5e0c_0000_7000_8000_0000_0000_002a),
        at: Timestamp(1_276_592_400_000_000),
        subject: "SEV1 Reservations time out".into(),
        summary: vec![
            "Nobody has learnt anything for 15 minutes.".into(),
            "Ana leads; “threads wait for the carrier” is being tested.".into(),
        ],
        text: Some("Blocked: the admin interface cannot be reached.".into()),
        pages: Vec::new(),
        link: Some("https://rideout.example.org/incidents/1".into()),
        acknowledge: Some("https://rideout.example.org/page/a".into()),
        escalate: Some("https://rideout.example.org/page/e".into()),
        confirm: None,
        urgency: Urgency::High,
    }
}

/// The time of the attempt: half a minute after the message was written.
pub(crate) const NOW: Timestamp = Timestamp(1_276_592_430_000_000);

/// Short enough that a test of a dead host need not be waited for.
pub(crate) const LIMITS: Limits = Limits {
    connect: Duration::from_millis(300),
    answer: Duration::from_millis(300),
    send: Duration::from_millis(900),
    fetch: Duration::from_millis(900),
};

/// A client that may speak to loopback.
pub(crate) fn client() -> Client {
    let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    Client::with(
        guard,
        &Authorities::default(),
        Arc::new(rideout_channels::SystemResolver),
        LIMITS,
    )
    .unwrap()
}

/// A resolver that answers with the next of its lists each time, the last for ever.
#[derive(Debug)]
pub(crate) struct Scripted {
    answers: Vec<Vec<IpAddr>>,
    pub(crate) asked: AtomicUsize,
}

impl Scripted {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|list| list.iter().map(|text| text.parse().unwrap()).collect())
            .collect();
        Arc::new(Self {
            answers,
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolve for Scripted {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(turn).or(self.answers.last()).cloned();
        Box::pin(async move {
            answer
                .filter(|list| !list.is_empty())
                .ok_or_else(|| io::Error::other("no such host"))
        })
    }
}

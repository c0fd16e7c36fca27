//! Paging by mail: how soon after its step is due a page has been handed to the mail
//! server, and how many messages a second pass through the outbox.

use crate::{
    Failure,
    report::{Latencies, Measurement},
    rows,
    server::Server,
    sink::Sink,
};
use lettre::{
    Message,
    address::Envelope,
    transport::smtp::{client::AsyncSmtpConnection, extension::ClientId},
};
use sqlx::{Connection, SqliteConnection};
use std::time::{Duration, Instant};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};

/// Escalations whose step is due one after the other.
const IDLE: usize = 20;
/// Escalations whose step is due in the same microsecond.
const STORM: usize = 1_000;
/// Messages for the rate.
const MANY: usize = 5_000;
/// Longer than a cycle of the engine, so that all is written before it is due.
const LEAD: i64 = 8_000_000;
/// Microseconds between two steps while idle: off the beat of any other period.
const APART: i64 = 310_000;
const PATIENCE: Duration = Duration::from_secs(180);
/// Connections for the limit: as many as Rideout sends at the same time.
const SENDERS: usize = 16;

/// Due to handed to SMTP, idle and in a storm, and messages a second, beside the
/// same mails sent to the same server without Rideout.
pub(crate) async fn measure() -> Result<Vec<Measurement>, Failure> {
    let mut found = Vec::new();
    for (pages, what) in [(IDLE, "idle"), (STORM, "1,000 incidents at once")] {
        let handed = hand(pages, pages == IDLE).await?;
        let mut latencies = handed.late;
        let of = |share: &str| format!("due to handed to SMTP, {what}, {share}");
        found.push(Measurement::new(of("p50"), latencies.percentile(0.5), "ms"));
        found.push(Measurement::new(
            of("p99"),
            latencies.percentile(0.99),
            "ms",
        ));
    }
    let handed = hand(MANY, false).await?;
    let limit = bare(MANY, handed.size).await?;
    let name = "pages through the outbox to SMTP, 5,000 people at once";
    found.push(Measurement::new(name, handed.rate, "messages/s").limit(
        limit,
        "as many mails of that size to the same server over 16 connections, without Rideout",
    ));
    Ok(found)
}

struct Handed {
    late: Latencies,
    /// Messages a second, from the first that was due to the last handed over.
    rate: f64,
    /// Bytes of a mail, the mean.
    size: usize,
}

/// Calls as many people as there are escalations, each by a mail of their own.
async fn hand(pages: usize, apart: bool) -> Result<Handed, Failure> {
    let sink = Sink::start().await?;
    let server = Server::start_with(&[
        ("RIDEOUT_SMTP_URL", &format!("smtp://{}", sink.address)),
        ("RIDEOUT_MAIL_FROM", "rideout@example.org"),
    ])
    .await?;
    server.token("priya").await?;
    let mut db = rows::database(&server.file()).await?;
    let first = rows::now()? + LEAD;
    let due: Vec<i64> = (0_i64..)
        .take(pages)
        .map(|n| first + if apart { n * APART } else { 0 })
        .collect();
    escalations(&mut db, &due).await?;
    db.close().await?;
    if timeout(PATIENCE, sink.has(pages)).await.is_err() {
        return Err(format!("{} of {pages} mails arrived", sink.count()).into());
    }
    server.stop().await?;
    let mails = sink.mails();
    let mut late = Latencies::default();
    let (mut last, mut bytes) = (first, 0);
    for mail in &mails {
        let number: usize = mail
            .to
            .trim_start_matches("person-")
            .split('@')
            .next()
            .unwrap_or("")
            .parse()?;
        let due = due.get(number).ok_or("a mail to nobody")?;
        late.push(Duration::from_micros(u64::try_from(mail.at - due)?));
        last = last.max(mail.at);
        bytes += mail.bytes;
    }
    if mails.len() != pages {
        return Err(format!("{} mails for {pages} pages", mails.len()).into());
    }
    let seconds = Duration::from_micros(u64::try_from(last - first)?).as_secs_f64();
    Ok(Handed {
        late,
        rate: pages as f64 / seconds,
        size: bytes / pages,
    })
}

/// As many people, incidents and escalations, each with its step due at its time.
async fn escalations(db: &mut SqliteConnection, due: &[i64]) -> Result<(), Failure> {
    let now = rows::now()?;
    let mut tx = db.begin().await?;
    // Nothing for the watch to do in this hour.
    rows::incidents(&mut tx, due.len(), now, now + 3_600_000_000).await?;
    for (number, due) in due.iter().enumerate() {
        let user = uuid::Uuid::now_v7();
        sqlx::query("INSERT INTO users (id, email, name, role, created_at) VALUES ($1, $2, $3, 'responder', $4)")
            .bind(user.as_bytes().as_slice())
            .bind(format!("person-{number}@example.org"))
            .bind(format!("Person {number}"))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let policy = serde_json::json!({"name": "Launch", "repeats": 0, "levels": [
            {"minutes": 30, "targets": [{"kind": "person", "id": user}]}]});
        sqlx::query(
            "INSERT INTO escalations (id, incident_id, policy, reason, state, level, round, next_at, started_at)
             SELECT $1, id, $2, 'Reservations crawl and nobody leads.', 'running', 0, 0, $3, $4 FROM incidents WHERE number = $5",
        )
        .bind(uuid::Uuid::now_v7().as_bytes().as_slice())
        .bind(policy.to_string())
        .bind(due)
        .bind(now)
        .bind(i64::try_from(number)? + 1)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Mails a second without Rideout.
async fn bare(mails: usize, size: usize) -> Result<f64, Failure> {
    let sink = Sink::start().await?;
    let mut senders = JoinSet::new();
    let begun = Instant::now();
    for sender in 0..SENDERS {
        let address = sink.address.clone();
        let count = mails / SENDERS + usize::from(sender < mails % SENDERS);
        senders.spawn(async move { send(&address, count, size).await });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    if sink.count() != mails {
        return Err("a mail got lost".into());
    }
    Ok(mails as f64 / seconds)
}

async fn send(address: &str, count: usize, size: usize) -> Result<(), Failure> {
    let (host, port) = address.split_once(':').ok_or("no port")?;
    let hello = ClientId::Domain("example.org".to_owned());
    let stream = TcpStream::connect((host, port.parse::<u16>()?)).await?;
    stream.set_nodelay(true)?;
    let mut connection =
        AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?;
    let envelope = Envelope::new(
        Some("rideout@example.org".parse()?),
        vec!["person@example.org".parse()?],
    )?;
    let mail = Message::builder()
        .from("rideout@example.org".parse()?)
        .to("person@example.org".parse()?)
        .subject("Reservations crawl and time out")
        .body("Reservations crawl.\r\n".repeat(size / 21))?
        .formatted();
    for _ in 0..count {
        connection.send(&envelope, &mail).await?;
    }
    connection.quit().await?;
    Ok(())
}

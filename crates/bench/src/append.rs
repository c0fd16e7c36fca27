//! Acknowledged timeline appends.

use crate::{
    Failure,
    client::{hammer, post_json},
    report::Measurement,
    server::{Server, note},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::time::{Duration, Instant};

const SECONDS: u64 = 6;

/// Appends a second at 1, 16 and 64 writers, beside raw SQLite with the same
/// durability and as many rows in a commit.
pub(crate) async fn measure() -> Result<Vec<Measurement>, Failure> {
    let mut found = Vec::new();
    for writers in [1, 16, 64] {
        let server = Server::start().await?;
        let token = server.token("priya").await?;
        let incident = server.declare(&token).await?;
        let path = format!("/api/v1/incidents/{incident}/entries");
        let address = server.address.clone();
        let request = move || {
            let text = note(
                "Reservation spins for 40 s, then times out. Three of four tries on two phones.",
            );
            post_json(&address, &path, &token, &text)
        };
        let (rate, mut latencies) = hammer(&server.address, writers, SECONDS, 201, request).await?;
        server.stop().await?;
        let limit = raw_sqlite(writers).await?;
        let is = "raw SQLite, one commit for as many rows as there are writers";
        let name = format!("acknowledged appends, {writers} writers");
        let rate = Measurement::new(name, rate, "entries/s").limit(limit, is);
        let p99 = Measurement::new(
            format!("acknowledged appends, {writers} writers, p99"),
            latencies.percentile(0.99),
            "ms",
        );
        if writers == 64 {
            found.push(rate.at_least(5_000.0));
            found.push(p99.at_most(50.0));
        } else {
            found.push(rate);
            found.push(p99);
        }
    }
    Ok(found)
}

/// Rows a second with `batch` rows of the size of an entry in each durable commit.
async fn raw_sqlite(batch: usize) -> Result<f64, Failure> {
    let folder =
        tempfile::tempdir_in(std::env::var("RIDEOUT_BENCH_DIR").unwrap_or_else(|_| ".".into()))?;
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("raw.db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut db = SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE e (id BLOB PRIMARY KEY, incident BLOB, seq INTEGER, text TEXT, html TEXT, UNIQUE (incident, seq)) STRICT")
        .execute(&mut db)
        .await?;
    let incident = uuid::Uuid::now_v7();
    let text =
        "Reservation spins for 40 s, then times out. Three of four tries on two phones.".repeat(2);
    let (begun, mut seq) = (Instant::now(), 0_i64);
    while begun.elapsed() < Duration::from_secs(SECONDS) {
        let mut tx = db.begin().await?;
        for _ in 0..batch {
            seq += 1;
            sqlx::query(
                "INSERT INTO e (id, incident, seq, text, html) VALUES ($1, $2, $3, $4, $4)",
            )
            .bind(uuid::Uuid::now_v7())
            .bind(incident)
            .bind(seq)
            .bind(text.as_str())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
    }
    let rate = seq as f64 / begun.elapsed().as_secs_f64();
    db.close().await?;
    Ok(rate)
}

//! The stall watch: how soon it asks, and what a cycle costs.

use crate::{
    Failure,
    client::{Client, get},
    report::{Latencies, Measurement},
    server::Server,
};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A minute's silence is enough to be asked: the least there is.
const POLICY: &str = r#"{"SEV1":{"signals":{"quiet":{"minutes":1,"weight":6}}}}"#;
const DUE_AFTER: i64 = 60_000_000;
/// Incidents that stall one after the other.
const IDLE: usize = 20;
/// Incidents that stall at once.
const STORM: usize = 1_000;
/// Longer than the minute until they are due.
const PATIENCE: Duration = Duration::from_secs(150);
/// Cycles that are asked for.
const CYCLES: usize = 21;

/// From the moment at which a room counts as stalled to the prompt on disk, idle
/// and in a storm; and what a cycle costs in which nothing is due.
pub(crate) async fn measure() -> Result<Vec<Measurement>, Failure> {
    let mut found = Vec::new();
    for (incidents, what) in [(IDLE, "idle"), (STORM, "1,000 incidents stalling at once")] {
        let mut latencies = prompts(incidents).await?;
        let of = |share: &str| format!("due to prompt, {what}, {share}");
        found.push(Measurement::new(of("p50"), latencies.percentile(0.5), "ms"));
        let p99 = Measurement::new(of("p99"), latencies.percentile(0.99), "ms");
        found.push(p99.at_most(1_000.0));
    }
    for (open, words) in [(100, "100"), (10_000, "10,000"), (100_000, "100,000")] {
        let name = format!("cycle of the engine, nothing due, {words} open incidents");
        found.push(Measurement::new(name, cycle(open).await?, "ms"));
    }
    Ok(found)
}

async fn database(file: &Path) -> Result<SqliteConnection, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(Duration::from_secs(20));
    Ok(SqliteConnection::connect_with(&options).await?)
}

fn now() -> Result<i64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_micros())?)
}

/// How long after it was due each incident's first prompt was written.
async fn prompts(incidents: usize) -> Result<Latencies, Failure> {
    let server = Server::start().await?;
    let token = server.token("priya").await?;
    let mut db = database(&server.file()).await?;
    sqlx::query("INSERT INTO watch_policies (id, service_id, settings, changed_at, changed_by) SELECT randomblob(16), NULL, $1, $2, id FROM users LIMIT 1")
        .bind(POLICY)
        .bind(now()?)
        .execute(&mut db)
        .await?;
    if incidents == IDLE {
        for _ in 0..incidents {
            server.declare(&token).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    } else {
        stall_at_once(&mut db, incidents).await?;
    }
    let begun = Instant::now();
    let rows = loop {
        let rows = sqlx::query("SELECT i.declared_at AS declared, MIN(e.recorded_at) AS asked FROM incidents i JOIN entries e ON e.incident_id = i.id AND e.kind = 'prompt' GROUP BY i.id")
            .fetch_all(&mut db)
            .await?;
        if rows.len() >= incidents {
            break rows;
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("{} of {incidents} were asked", rows.len()).into());
        }
        // Reading holds nobody up, and a second says nothing yet.
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    let mut latencies = Latencies::default();
    for row in rows {
        let (declared, asked): (i64, i64) = (row.get("declared"), row.get("asked"));
        let late = u64::try_from(asked - declared - DUE_AFTER)?;
        latencies.push(Duration::from_micros(late));
    }
    db.close().await?;
    server.stop().await?;
    Ok(latencies)
}

/// Incidents that are due at the same moment, and that the server has never seen.
async fn stall_at_once(db: &mut SqliteConnection, incidents: usize) -> Result<(), Failure> {
    // Due in ten seconds.
    let declared = now()? - DUE_AFTER + 10_000_000;
    let incidents = i64::try_from(incidents)?;
    let mut tx = db.begin().await?;
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
         INSERT INTO incidents (id, number, title, description, description_html, services, severity, status, restricted, declared_at, declared_by, started_at, last_human_at, last_seq, look_at, looked_at)
         SELECT randomblob(16), n, 'Reservations crawl and time out', '', '', '[\"store app\"]', 'SEV1', 'investigating', 0, $2, (SELECT id FROM users LIMIT 1), $2, $2, 1, $2 + $3, $2 FROM n",
    )
    .bind(incidents)
    .bind(declared)
    .bind(DUE_AFTER)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO entries (id, incident_id, seq, changed_seq, kind, author_id, occurred_at, recorded_at, text, html, body, digest, revision)
         SELECT randomblob(16), id, 1, 1, 'declared', declared_by, declared_at, declared_at, title, title, '{\"kind\":\"declared\",\"severity\":\"SEV1\"}', x'', 1 FROM incidents",
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Milliseconds of a cycle in which nothing is due, the median of some.
async fn cycle(open: i64) -> Result<f64, Failure> {
    let server = Server::start().await?;
    server.token("priya").await?;
    let mut db = database(&server.file()).await?;
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
         INSERT INTO incidents (id, number, title, description, description_html, services, severity, status, restricted, declared_at, declared_by, started_at, last_human_at, last_seq, look_at, looked_at)
         SELECT randomblob(16), n, 'Reservations crawl and time out', '', '', '[\"store app\"]', 'SEV2', 'investigating', 0, $2, (SELECT id FROM users LIMIT 1), $2, $2, 0, $2 + 3600000000 + n, $2 FROM n",
    )
    .bind(open)
    .bind(now()?)
    .execute(&mut db)
    .await?;
    db.close().await?;
    let mut admin = Client::connect(&server.admin).await?;
    let mut cycles = Latencies::default();
    for _ in 0..CYCLES {
        let answer = admin
            .send(&get(&server.admin, "/health/engine", ""))
            .await?;
        let told: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let micros = told["last"]["micros"].as_u64().ok_or("no cycle is told")?;
        cycles.push(Duration::from_micros(micros));
    }
    server.stop().await?;
    Ok(cycles.percentile(0.5))
}

//! The stall watch: how soon it asks, and what a cycle costs.

use crate::{
    Failure,
    client::{Client, get},
    report::{Latencies, Measurement},
    rows,
    server::Server,
};
use sqlx::{Connection, Row};
use std::time::{Duration, Instant};

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

/// How long after it was due each incident's first prompt was written.
async fn prompts(incidents: usize) -> Result<Latencies, Failure> {
    let server = Server::start().await?;
    let token = server.token("priya").await?;
    let mut db = rows::database(&server.file()).await?;
    sqlx::query("INSERT INTO watch_policies (id, service_id, settings, changed_at, changed_by) SELECT randomblob(16), NULL, $1, $2, id FROM users LIMIT 1")
        .bind(POLICY)
        .bind(rows::now()?)
        .execute(&mut db)
        .await?;
    if incidents == IDLE {
        for _ in 0..incidents {
            server.declare(&token).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    } else {
        // Due in ten seconds, and never seen by the server.
        let declared = rows::now()? - DUE_AFTER + 10_000_000;
        let mut tx = db.begin().await?;
        rows::incidents(&mut tx, incidents, declared, declared + DUE_AFTER).await?;
        tx.commit().await?;
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

/// Milliseconds of a cycle in which nothing is due, the median of some.
async fn cycle(open: usize) -> Result<f64, Failure> {
    let server = Server::start().await?;
    server.token("priya").await?;
    let mut db = rows::database(&server.file()).await?;
    let mut tx = db.begin().await?;
    let now = rows::now()?;
    rows::incidents(&mut tx, open, now, now + 3_600_000_000).await?;
    tx.commit().await?;
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

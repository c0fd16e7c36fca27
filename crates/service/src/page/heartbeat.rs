//! The heartbeat of the engine on each node, and what it waits for.

use crate::{Error, Service, args, statements};
use rideout_domain::Timestamp;

/// How long a node that went away is remembered, in seconds.
const REMEMBERED: i64 = 24 * 3_600;

statements! {
    /// Writes the heartbeat of a node.
    BEAT = "INSERT INTO engine_nodes (node, started_at, cycle, cycled_at, took_micros) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (node) DO UPDATE SET cycle = excluded.cycle, cycled_at = excluded.cycled_at, took_micros = excluded.took_micros";
    /// Forgets nodes that went away long ago.
    FORGET = "DELETE FROM engine_nodes WHERE cycled_at < $1";
    /// Every node that was heard of, the youngest heartbeat first.
    NODES = "SELECT node, started_at, cycle, cycled_at, took_micros FROM engine_nodes ORDER BY cycled_at DESC, node LIMIT 50";
    /// When something is due next.
    NEXT = "SELECT (SELECT MIN(next_at) FROM escalations WHERE next_at IS NOT NULL) AS step, (SELECT MIN(due_at) FROM messages WHERE due_at IS NOT NULL) AS message, (SELECT MIN(claim_until) FROM messages WHERE claim_until IS NOT NULL) AS claim";
    /// When a message is due next, or a claim runs out.
    NEXT_MESSAGE = "SELECT (SELECT MIN(due_at) FROM messages WHERE due_at IS NOT NULL) AS message, (SELECT MIN(claim_until) FROM messages WHERE claim_until IS NOT NULL) AS claim";
    /// What should have left by now: since when, since when nobody takes it in hand, how much.
    UNSENT = "SELECT MIN(CASE WHEN attempts = 0 THEN due_at ELSE created_at END) AS oldest, MIN(CASE WHEN due_at <= $1 THEN due_at END) AS overdue, COUNT(*) AS waiting FROM messages WHERE (due_at IS NOT NULL AND (due_at <= $1 OR attempts > 0)) OR claim_until IS NOT NULL";
}

/// One heartbeat of a node.
#[derive(Debug, Clone)]
pub struct Beat {
    /// The node: a name, and what makes it one process.
    pub node: String,
    /// When it started.
    pub started_at: Timestamp,
    /// The number of the cycle, from 1.
    pub cycle: u64,
    /// How long the cycle took, in microseconds.
    pub took_micros: u64,
}

/// A node that was heard of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Node {
    /// The node.
    pub node: String,
    /// When it started.
    pub started_at: Timestamp,
    /// The number of its last cycle.
    pub cycle: i64,
    /// When that ended.
    pub cycled_at: Timestamp,
    /// How long it took, in microseconds.
    pub took_micros: i64,
}

/// What the engine waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// When the next step, message or claim is due; where the watch is asked, too, its next look.
    pub next_due: Option<Timestamp>,
    /// Since when the oldest message should have left that has not.
    pub oldest_unsent: Option<Timestamp>,
    /// Since when a message is due that nobody has taken in hand.
    pub overdue: Option<Timestamp>,
    /// How many messages should have left and have not.
    pub unsent: i64,
}

impl Service {
    /// Writes a heartbeat.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn beat(&self, beat: &Beat) -> Result<(), Error> {
        let (now, beat) = (self.now(), beat.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                    let row = args![
                        beat.node,
                        beat.started_at.0,
                        number(beat.cycle),
                        now.0,
                        number(beat.took_micros)
                    ];
                    tx.execute(&BEAT, &row).await?;
                    let long_ago = now.plus_seconds(-REMEMBERED);
                    tx.execute(&FORGET, &args![long_ago.0]).await?;
                    Ok(())
                })
            })
            .await
    }

    /// What the engine waits for.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn engine_waiting(&self) -> Result<Waiting, Error> {
        let now = self.now();
        let mut conn = self.db.reader().await?;
        waiting(&mut conn, now).await
    }

    /// When a message is due next, or somebody's claim on one runs out; none while
    /// there is none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn next_message(&self) -> Result<Option<Timestamp>, Error> {
        let mut conn = self.db.reader().await?;
        let next = conn.fetch_one(&NEXT_MESSAGE, &[]).await?;
        let times = [next.opt_int("message")?, next.opt_int("claim")?];
        Ok(times.into_iter().flatten().min().map(Timestamp))
    }
}

pub(super) async fn waiting(conn: &mut crate::db::Conn, now: Timestamp) -> Result<Waiting, Error> {
    let next = conn.fetch_one(&NEXT, &[]).await?;
    let times = [
        next.opt_int("step")?,
        next.opt_int("message")?,
        next.opt_int("claim")?,
    ];
    let unsent = conn.fetch_one(&UNSENT, &args![now.0]).await?;
    Ok(Waiting {
        next_due: times.into_iter().flatten().min().map(Timestamp),
        oldest_unsent: unsent.opt_int("oldest")?.map(Timestamp),
        overdue: unsent.opt_int("overdue")?.map(Timestamp),
        unsent: unsent.int("waiting")?,
    })
}

pub(super) async fn nodes(conn: &mut crate::db::Conn) -> Result<Vec<Node>, Error> {
    let mut nodes = Vec::new();
    for row in conn.fetch_all(&NODES, &[]).await? {
        nodes.push(Node {
            node: row.text("node")?,
            started_at: Timestamp(row.int("started_at")?),
            cycle: row.int("cycle")?,
            cycled_at: Timestamp(row.int("cycled_at")?),
            took_micros: row.int("took_micros")?,
        });
    }
    Ok(nodes)
}

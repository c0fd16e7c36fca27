//! Tests of the storage layer: on SQLite, and on PostgreSQL where there is one.
mod concurrency;
mod conformance;
mod disk;
mod live;
mod migrations;
mod opening;
mod postgres;

use super::*;
use crate::{
    args,
    test_support::{TestDb, empty_sqlite_with},
};
use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::oneshot;
use uuid::Uuid;

crate::statements! {
    /// A table with a column of every type and a constraint of every kind.
    CREATE = sqlite "CREATE TABLE samples (
            id BLOB NOT NULL PRIMARY KEY,
            n INTEGER CONSTRAINT samples_n_check CHECK (n <> -1),
            word TEXT CONSTRAINT samples_word_key UNIQUE,
            data BLOB,
            share REAL,
            parent BLOB REFERENCES samples (id)
        ) STRICT"
        postgres "CREATE TABLE samples (
            id UUID NOT NULL PRIMARY KEY,
            n BIGINT CONSTRAINT samples_n_check CHECK (n <> -1),
            word TEXT CONSTRAINT samples_word_key UNIQUE,
            data BYTEA,
            share DOUBLE PRECISION,
            parent UUID REFERENCES samples (id)
        )";
    INSERT = "INSERT INTO samples (id, n, word) VALUES ($1, $2, $3)";
    INSERT_DATA = "INSERT INTO samples (id, data) VALUES ($1, $2)";
    INSERT_CHILD = "INSERT INTO samples (id, parent) VALUES ($1, $2)";
    COUNT = "SELECT COUNT(*) FROM samples";
    SELECT = "SELECT id, n, word, data, share FROM samples WHERE id = $1";
    INSERT_FULL = "INSERT INTO samples (id, n, word, data, share) VALUES ($1, $2, $3, $4, $5)";
    FOREVER = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT 1 FROM c) SELECT COUNT(*) FROM c";
    NEXT = "UPDATE samples SET n = n + 1 WHERE id = $1 RETURNING n";
}

/// An error of a use case.
#[derive(Debug, thiserror::Error)]
enum AppError {
    #[error("no")]
    Refused,
    #[error("taken")]
    Taken,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// An id that no other row has.
fn new_id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u128(1 + u128::from(LAST.fetch_add(1, Relaxed)))
}

async fn with_table(db: &Db) {
    db.write(|tx| Box::pin(async move { tx.execute(&CREATE, &[]).await }))
        .await
        .unwrap();
}

async fn count(db: &Db) -> i64 {
    db.reader()
        .await
        .unwrap()
        .fetch_one(&COUNT, &[])
        .await
        .unwrap()
        .int(0)
        .unwrap()
}

async fn insert(db: &Db, n: i64) -> Result<Uuid, AppError> {
    let id = new_id();
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(&INSERT, &args![id, n, format!("word {n} {id}")])
                .await?;
            Ok(id)
        })
    })
    .await
}

/// Waits for a state that will come, without counting on how long it takes.
async fn eventually<F: Future<Output = bool>>(what: &str, mut reached: impl FnMut() -> F) {
    let wait = async {
        while !reached().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(
        timeout(Duration::from_secs(60), wait).await.is_ok(),
        "still waiting for: {what}"
    );
}

/// However slow the machine, what waits at the same time is committed together.
async fn patient_sqlite() -> TestDb {
    let options = OpenOptions {
        batch_time: Duration::from_secs(60),
        ..OpenOptions::server()
    };
    empty_sqlite_with(options).await
}

/// Keeps the writer occupied until released, so that a test can fill its queue.
struct Gate {
    open: oneshot::Sender<()>,
    held: tokio::task::JoinHandle<Result<(), DbError>>,
}

impl Gate {
    async fn close(db: &Db) -> Self {
        let (open, opened) = oneshot::channel::<()>();
        let (entered, inside) = oneshot::channel();
        let db = db.clone();
        let held = tokio::spawn(async move {
            db.write(move |tx| {
                Box::pin(async move {
                    tx.fetch_one(&super::statements::PING, &[]).await?;
                    let _ = entered.send(());
                    let _ = opened.await;
                    Ok(())
                })
            })
            .await
        });
        inside.await.unwrap();
        Self { open, held }
    }

    async fn open(self) {
        self.open.send(()).unwrap();
        self.held.await.unwrap().unwrap();
    }
}

/// Waits until so many operations are in the queue of an SQLite database.
async fn queued(db: &Db, operations: u64) {
    eventually("the queue to fill", || async {
        db.stats().queue_depth == operations
    })
    .await;
}

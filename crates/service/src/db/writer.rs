//! The one writer of an SQLite file, with group commit.
//!
//! At `synchronous=FULL` a commit waits for the disk, which takes milliseconds
//! however little is written. So operations that wait at the same time share
//! one transaction, each behind its own savepoint, and are answered after its commit.

use super::{
    DbError, Tx,
    bus::Bus,
    conn::{Conn, Inner},
    operation::Operation,
    stats::Counters,
};
use futures::future::poll_immediate;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs::File,
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::yield_now,
    time::sleep,
};

pub(super) enum Command {
    Run(Box<dyn Operation>),
    Close(oneshot::Sender<()>),
}

/// How much the writer does at a time.
pub(super) struct Limits {
    /// The time one operation may take.
    pub(super) operation: Duration,
    /// The operations in one commit.
    pub(super) batch: usize,
    /// The time to gather them.
    pub(super) batch_time: Duration,
}

pub(super) struct Writer {
    options: SqliteConnectOptions,
    tx: Tx,
    queue: mpsc::Receiver<Command>,
    bus: Bus,
    counters: Arc<Counters>,
    limits: Limits,
    /// Whether a transaction is open.
    began: bool,
    closing: Option<oneshot::Sender<()>>,
    /// The server's; held as long as there may be a connection.
    lock: Option<Arc<File>>,
}

/// The transaction in work.
#[derive(Default)]
struct Batch {
    /// Operations that ran, in order, whether they are to be saved or not.
    ran: Vec<Box<dyn Operation>>,
    /// How many are to be saved.
    good: u64,
    savepoint: Savepoint,
}

#[derive(Default, PartialEq, Clone, Copy)]
enum Savepoint {
    #[default]
    None,
    /// Nothing was changed since.
    Fresh,
    /// An operation to be saved came after it.
    Used,
}

impl Writer {
    pub(super) fn new(
        options: SqliteConnectOptions,
        conn: SqliteConnection,
        queue: mpsc::Receiver<Command>,
        bus: Bus,
        counters: Arc<Counters>,
        limits: Limits,
        lock: Option<Arc<File>>,
    ) -> Self {
        let tx = Tx::new(Conn::new(Inner::Sqlite(conn), true));
        Self {
            options,
            tx,
            queue,
            bus,
            counters,
            limits,
            began: false,
            closing: None,
            lock,
        }
    }

    /// Works until it is told to close, or nobody is left to ask for anything.
    pub(super) async fn run(mut self) {
        while let Some(command) = self.queue.recv().await {
            if let Some(operation) = self.accept(command) {
                self.batch(operation).await;
            }
        }
        if let Inner::Sqlite(mut conn) = self.tx.take() {
            if self.lock.is_some() {
                // With nothing left in the log, the one file is the whole database.
                // A tool leaves that to the server, as it makes writers wait.
                let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                    .execute(&mut conn)
                    .await;
                if let Err(error) = folded {
                    tracing::warn!(%error, "the log of the database stays, and is read at the next start");
                }
            }
            if let Err(error) = conn.close().await {
                tracing::warn!(%error, "the database did not close cleanly");
            }
        }
        if let Some(caller) = self.closing.take() {
            let _ = caller.send(());
        }
    }

    /// Takes a command from the queue. An operation whose caller has gone before
    /// it began is not begun.
    fn accept(&mut self, command: Command) -> Option<Box<dyn Operation>> {
        match command {
            Command::Run(operation) if operation.is_abandoned() => None,
            Command::Run(operation) => Some(operation),
            Command::Close(caller) => {
                self.queue.close();
                self.closing = Some(caller);
                None
            }
        }
    }

    fn waiting(&mut self) -> Option<Box<dyn Operation>> {
        while let Ok(command) = self.queue.try_recv() {
            if let Some(operation) = self.accept(command) {
                return Some(operation);
            }
        }
        None
    }

    /// Runs an operation, and those that wait behind it, in one transaction.
    async fn batch(&mut self, first: Box<dyn Operation>) {
        let mut batch = Batch::default();
        let mut time = pin!(sleep(self.limits.batch_time));
        let mut next = Some(first);
        let mut end = Ok(());
        while let Some(operation) = next.take() {
            end = self.step(&mut batch, operation).await;
            if end.is_err()
                || batch.ran.len() >= self.limits.batch
                || poll_immediate(time.as_mut()).await.is_some()
            {
                break;
            }
            next = self.waiting();
            if next.is_none() {
                // Callers that were just answered, or have just arrived, get to speak.
                yield_now().await;
                next = self.waiting();
            }
        }
        if end.is_ok() && batch.good > 0 {
            end = self.statement("COMMIT").await;
            self.began = end.is_err();
        }
        match &end {
            Ok(()) if batch.good > 0 => self.counters.committed(batch.good),
            Ok(()) => {}
            Err(error) => self.lose(&mut batch, error).await,
        }
        self.bus.publish_all(self.tx.events.drain(..));
        for operation in batch.ran {
            operation.finish(end.as_ref().copied());
        }
    }

    /// Ends a batch of which nothing can be saved.
    async fn lose(&mut self, batch: &mut Batch, error: &DbError) {
        if !self.began {
            // Those who wait would meet the same error after the same wait.
            while batch.ran.len() < self.limits.batch
                && let Some(operation) = self.waiting()
            {
                batch.ran.push(operation);
            }
        }
        tracing::error!(
            error = error as &dyn std::error::Error,
            operations = batch.ran.len(),
            "the database refused a batch of operations, nothing of it is saved"
        );
        self.counters.lost(batch.ran.len() as u64);
        self.tx.events.clear();
        self.rollback(error.spoils_connection()).await;
    }

    /// Runs one operation. An error means that the whole batch is lost.
    async fn step(
        &mut self,
        batch: &mut Batch,
        mut operation: Box<dyn Operation>,
    ) -> Result<(), DbError> {
        if let Err(error) = self.prepare(batch).await {
            batch.ran.push(operation);
            return Err(error);
        }
        let events = self.tx.events.len();
        let keep = operation.run(&mut self.tx, self.limits.operation).await;
        batch.ran.push(operation);
        if keep {
            batch.good += 1;
            if batch.savepoint == Savepoint::Fresh {
                batch.savepoint = Savepoint::Used;
            }
            return Ok(());
        }
        self.counters.failed();
        self.tx.events.truncate(events);
        let failure = self.tx.take_failure();
        if batch.good == 0 {
            self.rollback(failure.is_some_and(|failure| failure.spoils_connection()))
                .await;
            return Ok(());
        }
        // SQLite may have rolled back everything by itself.
        match failure {
            Some(failure) if failure.ends_transaction() => Err(failure),
            _ => self.statement("ROLLBACK TO operation").await,
        }
    }

    /// Makes sure that what the next operation does can be undone by itself.
    async fn prepare(&mut self, batch: &mut Batch) -> Result<(), DbError> {
        if batch.good == 0 {
            self.connect().await?;
            self.statement("BEGIN IMMEDIATE").await?;
            self.began = true;
            return Ok(());
        }
        match batch.savepoint {
            Savepoint::None => self.statement("SAVEPOINT operation").await?,
            // One round trip to the connection's thread instead of two.
            Savepoint::Used => {
                self.statement("RELEASE operation; SAVEPOINT operation")
                    .await?
            }
            Savepoint::Fresh => {}
        }
        batch.savepoint = Savepoint::Fresh;
        Ok(())
    }

    async fn statement(&mut self, sql: &'static str) -> Result<(), DbError> {
        let Inner::Sqlite(conn) = self.tx.inner() else {
            return Err(DbError::Closed);
        };
        match sqlx::query(sql).execute(conn).await {
            Ok(_) => Ok(()),
            Err(error) => Err(DbError::new(error, Some(sql))),
        }
    }

    /// Ends a transaction that failed. A connection that is spoilt, or has no
    /// transaction any more, is replaced by a new one.
    async fn rollback(&mut self, spoilt: bool) {
        let ended = !std::mem::take(&mut self.began) || self.statement("ROLLBACK").await.is_ok();
        if spoilt || !ended {
            drop(self.tx.take());
        }
    }

    async fn connect(&mut self) -> Result<(), DbError> {
        if matches!(self.tx.inner(), Inner::None) {
            let conn = self
                .options
                .connect()
                .await
                .map_err(|error| DbError::new(error, None))?;
            *self.tx.inner() = Inner::Sqlite(conn);
            self.counters.reopened.fetch_add(1, Relaxed);
            tracing::warn!("the writer of the database opened its file anew");
        }
        Ok(())
    }
}

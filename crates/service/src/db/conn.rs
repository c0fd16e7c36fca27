//! Connections: the one way to run a statement, whichever the database.

use super::{DbError, Row, Sql, Value, pool::Pool, readers::Lease, value};
use sqlx::{
    Either, Executor as _, PgConnection, Postgres, Sqlite, SqliteConnection, Statement as _,
    pool::PoolConnection, postgres::PgArguments, query::Query, sqlite::SqliteArguments,
};
use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};
use tokio::time::timeout;

/// A connection, for reading or inside a transaction.
#[derive(Debug)]
pub struct Conn {
    inner: Inner,
    /// In a transaction: the first error of a statement, after which nothing more is done.
    failure: Option<DbError>,
    transaction: bool,
    /// The time a statement may take, where the database does not see to it.
    limit: Option<Duration>,
    /// Whether a statement was begun whose end nobody waited for.
    running: bool,
}

#[derive(Debug)]
pub(super) enum Inner {
    Sqlite(SqliteConnection),
    PgTx(sqlx::Transaction<'static, Postgres>),
    /// A reader that may change to another connection if its own is found dead.
    PgReader(PoolConnection<Postgres>, Pool),
    /// Taken away, lost or not yet opened.
    None,
}

enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// What to do with a statement's result.
enum Done {
    Affected(u64),
    Rows(Vec<Row>),
    Row(Option<Row>),
}

#[derive(Clone, Copy)]
enum Want {
    Affected,
    Rows,
    Row,
}

impl Conn {
    pub(super) fn new(inner: Inner, transaction: bool) -> Self {
        Self {
            inner,
            failure: None,
            transaction,
            limit: None,
            running: false,
        }
    }

    pub(super) fn set_limit(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    pub(super) fn inner(&mut self) -> &mut Inner {
        &mut self.inner
    }

    pub(super) fn take(&mut self) -> Inner {
        std::mem::replace(&mut self.inner, Inner::None)
    }

    pub(super) fn clear_failure(&mut self) {
        self.failure = None;
    }

    /// The statement's error after which nothing more was done.
    pub(super) fn failure(&self) -> Option<&DbError> {
        self.failure.as_ref()
    }

    pub(super) fn take_failure(&mut self) -> Option<DbError> {
        self.failure.take()
    }

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// [`DbError`]; in a transaction, everything after an error fails too.
    pub async fn execute(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
        match self.run(sql, args, Want::Affected).await? {
            Done::Affected(rows) => Ok(rows),
            _ => Ok(0),
        }
    }

    /// Runs a statement and returns all its rows.
    ///
    /// # Errors
    /// [`DbError`]; in a transaction, everything after an error fails too.
    pub async fn fetch_all(&mut self, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError> {
        match self.run(sql, args, Want::Rows).await? {
            Done::Rows(rows) => Ok(rows),
            _ => Ok(Vec::new()),
        }
    }

    /// Runs a statement and returns its first row, if any.
    ///
    /// # Errors
    /// [`DbError`]; in a transaction, everything after an error fails too.
    pub async fn fetch_optional(
        &mut self,
        sql: &Sql,
        args: &[Value],
    ) -> Result<Option<Row>, DbError> {
        match self.run(sql, args, Want::Row).await? {
            Done::Row(row) => Ok(row),
            _ => Ok(None),
        }
    }

    /// Runs a statement and returns its first row.
    ///
    /// # Errors
    /// [`DbError::NoRow`] if there is none, which does not end a transaction; otherwise
    /// as [`fetch_optional`](Self::fetch_optional).
    pub async fn fetch_one(&mut self, sql: &Sql, args: &[Value]) -> Result<Row, DbError> {
        self.fetch_optional(sql, args).await?.ok_or(DbError::NoRow {
            statement: sql.name,
        })
    }

    async fn run(&mut self, sql: &Sql, args: &[Value], want: Want) -> Result<Done, DbError> {
        // SQLite would bind NULL to a parameter that was forgotten, silently.
        if args.len() != sql.parameters() {
            return Err(DbError::Arguments {
                statement: sql.name,
                expected: sql.parameters(),
                given: args.len(),
            });
        }
        if let Some(failure) = &self.failure {
            return Err(DbError::Aborted {
                source: Box::new(failure.clone()),
            });
        }
        self.running = true;
        let result = match self.limit {
            None => self.complete(sql, args, want).await,
            Some(limit) => match timeout(limit, self.complete(sql, args, want)).await {
                Ok(result) => result,
                Err(_) => {
                    self.failure = Some(DbError::busy());
                    return Err(DbError::busy());
                }
            },
        };
        self.running = false;
        if let (true, Err(error)) = (self.transaction, &result) {
            self.failure = Some(error.clone());
        }
        result
    }

    async fn complete(&mut self, sql: &Sql, args: &[Value], want: Want) -> Result<Done, DbError> {
        let mut result = self.attempt(sql, args, want).await;
        let mut tries = self.spare_connections();
        while tries > 0 && matches!(&result, Err(error) if error.lost_connection()) {
            tries -= 1;
            self.reconnect().await?;
            result = self.attempt(sql, args, want).await;
        }
        result
    }

    async fn attempt(&mut self, sql: &Sql, args: &[Value], want: Want) -> Result<Done, DbError> {
        let failed = |error| DbError::new(error, Some(sql.name));
        match self.driver()? {
            Driver::Sqlite(conn) => {
                let query = sqlite_query(sql, args)?;
                match want {
                    Want::Affected => query
                        .execute(conn)
                        .await
                        .map(|done| Done::Affected(done.rows_affected())),
                    Want::Rows => query
                        .fetch_all(conn)
                        .await
                        .map(|rows| Done::Rows(rows.into_iter().map(Row::from).collect())),
                    Want::Row => query
                        .fetch_optional(conn)
                        .await
                        .map(|row| Done::Row(row.map(Row::from))),
                }
            }
            Driver::Postgres(conn) => {
                let query = postgres_query(sql, args)?;
                match want {
                    Want::Affected => query
                        .execute(conn)
                        .await
                        .map(|done| Done::Affected(done.rows_affected())),
                    Want::Rows => query
                        .fetch_all(conn)
                        .await
                        .map(|rows| Done::Rows(rows.into_iter().map(Row::from).collect())),
                    Want::Row => query
                        .fetch_optional(conn)
                        .await
                        .map(|row| Done::Row(row.map(Row::from))),
                }
            }
        }
        .map_err(failed)
    }

    fn driver(&mut self) -> Result<Driver<'_>, DbError> {
        match &mut self.inner {
            Inner::Sqlite(conn) => Ok(Driver::Sqlite(conn)),
            Inner::PgReader(conn, _) => Ok(Driver::Postgres(conn)),
            Inner::PgTx(tx) => Ok(Driver::Postgres(tx)),
            Inner::None => Err(DbError::Closed),
        }
    }

    /// After a restart of PostgreSQL every pooled connection is dead. A read
    /// outside a transaction may simply be done again, on as many others as there are.
    fn spare_connections(&self) -> u32 {
        match &self.inner {
            Inner::PgReader(_, pool) => pool.size(),
            _ => 0,
        }
    }

    async fn reconnect(&mut self) -> Result<(), DbError> {
        if let Inner::PgReader(mut conn, pool) = self.take() {
            conn.close_on_drop();
            drop(conn);
            self.inner = Inner::PgReader(pool.acquire().await?, pool);
        }
        Ok(())
    }
}

fn sqlite_query(
    sql: &Sql,
    args: &[Value],
) -> Result<Query<'static, Sqlite, SqliteArguments>, DbError> {
    let args =
        value::sqlite(args).map_err(|e| DbError::new(sqlx::Error::Encode(e), Some(sql.name)))?;
    Ok(sqlx::query_with(sql.sqlite, args))
}

fn postgres_query(
    sql: &Sql,
    args: &[Value],
) -> Result<Query<'static, Postgres, PgArguments>, DbError> {
    let args =
        value::postgres(args).map_err(|e| DbError::new(sqlx::Error::Encode(e), Some(sql.name)))?;
    Ok(sqlx::query_with(sql.postgres, args))
}

/// Prepares a statement without running it, and compares its parameters.
pub(super) async fn prepare(conn: &mut Conn, sql: &Sql) -> Result<(), DbError> {
    let failed = |error| DbError::new(error, Some(sql.name));
    let found = match conn.driver()? {
        Driver::Sqlite(conn) => {
            let statement = conn
                .prepare(sqlx::SqlStr::from_static(sql.sqlite))
                .await
                .map_err(failed)?;
            statement.parameters().map(|p| p.either(<[_]>::len, |n| n))
        }
        Driver::Postgres(conn) => {
            let statement = conn
                .prepare(sqlx::SqlStr::from_static(sql.postgres))
                .await
                .map_err(failed)?;
            statement
                .parameters()
                .map(|p: Either<&[_], usize>| p.either(<[_]>::len, |n| n))
        }
    };
    match found {
        Some(given) if given != sql.parameters() => Err(DbError::Arguments {
            statement: sql.name,
            expected: sql.parameters(),
            given,
        }),
        _ => Ok(()),
    }
}

/// A connection for reading. On SQLite it cannot write; on PostgreSQL its
/// transactions are read-only by default. A statement that takes longer than
/// [`OpenOptions::limit`](super::OpenOptions::limit) is broken off and answers [`DbError::Busy`].
#[derive(Debug)]
pub struct ReadConn {
    conn: Conn,
    /// Where an SQLite connection goes back to.
    lease: Option<Lease>,
}

impl ReadConn {
    pub(super) fn new(conn: Conn, lease: Option<Lease>) -> Self {
        Self { conn, lease }
    }
}

impl Drop for ReadConn {
    fn drop(&mut self) {
        if let (Some(lease), Inner::Sqlite(conn)) = (self.lease.take(), self.conn.take()) {
            lease.give_back(conn, self.conn.transaction, self.conn.running);
        }
    }
}

impl Deref for ReadConn {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for ReadConn {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

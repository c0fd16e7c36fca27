//! Rows written past the server, for what would take hours to build up.

use crate::Failure;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Opens the server's database beside it.
pub(crate) async fn database(file: &Path) -> Result<SqliteConnection, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(Duration::from_secs(20));
    Ok(SqliteConnection::connect_with(&options).await?)
}

/// The time, in microseconds.
pub(crate) fn now() -> Result<i64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_micros())?)
}

/// Incidents numbered from 1 that were declared at `declared`, and that the watch
/// looks at from `look_at` on, one a microsecond.
pub(crate) async fn incidents(
    db: &mut SqliteConnection,
    count: usize,
    declared: i64,
    look_at: i64,
) -> Result<(), Failure> {
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
         INSERT INTO incidents (id, number, title, description, description_html, services, severity, status, restricted, declared_at, declared_by, started_at, last_human_at, last_seq, look_at, looked_at)
         SELECT randomblob(16), n, 'Reservations crawl and time out', '', '', '[\"store app\"]', 'SEV1', 'investigating', 0, $2, (SELECT id FROM users LIMIT 1), $2, $2, 1, $3, $2 FROM n",
    )
    .bind(i64::try_from(count)?)
    .bind(declared)
    .bind(look_at)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "INSERT INTO entries (id, incident_id, seq, changed_seq, kind, author_id, occurred_at, recorded_at, text, html, body, digest, revision)
         SELECT randomblob(16), id, 1, 1, 'declared', declared_by, declared_at, declared_at, title, title, '{\"kind\":\"declared\",\"severity\":\"SEV1\"}', x'', 1 FROM incidents",
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

//! Databases for tests: SQLite always, PostgreSQL where there is one.
//!
//! `RIDEOUT_TEST_POSTGRES` holds the address of a superuser of a PostgreSQL
//! server; every test gets a database of its own there. With
//! `RIDEOUT_REQUIRE_POSTGRES=1` its absence fails the test.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must fail loudly"
)]

use crate::db::{DatabaseUrl, Db, Dialect, OpenOptions};
use sqlx::{Connection as _, PgConnection};
use std::{
    ops::Deref,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};
use tempfile::TempDir;

/// How many databases of PostgreSQL this process has made.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A database of a test, deleted when dropped.
pub struct TestDb {
    db: Db,
    url: DatabaseUrl,
    // Dropped after the database.
    home: Home,
}

enum Home {
    Sqlite(TempDir),
    Postgres { server: String, name: String },
}

/// Every kind of database there is, migrated. A conformance test runs its body on each.
pub async fn databases() -> Vec<TestDb> {
    let databases = empty_databases().await;
    for db in &databases {
        db.migrate()
            .await
            .expect("the migrations apply to an empty database");
    }
    databases
}

/// Every kind of database there is, without tables.
pub async fn empty_databases() -> Vec<TestDb> {
    let mut databases = vec![empty_sqlite().await];
    databases.extend(empty_postgres().await);
    databases
}

/// An SQLite database in a folder of its own, migrated.
pub async fn sqlite() -> TestDb {
    let db = empty_sqlite().await;
    db.migrate()
        .await
        .expect("the migrations apply to an empty database");
    db
}

/// An SQLite database in a folder of its own, without tables.
pub async fn empty_sqlite() -> TestDb {
    empty_sqlite_with(OpenOptions::server()).await
}

/// An SQLite database without tables, opened as told.
pub async fn empty_sqlite_with(options: OpenOptions) -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = DatabaseUrl::sqlite(folder.path().join("rideout.db"));
    let db = Db::open(&url, options).await.expect("a new file opens");
    TestDb {
        db,
        url,
        home: Home::Sqlite(folder),
    }
}

/// A PostgreSQL database of its own without tables, if there is a server.
pub async fn empty_postgres() -> Option<TestDb> {
    let Ok(server) = std::env::var("RIDEOUT_TEST_POSTGRES") else {
        let required = std::env::var("RIDEOUT_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "RIDEOUT_REQUIRE_POSTGRES is set and RIDEOUT_TEST_POSTGRES is not"
        );
        return None;
    };
    let name = format!(
        "rideout_test_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Relaxed)
    );
    // A test that was killed may have left one behind.
    run(
        &server,
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await;
    run(&server, format!("CREATE DATABASE {name}")).await;
    let (base, query) = server
        .split_once('?')
        .map_or((server.as_str(), None), |(b, q)| (b, Some(q)));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..]
        .find('/')
        .map_or(base.len(), |at| authority + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url: DatabaseUrl = format!("{}/{name}{query}", &base[..end])
        .parse()
        .expect("RIDEOUT_TEST_POSTGRES is an address");
    let options = OpenOptions {
        readers: 4,
        writers: 8,
        ..OpenOptions::server()
    };
    let db = Db::open(&url, options)
        .await
        .expect("the new database opens");
    Some(TestDb {
        db,
        url,
        home: Home::Postgres { server, name },
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the name of a database cannot be a parameter"
)]
async fn run(server: &str, sql: String) {
    let mut conn = PgConnection::connect(server)
        .await
        .expect("RIDEOUT_TEST_POSTGRES answers");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .execute(&mut conn)
        .await
        .expect("a superuser may do this");
    conn.close().await.expect("the connection closes");
}

impl TestDb {
    /// The database itself, to be cloned into the thing under test.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Its address, to open it once more.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The SQLite file. Panics on PostgreSQL.
    pub fn path(&self) -> PathBuf {
        match &self.home {
            Home::Sqlite(folder) => folder.path().join("rideout.db"),
            Home::Postgres { .. } => panic!("PostgreSQL has no file"),
        }
    }

    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.db.dialect() == Dialect::Sqlite
    }

    /// Closes the database and opens it again.
    pub async fn reopen(&mut self) {
        self.db.close().await;
        self.db = Db::open(&self.url, OpenOptions::server())
            .await
            .expect("the database opens again");
    }
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Home::Postgres { server, name } = &self.home else {
            return;
        };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // Dropping cannot wait, and the runtime of the test may be ending.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.expect("a runtime").block_on(run(server, sql));
            });
        });
    }
}

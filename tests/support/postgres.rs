//! Databases on the PostgreSQL server that `RIDEOUT_TEST_POSTGRES` names.

use sqlx::{Connection as _, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A database of a test's own, dropped with it.
#[derive(Debug)]
pub(crate) struct PostgresDb {
    server: String,
    name: String,
    pub(crate) url: String,
}

impl PostgresDb {
    /// A new database, if there is a server.
    pub(crate) async fn make() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("RIDEOUT_TEST_POSTGRES") else {
            let required =
                std::env::var("RIDEOUT_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(
                !required,
                "RIDEOUT_REQUIRE_POSTGRES is set and RIDEOUT_TEST_POSTGRES is not"
            );
            return None;
        };
        let name = format!(
            "rideout_it_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Relaxed)
        );
        run(
            &server,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
        run(&server, format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Some(Self {
            url: url.to_string(),
            server,
            name,
        })
    }
}

impl Drop for PostgresDb {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(run(&self.server, sql));
            });
        });
    }
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

//! A database that a newer Rideout has used.

use crate::support::{PASSWORD, TestServer, Who, rideout};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

/// Both databases understand it.
const ADD: &str =
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
    SELECT 9999, 'from the future', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1";
const REMOVE: &str = "DELETE FROM _sqlx_migrations WHERE version = 9999";

async fn change(url: &str, sql: &'static str) {
    let rows = if url.starts_with("sqlite:") {
        let mut conn = SqliteConnection::connect(url).await.unwrap();
        let done = sqlx::query(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        done.rows_affected()
    } else {
        let mut conn = PgConnection::connect(url).await.unwrap();
        let done = sqlx::query(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        done.rows_affected()
    };
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn it_is_refused_with_a_sentence_and_left_as_it_is() {
    for mut server in TestServer::each().await {
        let url = server.database_url();
        let incident = server
            .client(Who::Responder)
            .declare("Before the upgrade")
            .await;
        server.ask_to_stop();
        assert!(server.ended().await.success());
        change(&url, ADD).await;
        let file = server.folder().join("rideout.db");
        let before = std::fs::read(&file).unwrap_or_default();

        let serve: &[&str] = &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ];
        let user: &[&str] = &[
            "user",
            "create",
            "--email",
            "new@example.org",
            "--name",
            "N",
            "--role",
            "viewer",
            "--password-stdin",
        ];
        let token: &[&str] = &[
            "token",
            "create",
            "--email",
            "admin@example.org",
            "--name",
            "t",
        ];
        for arguments in [serve, user, token, &["migrate"], &["export"]] {
            let arguments = [arguments, &["--database-url", &url]].concat();
            let output = rideout(server.folder(), &arguments, &[], PASSWORD);
            let complaint = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {complaint}");
            assert!(
                complaint.contains("the database was made by a newer Rideout"),
                "{arguments:?}: {complaint}"
            );
            assert!(
                !complaint.contains("panicked"),
                "{arguments:?}: {complaint}"
            );
        }
        assert!(
            std::fs::read(&file).unwrap_or_default() == before,
            "the file was changed"
        );

        change(&url, REMOVE).await;
        server.restart();
        server
            .client(Who::Viewer)
            .get(&format!("/api/v1/incidents/{incident}"))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_node_says_that_it_is_older_than_the_database() {
    let Some(server) = TestServer::on_postgres().await else {
        return;
    };
    server.operator().get("/health/ready").await.expect(200);
    change(&server.database_url(), ADD).await;
    let answer = server
        .operator()
        .get("/health/ready")
        .await
        .expect(503)
        .json();
    assert!(
        answer["reasons"][0]
            .as_str()
            .unwrap()
            .contains("newer Rideout"),
        "{answer}"
    );
    server
        .client(Who::Viewer)
        .get("/api/v1/me")
        .await
        .expect(200);
}

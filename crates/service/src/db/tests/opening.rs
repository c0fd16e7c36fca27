//! Addresses, files and locks.

use super::*;
use crate::test_support::empty_sqlite;
use std::fs;

fn parse(text: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    text.parse()
}

#[test]
fn addresses_of_files_are_understood() {
    for (text, path) in [
        ("sqlite:rideout.db", "rideout.db"),
        ("sqlite:data/rideout.db", "data/rideout.db"),
        ("sqlite://rideout.db", "rideout.db"),
        ("sqlite:///var/lib/rideout.db", "/var/lib/rideout.db"),
        (" sqlite:/var/lib/my data.db\n", "/var/lib/my data.db"),
    ] {
        assert_eq!(
            parse(text).unwrap().sqlite_path().unwrap().to_str(),
            Some(path),
            "{text}"
        );
    }
    assert!(
        parse("postgres://host/name")
            .unwrap()
            .sqlite_path()
            .is_none()
    );
}

#[test]
fn mistaken_addresses_say_what_is_possible() {
    for text in [
        "",
        "rideout.db",
        "mysql://u:secret@host/db",
        "user:secret@host/db",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:a.db?mode=rwc",
        "postgres://u:secret@host:port/db",
        "a:b:c",
        "http://u:secret@host",
    ] {
        let message = parse(text).unwrap_err().to_string();
        assert!(
            message.contains("write ")
                || message.contains("leave out")
                || message.contains("for example"),
            "{message}"
        );
        assert!(!message.contains("secret"), "{message}");
    }
    assert!(
        parse("mysql://host/db")
            .unwrap_err()
            .to_string()
            .contains("`mysql`")
    );
}

#[test]
fn passwords_are_masked() {
    for (text, shown) in [
        (
            "postgres://ride:se%40cret@db.example:5432/rideout",
            "postgres://ride:***@db.example:5432/rideout",
        ),
        (
            "postgresql://ride@db/rideout",
            "postgresql://ride@db/rideout",
        ),
        (
            "postgres://ride:secret@db/rideout?sslmode=require&password=secret",
            "postgres://ride:***@db/rideout?sslmode=require&password=***",
        ),
        (
            "postgres:///rideout?host=/run/postgresql",
            "postgres:///rideout?host=/run/postgresql",
        ),
    ] {
        let url = parse(text).unwrap();
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), shown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_is_refused_while_a_tool_works_beside() {
    let db = empty_sqlite().await;
    with_table(&db).await;
    let error = Db::open(db.url(), OpenOptions::server()).await.unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("rideout.db") && message.contains(&std::process::id().to_string()),
        "{message}"
    );

    #[cfg(unix)]
    {
        // A link to a file that is not there yet, too.
        let target = db.path().with_file_name("target.db");
        let link = db.path().with_file_name("link.db");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let first = Db::open(&DatabaseUrl::sqlite(&link), OpenOptions::server())
            .await
            .unwrap();
        let error = Db::open(&DatabaseUrl::sqlite(&target), OpenOptions::server())
            .await
            .unwrap_err();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        first.close().await;

        let alias = db.path().with_file_name("alias.db");
        std::os::unix::fs::symlink(db.path(), &alias).unwrap();
        let error = Db::open(&DatabaseUrl::sqlite(alias), OpenOptions::server())
            .await
            .unwrap_err();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    }

    let tool = Db::open(db.url(), OpenOptions::tool()).await.unwrap();
    for n in 0..10 {
        insert(&tool, 100 + n).await.unwrap();
        insert(&db, 200 + n).await.unwrap();
    }
    assert_eq!(count(&tool).await, 20);
    tool.close().await;
    assert_eq!(count(&db).await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_can_be_opened_again_once_closed() {
    let mut db = empty_sqlite().await;
    with_table(&db).await;
    for n in 0..3 {
        insert(&db, n).await.unwrap();
        db.reopen().await;
        assert_eq!(count(&db).await, n + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |name: &str, options| {
        Db::open(&DatabaseUrl::sqlite(folder.path().join(name)), options)
            .await
            .unwrap_err()
    };
    let error = open("none/rideout.db", OpenOptions::server()).await;
    assert!(matches!(error, OpenError::NoFolder { .. }), "{error}");

    let error = open("rideout.db", OpenOptions::tool()).await;
    assert!(matches!(error, OpenError::Missing { .. }), "{error}");
    assert!(
        !folder.path().join("rideout.db").exists(),
        "a command creates nothing"
    );

    fs::write(
        folder.path().join("notes.txt"),
        "not a database, but long enough to look at".repeat(100),
    )
    .unwrap();
    let error = open("notes.txt", OpenOptions::server()).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");

    fs::write(folder.path().join("locked.db"), "").unwrap();
    let mut permissions = fs::metadata(folder.path().join("locked.db"))
        .unwrap()
        .permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.path().join("locked.db"), permissions).unwrap();
    let error = open("locked.db", OpenOptions::server()).await;
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");
    assert!(error.to_string().contains("locked.db"));

    fs::create_dir(folder.path().join("folder")).unwrap();
    let error = open("folder", OpenOptions::server()).await;
    assert!(matches!(error, OpenError::File { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_not_there_is_named_without_its_password() {
    // Nothing listens on a port that was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = parse(&format!("postgres://ride:secret@127.0.0.1:{port}/rideout")).unwrap();
    let options = OpenOptions {
        patience: Duration::from_millis(50),
        ..OpenOptions::server()
    };
    let error = Db::open(&url, options).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("127.0.0.1") && !shown.contains("secret"),
        "{shown}"
    );
    assert!(
        matches!(
            &error,
            OpenError::Database {
                source: DbError::Unavailable { .. },
                ..
            }
        ),
        "{shown}"
    );
}

//! What the disk can do to an SQLite file.

use super::*;
use crate::test_support::empty_sqlite;
use futures::future::join_all;
use sqlx::{Connection as _, SqliteConnection};

crate::statements! {
    /// A disk with room for little more.
    SMALL_DISK = sqlite "PRAGMA max_page_count = 40" postgres "SELECT 1";
    LARGE_DISK = sqlite "PRAGMA max_page_count = 1000000" postgres "SELECT 1";
    /// Puts off the check of references to the commit.
    /// What no operation may do.
    END = "ROLLBACK";
    DEFER = sqlite "PRAGMA defer_foreign_keys = ON" postgres "SET CONSTRAINTS ALL DEFERRED";
}

async fn pragma(db: &Db, sql: &'static Sql) {
    db.write(move |tx| Box::pin(async move { tx.fetch_all(sql, &[]).await.map(drop) }))
        .await
        .unwrap();
}

async fn insert_large(db: &Db) -> Result<(), DbError> {
    db.write(|tx| {
        Box::pin(async move {
            tx.execute(&INSERT_DATA, &args![new_id(), vec![7_u8; 20_000]])
                .await?;
            Ok(())
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_claimed_and_nothing_need_be_restarted() {
    let db = patient_sqlite().await;
    with_table(&db).await;
    pragma(&db, &SMALL_DISK).await;
    let mut saved = 0;
    for _ in 0..5 {
        let gate = Gate::close(&db).await;
        let mut writes: Vec<_> = (0..4)
            .map(|_| {
                let db = db.db().clone();
                tokio::spawn(async move { insert_large(&db).await })
            })
            .collect();
        queued(&db, 4).await;
        // The gate is part of the batch and is lost with it.
        gate.open.send(()).unwrap();
        let _ = gate.held.await.unwrap();
        for write in join_all(writes.drain(..)).await {
            match write.unwrap() {
                Ok(()) => saved += 1,
                Err(error) => assert!(matches!(error, DbError::DiskFull { .. }), "{error:?}"),
            }
        }
        assert_eq!(count(&db).await, saved);
    }
    let error = insert_large(&db).await;
    let full = matches!(error, Err(DbError::DiskFull { .. })) || db.stats().reopened > 0;
    assert!(full, "the disk should be full by now: {error:?}");

    pragma(&db, &LARGE_DISK).await;
    let before = count(&db).await;
    insert_large(&db).await.unwrap();
    assert_eq!(count(&db).await, before + 1);
    assert!(db.integrity_check().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_is_told_to_everybody_in_it() {
    let db = patient_sqlite().await;
    with_table(&db).await;
    let mut live = db.subscribe();
    let gate = Gate::close(&db).await;
    let mut writes: Vec<_> = (0..10)
        .map(|n| {
            let db = db.db().clone();
            tokio::spawn(async move { insert(&db, 100 + n).await.map(drop) })
        })
        .collect();
    let bad = db.db().clone();
    writes.push(tokio::spawn(async move {
        bad.write(|tx| {
            Box::pin(async move {
                tx.execute(&DEFER, &[]).await?;
                tx.execute(&INSERT_CHILD, &args![new_id(), Uuid::nil()])
                    .await?;
                tx.after_commit(LiveEvent::RESYNC);
                Ok(())
            })
        })
        .await
    }));
    queued(&db, 11).await;
    gate.open.send(()).unwrap();
    assert!(gate.held.await.unwrap().is_err());
    for write in join_all(writes).await {
        let error = write.unwrap().unwrap_err();
        assert!(
            matches!(&error, AppError::Db(e) if e.is_foreign_key()),
            "{error:?}"
        );
    }
    assert_eq!(count(&db).await, 0);
    assert!(live.try_recv().is_err());
    assert_eq!(db.stats().failed_commits, 1);
    insert(&db, 1).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_that_writes_makes_it_busy() {
    let options = OpenOptions {
        patience: Duration::from_millis(1),
        ..OpenOptions::server()
    };
    let db = empty_sqlite_with(options).await;
    with_table(&db).await;
    let mut other = SqliteConnection::connect(&db.url().to_string())
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let results = join_all((0..5).map(|n| insert(&db, n))).await;
    for result in results {
        assert!(
            matches!(result, Err(AppError::Db(DbError::Busy { .. }))),
            "{result:?}"
        );
    }
    assert_eq!(count(&db).await, 0, "readers go on");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    insert(&db, 1).await.unwrap();
    other.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_one_state_of_a_database_in_use() {
    let db = empty_sqlite().await;
    with_table(&db).await;
    for n in 0..10 {
        insert(&db, 100 + n).await.unwrap();
    }
    let to = db.path().with_file_name("copy.db");
    let (report, _) = tokio::join!(db.backup_to(&to), insert(&db, 1));
    let report = report.unwrap();
    assert_eq!(report.bytes, std::fs::metadata(&to).unwrap().len());
    assert!(!super::super::file::beside(&to, ".partial").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&to).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            std::fs::metadata(db.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(matches!(
        db.backup_to(&to).await,
        Err(BackupError::Exists { .. })
    ));
    let nowhere = db.path().with_file_name("no folder").join("copy.db");
    assert!(matches!(
        db.backup_to(&nowhere).await,
        Err(BackupError::File { .. })
    ));

    let copy = Db::open(&DatabaseUrl::sqlite(&to), OpenOptions::server())
        .await
        .unwrap();
    assert!((10..=11).contains(&count(&copy).await));
    insert(&copy, 2).await.unwrap();
    copy.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_folds_the_log_into_the_file() {
    let db = empty_sqlite().await;
    with_table(&db).await;
    insert(&db, 1).await.unwrap();
    let log = super::super::file::beside(&db.path(), "-wal");
    assert!(log.exists());
    db.close().await;
    assert!(!log.exists());
}

/// The list of open incidents read the whole table after a restart, since the
/// file had been closed when it held one.
#[tokio::test(flavor = "multi_thread")]
async fn how_small_a_file_was_when_it_was_closed_decides_no_plan() {
    use sqlx::{ConnectOptions as _, Row as _};
    let db = empty_sqlite().await;
    with_table(&db).await;
    insert(&db, 1).await.unwrap();
    assert_eq!(count(&db).await, 1);
    db.close().await;
    let mut conn = super::super::sqlite::common_options(&db.path())
        .connect()
        .await
        .unwrap();
    let figures = sqlx::query("SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat_'")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(figures.get::<i64, _>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_lost_its_transaction_goes_on_with_a_new_connection() {
    let db = patient_sqlite().await;
    with_table(&db).await;
    let gate = Gate::close(&db).await;
    let bad = db.db().clone();
    let bad = tokio::spawn(async move {
        bad.write(|tx| Box::pin(async move { tx.execute(&END, &[]).await }))
            .await
    });
    queued(&db, 1).await;
    let good = db.db().clone();
    let good = tokio::spawn(async move { insert(&good, 1).await });
    queued(&db, 2).await;
    gate.open.send(()).unwrap();
    assert!(gate.held.await.unwrap().is_err());
    assert!(bad.await.unwrap().is_err());
    assert!(good.await.unwrap().is_err());
    assert_eq!(count(&db).await, 0);
    insert(&db, 1).await.unwrap();
    assert_eq!(count(&db).await, 1);
    assert_eq!(db.stats().reopened, 1);
}

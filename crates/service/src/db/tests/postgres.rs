//! What only PostgreSQL can do to us.

use super::*;
use crate::test_support::empty_postgres;

crate::statements! {
    /// Ends every other connection to this database, as a restart does.
    CUT = sqlite "SELECT 1" postgres "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    TOUCH = "UPDATE samples SET share = 1 WHERE id = $1";
}

async fn cut(db: &Db) {
    let tool = Db::open(db.url(), OpenOptions::tool()).await.unwrap();
    let cut = tool
        .reader()
        .await
        .unwrap()
        .fetch_one(&CUT, &[])
        .await
        .unwrap()
        .int(0)
        .unwrap();
    assert!(
        cut >= 2,
        "the listener and a pooled connection at least, not {cut}"
    );
    tool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_survived_without_an_error() {
    let Some(db) = empty_postgres().await else {
        return;
    };
    with_table(&db).await;
    for round in 0..3 {
        // Several connections in both pools, all idle.
        let reads: Vec<_> = futures::future::join_all((0..4).map(|_| db.reader())).await;
        assert!(reads.iter().all(Result::is_ok));
        drop(reads);
        let writes = futures::future::join_all((0..8).map(|n| insert(&db, 100 + n))).await;
        assert!(writes.iter().all(Result::is_ok));
        cut(&db).await;
        let all = (round + 1) * 8;
        assert_eq!(count(&db).await, all + round * 8);
        let writes = futures::future::join_all((0..8).map(|n| insert(&db, 100 + n))).await;
        assert!(writes.iter().all(Result::is_ok), "{writes:?}");
        assert_eq!(
            db.snapshot()
                .await
                .unwrap()
                .fetch_one(&COUNT, &[])
                .await
                .unwrap()
                .int(0)
                .unwrap(),
            all + all
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_connection_the_bus_says_so_and_goes_on() {
    let Some(db) = empty_postgres().await else {
        return;
    };
    let mut live = db.subscribe();
    cut(&db).await;
    assert_eq!(live.recv().await.unwrap(), LiveEvent::RESYNC);
    let event = LiveEvent {
        incident: new_id(),
        seq: 1,
        what: LiveWhat::Entry,
    };
    db.publish(event).await.unwrap();
    assert_eq!(live.recv().await.unwrap(), event);
    assert_eq!(db.stats().bus_reconnects, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_within_an_operation_saves_nothing() {
    let Some(db) = empty_postgres().await else {
        return;
    };
    with_table(&db).await;
    let inside = db.db().clone();
    let result: Result<(), DbError> = db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(&INSERT, &args![new_id(), 1_i64, "a"]).await?;
                cut(&inside).await;
                tx.execute(&INSERT, &args![new_id(), 2_i64, "b"]).await?;
                Ok(())
            })
        })
        .await;
    assert!(
        matches!(result, Err(DbError::Unavailable { .. })),
        "{result:?}"
    );
    assert_eq!(count(&db).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_answers_busy() {
    let Some(db) = empty_postgres().await else {
        return;
    };
    with_table(&db).await;
    let (one, two) = (insert(&db, 1).await.unwrap(), insert(&db, 2).await.unwrap());
    let both = Arc::new(tokio::sync::Barrier::new(2));
    let cross = |first: Uuid, second: Uuid| {
        let both = Arc::clone(&both);
        db.write::<(), DbError, _>(move |tx| {
            Box::pin(async move {
                tx.execute(&TOUCH, &args![first]).await?;
                both.wait().await;
                tx.execute(&TOUCH, &args![second]).await?;
                Ok(())
            })
        })
    };
    let (a, b) = tokio::join!(cross(one, two), cross(two, one));
    let [lost] = [a, b]
        .into_iter()
        .filter_map(Result::err)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert!(matches!(lost, DbError::Busy { .. }), "{lost:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_left_to_pg_dump() {
    let Some(db) = empty_postgres().await else {
        return;
    };
    let error = db
        .backup_to(std::path::Path::new("copy.db"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("pg_dump"));
}

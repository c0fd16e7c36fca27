//! Many at once, and callers that go away.

use super::*;
use crate::test_support::{empty_databases, empty_sqlite};
use futures::future::join_all;
use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_writers_lose_nothing_and_are_heard_in_order() {
    const WRITERS: u64 = 64;
    const EACH: u64 = 10;
    for db in empty_databases().await {
        with_table(&db).await;
        let counter = new_id();
        db.write(move |tx| {
            Box::pin(async move { tx.execute(&INSERT, &args![counter, 0_i64, "counter"]).await })
        })
        .await
        .unwrap();
        let mut live = db.subscribe();
        let writers = (0..WRITERS).map(|_| {
            let db = db.db().clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                for _ in 0..EACH {
                    let seq: Result<i64, DbError> = db
                        .write(move |tx| {
                            Box::pin(async move {
                                let seq = tx.fetch_one(&NEXT, &args![counter]).await?.int("n")?;
                                let id = new_id();
                                tx.execute(&INSERT, &args![id, 1000 + seq, format!("entry {seq}")])
                                    .await?;
                                tx.after_commit(LiveEvent {
                                    incident: counter,
                                    seq,
                                    what: LiveWhat::Entry,
                                });
                                Ok(seq)
                            })
                        })
                        .await;
                    mine.push(seq.unwrap());
                }
                mine
            })
        });
        let all: Vec<i64> = join_all(writers)
            .await
            .into_iter()
            .flat_map(Result::unwrap)
            .collect();
        let total = WRITERS * EACH;
        assert_eq!(all.iter().collect::<HashSet<_>>().len() as u64, total);
        assert_eq!(u64::try_from(count(&db).await).unwrap(), total + 1);
        for seq in 1..=i64::try_from(total).unwrap() {
            assert_eq!(live.recv().await.unwrap().seq, seq);
        }
        let stats = db.stats();
        assert_eq!(stats.operations, total + 2);
        if db.is_sqlite() {
            assert!(
                stats.commits < stats.operations,
                "commits were not grouped: {stats:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_batch_each_operation_stands_alone() {
    let db = patient_sqlite().await;
    with_table(&db).await;
    let mut live = db.subscribe();
    let gate = Gate::close(&db).await;
    let same = new_id();
    let operations: Vec<_> = (0_i64..40)
        .map(|n| {
            let db = db.db().clone();
            tokio::spawn(async move {
                db.write::<i64, AppError, _>(move |tx| {
                    Box::pin(async move {
                        tx.execute(&INSERT, &args![new_id(), 100 + n, format!("first {n}")])
                            .await?;
                        tx.after_commit(LiveEvent {
                            incident: same,
                            seq: n,
                            what: LiveWhat::Changed,
                        });
                        match n % 5 {
                            1 => Err(AppError::Refused),
                            2 => panic!("on purpose"),
                            3 => {
                                // Once it is there, always a violation.
                                tx.execute(&INSERT, &args![same, 1_i64, format!("same {n}")])
                                    .await?;
                                Ok(n)
                            }
                            4 => {
                                let _ = tx.execute(&INSERT, &args![new_id(), -1_i64, "bad"]).await;
                                Ok(n)
                            }
                            _ => Ok(n),
                        }
                    })
                })
                .await
            })
        })
        .collect();
    queued(&db, 40).await;
    let before = db.stats();
    gate.open().await;
    let mut good = Vec::new();
    for (n, operation) in operations.into_iter().enumerate() {
        match (n % 5, operation.await.unwrap()) {
            (0 | 3, Ok(n)) => good.push(n),
            (1, Err(AppError::Refused)) | (2, Err(AppError::Db(DbError::Panicked))) => {}
            (3, Err(AppError::Db(error))) => assert!(error.is_unique_on("samples.id", "")),
            (4, Err(AppError::Db(DbError::Aborted { .. }))) => {}
            (_, other) => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(
        good.len(),
        9,
        "all eight of the first kind and one of the fourth"
    );
    assert_eq!(count(&db).await, 10);
    let stats = db.stats();
    assert_eq!(stats.commits, before.commits + 1);
    assert_eq!(stats.last_batch, 10, "the nine, and the gate");
    assert_eq!(stats.reopened, 0);
    let mut heard = HashSet::new();
    for _ in 0..9 {
        heard.insert(live.recv().await.unwrap().seq);
    }
    assert_eq!(heard, good.into_iter().collect());
    assert!(live.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_finished_without_its_caller() {
    for db in empty_databases().await {
        with_table(&db).await;
        let (go, wait) = oneshot::channel::<()>();
        let (entered, inside) = oneshot::channel();
        let caller = db.db().clone();
        let caller = tokio::spawn(async move {
            caller
                .write::<(), DbError, _>(move |tx| {
                    Box::pin(async move {
                        tx.execute(&INSERT, &args![new_id(), 1_i64, "a"]).await?;
                        let _ = entered.send(());
                        let _ = wait.await;
                        tx.execute(&INSERT, &args![new_id(), 2_i64, "b"]).await?;
                        Ok(())
                    })
                })
                .await
        });
        inside.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        go.send(()).unwrap();
        eventually("both rows", || async { count(&db).await == 2 }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_nobody_waits_for_is_not_begun() {
    let db = empty_sqlite().await;
    with_table(&db).await;
    let gate = Gate::close(&db).await;
    let ran = Arc::new(AtomicBool::new(false));
    let (caller, flag) = (db.db().clone(), Arc::clone(&ran));
    let caller = tokio::spawn(async move {
        caller
            .write::<(), DbError, _>(move |_| {
                flag.store(true, SeqCst);
                Box::pin(async { Ok(()) })
            })
            .await
    });
    queued(&db, 1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    gate.open().await;
    insert(&db, 1).await.unwrap();
    assert!(!ran.load(SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_answers_busy() {
    let options = OpenOptions {
        queue: 1,
        patience: Duration::from_millis(1),
        ..OpenOptions::server()
    };
    let db = empty_sqlite_with(options).await;
    let gate = Gate::close(&db).await;
    let waiting = db.db().clone();
    let waiting = tokio::spawn(async move {
        waiting
            .write::<(), DbError, _>(|_| Box::pin(async { Ok(()) }))
            .await
    });
    queued(&db, 1).await;
    let refused = db
        .write::<(), DbError, _>(|_| Box::pin(async { Ok(()) }))
        .await;
    assert!(matches!(refused, Err(DbError::Busy { .. })));
    gate.open().await;
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_wait_for_their_turn_or_answer_busy() {
    let options = OpenOptions {
        readers: 1,
        patience: Duration::from_millis(1),
        ..OpenOptions::server()
    };
    let db = empty_sqlite_with(options).await;
    with_table(&db).await;
    let held = db.reader().await.unwrap();
    assert!(matches!(db.reader().await, Err(DbError::Busy { .. })));
    drop(held);
    let patient = Db::open(
        db.url(),
        OpenOptions {
            readers: 1,
            ..OpenOptions::tool()
        },
    )
    .await
    .unwrap();
    let reads = join_all((0..50).map(|_| count(&patient))).await;
    assert_eq!(reads, [0; 50]);
    assert_eq!(patient.stats().readers_in_use, 0);
}

/// A read that is broken off leaves a connection that works.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_dropped_does_no_harm() {
    for db in empty_databases().await {
        with_table(&db).await;
        for n in 0..20 {
            insert(&db, 100 + n).await.unwrap();
            let mut conn = db.snapshot().await.unwrap();
            let dropped = futures::future::poll_immediate(conn.fetch_one(&COUNT, &[])).await;
            drop(dropped);
            drop(conn);
            let mut conn = db.reader().await.unwrap();
            let dropped = futures::future::poll_immediate(conn.fetch_one(&COUNT, &[])).await;
            drop(dropped);
            drop(conn);
            assert_eq!(count(&db).await, n + 1);
        }
    }
}

/// One that never ends would otherwise keep its connection for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_nobody_waits_for_is_broken_off() {
    let options = OpenOptions {
        readers: 1,
        patience: Duration::from_secs(60),
        ..OpenOptions::server()
    };
    let db = empty_sqlite_with(options).await;
    with_table(&db).await;
    for snapshot in [false, true] {
        let reader = db.db().clone();
        let (began, beginning) = oneshot::channel();
        let reader = tokio::spawn(async move {
            let mut conn = if snapshot {
                reader.snapshot().await
            } else {
                reader.reader().await
            }
            .unwrap();
            let read = conn.fetch_all(&FOREVER, &[]);
            let mut read = std::pin::pin!(read);
            assert!(
                futures::future::poll_immediate(read.as_mut())
                    .await
                    .is_none()
            );
            let _ = began.send(());
            read.await
        });
        beginning.await.unwrap();
        reader.abort();
        assert!(reader.await.unwrap_err().is_cancelled());
        assert_eq!(count(&db).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_takes_too_long_is_broken_off() {
    for db in empty_databases().await {
        with_table(&db).await;
        let options = OpenOptions {
            limit: Duration::from_millis(50),
            readers: 1,
            patience: Duration::from_secs(60),
            ..OpenOptions::tool()
        };
        let hasty = Db::open(db.url(), options).await.unwrap();
        let mut conn = hasty.reader().await.unwrap();
        let error = conn.fetch_all(&FOREVER, &[]).await.unwrap_err();
        assert!(matches!(error, DbError::Busy { .. }), "{error:?}");
        drop(conn);
        hasty.ping(Duration::from_secs(60)).await.unwrap();
        hasty.close().await;
    }
}

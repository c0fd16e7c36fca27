//! What holds on both databases.

use super::*;
use crate::test_support::{databases, empty_databases};

#[tokio::test(flavor = "multi_thread")]
async fn values_come_back_as_they_went_in() {
    for db in empty_databases().await {
        with_table(&db).await;
        let (full, empty) = (new_id(), new_id());
        db.write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    &INSERT_FULL,
                    &args![full, i64::MIN, "zwölf", vec![0_u8, 255], 0.1],
                )
                .await?;
                let nothing = args![
                    empty,
                    None::<i64>,
                    None::<&str>,
                    None::<Vec<u8>>,
                    None::<f64>
                ];
                tx.execute(&INSERT_FULL, &nothing).await
            })
        })
        .await
        .unwrap();
        let mut conn = db.reader().await.unwrap();
        let row = conn.fetch_one(&SELECT, &args![full]).await.unwrap();
        assert_eq!(row.uuid("id").unwrap(), full);
        assert_eq!(row.int(1).unwrap(), i64::MIN);
        assert_eq!(row.text("word").unwrap(), "zwölf");
        assert_eq!(row.bytes("data").unwrap(), [0, 255]);
        assert_eq!(row.float("share").unwrap().to_bits(), 0.1_f64.to_bits());
        let row = conn.fetch_one(&SELECT, &args![empty]).await.unwrap();
        assert_eq!(row.opt_int("n").unwrap(), None);
        assert_eq!(row.opt_text("word").unwrap(), None);
        assert_eq!(row.opt_bytes("data").unwrap(), None);
        assert_eq!(row.opt_float("share").unwrap(), None);
        assert!(matches!(row.int("n"), Err(DbError::Column { .. })));
        assert!(matches!(row.int("none"), Err(DbError::Column { .. })));
        assert!(matches!(row.int("id"), Err(DbError::Column { .. })));
        assert!(
            conn.fetch_optional(&SELECT, &args![Uuid::nil()])
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_of_arguments_is_refused() {
    for db in empty_databases().await {
        with_table(&db).await;
        let mut conn = db.reader().await.unwrap();
        for args in [&args![][..], &args![1_i64, 2_i64]] {
            let error = conn.fetch_all(&SELECT, args).await.unwrap_err();
            let given = args.len();
            assert!(
                matches!(error, DbError::Arguments { expected: 1, given: g, .. } if g == given)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_operation_leaves_nothing() {
    for db in empty_databases().await {
        with_table(&db).await;
        let refused: Result<(), AppError> = db
            .write(|tx| {
                Box::pin(async move {
                    tx.execute(&INSERT, &args![new_id(), 1_i64, "a"]).await?;
                    Err(AppError::Refused)
                })
            })
            .await;
        assert!(matches!(refused, Err(AppError::Refused)));
        let broke: Result<(), AppError> = db
            .write(|tx| {
                Box::pin(async move {
                    tx.execute(&INSERT, &args![new_id(), 1_i64, "a"]).await?;
                    panic!("on purpose")
                })
            })
            .await;
        assert!(matches!(broke, Err(AppError::Db(DbError::Panicked))));
        assert_eq!(count(&db).await, 0);
        insert(&db, 1).await.unwrap();
        assert_eq!(count(&db).await, 1);
    }
}

/// PostgreSQL turns the commit of a failed transaction into a roll-back and
/// reports success; SQLite would save the other half.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_was_swallowed_still_fails_the_operation() {
    for db in empty_databases().await {
        with_table(&db).await;
        let id = new_id();
        let result: Result<(), AppError> = db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&INSERT, &args![id, 1_i64, "a"]).await?;
                    let _ = tx.execute(&INSERT, &args![id, 1_i64, "b"]).await;
                    let later = tx.fetch_one(&COUNT, &[]).await;
                    assert!(matches!(later, Err(DbError::Aborted { .. })));
                    Ok(())
                })
            })
            .await;
        let Err(AppError::Db(DbError::Aborted { source })) = result else {
            panic!("{result:?}")
        };
        assert!(source.is_unique_on("samples.id", "samples_pkey"));
        assert_eq!(count(&db).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finding_no_row_does_not_end_a_transaction() {
    for db in empty_databases().await {
        with_table(&db).await;
        db.write(|tx| {
            Box::pin(async move {
                let none = tx.fetch_one(&SELECT, &args![Uuid::nil()]).await;
                assert!(matches!(none, Err(DbError::NoRow { .. })));
                tx.execute(&INSERT, &args![new_id(), 1_i64, "a"]).await
            })
        })
        .await
        .unwrap();
        assert_eq!(count(&db).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn constraints_are_told_apart() {
    for db in empty_databases().await {
        with_table(&db).await;
        let id = new_id();
        let run = async |sql: &'static Sql, args: Vec<Value>| {
            db.write(move |tx| Box::pin(async move { tx.execute(sql, &args).await }))
                .await
                .unwrap_err()
        };
        db.write(move |tx| {
            Box::pin(async move { tx.execute(&INSERT, &args![id, 1_i64, "a"]).await })
        })
        .await
        .unwrap();

        let taken = run(&INSERT, args![new_id(), 1_i64, "a"].to_vec()).await;
        assert!(taken.is_constraint("samples_word_key"), "{taken:?}");
        assert!(taken.is_unique_on("samples.word", "samples_word_key"));
        assert!(!taken.is_unique_on("samples.id", "samples_pkey"));
        let mapped: Result<u64, AppError> =
            Err(taken).on_constraint("samples_word_key", || AppError::Taken);
        assert!(matches!(mapped, Err(AppError::Taken)));

        let key = run(&INSERT, args![id, 1_i64, "b"].to_vec()).await;
        assert!(key.is_constraint("samples_pkey"), "{key:?}");
        let mapped: Result<u64, AppError> =
            Err(key).on_unique("samples.id", "samples_pkey", || AppError::Taken);
        assert!(matches!(mapped, Err(AppError::Taken)));

        let check = run(&INSERT, args![new_id(), -1_i64, "c"].to_vec()).await;
        assert!(check.is_constraint("samples_n_check"), "{check:?}");
        assert!(matches!(
            check,
            DbError::Constraint {
                kind: ConstraintKind::Check,
                ..
            }
        ));
        let mapped: Result<u64, AppError> =
            Err(check).on_constraint("samples_word_key", || AppError::Taken);
        assert!(matches!(mapped, Err(AppError::Db(_))));

        let orphan = run(&INSERT_CHILD, args![new_id(), Uuid::nil()].to_vec()).await;
        assert!(orphan.is_foreign_key(), "{orphan:?}");

        let missing = run(&INSERT, args![None::<Uuid>, 1_i64, "d"].to_vec()).await;
        assert!(matches!(
            missing,
            DbError::Constraint {
                kind: ConstraintKind::NotNull,
                ..
            }
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_cannot_write() {
    for db in empty_databases().await {
        with_table(&db).await;
        for mut conn in [db.reader().await.unwrap(), db.snapshot().await.unwrap()] {
            let error = conn
                .execute(&INSERT, &args![new_id(), 1_i64, "a"])
                .await
                .unwrap_err();
            assert!(matches!(error, DbError::ReadOnly { .. }), "{error:?}");
        }
        assert_eq!(count(&db).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_sees_one_state() {
    for db in empty_databases().await {
        with_table(&db).await;
        for round in 0..20 {
            let mut snapshot = db.snapshot().await.unwrap();
            let before = snapshot
                .fetch_one(&COUNT, &[])
                .await
                .unwrap()
                .int(0)
                .unwrap();
            insert(&db, round).await.unwrap();
            let after = snapshot
                .fetch_one(&COUNT, &[])
                .await
                .unwrap()
                .int(0)
                .unwrap();
            assert_eq!(before, after);
            drop(snapshot);
            assert_eq!(count(&db).await, before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_does_not_end_is_ended() {
    for db in empty_databases().await {
        with_table(&db).await;
        let options = OpenOptions {
            limit: Duration::from_millis(1),
            ..OpenOptions::tool()
        };
        let hasty = Db::open(db.url(), options).await.unwrap();
        let result: Result<(), DbError> = hasty.write(|_| Box::pin(std::future::pending())).await;
        assert!(matches!(result, Err(DbError::Busy { .. })), "{result:?}");
        assert!(result.unwrap_err().is_transient());
        hasty.close().await;
        insert(&db, 1).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_tells_how_it_is() {
    for db in empty_databases().await {
        with_table(&db).await;
        db.ping(Duration::from_secs(30)).await.unwrap();
        db.check_writable().await.unwrap();
        db.check_writable().await.unwrap();
        assert!(db.size_on_disk().await.unwrap() > 0);
        assert_eq!(db.integrity_check().await.unwrap(), Vec::<String>::new());
        insert(&db, 1).await.unwrap();
        let stats = db.stats();
        assert!(stats.operations >= 2 && stats.commits >= 2 && stats.max_batch >= 1);
        let reader = db.reader().await.unwrap();
        // Those used before are on their way home.
        eventually("one reader in use", || async {
            db.stats().readers_in_use == 1
        })
        .await;
        drop(reader);
        eventually("no reader in use", || async {
            db.stats().readers_in_use == 0
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_keeps_what_was_asked_for() {
    for mut db in empty_databases().await {
        with_table(&db).await;
        let writes: Vec<_> = (0..50)
            .map(|n| {
                let db = db.db().clone();
                tokio::spawn(async move { insert(&db, n).await })
            })
            .collect();
        insert(&db, 100).await.unwrap();
        db.close().await;
        let mut saved = 1;
        for write in writes {
            match write.await.unwrap() {
                Ok(_) => saved += 1,
                Err(error) => assert!(matches!(error, AppError::Db(DbError::Closed)), "{error:?}"),
            }
        }
        assert!(matches!(
            insert(&db, 1).await,
            Err(AppError::Db(DbError::Closed))
        ));
        assert!(matches!(db.reader().await, Err(DbError::Closed)));
        assert!(matches!(
            db.ping(Duration::from_secs(30)).await,
            Err(DbError::Closed)
        ));
        db.reopen().await;
        assert_eq!(count(&db).await, saved);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares() {
    // Without `CREATE`, which the table itself stands in the way of.
    let tests = [&ALL[1..], disk::ALL, migrations::ALL, super::postgres::ALL];
    for db in databases().await {
        with_table(&db).await;
        let refused = prepare_all(&db, &[all_statements(), tests.to_vec()].concat())
            .await
            .unwrap();
        let refused: Vec<_> = refused
            .iter()
            .map(|(sql, error)| (sql.name, error))
            .collect();
        assert!(refused.is_empty(), "{:?}: {refused:#?}", db.dialect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_wrong_is_found() {
    for db in empty_databases().await {
        let wrong = Sql::new("wrong", "SELECT * FROM nowhere", "SELECT * FROM nowhere");
        let refused = prepare_all(&db, &[&[wrong], all_statements()[0]])
            .await
            .unwrap();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].0.name, "wrong");
    }
}

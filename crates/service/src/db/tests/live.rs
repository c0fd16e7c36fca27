//! The live bus.

use super::*;
use crate::test_support::empty_databases;

#[tokio::test(flavor = "multi_thread")]
async fn events_are_heard_once_they_are_committed() {
    for db in empty_databases().await {
        with_table(&db).await;
        let mut one = db.subscribe();
        let mut two = db.subscribe();
        let incident = new_id();
        let event = move |seq| LiveEvent {
            incident,
            seq,
            what: LiveWhat::Entry,
        };
        let refused: Result<(), AppError> = db
            .write(move |tx| {
                tx.after_commit(event(1));
                Box::pin(async { Err(AppError::Refused) })
            })
            .await;
        assert!(refused.is_err());
        // More than fit into one notification of PostgreSQL.
        db.write(move |tx| {
            Box::pin(async move {
                for seq in 2..402 {
                    tx.after_commit(event(seq));
                }
                tx.execute(&INSERT, &args![new_id(), 1_i64, "a"]).await
            })
        })
        .await
        .unwrap();
        let presence = LiveEvent {
            incident,
            seq: 0,
            what: LiveWhat::Presence,
        };
        db.publish(presence).await.unwrap();
        for receiver in [&mut one, &mut two] {
            for seq in 2..402 {
                assert_eq!(receiver.recv().await.unwrap(), event(seq));
            }
            assert_eq!(receiver.recv().await.unwrap(), presence);
        }
        assert_eq!(db.stats().subscribers, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_nodes_hear_too() {
    for db in empty_databases().await {
        if db.is_sqlite() {
            continue;
        }
        let node = Db::open(db.url(), OpenOptions::server()).await.unwrap();
        let tool = Db::open(db.url(), OpenOptions::tool()).await.unwrap();
        let mut here = db.subscribe();
        let mut there = node.subscribe();
        let event = LiveEvent {
            incident: new_id(),
            seq: 5,
            what: LiveWhat::Changed,
        };
        tool.write::<(), DbError, _>(move |tx| {
            tx.after_commit(event);
            Box::pin(async { Ok(()) })
        })
        .await
        .unwrap();
        assert_eq!(here.recv().await.unwrap(), event);
        assert_eq!(there.recv().await.unwrap(), event);
        node.close().await;
        tool.close().await;
    }
}

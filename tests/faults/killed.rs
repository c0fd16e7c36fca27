//! kill -9 in the middle of sixty-four writers.

use super::writers::{Ledger, WRITERS, Writers};
use crate::support::{TestServer, Who};

/// The moments of death, as entries acknowledged since the start.
const MOMENTS: [usize; 8] = [1, 5, 20, 64, 150, 300, 90, 200];

#[tokio::test]
async fn what_was_acknowledged_is_in_the_file_once() {
    let mut server = TestServer::start().await;
    let ledger = Ledger::open(&server).await;
    for moment in MOMENTS {
        let writers = Writers::start(&ledger, &[&server.client(Who::Responder)], WRITERS);
        ledger.grows_by(moment).await;
        server.kill();
        writers.gone().await;
        server.restart();
        let responder = server.client(Who::Responder);
        ledger.check(&responder).await;
        ledger.settle(&responder).await;
    }
    assert!(ledger.acknowledged() > MOMENTS.iter().sum());
    assert!(ledger.refused().is_empty(), "{:?}", ledger.refused());
    ledger.check(&server.client(Who::Viewer)).await;
}

#[tokio::test]
async fn when_a_node_dies_its_writers_go_on_at_the_other() {
    let Some(mut dying) = TestServer::on_postgres().await else {
        return;
    };
    let other = dying.node_beside().await;
    let ledger = Ledger::open(&other).await;
    let there = other.client(Who::Responder);
    let steady = Writers::start(&ledger, &[&there], WRITERS / 2);
    for moment in [1, 40, 150] {
        let movers = Writers::start(
            &ledger,
            &[&dying.client(Who::Responder), &there],
            WRITERS / 2,
        );
        ledger.grows_by(moment).await;
        dying.kill();
        ledger.grows_by(moment + WRITERS).await;
        movers.stop().await;
        dying.restart();
    }
    steady.stop().await;
    assert!(ledger.refused().is_empty(), "{:?}", ledger.refused());
    for node in [&other, &dying] {
        ledger.check(&node.client(Who::Viewer)).await;
    }
    ledger.settle(&dying.client(Who::Responder)).await;
    for node in [&dying, &other] {
        ledger.check(&node.client(Who::Viewer)).await;
    }
}

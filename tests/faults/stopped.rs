//! Being asked to stop in the middle of sixty-four writers.

use super::writers::{Ledger, WRITERS, Writers};
use crate::support::{TestServer, Who};

#[tokio::test]
async fn what_was_begun_is_finished_and_the_exit_code_is_nought() {
    for mut server in TestServer::each().await {
        let ledger = Ledger::open(&server).await;
        for _ in 0..2 {
            let writers = Writers::start(&ledger, &[&server.client(Who::Responder)], WRITERS);
            ledger.grows_by(100).await;
            server.ask_to_stop();
            assert_eq!(server.ended().await.code(), Some(0), "{}", server.log());
            writers.gone().await;
            assert!(!server.log().contains("panicked"), "{}", server.log());
            server.restart();
            let responder = server.client(Who::Responder);
            ledger.check(&responder).await;
            ledger.settle(&responder).await;
        }
        ledger.check(&server.client(Who::Viewer)).await;
        assert!(
            ledger.refused().keys().all(|(status, _)| *status == 503),
            "{:?}",
            ledger.refused()
        );
    }
}

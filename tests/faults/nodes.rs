//! Two nodes on one PostgreSQL database.

use super::stream::Stream;
use crate::support::{TestServer, Who, new_id};

#[tokio::test]
async fn what_is_written_on_one_node_is_seen_on_the_other() {
    let Some(here) = TestServer::on_postgres().await else {
        return;
    };
    let there = here.node_beside().await;
    let writer = here.client(Who::Responder);
    let incident = writer.declare("Seen from afar").await;
    let viewer = there.client(Who::Viewer);
    let mut program = Stream::open(
        &viewer,
        &format!("/api/v1/incidents/{incident}/events"),
        None,
    )
    .await;
    let mut page = Stream::open(&viewer, &format!("/incidents/{incident}/live"), None).await;
    for n in 0..5 {
        let text = format!("Seen {n} times");
        let entry = writer
            .note(&incident, &new_id(), &text)
            .await
            .expect(201)
            .json();
        for stream in [&mut program, &mut page] {
            let event = stream.next_of("entry").await;
            assert_eq!(event.id, entry["seq"].as_i64());
            assert!(event.data.contains(&text), "{}", event.data);
        }
    }
}

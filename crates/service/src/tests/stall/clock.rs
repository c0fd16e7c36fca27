use super::{World, minute, minutes, watch_until, worlds};
use crate::{Service, Settings, clock::SeededIds};
use rideout_domain::{EntryBody, entry::PromptTo};
use std::sync::Arc;

/// Another node, or the same after a restart: nothing in memory.
fn node(w: &World, seed: u64) -> Service {
    Service::with(
        w.service.db.clone(),
        Settings::default(),
        w.clock.clone(),
        Arc::new(SeededIds::new(seed)),
    )
}

#[tokio::test]
async fn a_restart_between_any_two_looks_changes_nothing() {
    for w in worlds().await {
        let incident = w.led().await;
        let mut seed = 100;
        for m in 1..60 {
            seed += 1;
            watch_until(&w, &node(&w, seed), m).await;
        }
        let with_restarts: Vec<_> = w.asked(&incident).await;
        drop(incident);
        let again = worlds().await.remove(0);
        let incident = again.led().await;
        again.watch_until(59).await;
        assert_eq!(with_restarts, again.asked(&incident).await);
    }
}

#[tokio::test]
async fn two_nodes_at_once_ask_once() {
    for w in worlds().await {
        let incidents = [w.led().await, w.led().await, w.led().await];
        let (one, two) = (node(&w, 21), node(&w, 22));
        w.watch_until(14).await;
        for m in 15..70 {
            w.clock.set(minute(m));
            let both = tokio::join!(one.watch_due(100), two.watch_due(100));
            both.0.unwrap();
            both.1.unwrap();
        }
        for incident in &incidents {
            let asked = w.asked(incident).await;
            let to_room = asked.iter().filter(|(to, _)| *to == PromptTo::Room).count();
            assert_eq!(to_room, 1, "{asked:?}");
            let mut steps = asked.clone();
            steps.dedup();
            assert_eq!(
                steps.len(),
                asked.len(),
                "no step is taken twice: {asked:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_climbs_one_rung_and_not_all() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(5).await;
        w.clock.set(minute(600));
        w.service.watch_due(10).await.unwrap();
        w.service.watch_due(10).await.unwrap();
        assert_eq!(w.asked(&incident).await, [(PromptTo::Room, 600)]);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_silence_the_watch() {
    for w in worlds().await {
        // The clock was three hours ahead when the incident was declared and worked on.
        w.clock.set(minute(180));
        let incident = w.led().await;
        w.say(&incident, EntryBody::Note, "Directors ask when it is over.")
            .await;
        w.service.watch_due(10).await.unwrap();
        w.clock.set(minute(0));
        let report = w.service.watch_due(10).await.unwrap();
        assert_eq!(
            report.looked, 1,
            "what was looked at in the future is looked at now"
        );
        let report = w.service.watch_due(10).await.unwrap();
        assert_eq!(report.looked, 0, "once");
        w.watch_until(30).await;
        let asked = w.asked(&incident).await;
        assert_eq!(asked[0], (PromptTo::Room, 15), "{asked:?}");
    }
}

#[tokio::test]
async fn a_prompt_from_the_future_is_followed_up_in_its_time() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(20).await;
        let asked = w.asked(&incident).await;
        assert_eq!(asked.len(), 1);
        // An hour back: the room stays asked, and the next rung is no hour away.
        w.clock.set(minute(-40));
        w.service.watch_due(10).await.unwrap();
        w.watch_until(-25).await;
        let prompts = w.prompts(&incident).await;
        assert!(prompts.iter().all(|p| p.withdrawn.is_none()), "{prompts:?}");
        assert!(prompts.len() > 1, "{prompts:?}");
    }
}

#[tokio::test]
async fn what_a_node_of_the_version_before_declared_is_watched_too() {
    for w in worlds().await {
        let incident = w.led().await;
        let id = incident.id.0;
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&super::FORGET, &crate::args![id]).await?;
                    Ok::<_, crate::Error>(())
                })
            })
            .await
            .unwrap();
        assert_eq!(w.service.watch_next().await.unwrap(), None);
        assert_eq!(w.service.watch_due(10).await.unwrap().looked, 1);
        w.watch_until(30).await;
        let first = w.prompts(&incident).await.remove(0);
        assert!(minutes(first.at) <= 30);
    }
}

use super::{INSERT_QUIET, ROUTE, World, later, policy, refused, run};
use crate::{Error, page::Reason};
use rideout_domain::{
    Channel,
    outbox::{MessageState, Outcome, Purpose},
};

#[tokio::test]
async fn routes_are_used_one_after_the_other_until_somebody_comes() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 1).await;
        w.route(&w.responder, "browser", 0).await;
        w.route(&w.responder, "ntfy", 2).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        assert_eq!(w.send_all(Outcome::Delivered).await, ["browser-of-omar"]);
        w.clock.advance_seconds(59);
        assert!(w.claim().await.is_empty());
        w.clock.advance_seconds(1);
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
        let page = w.service.open_pages(&w.responder).await.unwrap()[0].id;
        w.service
            .acknowledge_page(&w.responder, page)
            .await
            .unwrap();
        w.clock.advance_seconds(600);
        assert!(w.claim().await.is_empty());
        assert_eq!((w.count("sent").await, w.count("cancelled").await), (2, 1));
    }
}

#[tokio::test]
async fn a_message_has_one_sender_and_another_takes_over_what_was_left_behind() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        let first = w.service.claim_due("node-1", None, 10).await.unwrap();
        assert_eq!((first.len(), first[0].attempts), (1, 1));
        w.clock.advance_seconds(89);
        w.beat("node-1").await;
        assert!(
            w.service
                .claim_due("node-2", None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        w.clock.advance_seconds(1);
        // Its own sender waits for the end of what it does.
        assert!(
            w.service
                .claim_due("node-1", None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let second = w.service.claim_due("node-2", None, 10).await.unwrap();
        assert_eq!((second[0].id, second[0].attempts), (first[0].id, 2));
        // What the first sender says now comes too late.
        w.service.settle(&first[0], refused()).await.unwrap();
        assert_eq!(w.count("sending").await, 1);
        w.service
            .settle(&second[0], Outcome::Delivered)
            .await
            .unwrap();
        assert_eq!(w.count("sent").await, 1);
        w.service.settle(&second[0], refused()).await.unwrap();
        assert_eq!(w.count("sent").await, 1);
    }
}

#[tokio::test]
async fn a_sender_that_slept_does_not_send_what_another_has_taken_over() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        let slept = w.claim().await.remove(0);
        w.clock.advance_seconds(90);
        let taken = w
            .service
            .claim_due("node-2", None, 10)
            .await
            .unwrap()
            .remove(0);
        assert!(!w.service.still_wanted(&slept).await.unwrap());
        assert!(w.service.still_wanted(&taken).await.unwrap());
        w.service.settle(&taken, Outcome::Delivered).await.unwrap();
        assert!(!w.service.still_wanted(&slept).await.unwrap());
        // Nor does it take anything away from the other.
        w.service.drop_message(&slept).await.unwrap();
        assert_eq!(w.count("sent").await, 1);
    }
}

#[tokio::test]
async fn a_clock_set_back_by_hours_puts_off_only_what_quiet_hours_hold_back() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.responder, "ntfy", 1).await;
        w.route(&w.commander, "email", 0).await;
        // 08:00 to 12:00 UTC; it is nine. The incident is SEV2.
        let quiet = crate::args![w.commander.id.0, 480_i64, 720_i64, "SEV1"];
        run(&w.service, &INSERT_QUIET, quiet.to_vec()).await;
        let incident = w.declared().await;
        for who in [&w.responder, &w.commander] {
            let reason = Reason::new("Look.");
            let paged = w.service.page(&w.outsider, incident.id, who.id, reason);
            paged.await.unwrap();
        }
        w.clock.advance_seconds(-3 * 3_600);
        assert!(w.claim().await.is_empty());
        w.service.clock_set_back().await.unwrap();
        assert_eq!(w.claim().await.len(), 2);
        let next = w.service.engine_waiting().await.unwrap().next_due.unwrap();
        assert!(next.seconds_since(w.service.now()) <= 90);
        assert_eq!(w.count("pending").await, 1);
        // What is a little ahead waits for its time.
        w.service.clock_set_back().await.unwrap();
        assert!(w.claim().await.is_empty());
    }
}

#[tokio::test]
async fn a_busy_route_does_not_fall_silent_when_the_clock_is_set_back() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        for _ in 0..3 {
            let incident = w.declared().await;
            w.escalate(&incident, policy(&[&w.responder], 0)).await;
            w.send_all(Outcome::Delivered).await;
        }
        w.clock.advance_seconds(-2 * 3_600);
        w.service.clock_set_back().await.unwrap();
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
    }
}

#[tokio::test]
async fn what_a_node_without_a_heartbeat_had_in_hand_is_taken_over_soon() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.beat("node-1").await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        assert_eq!(
            w.service.claim_due("node-1", None, 10).await.unwrap().len(),
            1
        );
        w.service.take_over("node-2").await.unwrap();
        let at_once = w.service.claim_due("node-2", None, 10).await.unwrap();
        // A file has one server, so whoever asks is its next.
        assert_eq!(at_once.len(), usize::from(w._db.is_sqlite()));
        if at_once.is_empty() {
            w.clock.advance_seconds(30);
            assert_eq!(
                w.service.claim_due("node-2", None, 10).await.unwrap().len(),
                1
            );
        }
    }
}

#[tokio::test]
async fn what_was_left_behind_is_not_sent_after_somebody_came() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        let claimed = w.claim().await;
        assert!(w.service.still_wanted(&claimed[0]).await.unwrap());
        let page = claimed[0].page.unwrap();
        w.service
            .acknowledge_page(&w.responder, page)
            .await
            .unwrap();
        assert!(!w.service.still_wanted(&claimed[0]).await.unwrap());
        w.clock.advance_seconds(90);
        assert!(
            w.service
                .claim_due("node-2", None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(w.count("cancelled").await, 1);
    }
}

#[tokio::test]
async fn a_sender_gives_back_what_is_not_wanted() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        let claimed = w.claim().await;
        w.service.drop_message(&claimed[0]).await.unwrap();
        assert_eq!(w.count("cancelled").await, 1);
    }
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_and_another_route_meanwhile() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.responder, "ntfy", 1).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        assert_eq!(w.send_all(later()).await, ["email-of-omar"]);
        assert_eq!(w.send_all(later()).await, ["ntfy-of-omar"]);
        assert!(w.claim().await.is_empty());
        let mut tries = 0;
        // After ten minutes both are given up, and Olaf and Priya are called.
        while w.count("failed").await < 2 {
            w.clock.advance_seconds(5);
            tries += w.send_all(later()).await.len();
            assert!(w.service.now().seconds_since(super::super::GO_LIVE) < 1_200);
        }
        assert_eq!(tries, 14);
        assert_eq!(w.page_states(&w.responder).await, ["failed"]);
        assert_eq!(w.told(incident.id).await.last().unwrap(), "exhausted");
    }
}

#[tokio::test]
async fn a_route_that_asks_not_to_be_used_is_disabled() {
    for w in World::quiet_worlds().await {
        let route = w.route(&w.responder, "webhook", 0).await;
        w.route(&w.responder, "email", 1).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder, &w.responder], 0))
            .await;
        assert_eq!(w.send_all(Outcome::Gone).await, ["webhook-of-omar"]);
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
        let mut conn = w.service.db.reader().await.unwrap();
        let row = conn
            .fetch_one(&ROUTE, &crate::args![route.0])
            .await
            .unwrap();
        assert!(row.opt_int("disabled_at").unwrap().is_some());
        assert!(row.text("disabled_why").unwrap().contains("410"));
        drop(conn);
        w.clock.advance_seconds(300);
        w.service.run_escalations().await.unwrap();
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
    }
}

#[tokio::test]
async fn of_a_storm_the_first_goes_at_once_and_the_rest_as_one() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        for _ in 0..30 {
            let incident = w.declared().await;
            w.escalate(&incident, policy(&[&w.responder], 0)).await;
        }
        let claimed = w.claim().await;
        let purposes: Vec<Purpose> = claimed.iter().map(|one| one.purpose).collect();
        assert_eq!(purposes, [Purpose::Page, Purpose::Bundle]);
        let pages = w.service.pages_of_bundle(claimed[1].id).await.unwrap();
        assert_eq!(pages.len(), 29);
        assert_eq!(claimed[1].body.subject, "29 pages wait for you");
        assert_eq!(w.count("bundled").await, 29);
        for one in &claimed {
            w.service.settle(one, Outcome::Delivered).await.unwrap();
        }
        assert_eq!(w.count("sent").await, 2);
    }
}

#[tokio::test]
async fn a_message_that_was_tried_before_goes_again_as_itself_and_in_no_bundle() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        // It may have arrived: its receiver was only too slow to say so.
        let tried = w.claim().await.remove(0);
        w.service.settle(&tried, later()).await.unwrap();
        for _ in 0..6 {
            let incident = w.declared().await;
            w.escalate(&incident, policy(&[&w.responder], 0)).await;
        }
        w.clock.advance_seconds(10);
        let again = w.claim().await;
        assert_eq!((again[0].id, again[0].attempts), (tried.id, 2));
        assert_eq!(again[1].purpose, Purpose::Bundle);
        assert_eq!((again.len(), w.count("bundled").await), (2, 6));
    }
}

#[tokio::test]
async fn a_bundle_that_is_refused_fails_every_page_in_it() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        let mut last = None;
        for _ in 0..5 {
            let incident = w.declared().await;
            w.escalate(&incident, policy(&[&w.responder, &w.commander], 0))
                .await;
            last = Some(incident.id);
        }
        w.send_all(refused()).await;
        assert_eq!(w.page_states(&w.responder).await, ["failed"; 5]);
        assert_eq!(w.page_states(&w.commander).await, ["open"; 5]);
        assert_eq!(
            w.told(last.unwrap()).await,
            [
                "started",
                "level 1",
                "paged Omar",
                "Omar not reached",
                "level 2",
                "paged Priya"
            ]
        );
    }
}

#[tokio::test]
async fn a_bundle_of_pages_that_are_all_answered_is_not_sent_again() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        for _ in 0..5 {
            let incident = w.declared().await;
            w.escalate(&incident, policy(&[&w.responder], 0)).await;
        }
        w.send_all(later()).await;
        for page in w.service.open_pages(&w.responder).await.unwrap() {
            w.service
                .acknowledge_page(&w.responder, page.id)
                .await
                .unwrap();
        }
        w.clock.advance_seconds(10);
        assert!(w.claim().await.is_empty());
        assert_eq!(w.count("pending").await + w.count("sending").await, 0);
    }
}

#[tokio::test]
async fn a_busy_route_takes_what_waits_within_a_minute() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let mut sent = 0;
        let mut bundled = 0;
        for _ in 0..40 {
            let incident = w.declared().await;
            let reason = Reason::new("Look.");
            w.service
                .page(&w.commander, incident.id, w.responder.id, reason)
                .await
                .unwrap();
            for claimed in w.claim().await {
                sent += 1;
                bundled += w.service.pages_of_bundle(claimed.id).await.unwrap().len();
                w.service
                    .settle(&claimed, Outcome::Delivered)
                    .await
                    .unwrap();
            }
            w.clock.advance_seconds(10);
        }
        // 400 seconds: three at once, then about one a minute, all forty in them.
        assert!((7..=14).contains(&sent), "{sent}");
        assert!(bundled > 20, "{bundled}");
        let waiting = w.service.engine_waiting().await.unwrap();
        assert!(
            waiting
                .next_due
                .is_none_or(|at| at.seconds_since(w.service.now()) <= 60)
        );
    }
}

#[tokio::test]
async fn a_route_is_tested_and_says_how_it_went() {
    for w in World::quiet_worlds().await {
        let route = w.route(&w.responder, "email", 0).await;
        let others = w.service.test_route(&w.commander, route).await;
        assert!(matches!(others, Err(Error::NotFound)));
        let id = w.service.test_route(&w.responder, route).await.unwrap();
        let again = w.service.test_route(&w.responder, route).await;
        assert!(matches!(again, Err(Error::TooMany { .. })));
        w.send_all(later()).await;
        let (state, why) = w.service.message_state(&w.responder, id).await.unwrap();
        assert_eq!((state, why.as_str()), (MessageState::Failed, "Not now."));
        let mut conn = w.service.db.reader().await.unwrap();
        let row = conn
            .fetch_one(&ROUTE, &crate::args![route.0])
            .await
            .unwrap();
        assert_eq!(row.text("test_outcome").unwrap(), "Not now.");
        assert_eq!(row.opt_int("tested_at").unwrap(), Some(w.service.now().0));
    }
}

#[tokio::test]
async fn nobody_sends_tests_without_end() {
    for w in World::quiet_worlds().await {
        let route = w.route(&w.responder, "ntfy", 0).await;
        for _ in 0..20 {
            w.service.test_route(&w.responder, route).await.unwrap();
            w.clock.advance_seconds(10);
        }
        let more = w.service.test_route(&w.responder, route).await;
        assert!(matches!(more, Err(Error::TooMany { .. })));
        w.clock.advance_seconds(600);
        w.service.test_route(&w.responder, route).await.unwrap();
    }
}

#[tokio::test]
async fn a_claim_of_one_channel_leaves_the_others_alone() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "ntfy", 0).await;
        let incident = w.declared().await;
        let both = policy(&[&w.responder], 0);
        w.escalate(&incident, both).await;
        let reason = Reason::new("Look.");
        let page = w
            .service
            .page(&w.responder, incident.id, w.commander.id, reason);
        page.await.unwrap();
        let push = w
            .service
            .claim_due("node-1", Some(Channel::Ntfy), 10)
            .await
            .unwrap();
        assert_eq!(push.len(), 1);
        assert_eq!(push[0].user, w.commander.id);
        let none = w
            .service
            .claim_due("node-1", Some(Channel::Slack), 10)
            .await
            .unwrap();
        assert!(none.is_empty());
        let mail = w
            .service
            .claim_due("node-1", Some(Channel::Email), 10)
            .await
            .unwrap();
        assert_eq!(mail[0].user, w.responder.id);
    }
}

#[tokio::test]
async fn everybody_sees_how_the_engine_stands_and_their_own_reasons() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        let beat = crate::page::Beat {
            node: "one".into(),
            started_at: w.service.now(),
            cycle: 3,
            took_micros: 250,
        };
        w.service.beat(&beat).await.unwrap();
        w.service
            .beat(&crate::page::Beat { cycle: 4, ..beat })
            .await
            .unwrap();
        w.send_all(later()).await;
        let seen = w.service.engine_page(&w.responder).await.unwrap();
        assert_eq!((seen.nodes.len(), seen.nodes[0].cycle), (1, 4));
        assert_eq!(seen.messages[0].why, "Not now.");
        assert_eq!(seen.messages[0].person, "Omar");
        let waiting = w.service.engine_waiting().await.unwrap();
        let due = waiting.next_due.unwrap().seconds_since(w.service.now());
        assert!((5..=6).contains(&due), "{due}");
        let other = w.service.engine_page(&w.viewer).await.unwrap();
        assert_eq!(other.messages[0].why, "");
        w.clock.advance_seconds(100);
        let late = w.service.engine_waiting().await.unwrap();
        assert_eq!(late.oldest_unsent, Some(super::super::GO_LIVE));
        assert_eq!(late.unsent, 1);
    }
}

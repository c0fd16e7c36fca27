use super::*;
use crate::account::session::LONGEST_DAYS;
use rideout_domain::SessionId;

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn an_unused_session_ends_and_a_used_one_slides() {
    for world in worlds().await {
        let (used, unused) = (world.omar_logs_in().await, world.omar_logs_in().await);
        for _ in 0..5 {
            world.clock.advance_seconds(10 * DAY);
            let now = world.service.now();
            assert!(world.who(&used).await.is_some());
            world.eventually(&LAST_SEEN, now).await;
        }
        assert!(world.who(&unused).await.is_none());
        world.clock.advance_seconds(14 * DAY);
        assert!(world.who(&used).await.is_none());
    }
}

#[tokio::test]
async fn no_session_outlives_ninety_days() {
    for world in worlds().await {
        let used = world.omar_logs_in().await;
        for day in 0..LONGEST_DAYS {
            assert!(world.who(&used).await.is_some(), "day {day}");
            world.eventually(&LAST_SEEN, world.service.now()).await;
            world.clock.advance_seconds(DAY);
        }
        assert!(world.who(&used).await.is_none());
    }
}

#[tokio::test]
async fn use_is_written_down_at_most_once_a_minute() {
    for world in worlds().await {
        let start = world.service.now();
        let used = world.omar_logs_in().await;
        let commits = world.db.stats().commits;
        for _ in 0..5 {
            world.clock.advance_seconds(11);
            assert!(world.who(&used).await.is_some());
        }
        assert_eq!(
            world.db.stats().commits,
            commits,
            "55 s: nothing was written"
        );
        world.eventually(&LAST_SEEN, start).await;
        world.clock.advance_seconds(5);
        for _ in 0..20 {
            assert!(world.who(&used).await.is_some());
        }
        world.eventually(&LAST_SEEN, start.plus_seconds(60)).await;
        assert_eq!(
            world.db.stats().commits,
            commits + 1,
            "twenty requests, one write"
        );
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        world.clock.advance_seconds(5);
        let there = world.omar_logs_in().await;
        let listed = world
            .service
            .sessions(&here.actor, Some(&here.token))
            .await
            .unwrap();
        assert_eq!(
            listed
                .iter()
                .map(|session| session.this)
                .collect::<Vec<_>>(),
            [false, true]
        );
        assert_eq!(
            (listed[0].user_agent.as_str(), listed[0].address.as_str()),
            ("Firefox", HOME)
        );
        // Not somebody else's, not one that is not there.
        let foreign = world.service.end_session(&world.grace, listed[0].id).await;
        assert!(matches!(foreign, Err(Error::NotFound)));
        let nothing = world
            .service
            .end_session(&here.actor, SessionId(world.service.new_id()))
            .await;
        assert!(matches!(nothing, Err(Error::NotFound)));
        assert!(world.who(&there).await.is_some());
        world
            .service
            .end_session(&here.actor, listed[0].id)
            .await
            .unwrap();
        assert!(
            world.who(&there).await.is_none(),
            "at once, though it was used a moment ago"
        );
        world
            .service
            .end_session(&here.actor, listed[0].id)
            .await
            .unwrap();
        assert!(world.who(&here).await.is_some());
        assert_eq!(
            world
                .service
                .sessions(&here.actor, None)
                .await
                .unwrap()
                .len(),
            1
        );
        let ended = world
            .actions()
            .await
            .iter()
            .filter(|action| *action == "session.ended")
            .count();
        assert_eq!(ended, 1);
    }
}

#[tokio::test]
async fn all_other_sessions_end_together() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        let others = [world.omar_logs_in().await, world.omar_logs_in().await];
        let graces = world
            .log_in_from("grace@example.org", PASSWORD, HOME)
            .await
            .unwrap();
        assert_eq!(
            world
                .service
                .end_other_sessions(&here.actor, Some(&here.token))
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            world
                .service
                .end_other_sessions(&here.actor, Some(&here.token))
                .await
                .unwrap(),
            0
        );
        for other in &others {
            assert!(world.who(other).await.is_none());
        }
        assert!(world.who(&here).await.is_some() && world.who(&graces).await.is_some());
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_at_once() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        assert!(world.who(&here).await.is_some());
        world.service.log_out(&here.token, HOME).await.unwrap();
        assert!(world.who(&here).await.is_none());
        world.service.log_out(&here.token, HOME).await.unwrap();
        world.service.log_out("never was", HOME).await.unwrap();
        let out = world
            .actions()
            .await
            .iter()
            .filter(|action| *action == "session.logged_out")
            .count();
        assert_eq!(out, 1);
    }
}

#[tokio::test]
async fn what_another_node_ended_is_over_within_seconds() {
    for world in worlds().await {
        let other = service(&world.db, &world.clock, 8);
        let here = world.omar_logs_in().await;
        assert!(
            other
                .authenticate_session(&here.token, HOME)
                .await
                .unwrap()
                .is_some()
        );
        world
            .service
            .set_role(&world.grace, world.omar.id, Role::Commander)
            .await
            .unwrap();
        world.clock.advance_seconds(3);
        let seen = other
            .authenticate_session(&here.token, HOME)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(seen.role, Role::Commander);
        world.service.log_out(&here.token, HOME).await.unwrap();
        world.clock.advance_seconds(3);
        assert!(
            other
                .authenticate_session(&here.token, HOME)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn recognising_somebody_again_asks_no_database() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        assert!(world.who(&here).await.is_some());
        world.db.close().await;
        assert!(world.who(&here).await.is_some());
        assert_eq!(
            world
                .service
                .authenticate_session(&here.token, "203.0.113.9")
                .await
                .unwrap()
                .unwrap()
                .address,
            "203.0.113.9",
            "the address is that of the request",
        );
        world.clock.advance_seconds(3);
        assert!(
            world
                .service
                .authenticate_session(&here.token, HOME)
                .await
                .is_err()
        );
    }
}

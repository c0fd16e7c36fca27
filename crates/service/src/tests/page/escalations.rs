use super::{
    ARCHIVE_POLICIES, BREAK_POLICY, DISABLE_USER, INSERT_MEMBER, INSERT_OVERRIDE, INSERT_POLICY,
    INSERT_QUIET, INSERT_SCHEDULE, INSERT_TEAM, World, policy, refused, run,
};
use crate::{Error, incident::NewIncident, page::Reason};
use rideout_domain::{
    EntryBody, IncidentRole, ScheduleId, Severity, Status, TeamId, escalation::Target,
    outbox::Outcome,
};

#[tokio::test]
async fn levels_are_called_in_their_time_until_somebody_comes() {
    for w in World::quiet_worlds().await {
        for who in [&w.responder, &w.commander, &w.viewer] {
            w.route(who, "email", 0).await;
        }
        let incident = w.declared().await;
        let id = w
            .escalate(
                &incident,
                policy(&[&w.responder, &w.commander, &w.viewer], 0),
            )
            .await;
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
        w.clock.advance_seconds(299);
        assert_eq!(w.service.run_escalations().await.unwrap(), 0);
        w.clock.advance_seconds(1);
        assert_eq!(w.service.run_escalations().await.unwrap(), 1);
        assert_eq!(w.service.run_escalations().await.unwrap(), 0);
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-priya"]);

        let page = w.service.open_pages(&w.commander).await.unwrap()[0].id;
        assert!(
            w.service
                .acknowledge_page(&w.commander, page)
                .await
                .unwrap()
        );
        assert!(
            !w.service
                .acknowledge_page(&w.commander, page)
                .await
                .unwrap()
        );
        w.clock.advance_seconds(100_000);
        assert_eq!(w.service.run_escalations().await.unwrap(), 0);
        assert!(w.claim().await.is_empty());
        assert_eq!(w.escalation_state(id).await, "acknowledged");
        assert_eq!(w.page_states(&w.responder).await, ["ended"]);
        assert_eq!(
            w.told(incident.id).await,
            [
                "started",
                "level 1",
                "paged Omar",
                "level 2",
                "paged Priya",
                "Priya came",
                "ended"
            ]
        );
    }
}

#[tokio::test]
async fn where_nobody_can_be_reached_the_next_level_is_called_at_once() {
    for w in World::quiet_worlds().await {
        w.route(&w.viewer, "email", 0).await;
        run(
            &w.service,
            &DISABLE_USER,
            crate::args![w.commander.id.0].to_vec(),
        )
        .await;
        let incident = w.declared().await;
        // Omar has no route, Priya no account any more.
        w.escalate(
            &incident,
            policy(&[&w.responder, &w.commander, &w.viewer], 0),
        )
        .await;
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-lena"]);
        assert_eq!(
            w.told(incident.id).await,
            [
                "started",
                "nobody at 1",
                "nobody at 2",
                "level 3",
                "paged Lena"
            ]
        );
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let text = |at: usize| room.room.entries[room.room.entries.len() - at].text.clone();
        assert_eq!(text(4), "Omar has no contact route in use.");
        assert_eq!(
            text(3),
            "Somebody who was to be called has no account any more."
        );
    }
}

#[tokio::test]
async fn when_all_levels_were_called_in_vain_whoever_is_in_charge_is_called() {
    for w in World::quiet_worlds().await {
        for who in [&w.responder, &w.commander, &w.outsider] {
            w.route(who, "email", 0).await;
        }
        let incident = w.declared().await;
        let id = w.escalate(&incident, policy(&[&w.responder], 1)).await;
        w.send_all(Outcome::Delivered).await;
        w.clock.advance_seconds(300);
        w.service.run_escalations().await.unwrap();
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
        w.clock.advance_seconds(300);
        w.service.run_escalations().await.unwrap();
        let mut called = w.send_all(Outcome::Delivered).await;
        called.sort();
        assert_eq!(called, ["email-of-olaf", "email-of-priya"]);
        assert_eq!(w.escalation_state(id).await, "exhausted");
        let told = w.told(incident.id).await;
        assert_eq!(
            told,
            [
                "started",
                "level 1",
                "paged Omar",
                "level 1",
                "paged Omar",
                "exhausted",
                "paged Olaf",
                "paged Priya"
            ]
        );
        // And one of them comes.
        let page = w.service.open_pages(&w.outsider).await.unwrap()[0].id;
        assert!(w.service.acknowledge_page(&w.outsider, page).await.unwrap());
        assert_eq!(w.escalation_state(id).await, "acknowledged");
        assert_eq!(w.page_states(&w.commander).await, ["ended"]);
    }
}

#[tokio::test]
async fn without_any_policy_and_route_it_still_says_so() {
    for w in World::quiet_worlds().await {
        let incident = w.declared().await;
        let escalated = w
            .service
            .escalate(&w.responder, incident.id, None, Reason::new("Stuck."))
            .await
            .unwrap();
        assert_eq!(w.escalation_state(escalated.id).await, "exhausted");
        assert_eq!(w.told(incident.id).await, ["started", "exhausted"]);
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let last = room.room.entries.last().unwrap().text.clone();
        assert!(
            last.starts_with("Nobody came, and nobody in charge can be reached."),
            "{last}"
        );
    }
}

#[tokio::test]
async fn a_policy_that_is_archived_disturbs_nothing_that_runs() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        let policy = policy(&[&w.responder, &w.commander], 0);
        let levels = serde_json::to_string(&policy.levels).unwrap();
        let row = crate::args![w.service.new_id(), "Reservations", 0_i64, levels, 1_i64];
        run(&w.service, &INSERT_POLICY, row.to_vec()).await;
        let incident = w.declared().await;
        let reason = || Reason::new("Stuck.");
        let first = w
            .service
            .escalate(&w.outsider, incident.id, None, reason())
            .await
            .unwrap();
        assert!(first.created);
        run(&w.service, &ARCHIVE_POLICIES, Vec::new()).await;
        w.clock.advance_seconds(300);
        w.service.run_escalations().await.unwrap();
        assert_eq!(
            w.told(incident.id).await,
            ["started", "level 1", "paged Omar", "level 2", "paged Priya"]
        );
        // Two who press at the same time do not call two levels.
        let again = || w.service.escalate(&w.outsider, incident.id, None, reason());
        let refused = again().await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "somebody was called 0 seconds ago; give them a minute to answer"
        );
        // One runs: asked again, it calls its next level, and there is none.
        w.clock.advance_seconds(60);
        let again = again().await.unwrap();
        assert_eq!((again.id, again.created), (first.id, false));
        assert_eq!(w.escalation_state(first.id).await, "exhausted");
    }
}

#[tokio::test]
async fn whoever_is_in_the_room_already_is_not_called_into_it() {
    for w in World::quiet_worlds().await {
        for who in [&w.responder, &w.commander, &w.outsider] {
            w.route(who, "email", 0).await;
        }
        let incident = w.declared().await;
        let note = w.entry(EntryBody::Note, "Looking at the load balancer.");
        w.service
            .append(&w.responder, incident.id, note)
            .await
            .unwrap();
        let levels = policy(&[&w.responder, &w.commander], 0);
        w.escalate(&incident, levels.clone()).await;
        assert_eq!(
            w.told(incident.id).await,
            ["started", "nobody at 1", "level 2", "paged Priya"]
        );
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let entries = &room.room.entries;
        assert_eq!(
            entries[entries.len() - 3].text,
            "Omar is in the room already."
        );

        // Whoever has been silent for a while may not be there any more.
        let page = w.service.open_pages(&w.commander).await.unwrap()[0].id;
        w.service
            .acknowledge_page(&w.commander, page)
            .await
            .unwrap();
        w.clock.advance_seconds(15 * 60);
        w.escalate(&incident, levels).await;
        let told = w.told(incident.id).await;
        assert_eq!(told[told.len() - 3..], ["started", "level 1", "paged Omar"]);
    }
}

#[tokio::test]
async fn by_hand_one_level_is_called_in_a_minute_also_where_nothing_runs() {
    for w in World::quiet_worlds().await {
        w.route(&w.commander, "email", 0).await;
        let incident = w.declared().await;
        // Without a policy whoever is in charge is called, and it is over at once.
        let press = || {
            let reason = Reason::new("Stuck.");
            w.service.escalate(&w.responder, incident.id, None, reason)
        };
        press().await.unwrap();
        for ahead in [0, 59, -1] {
            w.clock.advance_seconds(ahead);
            let refused = press().await.unwrap_err();
            assert!(matches!(
                refused,
                Error::Conflict {
                    code: "just_escalated",
                    ..
                }
            ));
        }
        w.clock.advance_seconds(2);
        press().await.unwrap();
        // Nor may others than whoever was paged walk up the ladder.
        let levels = policy(&[&w.commander, &w.outsider], 0);
        let other = w.declared().await;
        w.escalate(&other, levels).await;
        let pages = w.service.open_pages(&w.commander).await.unwrap();
        let page = pages.iter().find(|one| one.incident == other.id).unwrap();
        let onward = w.service.escalate_from_page(&w.responder, page.id).await;
        assert!(matches!(onward, Err(Error::Conflict { .. })));
        let own = w.service.escalate_from_page(&w.commander, page.id).await;
        own.unwrap();
    }
}

#[tokio::test]
async fn when_everybody_is_in_the_room_it_says_so() {
    for w in World::quiet_worlds().await {
        let incident = w.declared().await;
        for who in [&w.commander, &w.outsider] {
            let note = w.entry(EntryBody::Note, "Here.");
            w.service.append(who, incident.id, note).await.unwrap();
        }
        w.escalate(&incident, policy(&[&w.commander], 0)).await;
        w.clock.advance_seconds(1);
        w.service.run_escalations().await.unwrap();
        assert_eq!(
            w.told(incident.id).await,
            ["started", "nobody at 1", "exhausted"]
        );
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        assert_eq!(
            room.room.entries.last().unwrap().text,
            "Nobody else is left to call: everybody in charge is in the room already."
        );
    }
}

#[tokio::test]
async fn an_escalation_that_cannot_go_on_is_not_in_the_way_of_others() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        let levels = || policy(&[&w.responder, &w.commander], 0);
        let (bad, good) = (w.declared().await, w.declared().await);
        let broken = w.escalate(&bad, levels()).await;
        w.escalate(&good, levels()).await;
        let row = crate::args![broken.0, "no policy"];
        run(&w.service, &BREAK_POLICY, row.to_vec()).await;
        w.clock.advance_seconds(300);
        assert!(w.service.run_escalations().await.is_err());
        assert_eq!(w.told(good.id).await.last().unwrap(), "paged Priya");
        // It is put off, and tried again in a minute.
        assert_eq!(w.service.run_escalations().await.unwrap(), 0);
        w.clock.advance_seconds(60);
        assert!(w.service.run_escalations().await.is_err());
    }
}

#[tokio::test]
async fn the_end_of_an_incident_ends_what_runs_in_it() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.responder, "ntfy", 1).await;
        let incident = w.declared().await;
        let id = w.escalate(&incident, policy(&[&w.responder], 3)).await;
        let resolved = EntryBody::Status {
            from: None,
            to: Status::Resolved,
        };
        let entry = w.entry(resolved, "Over.");
        w.service
            .append(&w.responder, incident.id, entry)
            .await
            .unwrap();
        assert_eq!(w.escalation_state(id).await, "ended");
        assert_eq!(w.page_states(&w.responder).await, ["ended"]);
        assert_eq!(w.count("cancelled").await, 2);
        w.clock.advance_seconds(100_000);
        assert_eq!(w.service.run_escalations().await.unwrap(), 0);
        assert!(w.claim().await.is_empty());
        assert_eq!(w.told(incident.id).await.last().unwrap(), "ended");
        let page = w
            .service
            .page(&w.commander, incident.id, w.responder.id, Reason::new("x"))
            .await;
        assert!(matches!(
            page,
            Err(Error::Conflict {
                code: "resolved",
                ..
            })
        ));
    }
}

#[tokio::test]
async fn a_page_by_hand_that_quiet_hours_hold_back_says_so() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let quiet = crate::args![w.responder.id.0, 480_i64, 600_i64, "SEV1"];
        run(&w.service, &INSERT_QUIET, quiet.to_vec()).await;
        let incident = w.declared().await;
        let reason = crate::page::Reason::new("Look.");
        let page = w
            .service
            .page(&w.commander, incident.id, w.responder.id, reason);
        assert!(!page.await.unwrap().reachable);
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let said = &room.room.entries.last().unwrap().text;
        assert_eq!(
            said,
            "Look. Omar has quiet hours until 10:00 UTC and gets the page then."
        );
    }
}

#[tokio::test]
async fn quiet_hours_hold_for_what_is_not_bad_enough() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        // 08:00 to 10:00 UTC; it is nine. The incident is SEV2.
        let quiet = crate::args![w.responder.id.0, 480_i64, 600_i64, "SEV1"];
        run(&w.service, &INSERT_QUIET, quiet.to_vec()).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder, &w.commander], 0))
            .await;
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-priya"]);
        assert_eq!(
            w.told(incident.id).await,
            [
                "started",
                "nobody at 1",
                "paged Omar",
                "level 2",
                "paged Priya"
            ]
        );
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let why = &room.room.entries[2].text;
        assert_eq!(
            why,
            "Omar has quiet hours until 10:00 UTC and gets the page then."
        );
        w.clock.advance_seconds(3_600);
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);

        w.clock.advance_seconds(-3_600);
        let bad = NewIncident {
            title: "Everything is down".into(),
            severity: Some(Severity::Sev1),
            ..NewIncident::default()
        };
        let bad = w.service.declare(&w.responder, bad).await.unwrap();
        w.escalate(&bad, policy(&[&w.responder, &w.commander], 0))
            .await;
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-omar"]);
    }
}

#[tokio::test]
async fn by_hand_one_pages_a_person_and_whoever_leads_is_told_of() {
    for w in World::quiet_worlds().await {
        w.route(&w.commander, "email", 0).await;
        let incident = w.declared().await;
        let leads = EntryBody::RoleTaken {
            role: IncidentRole::Commander,
            user: w.responder.id,
            from: None,
        };
        let entry = w.entry(leads, "");
        w.service
            .append(&w.responder, incident.id, entry)
            .await
            .unwrap();
        let entry = w.entry(EntryBody::Finding, "Only 8 of\nthe 32 threads are in use.");
        w.service
            .append(&w.responder, incident.id, entry)
            .await
            .unwrap();
        w.clock.advance_seconds(600);
        let reason = || Reason::new("You know the load balancer.");
        let paged = w
            .service
            .page(&w.responder, incident.id, w.commander.id, reason())
            .await
            .unwrap();
        assert!(paged.reachable);
        let claimed = w.claim().await;
        assert_eq!(
            claimed[0].body.subject,
            "SEV2 INC-1 Reservations crawl and time out"
        );
        assert_eq!(
            claimed[0].body.summary,
            [
                "You know the load balancer.",
                "Investigating since 2010-06-15 09:00 UTC; Omar leads.",
                "Last learnt 10 min ago: Only 8 of the 32 threads are in use."
            ]
        );
        let again = w
            .service
            .page(&w.responder, incident.id, w.commander.id, reason())
            .await;
        assert!(matches!(
            again,
            Err(Error::Conflict {
                code: "already_paged",
                ..
            })
        ));
        let viewer = w
            .service
            .page(&w.viewer, incident.id, w.commander.id, reason())
            .await;
        assert!(matches!(viewer, Err(Error::Forbidden { .. })));
        // Nobody can reach Lena.
        let lena = w
            .service
            .page(&w.responder, incident.id, w.viewer.id, reason())
            .await
            .unwrap();
        assert!(!lena.reachable);
        assert_eq!(
            w.told(incident.id).await,
            ["paged Priya", "paged Lena", "Lena not reached"]
        );
        assert_eq!(w.page_states(&w.viewer).await, ["failed"]);
    }
}

#[tokio::test]
async fn whoever_is_paged_into_a_restricted_incident_may_see_it() {
    for w in World::quiet_worlds().await {
        w.route(&w.outsider, "email", 0).await;
        let new = NewIncident {
            title: "Keys leaked".into(),
            restricted: true,
            ..NewIncident::default()
        };
        let incident = w.service.declare(&w.responder, new).await.unwrap();
        assert!(w.service.incident(&w.outsider, incident.id).await.is_err());
        w.service
            .page(
                &w.responder,
                incident.id,
                w.outsider.id,
                Reason::new("Help."),
            )
            .await
            .unwrap();
        assert!(w.service.incident(&w.outsider, incident.id).await.is_ok());
        // Of whoever is in charge only those are called who may see it.
        w.route(&w.commander, "email", 0).await;
        w.escalate(&incident, policy(&[], 0)).await;
        assert!(w.page_states(&w.commander).await.is_empty());
        assert!(w.service.incident(&w.commander, incident.id).await.is_err());
    }
}

#[tokio::test]
async fn a_page_that_reaches_nobody_climbs_at_once() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.responder, "ntfy", 1).await;
        w.route(&w.commander, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder, &w.commander], 0))
            .await;
        assert_eq!(w.send_all(refused()).await, ["email-of-omar"]);
        // The second route does not wait for its minute.
        assert_eq!(w.send_all(refused()).await, ["ntfy-of-omar"]);
        assert_eq!(w.send_all(Outcome::Delivered).await, ["email-of-priya"]);
        assert_eq!(
            w.told(incident.id).await,
            [
                "started",
                "level 1",
                "paged Omar",
                "Omar not reached",
                "level 2",
                "paged Priya"
            ]
        );
        // The level has its own time from here.
        w.clock.advance_seconds(299);
        assert_eq!(w.service.run_escalations().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_clock_set_back_delays_nothing() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder, &w.commander], 0))
            .await;
        let claimed = w.claim().await;
        w.clock.advance_seconds(-10 * 86_400);
        w.service.clock_set_back().await.unwrap();
        w.clock.advance_seconds(300);
        assert_eq!(w.service.run_escalations().await.unwrap(), 1);
        // What was in hand is taken over when its time is up by the new clock.
        let taken = w.service.claim_due("node-2", None, 10).await.unwrap();
        assert!(taken.iter().any(|one| one.id == claimed[0].id), "{taken:?}");
    }
}

#[tokio::test]
async fn whoever_is_on_call_and_everybody_in_a_team_is_called_each_once() {
    for w in World::quiet_worlds().await {
        for who in [&w.responder, &w.commander, &w.viewer, &w.outsider] {
            w.route(who, "email", 0).await;
        }
        let (schedule, team) = (w.service.new_id(), w.service.new_id());
        let row = crate::args![schedule, "Platform", 1_i64];
        run(&w.service, &INSERT_SCHEDULE, row.to_vec()).await;
        run(
            &w.service,
            &INSERT_TEAM,
            crate::args![team, "Reservations"].to_vec(),
        )
        .await;
        // Whoever can only look is of no help.
        for who in [&w.responder, &w.outsider, &w.viewer] {
            let row = crate::args![team, who.id.0];
            run(&w.service, &INSERT_MEMBER, row.to_vec()).await;
        }
        let mut policy = policy(&[&w.responder, &w.commander], 0);
        policy.levels[0].targets = vec![Target::Schedule(ScheduleId(schedule))];
        policy.levels[1].targets = vec![Target::Team(TeamId(team)), Target::Person(w.responder.id)];
        let nobody = w.declared().await;
        w.escalate(&nobody, policy.clone()).await;
        let mut told = w.told(nobody.id).await;
        told[3..].sort();
        assert_eq!(
            told,
            [
                "started",
                "nobody at 1",
                "level 2",
                "paged Olaf",
                "paged Omar"
            ]
        );
        let room = w.service.room_unchecked(nobody.id).await.unwrap();
        let why = &room.room.entries[2].text;
        assert_eq!(why, "Nobody is on call in “Platform”.");

        let (from, until) = (w.service.now(), w.service.now().plus_minutes(60));
        let row = crate::args![
            w.service.new_id(),
            schedule,
            w.commander.id.0,
            from.0,
            until.0
        ];
        run(&w.service, &INSERT_OVERRIDE, row.to_vec()).await;
        let somebody = w.declared().await;
        w.escalate(&somebody, policy).await;
        assert_eq!(
            w.told(somebody.id).await,
            ["started", "level 1", "paged Priya"]
        );
    }
}

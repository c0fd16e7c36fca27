use super::{DISABLE_USER, World, policy, run};
use crate::{
    Error,
    page::{LinkAction, LinkState, Reason},
};
use rideout_domain::{
    PageId,
    outbox::{Outcome, Purpose},
};

async fn page_of(w: &World, who: &rideout_domain::Actor) -> PageId {
    w.service.open_pages(who).await.unwrap()[0].id
}

#[tokio::test]
async fn a_link_shows_and_only_its_button_acts() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        let id = w
            .escalate(&incident, policy(&[&w.responder, &w.commander], 0))
            .await;
        let page = page_of(&w, &w.responder).await;
        let link = w
            .service
            .sign_link(LinkAction::Acknowledge(page), w.service.now())
            .await
            .unwrap();
        assert!(
            link.len() < 80
                && link
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
        for _ in 0..3 {
            let seen = w.service.look_at_link(&link).await.unwrap();
            assert_eq!(
                (seen.state, seen.person.as_str()),
                (LinkState::Open, "Omar")
            );
            assert_eq!(
                seen.about[0].subject,
                "SEV2 INC-1 Reservations crawl and time out"
            );
            assert_eq!(seen.about[0].reason, "Nobody answers.");
        }
        assert_eq!(w.escalation_state(id).await, "running");
        let done = LinkState::Acknowledged {
            by: "Omar".into(),
            at: w.service.now(),
        };
        assert_eq!(w.service.use_link(&link).await.unwrap().state, done);
        assert_eq!(w.escalation_state(id).await, "acknowledged");
        w.clock.advance_seconds(60);
        let again = w.service.use_link(&link).await.unwrap();
        assert_eq!(again.state, done);
        // Whoever came sees how to hand on.
        let onward = w
            .service
            .look_at_link(&again.onward.unwrap())
            .await
            .unwrap();
        assert_eq!(onward.state, LinkState::Open);
        assert_eq!(
            w.told(incident.id).await,
            ["started", "level 1", "paged Omar", "Omar came", "ended"]
        );
    }
}

#[tokio::test]
async fn escalating_by_link_calls_the_next_level_once() {
    for w in World::quiet_worlds().await {
        for who in [&w.responder, &w.commander, &w.viewer] {
            w.route(who, "email", 0).await;
        }
        let incident = w.declared().await;
        w.escalate(
            &incident,
            policy(&[&w.responder, &w.commander, &w.viewer], 0),
        )
        .await;
        let page = page_of(&w, &w.responder).await;
        let link = w
            .service
            .sign_link(LinkAction::Escalate(page), w.service.now())
            .await
            .unwrap();
        assert_eq!(
            w.service.look_at_link(&link).await.unwrap().state,
            LinkState::Open
        );
        for _ in 0..2 {
            assert_eq!(
                w.service.use_link(&link).await.unwrap().state,
                LinkState::Escalated
            );
        }
        assert_eq!(
            w.told(incident.id).await,
            ["started", "level 1", "paged Omar", "level 2", "paged Priya"]
        );
    }
}

#[tokio::test]
async fn whoever_came_may_still_call_the_next() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        let incident = w.declared().await;
        let id = w
            .escalate(&incident, policy(&[&w.responder, &w.commander], 0))
            .await;
        let page = page_of(&w, &w.responder).await;
        w.service
            .acknowledge_page(&w.responder, page)
            .await
            .unwrap();
        let link = w
            .service
            .sign_link(LinkAction::Escalate(page), w.service.now())
            .await
            .unwrap();
        w.service.use_link(&link).await.unwrap();
        assert_eq!(w.escalation_state(id).await, "running");
        assert_eq!(w.page_states(&w.commander).await, ["open"]);
    }
}

#[tokio::test]
async fn paged_by_hand_one_may_begin_an_escalation_once() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        w.route(&w.commander, "email", 0).await;
        let incident = w.declared().await;
        let reason = Reason::new("You know it.");
        let paged = w
            .service
            .page(&w.commander, incident.id, w.responder.id, reason)
            .await
            .unwrap();
        // By then whoever paged may have left the room.
        w.clock.advance_seconds(15 * 60);
        // Whoever came may find that they are the wrong one.
        let acknowledge = LinkAction::Acknowledge(paged.page);
        let sign = async |action| w.service.sign_link(action, w.service.now()).await.unwrap();
        w.service.use_link(&sign(acknowledge).await).await.unwrap();
        let link = sign(LinkAction::Escalate(paged.page)).await;
        let seen = w.service.look_at_link(&link).await.unwrap();
        assert_eq!(seen.state, LinkState::Open);
        for _ in 0..2 {
            let used = w.service.use_link(&link).await.unwrap();
            assert_eq!(used.state, LinkState::Escalated);
        }
        let came = w.service.look_at_link(&sign(acknowledge).await).await;
        assert_eq!(came.unwrap().state, LinkState::Escalated);
        let called = w.service.open_pages(&w.commander).await.unwrap();
        assert_eq!(
            called[0].reason,
            "Omar was paged and asks for somebody else. You know it."
        );
        assert_eq!(
            w.told(incident.id).await,
            [
                "paged Omar",
                "Omar came",
                "started",
                "exhausted",
                "paged Priya"
            ]
        );
    }
}

#[tokio::test]
async fn links_that_are_old_over_or_forged_say_so() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 9)).await;
        let page = page_of(&w, &w.responder).await;
        let written = w.service.now();
        let sign = async |action| w.service.sign_link(action, written).await.unwrap();
        let link = sign(LinkAction::Acknowledge(page)).await;
        let other = sign(LinkAction::Escalate(page)).await;
        assert_ne!(link, other);
        let forged = format!("{}{}", &other[..40], &link[40..]);
        let last = if link.ends_with('A') { 'B' } else { 'A' };
        let bent = format!("{}{last}", &link[..link.len() - 1]);
        for bad in [
            forged.as_str(),
            &bent,
            "",
            "x",
            &link[1..],
            &link[..50],
            &"A".repeat(56),
            "ä",
        ] {
            assert!(
                matches!(w.service.look_at_link(bad).await, Err(Error::NotFound)),
                "{bad}"
            );
            assert!(
                matches!(w.service.use_link(bad).await, Err(Error::NotFound)),
                "{bad}"
            );
        }
        let nowhere = sign(LinkAction::Acknowledge(PageId(w.service.new_id()))).await;
        assert!(matches!(
            w.service.look_at_link(&nowhere).await,
            Err(Error::NotFound)
        ));

        w.clock.advance_seconds(3 * 86_400 - 1);
        assert_eq!(
            w.service.look_at_link(&link).await.unwrap().state,
            LinkState::Open
        );
        w.clock.advance_seconds(1);
        assert_eq!(
            w.service.look_at_link(&link).await.unwrap().state,
            LinkState::Expired
        );
        assert_eq!(
            w.service.use_link(&link).await.unwrap().state,
            LinkState::Expired
        );
        assert!(
            w.service
                .look_at_link(&link)
                .await
                .unwrap()
                .about
                .is_empty()
        );
        assert_eq!(w.page_states(&w.responder).await, ["open"]);

        let fresh = w
            .service
            .sign_link(LinkAction::Acknowledge(page), w.service.now())
            .await
            .unwrap();
        run(
            &w.service,
            &DISABLE_USER,
            crate::args![w.responder.id.0].to_vec(),
        )
        .await;
        assert_eq!(
            w.service.use_link(&fresh).await.unwrap().state,
            LinkState::Over
        );
        assert_eq!(w.page_states(&w.responder).await, ["open"]);
    }
}

#[tokio::test]
async fn one_link_acknowledges_a_bundle() {
    for w in World::quiet_worlds().await {
        w.route(&w.responder, "email", 0).await;
        for _ in 0..5 {
            let incident = w.declared().await;
            w.escalate(&incident, policy(&[&w.responder], 0)).await;
        }
        let claimed = w.claim().await;
        let bundle = claimed
            .iter()
            .find(|one| one.purpose == Purpose::Bundle)
            .unwrap();
        for one in &claimed {
            w.service.settle(one, Outcome::Delivered).await.unwrap();
        }
        let action = LinkAction::AcknowledgeAll(bundle.id);
        let link = w.service.sign_link(action, w.service.now()).await.unwrap();
        let seen = w.service.look_at_link(&link).await.unwrap();
        assert_eq!((seen.about.len(), seen.state), (4, LinkState::Open));
        // Or each alone.
        let alone = seen.about[1].alone.as_deref().unwrap();
        w.service.use_link(alone).await.unwrap();
        let seen = w.service.look_at_link(&link).await.unwrap();
        assert_eq!(seen.state, LinkState::Open);
        assert!(matches!(
            seen.about[1].state,
            LinkState::Acknowledged { .. }
        ));
        assert_eq!(seen.about[1].alone, None);
        assert!(seen.about[2].alone.is_some());
        assert_eq!(w.service.open_pages(&w.responder).await.unwrap().len(), 4);
        let done = w.service.use_link(&link).await.unwrap();
        assert!(matches!(done.state, LinkState::Acknowledged { .. }));
        assert_eq!(w.service.open_pages(&w.responder).await.unwrap().len(), 1);
        // A link in a link ends when that does.
        w.clock.advance_seconds(3 * 86_400);
        let old = w.service.look_at_link(alone).await.unwrap();
        assert!(old.about.is_empty());
    }
}

//! A route is confirmed by whoever presses a button behind a link that went by it.

use super::{DISABLE_USER, World, policy, run, worlds};
use crate::{
    Error,
    directory::{ListedRoute, NewRoute},
    page::{Claimed, LinkAction, LinkState, Reason},
};
use rideout_domain::{
    Actor, Channel, MessageId, RouteId,
    outbox::{Outcome, Purpose},
    reach::MAILBOX_TESTS_MAX,
};

impl World {
    async fn mail(&self, who: &Actor, address: &str) -> RouteId {
        let new = NewRoute {
            channel: Some(Channel::Email),
            target: Some(address.into()),
            ..NewRoute::default()
        };
        self.service.make_route(who, None, &new).await.unwrap().id
    }

    async fn sign(&self, action: LinkAction) -> String {
        let now = self.service.now();
        self.service.sign_link(action, now).await.unwrap()
    }

    /// The link in a test of this route.
    async fn tested(&self, who: &Actor, route: RouteId) -> String {
        let message = self.service.test_route(who, route).await.unwrap();
        self.sign(LinkAction::ConfirmRoute(message)).await
    }

    async fn shown(&self, who: &Actor, route: RouteId) -> ListedRoute {
        self.service.route(who, route).await.unwrap()
    }

    /// Claims what is due and has it all arrive.
    async fn delivered(&self) -> Vec<Claimed> {
        let claimed = self.claim().await;
        for one in &claimed {
            self.service.settle(one, Outcome::Delivered).await.unwrap();
        }
        claimed
    }
}

#[tokio::test]
async fn the_button_behind_a_test_confirms_its_route_and_opening_it_does_not() {
    for w in worlds().await {
        let route = w.mail(&w.responder, "night@example.org").await;
        let link = w.tested(&w.responder, route).await;
        for _ in 0..3 {
            let seen = w.service.look_at_link(&link).await.unwrap();
            assert_eq!(
                (seen.state, seen.person.as_str()),
                (LinkState::Open, "Omar")
            );
            let about = seen.route.unwrap();
            assert_eq!(
                (about.channel, about.shown.as_str()),
                (Channel::Email, "night@example.org")
            );
        }
        assert_eq!(w.shown(&w.responder, route).await.confirmed_at, None);
        w.clock.advance_seconds(60);
        let at = w.service.now();
        let done = LinkState::Confirmed { at };
        assert_eq!(w.service.use_link(&link).await.unwrap().state, done);
        w.clock.advance_seconds(60);
        // A second press changes nothing.
        assert_eq!(w.service.use_link(&link).await.unwrap().state, done);
        let shown = w.shown(&w.responder, route).await;
        assert_eq!((shown.confirmed_at, shown.is_confirmed()), (Some(at), true));
        let own = RouteId(w.responder.id.0);
        assert_eq!(w.shown(&w.responder, own).await.confirmed_at, None);
        let log = w
            .service
            .audit_log(
                &w.outsider,
                &crate::account::AuditFilter::default(),
                None,
                100,
            )
            .await
            .unwrap();
        let lines = log.entries.iter().filter(|e| e.action == "route.confirmed");
        assert_eq!(lines.count(), 1);
        // A later test says so anew.
        let link = w.tested(&w.responder, route).await;
        let seen = w.service.look_at_link(&link).await.unwrap();
        assert_eq!(seen.state, LinkState::Open);
        w.service.use_link(&link).await.unwrap();
        let now = Some(w.service.now());
        assert_eq!(w.shown(&w.responder, route).await.confirmed_at, now);
    }
}

#[tokio::test]
async fn the_link_of_a_test_ends_after_three_days_and_tells_no_address() {
    for w in worlds().await {
        let route = w.mail(&w.responder, "night@example.org").await;
        let link = w.tested(&w.responder, route).await;
        w.clock.advance_seconds(3 * 86_400);
        for seen in [
            w.service.look_at_link(&link).await.unwrap(),
            w.service.use_link(&link).await.unwrap(),
        ] {
            assert_eq!((seen.state, seen.route), (LinkState::Expired, None));
        }
        assert_eq!(w.shown(&w.responder, route).await.confirmed_at, None);
        let nowhere = LinkAction::ConfirmRoute(MessageId(w.service.new_id()));
        let nowhere = w.sign(nowhere).await;
        for bad in [
            w.service.look_at_link(&nowhere).await,
            w.service.use_link(&nowhere).await,
        ] {
            assert!(matches!(bad, Err(Error::NotFound)), "{bad:?}");
        }
    }
}

#[tokio::test]
async fn a_test_confirms_no_address_but_the_one_it_went_to() {
    for w in worlds().await {
        let route = w.mail(&w.responder, "night@example.org").await;
        let link = w.tested(&w.responder, route).await;
        w.service.use_link(&link).await.unwrap();
        w.clock.advance_seconds(60);
        let late = w.tested(&w.responder, route).await;
        w.clock.advance_seconds(60);
        let change = |target: Option<&str>, label: Option<&str>| NewRoute {
            target: target.map(str::to_owned),
            label: label.map(str::to_owned),
            ..NewRoute::default()
        };
        // Another name changes nothing.
        for same in [
            change(None, Some("at night")),
            change(Some("night@example.org"), None),
        ] {
            w.service
                .change_route(&w.responder, route, &same)
                .await
                .unwrap();
            assert!(w.shown(&w.responder, route).await.is_confirmed());
        }
        let other = change(Some("stranger@example.net"), None);
        w.service
            .change_route(&w.responder, route, &other)
            .await
            .unwrap();
        assert_eq!(w.shown(&w.responder, route).await.confirmed_at, None);
        let seen = w.service.use_link(&late).await.unwrap();
        assert_eq!((seen.state, seen.route), (LinkState::Over, None));
        assert_eq!(w.shown(&w.responder, route).await.confirmed_at, None);
        let fresh = w.tested(&w.responder, route).await;
        w.service.remove_route(&w.responder, route).await.unwrap();
        let seen = w.service.use_link(&fresh).await.unwrap();
        assert_eq!(seen.state, LinkState::Over);
        let own = w.tested(&w.commander, RouteId(w.commander.id.0)).await;
        let closed = crate::args![w.commander.id.0].to_vec();
        run(&w.service, &DISABLE_USER, closed).await;
        let seen = w.service.use_link(&own).await.unwrap();
        assert_eq!(seen.state, LinkState::Over);
    }
}

#[tokio::test]
async fn acknowledging_by_the_link_of_a_message_confirms_its_route() {
    for w in worlds().await {
        let own = RouteId(w.responder.id.0);
        let page = async || {
            let incident = w.declared().await;
            let reason = Reason::new("You know it.");
            w.service
                .page(&w.commander, incident.id, w.responder.id, reason)
                .await
                .unwrap()
                .page
        };
        // By a page of Rideout nobody shows that a mail came.
        let first = page().await;
        w.delivered().await;
        let by_page = w.sign(LinkAction::Acknowledge(first)).await;
        w.service.use_link(&by_page).await.unwrap();
        assert_eq!(w.shown(&w.responder, own).await.confirmed_at, None);

        page().await;
        let sent = w.delivered().await;
        let by_mail = w.sign(LinkAction::AcknowledgeMessage(sent[0].id)).await;
        let seen = w.service.look_at_link(&by_mail).await.unwrap();
        assert_eq!((seen.state, seen.about.len()), (LinkState::Open, 1));
        assert_eq!(w.shown(&w.responder, own).await.confirmed_at, None);
        let seen = w.service.use_link(&by_mail).await.unwrap();
        assert!(matches!(seen.state, LinkState::Acknowledged { .. }));
        assert!(w.shown(&w.responder, own).await.is_confirmed());
    }
}

#[tokio::test]
async fn acknowledging_a_bundle_or_one_page_of_it_confirms_its_route() {
    for all in [true, false] {
        for w in worlds().await {
            let own = RouteId(w.responder.id.0);
            for _ in 0..5 {
                let incident = w.declared().await;
                w.escalate(&incident, policy(&[&w.responder], 0)).await;
            }
            let sent = w.delivered().await;
            let bundle = sent
                .iter()
                .find(|one| one.purpose == Purpose::Bundle)
                .unwrap();
            let link = w.sign(LinkAction::AcknowledgeAll(bundle.id)).await;
            let link = if all {
                link
            } else {
                let seen = w.service.look_at_link(&link).await.unwrap();
                seen.about[1].alone.clone().unwrap()
            };
            w.service.use_link(&link).await.unwrap();
            assert!(w.shown(&w.responder, own).await.is_confirmed());
        }
    }
}

#[tokio::test]
async fn a_mailbox_that_nobody_confirmed_gets_five_tests_a_day_from_everybody_together() {
    for w in worlds().await {
        let omars = w.mail(&w.responder, "stranger@example.net").await;
        let lenas = w.mail(&w.viewer, "Stranger+x@example.net").await;
        for at in 0..MAILBOX_TESTS_MAX {
            let (who, route) =
                [(&w.responder, omars), (&w.viewer, lenas)][usize::try_from(at % 2).unwrap()];
            w.service.test_route(who, route).await.unwrap();
            w.clock.advance_seconds(60);
        }
        let refused = async |who: &Actor, route| match w.service.test_route(who, route).await {
            Err(Error::TestedOften {
                retry_after_seconds,
            }) => retry_after_seconds,
            other => panic!("not refused: {other:?}"),
        };
        for (who, route) in [(&w.responder, omars), (&w.viewer, lenas)] {
            assert_eq!(refused(who, route).await, 86_400 - 5 * 60);
        }
        // Neither another route nor another address in between is a way around.
        w.service.remove_route(&w.viewer, lenas).await.unwrap();
        let lenas = w.mail(&w.viewer, "stranger@example.net").await;
        refused(&w.viewer, lenas).await;
        let to = |address: &str| NewRoute {
            target: Some(address.into()),
            ..NewRoute::default()
        };
        for address in ["elsewhere@example.net", "stranger@example.net"] {
            let change = to(address);
            w.service
                .change_route(&w.responder, omars, &change)
                .await
                .unwrap();
        }
        refused(&w.responder, omars).await;
        w.clock.advance_seconds(86_400 - 5 * 60);
        w.service.test_route(&w.viewer, lenas).await.unwrap();
    }
}

#[tokio::test]
async fn ones_own_address_and_what_is_confirmed_are_tested_as_often_as_one_likes() {
    for w in worlds().await {
        let night = w.mail(&w.responder, "night@example.org").await;
        let link = w.tested(&w.responder, night).await;
        w.service.use_link(&link).await.unwrap();
        w.clock.advance_seconds(60);
        for route in [night, RouteId(w.responder.id.0)] {
            for _ in 0..=MAILBOX_TESTS_MAX {
                w.service.test_route(&w.responder, route).await.unwrap();
                w.clock.advance_seconds(60);
            }
        }
    }
}

#[tokio::test]
async fn pages_go_to_routes_that_nobody_confirmed() {
    for w in worlds().await {
        w.mail(&w.responder, "night@example.org").await;
        let incident = w.declared().await;
        w.escalate(&incident, policy(&[&w.responder], 0)).await;
        let mut to = w.send_all(Outcome::Delivered).await;
        w.clock.advance_seconds(60);
        to.extend(w.send_all(Outcome::Delivered).await);
        assert_eq!(to, ["omar@example.org", "night@example.org"]);
    }
}

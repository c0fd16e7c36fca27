use super::{World, code, fields, worlds};
use crate::{
    Error,
    directory::{
        NewPolicy, NewQuietHours, NewRoute, channels_of, disable_route, note_test, quiet_hours,
        quiet_now, routes_of,
    },
    oncall::{self, LayerDraft, NewSchedule},
};
use rideout_domain::{
    Actor, Channel, RouteId, Severity, Timestamp, UserId,
    escalation::{Level, Policy, Target},
};

impl World {
    async fn routes(&self, user: UserId) -> Vec<(Channel, String)> {
        let mut conn = self.service.db.reader().await.unwrap();
        let routes = routes_of(&mut conn, user).await.unwrap();
        routes.into_iter().map(|r| (r.channel, r.target)).collect()
    }

    async fn add(&self, actor: &Actor, channel: Channel, target: &str) -> RouteId {
        let new = new(channel, target);
        self.service.make_route(actor, None, &new).await.unwrap().id
    }
}

fn new(channel: Channel, target: &str) -> NewRoute {
    NewRoute {
        channel: Some(channel),
        target: Some(target.into()),
        ..NewRoute::default()
    }
}

const HOOK: &str = "https://hooks.example.org/services/T0/B0/very-secret";

#[tokio::test]
async fn whoever_has_an_account_is_reached_by_its_address() {
    for w in worlds().await {
        let address = (Channel::Email, "omar@example.org".to_owned());
        assert_eq!(
            w.routes(w.responder.id).await,
            std::slice::from_ref(&address)
        );
        let reach = w.service.reach(&w.responder).await.unwrap();
        assert!(reach.routes[0].of_account && reach.quiet_hours.is_none());
        assert_eq!(reach.last_resort, "omar@example.org");
        // Taken away it is no longer listed, and still the last resort.
        let id = reach.routes[0].id;
        w.service.remove_route(&w.responder, id).await.unwrap();
        assert!(
            w.service
                .reach(&w.responder)
                .await
                .unwrap()
                .routes
                .is_empty()
        );
        assert_eq!(
            w.routes(w.responder.id).await,
            std::slice::from_ref(&address)
        );
        w.add(&w.responder, Channel::Browser, "").await;
        assert_eq!(
            w.routes(w.responder.id).await,
            [(Channel::Browser, String::new())]
        );
        // Added again it is the same route, now the last.
        assert_eq!(
            w.add(&w.responder, Channel::Email, " Omar@example.org")
                .await,
            id
        );
        assert_eq!(w.routes(w.responder.id).await[1], address);
    }
}

#[tokio::test]
async fn routes_are_used_in_their_order_without_those_that_do_not_work() {
    for w in worlds().await {
        let account = RouteId(w.responder.id.0);
        let hook = w.add(&w.responder, Channel::Slack, HOOK).await;
        let ntfy = w
            .add(&w.responder, Channel::Ntfy, "https://ntfy.example.org/omar")
            .await;
        for (id, up) in [
            (ntfy, true),
            (ntfy, true),
            (ntfy, true),
            (account, false),
            (account, false),
        ] {
            w.service.move_route(&w.responder, id, up).await.unwrap();
        }
        let order: Vec<_> = w
            .routes(w.responder.id)
            .await
            .into_iter()
            .map(|r| r.0)
            .collect();
        assert_eq!(order, [Channel::Ntfy, Channel::Slack, Channel::Email]);
        let now = w.service.now();
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    disable_route(tx, hook, "The other side answered 410 Gone.", now).await?;
                    note_test(tx, ntfy, "Delivered.", now).await
                })
            })
            .await
            .unwrap();
        let mut conn = w.service.db.reader().await.unwrap();
        assert_eq!(
            channels_of(&mut conn, w.responder.id).await.unwrap(),
            [Channel::Ntfy, Channel::Email]
        );
        drop(conn);
        let reach = w.service.reach(&w.responder).await.unwrap();
        assert_eq!(reach.routes[0].test_outcome, "Delivered.");
        assert_eq!(reach.routes[0].tested_at, Some(now));
        assert_eq!(
            reach.routes[1].disabled_why,
            "The other side answered 410 Gone."
        );
        w.service.enable_route(&w.responder, hook).await.unwrap();
        assert_eq!(w.routes(w.responder.id).await.len(), 3);
    }
}

#[tokio::test]
async fn routes_are_nobody_elses_business() {
    for w in worlds().await {
        let id = w.add(&w.responder, Channel::Slack, HOOK).await;
        for refused in [
            w.service.route(&w.outsider, id).await.map(drop),
            w.service
                .change_route(&w.outsider, id, &NewRoute::default())
                .await,
            w.service.enable_route(&w.outsider, id).await,
            w.service.move_route(&w.outsider, id, true).await,
            w.service.remove_route(&w.outsider, id).await,
            w.service
                .make_route(&w.outsider, Some(id), &new(Channel::Browser, ""))
                .await
                .map(drop),
        ] {
            assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn secrets_are_shown_once_or_never() {
    for w in worlds().await {
        let id = RouteId(w.service.new_id());
        let webhook = new(
            Channel::Webhook,
            "https://pager.example.org/in?key=very-secret",
        );
        let made = w
            .service
            .make_route(&w.responder, Some(id), &webhook)
            .await
            .unwrap();
        let secret = made.secret.unwrap();
        assert!(secret.starts_with("whsec_") && secret.len() > 40);
        assert_eq!(
            code(w.service.make_route(&w.responder, Some(id), &webhook).await),
            "already_made"
        );
        let token = "tk_very-secret";
        let ntfy = NewRoute {
            token: Some(token.into()),
            ..new(Channel::Ntfy, "https://ntfy.example.org/omar")
        };
        let ntfy = w
            .service
            .make_route(&w.responder, None, &ntfy)
            .await
            .unwrap();
        assert_eq!(ntfy.secret, None);
        let reach = w.service.reach(&w.responder).await.unwrap();
        let shown = serde_json::to_string(&reach).unwrap();
        let audited = w.audited("route").await;
        assert_eq!(audited.len(), 2);
        let mut conn = w.service.db.reader().await.unwrap();
        let routes = routes_of(&mut conn, w.responder.id).await.unwrap();
        assert_eq!(routes[1].secret.as_deref(), Some(secret.as_str()));
        assert_eq!(routes[2].secret.as_deref(), Some(token));
        for text in [shown, format!("{audited:?}"), format!("{routes:?}")] {
            assert!(
                !text.contains(&secret) && !text.contains("very-secret"),
                "{text}"
            );
        }
        assert!(reach.routes[1].has_secret && reach.routes[2].has_secret);
        drop(conn);
        // A change keeps what it does not name.
        w.service
            .change_route(
                &w.responder,
                id,
                &NewRoute {
                    label: Some("Pager".into()),
                    ..NewRoute::default()
                },
            )
            .await
            .unwrap();
        let change = NewRoute {
            token: Some(String::new()),
            ..NewRoute::default()
        };
        w.service
            .change_route(&w.responder, ntfy.id, &change)
            .await
            .unwrap();
        let mut conn = w.service.db.reader().await.unwrap();
        let routes = routes_of(&mut conn, w.responder.id).await.unwrap();
        assert_eq!(routes[1].secret.as_deref(), Some(secret.as_str()));
        assert_eq!(
            (routes[1].label.as_str(), routes[1].target.as_str()),
            ("Pager", "https://pager.example.org/in?key=very-secret")
        );
        assert_eq!(routes[2].secret, None);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_route_names_its_field() {
    for w in worlds().await {
        w.add(&w.responder, Channel::Slack, HOOK).await;
        let cases = [
            (NewRoute::default(), &["channel"][..]),
            (new(Channel::Email, "nobody"), &["target"]),
            (new(Channel::Email, "omar@example.org"), &["target"]),
            (new(Channel::Slack, ""), &["target"]),
            (new(Channel::Slack, HOOK), &["target"]),
            (
                new(Channel::Webhook, "http://plain.example.org/x"),
                &["target"],
            ),
            (
                new(Channel::Webhook, "https://user:pass@example.org/x"),
                &["target"],
            ),
            (new(Channel::Webhook, "https://127.0.0.1/x"), &["target"]),
            (new(Channel::Webhook, "javascript:alert(1)"), &["target"]),
            (new(Channel::Ntfy, "https://ntfy.example.org/"), &["target"]),
            (
                NewRoute {
                    token: Some("two words".into()),
                    label: Some("x".repeat(61)),
                    ..new(Channel::Ntfy, "https://ntfy.example.org/a")
                },
                &["label", "token"],
            ),
        ];
        for (bad, expected) in cases {
            let refused = w.service.make_route(&w.responder, None, &bad).await;
            assert_eq!(fields(refused), expected, "{bad:?}");
        }
        let mail = w
            .add(&w.responder, Channel::Email, "night@example.org")
            .await;
        let same = NewRoute {
            target: Some("omar@example.org".into()),
            ..NewRoute::default()
        };
        assert_eq!(
            fields(w.service.change_route(&w.responder, mail, &same).await),
            ["target"]
        );
        for n in 0..7 {
            w.add(
                &w.responder,
                Channel::Email,
                &format!("night{n}@example.org"),
            )
            .await;
        }
        let refused = w
            .service
            .make_route(&w.responder, None, &new(Channel::Browser, ""))
            .await;
        assert_eq!(code(refused), "too_many");
    }
}

#[tokio::test]
async fn quiet_hours_are_judged_in_their_zone() {
    for w in worlds().await {
        let quiet = NewQuietHours {
            zone: "europe/berlin".into(),
            from: "22:00".into(),
            until: "07:00".into(),
            loud_severity: Severity::Sev1,
        };
        w.service
            .set_quiet_hours(&w.responder, Some(&quiet))
            .await
            .unwrap();
        let mut conn = w.service.db.reader().await.unwrap();
        let stored = quiet_hours(&mut conn, w.responder.id)
            .await
            .unwrap()
            .unwrap();
        assert!(quiet_hours(&mut conn, w.viewer.id).await.unwrap().is_none());
        drop(conn);
        assert_eq!(stored.zone, "Europe/Berlin");
        for (at, severity, expected) in [
            // Summer: two hours ahead of UTC.
            ("2010-06-15T19:59:59Z", Severity::Sev2, false),
            ("2010-06-15T20:00:00Z", Severity::Sev2, true),
            ("2010-06-15T20:00:00Z", Severity::Sev1, false),
            ("2010-06-16T04:59:59Z", Severity::Sev4, true),
            ("2010-06-16T05:00:00Z", Severity::Sev4, false),
            // Winter: one hour ahead.
            ("2010-12-15T20:59:59Z", Severity::Sev2, false),
            ("2010-12-15T21:00:00Z", Severity::Sev2, true),
        ] {
            let time: Timestamp = at.parse().unwrap();
            assert_eq!(
                quiet_now(&stored, time, severity),
                expected,
                "{at} {severity}"
            );
        }
        let bad = NewQuietHours {
            zone: "Middle/Earth".into(),
            from: "25:00".into(),
            until: String::new(),
            ..quiet.clone()
        };
        let refused = w.service.set_quiet_hours(&w.responder, Some(&bad)).await;
        assert_eq!(fields(refused), ["from", "until", "zone"]);
        let never = NewQuietHours {
            until: "22:00".into(),
            ..quiet
        };
        assert_eq!(
            fields(w.service.set_quiet_hours(&w.responder, Some(&never)).await),
            ["until"]
        );
        w.service.set_quiet_hours(&w.responder, None).await.unwrap();
        assert!(
            w.service
                .reach(&w.responder)
                .await
                .unwrap()
                .quiet_hours
                .is_none()
        );
        assert_eq!(w.audited("route.quiet_hours").await.len(), 2);
    }
}

#[tokio::test]
async fn nobody_makes_routes_without_end() {
    for w in worlds().await {
        for n in 0..20 {
            let address = format!("stranger{n}@example.net");
            let id = w.add(&w.responder, Channel::Email, &address).await;
            // Those that are gone again count, too.
            w.service.remove_route(&w.responder, id).await.unwrap();
        }
        let one_more = new(Channel::Email, "stranger@example.net");
        let refused = w.service.make_route(&w.responder, None, &one_more).await;
        assert!(matches!(refused, Err(Error::TooMany { .. })), "{refused:?}");
        // The others are not held up.
        w.add(&w.viewer, Channel::Email, "lena@example.net").await;
        w.clock.advance_seconds(3_600);
        w.add(&w.responder, Channel::Email, "stranger@example.net")
            .await;
    }
}

#[tokio::test]
async fn whoever_may_be_called_and_has_no_confirmed_route_is_named() {
    for w in worlds().await {
        let schedule = NewSchedule {
            name: "Nights".into(),
            zone: "UTC".into(),
            team: None,
            layers: vec![LayerDraft {
                name: "Primary".into(),
                rotation: "daily".into(),
                starts_on: "2010-06-14".into(),
                hand_over: "09:00".into(),
                people: vec![w.responder.id, w.commander.id],
                ..LayerDraft::default()
            }],
        };
        let schedule = w
            .service
            .make_schedule(&w.commander, None, schedule)
            .await
            .unwrap();
        let team = w.team("Platform", &[&w.viewer, &w.outsider]).await;
        let targets = vec![
            Target::Team(team),
            Target::Schedule(schedule),
            Target::Person(w.outsider.id),
        ];
        let new = NewPolicy {
            description: String::new(),
            is_default: true,
            policy: Policy {
                name: "All".into(),
                repeats: 0,
                levels: vec![Level {
                    minutes: 5,
                    targets,
                }],
            },
        };
        let policy = w
            .service
            .make_policy(&w.commander, None, &new)
            .await
            .unwrap();
        let of_policy = async || {
            let shown = w.service.policy(&w.viewer, policy).await.unwrap();
            let names = shown.unconfirmed.into_iter().map(|one| one.name);
            names.collect::<Vec<_>>()
        };
        let of_schedule = async || {
            let (service, now) = (&w.service, w.service.now());
            let shown = service.schedule(&w.viewer, schedule, now).await.unwrap();
            let names = shown.unconfirmed.into_iter().map(|one| one.name);
            names.collect::<Vec<_>>()
        };
        let reached = async |who| w.service.reach(who).await.unwrap().is_confirmed();
        // Of a rotation the policy names who is on call now, the schedule everybody.
        let now = w.service.now();
        let mut conn = w.service.db.reader().await.unwrap();
        let on_call = oncall::on_call_at(&mut conn, schedule, now).await.unwrap();
        drop(conn);
        let (on_call, other) = if on_call == [w.responder.id] {
            (&w.responder, &w.commander)
        } else {
            (&w.commander, &w.responder)
        };
        assert_eq!(of_schedule().await, ["Omar", "Priya"]);
        assert_eq!(of_policy().await, ["Olaf", on_call.name.as_str()]);
        assert!(!reached(on_call).await);
        // The browser reaches only those who look at it.
        w.add(on_call, Channel::Browser, "").await;
        assert!(!reached(on_call).await);
        let mail = w.add(on_call, Channel::Email, "away@example.org").await;
        assert!(!reached(on_call).await);
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&crate::tests::CONFIRM_ROUTE, &crate::args![mail.0, now.0])
                        .await?;
                    Ok::<_, crate::Error>(())
                })
            })
            .await
            .unwrap();
        assert!(reached(on_call).await);
        assert_eq!(of_schedule().await, [other.name.as_str()]);
        assert_eq!(of_policy().await, ["Olaf"]);
        // A route out of use reaches nobody.
        w.service
            .db
            .write(move |tx| Box::pin(async move { disable_route(tx, mail, "Gone.", now).await }))
            .await
            .unwrap();
        assert!(!reached(on_call).await);
        assert_eq!(of_policy().await, ["Olaf", on_call.name.as_str()]);
    }
}

use super::{World, code, fields, worlds};
use crate::{
    Error,
    directory::{NewPolicy, NewService, policy_for},
};
use rideout_domain::{
    PolicyId, TeamId,
    escalation::{Level, Policy, Target},
};

impl World {
    async fn policy(&self, name: &str, is_default: bool, targets: Vec<Target>) -> PolicyId {
        self.service
            .make_policy(&self.commander, None, &new(name, is_default, targets))
            .await
            .unwrap()
    }

    async fn policy_name_for(&self, services: &[&str]) -> Option<String> {
        let services: Vec<_> = services.iter().map(|s| (*s).to_owned()).collect();
        let mut conn = self.service.db.reader().await.unwrap();
        let found = policy_for(&mut conn, &services).await.unwrap();
        found.map(|(_, policy)| policy.name)
    }
}

fn new(name: &str, is_default: bool, targets: Vec<Target>) -> NewPolicy {
    NewPolicy {
        description: String::new(),
        is_default,
        policy: Policy {
            name: name.into(),
            repeats: 1,
            levels: vec![Level {
                minutes: 5,
                targets,
            }],
        },
    }
}

#[tokio::test]
async fn a_policy_is_made_changed_and_archived() {
    for w in worlds().await {
        let team = w.team("Platform", &[&w.responder]).await;
        let person = Target::Person(w.responder.id);
        let id = w
            .policy("Night", false, vec![person, Target::Team(team)])
            .await;
        let policy = w.service.policy(&w.viewer, id).await.unwrap();
        assert_eq!(
            policy.told,
            "First Omar and everybody in Platform, for 5 min; then all again once; then all commanders and admins are called."
        );
        assert!(policy.empty_levels.is_empty() && policy.used_by.is_empty());
        let mut changed = new("Day", true, vec![person]);
        changed.policy.repeats = 0;
        w.service
            .change_policy(&w.commander, id, &changed)
            .await
            .unwrap();
        let policies = w.service.policies(&w.viewer).await.unwrap();
        assert_eq!(policies.len(), 1);
        assert!(policies[0].is_default && policies[0].policy.name == "Day");
        assert_eq!(policies[0].targets.len(), 1);
        assert_eq!(
            code(w.service.archive_policy(&w.commander, id).await),
            "in_use"
        );
        w.service
            .change_policy(&w.commander, id, &new("Day", false, vec![person]))
            .await
            .unwrap();
        w.service.archive_policy(&w.commander, id).await.unwrap();
        let gone = w.service.policy(&w.viewer, id).await;
        assert!(matches!(gone, Err(Error::NotFound)));
        let audited = w.audited("policy").await;
        assert_eq!(audited.len(), 4);
        assert_eq!(audited[3]["levels"][0]["minutes"], 5);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_names_its_field() {
    for w in worlds().await {
        let person = Target::Person(w.responder.id);
        w.policy("Night", false, vec![person]).await;
        type Spoil = fn(&mut NewPolicy);
        let cases: [(Spoil, &[&str]); 6] = [
            (|p| p.policy.name = "NIGHT".into(), &["name"]),
            (|p| p.policy.levels.clear(), &["levels"]),
            (|p| p.policy.repeats = 10, &["repeats"]),
            (|p| p.policy.levels[0].minutes = 0, &["levels.1"]),
            (
                |p| {
                    p.policy.levels[0].targets =
                        vec![Target::Team(TeamId(uuid::Uuid::from_u128(1)))]
                },
                &["levels.1"],
            ),
            (
                |p| {
                    p.description = "x".repeat(2_001);
                    p.policy.levels.clear();
                },
                &["description", "levels"],
            ),
        ];
        for (spoil, expected) in cases {
            let mut bad = new("Day", true, vec![person]);
            spoil(&mut bad);
            let refused = w.service.make_policy(&w.commander, None, &bad).await;
            assert_eq!(fields(refused), expected);
        }
        assert_eq!(w.service.policies(&w.viewer).await.unwrap().len(), 1);
        let forbidden = w
            .service
            .make_policy(&w.responder, None, &new("Day", true, vec![person]))
            .await;
        assert!(matches!(forbidden, Err(Error::Forbidden { .. })));
    }
}

#[tokio::test]
async fn a_service_is_escalated_by_its_own_policy_or_the_default_one() {
    for w in worlds().await {
        let person = Target::Person(w.responder.id);
        assert_eq!(w.policy_name_for(&["Carrier API"]).await, None);
        let first = w.policy("First default", true, vec![person]).await;
        w.policy("Default", true, vec![person]).await;
        assert!(!w.service.policy(&w.viewer, first).await.unwrap().is_default);
        let own = w.policy("Carrier", false, vec![person]).await;
        let service = NewService {
            name: "Carrier API".into(),
            policy: Some(own),
            ..NewService::default()
        };
        let service = w
            .service
            .make_service(&w.commander, None, &service)
            .await
            .unwrap();
        w.registered("Store app").await;
        for (services, name) in [
            (&["carrier api"][..], "Carrier"),
            (&["store app", "Carrier API"], "Carrier"),
            (&["Store app"], "Default"),
            (&["unheard of"], "Default"),
            (&[], "Default"),
        ] {
            assert_eq!(
                w.policy_name_for(services).await.as_deref(),
                Some(name),
                "{services:?}"
            );
        }
        let used = w.service.policy(&w.viewer, own).await.unwrap().used_by;
        assert_eq!(used[0].name, "Carrier API");
        let refused = w.service.archive_policy(&w.commander, own).await;
        assert!(
            refused
                .as_ref()
                .unwrap_err()
                .to_string()
                .contains("Carrier API")
        );
        assert_eq!(code(refused), "in_use");
        w.service
            .archive_service(&w.commander, service)
            .await
            .unwrap();
        assert_eq!(
            w.policy_name_for(&["Carrier API"]).await.as_deref(),
            Some("Default")
        );
        w.service.archive_policy(&w.commander, own).await.unwrap();
    }
}

#[tokio::test]
async fn a_level_that_calls_nobody_is_told() {
    for w in worlds().await {
        let empty = w.team("Empty", &[]).await;
        let both = vec![Target::Person(w.responder.id), Target::Team(empty)];
        let id = w.policy("Night", false, both.clone()).await;
        assert!(
            w.service
                .policy(&w.viewer, id)
                .await
                .unwrap()
                .empty_levels
                .is_empty()
        );
        w.disable(w.responder.id).await;
        let policy = w.service.policy(&w.viewer, id).await.unwrap();
        assert_eq!(policy.empty_levels, [1]);
        assert!(policy.told.contains("Omar (no account)"), "{}", policy.told);
        // It may be saved as it is, and nobody new like that may come in.
        w.service
            .change_policy(&w.commander, id, &new("Night", false, both.clone()))
            .await
            .unwrap();
        let refused = w
            .service
            .make_policy(&w.commander, None, &new("Day", false, both))
            .await;
        assert_eq!(fields(refused), ["levels.1"]);
    }
}

#[tokio::test]
async fn a_policy_calls_no_viewer_and_tells_when_somebody_became_one() {
    for w in worlds().await {
        let viewer = vec![Target::Person(w.viewer.id)];
        let refused = w
            .service
            .make_policy(&w.commander, None, &new("Day", false, viewer))
            .await;
        let told = refused.as_ref().unwrap_err().to_string();
        assert!(told.contains("Lena can only look"), "{told}");
        assert_eq!(fields(refused), ["levels.1"]);

        let omar = vec![Target::Person(w.responder.id)];
        let id = w.policy("Night", false, omar.clone()).await;
        let trouble = async || {
            let policy = w.service.policy(&w.viewer, id).await.unwrap();
            policy.targets[0].trouble.clone()
        };
        assert_eq!(trouble().await, None);
        w.service
            .set_role(&w.outsider, w.responder.id, rideout_domain::Role::Viewer)
            .await
            .unwrap();
        let told = trouble().await.unwrap();
        assert!(told.contains("Omar can only look"), "{told}");
        // Nobody is left out without being told: the level still calls, and may stay.
        assert!(
            w.service
                .policy(&w.viewer, id)
                .await
                .unwrap()
                .empty_levels
                .is_empty()
        );
        w.service
            .change_policy(&w.commander, id, &new("Night", false, omar))
            .await
            .unwrap();
    }
}

use super::{code, fields, worlds};
use crate::{
    Error,
    directory::{NewPolicy, NewTeam, Who, people_of},
};
use rideout_domain::{
    TeamId, UserId,
    directory::MEMBERS_MAX,
    escalation::{Level, Policy, Target},
};

#[tokio::test]
async fn a_team_is_made_changed_and_archived() {
    for w in worlds().await {
        let id = w.team("Reservations", &[&w.responder, &w.viewer]).await;
        let team = w.service.team(&w.viewer, id).await.unwrap();
        let names: Vec<_> = team.members.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(
            (team.name.as_str(), names),
            ("Reservations", vec!["Lena", "Omar"])
        );
        let new = NewTeam {
            name: "Bookings".into(),
            description: "Owns the flow".into(),
            members: vec![w.commander.id],
        };
        w.service.change_team(&w.commander, id, &new).await.unwrap();
        let teams = w.service.teams(&w.viewer).await.unwrap();
        assert_eq!(teams.len(), 1);
        assert_eq!(
            (teams[0].name.as_str(), teams[0].description.as_str()),
            ("Bookings", "Owns the flow")
        );
        assert_eq!(teams[0].members[0].id, w.commander.id);
        w.service.archive_team(&w.commander, id).await.unwrap();
        assert!(w.service.teams(&w.viewer).await.unwrap().is_empty());
        for gone in [
            w.service.team(&w.viewer, id).await.map(drop),
            w.service.change_team(&w.commander, id, &new).await,
            w.service.archive_team(&w.commander, id).await,
        ] {
            assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
        }
        // The name is free again.
        w.team("bookings", &[]).await;
        let audited = w.audited("team").await.len();
        assert_eq!(audited, 4);
    }
}

#[tokio::test]
async fn only_commanders_and_admins_change_the_directory() {
    for w in worlds().await {
        let new = NewTeam {
            name: "Reservations".into(),
            ..NewTeam::default()
        };
        for actor in [&w.viewer, &w.responder] {
            let made = w.service.make_team(actor, None, &new).await;
            assert!(matches!(made, Err(Error::Forbidden { .. })));
        }
        w.service.make_team(&w.outsider, None, &new).await.unwrap();
        assert_eq!(w.service.teams(&w.viewer).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_team_made_twice_is_one_and_names_are_unique() {
    for w in worlds().await {
        let id = TeamId(w.service.new_id());
        let new = NewTeam {
            name: "Reservations".into(),
            ..NewTeam::default()
        };
        for _ in 0..2 {
            let made = w.service.make_team(&w.commander, Some(id), &new).await;
            assert_eq!(made.unwrap(), id);
        }
        let same = NewTeam {
            name: " RESERVATIONS ".into(),
            ..NewTeam::default()
        };
        let refused = w.service.make_team(&w.commander, None, &same).await;
        assert_eq!(fields(refused), ["name"]);
        let other = w.team("Platform", &[]).await;
        let refused = w.service.change_team(&w.commander, other, &same).await;
        assert_eq!(fields(refused), ["name"]);
    }
}

#[tokio::test]
async fn everything_wrong_with_a_team_is_said_at_once() {
    for w in worlds().await {
        let bad = NewTeam {
            name: " ".into(),
            description: "x".repeat(2_001),
            members: (0..=MEMBERS_MAX as u128)
                .map(|n| UserId(uuid::Uuid::from_u128(n)))
                .collect(),
        };
        let refused = w.service.make_team(&w.commander, None, &bad).await;
        assert_eq!(fields(refused), ["name", "description", "members"]);
        let stranger = NewTeam {
            name: "Strangers".into(),
            members: vec![UserId(uuid::Uuid::from_u128(1))],
            ..NewTeam::default()
        };
        let refused = w.service.make_team(&w.commander, None, &stranger).await;
        assert_eq!(fields(refused), ["members"]);
        assert!(w.service.teams(&w.viewer).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn people_without_an_account_are_not_called_but_keep_their_place() {
    for w in worlds().await {
        let members = [&w.responder, &w.commander, &w.viewer];
        let id = w.team("Reservations", &members).await;
        w.disable(w.responder.id).await;
        let mut conn = w.service.db.reader().await.unwrap();
        let called = people_of(&mut conn, Who::Team(id)).await.unwrap();
        // Whoever can only look cannot help, either.
        assert_eq!(called, [w.commander.id]);
        assert!(
            people_of(&mut conn, Who::Person(w.responder.id))
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            people_of(&mut conn, Who::Person(w.viewer.id))
                .await
                .unwrap(),
            [w.viewer.id]
        );
        drop(conn);
        let new = NewTeam {
            name: "Reservations".into(),
            ..NewTeam::default()
        };
        w.service.change_team(&w.commander, id, &new).await.unwrap();
        w.service
            .enable_person(&w.outsider, w.responder.id)
            .await
            .unwrap();
        let team = w.service.team(&w.viewer, id).await.unwrap();
        assert_eq!(team.members.len(), 1);
        assert!(team.members[0].active && team.members[0].id == w.responder.id);
    }
}

#[tokio::test]
async fn a_team_that_a_policy_calls_is_not_archived() {
    for w in worlds().await {
        let id = w.team("Reservations", &[&w.responder]).await;
        let new = NewPolicy {
            description: String::new(),
            is_default: true,
            policy: Policy {
                name: "Night".into(),
                repeats: 0,
                levels: vec![Level {
                    minutes: 5,
                    targets: vec![Target::Team(id)],
                }],
            },
        };
        w.service
            .make_policy(&w.commander, None, &new)
            .await
            .unwrap();
        let refused = w.service.archive_team(&w.commander, id).await;
        assert!(
            refused
                .as_ref()
                .unwrap_err()
                .to_string()
                .contains("“Night” (level 1)")
        );
        assert_eq!(code(refused), "in_use");
    }
}

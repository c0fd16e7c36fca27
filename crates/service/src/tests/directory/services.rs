use super::{fields, worlds};
use crate::{
    Error,
    directory::{NewComponent, NewService, knowing},
};
use rideout_domain::{ServiceId, ServiceKind, TeamId, UserId};

#[tokio::test]
async fn a_service_is_registered_changed_and_archived() {
    for w in worlds().await {
        let team = w.team("Reservations", &[&w.responder]).await;
        let new = NewService {
            name: "Reservations".into(),
            description: "Reserve a phone".into(),
            team: Some(team),
            owner: Some(w.responder.id),
            ..NewService::default()
        };
        let id = w
            .service
            .make_service(&w.commander, None, &new)
            .await
            .unwrap();
        let page = w.service.registered(&w.viewer, id).await.unwrap();
        assert_eq!(page.service.team.as_ref().unwrap().name, "Reservations");
        assert_eq!(page.service.owner.as_ref().unwrap().name, "Omar");
        let carrier = NewService {
            name: "Carrier API".into(),
            kind: ServiceKind::Dependency,
            contact: "Carrier desk, +1 555 0100".into(),
            response_minutes: Some(15),
            ..NewService::default()
        };
        w.service
            .change_service(&w.commander, id, &carrier)
            .await
            .unwrap();
        let listed = w.service.services(&w.viewer).await.unwrap();
        assert_eq!(listed.len(), 1);
        let one = &listed[0];
        assert_eq!(
            (one.kind, one.response_minutes),
            (ServiceKind::Dependency, Some(15))
        );
        assert_eq!(one.contact, "Carrier desk, +1 555 0100");
        assert!(one.team.is_none() && one.owner.is_none());
        assert_eq!(
            w.service.service_names(&w.viewer).await.unwrap(),
            ["Carrier API"]
        );
        w.service.archive_service(&w.commander, id).await.unwrap();
        assert!(w.service.services(&w.viewer).await.unwrap().is_empty());
        let gone = w.service.registered(&w.viewer, id).await;
        assert!(matches!(gone, Err(Error::NotFound)));
        w.registered("Carrier API").await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_service_names_its_field() {
    for w in worlds().await {
        w.registered("Größe").await;
        type Spoil = fn(&mut NewService);
        let cases: [(Spoil, &str); 8] = [
            (|s| s.name.clear(), "name"),
            (|s| s.name = "GRÖSSE".replace("SS", "ß"), "name"),
            (|s| s.description = "x".repeat(2_001), "description"),
            (|s| s.contact = "x".repeat(301), "contact"),
            (|s| s.response_minutes = Some(0), "response_minutes"),
            (|s| s.team = Some(TeamId(uuid::Uuid::from_u128(1))), "team"),
            (
                |s| s.owner = Some(UserId(uuid::Uuid::from_u128(1))),
                "owner",
            ),
            (
                |s| s.policy = Some(rideout_domain::PolicyId(uuid::Uuid::from_u128(1))),
                "policy",
            ),
        ];
        for (spoil, field) in cases {
            let mut new = NewService {
                name: "Reservations".into(),
                ..NewService::default()
            };
            spoil(&mut new);
            let refused = w.service.make_service(&w.commander, None, &new).await;
            assert_eq!(fields(refused), [field]);
        }
        assert_eq!(w.service.services(&w.viewer).await.unwrap().len(), 1);
        let forbidden = w
            .service
            .make_service(&w.responder, None, &NewService::default())
            .await;
        assert!(matches!(forbidden, Err(Error::Forbidden { .. })));
    }
}

#[tokio::test]
async fn dependencies_are_seen_from_both_sides() {
    for w in worlds().await {
        let app = w.registered("Store app").await;
        let carrier = w.registered("Carrier API").await;
        let mail = w.registered("Mail").await;
        for (dependency, hard) in [(mail, false), (carrier, false), (carrier, true)] {
            w.service
                .put_dependency(&w.commander, app, dependency, hard)
                .await
                .unwrap();
        }
        let page = w.service.registered(&w.viewer, app).await.unwrap();
        let seen: Vec<_> = page
            .relies_on
            .iter()
            .map(|d| (d.hard, d.service.name.as_str()))
            .collect();
        assert_eq!(seen, [(true, "Carrier API"), (false, "Mail")]);
        let page = w.service.registered(&w.viewer, carrier).await.unwrap();
        assert_eq!(page.relied_on_by[0].service.name, "Store app");
        assert!(page.relied_on_by[0].hard && page.relies_on.is_empty());
        assert_eq!(
            fields(w.service.put_dependency(&w.commander, app, app, true).await),
            ["dependency"]
        );
        let nothing = ServiceId(uuid::Uuid::from_u128(1));
        assert_eq!(
            fields(
                w.service
                    .put_dependency(&w.commander, app, nothing, true)
                    .await
            ),
            ["dependency"]
        );
        w.service
            .remove_dependency(&w.commander, app, mail)
            .await
            .unwrap();
        let twice = w.service.remove_dependency(&w.commander, app, mail).await;
        assert!(matches!(twice, Err(Error::NotFound)));
        w.service
            .archive_service(&w.commander, carrier)
            .await
            .unwrap();
        assert!(
            w.service
                .registered(&w.viewer, app)
                .await
                .unwrap()
                .relies_on
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_component_has_an_owner_and_experts() {
    for w in worlds().await {
        let app = w.registered("Store app").await;
        let other = w.registered("Mail").await;
        let new = NewComponent {
            name: "Thread pools".into(),
            description: String::new(),
            owner: Some(w.responder.id),
            experts: vec![w.viewer.id, w.commander.id, w.viewer.id],
        };
        let id = w
            .service
            .make_component(&w.commander, app, None, &new)
            .await
            .unwrap();
        let again = w
            .service
            .make_component(&w.commander, app, Some(id), &new)
            .await
            .unwrap();
        assert_eq!(again, id);
        let twin = w
            .service
            .make_component(&w.commander, app, None, &new)
            .await;
        assert_eq!(fields(twin), ["name"]);
        w.service
            .make_component(&w.commander, other, None, &new)
            .await
            .unwrap();
        let page = w.service.registered(&w.viewer, app).await.unwrap();
        let experts: Vec<_> = page.components[0]
            .experts
            .iter()
            .map(|e| e.name.as_str())
            .collect();
        assert_eq!(experts, ["Lena", "Priya"]);
        let changed = NewComponent {
            experts: vec![w.commander.id],
            owner: None,
            ..new.clone()
        };
        let elsewhere = w
            .service
            .change_component(&w.commander, other, id, &changed)
            .await;
        assert!(matches!(elsewhere, Err(Error::NotFound)));
        w.service
            .change_component(&w.commander, app, id, &changed)
            .await
            .unwrap();
        let page = w.service.registered(&w.viewer, app).await.unwrap();
        assert_eq!(page.components[0].experts.len(), 1);
        assert!(page.components[0].owner.is_none());
        w.service
            .archive_component(&w.commander, app, id)
            .await
            .unwrap();
        assert!(
            w.service
                .registered(&w.viewer, app)
                .await
                .unwrap()
                .components
                .is_empty()
        );
    }
}

#[tokio::test]
async fn an_owner_who_left_stays_until_another_is_chosen_and_is_not_called() {
    for w in worlds().await {
        let new = NewService {
            name: "Store app".into(),
            owner: Some(w.responder.id),
            ..NewService::default()
        };
        let id = w
            .service
            .make_service(&w.commander, None, &new)
            .await
            .unwrap();
        w.disable(w.responder.id).await;
        w.service
            .change_service(&w.commander, id, &new)
            .await
            .unwrap();
        let owner = w
            .service
            .registered(&w.viewer, id)
            .await
            .unwrap()
            .service
            .owner
            .unwrap();
        assert!(!owner.active && owner.id == w.responder.id);
        let mut conn = w.service.db.reader().await.unwrap();
        let knows = knowing(&mut conn, &["store app".into()]).await.unwrap();
        assert!(knows[0].affected.service.owner.is_none());
    }
}

#[tokio::test]
async fn what_an_incident_affects_is_found_by_name_with_everybody_around_it() {
    for w in worlds().await {
        let team = w.team("Reservations", &[&w.responder, &w.viewer]).await;
        let app = NewService {
            name: "Überblick".into(),
            team: Some(team),
            ..NewService::default()
        };
        let app = w
            .service
            .make_service(&w.commander, None, &app)
            .await
            .unwrap();
        let carrier = w.registered("Carrier API").await;
        w.service
            .put_dependency(&w.commander, app, carrier, true)
            .await
            .unwrap();
        let component = NewComponent {
            name: "Admin interface".into(),
            experts: vec![w.viewer.id, w.commander.id],
            ..NewComponent::default()
        };
        w.service
            .make_component(&w.commander, carrier, None, &component)
            .await
            .unwrap();
        w.disable(w.viewer.id).await;
        let mut conn = w.service.db.reader().await.unwrap();
        let names = ["nothing", " ÜBERBLICK", "überblick"].map(String::from);
        let knows = knowing(&mut conn, &names).await.unwrap();
        assert_eq!(knows.len(), 1);
        assert_eq!(knows[0].affected.members.len(), 1);
        assert_eq!(knows[0].affected.members[0].id, w.responder.id);
        let (hard, carrier) = &knows[0].relies_on[0];
        assert!(*hard);
        assert_eq!(carrier.service.name, "Carrier API");
        let experts: Vec<_> = carrier.components[0].experts.iter().map(|e| e.id).collect();
        assert_eq!(experts, [w.commander.id]);
    }
}

use super::{World, minute, person, worlds};
use crate::{
    directory::{NewComponent, NewService},
    incident::NewIncident,
};
use rideout_domain::{EntryBody, Incident, Role, Severity, Status};

async fn about(w: &World, services: &[&str]) -> Incident {
    let new = NewIncident {
        title: "Reservations crawl".into(),
        services: services.iter().map(|s| (*s).to_owned()).collect(),
        severity: Some(Severity::Sev2),
        ..NewIncident::default()
    };
    w.service.declare(&w.responder, new).await.unwrap()
}

async fn signals(w: &World, incident: &Incident) -> Vec<String> {
    let prompts = w.prompts(incident).await;
    let signals = prompts.iter().flat_map(|p| &p.signals);
    signals.map(|s| s.id.clone()).collect()
}

#[tokio::test]
async fn that_no_expert_is_here_is_told_and_the_expert_is_proposed_first() {
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        let ravi = person(&w.service, "Ravi", Role::Responder).await;
        let platform = w.owned("Platform", Some(ravi.id)).await;
        let component = NewComponent {
            name: "admin interface".into(),
            experts: vec![dana.id],
            ..NewComponent::default()
        };
        w.service
            .make_component(&w.commander, platform, None, &component)
            .await
            .unwrap();
        let incident = about(&w, &["platform"]).await;
        let body = EntryBody::Blocker {
            waiting_on: String::new(),
            minutes: None,
        };
        w.say(&incident, body, "Nobody reaches the admin interface.")
            .await;
        w.watch_until(60).await;
        let all = signals(&w, &incident).await;
        assert!(all.contains(&"no_expert".to_owned()), "{all:?}");
        let call = w.prompts(&incident).await.remove(0).call;
        assert_eq!(call[0].user, Some(dana.id), "{call:?}");
        assert_eq!(call[0].reason, "Knows admin interface.");
        assert_eq!(call[0].route, "by e-mail");
        assert_eq!(call[1].user, Some(ravi.id));

        // Where the expert is in the room, nothing is missing and nobody to call.
        let other = about(&w, &["Platform"]).await;
        w.service.join(&dana, other.id).await.unwrap();
        w.watch_until(120).await;
        let all = signals(&w, &other).await;
        assert!(
            !all.is_empty() && !all.contains(&"no_expert".to_owned()),
            "{all:?}"
        );
        let call = w.prompts(&other).await.remove(0).call;
        assert!(call.iter().all(|c| c.user != Some(dana.id)), "{call:?}");
    }
}

#[tokio::test]
async fn a_dependency_is_late_by_what_it_promises_in_general() {
    for w in worlds().await {
        let new = NewService {
            name: "Carrier".into(),
            kind: rideout_domain::ServiceKind::Dependency,
            response_minutes: Some(5),
            contact: "+1 555 0100".into(),
            ..NewService::default()
        };
        w.service
            .make_service(&w.commander, None, &new)
            .await
            .unwrap();
        let incident = about(&w, &["store app"]).await;
        let body = EntryBody::Asked {
            whom: "carrier".into(),
            minutes: None,
        };
        w.say(&incident, body, "How many threads wait?").await;
        w.watch_until(90).await;
        let prompts = w.prompts(&incident).await;
        let why = prompts
            .iter()
            .flat_map(|p| &p.signals)
            .find(|s| s.id == "dependency_silent")
            .map(|s| s.why.clone());
        assert!(
            why.is_some_and(|why| why.contains("carrier")),
            "{prompts:?}"
        );
    }
}

#[tokio::test]
async fn longer_than_usual_counts_only_with_enough_similar_incidents() {
    for w in worlds().await {
        let resolve = |incident: Incident| {
            let w = &w;
            async move {
                let body = EntryBody::Status {
                    from: None,
                    to: Status::Resolved,
                };
                w.say(&incident, body, "Over").await;
            }
        };
        for _ in 0..5 {
            let past = about(&w, &["store app"]).await;
            w.clock.advance_seconds(20 * 60);
            resolve(past).await;
        }
        let from = super::minutes(w.service.now());
        let incident = about(&w, &["Store App", "other"]).await;
        let stranger = about(&w, &["nothing in common"]).await;
        for m in (from..from + 60).step_by(5) {
            w.watch_until(m).await;
        }
        let all = signals(&w, &incident).await;
        assert!(all.contains(&"longer_than_usual".to_owned()), "{all:?}");
        let all = signals(&w, &stranger).await;
        assert!(
            !all.is_empty() && !all.contains(&"longer_than_usual".to_owned()),
            "{all:?}"
        );
        let first = w.prompts(&incident).await.remove(0);
        assert!(first.at > minute(from + 5));
    }
}

#[tokio::test]
async fn who_learnt_something_in_similar_incidents_is_proposed() {
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        for _ in 0..2 {
            let past = about(&w, &["store app"]).await;
            let finding = w.entry(EntryBody::Finding, "The pool is 8.");
            w.service.append(&dana, past.id, finding).await.unwrap();
            let body = EntryBody::Status {
                from: None,
                to: Status::Resolved,
            };
            w.say(&past, body, "Over").await;
        }
        let incident = about(&w, &["store app"]).await;
        w.watch_until(60).await;
        let call = w.prompts(&incident).await.remove(0).call;
        let dana = call.iter().find(|c| c.user == Some(dana.id));
        assert_eq!(
            dana.map(|c| c.reason.as_str()),
            Some("Learnt what mattered in INC-1, which was similar."),
            "{call:?}"
        );
    }
}

#[tokio::test]
async fn a_restricted_incident_is_not_named_by_whom_it_taught() {
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        let new = NewIncident {
            title: "Reservations crawl".into(),
            services: vec!["store app".into()],
            restricted: true,
            people: vec![dana.id],
            ..NewIncident::default()
        };
        let past = w.service.declare(&w.responder, new).await.unwrap();
        let finding = w.entry(EntryBody::Finding, "The pool is 8.");
        w.service.append(&dana, past.id, finding).await.unwrap();
        let body = EntryBody::Status {
            from: None,
            to: Status::Resolved,
        };
        w.say(&past, body, "Over").await;
        let incident = about(&w, &["store app"]).await;
        w.watch_until(60).await;
        let call = w.prompts(&incident).await.remove(0).call;
        assert!(call.iter().all(|c| c.user != Some(dana.id)), "{call:?}");
    }
}

#[tokio::test]
async fn a_dependency_without_accounts_is_proposed_with_its_contact_when_it_is_suspected() {
    for w in worlds().await {
        let store = w.owned("store app", None).await;
        for (name, contact) in [
            ("Carrier interface", "+1 555 0134"),
            ("Mail service", "mail desk"),
        ] {
            let new = NewService {
                name: name.into(),
                kind: rideout_domain::ServiceKind::Dependency,
                contact: contact.into(),
                response_minutes: Some(15),
                ..NewService::default()
            };
            let made = w.service.make_service(&w.commander, None, &new);
            let made = made.await.unwrap();
            w.service
                .put_dependency(&w.commander, store, made, true)
                .await
                .unwrap();
        }
        let incident = about(&w, &["store app"]).await;
        w.say(
            &incident,
            EntryBody::Hypothesis,
            "Threads wait for the carrier; no service answers.",
        )
        .await;
        w.watch_until(60).await;
        let call = w.prompts(&incident).await.remove(0).call;
        assert_eq!(call.len(), 1, "{call:?}");
        assert_eq!(
            (call[0].user, call[0].name.as_str()),
            (None, "Carrier interface")
        );
        assert_eq!(call[0].route, "+1 555 0134, who respond within 15 min");
        assert!(call[0].reason.contains("suspected"));
    }
}

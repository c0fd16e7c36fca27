use super::worlds;
use crate::{
    Error,
    incident::{Details, Filter, NewIncident, Which},
};
use rideout_domain::{Actor, EntryBody, Role, Severity, Status};

#[tokio::test]
async fn a_declared_incident_is_open_at_once_and_says_so_in_its_timeline() {
    for w in worlds().await {
        let incident = w.declared().await;
        assert_eq!(
            (incident.number, incident.status),
            (1, Status::Investigating)
        );
        let room = w.service.room(&w.viewer, incident.id).await.unwrap();
        assert_eq!(room.room.entries.len(), 1);
        assert!(matches!(
            room.room.entries[0].body,
            EntryBody::Declared {
                severity: Severity::Sev2
            }
        ));
        assert_eq!(w.service.open_incidents(&w.viewer).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn viewers_read_and_do_not_declare() {
    for w in worlds().await {
        let refused = w
            .service
            .declare(
                &w.viewer,
                NewIncident {
                    title: "x".into(),
                    ..Default::default()
                },
            )
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    }
}

#[tokio::test]
async fn a_retried_declaration_makes_one_incident() {
    for w in worlds().await {
        let id = Some(rideout_domain::IncidentId(w.service.new_id()));
        let new = NewIncident {
            id,
            title: "Once".into(),
            ..Default::default()
        };
        let first = w.service.declare(&w.responder, new.clone()).await.unwrap();
        let again = w.service.declare(&w.responder, new.clone()).await.unwrap();
        assert_eq!(first.id, again.id);
        assert!(matches!(
            w.service.declare(&w.commander, new).await,
            Err(Error::Conflict {
                code: "id_taken",
                ..
            })
        ));
        assert_eq!(w.service.all_incident_ids().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_restricted_incident_does_not_exist_for_those_not_named() {
    for w in worlds().await {
        let new = NewIncident {
            title: "Quiet".into(),
            restricted: true,
            people: vec![w.viewer.id],
            ..Default::default()
        };
        let incident = w.service.declare(&w.responder, new).await.unwrap();
        assert!(w.service.incident(&w.responder, incident.id).await.is_ok());
        assert!(w.service.incident(&w.viewer, incident.id).await.is_ok());
        for stranger in [&w.outsider, &w.commander] {
            assert!(matches!(
                w.service.incident(stranger, incident.id).await,
                Err(Error::NotFound)
            ));
            assert!(matches!(
                w.service.room(stranger, incident.id).await,
                Err(Error::NotFound)
            ));
            assert!(matches!(
                w.service.entries_after(stranger, incident.id, 0, 10).await,
                Err(Error::NotFound)
            ));
            let note = w.entry(EntryBody::Note, "let me in");
            assert!(matches!(
                w.service.append(stranger, incident.id, note).await,
                Err(Error::NotFound)
            ));
            assert_eq!(w.service.open_incidents(stranger).await.unwrap(), 0);
            let page = w
                .service
                .incidents(stranger, &Filter::default(), None, 50)
                .await
                .unwrap();
            assert!(page.incidents.is_empty());
        }
        w.service
            .grant_access(&w.responder, incident.id, w.commander.id)
            .await
            .unwrap();
        assert!(w.service.incident(&w.commander, incident.id).await.is_ok());
    }
}

#[tokio::test]
async fn the_list_shows_open_ones_first_the_worst_on_top_and_pages_without_gap_or_repeat() {
    for w in worlds().await {
        let mut ids = Vec::new();
        for n in 0..7 {
            let new = NewIncident {
                title: format!("Number {n}"),
                severity: Some(if n % 2 == 0 {
                    Severity::Sev1
                } else {
                    Severity::Sev3
                }),
                ..Default::default()
            };
            ids.push(w.service.declare(&w.responder, new).await.unwrap().id);
        }
        for id in [ids[1], ids[4], ids[5]] {
            let done = w.entry(
                EntryBody::Status {
                    from: None,
                    to: Status::Resolved,
                },
                "it is over",
            );
            w.service.append(&w.responder, id, done).await.unwrap();
        }
        let all = Filter {
            which: Which::All,
            ..Default::default()
        };
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = w
                .service
                .incidents(&w.viewer, &all, cursor, 2)
                .await
                .unwrap();
            seen.extend(page.incidents.iter().map(|one| one.incident.number));
            match page.next {
                Some(next) => cursor = Some(next.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen, [7, 3, 1, 4, 6, 5, 2]);
        let count = |filter: Filter| {
            let (service, viewer) = (w.service.clone(), w.viewer.clone());
            async move {
                service
                    .incidents(&viewer, &filter, None, 50)
                    .await
                    .unwrap()
                    .incidents
                    .len()
            }
        };
        assert_eq!(count(Filter::default()).await, 4);
        assert_eq!(
            count(Filter {
                which: Which::Resolved,
                ..Default::default()
            })
            .await,
            3
        );
        assert_eq!(
            count(Filter {
                which: Which::Status(Status::Resolved),
                ..Default::default()
            })
            .await,
            3
        );
        assert_eq!(
            count(Filter {
                severity: Some(Severity::Sev1),
                ..Default::default()
            })
            .await,
            3
        );
        assert_eq!(
            count(Filter {
                text: Some("number 6".into()),
                ..Default::default()
            })
            .await,
            1
        );
        assert_eq!(
            count(Filter {
                text: Some("INC-7".into()),
                ..Default::default()
            })
            .await,
            1
        );
        assert_eq!(
            count(Filter {
                text: Some("100%_".into()),
                ..Default::default()
            })
            .await,
            0
        );
    }
}

#[tokio::test]
async fn changed_details_are_told_in_the_timeline() {
    for w in worlds().await {
        let incident = w.declared().await;
        let details = Details {
            title: Some("Reservations fail".into()),
            ..Default::default()
        };
        let changed = w
            .service
            .update_details(&w.responder, incident.id, details.clone())
            .await
            .unwrap();
        assert_eq!(
            (changed.title.as_str(), changed.last_seq),
            ("Reservations fail", 2)
        );
        let same = w
            .service
            .update_details(&w.responder, incident.id, details)
            .await
            .unwrap();
        assert_eq!(same.last_seq, 2, "nothing changed, nothing is told");
        let empty = Details {
            title: Some("  ".into()),
            ..Default::default()
        };
        assert!(matches!(
            w.service
                .update_details(&w.responder, incident.id, empty)
                .await,
            Err(Error::Invalid(_))
        ));
    }
}

#[tokio::test]
async fn ten_thousand_services_or_people_are_judged_at_once() {
    for w in worlds().await {
        let many = NewIncident {
            title: "x".into(),
            services: (0..10_000).map(|n| format!("service {n}")).collect(),
            ..NewIncident::default()
        };
        let refused = w.service.declare(&w.responder, many).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].field == "services"));
        let again_and_again = NewIncident {
            title: "x".into(),
            restricted: true,
            people: vec![w.viewer.id; 10_000],
            ..NewIncident::default()
        };
        let incident = w
            .service
            .declare(&w.responder, again_and_again)
            .await
            .unwrap();
        assert!(w.service.incident(&w.viewer, incident.id).await.is_ok());
        let log = w
            .service
            .audit_log(&w.outsider, &Default::default(), None, 10)
            .await
            .unwrap();
        let line = log
            .entries
            .iter()
            .find(|e| e.action == "incident.restricted")
            .unwrap();
        assert_eq!(line.detail["people"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn who_declared_it_and_may_only_read_by_now_names_nobody() {
    for w in worlds().await {
        let new = NewIncident {
            title: "x".into(),
            restricted: true,
            ..NewIncident::default()
        };
        let incident = w.service.declare(&w.responder, new).await.unwrap();
        let demoted = Actor {
            role: Role::Viewer,
            ..w.responder.clone()
        };
        let refused = w
            .service
            .grant_access(&demoted, incident.id, w.commander.id)
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        assert!(matches!(
            w.service.incident(&w.commander, incident.id).await,
            Err(Error::NotFound)
        ));
    }
}

use super::worlds;
use crate::{
    Error,
    attachment::{Looked, Upload},
};
use rideout_domain::{EntryBody, Stance};

#[tokio::test]
async fn a_stakeholder_link_shows_updates_and_nothing_else_until_it_is_revoked() {
    for w in worlds().await {
        let id = w.declared().await.id;
        w.service
            .append(&w.responder, id, w.entry(EntryBody::Note, "internal words"))
            .await
            .unwrap();
        let update = w.entry(
            EntryBody::StakeholderUpdate {
                next_minutes: Some(30),
            },
            "Reservations are slow",
        );
        w.service.append(&w.responder, id, update).await.unwrap();
        let refused = w
            .service
            .make_stakeholder_link(&w.responder, id, "Directors")
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let (link, token) = w
            .service
            .make_stakeholder_link(&w.commander, id, "Directors")
            .await
            .unwrap();
        let view = w.service.stakeholder_view(&token).await.unwrap();
        assert_eq!(view.updates.len(), 1);
        let shown = serde_json::to_string(&view).unwrap();
        assert!(
            !shown.contains("internal words") && !shown.contains("Omar"),
            "{shown}"
        );
        assert!(matches!(
            w.service.stakeholder_view("guess").await,
            Err(Error::NotFound)
        ));
        assert!(
            w.service.sharing(&w.commander, id).await.unwrap().links[0]
                .last_viewed_at
                .is_some()
        );
        w.service
            .revoke_stakeholder_link(&w.commander, id, link)
            .await
            .unwrap();
        assert!(matches!(
            w.service.stakeholder_view(&token).await,
            Err(Error::NotFound)
        ));
        let twice = w
            .service
            .revoke_stakeholder_link(&w.commander, id, link)
            .await;
        assert!(matches!(twice, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn a_file_is_attached_to_evidence_and_goes_with_its_redaction() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let upload = |name: &str, size: usize| Upload {
            name: name.into(),
            content_type: "text/plain; charset=utf-8".into(),
            content: vec![b'x'; size],
        };
        let file = w
            .service
            .attach(&w.responder, id, upload("../../etc/threads.txt", 10))
            .await
            .unwrap();
        assert_eq!(
            (file.name.as_str(), file.content_type.as_str()),
            ("threads.txt", "text/plain")
        );
        let big = w
            .service
            .attach(
                &w.responder,
                id,
                upload("big", rideout_domain::text::ATTACHMENT_MAX + 1),
            )
            .await;
        assert!(matches!(big, Err(Error::TooLarge { .. })));
        let body = EntryBody::Evidence {
            link: None,
            attachment: Some(file.clone()),
            hypothesis: None,
            stance: Stance::Neutral,
        };
        let entry = w
            .service
            .append(&w.responder, id, w.entry(body, ""))
            .await
            .unwrap()
            .entry;
        let orphan = w
            .service
            .attach(&w.responder, id, upload("orphan", 1))
            .await
            .unwrap();
        let mut looked = Looked::default();
        let tidy = async |looked: &mut Looked| {
            w.service.delete_orphaned_attachments(looked).await.unwrap()
        };
        w.clock.advance_seconds(24 * 3600 - 1);
        assert_eq!(tidy(&mut looked).await, 0, "for a day it may be mentioned");
        w.clock.advance_seconds(24 * 3600);
        assert_eq!(tidy(&mut looked).await, 1);
        assert!(matches!(
            w.service.attachment(&w.viewer, id, orphan.id).await,
            Err(Error::NotFound)
        ));
        assert_eq!(
            w.service
                .attachment(&w.viewer, id, file.id)
                .await
                .unwrap()
                .content
                .len(),
            10
        );
        w.service
            .redact_entry(&w.commander, id, entry.id, "")
            .await
            .unwrap();
        assert!(matches!(
            w.service.attachment(&w.viewer, id, file.id).await,
            Err(Error::NotFound)
        ));
        assert!(
            w.service
                .attachment(&w.commander, id, file.id)
                .await
                .is_ok()
        );

        let later = w
            .service
            .attach(&w.responder, id, upload("later", 1))
            .await
            .unwrap();
        w.clock.advance_seconds(2 * 24 * 3600);
        assert_eq!(tidy(&mut looked).await, 1, "it goes on where it left off");
        assert!(matches!(
            w.service.attachment(&w.viewer, id, later.id).await,
            Err(Error::NotFound)
        ));
        let mut anew = Looked::default();
        assert_eq!(tidy(&mut anew).await, 0, "what was redacted is kept");
        assert!(
            w.service
                .attachment(&w.commander, id, file.id)
                .await
                .is_ok()
        );
    }
}

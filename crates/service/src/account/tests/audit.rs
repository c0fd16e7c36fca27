use super::*;
use crate::account::{AuditCursor, AuditFilter, audit::csv_line};

#[tokio::test]
async fn the_log_is_read_page_by_page_newest_first() {
    for world in worlds().await {
        for n in 0..7 {
            world
                .service
                .make_token(&world.omar, None, &format!("token {n}"))
                .await
                .unwrap();
            // Several in the same microsecond must not be lost between pages.
            if n % 3 == 0 {
                world.clock.advance_seconds(1);
            }
        }
        let filter = AuditFilter {
            action: Some("token".into()),
            ..AuditFilter::default()
        };
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = world
                .service
                .audit_log(&world.grace, &filter, cursor, 2)
                .await
                .unwrap();
            assert!(page.entries.len() <= 2);
            seen.extend(page.entries.into_iter().map(|entry| entry.subject));
            let Some(next) = page.next else { break };
            let round: AuditCursor = next.to_string().parse().unwrap();
            assert_eq!(round, next);
            cursor = Some(next);
        }
        seen.sort();
        let expected: Vec<_> = (0..7).map(|n| format!("token {n}")).collect();
        assert_eq!(seen, expected);
        assert!("12".parse::<AuditCursor>().is_err() && "a.b".parse::<AuditCursor>().is_err());
    }
}

#[tokio::test]
async fn filters_narrow_the_log() {
    for world in worlds().await {
        world.clock.advance_seconds(60);
        world.omar_logs_in().await;
        world.clock.advance_seconds(3540);
        world
            .service
            .make_token(&world.omar, None, "100%_sure")
            .await
            .unwrap();
        let found = async |filter: AuditFilter| {
            let page = world
                .service
                .audit_log(&world.grace, &filter, None, 100)
                .await
                .unwrap();
            page.entries
                .into_iter()
                .map(|entry| entry.action)
                .collect::<Vec<_>>()
        };
        let text = |text: &str| AuditFilter {
            text: Some(text.into()),
            ..AuditFilter::default()
        };
        assert_eq!(found(text("100%_SURE")).await, ["token.made"]);
        assert_eq!(
            found(text("100%sure")).await,
            Vec::<String>::new(),
            "no wildcards"
        );
        assert_eq!(found(text("omar haddad")).await, ["token.made", "login.ok"]);
        assert_eq!(
            found(AuditFilter {
                action: Some("login.ok".into()),
                ..AuditFilter::default()
            })
            .await
            .len(),
            1
        );
        assert_eq!(
            found(AuditFilter {
                action: Some("log".into()),
                ..AuditFilter::default()
            })
            .await
            .len(),
            0
        );
        let later = GO_LIVE.plus_seconds(3600);
        assert_eq!(
            found(AuditFilter {
                from: Some(later),
                ..AuditFilter::default()
            })
            .await,
            ["token.made"]
        );
        let before = found(AuditFilter {
            until: Some(later),
            ..AuditFilter::default()
        })
        .await;
        assert_eq!(before, ["login.ok", "user.created", "user.created"]);
    }
}

#[tokio::test]
async fn each_line_says_who_what_whom_and_whence() {
    for world in worlds().await {
        world.clock.advance_seconds(60);
        world
            .service
            .set_role(&world.grace, world.omar.id, Role::Commander)
            .await
            .unwrap();
        world.clock.advance_seconds(60);
        let _ = world
            .log_in_from("omar@example.org", OTHER, "203.0.113.5")
            .await;
        let log = world
            .service
            .audit_log(&world.grace, &AuditFilter::default(), None, 2)
            .await
            .unwrap();
        let [failed, role] = &log.entries[..] else {
            panic!("{log:?}")
        };
        assert_eq!(
            (failed.action.as_str(), failed.actor_id),
            ("login.failed", None)
        );
        assert_eq!(
            (failed.subject.as_str(), failed.address.as_str()),
            ("omar@example.org", "203.0.113.5")
        );
        assert_eq!(failed.detail["account"], world.omar.id.to_string());
        assert_eq!(
            (role.actor.as_str(), role.actor_id),
            ("Grace Obi", Some(world.grace.id))
        );
        assert_eq!(
            (role.action.as_str(), role.subject.as_str()),
            ("user.role", "omar@example.org")
        );
        assert_eq!(
            (role.address.as_str(), role.at),
            (HOME, GO_LIVE.plus_seconds(60))
        );
        assert_eq!(
            (&role.detail["from"], &role.detail["to"]),
            (&"responder".into(), &"commander".into())
        );
        let line = csv_line(role);
        assert!(
            line.starts_with("\"2010-06-15T09:01:00Z\",\"Grace Obi\","),
            "{line}"
        );
        assert!(
            line.contains("\"\"to\"\":\"\"commander\"\"") && line.ends_with("\r\n"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn only_admins_read_it_and_an_export_is_itself_written_down() {
    for world in worlds().await {
        let none = AuditFilter::default();
        let refused = world.service.audit_log(&world.omar, &none, None, 10).await;
        assert!(matches!(
            refused,
            Err(Error::Forbidden { needs: Role::Admin })
        ));
        assert!(
            world
                .service
                .audit_export(&world.omar, &none, "CSV")
                .await
                .is_err()
        );
        world
            .service
            .audit_export(&world.grace, &none, "CSV")
            .await
            .unwrap();
        assert!(world.actions().await.contains(&"audit.exported".to_owned()));
    }
}

#[tokio::test]
async fn what_fails_leaves_no_line() {
    for world in worlds().await {
        let before = world.actions().await;
        let _ = world
            .service
            .set_role(&world.grace, world.grace.id, Role::Viewer)
            .await;
        let _ = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "omar@example.org")
            .await;
        let _ = world.service.make_token(&world.omar, None, "").await;
        assert_eq!(world.actions().await, before);
    }
}

#[tokio::test]
async fn exports_are_written_down_unless_nothing_can_be() {
    for world in worlds().await {
        let service = &world.service;
        service
            .note_export(&world.omar, "INC-7", "Markdown")
            .await
            .unwrap();
        service.note_export_of_all(3, "JSON").await.unwrap();
        let filter = AuditFilter {
            action: Some("export".into()),
            ..AuditFilter::default()
        };
        let log = service
            .audit_log(&world.grace, &filter, None, 10)
            .await
            .unwrap();
        assert_eq!(log.entries.len(), 2);
        world.db.close().await;
        service
            .note_export(&world.omar, "INC-7", "Markdown")
            .await
            .unwrap();
    }
}

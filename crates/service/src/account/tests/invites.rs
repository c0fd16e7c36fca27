use super::*;
use crate::account::{NewAccount, invite};

const DANA: NewAccount<'static> = NewAccount {
    name: "Dana Kim",
    email: "Dana@Example.org",
    password: "platform engineer on call",
};

#[tokio::test]
async fn an_invitation_makes_one_account_and_signs_in() {
    for world in worlds().await {
        let made = world
            .service
            .make_invite(&world.grace, None, Role::Commander, " Dana@example.org ")
            .await
            .unwrap();
        assert_eq!(made.invite.email.as_deref(), Some("dana@example.org"));
        let shown = world.service.invite(&made.token).await.unwrap();
        assert_eq!(
            (shown.role, shown.created_by.as_deref()),
            (Role::Commander, Some("Grace Obi"))
        );
        let signed_in = world
            .service
            .accept_invite(&made.token, DANA, visit(HOME))
            .await
            .unwrap();
        assert_eq!(signed_in.actor.role, Role::Commander);
        assert_eq!(world.who(&signed_in).await.unwrap().name, "Dana Kim");
        assert!(
            world
                .log_in_from("dana@example.org", DANA.password, HOME)
                .await
                .is_ok()
        );
        let again = world.service.accept_invite(
            &made.token,
            NewAccount {
                email: "e@x.org",
                ..DANA
            },
            visit(HOME),
        );
        assert_eq!(code_of(&again.await), "link_used");
        assert!(
            world
                .service
                .invites(&world.grace)
                .await
                .unwrap()
                .is_empty()
        );
        let actions = world.actions().await;
        assert!(
            actions.contains(&"invite.made".to_owned())
                && actions.contains(&"invite.used".to_owned())
        );
    }
}

#[tokio::test]
async fn two_who_open_one_link_at_once_make_one_account() {
    for world in worlds().await {
        let before = world.count(&USERS).await;
        let made = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "")
            .await
            .unwrap();
        let emails: Vec<String> = (0..8).map(|n| format!("guest{n}@example.org")).collect();
        let tries = emails.iter().map(|email| {
            world
                .service
                .accept_invite(&made.token, NewAccount { email, ..DANA }, visit(HOME))
        });
        let answers = futures::future::join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(
            answers
                .iter()
                .filter(|answer| answer.is_err())
                .all(|answer| code_of(answer) == "link_used")
        );
        assert_eq!(world.count(&USERS).await, before + 1);
        assert_eq!(world.count(&SESSIONS).await, 1);
    }
}

#[tokio::test]
async fn an_invitation_ends_by_time_or_by_being_taken_back() {
    for world in worlds().await {
        let made = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "")
            .await
            .unwrap();
        world.clock.advance_seconds(invite::DAYS * 24 * 3600 - 1);
        assert!(world.service.invite(&made.token).await.is_ok());
        world.clock.advance_seconds(1);
        assert_eq!(
            code_of(&world.service.invite(&made.token).await),
            "link_expired"
        );
        assert_eq!(
            code_of(
                &world
                    .service
                    .accept_invite(&made.token, DANA, visit(HOME))
                    .await
            ),
            "link_expired"
        );
        assert_eq!(
            world.service.invites(&world.grace).await.unwrap().len(),
            1,
            "shown as expired"
        );

        let made = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "")
            .await
            .unwrap();
        world
            .service
            .revoke_invite(&world.grace, made.invite.id)
            .await
            .unwrap();
        world
            .service
            .revoke_invite(&world.grace, made.invite.id)
            .await
            .unwrap();
        assert_eq!(
            code_of(
                &world
                    .service
                    .accept_invite(&made.token, DANA, visit(HOME))
                    .await
            ),
            "link_revoked"
        );
        assert!(matches!(
            world.service.invite("made up").await,
            Err(Error::NotFound)
        ));
        let nothing = world.service.revoke_invite(
            &world.grace,
            rideout_domain::InviteId(world.service.new_id()),
        );
        assert!(matches!(nothing.await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_all_at_once_and_spoils_nothing() {
    for world in worlds().await {
        let made = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "dana@example.org")
            .await
            .unwrap();
        let accept = |new| world.service.accept_invite(&made.token, new, visit(HOME));
        let all_wrong = NewAccount {
            name: " ",
            email: "x",
            password: "short",
        };
        assert_eq!(field_of(&accept(all_wrong).await), "name,email,password");
        assert_eq!(
            field_of(
                &accept(NewAccount {
                    email: "other@example.org",
                    ..DANA
                })
                .await
            ),
            "email"
        );
        assert_eq!(
            field_of(
                &accept(NewAccount {
                    password: "dana@example.org",
                    ..DANA
                })
                .await
            ),
            "password"
        );
        assert!(accept(DANA).await.is_ok());
        let open = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "")
            .await
            .unwrap();
        let taken = world
            .service
            .accept_invite(&open.token, DANA, visit(HOME))
            .await;
        assert_eq!(field_of(&taken), "email");
        assert!(
            world.service.invite(&open.token).await.is_ok(),
            "still good"
        );
        let known = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "DANA@example.org")
            .await;
        assert_eq!(field_of(&known), "email");
        assert_eq!(
            field_of(
                &world
                    .service
                    .make_invite(&world.grace, None, Role::Viewer, "x")
                    .await
            ),
            "email"
        );
    }
}

#[tokio::test]
async fn only_admins_invite() {
    for world in worlds().await {
        let made = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "")
            .await
            .unwrap();
        let forbidden = |error: Error| matches!(error, Error::Forbidden { needs: Role::Admin });
        assert!(forbidden(
            world
                .service
                .make_invite(&world.omar, None, Role::Viewer, "")
                .await
                .err()
                .unwrap()
        ));
        assert!(forbidden(
            world.service.invites(&world.omar).await.unwrap_err()
        ));
        assert!(forbidden(
            world
                .service
                .revoke_invite(&world.omar, made.invite.id)
                .await
                .unwrap_err()
        ));
        assert!(world.service.invite(&made.token).await.is_ok());
    }
}

#[tokio::test]
async fn invitations_of_an_admin_end_with_the_role() {
    for world in worlds().await {
        let ada = made(&world.service, "Ada", "ada@example.org", Role::Admin).await;
        let first = world
            .service
            .make_invite(&ada, None, Role::Admin, "")
            .await
            .unwrap();
        world
            .service
            .set_role(&world.grace, ada.id, Role::Viewer)
            .await
            .unwrap();
        assert_eq!(
            code_of(&world.service.invite(&first.token).await),
            "link_revoked"
        );
        world
            .service
            .set_role(&world.grace, ada.id, Role::Admin)
            .await
            .unwrap();
        let second = world
            .service
            .make_invite(&ada, None, Role::Admin, "")
            .await
            .unwrap();
        world
            .service
            .disable_person(&world.grace, ada.id)
            .await
            .unwrap();
        assert_eq!(
            code_of(&world.service.invite(&second.token).await),
            "link_revoked"
        );
    }
}

/// A service on an empty database of each kind.
async fn empty() -> Vec<(Service, Arc<ManualClock>, TestDb)> {
    let databases = databases().await.into_iter();
    databases
        .map(|db| {
            let clock = Arc::new(ManualClock::new(GO_LIVE));
            (service(&db, &clock, 9), clock, db)
        })
        .collect()
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_admin_once() {
    for (service, _clock, _db) in empty().await {
        assert!(!service.has_admin().await.unwrap());
        let older = service.setup_link().await.unwrap().unwrap();
        let link = service.setup_link().await.unwrap().unwrap();
        assert_eq!(code_of(&service.invite(&older).await), "link_revoked");
        let shown = service.invite(&link).await.unwrap();
        assert_eq!((shown.role, shown.created_by), (Role::Admin, None));
        let first = service
            .accept_invite(&link, DANA, visit(HOME))
            .await
            .unwrap();
        assert_eq!(first.actor.role, Role::Admin);
        assert!(service.has_admin().await.unwrap());
        assert_eq!(service.setup_link().await.unwrap(), None);
        assert_eq!(
            code_of(&service.accept_invite(&link, DANA, visit(HOME)).await),
            "link_used"
        );
        let log = service
            .audit_log(&first.actor, &Default::default(), None, 10)
            .await
            .unwrap();
        let mut said: Vec<_> = log
            .entries
            .iter()
            .map(|entry| entry.action.as_str())
            .collect();
        said.sort_unstable();
        assert_eq!(said, ["login.ok", "setup.made", "setup.made", "setup.used"]);
        assert!(service.invites(&first.actor).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_set_up_link_dies_when_an_admin_is_made_otherwise() {
    for (service, _clock, _db) in empty().await {
        let link = service.setup_link().await.unwrap().unwrap();
        made(&service, "Viewer", "viewer@example.org", Role::Viewer).await;
        assert!(service.invite(&link).await.is_ok(), "a viewer is no admin");
        made(&service, "Grace", "grace@example.org", Role::Admin).await;
        assert_eq!(code_of(&service.invite(&link).await), "link_used");
        assert_eq!(
            code_of(&service.accept_invite(&link, DANA, visit(HOME)).await),
            "link_used"
        );
    }
}

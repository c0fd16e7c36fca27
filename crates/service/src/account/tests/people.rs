use super::*;
use rideout_domain::UserId;

#[tokio::test]
async fn a_role_changes_at_once_and_ends_nothing() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        assert_eq!(world.who(&here).await.unwrap().role, Role::Responder);
        world
            .service
            .set_role(&world.grace, world.omar.id, Role::Viewer)
            .await
            .unwrap();
        assert_eq!(world.who(&here).await.unwrap().role, Role::Viewer);
        world
            .service
            .set_role(&world.grace, world.omar.id, Role::Viewer)
            .await
            .unwrap();
        let changes = world
            .actions()
            .await
            .iter()
            .filter(|action| *action == "user.role")
            .count();
        assert_eq!(changes, 1, "the same role again is no change");
    }
}

#[tokio::test]
async fn the_last_admin_stays() {
    for world in worlds().await {
        let demote = |user: UserId| world.service.set_role(&world.grace, user, Role::Commander);
        assert_eq!(code_of(&demote(world.grace.id).await), "last_admin");
        let ada = made(&world.service, "Ada", "ada@example.org", Role::Admin).await;
        assert_eq!(
            code_of(
                &world
                    .service
                    .disable_person(&world.grace, world.grace.id)
                    .await
            ),
            "yourself"
        );
        world
            .service
            .disable_person(&world.grace, ada.id)
            .await
            .unwrap();
        assert_eq!(
            code_of(&demote(world.grace.id).await),
            "last_admin",
            "a disabled admin is none"
        );
        demote(ada.id).await.unwrap();
    }
}

#[tokio::test]
async fn two_admins_who_dismiss_each_other_at_once_leave_one() {
    for world in worlds().await {
        let ada = made(&world.service, "Ada", "ada@example.org", Role::Admin).await;
        for _ in 0..5 {
            let (a, b) = tokio::join!(
                world.service.set_role(&world.grace, ada.id, Role::Viewer),
                world.service.disable_person(&ada, world.grace.id),
            );
            assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1, "{a:?} {b:?}");
            assert!(world.service.has_admin().await.unwrap());
            world
                .service
                .enable_person(&ada, world.grace.id)
                .await
                .unwrap();
            world
                .service
                .set_role(&ada, ada.id, Role::Admin)
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        let (_, token) = world
            .service
            .make_token(&world.omar, None, "ci")
            .await
            .unwrap();
        assert!(world.who(&here).await.is_some());
        assert!(
            world
                .service
                .authenticate_token(&token, HOME)
                .await
                .unwrap()
                .is_some()
        );
        world
            .service
            .disable_person(&world.grace, world.omar.id)
            .await
            .unwrap();
        world
            .service
            .disable_person(&world.grace, world.omar.id)
            .await
            .unwrap();
        assert!(world.who(&here).await.is_none());
        assert!(
            world
                .service
                .authenticate_token(&token, HOME)
                .await
                .unwrap()
                .is_none()
        );
        assert!(is_wrong(
            &world.log_in_from("omar@example.org", PASSWORD, HOME).await
        ));
        assert!(
            !world
                .service
                .people()
                .await
                .unwrap()
                .iter()
                .any(|person| person.id == world.omar.id)
        );
        world
            .service
            .enable_person(&world.grace, world.omar.id)
            .await
            .unwrap();
        assert!(world.who(&here).await.is_none(), "sessions stay ended");
        assert!(
            world
                .service
                .authenticate_token(&token, HOME)
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            world
                .log_in_from("omar@example.org", PASSWORD, HOME)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn an_admin_can_end_somebodys_sessions() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        assert_eq!(
            world
                .service
                .end_sessions_of(&world.grace, world.omar.id)
                .await
                .unwrap(),
            1
        );
        assert!(world.who(&here).await.is_none());
    }
}

#[tokio::test]
async fn a_new_name_shows_at_once() {
    for world in worlds().await {
        let mut live = world.db.subscribe();
        let here = world.omar_logs_in().await;
        assert!(world.who(&here).await.is_some());
        assert_eq!(
            field_of(&world.service.rename(&here.actor, "  ").await),
            "name"
        );
        world
            .service
            .rename(&here.actor, " Omar\n H. ")
            .await
            .unwrap();
        assert_eq!(world.who(&here).await.unwrap().name, "Omar H.");
        let heard = tokio::time::timeout(std::time::Duration::from_secs(20), live.recv()).await;
        assert_eq!(heard.unwrap().unwrap(), crate::db::LiveEvent::RESYNC);
    }
}

#[tokio::test]
async fn people_are_listed_by_name_and_managed_by_admins_only() {
    for world in worlds().await {
        made(&world.service, "ada", "ada@example.org", Role::Viewer).await;
        world.omar_logs_in().await;
        let names: Vec<_> = world
            .service
            .people()
            .await
            .unwrap()
            .into_iter()
            .map(|p| p.name)
            .collect();
        assert_eq!(names, ["ada", "Grace Obi", "Omar Haddad"]);
        let listed = world.service.people_list(&world.grace).await.unwrap();
        assert_eq!(listed[2].email, "omar@example.org");
        assert_eq!(listed[2].last_seen_at, Some(world.service.now()));
        assert_eq!(listed[1].last_seen_at, None);
        let (service, omar, id) = (&world.service, &world.omar, world.grace.id);
        let refused = [
            service.people_list(omar).await.map(drop),
            service.set_role(omar, omar.id, Role::Admin).await,
            service.disable_person(omar, id).await,
            service.enable_person(omar, id).await,
            service.end_sessions_of(omar, id).await.map(drop),
        ];
        for answer in refused {
            assert!(
                matches!(answer, Err(Error::Forbidden { needs: Role::Admin })),
                "{answer:?}"
            );
        }
        let nobody = UserId(service.new_id());
        for answer in [
            service.set_role(&world.grace, nobody, Role::Viewer).await,
            service.disable_person(&world.grace, nobody).await,
            service.enable_person(&world.grace, nobody).await,
            service
                .end_sessions_of(&world.grace, nobody)
                .await
                .map(drop),
        ] {
            assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn an_address_belongs_to_one_person() {
    for world in worlds().await {
        let again = NewUser {
            email: "OMAR@example.org",
            name: "Omar II",
            role: Role::Viewer,
            password: PASSWORD,
        };
        assert_eq!(field_of(&world.service.user_create(again).await), "email");
        assert_eq!(world.count(&USERS).await, 2);
    }
}

#[tokio::test]
async fn the_command_line_does_what_admins_do() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        let service = &world.service;
        service
            .user_role("OMAR@example.org", Role::Viewer)
            .await
            .unwrap();
        assert_eq!(world.who(&here).await.unwrap().role, Role::Viewer);
        assert_eq!(
            code_of(&service.user_role("grace@example.org", Role::Viewer).await),
            "last_admin"
        );
        assert_eq!(
            code_of(&service.user_disable("grace@example.org").await),
            "last_admin"
        );
        service.user_disable("omar@example.org").await.unwrap();
        assert!(world.who(&here).await.is_none());
        service.user_enable("omar@example.org").await.unwrap();
        assert!(matches!(
            service.user_enable("nobody@example.org").await,
            Err(Error::NotFound)
        ));
        assert_eq!(
            field_of(&service.user_role("x", Role::Admin).await),
            "email"
        );
        assert_eq!(service.user_list().await.unwrap().len(), 2);
        let log = service
            .audit_log(&world.grace, &Default::default(), None, 100)
            .await
            .unwrap();
        let disabled = log
            .entries
            .iter()
            .find(|entry| entry.action == "user.disabled")
            .unwrap();
        assert_eq!(
            (disabled.actor.as_str(), disabled.actor_id),
            ("the command line", None)
        );
    }
}

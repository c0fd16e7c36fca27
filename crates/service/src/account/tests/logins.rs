use super::*;

#[tokio::test]
async fn the_right_password_begins_a_session_and_is_written_down() {
    for world in worlds().await {
        let signed_in = world.omar_logs_in().await;
        assert_eq!(signed_in.actor, world.omar);
        assert_eq!(signed_in.token.len(), 43);
        assert_eq!(world.who(&signed_in).await.unwrap(), world.omar);
        assert!(world.actions().await.contains(&"login.ok".to_owned()));
        let upper = world
            .log_in_from(" Omar@Example.ORG ", PASSWORD, HOME)
            .await;
        assert!(upper.is_ok(), "addresses are not case-sensitive");
    }
}

#[tokio::test]
async fn every_wrong_combination_gets_the_same_answer() {
    for world in worlds().await {
        world
            .service
            .disable_person(&world.grace, world.omar.id)
            .await
            .unwrap();
        let answers = [
            world.log_in_from("grace@example.org", OTHER, HOME).await,
            world
                .log_in_from("nobody@example.org", PASSWORD, HOME)
                .await,
            world.log_in_from("not an address", PASSWORD, HOME).await,
            world.log_in_from("omar@example.org", PASSWORD, HOME).await,
            world.log_in_from("", "", HOME).await,
            world
                .log_in_from("grace@example.org", &"x".repeat(100_000), HOME)
                .await,
        ];
        let said: Vec<String> = answers
            .iter()
            .map(|answer| match answer {
                Err(error @ Error::Invalid(_)) => error.to_string(),
                _ => panic!("let in, or another error"),
            })
            .collect();
        assert!(answers.iter().all(is_wrong));
        assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
        let failed = world
            .actions()
            .await
            .iter()
            .filter(|action| *action == "login.failed")
            .count();
        assert_eq!(failed, 6);
    }
}

#[tokio::test]
async fn no_secret_is_stored_in_clear() {
    for world in worlds().await {
        let signed_in = world.omar_logs_in().await;
        let _ = world
            .log_in_from("a password typed into the wrong field", OTHER, HOME)
            .await;
        let (_, token) = world
            .service
            .make_token(&signed_in.actor, None, "deploy")
            .await
            .unwrap();
        let invite = world
            .service
            .make_invite(&world.grace, None, Role::Viewer, "")
            .await
            .unwrap();
        let rows = world
            .db
            .reader()
            .await
            .unwrap()
            .fetch_all(&STORED_TEXT, &[])
            .await
            .unwrap();
        for secret in [PASSWORD, OTHER, &signed_in.token, &token, &invite.token] {
            assert!(
                !rows
                    .iter()
                    .any(|row| row.text("t").unwrap().contains(secret))
            );
        }
        // What is no address is counted, but not written into the log that admins read.
        let log = world
            .service
            .audit_log(&world.grace, &Default::default(), None, 100)
            .await
            .unwrap();
        assert!(
            !log.entries
                .iter()
                .any(|entry| entry.subject.contains("wrong field"))
        );
    }
}

#[tokio::test]
async fn a_log_in_takes_the_place_of_the_session_the_browser_had() {
    for world in worlds().await {
        let first = world.omar_logs_in().await;
        let again = Visit {
            session: Some(&first.token),
            ..visit(HOME)
        };
        let typed = Credentials {
            email: "omar@example.org",
            password: PASSWORD,
        };
        let second = world.service.log_in(typed, again).await.unwrap();
        assert_ne!(first.token, second.token);
        assert!(world.who(&first).await.is_none());
        assert!(world.who(&second).await.is_some());
        // A made-up session does no harm.
        let again = Visit {
            session: Some("made up"),
            ..visit(HOME)
        };
        assert!(world.service.log_in(typed, again).await.is_ok());
    }
}

#[tokio::test]
async fn an_old_hash_is_renewed_by_a_log_in() {
    for world in worlds().await {
        let weak = weak_hash(PASSWORD);
        let set = weak.clone();
        world
            .service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&SET_HASH, &crate::args!["omar@example.org", set])
                        .await
                        .map_err(Error::from)
                })
            })
            .await
            .unwrap();
        assert!(is_wrong(
            &world.log_in_from("omar@example.org", OTHER, HOME).await
        ));
        assert_eq!(stored(&world).await, weak, "a failure renews nothing");
        world.omar_logs_in().await;
        let renewed = stored(&world).await;
        assert!(
            renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{renewed}"
        );
        world.omar_logs_in().await;
        assert_eq!(stored(&world).await, renewed, "once is enough");
    }
}

async fn stored(world: &World) -> String {
    let mut conn = world.db.reader().await.unwrap();
    conn.fetch_one(&HASH, &crate::args!["omar@example.org"])
        .await
        .unwrap()
        .text("password_hash")
        .unwrap()
}

fn weak_hash(password: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
    let params = Params::new(8, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2
        .hash_password_with_salt(password.as_bytes(), b"sixteen bytes ok")
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    for world in worlds().await {
        let (here, there) = (world.omar_logs_in().await, world.omar_logs_in().await);
        let change = |present, new| {
            world
                .service
                .change_password(&here.actor, Some(&here.token), present, new)
        };
        assert_eq!(
            field_of(&change(OTHER, "a brand new one").await),
            "current_password"
        );
        assert_eq!(field_of(&change(PASSWORD, "short").await), "password");
        assert_eq!(field_of(&change(PASSWORD, PASSWORD).await), "password");
        assert!(world.who(&there).await.is_some());
        assert_eq!(change(PASSWORD, "a brand new one").await.unwrap(), 1);
        assert!(world.who(&here).await.is_some());
        assert!(world.who(&there).await.is_none());
        assert!(is_wrong(
            &world.log_in_from("omar@example.org", PASSWORD, HOME).await
        ));
        assert!(
            world
                .log_in_from("omar@example.org", "a brand new one", HOME)
                .await
                .is_ok()
        );
        assert!(
            world
                .actions()
                .await
                .contains(&"password.changed".to_owned())
        );
    }
}

#[tokio::test]
async fn a_password_set_on_the_command_line_ends_all_sessions() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        assert!(matches!(
            world.service.user_password("no@example.org", OTHER).await,
            Err(Error::NotFound)
        ));
        assert_eq!(
            field_of(
                &world
                    .service
                    .user_password("omar@example.org", "short")
                    .await
            ),
            "password"
        );
        world
            .service
            .user_password("Omar@example.org", OTHER)
            .await
            .unwrap();
        assert!(world.who(&here).await.is_none());
        assert!(
            world
                .log_in_from("omar@example.org", OTHER, HOME)
                .await
                .is_ok()
        );
    }
}

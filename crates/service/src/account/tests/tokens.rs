use super::*;
use rideout_domain::TokenId;

#[tokio::test]
async fn a_token_acts_as_its_owner_until_it_is_revoked() {
    for world in worlds().await {
        let (id, token) = world
            .service
            .make_token(&world.omar, None, "  deploy\tscript ")
            .await
            .unwrap();
        assert!(token.starts_with("rdo_") && token.len() == 47, "{token}");
        let holder = async |token: String| {
            world
                .service
                .authenticate_token(&token, HOME)
                .await
                .unwrap()
        };
        assert_eq!(holder(token.clone()).await.unwrap(), world.omar);
        assert!(holder(token.to_uppercase()).await.is_none());
        assert!(holder("rdo_".to_owned()).await.is_none());
        assert!(holder(String::new()).await.is_none());
        let listed = world.service.tokens(&world.omar).await.unwrap();
        assert_eq!(
            (listed[0].id, listed[0].name.as_str()),
            (id, "deploy script")
        );
        assert!(matches!(
            world.service.revoke_token(&world.grace, id).await,
            Err(Error::NotFound)
        ));
        let unknown = TokenId(world.service.new_id());
        assert!(matches!(
            world.service.revoke_token(&world.omar, unknown).await,
            Err(Error::NotFound)
        ));
        world.service.revoke_token(&world.omar, id).await.unwrap();
        world.service.revoke_token(&world.omar, id).await.unwrap();
        assert!(holder(token).await.is_none());
        assert!(world.service.tokens(&world.omar).await.unwrap().is_empty());
        let actions = world.actions().await;
        assert_eq!(
            actions
                .iter()
                .filter(|action| action.starts_with("token."))
                .count(),
            2
        );
    }
}

#[tokio::test]
async fn a_session_is_no_token_and_a_token_no_session() {
    for world in worlds().await {
        let here = world.omar_logs_in().await;
        let (_, token) = world
            .service
            .make_token(&world.omar, None, "ci")
            .await
            .unwrap();
        assert!(
            world
                .service
                .authenticate_token(&here.token, HOME)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            world
                .service
                .authenticate_session(&token, HOME)
                .await
                .unwrap()
                .is_none()
        );
        // Neither when the other one was recognised a moment ago.
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
                .service
                .authenticate_session(&token, HOME)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn use_is_written_down_at_most_once_a_minute() {
    for world in worlds().await {
        let start = world.service.now();
        let (_, token) = world
            .service
            .make_token(&world.omar, None, "ci")
            .await
            .unwrap();
        world
            .service
            .authenticate_token(&token, HOME)
            .await
            .unwrap();
        world.eventually(&LAST_USED, start).await;
        // A write is counted before it is answered, and after those before it.
        let another = || world.service.make_token(&world.omar, None, "another");
        another().await.unwrap();
        let commits = world.db.stats().commits;
        world.clock.advance_seconds(59);
        world
            .service
            .authenticate_token(&token, HOME)
            .await
            .unwrap();
        another().await.unwrap();
        assert_eq!(world.db.stats().commits, commits + 1);
        world.clock.advance_seconds(3);
        world
            .service
            .authenticate_token(&token, HOME)
            .await
            .unwrap();
        world.eventually(&LAST_USED, start.plus_seconds(62)).await;
    }
}

#[tokio::test]
async fn names_are_needed_and_tokens_are_not_endless() {
    for world in worlds().await {
        assert_eq!(
            field_of(&world.service.make_token(&world.omar, None, " ").await),
            "name"
        );
        assert_eq!(
            field_of(
                &world
                    .service
                    .make_token(&world.omar, None, &"x".repeat(101))
                    .await
            ),
            "name"
        );
        for n in 0..crate::account::token::MOST {
            world
                .service
                .make_token(&world.omar, None, &format!("token {n}"))
                .await
                .unwrap();
        }
        assert_eq!(
            code_of(
                &world
                    .service
                    .make_token(&world.omar, None, "one more")
                    .await
            ),
            "too_many_tokens"
        );
        assert!(
            world
                .service
                .make_token(&world.grace, None, "mine")
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn a_form_sent_twice_makes_one() {
    for world in worlds().await {
        let id = Some(TokenId(world.service.new_id()));
        assert!(
            world
                .service
                .make_token(&world.omar, id, "ci")
                .await
                .is_ok()
        );
        assert_eq!(
            code_of(&world.service.make_token(&world.omar, id, "ci").await),
            "already_made"
        );
        let id = Some(rideout_domain::InviteId(world.service.new_id()));
        assert!(
            world
                .service
                .make_invite(&world.grace, id, Role::Viewer, "")
                .await
                .is_ok()
        );
        assert_eq!(
            code_of(
                &world
                    .service
                    .make_invite(&world.grace, id, Role::Viewer, "")
                    .await
            ),
            "already_made"
        );
        assert_eq!(world.service.invites(&world.grace).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_command_line_makes_tokens_for_anybody() {
    for world in worlds().await {
        let (_, token) = world
            .service
            .token_create(" OMAR@example.org", "load test")
            .await
            .unwrap();
        let holder = world
            .service
            .authenticate_token(&token, HOME)
            .await
            .unwrap();
        assert_eq!(holder.unwrap().id, world.omar.id);
        assert!(matches!(
            world.service.token_create("x@example.org", "t").await,
            Err(Error::NotFound)
        ));
        world
            .service
            .disable_person(&world.grace, world.omar.id)
            .await
            .unwrap();
        assert!(matches!(
            world.service.token_create("omar@example.org", "t").await,
            Err(Error::NotFound)
        ));
    }
}

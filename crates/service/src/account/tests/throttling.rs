use super::*;
use crate::account::throttle::{PER_ACCOUNT, PER_ADDRESS, WINDOW_SECONDS};

const ELSEWHERE: &str = "198.51.100.1";

fn retry_after(result: &Result<SignedIn, Error>) -> i64 {
    match result {
        Err(Error::TooMany {
            retry_after_seconds,
        }) => *retry_after_seconds,
        Err(other) => panic!("not throttled: {other:?}"),
        Ok(_) => panic!("let in"),
    }
}

#[tokio::test]
async fn ten_failures_close_an_account_for_a_quarter_of_an_hour() {
    for world in worlds().await {
        for n in 0..PER_ACCOUNT {
            // From ever other addresses, so that only the account counts.
            let from = format!("203.0.113.{n}");
            assert!(
                is_wrong(&world.log_in_from("omar@example.org", OTHER, &from).await),
                "{n}"
            );
            world.clock.advance_seconds(10);
        }
        let right = world
            .log_in_from("omar@example.org", PASSWORD, ELSEWHERE)
            .await;
        assert_eq!(retry_after(&right), WINDOW_SECONDS - PER_ACCOUNT * 10);
        // Other accounts are not concerned.
        assert!(
            world
                .log_in_from("grace@example.org", PASSWORD, ELSEWHERE)
                .await
                .is_ok()
        );
        world.clock.advance_seconds(retry_after(&right) - 1);
        assert_eq!(
            retry_after(
                &world
                    .log_in_from("omar@example.org", PASSWORD, ELSEWHERE)
                    .await
            ),
            1
        );
        world.clock.advance_seconds(1);
        assert!(
            world
                .log_in_from("omar@example.org", PASSWORD, ELSEWHERE)
                .await
                .is_ok()
        );
        let actions = world.actions().await;
        assert_eq!(
            actions
                .iter()
                .filter(|action| *action == "login.throttled")
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn unknown_accounts_close_just_like_known_ones() {
    for world in worlds().await {
        for _ in 0..PER_ACCOUNT {
            assert!(is_wrong(
                &world
                    .log_in_from("nobody@example.org", OTHER, ELSEWHERE)
                    .await
            ));
        }
        assert_eq!(
            retry_after(&world.log_in_from("nobody@example.org", OTHER, HOME).await),
            WINDOW_SECONDS
        );
    }
}

#[tokio::test]
async fn fifty_failures_close_an_address_and_its_network() {
    for world in worlds().await {
        for n in 0..PER_ADDRESS {
            let (email, from) = (
                format!("guess{n}@example.org"),
                format!("2001:db8:1:2::{n:x}"),
            );
            assert!(
                is_wrong(&world.log_in_from(&email, OTHER, &from).await),
                "{n}"
            );
        }
        let from_there = world
            .log_in_from("omar@example.org", PASSWORD, "2001:db8:1:2:ffff::1")
            .await;
        assert_eq!(retry_after(&from_there), WINDOW_SECONDS);
        assert!(
            world
                .log_in_from("omar@example.org", PASSWORD, "2001:db8:1:3::1")
                .await
                .is_ok()
        );
        world.clock.advance_seconds(WINDOW_SECONDS);
        assert!(
            world
                .log_in_from("omar@example.org", PASSWORD, "2001:db8:1:2::1")
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn guessing_from_elsewhere_cannot_keep_the_owner_out() {
    for world in worlds().await {
        let session = world.omar_logs_in().await;
        for _ in 0..PER_ACCOUNT {
            assert!(is_wrong(
                &world
                    .log_in_from("omar@example.org", OTHER, ELSEWHERE)
                    .await
            ));
        }
        assert!(
            retry_after(
                &world
                    .log_in_from("omar@example.org", PASSWORD, ELSEWHERE)
                    .await
            ) > 0
        );
        // Who is signed in stays so, and may change the password.
        assert!(world.who(&session).await.is_some());
        let changed = world
            .service
            .change_password(&session.actor, Some(&session.token), PASSWORD, OTHER)
            .await;
        assert_eq!(changed.unwrap(), 0);
        // And can sign in again from where they did before.
        assert!(
            world
                .log_in_from("omar@example.org", OTHER, HOME)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn even_a_known_address_has_only_so_many_guesses() {
    for world in worlds().await {
        world.omar_logs_in().await;
        for _ in 0..PER_ACCOUNT {
            assert!(is_wrong(
                &world.log_in_from("omar@example.org", OTHER, HOME).await
            ));
        }
        assert!(retry_after(&world.log_in_from("omar@example.org", PASSWORD, HOME).await) > 0);
    }
}

#[tokio::test]
async fn a_log_in_forgives_the_failures_of_its_account_only() {
    for world in worlds().await {
        for _ in 0..PER_ACCOUNT - 1 {
            assert!(is_wrong(
                &world.log_in_from("omar@example.org", OTHER, HOME).await
            ));
            assert!(is_wrong(
                &world.log_in_from("grace@example.org", OTHER, HOME).await
            ));
        }
        world.omar_logs_in().await;
        assert_eq!(world.count(&FAILURES).await, PER_ACCOUNT - 1);
        assert!(is_wrong(
            &world.log_in_from("omar@example.org", OTHER, HOME).await
        ));
        assert!(is_wrong(
            &world.log_in_from("grace@example.org", OTHER, HOME).await
        ));
        assert!(retry_after(&world.log_in_from("grace@example.org", PASSWORD, HOME).await) > 0);
    }
}

#[tokio::test]
async fn the_present_password_cannot_be_guessed_by_whoever_has_the_session() {
    for world in worlds().await {
        let session = world.omar_logs_in().await;
        let guess = |word: &'static str| {
            world.service.change_password(
                &session.actor,
                Some(&session.token),
                word,
                "a brand new one",
            )
        };
        for _ in 0..PER_ACCOUNT {
            assert_eq!(field_of(&guess(OTHER).await), "current_password");
        }
        assert!(matches!(guess(PASSWORD).await, Err(Error::TooMany { .. })));
        // Logging in is counted apart.
        assert!(
            world
                .log_in_from("omar@example.org", PASSWORD, HOME)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn parallel_guesses_do_not_outrun_the_count() {
    for world in worlds().await {
        let guesses = (0..60).map(|_| world.log_in_from("omar@example.org", OTHER, ELSEWHERE));
        let answers = futures::future::join_all(guesses).await;
        let judged = answers.iter().filter(|answer| is_wrong(answer)).count();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let most = usize::try_from(PER_ACCOUNT).unwrap() + cores;
        assert!(
            (10..=most).contains(&judged),
            "{judged} guesses were judged"
        );
    }
}

#[tokio::test]
async fn what_no_longer_counts_is_forgotten() {
    for world in worlds().await {
        assert!(is_wrong(
            &world.log_in_from("omar@example.org", OTHER, HOME).await
        ));
        world.omar_logs_in().await;
        assert!(is_wrong(
            &world.log_in_from("omar@example.org", OTHER, HOME).await
        ));
        world.service.tidy_accounts().await.unwrap();
        assert_eq!(
            (world.count(&FAILURES).await, world.count(&SESSIONS).await),
            (1, 1)
        );
        world.clock.advance_seconds(200 * 24 * 3600);
        world.service.tidy_accounts().await.unwrap();
        assert_eq!(
            (world.count(&FAILURES).await, world.count(&SESSIONS).await),
            (0, 0)
        );
    }
}

#[tokio::test]
async fn nothing_typed_at_the_door_uses_up_what_is_counted_elsewhere() {
    for world in worlds().await {
        let session = world.omar_logs_in().await;
        let key = format!("password of {}", world.omar.id);
        for typed in [key.as_str(), "nul \0 and \u{202e}", "no address: x"] {
            for _ in 0..PER_ACCOUNT {
                assert!(is_wrong(&world.log_in_from(typed, OTHER, ELSEWHERE).await));
            }
            world.clock.advance_seconds(WINDOW_SECONDS);
        }
        for _ in 0..PER_ACCOUNT {
            assert!(is_wrong(&world.log_in_from(&key, OTHER, ELSEWHERE).await));
        }
        let changed = world
            .service
            .change_password(&session.actor, Some(&session.token), PASSWORD, OTHER)
            .await;
        assert_eq!(changed.unwrap(), 0);
    }
}

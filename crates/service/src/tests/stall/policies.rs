use super::{minute, minutes, person, steady, worlds};
use crate::{
    Error,
    db::Dialect,
    directory,
    stall::{ENTRIES_MOST, LeftOut},
};
use rideout_domain::{
    EntryBody, Role, Severity,
    entry::{EscalationStep, PromptTo},
    replay::{Script, Whom, play, preview::totals},
    stall::{Settings, Signal},
};

/// The settings of these tests, with another threshold for quiet.
fn quiet_after(quiet: u32) -> Settings {
    let mut settings = steady();
    let rules = settings.rules_mut(Severity::Sev2);
    if let Some(rule) = rules.signals.get_mut(&Signal::Quiet) {
        rule.minutes = quiet;
    }
    settings
}

#[tokio::test]
async fn new_settings_hold_at_once_and_a_services_own_come_first() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(3).await;
        w.service
            .set_watch_policy(&w.commander, None, &quiet_after(4))
            .await
            .unwrap();
        w.watch_until(8).await;
        let first = w.prompts(&incident).await.remove(0);
        assert_eq!(minutes(first.at), 4);

        let store = w.owned("store app", None).await;
        w.service
            .set_watch_policy(&w.commander, Some(store), &quiet_after(600))
            .await
            .unwrap();
        let other = w.led().await;
        w.watch_until(40).await;
        let ids: Vec<_> = w
            .prompts(&other)
            .await
            .into_iter()
            .flat_map(|p| p.signals)
            .map(|s| s.id)
            .collect();
        assert!(!ids.contains(&"quiet".to_owned()), "{ids:?}");

        let all = w.service.watch_policies(&w.viewer).await.unwrap();
        let names: Vec<_> = all
            .iter()
            .map(|p| p.service.as_ref().map(|(_, name)| name.as_str()))
            .collect();
        assert_eq!(names, [None, Some("store app")]);
        let changed = all[1].changed.as_ref().map(|(_, _, who)| who.as_str());
        assert_eq!(changed, Some("Priya"));

        w.service
            .reset_watch_policy(&w.commander, Some(store))
            .await
            .unwrap();
        let of = w
            .service
            .watch_policy(&w.viewer, Some(store))
            .await
            .unwrap();
        assert_eq!(of.settings, quiet_after(4), "those of the organisation");
        assert!(of.changed.is_none());
    }
}

#[tokio::test]
async fn only_those_who_keep_policies_change_them() {
    for w in worlds().await {
        let settings = Settings::default();
        let refused = w.service.set_watch_policy(&w.responder, None, &settings);
        assert!(matches!(refused.await, Err(Error::Forbidden { .. })));
        let mut wild = Settings::default();
        wild.rules_mut(Severity::Sev1).stalled_at = 0;
        let refused = w.service.set_watch_policy(&w.commander, None, &wild).await;
        let Err(Error::Invalid(errors)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(errors[0].field, "SEV1.stalled_at");
        let nowhere = rideout_domain::ServiceId(w.service.new_id());
        let nowhere = w
            .service
            .set_watch_policy(&w.commander, Some(nowhere), &settings)
            .await;
        assert!(matches!(nowhere, Err(Error::NotFound)));
    }
}

/// The work of a pass grows with what is due: what is due is found by an index,
/// and nothing that is open and not due is touched.
#[tokio::test]
async fn what_is_due_is_found_by_an_index() {
    for w in worlds().await {
        for _ in 0..20 {
            w.led().await;
        }
        w.watch_until(1).await;
        assert_eq!(w.service.watch_due(100).await.unwrap().due, 0);
        if w.service.db.dialect() != Dialect::Sqlite {
            continue;
        }
        let mut conn = w.service.db.reader().await.unwrap();
        let (one, two) = (crate::args![1_i64, 10_i64], crate::args![10_i64]);
        for (sql, args, index) in [
            (&super::PLAN, &one[..], "incidents_look_idx"),
            (&super::PLAN_BACK, &one[..], "incidents_looked_idx"),
            (&super::PLAN_UNWATCHED, &two[..], "incidents_unwatched_idx"),
        ] {
            let rows = conn.fetch_all(sql, args).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|r| r.text("detail").unwrap()).collect();
            let plan = plan.join("\n");
            assert!(
                plan.contains(index) && !plan.contains("TEMP B-TREE"),
                "{plan}"
            );
        }
    }
}

#[tokio::test]
async fn plain_entries_are_gathered_and_what_begins_something_is_looked_at_at_once() {
    for w in worlds().await {
        let incident = w.led().await;
        w.service.watch_due(10).await.unwrap();
        w.clock.set(minute(2));

        w.say(&incident, EntryBody::Note, "one").await;
        assert_eq!(
            w.service.watch_next().await.unwrap(),
            Some(minute(2).plus_seconds(10))
        );
        w.clock.advance_seconds(5);
        w.say(&incident, EntryBody::Note, "two").await;
        assert_eq!(
            w.service.watch_next().await.unwrap(),
            Some(minute(2).plus_seconds(10))
        );
        let body = EntryBody::Wait { minutes: 10 };
        w.say(&incident, body, "three").await;
        assert_eq!(
            w.service.watch_next().await.unwrap(),
            Some(minute(2).plus_seconds(5))
        );
    }
}

#[tokio::test]
async fn a_preview_says_what_other_settings_would_have_done_and_changes_nothing() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(60).await;
        w.say(&incident, EntryBody::Note, "Directors ask when it is over.")
            .await;
        let preview = async |settings: &Settings| {
            let told = w.service.preview_watch_policy(&w.commander, None, settings);
            let told = told.await.unwrap();
            assert_eq!(told.played.len(), 1);
            totals([&told.played[0].preview])
        };
        let same = preview(&steady()).await;
        assert!(same.values().all(|of| of.gained + of.lost + of.moved == 0));
        let earlier = preview(&quiet_after(5)).await;
        let room = earlier[&Whom::Room];
        assert_eq!((room.gained, room.lost), (0, 0));
        assert!(room.moved > 0);
        let mut never = steady();
        never.rules_mut(Severity::Sev2).stalled_at = 30;
        assert!(preview(&never).await[&Whom::Room].lost > 0);
        let mut patient = steady();
        patient.rules_mut(Severity::Sev2).ladder.answer += 7;
        let later = preview(&patient).await;
        assert_eq!(later[&Whom::Room].moved, 0);
        assert!(later[&Whom::SecondOpinion].moved > 0, "{later:?}");
        let held = w.service.watch_policy(&w.viewer, None).await.unwrap();
        assert_eq!(held.settings, steady());

        // A service's policy is played over its own incidents only.
        let other = w.owned("other", None).await;
        let told = w
            .service
            .preview_watch_policy(&w.commander, Some(other), &quiet_after(5))
            .await
            .unwrap();
        assert!(told.played.is_empty());
        let refused = w
            .service
            .preview_watch_policy(&w.responder, None, &steady())
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    }
}

/// What the preview plays is what the watch and the escalation do when nobody comes.
#[tokio::test]
async fn a_play_calls_whom_the_watch_calls_live() {
    for w in worlds().await {
        let mut settings = steady();
        for signal in [Signal::NoExpert, Signal::LongerThanUsual] {
            // They lie outside the timeline, which is all that a play knows.
            let rules = settings.rules_mut(Severity::Sev2);
            rules.signals.get_mut(&signal).unwrap().on = false;
        }
        let all = w.service.set_watch_policy(&w.commander, None, &settings);
        all.await.unwrap();
        let dana = person(&w.service, "Dana", Role::Responder).await;
        w.default_policy(&[&w.responder, &dana]).await;
        let incident = w.led().await;
        let until = async |m: i64| {
            while w.service.now() < minute(m) {
                w.clock.advance_seconds(10);
                w.service.watch_due(10).await.unwrap();
                w.service.run_escalations().await.unwrap();
            }
        };
        until(100).await;
        w.say(&incident, EntryBody::Note, "Directors ask when it is over.")
            .await;
        until(120).await;
        w.say(
            &incident,
            EntryBody::Finding,
            "Only 8 of 32 threads are in use.",
        )
        .await;
        until(130).await;
        let entries = w.entries(&incident).await;
        let live: Vec<(i64, Whom)> = entries
            .iter()
            .filter_map(|entry| {
                let whom = match &entry.body {
                    EntryBody::Prompt { to, .. } => match to {
                        PromptTo::Room => Whom::Room,
                        PromptTo::SecondOpinion => Whom::SecondOpinion,
                        PromptTo::Policy => return None,
                    },
                    EntryBody::Escalation { step, level, .. } => match step {
                        EscalationStep::Level => Whom::PolicyLevel(*level),
                        EscalationStep::Exhausted => Whom::InCharge,
                        _ => return None,
                    },
                    _ => return None,
                };
                Some((minutes(entry.recorded_at), whom))
            })
            .collect();
        let row = w.service.room_unchecked(incident.id).await.unwrap();
        let script = Script::of(String::new(), row.room.incident.clone(), entries);
        let mut conn = w.service.db.reader().await.unwrap();
        let policy = directory::policy_for(&mut conn, &[]).await.unwrap();
        let policy = policy.map(|(_, policy)| policy);
        let played = play(&script, &settings, policy.as_ref());
        let played: Vec<(i64, Whom)> = played
            .prompts
            .iter()
            .map(|p| (minutes(p.at), p.to))
            .collect();
        assert_eq!(played, live);
        assert!(live.iter().filter(|(_, to)| *to == Whom::InCharge).count() > 1);
    }
}

#[tokio::test]
async fn a_preview_says_which_incidents_it_left_out() {
    for w in worlds().await {
        let (long, short) = (w.led().await, w.led().await);
        w.watch_until(90).await;
        let id = long.id.0;
        let lengthened = w.service.db.write(move |tx| {
            Box::pin(async move {
                let row = crate::args![id, ENTRIES_MOST + 1];
                tx.execute(&super::LENGTHEN, &row).await?;
                Ok::<_, Error>(())
            })
        });
        lengthened.await.unwrap();
        let settings = steady();
        let told = w
            .service
            .preview_watch_policy(&w.commander, None, &settings);
        let told = told.await.unwrap();
        let played: Vec<_> = told.played.into_iter().map(|one| one.reference).collect();
        assert_eq!(played, [short.reference()]);
        let why = LeftOut::TooLong(ENTRIES_MOST + 1);
        assert_eq!(told.left_out, [(long.reference(), long.title, why)]);
    }
}

#[tokio::test]
async fn a_preview_plays_the_escalation_policy_that_holds() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(90).await;
        w.say(&incident, EntryBody::Note, "Directors ask when it is over.")
            .await;
        let rungs = async || {
            let settings = steady();
            let told = w
                .service
                .preview_watch_policy(&w.commander, None, &settings);
            let one = told.await.unwrap().played.remove(0);
            let rungs: Vec<Whom> = totals([&one.preview]).into_keys().collect();
            (one.escalation, rungs)
        };
        use Whom::{InCharge, PolicyLevel, Room, SecondOpinion};
        let none = (None, vec![Room, SecondOpinion, InCharge]);
        assert_eq!(rungs().await, none);
        let dana = person(&w.service, "Dana", Role::Responder).await;
        w.default_policy(&[&w.responder, &dana]).await;
        let (name, rungs) = rungs().await;
        assert_eq!(name.as_deref(), Some("Everything"));
        let all = [
            Room,
            SecondOpinion,
            PolicyLevel(1),
            PolicyLevel(2),
            InCharge,
        ];
        assert_eq!(rungs, all);
    }
}

use super::{minute, minutes, person, worlds};
use rideout_domain::{
    EntryBody, EntryKind, HypothesisStatus, IncidentRole, Role, Status, entry::PromptTo,
    outbox::Outcome,
};

#[tokio::test]
async fn a_room_in_which_nobody_writes_is_asked_with_reasons() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(14).await;
        assert!(w.prompts(&incident).await.is_empty());
        w.watch_until(40).await;
        let prompts = w.prompts(&incident).await;
        let first = &prompts[0];
        assert_eq!(first.to, PromptTo::Room);
        let ids: Vec<&str> = first.signals.iter().map(|s| s.id.as_str()).collect();
        assert!(ids.contains(&"quiet"), "{ids:?}");
        assert!(first.signals.iter().all(|s| s.why.ends_with('.')));
        assert!((1..=3).contains(&first.level) && first.answer_by > first.at);
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let entry = room.room.entry(first.id).unwrap();
        assert_eq!(entry.author, None, "nobody wrote it");
        assert!(
            room.room.incident.last_human_at < first.at,
            "what Rideout writes is no activity"
        );
    }
}

#[tokio::test]
async fn without_an_answer_a_second_opinion_is_asked_and_then_the_policy_runs_until_somebody_comes()
{
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        let sam = person(&w.service, "Sam", Role::Responder).await;
        w.default_policy(&[&dana, &w.outsider]).await;
        let incident = w.led().await;
        w.role(&incident, IncidentRole::Deputy, &sam).await;
        w.watch_until(120).await;
        let asked = w.asked(&incident).await;
        let whom: Vec<PromptTo> = asked.iter().map(|(to, _)| *to).collect();
        assert_eq!(
            whom[..3],
            [PromptTo::Room, PromptTo::SecondOpinion, PromptTo::Policy],
            "{asked:?}"
        );
        let prompts = w.prompts(&incident).await;
        assert_eq!(prompts[1].people, [sam.id]);
        let called = w.called(incident.id).await;
        assert_eq!(
            called[..6],
            [
                "paged Sam",
                "started",
                "level 1",
                "paged Dana",
                "level 2",
                "paged Olaf"
            ],
            "{called:?}"
        );
        assert!(w.open_prompt(&incident).await.is_some());
        let page = w.service.open_pages(&w.outsider).await.unwrap()[0].id;
        w.service.acknowledge_page(&w.outsider, page).await.unwrap();
        w.watch_until(121).await;
        assert!(
            w.open_prompt(&incident).await.is_none(),
            "somebody is on it"
        );
        let called = w.called(incident.id).await;
        assert_eq!(called.last().unwrap(), "ended");
        let (calls, at) = (called.len(), w.asked(&incident).await.len());
        w.watch_until(130).await;
        assert_eq!(
            w.called(incident.id).await.len(),
            calls,
            "they are given time"
        );
        assert_eq!(w.asked(&incident).await.len(), at);
    }
}

#[tokio::test]
async fn a_second_opinion_that_reaches_nobody_is_not_waited_for() {
    for w in worlds().await {
        let sam = person(&w.service, "Sam", Role::Responder).await;
        w.default_policy(&[&w.outsider]).await;
        let incident = w.led().await;
        w.role(&incident, IncidentRole::Deputy, &sam).await;
        w.watch_until(30).await;
        assert_eq!(w.called(incident.id).await, ["paged Sam"]);
        let claimed = w.service.claim_due("node-1", None, 100).await.unwrap();
        assert!(!claimed.is_empty());
        for one in &claimed {
            let refused = Outcome::Refused {
                permanent: true,
                why: "No such mailbox.".into(),
            };
            w.service.settle(one, refused).await.unwrap();
        }
        w.service.watch_due(10).await.unwrap();
        let asked = w.asked(&incident).await;
        assert_eq!(asked.last(), Some(&(PromptTo::Policy, 30)), "{asked:?}");
    }
}

#[tokio::test]
async fn a_policy_that_reaches_nobody_is_begun_again_and_never_stops_in_silence() {
    for w in worlds().await {
        // No policy at all: whoever is in charge is called, again and again.
        let incident = w.led().await;
        w.watch_until(8 * 60).await;
        let called = w.called(incident.id).await;
        let begun = called.iter().filter(|c| *c == "started").count();
        assert!(begun >= 3, "{called:?}");
        let exhausted = called.iter().filter(|c| *c == "exhausted").count();
        assert_eq!(begun, exhausted);
    }
}

#[tokio::test]
async fn what_is_learnt_takes_the_prompt_back_at_once() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(20).await;
        let open = w.open_prompt(&incident).await.unwrap();
        w.say(&incident, EntryBody::Finding, "8 of 32 threads are busy.")
            .await;
        let report = w.service.watch_due(10).await.unwrap();
        assert_eq!(report.looked, 1, "an entry brings the look forward");
        let prompts = w.prompts(&incident).await;
        assert_eq!(prompts.len(), 1);
        assert!(prompts[0].id == open.id && prompts[0].withdrawn.is_some());
        let last = w.entries(&incident).await.pop().unwrap();
        assert_eq!(last.kind(), EntryKind::PromptWithdrawn);
        assert_eq!(last.text, "Something was learnt.");
        let asked = w.watch_until(30).await;
        assert_eq!(asked.prompts, 0, "it is given time");
    }
}

#[tokio::test]
async fn what_happened_before_the_first_look_answers_nothing() {
    for w in worlds().await {
        let incident = w.led().await;
        w.say(&incident, EntryBody::Note, "It is slow.").await;
        w.say(
            &incident,
            EntryBody::Finding,
            "Three of four tries time out.",
        )
        .await;
        w.say(&incident, EntryBody::Note, "Directors ask.").await;
        // Nobody looked meanwhile: the server was down.
        w.clock.set(minute(60));
        w.service.watch_due(10).await.unwrap();
        assert!(w.open_prompt(&incident).await.is_some());
        assert_eq!(w.prompts(&incident).await.len(), 1);
    }
}

#[tokio::test]
async fn what_was_learnt_before_the_prompt_and_is_written_down_later_does_not_answer_it() {
    for w in worlds().await {
        let incident = w.led().await;
        w.watch_until(20).await;
        let mut entry = w.entry(EntryBody::Finding, "It was slow at go-live.");
        entry.occurred_at = Some(minute(1));
        w.service
            .append(&w.responder, incident.id, entry)
            .await
            .unwrap();
        w.service.watch_due(10).await.unwrap();
        let last = w.entries(&incident).await.pop().unwrap();
        assert!(
            last.text != "Something was learnt.",
            "an old finding is an entry, no news"
        );
    }
}

#[tokio::test]
async fn a_wait_on_purpose_quiets_the_watch_until_its_end() {
    for w in worlds().await {
        let incident = w.led().await;
        let minutes_long = 120;
        w.say(
            &incident,
            EntryBody::Wait {
                minutes: minutes_long,
            },
            "The restore runs",
        )
        .await;
        let report = w.watch_until(119).await;
        assert_eq!(report.prompts, 0);
        w.watch_until(240).await;
        let first = w.prompts(&incident).await.remove(0);
        assert!(minutes(first.at) > 120);
        assert!(first.signals.iter().any(|s| s.id == "wait_overrun"));
    }
}

#[tokio::test]
async fn the_end_of_the_incident_takes_everything_back_and_ends_the_watch() {
    for w in worlds().await {
        w.default_policy(&[&w.outsider]).await;
        let incident = w.led().await;
        w.watch_until(60).await;
        assert!(w.open_prompt(&incident).await.is_some());
        let status = |to| EntryBody::Status { from: None, to };
        w.say(&incident, status(Status::Resolved), "The port was wrong.")
            .await;
        w.service.watch_due(10).await.unwrap();
        assert!(w.open_prompt(&incident).await.is_none());
        assert_eq!(w.service.watch_next().await.unwrap(), None);
        let told = w.entries(&incident).await.len();
        let report = w.watch_until(500).await;
        assert_eq!((report.looked, w.entries(&incident).await.len()), (0, told));
        w.say(&incident, status(Status::Investigating), "It is back.")
            .await;
        assert_eq!(w.service.watch_next().await.unwrap(), Some(minute(500)));
        let before = w.prompts(&incident).await.len();
        w.watch_until(560).await;
        assert!(w.prompts(&incident).await.len() > before);
    }
}

#[tokio::test]
async fn a_room_that_learns_is_left_in_peace() {
    for w in worlds().await {
        let incident = w.led().await;
        let mut prompts = 0;
        for m in 0..12 {
            prompts += w.watch_until(m * 10).await.prompts;
            let idea = w.say(&incident, EntryBody::Hypothesis, "An idea").await;
            let to = HypothesisStatus::Supported;
            let hypothesis = idea.id;
            w.say(
                &incident,
                EntryBody::HypothesisStatus { hypothesis, to },
                "Seen in the graphs",
            )
            .await;
        }
        assert_eq!(prompts, 0);
    }
}

#[tokio::test]
async fn an_incident_that_cannot_be_looked_at_keeps_no_other_from_its_turn() {
    for w in worlds().await {
        let broken = w.led().await;
        let other = w.led().await;
        w.watch_until(10).await;
        let id = broken.id.0;
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&super::BREAK, &crate::args![id]).await?;
                    Ok::<_, crate::Error>(())
                })
            })
            .await
            .unwrap();
        let report = w.watch_until(30).await;
        assert!(report.failed > 0 && report.failed <= 30, "{report:?}");
        assert!(!w.prompts(&other).await.is_empty());
        assert!(w.prompts(&broken).await.is_empty());
    }
}

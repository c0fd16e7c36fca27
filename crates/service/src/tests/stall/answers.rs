use super::{World, minute, minutes, person, worlds};
use crate::Error;
use rideout_domain::{
    EntryBody, EntryKind, Incident, Role, Status,
    entry::{AnswerKind, PromptTo},
    room::watch::Prompt,
};

/// A room that is being asked.
async fn asked(w: &World) -> (Incident, Prompt) {
    let incident = w.led().await;
    w.watch_until(20).await;
    let prompt = w.open_prompt(&incident).await.unwrap();
    (incident, prompt)
}

fn code(error: Error) -> (&'static str, String) {
    match error {
        Error::Conflict { code, message } => (code, message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn still_on_it_moves_the_clock_and_is_asked_again_in_its_time() {
    for w in worlds().await {
        let (incident, prompt) = asked(&w).await;
        let answered = w.answer(&incident, prompt.id, AnswerKind::StillOnIt).await;
        let entry = answered.unwrap().entry;
        assert_eq!(entry.author, Some(w.responder.id));
        assert!(w.open_prompt(&incident).await.is_none());
        w.watch_until(29).await;
        assert_eq!(w.asked(&incident).await.len(), 1);
        w.watch_until(31).await;
        let asked = w.asked(&incident).await;
        assert_eq!(asked[1], (PromptTo::Room, 30), "{asked:?}");
    }
}

#[tokio::test]
async fn the_third_still_on_it_without_anything_learnt_asks_for_a_second_opinion() {
    for w in worlds().await {
        w.default_policy(&[&w.outsider]).await;
        let (incident, mut prompt) = asked(&w).await;
        for m in [31, 42] {
            w.answer(&incident, prompt.id, AnswerKind::StillOnIt)
                .await
                .unwrap();
            w.watch_until(m).await;
            prompt = w.open_prompt(&incident).await.unwrap();
            assert_eq!(prompt.to, PromptTo::Room);
        }
        w.answer(&incident, prompt.id, AnswerKind::StillOnIt)
            .await
            .unwrap();
        let prompt = w.open_prompt(&incident).await.unwrap();
        assert_eq!(prompt.to, PromptTo::SecondOpinion);
        assert_eq!(prompt.people, [w.outsider.id], "the level above");
        assert_eq!(w.called(incident.id).await, ["paged Olaf"]);
    }
}

#[tokio::test]
async fn an_answer_sent_twice_is_one_answer_and_whoever_was_quicker_is_named() {
    for w in worlds().await {
        let (incident, prompt) = asked(&w).await;
        let new = w.new_answer(AnswerKind::NotStuck);
        let send = |new| {
            w.service
                .answer_prompt(&w.responder, incident.id, prompt.id, new)
        };
        let first = send(new.clone()).await.unwrap();
        let entries = w.entries(&incident).await.len();
        let again = send(new.clone()).await.unwrap();
        assert!(first.created && !again.created);
        assert_eq!(first.entry.id, again.entry.id);
        assert_eq!(w.entries(&incident).await.len(), entries);
        let mut other = new;
        other.text = "Other words".into();
        assert_eq!(code(send(other).await.unwrap_err()).0, "id_taken");
        let late = w.new_answer(AnswerKind::StillOnIt);
        let (code, message) = code(
            w.service
                .answer_prompt(&w.commander, incident.id, prompt.id, late)
                .await
                .unwrap_err(),
        );
        assert_eq!(code, "answered");
        assert!(
            message.contains("Omar") && message.contains("not stuck"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn blocked_is_a_blocker_too() {
    for w in worlds().await {
        let (incident, prompt) = asked(&w).await;
        let mut new = w.new_answer(AnswerKind::Blocked);
        let refused = w
            .service
            .answer_prompt(&w.responder, incident.id, prompt.id, new.clone())
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::Invalid(errors) if errors[0].field == "text"));
        new.text = "No access to the admin interface".into();
        new.waiting_on = "platform on-call".into();
        new.minutes = Some(30);
        w.service
            .answer_prompt(&w.responder, incident.id, prompt.id, new)
            .await
            .unwrap();
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        let blocker = room.board.open_blockers().next().unwrap();
        assert_eq!(blocker.waiting_on, "platform on-call");
        assert_eq!(blocker.until, Some(minute(50)));
        let kinds: Vec<EntryKind> = room.room.entries.iter().map(|e| e.kind()).collect();
        assert!(
            kinds.ends_with(&[EntryKind::Answer, EntryKind::Blocker]),
            "{kinds:?}"
        );
        assert!(room.board.watch.open_prompt().is_none());
    }
}

#[tokio::test]
async fn need_help_pages_whoever_is_named() {
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        let (incident, prompt) = asked(&w).await;
        let mut new = w.new_answer(AnswerKind::NeedHelp);
        new.user = Some(dana.id);
        new.text = "How do we reach the admin interface?".into();
        let answered = w
            .service
            .answer_prompt(&w.responder, incident.id, prompt.id, new)
            .await;
        answered.unwrap();
        assert_eq!(w.called(incident.id).await, ["paged Dana"]);
        let pages = w.service.open_pages(&dana).await.unwrap();
        assert_eq!(pages.len(), 1);
        assert!(w.open_prompt(&incident).await.is_none());
    }
}

#[tokio::test]
async fn who_is_being_called_already_gets_the_words_of_who_needs_help() {
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        let (incident, prompt) = asked(&w).await;
        let reason = crate::page::Reason::new("Look.");
        let page = w.service.page(&w.responder, incident.id, dana.id, reason);
        page.await.unwrap();
        let mut new = w.new_answer(AnswerKind::NeedHelp);
        new.user = Some(dana.id);
        new.text = "How do we reach the admin interface?".into();
        let answered = w
            .service
            .answer_prompt(&w.responder, incident.id, prompt.id, new);
        answered.await.unwrap();
        let pages = w.service.open_pages(&dana).await.unwrap();
        let told = |page: &crate::page::OpenPage| page.reason.contains("How do we reach");
        assert!(pages.iter().any(told), "{pages:?}");
    }
}

#[tokio::test]
async fn escalate_now_calls_the_first_level_and_again_the_next() {
    for w in worlds().await {
        let dana = person(&w.service, "Dana", Role::Responder).await;
        w.default_policy(&[&dana, &w.outsider]).await;
        let (incident, prompt) = asked(&w).await;
        w.answer(&incident, prompt.id, AnswerKind::Escalate)
            .await
            .unwrap();
        assert_eq!(
            w.called(incident.id).await,
            ["started", "level 1", "paged Dana"]
        );
        let prompt = w.open_prompt(&incident).await.unwrap();
        assert_eq!(prompt.to, PromptTo::Policy);
        w.answer(&incident, prompt.id, AnswerKind::Escalate)
            .await
            .unwrap();
        let called = w.called(incident.id).await;
        assert_eq!(called[3..], ["level 2", "paged Olaf"], "{called:?}");
    }
}

#[tokio::test]
async fn mitigated_changes_the_status_and_not_stuck_is_a_false_prompt() {
    for w in worlds().await {
        let (incident, prompt) = asked(&w).await;
        let mut new = w.new_answer(AnswerKind::Mitigated);
        new.text = "Traffic goes to the right port.".into();
        w.service
            .answer_prompt(&w.responder, incident.id, prompt.id, new)
            .await
            .unwrap();
        let room = w.service.room_unchecked(incident.id).await.unwrap();
        assert_eq!(room.room.incident.status, Status::Mitigated);
        let last = room.room.entries.last().unwrap();
        assert!(matches!(
            last.body,
            EntryBody::Status {
                from: Some(Status::Investigating),
                to: Status::Mitigated
            }
        ));

        let (other, _) = {
            let other = w.led().await;
            w.watch_until(60).await;
            (other, ())
        };
        let prompt = w.open_prompt(&other).await.unwrap();
        w.answer(&other, prompt.id, AnswerKind::NotStuck)
            .await
            .unwrap();
        let at = w.asked(&other).await.len();
        w.watch_until(85).await;
        assert_eq!(
            w.asked(&other).await.len(),
            at,
            "it is left in peace for longer"
        );
    }
}

#[tokio::test]
async fn an_answer_to_a_rung_that_was_left_counts_for_the_one_that_is_open() {
    for w in worlds().await {
        w.default_policy(&[&w.outsider]).await;
        let (incident, first) = asked(&w).await;
        w.watch_until(minutes(first.answer_by) + 2).await;
        let second = w.open_prompt(&incident).await.unwrap();
        assert_ne!(second.id, first.id);
        w.answer(&incident, first.id, AnswerKind::StillOnIt)
            .await
            .unwrap();
        let prompts = w.prompts(&incident).await;
        assert!(prompts.last().unwrap().answer.is_some());
        assert!(w.open_prompt(&incident).await.is_none());
    }
}

#[tokio::test]
async fn who_may_not_write_may_not_answer_and_what_is_not_there_is_not_found() {
    for w in worlds().await {
        let (incident, prompt) = asked(&w).await;
        let new = || w.new_answer(AnswerKind::NotStuck);
        let by_viewer = w
            .service
            .answer_prompt(&w.viewer, incident.id, prompt.id, new())
            .await;
        assert!(matches!(by_viewer, Err(Error::Forbidden { .. })));
        let note = w.say(&incident, EntryBody::Note, "hello").await;
        let no_prompt = w.answer(&incident, note.id, AnswerKind::NotStuck).await;
        assert!(matches!(no_prompt, Err(Error::NotFound)));
        w.say(&incident, EntryBody::Finding, "8 of 32").await;
        w.service.watch_due(10).await.unwrap();
        let late = w.answer(&incident, prompt.id, AnswerKind::NotStuck).await;
        assert_eq!(code(late.unwrap_err()).0, "withdrawn");
    }
}

use super::{GO_LIVE, worlds};
use crate::{Error, timeline::EntryEdit};
use rideout_domain::{
    Effect, EntryBody, EntryKind, HypothesisStatus, IncidentRole, Severity, Stance, Status,
    Timestamp,
};

#[tokio::test]
async fn the_same_id_with_the_same_content_is_one_entry() {
    for w in worlds().await {
        let incident = w.declared().await;
        let note = w.entry(EntryBody::Note, "Reservation spins 40 s");
        let first = w
            .service
            .append(&w.responder, incident.id, note.clone())
            .await
            .unwrap();
        assert!(first.created && first.entry.seq == 2);
        w.clock.advance_seconds(30);
        let again = w
            .service
            .append(&w.responder, incident.id, note.clone())
            .await
            .unwrap();
        assert!(!again.created);
        assert_eq!(again.entry, first.entry);
        let mut other = note.clone();
        other.text.push('!');
        let refused = w.service.append(&w.responder, incident.id, other).await;
        assert!(matches!(
            refused,
            Err(Error::Conflict {
                code: "id_taken",
                ..
            })
        ));
        let refused = w.service.append(&w.commander, incident.id, note).await;
        assert!(
            matches!(
                refused,
                Err(Error::Conflict {
                    code: "id_taken",
                    ..
                })
            ),
            "another author is other content"
        );
    }
}

#[tokio::test]
async fn a_retried_closing_is_the_same_closing_and_not_a_second_one() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let task = w.entry(
            EntryBody::Task {
                owner: w.commander.id,
                minutes: 5,
            },
            "Target groups and ports",
        );
        w.service
            .append(&w.responder, id, task.clone())
            .await
            .unwrap();
        let done = w.entry(
            EntryBody::TaskDone { task: task.id },
            "All to the admin port",
        );
        assert!(
            w.service
                .append(&w.responder, id, done.clone())
                .await
                .unwrap()
                .created
        );
        assert!(
            !w.service
                .append(&w.responder, id, done)
                .await
                .unwrap()
                .created
        );
        let twice = w.entry(EntryBody::TaskDone { task: task.id }, "again");
        let refused = w.service.append(&w.responder, id, twice).await;
        assert!(matches!(
            refused,
            Err(Error::Conflict {
                code: "already_closed",
                ..
            })
        ));
    }
}

#[tokio::test]
async fn the_board_is_what_the_timeline_amounts_to() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let add = |body, text: &str| {
            let (new, service, who) = (w.entry(body, text), w.service.clone(), w.responder.clone());
            async move { service.append(&who, id, new).await.unwrap().entry }
        };
        add(
            EntryBody::RoleTaken {
                role: IncidentRole::Commander,
                user: w.commander.id,
                from: None,
            },
            "",
        )
        .await;
        let idea = add(EntryBody::Hypothesis, "Threads wait for the carrier").await;
        let down = add(EntryBody::Hypothesis, "The carrier is down").await;
        let for_it = EntryBody::Evidence {
            link: None,
            attachment: None,
            hypothesis: Some(down.id),
            stance: Stance::Against,
        };
        add(for_it, "Their team sees heavy load but copes").await;
        add(
            EntryBody::HypothesisStatus {
                hypothesis: down.id,
                to: HypothesisStatus::Refuted,
            },
            "they cope",
        )
        .await;
        add(
            EntryBody::HypothesisStatus {
                hypothesis: idea.id,
                to: HypothesisStatus::Testing,
            },
            "",
        )
        .await;
        let blocker = add(
            EntryBody::Blocker {
                waiting_on: "admin interface".into(),
                minutes: Some(15),
            },
            "No access to the admin interface",
        )
        .await;
        let breakout = add(
            EntryBody::Breakout {
                people: vec![w.commander.id, w.viewer.id, w.viewer.id],
                minutes: 15,
            },
            "Reach the admin interface, nothing else",
        )
        .await;
        let action = add(EntryBody::Action, "Routed traffic to the right port").await;
        add(
            EntryBody::ActionEffect {
                action: action.id,
                effect: Effect::Helped,
            },
            "",
        )
        .await;
        add(
            EntryBody::StakeholderUpdate {
                next_minutes: Some(20),
            },
            "We know more",
        )
        .await;
        add(
            EntryBody::Severity {
                from: None,
                to: Severity::Sev1,
            },
            "directors",
        )
        .await;

        let room = w.service.room(&w.viewer, id).await.unwrap();
        let board = &room.board;
        assert_eq!(board.commander(), Some(w.commander.id));
        assert_eq!(
            board.live_hypotheses().map(|h| h.id).collect::<Vec<_>>(),
            [idea.id]
        );
        assert_eq!(board.ruled_out().next().unwrap().count(Stance::Against), 1);
        assert_eq!(
            board.open_blockers().next().unwrap().until,
            Some(GO_LIVE.plus_minutes(15))
        );
        assert_eq!(
            board.open_breakouts().next().unwrap().people.len(),
            2,
            "named twice, there once"
        );
        assert_eq!(board.actions[0].effect, Some(Effect::Helped));
        assert_eq!(
            room.room.incident.next_update_at,
            Some(GO_LIVE.plus_minutes(20))
        );
        assert_eq!(room.room.incident.severity, Severity::Sev1);
        assert_eq!(room.room.incident.commander, Some(w.commander.id));
        assert_eq!(room.room.name(w.commander.id), "Priya");
        add(
            EntryBody::BlockerLifted {
                blocker: blocker.id,
            },
            "the right port",
        )
        .await;
        add(
            EntryBody::BreakoutEnded {
                breakout: breakout.id,
            },
            "8 of 32 threads",
        )
        .await;
        let room = w.service.room(&w.viewer, id).await.unwrap();
        assert!(
            room.board.open_blockers().next().is_none()
                && room.board.open_breakouts().next().is_none()
        );
    }
}

#[tokio::test]
async fn references_into_another_incident_are_refused() {
    for w in worlds().await {
        let (one, two) = (w.declared().await.id, w.declared().await.id);
        let idea = w.entry(EntryBody::Hypothesis, "An idea");
        w.service
            .append(&w.responder, one, idea.clone())
            .await
            .unwrap();
        let to = HypothesisStatus::Testing;
        let elsewhere = w.entry(
            EntryBody::HypothesisStatus {
                hypothesis: idea.id,
                to,
            },
            "",
        );
        assert!(matches!(
            w.service.append(&w.responder, two, elsewhere).await,
            Err(Error::Invalid(_))
        ));
        let nobody = rideout_domain::UserId(w.service.new_id());
        let task = w.entry(
            EntryBody::Task {
                owner: nobody,
                minutes: 5,
            },
            "x",
        );
        assert!(matches!(
            w.service.append(&w.responder, one, task).await,
            Err(Error::Invalid(_))
        ));
        let noise = w.entry(EntryBody::Joined, "");
        assert!(matches!(
            w.service.append(&w.responder, one, noise).await,
            Err(Error::Invalid(_))
        ));
    }
}

#[tokio::test]
async fn resolving_needs_a_summary_and_reopening_forgets_the_end() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let resolve = |text: &str| {
            w.entry(
                EntryBody::Status {
                    from: None,
                    to: Status::Resolved,
                },
                text,
            )
        };
        assert!(matches!(
            w.service.append(&w.responder, id, resolve(" ")).await,
            Err(Error::Invalid(_))
        ));
        w.service
            .append(&w.responder, id, resolve("Right port, all well"))
            .await
            .unwrap();
        assert_eq!(
            w.service.incident(&w.viewer, id).await.unwrap().resolved_at,
            Some(GO_LIVE)
        );
        let reopen = w.entry(
            EntryBody::Status {
                from: None,
                to: Status::Investigating,
            },
            "it is back",
        );
        let entry = w
            .service
            .append(&w.responder, id, reopen)
            .await
            .unwrap()
            .entry;
        assert!(matches!(
            entry.body,
            EntryBody::Status {
                from: Some(Status::Resolved),
                ..
            }
        ));
        assert!(w.service.incident(&w.viewer, id).await.unwrap().is_open());
    }
}

#[tokio::test]
async fn times_may_lie_back_but_not_ahead() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let at = |at: Timestamp| {
            let mut new = w.entry(EntryBody::Finding, "seen first-hand");
            new.occurred_at = Some(at);
            new
        };
        let early = w
            .service
            .append(&w.responder, id, at(GO_LIVE.plus_minutes(-20)))
            .await
            .unwrap()
            .entry;
        assert!(early.is_back_dated());
        let y9999 = "9999-12-01T00:00:00Z".parse().unwrap();
        for bad in [
            y9999,
            Timestamp(0),
            Timestamp(i64::MIN),
            Timestamp(i64::MAX),
        ] {
            assert!(
                matches!(
                    w.service.append(&w.responder, id, at(bad)).await,
                    Err(Error::Invalid(_))
                ),
                "{bad}"
            );
        }
        let room = w.service.room(&w.viewer, id).await.unwrap();
        assert_eq!(
            room.room.in_order()[0].id,
            early.id,
            "read in the order things happened"
        );
        let ahead = w
            .service
            .append(&w.responder, id, at(GO_LIVE.plus_seconds(60)))
            .await
            .unwrap()
            .entry;
        assert_eq!(
            ahead.occurred_at, GO_LIVE,
            "a clock that runs a little ahead is corrected"
        );
    }
}

#[tokio::test]
async fn an_edit_keeps_what_stood_there() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let note = w.entry(EntryBody::Finding, "8 of 23 threads");
        let note = w
            .service
            .append(&w.responder, id, note)
            .await
            .unwrap()
            .entry;
        let before = w
            .service
            .room(&w.viewer, id)
            .await
            .unwrap()
            .room
            .incident
            .last_seq;
        let edit = EntryEdit {
            text: Some("8 of 32 threads".into()),
            reason: "typing error".into(),
            revision: Some(1),
            ..Default::default()
        };
        let edited = w
            .service
            .edit_entry(&w.responder, id, note.id, edit.clone())
            .await
            .unwrap();
        assert_eq!(
            (edited.text.as_str(), edited.revision, edited.seq),
            ("8 of 32 threads", 2, note.seq)
        );
        let late = w
            .service
            .edit_entry(&w.responder, id, note.id, edit.clone())
            .await;
        assert!(matches!(
            late,
            Err(Error::Conflict {
                code: "revision",
                ..
            })
        ));
        let foreign = w.service.edit_entry(&w.viewer, id, note.id, edit).await;
        assert!(matches!(foreign, Err(Error::Forbidden { .. })));
        let (_, revisions) = w
            .service
            .entry_history(&w.viewer, id, note.id)
            .await
            .unwrap();
        assert_eq!(revisions[0].text, "8 of 23 threads");
        let after = w
            .service
            .entries_after(&w.viewer, id, before, 10)
            .await
            .unwrap();
        assert_eq!(
            after.len(),
            1,
            "who has seen up to {before} is told of the edit"
        );
        assert_eq!(after[0].kind(), EntryKind::Changed);
        assert_eq!(
            w.service
                .room(&w.viewer, id)
                .await
                .unwrap()
                .room
                .entry(note.id)
                .unwrap()
                .text,
            "8 of 32 threads"
        );
    }
}

#[tokio::test]
async fn a_redaction_takes_the_words_and_keeps_a_trace_for_those_who_may() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let body = EntryBody::Evidence {
            link: Some("https://example.org/secret".into()),
            attachment: None,
            hypothesis: None,
            stance: Stance::Neutral,
        };
        let entry = w
            .service
            .append(&w.responder, id, w.entry(body, "a password"))
            .await
            .unwrap()
            .entry;
        w.service
            .redact_entry(&w.commander, id, entry.id, "holds a password")
            .await
            .unwrap();
        let seen = w.service.entry(&w.viewer, id, entry.id).await.unwrap();
        assert!(seen.text.is_empty() && seen.html.is_empty() && seen.redacted_at.is_some());
        assert!(!format!("{seen:?}").contains("secret"));
        let refused = w.service.entry_history(&w.responder, id, entry.id).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let (_, kept) = w
            .service
            .entry_history(&w.commander, id, entry.id)
            .await
            .unwrap();
        assert_eq!(kept[0].text, "a password");
        let again = w.service.redact_entry(&w.commander, id, entry.id, "").await;
        assert!(matches!(
            again,
            Err(Error::Conflict {
                code: "redacted",
                ..
            })
        ));
    }
}

#[tokio::test]
async fn a_pin_is_seen_in_the_room_and_told_once() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let note = w.entry(
            EntryBody::Decision {
                alternatives: vec!["add four".into()],
            },
            "No guess",
        );
        let note = w
            .service
            .append(&w.responder, id, note)
            .await
            .unwrap()
            .entry;
        w.service
            .pin_entry(&w.responder, id, note.id, true)
            .await
            .unwrap();
        w.service
            .pin_entry(&w.responder, id, note.id, true)
            .await
            .unwrap();
        let room = w.service.room(&w.viewer, id).await.unwrap();
        assert_eq!(room.room.pinned()[0].id, note.id);
        assert_eq!(room.room.incident.last_seq, 3);
        w.service
            .pin_entry(&w.responder, id, note.id, false)
            .await
            .unwrap();
        assert!(
            w.service
                .room(&w.viewer, id)
                .await
                .unwrap()
                .room
                .pinned()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn system_entries_are_no_activity() {
    for w in worlds().await {
        let id = w.declared().await.id;
        w.clock.advance_seconds(600);
        w.service.join(&w.viewer, id).await.unwrap();
        w.service.join(&w.viewer, id).await.unwrap();
        let incident = w.service.incident(&w.viewer, id).await.unwrap();
        assert_eq!(incident.last_human_at, GO_LIVE);
        assert_eq!(incident.last_seq, 2, "joined twice, told once");
        assert_eq!(w.service.here_now(&w.viewer, id).await.unwrap().len(), 1);
        w.clock
            .advance_seconds(crate::presence::AWAY_AFTER_SECONDS + 1);
        assert!(w.service.here_now(&w.viewer, id).await.unwrap()[0].away);
        w.service
            .touch_presence(vec![(id, w.viewer.id)])
            .await
            .unwrap();
        assert!(!w.service.here_now(&w.viewer, id).await.unwrap()[0].away);
        w.service.leave(&w.viewer, id).await.unwrap();
        assert!(w.service.here_now(&w.viewer, id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn sixty_four_writers_get_sixty_four_places_without_a_gap() {
    for w in worlds().await {
        let id = w.declared().await.id;
        let writers = (0..64).map(|n| {
            let (service, who, new) = (
                w.service.clone(),
                w.responder.clone(),
                w.entry(EntryBody::Note, &format!("{n}")),
            );
            tokio::spawn(async move { service.append(&who, id, new).await.unwrap().entry.seq })
        });
        let mut seqs = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            seqs.push(writer.await.unwrap());
        }
        seqs.sort_unstable();
        assert_eq!(seqs, (2..66).collect::<Vec<i64>>());
    }
}

#[tokio::test]
async fn hostile_text_is_stored_as_it_is_and_shown_harmlessly() {
    for w in worlds().await {
        let id = w.declared().await.id;
        for text in [
            "<script>alert(1)</script>",
            "</textarea><b>",
            "a\0b",
            "\u{202e}txt.exe",
            "[x](javascript:1)",
        ] {
            let entry = w
                .service
                .append(&w.responder, id, w.entry(EntryBody::Note, text))
                .await
                .unwrap()
                .entry;
            assert_eq!(entry.text, rideout_domain::text::clean(text));
            assert!(
                !entry.html.contains("<script") && !entry.html.contains("javascript:"),
                "{}",
                entry.html
            );
        }
        let long = "x".repeat(1_000_000);
        let refused = w
            .service
            .append(&w.responder, id, w.entry(EntryBody::Note, &long))
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
    }
}

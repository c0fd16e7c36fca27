//! What may be added to a room, and what the board makes of any timeline.

use super::*;
use crate::{
    EntryKind, IncidentId, PageId,
    entry::{AnswerKind, PromptSignal, PromptTo, ToCall},
};
use proptest::prelude::*;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_276_592_400_000_000);

fn incident() -> Incident {
    Incident {
        id: IncidentId(Uuid::from_u128(1)),
        number: 1,
        title: "Reservations crawl".into(),
        description: String::new(),
        description_html: String::new(),
        services: Vec::new(),
        severity: Severity::Sev1,
        status: Status::Investigating,
        restricted: false,
        declared_at: NOW,
        declared_by: user(1),
        started_at: NOW,
        resolved_at: None,
        commander: None,
        last_human_at: NOW,
        last_learnt_at: None,
        next_update_at: None,
        last_seq: 0,
    }
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}
fn id(n: u128) -> EntryId {
    EntryId(Uuid::from_u128(n))
}

fn entry(n: u128, body: EntryBody) -> Entry {
    Entry {
        id: id(n),
        incident: IncidentId(Uuid::from_u128(1)),
        seq: i64::try_from(n).unwrap(),
        changed_seq: i64::try_from(n).unwrap(),
        author: Some(user(1)),
        body,
        text: format!("entry {n}"),
        html: String::new(),
        occurred_at: NOW.plus_minutes(i64::try_from(n).unwrap()),
        recorded_at: NOW,
        revision: 1,
        redacted_at: None,
        pinned_at: None,
    }
}

fn accept(board: &Board, body: EntryBody, text: &str) -> Result<NewEntry, Refusal> {
    let room = Room {
        incident: incident(),
        entries: Vec::new(),
        people: HashMap::new(),
    };
    let new = NewEntry {
        id: id(99),
        body,
        text: text.into(),
        occurred_at: None,
    };
    room.accept(board, new, NOW, |who| who.0.as_u128() < 10)
}

#[test]
fn what_cannot_be_taken_is_refused_by_the_field_it_is_about() {
    let mut board = Board::default();
    board.add(&entry(2, EntryBody::Hypothesis));
    board.add(&entry(
        3,
        EntryBody::Task {
            owner: user(1),
            minutes: 5,
        },
    ));
    board.add(&entry(4, EntryBody::TaskDone { task: id(3) }));
    let evidence = |link: Option<&str>, hypothesis| EntryBody::Evidence {
        link: link.map(str::to_owned),
        attachment: None,
        hypothesis,
        stance: Stance::For,
    };
    let cases: Vec<(EntryBody, &str, &str)> = vec![
        (EntryBody::Note, " \n ", "text"),
        (evidence(None, None), "", "text"),
        (evidence(Some("javascript:alert(1)"), None), "", "link"),
        (
            evidence(None, Some(id(3))),
            "a task is no hypothesis",
            "entry",
        ),
        (
            EntryBody::HypothesisStatus {
                hypothesis: id(7),
                to: HypothesisStatus::Testing,
            },
            "",
            "entry",
        ),
        (
            EntryBody::HypothesisStatus {
                hypothesis: id(2),
                to: HypothesisStatus::Proposed,
            },
            "",
            "to",
        ),
        (EntryBody::TaskDone { task: id(3) }, "twice", "entry"),
        (
            EntryBody::Task {
                owner: user(77),
                minutes: 5,
            },
            "x",
            "user",
        ),
        (
            EntryBody::Task {
                owner: user(1),
                minutes: 0,
            },
            "x",
            "minutes",
        ),
        (
            EntryBody::Task {
                owner: user(1),
                minutes: u32::MAX,
            },
            "x",
            "minutes",
        ),
        (
            EntryBody::Breakout {
                people: vec![],
                minutes: 5,
            },
            "x",
            "people",
        ),
        (
            EntryBody::Status {
                from: None,
                to: Status::Investigating,
            },
            "",
            "to",
        ),
        (
            EntryBody::Status {
                from: None,
                to: Status::Resolved,
            },
            " ",
            "text",
        ),
        (
            EntryBody::Severity {
                from: None,
                to: Severity::Sev1,
            },
            "",
            "to",
        ),
        (
            EntryBody::RoleReleased {
                role: IncidentRole::Scribe,
                user: user(1),
            },
            "",
            "user",
        ),
        (EntryBody::Joined, "", "kind"),
        (
            EntryBody::StakeholderUpdate {
                next_minutes: Some(0),
            },
            "x",
            "minutes",
        ),
    ];
    for (body, text, field) in cases {
        let refusal = accept(&board, body.clone(), text).unwrap_err();
        assert_eq!(refusal.field(), field, "{body:?}: {refusal}");
        assert!(!refusal.to_string().is_empty());
    }
}

#[test]
fn the_server_fills_in_what_was_before_and_ignores_what_a_client_claims() {
    let lie = EntryBody::Severity {
        from: Some(Severity::Sev4),
        to: Severity::Sev2,
    };
    let taken = accept(&Board::default(), lie, "").unwrap();
    assert_eq!(
        taken.body,
        EntryBody::Severity {
            from: Some(Severity::Sev1),
            to: Severity::Sev2
        }
    );
}

#[test]
fn a_role_for_one_person_passes_on_and_a_shared_one_gathers() {
    let taken = |n, role, who| {
        entry(
            n,
            EntryBody::RoleTaken {
                role,
                user: user(who),
                from: None,
            },
        )
    };
    let mut board = Board::default();
    board.add(&taken(1, IncidentRole::Commander, 1));
    board.add(&taken(2, IncidentRole::Commander, 2));
    board.add(&taken(3, IncidentRole::Expert, 1));
    board.add(&taken(4, IncidentRole::Expert, 2));
    assert_eq!(board.commander(), Some(user(2)));
    assert_eq!(board.roles[&IncidentRole::Expert], [user(1), user(2)]);
    board.add(&entry(
        5,
        EntryBody::RoleReleased {
            role: IncidentRole::Commander,
            user: user(2),
        },
    ));
    assert_eq!(board.commander(), None);
}

#[test]
fn what_rideout_writes_is_no_activity() {
    let mut board = Board::default();
    board.add(&entry(1, EntryBody::Finding));
    let learnt = board.last_learnt;
    let mut own = entry(2, EntryBody::Finding);
    own.author = None;
    board.add(&own);
    board.add(&entry(3, EntryBody::Joined));
    assert_eq!(board.last_learnt, learnt);
    assert_eq!(board.last_human, learnt);
}

fn any_body() -> impl Strategy<Value = EntryBody> {
    let minutes = 1..10_000_u32;
    let one = 0..40_u128;
    prop_oneof![
        Just(EntryBody::Note),
        Just(EntryBody::Finding),
        Just(EntryBody::Hypothesis),
        Just(EntryBody::Action),
        one.clone().prop_map(|n| EntryBody::HypothesisStatus {
            hypothesis: id(n),
            to: HypothesisStatus::Refuted
        }),
        one.clone().prop_map(|n| EntryBody::Evidence {
            link: None,
            attachment: None,
            hypothesis: Some(id(n)),
            stance: Stance::For
        }),
        (minutes.clone()).prop_map(|m| EntryBody::Task {
            owner: user(1),
            minutes: m
        }),
        one.clone()
            .prop_map(|n| EntryBody::TaskDone { task: id(n) }),
        minutes.prop_map(|m| EntryBody::Breakout {
            people: vec![user(1)],
            minutes: m
        }),
        one.clone()
            .prop_map(|n| EntryBody::BreakoutEnded { breakout: id(n) }),
        one.clone()
            .prop_map(|n| EntryBody::BlockerLifted { blocker: id(n) }),
        Just(EntryBody::Blocker {
            waiting_on: String::new(),
            minutes: None
        }),
        (1..10_000_u32).prop_map(|minutes| EntryBody::Wait { minutes }),
        one.clone()
            .prop_map(|n| EntryBody::WaitEnded { wait: id(n) }),
        (1..10_000_u32).prop_map(|m| EntryBody::Asked {
            whom: "carrier".into(),
            minutes: Some(m)
        }),
        one.clone()
            .prop_map(|n| EntryBody::Replied { asked: id(n) }),
        any::<bool>().prop_map(|firing| EntryBody::Alert {
            name: "ReservationsSlow".into(),
            firing,
            link: None
        }),
        one.clone().prop_map(|n| EntryBody::Answer {
            prompt: id(n),
            answer: AnswerKind::StillOnIt,
            minutes: Some(15)
        }),
        one.clone()
            .prop_map(|n| EntryBody::PromptWithdrawn { prompt: id(n) }),
        one.clone().prop_map(|n| EntryBody::Paged {
            page: PageId(uuid::Uuid::from_u128(n)),
            user: user(1),
            level: Some(1)
        }),
        one.clone().prop_map(|n| EntryBody::PageAcknowledged {
            page: PageId(uuid::Uuid::from_u128(n)),
            user: user(1)
        }),
        (1..4_u32).prop_map(|level| EntryBody::Prompt {
            to: PromptTo::Room,
            people: Vec::new(),
            level,
            signals: vec![PromptSignal {
                id: "no_learning".into(),
                why: "Nothing was learnt for 24 minutes.".into()
            }],
            answer_by: NOW,
            call: vec![ToCall {
                user: Some(user(2)),
                name: "Dana".into(),
                reason: "on call for platform".into(),
                route: "by e-mail".into()
            }]
        }),
        Just(EntryBody::Status {
            from: None,
            to: Status::Resolved
        }),
        Just(EntryBody::Status {
            from: None,
            to: Status::Investigating
        }),
    ]
}

proptest! {
    /// Adding entry by entry is the same as folding all of them, and every
    /// hypothesis, task and breakout is counted once, open or closed.
    #[test]
    fn the_board_is_a_fold(bodies in prop::collection::vec(any_body(), 0..40)) {
        let entries: Vec<Entry> =
            bodies.into_iter().enumerate().map(|(n, body)| entry(n as u128, body)).collect();
        let room = Room {
            incident: incident(),
            entries: entries.iter().cloned().map(Arc::new).collect(),
            people: HashMap::new(),
        };
        let mut step = Board::default();
        entries.iter().for_each(|e| step.add(e));
        prop_assert_eq!(&room.board(), &step);
        let count = |kind| entries.iter().filter(|e| e.kind() == kind).count();
        prop_assert_eq!(step.hypotheses.len(), count(EntryKind::Hypothesis));
        prop_assert_eq!(step.live_hypotheses().count() + step.ruled_out().count(), step.hypotheses.len());
        prop_assert_eq!(step.tasks.len(), count(EntryKind::Task));
        prop_assert!(step.open_tasks().all(|t| t.due > t.from));
    }

    /// An entry survives its JSON, whatever it carries.
    #[test]
    fn entries_survive_json(body in any_body(), text in ".{0,40}") {
        let new = NewEntry { id: id(1), body, text, occurred_at: Some(NOW) };
        let json = serde_json::to_string(&new).unwrap();
        prop_assert_eq!(serde_json::from_str::<NewEntry>(&json).unwrap(), new);
    }
}

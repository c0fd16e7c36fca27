//! What holds for any timeline.

use super::*;
use crate::{Effect, HypothesisStatus, Stance};
use proptest::prelude::*;

const TEXTS: &[&str] = &[
    "",
    "Looking",
    "Restore begun",
    "It fails again",
    "Nobody knows why",
    "ETA 30 min",
    "Nothing to do but wait until 14:30 UTC",
    "Alerts stop, back to normal",
    "No access to the admin interface",
];

fn body(kind: u8, known: &[EntryId], pick: usize) -> EntryBody {
    let one = || {
        known
            .get(pick % known.len().max(1))
            .copied()
            .unwrap_or(id(0))
    };
    match kind % 18 {
        0 => EntryBody::Note,
        1 => EntryBody::Finding,
        2 => EntryBody::Hypothesis,
        3 => EntryBody::HypothesisStatus {
            hypothesis: one(),
            to: HypothesisStatus::ALL[pick % 4],
        },
        4 => EntryBody::Evidence {
            link: None,
            attachment: None,
            hypothesis: Some(one()),
            stance: Stance::For,
        },
        5 => EntryBody::Action,
        6 => EntryBody::ActionEffect {
            action: one(),
            effect: Effect::ALL[pick % 3],
        },
        7 => EntryBody::Task {
            owner: user(2),
            minutes: 7,
        },
        8 => EntryBody::TaskDone { task: one() },
        9 => EntryBody::Blocker {
            waiting_on: String::new(),
            minutes: (pick.is_multiple_of(2)).then_some(15),
        },
        10 => EntryBody::BlockerLifted { blocker: one() },
        11 => EntryBody::Wait { minutes: 45 },
        12 => EntryBody::WaitEnded { wait: one() },
        13 => EntryBody::Asked {
            whom: "Carrier".into(),
            minutes: None,
        },
        14 => EntryBody::Status {
            from: None,
            to: Status::ALL[pick % 3],
        },
        15 => EntryBody::StakeholderUpdate {
            next_minutes: Some(20),
        },
        16 => EntryBody::Alert {
            name: "Latency".into(),
            firing: pick.is_multiple_of(2),
            link: None,
        },
        _ => EntryBody::Decision {
            alternatives: Vec::new(),
        },
    }
}

fn rooms() -> impl Strategy<Value = Room> {
    let entry = (0_u8..18, 0_usize..40, 0_usize..TEXTS.len(), 0_i64..50);
    (
        proptest::collection::vec(entry, 0..25),
        proptest::option::of(5_u32..200),
        any::<bool>(),
    )
        .prop_map(|(entries, usual, unknown)| {
            let mut room = Room::new();
            room.extra.usual_minutes = usual;
            if unknown {
                room.extra.without_expert = vec!["reservations".into()];
            }
            let mut minute = 0;
            let mut known = Vec::new();
            for (kind, pick, text, pause) in entries {
                minute += pause;
                let body = body(kind, &known, pick);
                known.push(room.write(minute, body, TEXTS[text]));
            }
            room
        })
}

/// What is judged, without the sentences, which tell the time.
fn gist(assessment: &Assessment) -> (Vec<(Signal, Strength, Timestamp)>, u32, Level) {
    let signals = assessment
        .signals
        .iter()
        .map(|f| (f.signal, f.strength, f.since))
        .collect();
    (signals, assessment.points, assessment.level)
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_look_and_something_at_it(room in rooms(), minute in 0_i64..3_000, part in 0.0_f64..1.0) {
        let now = at(minute);
        let judged = room.judge(now);
        if let Some(next) = judged.next_look {
            prop_assert!(next > now);
            let just_before = Timestamp(next.0 - 1);
            prop_assert_eq!(gist(&room.judge(just_before)), gist(&judged));
            let between = Timestamp(now.0 + ((next.0 - 1 - now.0) as f64 * part) as i64);
            prop_assert_eq!(gist(&room.judge(between)), gist(&judged));
            prop_assert_ne!(gist(&room.judge(next)), gist(&judged));
        } else {
            prop_assert_eq!(gist(&room.judge(now.plus_minutes(1_000_000))), gist(&judged));
        }
    }

    #[test]
    fn time_alone_never_calms(room in rooms(), first in 0_i64..3_000, more in 0_i64..3_000) {
        let (early, late) = (room.judge(at(first)), room.judge(at(first + more)));
        prop_assert!(late.points >= early.points);
        prop_assert!(late.level >= early.level);
        for fired in &early.signals {
            prop_assert!(late.fires(fired.signal));
        }
    }

    #[test]
    fn the_systems_own_entries_change_nothing(room in rooms(), minute in 0_i64..3_000, kind in 0_u8..4) {
        let mut told = room.clone();
        let body = match kind {
            0 => EntryBody::Note,
            1 => EntryBody::Joined,
            2 => EntryBody::Details,
            _ => EntryBody::Prompt {
                to: crate::entry::PromptTo::Room,
                people: Vec::new(),
                level: 2,
                signals: Vec::new(),
                answer_by: at(minute + 10),
                call: Vec::new(),
            },
        };
        told.system(minute, body, "Restore fails again; nobody knows; ETA 30 min");
        for after in [0, 10, 100, 1_000] {
            prop_assert_eq!(told.judge(at(minute + after)), room.judge(at(minute + after)));
        }
    }

    #[test]
    fn every_reason_is_a_sentence(room in rooms(), minute in 0_i64..3_000) {
        for fired in room.judge(at(minute)).signals {
            prop_assert!(fired.why.ends_with(['.', '!', '?', '…']), "{}", fired.why);
            prop_assert!(fired.why.starts_with(char::is_uppercase) || fired.why.starts_with(char::is_numeric), "{}", fired.why);
        }
    }
}

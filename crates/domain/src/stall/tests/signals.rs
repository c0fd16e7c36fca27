//! Every signal: when it fires, when not, and what it says.

use super::*;
use crate::{Effect, HypothesisStatus, IncidentRole, Stance};

/// Judges just before and at a minute: the signal must not fire, then fire; weakly, but
/// for “quiet”, which fires strongly at once while nobody knows the cause.
fn fires_at(room: &Room, signal: Signal, minute: i64) -> String {
    let before = room.judge(Timestamp(at(minute).0 - 1));
    assert!(!before.fires(signal), "{signal} too early: {before:?}");
    let then = room.judge(at(minute));
    let fired = then.signals.iter().find(|f| f.signal == signal);
    let fired = fired.unwrap_or_else(|| panic!("{signal} does not fire: {then:?}"));
    if signal != Signal::Quiet {
        assert_eq!(fired.strength, Strength::Weak, "{signal}");
    }
    fired.why.clone()
}

fn never(room: &Room, signal: Signal) {
    for minute in [1, 10, 60, 600, 6_000] {
        let then = room.judge(at(minute));
        assert!(!then.fires(signal), "{signal} after {minute} min: {then:?}");
    }
}

fn evidence(hypothesis: Option<EntryId>) -> EntryBody {
    EntryBody::Evidence {
        link: None,
        attachment: None,
        hypothesis,
        stance: Stance::Neutral,
    }
}

fn refuted(hypothesis: EntryId) -> EntryBody {
    EntryBody::HypothesisStatus {
        hypothesis,
        to: HypothesisStatus::Refuted,
    }
}

fn status(to: Status) -> EntryBody {
    EntryBody::Status { from: None, to }
}

#[test]
fn quiet_counts_from_the_last_entry_of_a_person() {
    let mut room = Room::new();
    room.write(5, EntryBody::Note, "Three people are here.");
    room.system(12, EntryBody::Note, "A machine speaks.");
    room.system(12, EntryBody::Joined, "");
    assert_eq!(
        fires_at(&room, Signal::Quiet, 13),
        "Nobody wrote anything for 8 min."
    );
}

#[test]
fn whoever_has_just_come_looks_around_first() {
    let mut room = Room::new();
    let declared = EntryBody::Declared {
        severity: Severity::Sev1,
    };
    room.write(0, declared, "Reservations crawl");
    fires_at(&room, Signal::Quiet, 16);
    // Somebody who was asked and does not come is another matter.
    let asked = EntryBody::Asked {
        whom: "the on-call engineer".into(),
        minutes: None,
    };
    room.system(1, asked, "Please look");
    fires_at(&room, Signal::Quiet, 8);
}

#[test]
fn quiet_asks_soon_while_nobody_knows_the_cause() {
    for (body, text) in [
        (EntryBody::Note, "We look around"),
        (EntryBody::Action, "Two instances taken out"),
        (EntryBody::Hypothesis, "Threads wait for the carrier"),
        (evidence(None), "Latency is 30 s"),
    ] {
        let mut room = Room::new();
        room.write(0, body, text);
        fires_at(&room, Signal::Quiet, 8);
        assert!(room.judge(at(8)).level.is_stalled(), "{text}");
    }
}

#[test]
fn quiet_waits_longer_once_the_cause_is_known_or_work_takes_its_time() {
    let known = || (EntryBody::Finding, "Only 8 of 32 threads are in use");
    let decided = EntryBody::Decision {
        alternatives: Vec::new(),
    };
    // Half of the patience is worth a look.
    for (first, body, text, minutes) in [
        (
            None,
            EntryBody::Finding,
            "Only 8 of 32 threads are in use",
            30,
        ),
        (None, decided, "Traffic goes to the other port", 45),
        (
            Some(known()),
            EntryBody::Action,
            "Two instances taken out",
            45,
        ),
        (
            None,
            EntryBody::Action,
            "Restart helps, requests recover",
            45,
        ),
        (
            None,
            EntryBody::Action,
            "Restore of the database begun",
            180,
        ),
        (None, EntryBody::Note, "Nothing to do but wait", 360),
        (None, EntryBody::Action, "Restore will take 40 minutes", 40),
        (None, EntryBody::Note, "ETA 25 min", 25),
        // Trouble takes the patience away.
        (
            None,
            EntryBody::Action,
            "Restore of the data begun, and it fails",
            8,
        ),
        (None, EntryBody::Finding, "Nobody knows what this means", 8),
        (Some(known()), EntryBody::Action, "Restart had no effect", 8),
    ] {
        let mut room = Room::new();
        if let Some((body, text)) = first {
            room.write(0, body, text);
        }
        room.write(0, body, text);
        fires_at(&room, Signal::Quiet, minutes);
    }
}

#[test]
fn what_takes_hours_goes_on_whatever_is_seen_meanwhile() {
    let mut room = Room::new();
    room.write(0, EntryBody::Action, "Restore of the database begun");
    room.write(10, evidence(None), "Latency is 30 s");
    fires_at(&room, Signal::Quiet, 185);
}

#[test]
fn no_learning_needs_people_who_write() {
    let mut room = Room::new();
    room.write(1, EntryBody::Finding, "The carrier is busy but coping");
    never(&room, Signal::NoLearning);
    room.write(20, EntryBody::Note, "Directors ask when it will be over");
    let why = fires_at(&room, Signal::NoLearning, 61);
    assert_eq!(
        why,
        "Nothing was learnt for 1 h; the last was: The carrier is busy but coping."
    );
    // What works is learnt as well.
    let action = room.write(21, EntryBody::Action, "Traffic routed to the main port");
    room.write(
        40,
        EntryBody::ActionEffect {
            action,
            effect: Effect::Helped,
        },
        "",
    );
    room.write(41, EntryBody::Note, "Looks calm");
    assert!(!room.judge(at(129)).fires(Signal::NoLearning));
    assert!(room.judge(at(131)).fires(Signal::NoLearning));
}

#[test]
fn nothing_ever_learnt_counts_from_the_declaration() {
    let room = Room::new();
    assert_eq!(
        fires_at(&room, Signal::NoLearning, 30),
        "Nothing was learnt in the 30 min since it was declared."
    );
}

#[test]
fn one_idea_needs_evidence_or_another() {
    let mut room = Room::new();
    let first = room.write(1, EntryBody::Hypothesis, "Threads wait for the carrier");
    let why = fires_at(&room, Signal::OneIdea, 31);
    assert_eq!(
        why,
        "One idea for 30 min without new evidence: Threads wait for the carrier."
    );
    room.write(20, evidence(Some(first)), "Thread dump");
    fires_at(&room, Signal::OneIdea, 50);
    room.write(21, EntryBody::Hypothesis, "The load balancer is wrong");
    never(&room, Signal::OneIdea);
}

#[test]
fn no_idea_is_none_proposed_or_all_ruled_out() {
    let mut room = Room::new();
    assert_eq!(
        fires_at(&room, Signal::NoIdea, 30),
        "No hypothesis was proposed for 30 min."
    );
    let first = room.write(10, EntryBody::Hypothesis, "The carrier is slow");
    never(&room, Signal::NoIdea);
    room.write(25, refuted(first), "It answers in 80 ms");
    assert_eq!(
        fires_at(&room, Signal::NoIdea, 55),
        "The only hypothesis is ruled out, and for 30 min there was no other."
    );
    // Once the cause is known nobody needs a hypothesis.
    room.write(26, status(Status::Identified), "");
    never(&room, Signal::NoIdea);
}

#[test]
fn tasks_and_breakouts_run_over() {
    let mut room = Room::new();
    let task = room.write(
        1,
        EntryBody::Task {
            owner: user(2),
            minutes: 10,
        },
        "Get at the admin interface",
    );
    assert_eq!(
        fires_at(&room, Signal::TaskOverdue, 13),
        "A task is 2 min over its time box: Get at the admin interface."
    );
    room.write(12, EntryBody::TaskDone { task }, "Done");
    never(&room, Signal::TaskOverdue);
    room.write(
        20,
        EntryBody::Breakout {
            people: vec![user(2)],
            minutes: 5,
        },
        "Why 8 threads?",
    );
    fires_at(&room, Signal::TaskOverdue, 27);
}

#[test]
fn blocked_by_a_blocker_or_by_words() {
    let mut room = Room::new();
    let blocker = room.write(
        1,
        EntryBody::Blocker {
            waiting_on: String::new(),
            minutes: None,
        },
        "The admin interface cannot be opened",
    );
    assert_eq!(
        fires_at(&room, Signal::Blocked, 6),
        "Blocked for 5 min: The admin interface cannot be opened."
    );
    room.write(5, EntryBody::BlockerLifted { blocker }, "");
    never(&room, Signal::Blocked);
    room.write(
        20,
        EntryBody::Note,
        "Nobody has access: the password is missing",
    );
    fires_at(&room, Signal::Blocked, 25);
    room.write(25, EntryBody::Finding, "The vault has it");
    never(&room, Signal::Blocked);
}

#[test]
fn a_blocker_counts_from_when_we_are_no_longer_ready_to_wait() {
    let mut room = Room::new();
    room.write(
        1,
        EntryBody::Blocker {
            waiting_on: "the network team".into(),
            minutes: Some(20),
        },
        "The firewall must be opened",
    );
    fires_at(&room, Signal::Blocked, 26);
}

#[test]
fn a_dependency_that_was_asked_is_given_its_promised_time() {
    let mut room = Room::new();
    let ask = |minutes| EntryBody::Asked {
        whom: "Carrier".into(),
        minutes,
    };
    let asked = room.write(1, ask(Some(30)), "Is your API well?");
    assert_eq!(
        fires_at(&room, Signal::DependencySilent, 41),
        "Carrier has not answered; an answer was due 10 min ago."
    );
    room.write(20, EntryBody::Replied { asked }, "Busy but coping");
    never(&room, Signal::DependencySilent);
    room.write(50, ask(None), "Still well?");
    assert_eq!(
        fires_at(&room, Signal::DependencySilent, 60),
        "Carrier was asked 10 min ago and has not answered."
    );
    room.extra.promised.insert("Carrier".into(), 60);
    fires_at(&room, Signal::DependencySilent, 120);
}

#[test]
fn nobody_leads_until_somebody_does() {
    let mut room = Room::new();
    never(&room, Signal::NobodyLeads);
    room.write(
        7,
        EntryBody::RoleReleased {
            role: IncidentRole::Commander,
            user: user(1),
        },
        "",
    );
    assert_eq!(
        fires_at(&room, Signal::NobodyLeads, 12),
        "Nobody has led for 5 min."
    );
    room.extra.lead = Lead::Unknown;
    never(&room, Signal::NobodyLeads);
}

#[test]
fn a_promised_update_is_late() {
    let mut room = Room::new();
    room.write(
        1,
        EntryBody::StakeholderUpdate {
            next_minutes: Some(30),
        },
        "We are on it",
    );
    assert_eq!(
        fires_at(&room, Signal::UpdateOverdue, 36),
        "The stakeholder update is 5 min late."
    );
}

#[test]
fn a_page_waits_for_an_acknowledgement() {
    let mut room = Room::new();
    let page = crate::PageId(Uuid::from_u128(77));
    room.system(
        3,
        EntryBody::Paged {
            page,
            user: user(5),
            level: None,
        },
        "",
    );
    fires_at(&room, Signal::PageUnanswered, 8);
    room.write(
        6,
        EntryBody::PageAcknowledged {
            page,
            user: user(5),
        },
        "",
    );
    never(&room, Signal::PageUnanswered);
}

#[test]
fn the_same_action_again_is_a_try_that_brought_nothing() {
    let mut room = Room::new();
    room.write(1, EntryBody::Action, "Hub pod restarted by force");
    room.write(4, EntryBody::Action, "Hub pod restarted once more");
    room.write(7, EntryBody::Action, "The hub pod is restarted");
    room.write(9, EntryBody::Action, "Hub pod restarted on another node");
    let judged = room.judge(at(9));
    let circles = judged
        .signals
        .iter()
        .find(|f| f.signal == Signal::Circles)
        .unwrap();
    assert_eq!(circles.strength, Strength::Strong);
    assert_eq!(
        circles.why,
        "3 tries in a row brought nothing; the last: Hub pod restarted on another node."
    );
    let mut other = Room::new();
    for (minute, what) in [
        (1, "Hub pod restarted"),
        (4, "Ingress taken out of the balancer"),
        (7, "Connections to the database limited"),
        (9, "Old version deployed"),
    ] {
        other.write(minute, EntryBody::Action, what);
    }
    never(&other, Signal::Circles);
}

#[test]
fn what_is_out_of_reach_blocks_only_who_needs_it() {
    let mut room = Room::new();
    room.write(1, EntryBody::Finding, "The API server is unreachable");
    never(&room, Signal::Blocked);
    room.write(3, EntryBody::Note, "The admin interface is unreachable");
    fires_at(&room, Signal::Blocked, 8);
}

#[test]
fn tries_that_bring_nothing_add_up() {
    let mut room = Room::new();
    let action =
        |room: &mut Room, minute| room.write(minute, EntryBody::Action, "Instances restarted");
    let no_effect = |action| EntryBody::ActionEffect {
        action,
        effect: Effect::NoEffect,
    };
    let first = action(&mut room, 1);
    room.write(3, no_effect(first), "");
    let why = fires_at(&room, Signal::Circles, 13);
    assert_eq!(why, "The last try brought nothing.");
    let second = action(&mut room, 5);
    room.write(8, no_effect(second), "Reservations crawl as before");
    let third = action(&mut room, 10);
    room.write(12, no_effect(third), "Nothing changed");
    let then = room.judge(at(12));
    let circles = then
        .signals
        .iter()
        .find(|f| f.signal == Signal::Circles)
        .unwrap();
    assert_eq!(circles.strength, Strength::Strong);
    assert_eq!(
        circles.why,
        "3 tries in a row brought nothing; the last: Nothing changed."
    );
    // Something that is learnt is a new way.
    room.write(
        13,
        EntryBody::Finding,
        "The load balancer sends all to one port",
    );
    never(&room, Signal::Circles);
}

#[test]
fn a_severity_that_goes_back_and_forth_goes_in_circles() {
    let mut room = Room::new();
    for (minute, from, to) in [
        (1, Severity::Sev1, Severity::Sev2),
        (5, Severity::Sev2, Severity::Sev1),
        (9, Severity::Sev1, Severity::Sev2),
    ] {
        room.write(
            minute,
            EntryBody::Severity {
                from: Some(from),
                to,
            },
            "",
        );
    }
    assert!(room.judge(at(9)).fires(Signal::Circles));
}

#[test]
fn nobody_here_knows_the_service() {
    let mut room = Room::new();
    never(&room, Signal::NoExpert);
    room.extra.without_expert = vec!["reservations".into()];
    assert_eq!(
        fires_at(&room, Signal::NoExpert, 15),
        "Nobody here is known to know reservations."
    );
}

#[test]
fn an_alert_that_fires_after_mitigation() {
    let mut room = Room::new();
    room.system(
        1,
        EntryBody::Alert {
            name: "Latency".into(),
            firing: true,
            link: None,
        },
        "",
    );
    never(&room, Signal::StillFiring);
    room.write(20, status(Status::Mitigated), "");
    assert_eq!(
        fires_at(&room, Signal::StillFiring, 30),
        "The alert Latency fires, 10 min after mitigation."
    );
    assert!(room.judge(at(30)).level.is_stalled());
}

#[test]
fn longer_than_nine_of_ten_unless_somebody_new_came() {
    let mut room = Room::new();
    room.extra.usual_minutes = Some(45);
    fires_at(&room, Signal::LongerThanUsual, 46);
    room.extra.newcomer = Some(at(50));
    never(&room, Signal::LongerThanUsual);
}

#[test]
fn a_wait_on_purpose_quiets_until_its_end_and_then_speaks() {
    let mut room = Room::new();
    let wait = room.write(10, EntryBody::Wait { minutes: 90 }, "Restore of the fleet");
    let before = room.judge(Timestamp(at(100).0 - 1));
    assert_eq!(before.level, Level::Clear, "{before:?}");
    let why = fires_at(&room, Signal::WaitOverrun, 110);
    assert_eq!(
        why,
        "The wait should have ended 10 min ago: Restore of the fleet."
    );
    assert!(room.judge(at(110)).level.is_stalled());
    // Who writes after its end waits no more.
    room.write(108, EntryBody::Note, "It is at 99 %");
    assert!(!room.judge(at(117)).fires(Signal::WaitOverrun));
    room.write(119, EntryBody::WaitEnded { wait }, "Restored");
    never(&room, Signal::WaitOverrun);
}

#[test]
fn after_mitigation_only_promises_count_and_far_more_patiently() {
    let mut room = Room::new();
    room.write(
        1,
        EntryBody::Task {
            owner: user(2),
            minutes: 10,
        },
        "Find the cause",
    );
    room.write(2, status(Status::Mitigated), "Customers are well");
    for signal in [Signal::Quiet, Signal::NoLearning, Signal::NoIdea] {
        never(&room, signal);
    }
    fires_at(&room, Signal::TaskOverdue, 11 + 2 * 4);
    room.write(30, status(Status::Resolved), "Over");
    let after = room.judge(at(6_000));
    assert_eq!((after.level, after.next_look), (Level::Clear, None));
}

#[test]
fn that_it_seems_over_is_believed_until_something_is_tried() {
    let mut room = Room::new();
    room.write(5, EntryBody::Note, "Alerts stop, back to normal");
    never(&room, Signal::Quiet);
    room.write(60, EntryBody::Hypothesis, "Or is it the cache?");
    assert!(room.judge(at(120)).fires(Signal::Quiet));
}

#[test]
fn one_overdue_task_is_no_stalled_room_and_three_weak_signals_are() {
    let mut room = Room::new();
    room.write(
        1,
        EntryBody::Task {
            owner: user(2),
            minutes: 1,
        },
        "Look",
    );
    room.write(5, EntryBody::Finding, "Something new");
    let one = room.judge(at(5));
    assert_eq!((one.level, one.signals.len()), (Level::Watch, 1));
    room.write(
        5,
        EntryBody::StakeholderUpdate {
            next_minutes: Some(1),
        },
        "Soon more",
    );
    room.write(
        5,
        EntryBody::RoleReleased {
            role: IncidentRole::Commander,
            user: user(1),
        },
        "",
    );
    let three = room.judge(at(11));
    assert!(three.signals.iter().all(|f| f.signal != Signal::Quiet));
    assert_eq!((three.level, three.signals.len()), (Level::Stalled, 3));
    assert_eq!(
        three.signals.iter().map(|f| f.signal).collect::<Vec<_>>(),
        [
            Signal::TaskOverdue,
            Signal::NobodyLeads,
            Signal::UpdateOverdue
        ]
    );
}

#[test]
fn the_story_of_the_launch_stalls_where_it_stalled() {
    let mut room = Room::new();
    room.write(2, EntryBody::Finding, "Reservations time out");
    let idea = room.write(4, EntryBody::Hypothesis, "Threads wait for the carrier");
    room.write(6, evidence(Some(idea)), "The carrier is busy but coping");
    room.write(
        9,
        EntryBody::Blocker {
            waiting_on: String::new(),
            minutes: None,
        },
        "Nobody can reach the admin interface of the instances",
    );
    room.write(14, EntryBody::Note, "Directors ask when it will be over");
    let mut stalled = None;
    let mut now = at(14);
    while let Some(next) = room.judge(now).next_look {
        now = next;
        if room.judge(now).level.is_stalled() {
            stalled = Some(now);
            break;
        }
    }
    let then = room.judge(stalled.unwrap());
    assert!(stalled.unwrap() <= at(19), "{stalled:?}");
    assert_eq!(then.signals[0].signal, Signal::Blocked);
}

//! The ladder, move by move, and what holds for any sequence of events.

use super::super::ladder::*;
use super::*;
use proptest::prelude::*;

fn delays() -> Delays {
    Settings::default().sev1.ladder
}

fn judged(level: Level) -> Assessment {
    Assessment {
        signals: Vec::new(),
        points: 0,
        level,
        learnt_at: None,
        next_look: None,
    }
}

/// A ladder that is moved by the minute.
struct Climber {
    state: State,
    next: Option<Timestamp>,
}

impl Climber {
    fn new() -> Self {
        Self {
            state: State::default(),
            next: None,
        }
    }

    fn on(&mut self, minute: i64, level: Level, event: Event) -> Vec<Step> {
        let outcome = climb(&self.state, &judged(level), &event, delays(), at(minute));
        // The state is kept in a column between two moves.
        let json = serde_json::to_string(&outcome.state).unwrap();
        self.state = serde_json::from_str(&json).unwrap();
        self.next = outcome.next;
        outcome.steps
    }

    fn stalled(&mut self, minute: i64, event: Event) -> Vec<Step> {
        self.on(minute, Level::Stalled, event)
    }
}

const fn withdraw(why: Withdrawal) -> Step {
    Step::Withdraw { why }
}

#[test]
fn a_room_that_does_not_answer_is_not_left_alone() {
    let mut ladder = Climber::new();
    assert_eq!(ladder.on(0, Level::Watch, Event::Look), []);
    assert_eq!(ladder.next, None);
    assert_eq!(ladder.stalled(1, Event::Look), [Step::Prompt]);
    assert_eq!(ladder.next, Some(at(11)));
    assert_eq!(ladder.stalled(5, Event::Look), []);
    assert_eq!(ladder.stalled(11, Event::Look), [Step::AskSecondOpinion]);
    assert_eq!(ladder.next, Some(at(26)));
    assert_eq!(
        ladder.stalled(26, Event::Look),
        [Step::Escalate { round: 1 }]
    );
    // The policy climbs by itself.
    assert_eq!(ladder.next, None);
    assert_eq!(ladder.stalled(300, Event::Look), []);
    assert_eq!(ladder.stalled(301, Event::Exhausted), []);
    assert_eq!(ladder.next, Some(at(316)));
    assert_eq!(
        ladder.stalled(316, Event::Look),
        [Step::Escalate { round: 2 }]
    );
    assert_eq!(ladder.stalled(320, Event::Exhausted), []);
    assert_eq!(ladder.next, Some(at(350)));
}

#[test]
fn learning_takes_the_prompt_back() {
    let mut ladder = Climber::new();
    ladder.stalled(0, Event::Look);
    assert_eq!(
        ladder.on(3, Level::Watch, Event::Learnt),
        [withdraw(Withdrawal::Learnt)]
    );
    // Still stalled by other signals: the room is left in peace for a while.
    assert_eq!(ladder.stalled(4, Event::Look), []);
    assert_eq!(ladder.next, Some(at(18)));
    assert_eq!(ladder.stalled(18, Event::Look), [Step::Prompt]);
}

#[test]
fn an_answer_is_taken_at_its_word() {
    for minutes in Answer::MINUTES {
        let mut ladder = Climber::new();
        ladder.stalled(0, Event::Look);
        let answer = Event::Answered(Answer::StillOnIt { minutes });
        assert_eq!(ladder.stalled(2, answer), [withdraw(Withdrawal::Answered)]);
        let again = 2 + i64::from(minutes);
        assert_eq!(ladder.next, Some(at(again)));
        assert_eq!(ladder.stalled(again - 1, Event::Look), []);
        assert_eq!(ladder.stalled(again, Event::Look), [Step::Prompt]);
    }
}

#[test]
fn the_third_still_on_it_asks_for_a_second_opinion() {
    let mut ladder = Climber::new();
    let still = || Event::Answered(Answer::StillOnIt { minutes: 5 });
    for round in 0..2 {
        assert_eq!(ladder.stalled(round * 10, Event::Look), [Step::Prompt]);
        ladder.stalled(round * 10 + 1, still());
    }
    assert_eq!(ladder.stalled(20, Event::Look), [Step::Prompt]);
    assert_eq!(ladder.stalled(21, still()), [Step::AskSecondOpinion]);
    // A fourth does not silence it, and neither do signals that fall.
    assert_eq!(ladder.stalled(22, still()), []);
    assert_eq!(ladder.on(23, Level::Clear, Event::Look), []);
    assert_eq!(
        ladder.on(36, Level::Clear, Event::Look),
        [Step::Escalate { round: 1 }]
    );
    // Somebody who comes does.
    assert_eq!(
        ladder.on(40, Level::Clear, Event::Acknowledged),
        [withdraw(Withdrawal::Acknowledged)]
    );
    assert_eq!(ladder.next, None);
}

#[test]
fn learning_in_between_starts_the_count_anew() {
    let mut ladder = Climber::new();
    for round in 0..6 {
        let minute = round * 60;
        assert_eq!(ladder.stalled(minute, Event::Look), [Step::Prompt]);
        let still = Event::Answered(Answer::StillOnIt { minutes: 5 });
        assert_eq!(
            ladder.stalled(minute + 1, still),
            [withdraw(Withdrawal::Answered)]
        );
        ladder.on(minute + 2, Level::Clear, Event::Learnt);
    }
}

#[test]
fn every_answer_has_its_effect() {
    for (answer, again) in [
        (Answer::Blocked, delays().again),
        (Answer::NeedHelp, delays().again),
        (Answer::Mitigated, delays().again),
        (Answer::NotStuck, delays().not_stuck),
    ] {
        let mut ladder = Climber::new();
        ladder.stalled(0, Event::Look);
        assert_eq!(
            ladder.stalled(2, Event::Answered(answer)),
            [withdraw(Withdrawal::Answered)]
        );
        assert_eq!(ladder.next, Some(at(2 + i64::from(again))));
    }
    let mut ladder = Climber::new();
    ladder.stalled(0, Event::Look);
    assert_eq!(
        ladder.stalled(1, Event::Answered(Answer::EscalateNow)),
        [Step::Escalate { round: 1 }]
    );
    assert_eq!(ladder.on(2, Level::Clear, Event::Look), []);
    assert_eq!(ladder.state.rung, Rung::Policy);
}

#[test]
fn somebody_who_writes_is_given_time_but_not_for_ever() {
    let mut ladder = Climber::new();
    assert_eq!(ladder.stalled(0, Event::Look), [Step::Prompt]);
    ladder.stalled(8, Event::Entry);
    assert_eq!(ladder.next, Some(at(18)));
    ladder.stalled(16, Event::Entry);
    assert_eq!(ladder.next, Some(at(26)));
    ladder.stalled(25, Event::Entry);
    assert_eq!(ladder.next, Some(at(30)));
    assert_eq!(ladder.stalled(30, Event::Entry), [Step::AskSecondOpinion]);
}

/// Judged as stalled by these signals, with the first counting from minute 0.
fn by(signals: &[Signal]) -> Assessment {
    Assessment {
        signals: signals
            .iter()
            .map(|signal| Fired {
                signal: *signal,
                strength: Strength::Strong,
                since: at(0),
                why: String::new(),
            })
            .collect(),
        ..judged(Level::Stalled)
    }
}

#[test]
fn absence_alone_must_last_twice_as_long_for_each_rung() {
    let absent = by(&[Signal::Quiet, Signal::NoLearning, Signal::NoIdea]);
    let look = |state: &State, assessment: &Assessment, minute| {
        climb(state, assessment, &Event::Look, delays(), at(minute))
    };
    // The room was expected to be silent for twenty minutes.
    let asked = look(&State::default(), &absent, 20);
    assert_eq!(asked.steps, [Step::Prompt]);
    assert_eq!(asked.next, Some(at(40)));
    assert_eq!(look(&asked.state, &absent, 39).steps, []);
    let second = look(&asked.state, &absent, 40);
    assert_eq!(second.steps, [Step::AskSecondOpinion]);
    // Nobody waits for longer than half an hour.
    assert_eq!(second.next, Some(at(70)));
    let third = look(&second.state, &absent, 70);
    assert_eq!(third.steps, [Step::Escalate { round: 1 }]);
    let asked = look(&State::default(), &absent, 600);
    assert_eq!(asked.next, Some(at(630)));
    // A short silence does not make a rung shorter than its own minutes.
    let asked = look(&State::default(), &absent, 5);
    assert_eq!(asked.next, Some(at(15)));
}

#[test]
fn a_sign_of_trouble_ends_the_patience_with_absence() {
    let absent = by(&[Signal::Quiet]);
    let trouble = by(&[Signal::Quiet, Signal::UpdateOverdue]);
    let look = |state: &State, assessment: &Assessment, minute| {
        climb(state, assessment, &Event::Look, delays(), at(minute))
    };
    for sign in Signal::ALL.iter().filter(|s| !s.is_quieted_by_work()) {
        let outcome = look(&State::default(), &by(&[Signal::Quiet, *sign]), 60);
        assert_eq!(outcome.next, Some(at(70)), "{sign}");
    }
    let asked = look(&State::default(), &absent, 60).state;
    let hurried = look(&asked, &trouble, 65);
    assert_eq!(hurried.next, Some(at(75)));
    // Later looks do not put it off again.
    let later = look(&hurried.state, &trouble, 70);
    assert_eq!(later.next, Some(at(75)));
    assert_eq!(
        look(&later.state, &trouble, 75).steps,
        [Step::AskSecondOpinion]
    );
}

#[test]
fn who_writes_while_a_second_opinion_is_awaited_puts_the_page_off() {
    let mut ladder = Climber::new();
    ladder.stalled(0, Event::Look);
    assert_eq!(ladder.stalled(10, Event::Look), [Step::AskSecondOpinion]);
    for (minute, next) in [(20, 35), (34, 49), (48, 55)] {
        assert_eq!(ladder.stalled(minute, Event::Entry), []);
        assert_eq!(ladder.next, Some(at(next)));
    }
    assert_eq!(
        ladder.stalled(55, Event::Entry),
        [Step::Escalate { round: 1 }]
    );
}

#[test]
fn after_a_long_absence_one_rung_is_climbed() {
    let mut ladder = Climber::new();
    ladder.stalled(0, Event::Look);
    assert_eq!(ladder.stalled(600, Event::Look), [Step::AskSecondOpinion]);
    assert_eq!(ladder.next, Some(at(615)));
}

#[test]
fn a_clock_set_back_puts_nothing_off() {
    let mut ladder = Climber::new();
    ladder.stalled(600, Event::Look);
    assert_eq!(ladder.stalled(2, Event::Look), []);
    assert_eq!(ladder.next, Some(at(12)));
    let mut ladder = Climber::new();
    ladder.stalled(600, Event::Look);
    ladder.stalled(601, Event::Answered(Answer::NotStuck));
    ladder.stalled(2, Event::Look);
    assert_eq!(ladder.next, Some(at(32)));
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Look),
        2 => Just(Event::Entry),
        1 => Just(Event::Learnt),
        1 => Just(Event::Acknowledged),
        1 => Just(Event::Exhausted),
        1 => Just(Event::Answered(Answer::StillOnIt { minutes: 10 })),
        1 => Just(Event::Answered(Answer::NotStuck)),
        1 => Just(Event::Answered(Answer::EscalateNow)),
    ]
}

proptest! {
    /// Whatever happened before: a room that stays stalled and silent is asked,
    /// then somebody else is, then the policy runs, and begins again.
    #[test]
    fn it_never_ends_in_silence(past in proptest::collection::vec((events(), 0_i64..20, any::<bool>()), 0..20)) {
        let mut ladder = Climber::new();
        let mut minute = 0;
        for (event, pause, stalled) in past {
            minute += pause;
            ladder.on(minute, if stalled { Level::Stalled } else { Level::Clear }, event);
        }
        let mut rounds = 0;
        for _ in 0..12 {
            ladder.stalled(minute, Event::Look);
            if ladder.state.rung == Rung::Policy && ladder.next.is_none() {
                rounds += 1;
                minute += 5;
                ladder.stalled(minute, Event::Exhausted);
            }
            let next = ladder.next.unwrap();
            prop_assert!(next.seconds_since(at(minute)) <= 60 * 60);
            minute = next.seconds_since(BEGAN).div_euclid(60) + 1;
        }
        prop_assert!(rounds >= 2);
    }

    /// In one move at most one person or group is asked, and a prompt is taken
    /// back exactly when one was open.
    #[test]
    fn one_move_is_one_step(past in proptest::collection::vec((events(), 0_i64..20, any::<bool>()), 0..40)) {
        let mut ladder = Climber::new();
        let mut minute = 0;
        for (event, pause, stalled) in past {
            minute += pause;
            let open = ladder.state.rung != Rung::Calm;
            let steps = ladder.on(minute, if stalled { Level::Stalled } else { Level::Clear }, event);
            let asked = steps.iter().filter(|s| !matches!(s, Step::Withdraw { .. })).count();
            let withdrawn = steps.len() - asked;
            prop_assert!(asked <= 1 && withdrawn <= 1, "{steps:?}");
            prop_assert!(open || withdrawn == 0, "{steps:?}");
            if asked == 1 {
                prop_assert!(ladder.state.rung != Rung::Calm);
            }
            if let Some(next) = ladder.next {
                prop_assert!(next > at(minute));
            }
        }
    }

    /// A room that always answers is never asked more often than it said.
    #[test]
    fn who_answers_is_left_in_peace(minutes in proptest::sample::select(&Answer::MINUTES)) {
        let mut ladder = Climber::new();
        let mut prompts = Vec::new();
        for minute in 0..600 {
            let learnt = minute % 3 == 2;
            for step in ladder.stalled(minute, if learnt { Event::Learnt } else { Event::Look }) {
                if step == Step::Prompt {
                    prompts.push(minute);
                    ladder.stalled(minute, Event::Answered(Answer::StillOnIt { minutes }));
                }
            }
        }
        for pair in prompts.windows(2) {
            prop_assert!(pair[1] - pair[0] >= i64::from(minutes));
        }
    }
}

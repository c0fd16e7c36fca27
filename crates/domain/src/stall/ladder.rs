//! The prompt ladder: whom to ask, and when, once a room counts as stalled.
//!
//! The room first. No answer in time, or the third “still on it” with nothing
//! learnt, asks for a second opinion, because whoever is stuck is the last to
//! see it. Then the escalation policy, level by level, until a person
//! acknowledges. The ladder is a function: state, assessment, event and time go
//! in; the new state, the steps to take and the next time come out.

use super::Assessment;
use crate::{Timestamp, incident::words};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Longest pause before a policy that was gone through in vain is begun again, in minutes.
const ROUND_MAX: u32 = 60;
/// Longest time that a rung waits because nothing but absence speaks, in minutes.
const ABSENT_MAX: i64 = 30;

/// How long each rung is given, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delays {
    /// For the room to answer its prompt.
    pub answer: u32,
    /// For the second opinion to be given.
    pub second_opinion: u32,
    /// Before an escalation that reached nobody is begun again; doubled each time,
    /// up to an hour.
    pub round: u32,
    /// Before the room is asked again after an entry or a finding.
    pub again: u32,
    /// Before the room is asked again after it said that it is not stuck.
    pub not_stuck: u32,
}

words! {
    /// Where the ladder stands.
    Rung, "rung", {
        /// Nobody is asked.
        Calm = "calm" / "calm",
        /// The room is asked.
        Room = "room" / "room",
        /// A second opinion is asked for.
        SecondOpinion = "second_opinion" / "second opinion",
        /// The escalation policy runs.
        Policy = "policy" / "escalation policy",
    }
}

/// The state of one incident's ladder, kept between looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Where it stands.
    pub rung: Rung,
    /// Times the policy was begun.
    pub round: u32,
    /// When the rung was taken.
    pub since: Option<Timestamp>,
    /// When the next rung is due, if nothing happens.
    pub due: Option<Timestamp>,
    /// The room is not asked again before.
    pub not_before: Option<Timestamp>,
    /// “Still on it”, in a row, without anything learnt.
    pub still_on_it: u32,
    /// It climbs whatever the signals say, until something is learnt or somebody
    /// acknowledges: escalation was asked for, or “still on it” said three times.
    pub held: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            rung: Rung::Calm,
            round: 0,
            since: None,
            due: None,
            not_before: None,
            still_on_it: 0,
            held: false,
        }
    }
}

/// How many times “still on it” is taken at its word when nothing is learnt.
pub const STILL_ON_IT_MAX: u32 = 3;

/// What the room answers to a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Still on it; look again in so many minutes.
    StillOnIt {
        /// One of [`Answer::MINUTES`].
        minutes: u32,
    },
    /// Something is lacking; a blocker is written to the timeline.
    Blocked,
    /// Somebody is to be called.
    NeedHelp,
    /// The policy is to be gone through at once.
    EscalateNow,
    /// Customers are well.
    Mitigated,
    /// The prompt was false.
    NotStuck,
}

impl Answer {
    /// Minutes that may be asked for.
    pub const MINUTES: [u32; 4] = [5, 10, 15, 30];
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Only time passed, or something that the assessment tells already.
    Look,
    /// A person wrote; nothing was learnt.
    Entry,
    /// Something was learnt.
    Learnt,
    /// The room answered.
    Answered(Answer),
    /// Whoever was asked or paged last acknowledged, and is here.
    Acknowledged,
    /// The policy was gone through and nobody came, or there is none.
    Exhausted,
}

words! {
    /// Why a prompt is taken back.
    Withdrawal, "withdrawal", {
        /// Something was learnt.
        Learnt = "learnt" / "something was learnt",
        /// The signals no longer add up.
        NoLongerStalled = "no_longer_stalled" / "the room is no longer stalled",
        /// The room answered.
        Answered = "answered" / "the room answered",
        /// A person acknowledged.
        Acknowledged = "acknowledged" / "somebody is on it",
    }
}

/// A step to take, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Take back what is open: the prompt, the request for a second opinion, pages.
    Withdraw {
        /// Why.
        why: Withdrawal,
    },
    /// Ask the room.
    Prompt,
    /// Ask the deputy, or the level above the commander.
    AskSecondOpinion,
    /// Begin the escalation policy at its first level; it climbs by itself.
    Escalate {
        /// From 1; more when it was gone through before and nobody came.
        round: u32,
    },
}

/// What to do, and when to come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The new state.
    pub state: State,
    /// What to do now.
    pub steps: Vec<Step>,
    /// When to come back, if nothing happens; none if only an entry can change anything.
    pub next: Option<Timestamp>,
}

/// One move of the ladder.
///
/// At most one rung is climbed in a move, however much time has passed: after a
/// night in which the server was down, one person is woken and not five.
#[must_use]
pub fn climb(
    state: &State,
    assessment: &Assessment,
    event: &Event,
    delays: Delays,
    now: Timestamp,
) -> Outcome {
    let mut ladder = Ladder {
        state: state.clone(),
        steps: Vec::new(),
        delays,
        now,
        silent_since: assessment.only_absent_since(),
    };
    ladder.mend_clock();
    ladder.hear(event);
    let stalled = assessment.level.is_stalled() || ladder.state.held;
    if stalled {
        ladder.move_on();
    } else {
        ladder.settle(Withdrawal::NoLongerStalled, delays.again);
    }
    let next = ladder.next(assessment, stalled);
    Outcome {
        state: ladder.state,
        steps: ladder.steps,
        next,
    }
}

struct Ladder {
    state: State,
    steps: Vec<Step>,
    delays: Delays,
    now: Timestamp,
    /// Since when, where nothing but absence speaks.
    silent_since: Option<Timestamp>,
}

impl Ladder {
    /// A clock that was set back must not put the next rung off by as much.
    fn mend_clock(&mut self) {
        let state = &mut self.state;
        if let Some(since) = state.since.filter(|since| *since > self.now) {
            let back = since.0.saturating_sub(self.now.0);
            state.since = Some(self.now);
            state.due = state.due.map(|due| Timestamp(due.0.saturating_sub(back)));
        }
        let longest = self.now.plus_minutes(i64::from(
            self.delays.not_stuck.max(self.delays.again).max(30),
        ));
        state.not_before = state.not_before.map(|at| at.min(longest));
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Look => {}
            Event::Learnt => self.settle(Withdrawal::Learnt, self.delays.again),
            Event::Acknowledged => self.settle(Withdrawal::Acknowledged, self.delays.again),
            Event::Entry => {
                // Somebody is here: the climb waits, but not for ever.
                if let (Some(minutes), Some(since)) = (self.own_minutes(), self.state.since) {
                    let most = since.plus_minutes(i64::from(minutes) * i64::from(STILL_ON_IT_MAX));
                    let due = self.in_minutes(minutes).min(most);
                    self.state.due = self.state.due.max(Some(due));
                }
            }
            Event::Exhausted => {
                if self.state.rung == Rung::Policy {
                    let doublings = self.state.round.saturating_sub(1).min(8);
                    let wait = self.delays.round.saturating_mul(1 << doublings);
                    self.state.due =
                        Some(self.in_minutes(wait.min(ROUND_MAX.max(self.delays.round))));
                }
            }
            Event::Answered(answer) => self.answered(answer),
        }
    }

    fn answered(&mut self, answer: &Answer) {
        match answer {
            Answer::StillOnIt { minutes } => {
                self.state.still_on_it = self.state.still_on_it.saturating_add(1);
                if self.state.still_on_it < STILL_ON_IT_MAX {
                    self.come_down(Withdrawal::Answered);
                    self.pause(*minutes);
                } else if !self.state.held {
                    // Once asked, the second opinion is not silenced by a fourth time.
                    self.second_opinion();
                    self.state.held = true;
                }
            }
            Answer::Blocked | Answer::NeedHelp | Answer::Mitigated => {
                self.settle(Withdrawal::Answered, self.delays.again);
            }
            Answer::NotStuck => self.settle(Withdrawal::Answered, self.delays.not_stuck),
            Answer::EscalateNow => {
                if self.state.rung != Rung::Policy {
                    self.escalate(1);
                }
                self.state.held = true;
            }
        }
    }

    fn settle(&mut self, why: Withdrawal, minutes: u32) {
        if why != Withdrawal::NoLongerStalled {
            self.state.still_on_it = 0;
        }
        // What was never asked needs no pause: learning alone moves the signals.
        if self.state.rung != Rung::Calm || why == Withdrawal::Answered {
            self.pause(minutes);
        }
        self.come_down(why);
    }

    /// Climbs one rung, if it is due.
    fn move_on(&mut self) {
        if !self.steps.is_empty() && self.state.rung != Rung::Calm {
            return;
        }
        self.hurry();
        let due = self.state.due.is_some_and(|due| due <= self.now);
        match self.state.rung {
            Rung::Calm => {
                if self.state.not_before.is_none_or(|at| at <= self.now) {
                    self.take(Rung::Room, Step::Prompt);
                    self.state.due = Some(self.patient(self.delays.answer));
                }
            }
            Rung::Room if due => self.second_opinion(),
            Rung::SecondOpinion if due => self.escalate(1),
            Rung::Policy if due => self.escalate(self.state.round.saturating_add(1)),
            Rung::Room | Rung::SecondOpinion | Rung::Policy => {}
        }
    }

    fn second_opinion(&mut self) {
        self.take(Rung::SecondOpinion, Step::AskSecondOpinion);
        self.state.due = Some(self.patient(self.delays.second_opinion));
    }

    /// When the next rung is due: after its minutes, or, where nothing but absence
    /// speaks, when that has lasted twice as long, or half an hour more. Who was expected
    /// to be silent for an hour cannot be expected to answer within ten minutes.
    fn patient(&self, minutes: u32) -> Timestamp {
        let due = self.in_minutes(minutes);
        match self.silent_since {
            Some(since) if !self.state.held => {
                let twice = Timestamp(self.now.0.saturating_mul(2).saturating_sub(since.0));
                due.max(twice.min(self.now.plus_minutes(ABSENT_MAX)))
            }
            _ => due,
        }
    }

    /// Once there is more than absence, the rung's own minutes count.
    fn hurry(&mut self) {
        if let Some(minutes) = self.own_minutes()
            && (self.silent_since.is_none() || self.state.held)
        {
            let due = self.in_minutes(minutes);
            self.state.due = self.state.due.map(|at| at.min(due));
        }
    }

    /// Minutes of a rung that waits for an answer.
    const fn own_minutes(&self) -> Option<u32> {
        match self.state.rung {
            Rung::Room => Some(self.delays.answer),
            Rung::SecondOpinion => Some(self.delays.second_opinion),
            Rung::Calm | Rung::Policy => None,
        }
    }

    /// Hands over to the policy, which has a clock of its own.
    fn escalate(&mut self, round: u32) {
        self.take(Rung::Policy, Step::Escalate { round });
        self.state.round = round;
        self.state.due = None;
    }

    fn take(&mut self, rung: Rung, step: Step) {
        self.state.rung = rung;
        self.state.since = Some(self.now);
        self.state.not_before = None;
        self.steps.push(step);
    }

    /// Takes back what is open.
    fn come_down(&mut self, why: Withdrawal) {
        if self.state.rung == Rung::Calm {
            return;
        }
        self.steps.push(Step::Withdraw { why });
        self.state.rung = Rung::Calm;
        self.state.round = 0;
        self.state.since = None;
        self.state.due = None;
        self.state.held = false;
    }

    fn pause(&mut self, minutes: u32) {
        let until = self.in_minutes(minutes);
        self.state.not_before = self.state.not_before.max(Some(until));
    }

    const fn in_minutes(&self, minutes: u32) -> Timestamp {
        self.now.plus_minutes(minutes as i64)
    }

    fn next(&self, assessment: &Assessment, stalled: bool) -> Option<Timestamp> {
        let own = match self.state.rung {
            Rung::Calm if stalled => self.state.not_before.filter(|at| *at > self.now),
            Rung::Calm => None,
            _ => self.state.due,
        };
        match (own, assessment.next_look) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

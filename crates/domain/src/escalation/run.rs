//! An escalation under way: which level is called when, and how it ends.
//!
//! It runs over a copy of its policy, so that changing or archiving the policy
//! disturbs nothing. It never stops in silence: it ends by an acknowledgement, by
//! the end of the incident, or exhausted, which is said and calls whoever is in charge.

use super::{Policy, Target};
use crate::{Timestamp, incident::words};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// How an escalation stands.
    State, "state of an escalation", {
        /// Levels are being called.
        Running = "running" / "Running",
        /// Somebody came.
        Acknowledged = "acknowledged" / "Acknowledged",
        /// The incident is over.
        Ended = "ended" / "Ended",
        /// Every level was called as often as the policy says, and nobody came.
        Exhausted = "exhausted" / "Exhausted",
    }
}

/// An escalation under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The policy as it was when the escalation began.
    pub policy: Policy,
    /// How it stands.
    pub state: State,
    /// The level called last, from 1; 0 before the first.
    pub level: u32,
    /// How often all levels were gone through before.
    pub round: u32,
    /// When the next step is due; only while it runs.
    pub next_at: Option<Timestamp>,
    /// Levels skipped one after the other, without time passing.
    skipped: usize,
}

/// The step that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due<'a> {
    /// Call this level.
    Level {
        /// From 1.
        level: u32,
        /// From 0.
        round: u32,
        /// Whom it calls.
        targets: &'a [Target],
    },
    /// There is no further level: call whoever is in charge.
    Exhausted,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// Somebody was called; the next step follows in its time.
    Called,
    /// Nobody was there; the next step is due at once.
    Nobody,
    /// It is over without anybody having come.
    Exhausted,
}

/// The escalation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this escalation is over ({0}); start another one from the incident")]
pub struct Over(pub State);

impl Run {
    /// An escalation whose first level is due now.
    #[must_use]
    pub const fn start(policy: Policy, now: Timestamp) -> Self {
        Self::resume(policy, State::Running, 0, 0, Some(now))
    }

    /// An escalation as it was stored.
    #[must_use]
    pub const fn resume(
        policy: Policy,
        state: State,
        level: u32,
        round: u32,
        next_at: Option<Timestamp>,
    ) -> Self {
        Self {
            policy,
            state,
            level,
            round,
            next_at,
            skipped: 0,
        }
    }

    /// The step that is due, if one is.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Due<'_>> {
        if self.state != State::Running || self.next_at.is_none_or(|at| at > now) {
            return None;
        }
        let Some((level, round)) = self.after_this() else {
            return Some(Due::Exhausted);
        };
        let targets = self.level_at(level).map_or(&[][..], |l| &l.targets);
        Some(Due::Level {
            level,
            round,
            targets,
        })
    }

    /// Takes the step that [`due`](Self::due) told, of which `reachable` people
    /// can be reached now.
    pub fn step(&mut self, now: Timestamp, reachable: usize) -> Stepped {
        let Some((level, round)) = self.after_this() else {
            self.state = State::Exhausted;
            self.next_at = None;
            return Stepped::Exhausted;
        };
        (self.level, self.round) = (level, round);
        if reachable == 0 {
            self.skipped += 1;
            self.next_at = Some(now);
            return Stepped::Nobody;
        }
        self.skipped = 0;
        self.next_at = Some(now.plus_minutes(self.patience()));
        Stepped::Called
    }

    /// Nobody of the present level can be reached any more: the next step is due at once.
    pub fn nobody_reached(&mut self, now: Timestamp) {
        if self.state == State::Running {
            self.next_at = self.next_at.map(|at| at.min(now));
        }
    }

    /// Somebody came. True if that changed anything: a page may be acknowledged
    /// after its escalation is over.
    pub fn acknowledge(&mut self) -> bool {
        let changes = matches!(self.state, State::Running | State::Exhausted);
        if changes {
            self.state = State::Acknowledged;
            self.next_at = None;
        }
        changes
    }

    /// Somebody wants the next level called now. Whoever came may find that it
    /// takes somebody else.
    ///
    /// # Errors
    /// [`Over`], if there is no next level to call any more.
    pub fn escalate(&mut self, now: Timestamp) -> Result<(), Over> {
        match self.state {
            State::Running | State::Acknowledged => {
                self.state = State::Running;
                self.next_at = Some(now);
                Ok(())
            }
            over => Err(Over(over)),
        }
    }

    /// The incident is over. True if that changed anything.
    pub fn end(&mut self) -> bool {
        let changes = self.state == State::Running;
        if changes {
            self.state = State::Ended;
            self.next_at = None;
        }
        changes
    }

    /// The clock was set back: no step may be further away than its level's time.
    /// True if that changed anything.
    pub fn set_back(&mut self, now: Timestamp) -> bool {
        let latest = now.plus_minutes(self.patience());
        let late = self.next_at.is_some_and(|at| at > latest);
        if late {
            self.next_at = Some(latest);
        }
        late
    }

    /// The level and round after the present ones. When all levels were skipped
    /// without time passing, going through them again would not find anybody.
    fn after_this(&self) -> Option<(u32, u32)> {
        let levels = u32::try_from(self.policy.levels.len()).unwrap_or(u32::MAX);
        if levels == 0 || self.skipped >= self.policy.levels.len() {
            None
        } else if self.level < levels {
            Some((self.level + 1, self.round))
        } else if self.round < self.policy.repeats {
            Some((1, self.round + 1))
        } else {
            None
        }
    }

    fn level_at(&self, level: u32) -> Option<&super::Level> {
        let at = usize::try_from(level).ok()?.checked_sub(1)?;
        self.policy.levels.get(at)
    }

    /// Minutes that the present level is given.
    fn patience(&self) -> i64 {
        i64::from(self.level_at(self.level).map_or(1, |level| level.minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UserId, escalation::Level};
    use proptest::prelude::*;
    use uuid::Uuid;

    const T: Timestamp = Timestamp(1_276_592_400_000_000);

    fn policy(minutes: &[u32], repeats: u32) -> Policy {
        let level = |(at, minutes): (usize, &u32)| Level {
            minutes: *minutes,
            targets: vec![Target::Person(UserId(Uuid::from_u128(at as u128 + 1)))],
        };
        Policy {
            name: "Reservations".into(),
            repeats,
            levels: minutes.iter().enumerate().map(level).collect(),
        }
    }

    /// The level and round that are due.
    fn due(run: &Run, now: Timestamp) -> Option<(u32, u32)> {
        match run.due(now)? {
            Due::Level { level, round, .. } => Some((level, round)),
            Due::Exhausted => Some((0, 0)),
        }
    }

    #[test]
    fn levels_are_called_in_their_time_again_and_again_until_exhausted() {
        let mut run = Run::start(policy(&[5, 10], 1), T);
        let mut now = T;
        for (wanted, minutes) in [((1, 0), 5), ((2, 0), 10), ((1, 1), 5), ((2, 1), 10)] {
            assert_eq!(due(&run, now), Some(wanted));
            assert_eq!(run.step(now, 1), Stepped::Called);
            assert_eq!((run.level, run.round), wanted);
            let almost = now.plus_minutes(minutes).plus_seconds(-1);
            assert_eq!(due(&run, almost), None);
            now = now.plus_minutes(minutes);
        }
        assert_eq!(run.due(now), Some(Due::Exhausted));
        assert_eq!(run.step(now, 0), Stepped::Exhausted);
        assert_eq!((run.state, run.next_at), (State::Exhausted, None));
        assert_eq!(run.due(now.plus_minutes(100_000)), None);
    }

    #[test]
    fn where_nobody_is_the_next_level_is_due_at_once() {
        let mut run = Run::start(policy(&[5, 10, 15], 9), T);
        assert_eq!(run.step(T, 0), Stepped::Nobody);
        assert_eq!(due(&run, T), Some((2, 0)));
        assert_eq!(run.step(T, 2), Stepped::Called);
        let later = T.plus_minutes(10);
        assert_eq!(run.step(later, 0), Stepped::Nobody);
        assert_eq!(due(&run, later), Some((1, 1)));
    }

    #[test]
    fn when_nobody_is_anywhere_it_does_not_go_round_and_round() {
        let mut run = Run::start(policy(&[5, 10, 15], 9), T);
        for _ in 0..3 {
            assert_eq!(run.step(T, 0), Stepped::Nobody);
        }
        assert_eq!(run.due(T), Some(Due::Exhausted));
        let mut empty = Run::start(policy(&[], 9), T);
        assert_eq!(empty.due(T), Some(Due::Exhausted));
        assert_eq!(empty.step(T, 0), Stepped::Exhausted);
    }

    #[test]
    fn an_acknowledgement_stops_it_and_whoever_came_may_call_the_next() {
        let mut run = Run::start(policy(&[5, 10], 0), T);
        run.step(T, 1);
        assert!(run.acknowledge());
        assert!(!run.acknowledge());
        assert_eq!(due(&run, T.plus_minutes(60)), None);
        run.escalate(T).unwrap();
        assert_eq!(due(&run, T), Some((2, 0)));
    }

    #[test]
    fn what_is_over_cannot_be_escalated() {
        let mut run = Run::start(policy(&[5], 0), T);
        assert!(run.end());
        assert!(!run.end());
        assert!(!run.acknowledge());
        assert_eq!(run.escalate(T), Err(Over(State::Ended)));
        let mut run = Run::start(policy(&[], 0), T);
        run.step(T, 0);
        assert_eq!(run.escalate(T), Err(Over(State::Exhausted)));
        // Those called last may still come.
        assert!(run.acknowledge());
    }

    #[test]
    fn a_clock_set_back_delays_no_step_beyond_its_levels_time() {
        let mut run = Run::start(policy(&[5, 10], 0), T);
        run.step(T, 1);
        let before = T.plus_minutes(-600);
        assert!(run.set_back(before));
        assert_eq!(run.next_at, Some(before.plus_minutes(5)));
        assert!(!run.set_back(before));
    }

    #[test]
    fn when_all_pages_of_a_level_failed_the_next_is_due_at_once() {
        let mut run = Run::start(policy(&[5, 10], 0), T);
        run.step(T, 1);
        run.nobody_reached(T.plus_seconds(20));
        assert_eq!(due(&run, T.plus_seconds(20)), Some((2, 0)));
        run.acknowledge();
        run.nobody_reached(T.plus_seconds(30));
        assert_eq!(run.next_at, None);
    }

    proptest! {
        /// Whatever happens, it runs with a next step, or says how it ended; and
        /// left alone it ends within its levels' time.
        #[test]
        fn it_never_stops_in_silence(
            minutes in prop::collection::vec(1..1440_u32, 0..10),
            repeats in 0..9_u32,
            events in prop::collection::vec((0..6_u8, 0..4_usize, 0..2_000_i64), 0..60),
        ) {
            let levels = minutes.len();
            let mut run = Run::start(policy(&minutes, repeats), T);
            let mut now = T;
            for (event, reachable, seconds) in events {
                now = now.plus_seconds(seconds);
                match event {
                    0 => { run.acknowledge(); }
                    1 => { run.end(); }
                    2 => { let _ = run.escalate(now); }
                    3 => run.nobody_reached(now),
                    _ => if run.due(now).is_some() { run.step(now, reachable); },
                }
                prop_assert_eq!(run.next_at.is_some(), run.state == State::Running);
                prop_assert!(run.level as usize <= levels && run.round <= repeats);
            }
            let mut steps = 0;
            while let Some(at) = run.next_at {
                now = now.max(at);
                prop_assert!(run.due(now).is_some());
                let before = (run.round, run.level);
                if run.step(now, steps % 2) != Stepped::Exhausted {
                    prop_assert!((run.round, run.level) > before, "no level is called twice");
                }
                steps += 1;
                prop_assert!(steps <= 10 * 10 + 1);
            }
            prop_assert!(run.state != State::Running);
        }
    }
}

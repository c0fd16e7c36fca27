//! The story of some days: who is there, and what happens by itself.

use super::{Chance, Levels};

pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;

/// How a receiver behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receiver {
    /// Takes a message after so long.
    Takes(i64),
    /// Takes it and does not say so in time.
    Deaf,
    /// Does not answer.
    Dead,
    /// Asks to come back.
    Busy,
    /// Will not take this one.
    Refuses,
    /// Asks never to be written to again.
    Gone,
}

/// Something that happens by itself.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    Escalate(Levels, u32),
    End(usize),
    Archive,
    Receiver(usize, Receiver),
    ClockJump(i64),
    Crash(usize),
}

/// What is to happen.
#[derive(Debug, Clone)]
pub(super) struct Story {
    /// Of what is random in either world.
    pub(super) seed: u64,
    /// The routes of each person, by number.
    pub(super) routes: Vec<Vec<usize>>,
    /// Who is in charge.
    pub(super) in_charge: Vec<usize>,
    pub(super) happenings: Vec<(i64, Happening)>,
    pub(super) nodes: usize,
    /// Crashes at a step, of a thousand.
    pub(super) crash: u64,
    /// How often, of a thousand, a machine is put to sleep before it sends.
    pub(super) sleeps: u64,
    /// How often, of a thousand, somebody who is reached comes.
    pub(super) comes: u64,
    pub(super) end: i64,
    pub(super) chance: Chance,
}

impl Story {
    /// A story of so many hours with so many incidents, and so many faults of
    /// receivers, clocks and nodes beside those that come with every step.
    pub(super) fn make(chance: &mut Chance, hours: i64, incidents: usize, faults: usize) -> Self {
        let people = 3 + chance.one_of(4);
        let mut number = 0;
        let routes: Vec<Vec<usize>> = (0..people)
            .map(|_| {
                let many = 1 + chance.one_of(3);
                number += many;
                (number - many..number).collect()
            })
            .collect();
        let end = hours * 60 * MINUTE;
        let mut happenings = Vec::new();
        let mut begin = Vec::new();
        for _ in 0..incidents {
            // Some come alone, some as a storm.
            begin.push(match begin.last() {
                Some(last) if chance.permille(300) => last + chance.among(0, 20 * SECOND),
                _ => chance.among(0, end),
            });
        }
        // Incidents are numbered in the order in which they come.
        begin.sort_unstable();
        for (incident, at) in begin.into_iter().enumerate() {
            let levels = (0..chance.one_of(4))
                .map(|_| {
                    let many = 1 + chance.one_of(2);
                    let mut who: Vec<usize> = (0..many).map(|_| chance.one_of(people)).collect();
                    who.sort_unstable();
                    who.dedup();
                    (u32::try_from(chance.among(1, 15)).expect("small"), who)
                })
                .collect();
            let repeats = u32::try_from(chance.one_of(3)).expect("small");
            happenings.push((at, Happening::Escalate(levels, repeats)));
            if chance.permille(400) {
                let later = at + chance.among(0, 60 * MINUTE);
                happenings.push((later, Happening::End(incident)));
            }
        }
        for _ in 0..faults {
            let at = |chance: &mut Chance| chance.among(0, end);
            let route = chance.one_of(number);
            let from = at(chance);
            let behaviour = match chance.one_of(6) {
                0 => Receiver::Takes(chance.among(1, 29) * SECOND),
                1 => Receiver::Deaf,
                2 => Receiver::Dead,
                3 => Receiver::Busy,
                4 => Receiver::Refuses,
                _ if chance.permille(200) => Receiver::Gone,
                _ => Receiver::Dead,
            };
            happenings.push((from, Happening::Receiver(route, behaviour)));
            let until = from + chance.among(MINUTE, 90 * MINUTE);
            happenings.push((until, Happening::Receiver(route, Receiver::Takes(200))));
            if chance.permille(400) {
                let jump = chance.among(-180, 180) * MINUTE + chance.among(0, MINUTE);
                happenings.push((at(chance), Happening::ClockJump(jump)));
            }
            if chance.permille(500) {
                happenings.push((at(chance), Happening::Crash(chance.one_of(2))));
            }
            if chance.permille(100) {
                happenings.push((at(chance), Happening::Archive));
            }
        }
        happenings.sort_by_key(|(at, _)| *at);
        Self {
            seed: chance.seed(),
            in_charge: vec![0, people - 1],
            routes,
            happenings,
            nodes: 1 + chance.one_of(2),
            crash: 15,
            sleeps: 10,
            comes: 300,
            end,
            chance: chance.clone(),
        }
    }

    /// The same without crashes, with one node, and without chance in the sending.
    pub(super) fn without_crashes(mut self) -> Self {
        self.crash = 0;
        self.sleeps = 0;
        self.nodes = 1;
        self.happenings
            .retain(|(_, what)| !matches!(what, Happening::Crash(_) | Happening::ClockJump(_)));
        self
    }

    /// The same with more faults in fewer hours.
    pub(super) fn harsh(mut self) -> Self {
        self.crash = 6;
        self.sleeps = 80;
        self.comes = 450;
        self.nodes = 2;
        self
    }

    pub(super) fn route_count(&self) -> usize {
        self.routes.iter().map(Vec::len).sum()
    }
}

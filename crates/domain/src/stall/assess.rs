//! The judgement: which signals fire, how strongly, why, and when to look again.

use super::{Facts, Settings, Signal, due::signals, why::why};
use crate::{Timestamp, incident::words};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// How strongly a signal fires.
    Strength, "strength", {
        /// Past its threshold.
        Weak = "weak" / "weak",
        /// Past twice its threshold.
        Strong = "strong" / "strong",
    }
}

words! {
    /// How the room stands.
    Level, "stall level", {
        /// No signal fires.
        Clear = "clear" / "Clear",
        /// Some signal fires; worth a look, not a prompt.
        Watch = "watch" / "Worth a look",
        /// Enough signals fire together: the room is asked.
        Stalled = "stalled" / "Stalled",
        /// Twice as many points as it takes.
        Badly = "badly_stalled" / "Badly stalled",
    }
}

impl Level {
    /// Whether the room is to be asked.
    #[must_use]
    pub fn is_stalled(self) -> bool {
        self >= Self::Stalled
    }

    /// As a number, 0 to 3, for storage and figures.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}

/// A signal that fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// Which.
    pub signal: Signal,
    /// How strongly.
    pub strength: Strength,
    /// What it counts from: the last entry, the end of a time box.
    pub since: Timestamp,
    /// Why, in a sentence with the facts in it.
    pub why: String,
}

/// What the watch makes of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Signals that fire, weightiest first.
    pub signals: Vec<Fired>,
    /// Their points together.
    pub points: u32,
    /// What that amounts to.
    pub level: Level,
    /// Last time something was learnt.
    pub learnt_at: Option<Timestamp>,
    /// The earliest time at which time alone could change this; none if never.
    pub next_look: Option<Timestamp>,
}

impl Assessment {
    /// Whether a signal fires.
    #[must_use]
    pub fn fires(&self, signal: Signal) -> bool {
        self.signals.iter().any(|f| f.signal == signal)
    }
}

/// Judges the room.
///
/// Each signal's beginning follows from the facts alone, so more time never
/// lowers a level, and between two looks nothing changes by itself.
#[must_use]
pub fn assess(facts: &Facts, settings: &Settings, now: Timestamp) -> Assessment {
    let rules = settings.rules(facts.severity);
    let learnt_at = facts.activity.learnt.as_ref().map(|m| m.at);
    let mut fired = Vec::new();
    let mut points = 0_u32;
    let mut next_look: Option<Timestamp> = None;
    let mut look = |at: Timestamp| {
        if at > now {
            next_look = Some(next_look.map_or(at, |next| next.min(at)));
        }
    };
    for due in signals(facts, rules) {
        look(due.from);
        look(due.strong);
        if due.from > now {
            continue;
        }
        let strength = if due.strong <= now {
            Strength::Strong
        } else {
            Strength::Weak
        };
        let weight = rules.rule(due.signal).weight;
        let worth = match strength {
            Strength::Weak => weight,
            Strength::Strong => weight.saturating_mul(2),
        };
        points = points.saturating_add(worth);
        let why = why(facts, &due, now);
        fired.push((
            worth,
            Fired {
                signal: due.signal,
                strength,
                since: due.since,
                why,
            },
        ));
    }
    fired.sort_by_key(|(worth, f)| (std::cmp::Reverse(*worth), f.signal));
    let level = match points {
        0 => Level::Clear,
        p if p < rules.stalled_at => Level::Watch,
        p if p < rules.stalled_at.saturating_mul(2) => Level::Stalled,
        _ => Level::Badly,
    };
    Assessment {
        signals: fired.into_iter().map(|(_, f)| f).collect(),
        points,
        level,
        learnt_at,
        next_look,
    }
}

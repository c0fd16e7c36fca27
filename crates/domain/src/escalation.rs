//! Escalation policies: who is called, level by level, until somebody comes.

pub mod run;

use crate::{
    ScheduleId, TeamId, UserId,
    duration::minutes_in_words,
    text::{self, BadText},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Most levels of a policy.
pub const LEVELS_MAX: usize = 10;
/// Most targets of a level.
pub const TARGETS_MAX: usize = 20;
/// Most repeats after the first time through all levels.
pub const REPEATS_MAX: u32 = 9;
/// Longest time a level is given, in minutes: a day.
pub const DELAY_MAX: u32 = 24 * 60;

/// Whom a level calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Target {
    /// One person.
    Person(UserId),
    /// Whoever is on call in a schedule.
    Schedule(ScheduleId),
    /// Everybody in a team.
    Team(TeamId),
}

impl Target {
    /// The word for what it names.
    const fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Schedule(_) => "schedule",
            Self::Team(_) => "team",
        }
    }
}

/// As a form sends it: `team:` and the identifier.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = match self {
            Self::Person(id) => id.0,
            Self::Schedule(id) => id.0,
            Self::Team(id) => id.0,
        };
        write!(f, "{}:{id}", self.kind())
    }
}

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("choose a person, a schedule or a team")]
pub struct BadTarget;

impl FromStr for Target {
    type Err = BadTarget;
    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let (kind, id) = text.split_once(':').ok_or(BadTarget)?;
        match kind {
            "person" => id.parse().map(Self::Person).map_err(|_| BadTarget),
            "schedule" => id.parse().map(Self::Schedule).map_err(|_| BadTarget),
            "team" => id.parse().map(Self::Team).map_err(|_| BadTarget),
            _ => Err(BadTarget),
        }
    }
}

/// One level of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Minutes until the next level is called, unless somebody acknowledges; 1 to [`DELAY_MAX`].
    pub minutes: u32,
    /// Whom it calls, all at once.
    pub targets: Vec<Target>,
}

/// An escalation policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name.
    pub name: String,
    /// How often all levels are gone through again when nobody comes.
    pub repeats: u32,
    /// Levels, the first to be called first.
    pub levels: Vec<Level>,
}

/// Why a policy cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// The name will not do.
    #[error(transparent)]
    Name(#[from] BadText),
    /// Too often.
    #[error("{0} repeats are too many: choose 0 to 9")]
    Repeats(u32),
    /// A policy calls somebody.
    #[error("an escalation policy has 1 to 10 levels")]
    Levels,
    /// A level gives time.
    #[error("level {level}: {minutes} minutes will not do: choose 1 to 1440")]
    Minutes {
        /// Which, from 1.
        level: usize,
        /// What was given.
        minutes: u32,
    },
    /// A level calls somebody.
    #[error("level {0} calls nobody: choose 1 to 20 people, schedules or teams")]
    Targets(usize),
}

impl BadPolicy {
    /// The level it is about, from 1.
    #[must_use]
    pub const fn level(&self) -> Option<usize> {
        match self {
            Self::Minutes { level, .. } | Self::Targets(level) => Some(*level),
            _ => None,
        }
    }

    /// The form field or JSON member it is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Repeats(_) => "repeats",
            Self::Levels | Self::Minutes { .. } | Self::Targets(_) => "levels",
        }
    }
}

impl Policy {
    /// Checks a policy and cleans its name; a target named twice in a level is called once.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn checked(mut self) -> Result<Self, BadPolicy> {
        self.name = text::line("The name", &self.name, 100)?;
        if self.repeats > REPEATS_MAX {
            return Err(BadPolicy::Repeats(self.repeats));
        }
        if !(1..=LEVELS_MAX).contains(&self.levels.len()) {
            return Err(BadPolicy::Levels);
        }
        for (at, level) in self.levels.iter_mut().enumerate() {
            if !(1..=DELAY_MAX).contains(&level.minutes) {
                return Err(BadPolicy::Minutes {
                    level: at + 1,
                    minutes: level.minutes,
                });
            }
            let mut seen = Vec::new();
            level.targets.retain(|t| {
                let new = !seen.contains(t);
                seen.push(*t);
                new
            });
            if !(1..=TARGETS_MAX).contains(&level.targets.len()) {
                return Err(BadPolicy::Targets(at + 1));
            }
        }
        Ok(self)
    }

    /// What will happen, in a sentence; `name` says whom a target calls, such as
    /// “Dana Kim” or “everybody in Platform”.
    #[must_use]
    pub fn told(&self, name: impl Fn(Target) -> String) -> String {
        let mut told = String::new();
        for (at, level) in self.levels.iter().enumerate() {
            let whom: Vec<_> = level.targets.iter().map(|t| name(*t)).collect();
            let minutes = minutes_in_words(level.minutes);
            let how = if at == 0 { "First " } else { "; then " };
            told.push_str(&format!("{how}{}, for {minutes}", and(&whom)));
        }
        match self.repeats {
            0 => {}
            1 => told.push_str("; then all again once"),
            2 => told.push_str("; then all again twice"),
            more => told.push_str(&format!("; then all again {more} times")),
        }
        told.push_str("; then all commanders and admins are called.");
        told
    }
}

/// `a`, `a and b`, `a, b and c`.
fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn policy() -> Policy {
        Policy {
            name: " Reservations ".into(),
            repeats: 1,
            levels: vec![Level {
                minutes: 5,
                targets: vec![Target::Person(UserId(Uuid::from_u128(1))); 2],
            }],
        }
    }

    #[test]
    fn a_policy_is_cleaned() {
        let policy = policy().checked().unwrap();
        assert_eq!(policy.name, "Reservations");
        assert_eq!(policy.levels[0].targets.len(), 1);
    }

    #[test]
    fn what_is_wrong_names_its_field() {
        type Spoil = fn(&mut Policy);
        let cases: [(Spoil, &str); 6] = [
            (|p| p.name.clear(), "name"),
            (|p| p.repeats = 10, "repeats"),
            (|p| p.levels.clear(), "levels"),
            (|p| p.levels[0].minutes = 0, "levels"),
            (|p| p.levels[0].minutes = 1441, "levels"),
            (|p| p.levels[0].targets.clear(), "levels"),
        ];
        for (spoil, field) in cases {
            let mut bad = policy();
            spoil(&mut bad);
            assert_eq!(bad.checked().unwrap_err().field(), field);
        }
    }

    #[test]
    fn a_policy_tells_what_will_happen() {
        let name = |target| match target {
            Target::Person(_) => "Dana Kim".to_owned(),
            Target::Schedule(_) => "whoever is on call in Platform".to_owned(),
            Target::Team(_) => "everybody in Reservations".to_owned(),
        };
        let id = Uuid::from_u128(1);
        let mut policy = policy().checked().unwrap();
        assert_eq!(
            policy.told(name),
            "First Dana Kim, for 5 min; then all again once; then all commanders and admins are called."
        );
        policy.repeats = 3;
        policy.levels.push(Level {
            minutes: 120,
            targets: vec![
                Target::Schedule(ScheduleId(id)),
                Target::Team(TeamId(id)),
                Target::Person(UserId(id)),
            ],
        });
        assert_eq!(
            policy.told(name),
            "First Dana Kim, for 5 min; then whoever is on call in Platform, everybody in Reservations and Dana Kim, for 2 h; then all again 3 times; then all commanders and admins are called."
        );
        policy.repeats = 0;
        policy.levels.truncate(1);
        assert_eq!(
            policy.told(name),
            "First Dana Kim, for 5 min; then all commanders and admins are called."
        );
    }

    #[test]
    fn a_target_survives_its_text() {
        let id = Uuid::from_u128(7);
        for target in [
            Target::Person(UserId(id)),
            Target::Schedule(ScheduleId(id)),
            Target::Team(TeamId(id)),
        ] {
            assert_eq!(target.to_string().parse(), Ok(target));
        }
        for bad in ["", "team", "team:", "team:x", &format!("room:{id}")] {
            assert_eq!(bad.parse::<Target>(), Err(BadTarget), "{bad}");
        }
    }

    #[test]
    fn a_policy_survives_its_json() {
        let policy = policy().checked().unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert!(json.contains(r#""kind":"person""#), "{json}");
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }
}

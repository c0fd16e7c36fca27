//! The escalation policy of a replay, as the REST API gives and takes it.

use crate::{
    UserId,
    escalation::{BadPolicy, Level, Policy, Target},
};
use serde::{Deserialize, de::IgnoredAny};
use uuid::Uuid;

/// Text that is no escalation policy.
#[derive(Debug, thiserror::Error)]
pub enum NotAPolicy {
    /// It cannot be read.
    #[error("this is no escalation policy: {0}")]
    Json(#[from] serde_json::Error),
    /// A value is out of its range.
    #[error(transparent)]
    Bad(#[from] BadPolicy),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    repeats: u32,
    levels: Vec<GivenLevel>,
    // What the API says beside it is nothing to a replay.
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "default")]
    _default: IgnoredAny,
    #[serde(default, rename = "told")]
    _told: IgnoredAny,
    #[serde(default, rename = "targets")]
    _targets: IgnoredAny,
    #[serde(default, rename = "empty_levels")]
    _empty_levels: IgnoredAny,
    #[serde(default, rename = "used_by")]
    _used_by: IgnoredAny,
    #[serde(default, rename = "changed_at")]
    _changed_at: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenLevel {
    minutes: u32,
    #[serde(default)]
    targets: Vec<Target>,
}

/// Reads an escalation policy: `{"repeats": 1, "levels": [{"minutes": 5}]}`, or what
/// `GET /api/v1/policies/{id}` answers. A name and targets may be left out: one person
/// is reachable at each level of a replay.
///
/// # Errors
/// [`NotAPolicy`] says what will not do.
pub fn read_policy(text: &str) -> Result<Policy, NotAPolicy> {
    let given: Given = serde_json::from_str(text)?;
    let level = |level: GivenLevel| Level {
        minutes: level.minutes,
        targets: if level.targets.is_empty() {
            vec![Target::Person(UserId(Uuid::nil()))]
        } else {
            level.targets
        },
    };
    let policy = Policy {
        name: if given.name.trim().is_empty() {
            "Escalation policy".to_owned()
        } else {
            given.name
        },
        repeats: given.repeats,
        levels: given.levels.into_iter().map(level).collect(),
    };
    Ok(policy.checked()?)
}

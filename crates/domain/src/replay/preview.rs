//! What other settings would have done to past incidents, for whoever changes them.

use super::{Prompted, Script, play};
use crate::{Timestamp, stall::Settings};
use serde::Serialize;

/// What became of a prompt to the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// There was none before.
    Gained {
        /// The new one.
        prompt: Prompted,
    },
    /// There is none any more.
    Lost {
        /// The old one.
        prompt: Prompted,
    },
    /// It comes earlier or later in the same silence.
    Moved {
        /// Before.
        from: Prompted,
        /// After.
        to: Prompted,
    },
    /// As it was.
    Kept {
        /// The prompt.
        prompt: Prompted,
    },
}

impl Change {
    /// When, for the order.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Gained { prompt } | Self::Lost { prompt } | Self::Kept { prompt } => prompt.at,
            Self::Moved { to, .. } => to.at,
        }
    }
}

/// One incident's prompts under old and new settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The incident's identifier.
    pub incident: String,
    /// Every prompt to the room, in order of time.
    pub changes: Vec<Change>,
}

/// Plays an incident under two settings and compares its prompts to the room.
///
/// Two prompts are the same one, moved, when nobody wrote between them.
#[must_use]
pub fn preview(script: &Script, before: &Settings, after: &Settings) -> Preview {
    let to_room = |settings: &Settings| -> Vec<Prompted> {
        let report = play(script, settings);
        report
            .prompts
            .into_iter()
            .filter(|p| p.level == 1)
            .collect()
    };
    let (old, mut new) = (to_room(before), to_room(after));
    let written: Vec<Timestamp> = script
        .entries
        .iter()
        .filter(|e| e.is_activity())
        .map(|e| e.recorded_at)
        .collect();
    let silence = |at: Timestamp| written.partition_point(|written| *written <= at);
    let mut changes = Vec::new();
    for from in old {
        let same = new
            .iter()
            .position(|to| to.at == from.at)
            .or_else(|| new.iter().position(|to| silence(to.at) == silence(from.at)));
        changes.push(match same.map(|index| new.remove(index)) {
            Some(to) if to.at == from.at => Change::Kept { prompt: to },
            Some(to) => Change::Moved { from, to },
            None => Change::Lost { prompt: from },
        });
    }
    changes.extend(new.into_iter().map(|prompt| Change::Gained { prompt }));
    changes.sort_by_key(Change::at);
    Preview {
        incident: script.id.clone(),
        changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Severity, replay::read};

    const PROW: &str = include_str!("../../../../tests/fixtures/incidents/prow-2019-02-08.jsonl");
    const MATRIX: &str =
        include_str!("../../../../tests/fixtures/incidents/matrix-2025-09-02.jsonl");

    fn counts(preview: &Preview) -> [usize; 4] {
        let mut counts = [0; 4];
        for change in &preview.changes {
            counts[match change {
                Change::Gained { .. } => 0,
                Change::Lost { .. } => 1,
                Change::Moved { .. } => 2,
                Change::Kept { .. } => 3,
            }] += 1;
        }
        counts
    }

    #[test]
    fn the_same_settings_keep_every_prompt() {
        let script = read(MATRIX).unwrap();
        let same = preview(&script, &Settings::default(), &Settings::default());
        let [gained, lost, moved, kept] = counts(&same);
        assert_eq!((gained, lost, moved), (0, 0, 0));
        assert!(kept > 1);
    }

    #[test]
    fn a_watch_that_is_off_loses_all_and_gains_them_back() {
        let script = read(PROW).unwrap();
        let mut off = Settings::default();
        off.rules_mut(Severity::Sev1).stalled_at = 30;
        for rule in off.rules_mut(Severity::Sev1).signals.values_mut() {
            rule.on = false;
        }
        let lost = counts(&preview(&script, &Settings::default(), &off));
        let gained = counts(&preview(&script, &off, &Settings::default()));
        assert!(lost[1] > 0);
        assert_eq!((lost[0], lost[2], lost[3]), (0, 0, 0));
        assert_eq!(gained, [lost[1], 0, 0, 0]);
    }

    #[test]
    fn a_later_threshold_moves_a_prompt_within_its_silence() {
        let script = read(MATRIX).unwrap();
        let mut later = Settings::default();
        for rule in later.rules_mut(Severity::Sev1).signals.values_mut() {
            rule.minutes += 5;
        }
        let changed = preview(&script, &Settings::default(), &later);
        let moved = changed.changes.iter().find_map(|c| match c {
            Change::Moved { from, to } => Some((from.at, to.at)),
            _ => None,
        });
        let (from, to) = moved.unwrap();
        assert!(to > from);
        assert!(changed.changes.is_sorted_by_key(Change::at));
    }
}

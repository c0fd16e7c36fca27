//! What other settings would have done to past incidents, for whoever changes them.

use super::{Prompted, Script, Whom, Work, play_within};
use crate::{Timestamp, escalation::Policy, stall::Settings};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a prompt.
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
    /// The prompt as the new settings have it; as the old ones had it where it is lost.
    #[must_use]
    pub const fn prompt(&self) -> &Prompted {
        match self {
            Self::Gained { prompt } | Self::Lost { prompt } | Self::Kept { prompt } => prompt,
            Self::Moved { to, .. } => to,
        }
    }

    /// When, for the order.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.prompt().at
    }

    /// Which rung: whom it asks.
    #[must_use]
    pub const fn whom(&self) -> Whom {
        self.prompt().to
    }

    /// Whether it is as it was.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        matches!(self, Self::Kept { .. })
    }
}

/// One incident's prompts under old and new settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The incident's identifier.
    pub incident: String,
    /// Every prompt of every rung, in order of time.
    pub changes: Vec<Change>,
}

/// How many prompts changed, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Prompts that there would have been and were not.
    pub gained: usize,
    /// Prompts that there would not have been.
    pub lost: usize,
    /// Prompts that would have come earlier or later.
    pub moved: usize,
    /// Prompts as they were.
    pub kept: usize,
}

/// Counts changes by rung, in the order of the ladder.
#[must_use]
pub fn totals<'a>(previews: impl IntoIterator<Item = &'a Preview>) -> BTreeMap<Whom, Totals> {
    let mut totals = BTreeMap::<Whom, Totals>::new();
    for change in previews.into_iter().flat_map(|p| &p.changes) {
        let of = totals.entry(change.whom()).or_default();
        match change {
            Change::Gained { .. } => of.gained += 1,
            Change::Lost { .. } => of.lost += 1,
            Change::Moved { .. } => of.moved += 1,
            Change::Kept { .. } => of.kept += 1,
        }
    }
    totals
}

/// Plays an incident under two settings and compares its prompts, rung by rung. None
/// when that takes more `work` than is left; what plainly does is not begun and leaves
/// the work to others.
#[must_use]
pub fn preview(
    script: &Script,
    policy: Option<&Policy>,
    before: &Settings,
    after: &Settings,
    work: &mut Work,
) -> Option<Preview> {
    if !work.may_suffice(script, 2) {
        return None;
    }
    let old = play_within(script, before, policy, work)?;
    let new = play_within(script, after, policy, work)?;
    Some(Preview {
        incident: script.id.clone(),
        changes: compare(script, old.prompts, new.prompts),
    })
}

/// Two prompts are the same one, moved, when they ask the same rung and nobody wrote
/// between them; several in one silence are paired in order.
fn compare(script: &Script, old: Vec<Prompted>, new: Vec<Prompted>) -> Vec<Change> {
    let written: Vec<Timestamp> = script
        .entries
        .iter()
        .filter(|e| e.is_activity())
        .map(|e| e.recorded_at)
        .collect();
    let silence = |p: &Prompted| written.partition_point(|written| *written <= p.at);
    let mut pairs = BTreeMap::<(Whom, usize), (Vec<Prompted>, Vec<Prompted>)>::new();
    for prompt in old {
        let key = (prompt.to, silence(&prompt));
        pairs.entry(key).or_default().0.push(prompt);
    }
    for prompt in new {
        let key = (prompt.to, silence(&prompt));
        pairs.entry(key).or_default().1.push(prompt);
    }
    let mut changes = Vec::new();
    for (old, new) in pairs.into_values() {
        let mut new = new.into_iter();
        for from in old {
            changes.push(match new.next() {
                Some(to) if to.at == from.at => Change::Kept { prompt: to },
                Some(to) => Change::Moved { from, to },
                None => Change::Lost { prompt: from },
            });
        }
        changes.extend(new.map(|prompt| Change::Gained { prompt }));
    }
    changes.sort_by_key(|change| (change.at(), change.whom()));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Severity,
        replay::{play, read},
    };

    const PROW: &str = include_str!("../../../../tests/fixtures/incidents/prow-2019-02-08.jsonl");
    const MATRIX: &str =
        include_str!("../../../../tests/fixtures/incidents/matrix-2025-09-02.jsonl");

    /// Gained, lost, moved and kept, over all rungs.
    fn counts(preview: &Preview) -> [usize; 4] {
        totals([preview])
            .values()
            .fold([0; 4], |[gained, lost, moved, kept], of| {
                [
                    gained + of.gained,
                    lost + of.lost,
                    moved + of.moved,
                    kept + of.kept,
                ]
            })
    }

    fn previewed(script: &Script, before: &Settings, after: &Settings) -> Preview {
        preview(script, None, before, after, &mut Work::looks(100_000)).unwrap()
    }

    fn prompt(to: Whom, minute: i64) -> Prompted {
        Prompted {
            at: Timestamp(0).plus_minutes(minute),
            level: 1,
            to,
            signals: Vec::new(),
        }
    }

    #[test]
    fn the_same_settings_keep_every_prompt() {
        let script = read(MATRIX).unwrap();
        let same = previewed(&script, &Settings::default(), &Settings::default());
        let [gained, lost, moved, kept] = counts(&same);
        assert_eq!((gained, lost, moved), (0, 0, 0));
        assert_eq!(
            kept,
            play(&script, &Settings::default(), None).prompts.len()
        );
    }

    #[test]
    fn work_is_counted_and_ends_a_play_that_takes_too_much() {
        let script = read(MATRIX).unwrap();
        let settings = Settings::default();
        let mut work = Work::looks(100_000);
        let whole = play_within(&script, &settings, None, &mut work).unwrap();
        assert_eq!(whole, play(&script, &settings, None));
        let spent = 100_000 - work.left;
        assert!(spent > script.entries.len() as u64, "{spent}");
        let mut work = Work::looks(spent);
        assert_eq!(play_within(&script, &settings, None, &mut work), None);
        assert!(work.is_done());
        let mut work = Work::looks(2 * spent + 1);
        assert!(preview(&script, None, &settings, &settings, &mut work).is_some());
        let mut work = Work::looks(2 * spent);
        assert!(preview(&script, None, &settings, &settings, &mut work).is_none());
        // What the texts alone take is not begun.
        let mut wordy = script.clone();
        for entry in &mut wordy.entries {
            entry.text = "No effect. ".repeat(1_000);
        }
        let mut work = Work::looks(2 * spent + 1);
        assert!(preview(&wordy, None, &settings, &settings, &mut work).is_none());
        assert_eq!(work.left, 2 * spent + 1);
    }

    #[test]
    fn a_watch_that_is_off_loses_all_and_gains_them_back() {
        let script = read(PROW).unwrap();
        let mut off = Settings::default();
        off.rules_mut(Severity::Sev1).stalled_at = 30;
        for rule in off.rules_mut(Severity::Sev1).signals.values_mut() {
            rule.on = false;
        }
        let lost = counts(&previewed(&script, &Settings::default(), &off));
        let gained = counts(&previewed(&script, &off, &Settings::default()));
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
        let changed = previewed(&script, &Settings::default(), &later);
        let moved = changed.changes.iter().find_map(|c| match c {
            Change::Moved { from, to } => Some((from.at, to.at)),
            _ => None,
        });
        let (from, to) = moved.unwrap();
        assert!(to > from);
        assert!(changed.changes.is_sorted_by_key(Change::at));
    }

    #[test]
    fn minutes_of_the_ladder_move_the_rung_they_are_about() {
        let script = read(MATRIX).unwrap();
        let mut longer = Settings::default();
        longer.rules_mut(Severity::Sev1).ladder.answer = 14;
        let changed = totals([&previewed(&script, &Settings::default(), &longer)]);
        assert_eq!(changed[&Whom::Room].moved, 0, "{changed:?}");
        assert!(changed[&Whom::SecondOpinion].moved > 0, "{changed:?}");
        let mut never = Settings::default();
        never.rules_mut(Severity::Sev1).ladder.second_opinion = 10_080;
        let changed = totals([&previewed(&script, &Settings::default(), &never)]);
        let second = changed[&Whom::SecondOpinion];
        assert_eq!((second.gained, second.lost, second.moved), (0, 0, 0));
        assert!(changed[&Whom::PolicyLevel(1)].lost > 0, "{changed:?}");
    }

    #[test]
    fn prompts_are_paired_within_one_rung_and_one_silence_and_in_order() {
        use Whom::{PolicyLevel, Room, SecondOpinion};
        let mut script = read(PROW).unwrap();
        // Somebody writes at minute 100, and never else.
        script.entries.truncate(1);
        script.entries[0].author = Some(script.incident.declared_by);
        script.entries[0].body = crate::EntryBody::Note;
        script.entries[0].recorded_at = Timestamp(0).plus_minutes(100);
        let changed = |old: &[(Whom, i64)], new: &[(Whom, i64)]| -> Vec<(Whom, &str, i64)> {
            let prompts =
                |all: &[(Whom, i64)]| all.iter().map(|(to, at)| prompt(*to, *at)).collect();
            let minute = |at: Timestamp| at.seconds_since(Timestamp(0)) / 60;
            compare(&script, prompts(old), prompts(new))
                .into_iter()
                .map(|change| match change {
                    Change::Gained { prompt } => (prompt.to, "gained", minute(prompt.at)),
                    Change::Lost { prompt } => (prompt.to, "lost", minute(prompt.at)),
                    Change::Moved { from, to } => (to.to, "moved", minute(to.at) - minute(from.at)),
                    Change::Kept { prompt } => (prompt.to, "kept", minute(prompt.at)),
                })
                .collect()
        };
        // Another rung, or another silence, is another prompt.
        assert_eq!(
            changed(&[(Room, 10)], &[(SecondOpinion, 10), (Room, 110)]),
            [
                (Room, "lost", 10),
                (SecondOpinion, "gained", 10),
                (Room, "gained", 110)
            ]
        );
        assert_eq!(
            changed(
                &[(PolicyLevel(1), 10), (PolicyLevel(1), 20)],
                &[
                    (PolicyLevel(1), 10),
                    (PolicyLevel(1), 30),
                    (PolicyLevel(1), 50)
                ]
            ),
            [
                (PolicyLevel(1), "kept", 10),
                (PolicyLevel(1), "moved", 10),
                (PolicyLevel(1), "gained", 50)
            ]
        );
    }
}

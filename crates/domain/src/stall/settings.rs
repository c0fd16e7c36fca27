//! The settings of the watch: per severity and signal an off switch, a threshold
//! and a weight.

use super::{Signal, ladder::Delays};
use crate::Severity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest threshold, in minutes: one week.
const MINUTES_MAX: u32 = 7 * 24 * 60;
/// Greatest weight of one signal, in points.
const WEIGHT_MAX: u32 = 10;
/// Most points that may be asked for before a room counts as stalled.
const STALLED_AT_MAX: u32 = 30;
/// Greatest factor on thresholds after mitigation.
const FACTOR_MAX: u32 = 100;

/// How one signal is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Whether the signal counts at all.
    pub on: bool,
    /// Minutes until it fires weakly; it fires strongly at twice that.
    pub minutes: u32,
    /// Points when it fires weakly; twice as many when strongly.
    pub weight: u32,
}

/// How long silence is expected, in minutes, by what was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// Something was learnt, and somebody follows it; once the cause is known.
    pub lead: u32,
    /// Something was done or decided once the cause is known, and is to show its effect;
    /// or something got better, and is to stay so.
    pub step: u32,
    /// Something is under way that takes hours by nature: a restore, a rebuild, a replay.
    pub long_work: u32,
    /// The room said that it waits, and not until when.
    pub open_wait: u32,
}

/// The rules for one severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// Points from which the room counts as stalled.
    pub stalled_at: u32,
    /// Factor on every threshold once the incident is mitigated.
    pub after_mitigation: u32,
    /// How long silence is expected while something runs.
    pub patience: Patience,
    /// How long each rung of the ladder is given.
    pub ladder: Delays,
    /// Every signal's rule.
    pub signals: BTreeMap<Signal, Rule>,
}

impl Rules {
    /// The rule of a signal; off where none is given.
    #[must_use]
    pub fn rule(&self, signal: Signal) -> Rule {
        self.signals.get(&signal).copied().unwrap_or(Rule {
            on: false,
            minutes: 0,
            weight: 0,
        })
    }
}

impl Rules {
    /// Every value out of its range, of the rules for this severity.
    #[must_use]
    pub fn faults(&self, severity: Severity) -> Vec<BadSettings> {
        let mut faults = Vec::new();
        let mut within = |what: String, value, from, to| {
            if !(from..=to).contains(&value) {
                faults.push(BadSettings {
                    severity,
                    what,
                    value,
                    from,
                    to,
                });
            }
        };
        within("stalled_at".into(), self.stalled_at, 1, STALLED_AT_MAX);
        within(
            "after_mitigation".into(),
            self.after_mitigation,
            1,
            FACTOR_MAX,
        );
        for (name, value) in [
            ("lead", self.patience.lead),
            ("step", self.patience.step),
            ("long_work", self.patience.long_work),
            ("open_wait", self.patience.open_wait),
        ] {
            within(format!("patience.{name}"), value, 1, MINUTES_MAX);
        }
        for (name, value) in [
            ("answer", self.ladder.answer),
            ("second_opinion", self.ladder.second_opinion),
            ("round", self.ladder.round),
            ("again", self.ladder.again),
            ("not_stuck", self.ladder.not_stuck),
        ] {
            within(format!("ladder.{name}"), value, 1, MINUTES_MAX);
        }
        for (signal, rule) in &self.signals {
            let name = |what: &str| format!("signals.{signal}.{what}");
            within(name("minutes"), rule.minutes, 0, MINUTES_MAX);
            within(name("weight"), rule.weight, 1, WEIGHT_MAX);
        }
        faults
    }
}

/// The settings of the watch.
///
/// In JSON every part may be left out and takes its default; a word that is
/// not known is refused: `{"SEV1": {"signals": {"quiet": {"minutes": 20}}}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Given")]
pub struct Settings {
    /// Rules for SEV1.
    #[serde(rename = "SEV1")]
    pub sev1: Rules,
    /// Rules for SEV2.
    #[serde(rename = "SEV2")]
    pub sev2: Rules,
    /// Rules for SEV3.
    #[serde(rename = "SEV3")]
    pub sev3: Rules,
    /// Rules for SEV4.
    #[serde(rename = "SEV4")]
    pub sev4: Rules,
}

/// Settings out of their range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{severity}, {what}: {value} will not do; choose {from} to {to}")]
pub struct BadSettings {
    /// Whose rules.
    pub severity: Severity,
    /// Which setting, as it is written in JSON.
    pub what: String,
    /// The value given.
    pub value: u32,
    /// Least value allowed.
    pub from: u32,
    /// Greatest value allowed.
    pub to: u32,
}

impl Settings {
    /// The rules for a severity.
    #[must_use]
    pub const fn rules(&self, severity: Severity) -> &Rules {
        match severity {
            Severity::Sev1 => &self.sev1,
            Severity::Sev2 => &self.sev2,
            Severity::Sev3 => &self.sev3,
            Severity::Sev4 => &self.sev4,
        }
    }

    /// The rules for a severity, to change them.
    pub const fn rules_mut(&mut self, severity: Severity) -> &mut Rules {
        match severity {
            Severity::Sev1 => &mut self.sev1,
            Severity::Sev2 => &mut self.sev2,
            Severity::Sev3 => &mut self.sev3,
            Severity::Sev4 => &mut self.sev4,
        }
    }

    /// Whether every value lies in its range.
    ///
    /// # Errors
    /// [`BadSettings`] names the first value that does not.
    pub fn validate(&self) -> Result<(), BadSettings> {
        let mut faults = Severity::ALL
            .iter()
            .flat_map(|severity| self.rules(*severity).faults(*severity));
        faults.next().map_or(Ok(()), Err)
    }
}

/// Default minutes for SEV1 to SEV4, and the weight. Reasons: docs/stall-watch.md.
const fn default_rule(signal: Signal) -> ([u32; 4], u32) {
    match signal {
        Signal::Quiet => ([8, 8, 15, 120], 4),
        Signal::NoLearning => ([30, 40, 90, 240], 2),
        Signal::OneIdea => ([30, 40, 90, 240], 2),
        Signal::NoIdea => ([30, 40, 90, 240], 2),
        Signal::TaskOverdue => ([2, 5, 15, 60], 2),
        Signal::Blocked => ([5, 10, 30, 120], 4),
        Signal::DependencySilent => ([10, 15, 30, 120], 2),
        Signal::NobodyLeads => ([5, 10, 30, 120], 2),
        Signal::UpdateOverdue => ([5, 5, 15, 60], 2),
        Signal::PageUnanswered => ([5, 5, 15, 30], 2),
        Signal::Circles => ([10, 10, 20, 60], 3),
        Signal::NoExpert => ([15, 20, 45, 120], 2),
        Signal::StillFiring => ([10, 15, 30, 60], 6),
        Signal::LongerThanUsual => ([1, 1, 1, 1], 2),
        Signal::WaitOverrun => ([10, 10, 15, 30], 6),
    }
}

fn default_rules(severity: Severity) -> Rules {
    let at = severity as usize;
    let by = |minutes: [u32; 4]| minutes.get(at).copied().unwrap_or(15);
    Rules {
        stalled_at: 6,
        after_mitigation: 4,
        patience: Patience {
            lead: by([60, 60, 90, 240]),
            step: by([90, 90, 120, 240]),
            long_work: by([360, 360, 480, 720]),
            open_wait: by([720, 720, 1440, 1440]),
        },
        ladder: Delays {
            answer: by([10, 10, 20, 60]),
            second_opinion: by([15, 15, 30, 120]),
            round: by([15, 15, 30, 120]),
            again: by([15, 20, 45, 120]),
            not_stuck: by([30, 40, 90, 240]),
        },
        signals: Signal::ALL
            .iter()
            .map(|signal| {
                let (minutes, weight) = default_rule(*signal);
                let rule = Rule {
                    on: true,
                    minutes: by(minutes),
                    weight,
                };
                (*signal, rule)
            })
            .collect(),
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sev1: default_rules(Severity::Sev1),
            sev2: default_rules(Severity::Sev2),
            sev3: default_rules(Severity::Sev3),
            sev4: default_rules(Severity::Sev4),
        }
    }
}

/// Settings as they are given: every part may be missing.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(rename = "SEV1", default)]
    sev1: GivenRules,
    #[serde(rename = "SEV2", default)]
    sev2: GivenRules,
    #[serde(rename = "SEV3", default)]
    sev3: GivenRules,
    #[serde(rename = "SEV4", default)]
    sev4: GivenRules,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GivenRules {
    stalled_at: Option<u32>,
    after_mitigation: Option<u32>,
    patience: GivenPatience,
    ladder: GivenDelays,
    signals: BTreeMap<Signal, GivenRule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GivenPatience {
    lead: Option<u32>,
    step: Option<u32>,
    long_work: Option<u32>,
    open_wait: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GivenDelays {
    answer: Option<u32>,
    second_opinion: Option<u32>,
    round: Option<u32>,
    again: Option<u32>,
    not_stuck: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GivenRule {
    on: Option<bool>,
    minutes: Option<u32>,
    weight: Option<u32>,
}

impl TryFrom<Given> for Settings {
    type Error = BadSettings;
    fn try_from(given: Given) -> Result<Self, Self::Error> {
        let mut settings = Self::default();
        for (rules, given) in [
            (&mut settings.sev1, given.sev1),
            (&mut settings.sev2, given.sev2),
            (&mut settings.sev3, given.sev3),
            (&mut settings.sev4, given.sev4),
        ] {
            put(&mut rules.stalled_at, given.stalled_at);
            put(&mut rules.after_mitigation, given.after_mitigation);
            put(&mut rules.patience.lead, given.patience.lead);
            put(&mut rules.patience.step, given.patience.step);
            put(&mut rules.patience.long_work, given.patience.long_work);
            put(&mut rules.patience.open_wait, given.patience.open_wait);
            put(&mut rules.ladder.answer, given.ladder.answer);
            put(
                &mut rules.ladder.second_opinion,
                given.ladder.second_opinion,
            );
            put(&mut rules.ladder.round, given.ladder.round);
            put(&mut rules.ladder.again, given.ladder.again);
            put(&mut rules.ladder.not_stuck, given.ladder.not_stuck);
            for (signal, given) in given.signals {
                if let Some(rule) = rules.signals.get_mut(&signal) {
                    put(&mut rule.on, given.on);
                    put(&mut rule.minutes, given.minutes);
                    put(&mut rule.weight, given.weight);
                }
            }
        }
        settings.validate()?;
        Ok(settings)
    }
}

fn put<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}

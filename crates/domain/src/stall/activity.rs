//! What people did, as far as the watch needs it: a fold over the timeline.

use super::{
    tone::{self, Tone},
    wait,
};
use crate::{
    Effect, Entry, EntryBody, EntryId, EntryKind, HypothesisStatus, IncidentRole, Severity, Status,
    Timestamp,
};
use std::collections::BTreeMap;

/// Longest excerpt of an entry in a reason, in characters.
const EXCERPT_MAX: usize = 90;
/// Actions that are compared with a new one.
const ACTS_MAX: usize = 4;
/// Fruitless tries that are remembered; more add nothing.
const FRUITLESS_MAX: usize = 32;

/// A moment and the words that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What was written, on one line, cut.
    pub text: String,
}

/// What explains silence, the shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Something was learnt, and somebody follows it.
    Lead,
    /// Something was done or decided, and is to show its effect.
    Step,
    /// Something got better, and whether it stays so is to be seen.
    Better,
    /// Something that takes hours by its nature: a restore, a rebuild, a replay.
    Long,
    /// The room said that it waits, and not until when.
    Wait,
}

/// What people did. Entries by the system leave it as it is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Activity {
    /// Last entry by a person.
    pub last: Option<Timestamp>,
    /// Whether anybody wrote anything after it was declared.
    pub begun: bool,
    /// Last time something was learnt.
    pub learnt: Option<Moment>,
    /// Last finding, decision, or hypothesis not ruled out: somebody had an idea.
    pub idea: Option<Timestamp>,
    /// What the newest entries say is under way, by its kind.
    pub running: BTreeMap<Work, Moment>,
    /// When work last ended, or there was news of it: time spent on it is not lost.
    pub worked_until: Option<Timestamp>,
    /// Somebody wrote that it seems to be over.
    pub over: Option<Moment>,
    /// The end of a wait that the newest entries name, written as text only.
    pub named_wait: Option<Moment>,
    /// Tries without effect and hypotheses ruled out, since the last that helped.
    pub fruitless: Vec<Moment>,
    /// The last time somebody wrote what is lacking, until something is learnt or helps.
    pub lacking: Option<Moment>,
    /// Somebody found what it is or decided what to do, and nothing has spoken against it.
    pub known: bool,
    /// The telling words of what was done lately, the newest last.
    acts: Vec<Vec<String>>,
    /// Last evidence on a hypothesis.
    pub evidence: BTreeMap<EntryId, Timestamp>,
    /// Last time somebody new took a role or was brought in.
    pub newcomer: Option<Timestamp>,
    /// Since when nobody has had the commander's role; none while somebody has.
    pub leaderless: Option<Timestamp>,
    /// Changes of severity or status that undid the one before.
    pub flips: Vec<Timestamp>,
    severities: Vec<Severity>,
    statuses: Vec<Status>,
}

impl Activity {
    /// What people did in these entries, in order of sequence.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut activity = Self::default();
        for entry in entries {
            activity.add(entry);
        }
        activity
    }

    /// Adds one entry, in order of sequence.
    pub fn add(&mut self, entry: &Entry) {
        if !entry.is_activity() {
            return;
        }
        let at = entry.occurred_at;
        let kind = entry.kind();
        if kind == EntryKind::Answer {
            // The ladder takes the answer at its word, for as long as it asks for.
            return;
        }
        // Somebody who writes down now what happened an hour ago is here now.
        let here = at.max(entry.recorded_at);
        self.last = self.last.max(Some(here));
        let moment = || Moment {
            at,
            text: excerpt(&entry.text),
        };
        if kind.is_learning() && self.learnt.as_ref().is_none_or(|m| m.at <= at) {
            self.learnt = Some(moment());
        }
        let mut tone = match kind {
            EntryKind::Action | EntryKind::Decision | EntryKind::Task => {
                tone::read_step(&entry.text)
            }
            _ => tone::read(&entry.text),
        };
        tone.lacking |= tone.out_of_reach && is_of_us(kind);
        if kind != EntryKind::Declared {
            // Taking a role is coming in.
            self.begun |= kind != EntryKind::RoleTaken;
            self.hear(entry, tone, &moment);
        }
        match kind {
            EntryKind::Action => self.act(&entry.text, &moment),
            // Its effect speaks for itself.
            EntryKind::ActionEffect => self.acts.clear(),
            _ => {}
        }
        match &entry.body {
            EntryBody::Finding
            | EntryBody::Decision { .. }
            | EntryBody::Hypothesis
            | EntryBody::Action => {
                self.idea = self.idea.max(Some(at));
            }
            EntryBody::HypothesisStatus { to, .. } => match to {
                HypothesisStatus::Refuted => self.in_vain(moment()),
                HypothesisStatus::Supported => {
                    self.idea = self.idea.max(Some(at));
                    self.fruitless.clear();
                }
                HypothesisStatus::Testing | HypothesisStatus::Proposed => {
                    self.idea = self.idea.max(Some(at));
                }
            },
            EntryBody::Evidence {
                hypothesis: Some(id),
                ..
            } => {
                let last = self.evidence.entry(*id).or_insert(at);
                *last = (*last).max(at);
            }
            EntryBody::ActionEffect { effect, .. } => match effect {
                Effect::Helped => {
                    self.fruitless.clear();
                    if self.learnt.as_ref().is_none_or(|m| m.at <= at) {
                        self.learnt = Some(moment());
                    }
                    self.idea = self.idea.max(Some(at));
                }
                Effect::NoEffect | Effect::Worse => self.in_vain(moment()),
            },
            EntryBody::Severity { from, to } => {
                let back = flips(&mut self.severities, *from, *to);
                self.flips.extend(back.then_some(at));
            }
            EntryBody::Status { from, to } => {
                let back = flips(&mut self.statuses, *from, *to);
                self.flips.extend(back.then_some(at));
                if *to == Status::Mitigated || *to == Status::Resolved {
                    self.fruitless.clear();
                }
            }
            EntryBody::PageAcknowledged { .. } | EntryBody::Replied { .. } => {
                self.newcomer = self.newcomer.max(Some(at));
            }
            EntryBody::WaitEnded { .. } => self.worked_until = self.worked_until.max(Some(at)),
            EntryBody::RoleTaken { role, .. } => {
                self.newcomer = self.newcomer.max(Some(at));
                if *role == IncidentRole::Commander {
                    self.leaderless = None;
                }
            }
            EntryBody::RoleReleased { role, .. } if *role == IncidentRole::Commander => {
                self.leaderless = Some(at);
            }
            _ => {}
        }
    }

    /// Whoever does the same again found that it brought nothing.
    fn act(&mut self, text: &str, moment: &dyn Fn() -> Moment) {
        let words = tone::telling(text);
        if self.acts.iter().any(|act| is_the_same(act, &words)) {
            self.in_vain(moment());
        }
        if self.acts.len() >= ACTS_MAX {
            self.acts.remove(0);
        }
        self.acts.push(words);
    }

    fn in_vain(&mut self, moment: Moment) {
        if self.fruitless.len() >= FRUITLESS_MAX {
            // The first tell since when, the last what; those between only count.
            self.fruitless.pop();
        }
        self.fruitless.push(moment);
    }

    /// What the words say, whatever the kind.
    fn hear(&mut self, entry: &Entry, tone: Tone, moment: &dyn Fn() -> Moment) {
        let at = entry.occurred_at;
        let kind = entry.kind();
        if tone.lacking {
            self.lacking = Some(moment());
        } else if kind.is_learning() || tone.good {
            self.lacking = None;
        }
        let said_so = matches!(
            entry.body,
            EntryBody::HypothesisStatus {
                to: HypothesisStatus::Refuted,
                ..
            } | EntryBody::ActionEffect {
                effect: Effect::NoEffect | Effect::Worse,
                ..
            } | EntryBody::Blocker { .. }
        );
        let step = is_a_step(kind);
        let trouble = said_so || tone.is_trouble() || (tone.fails && step);
        if !self.running.is_empty() || self.named_wait.is_some() {
            // What took its time was work; the clocks begin when there is news of it.
            self.worked_until = Some(at);
        }
        if trouble || (step && tone.good) || kind == EntryKind::WaitEnded {
            self.running.clear();
            self.named_wait = None;
        }
        self.known = !trouble && (self.known || tells_the_cause(&entry.body));
        if trouble {
            self.over = None;
            let counted = matches!(
                kind,
                EntryKind::ActionEffect | EntryKind::HypothesisStatus | EntryKind::Blocker
            );
            if !counted {
                self.in_vain(moment());
            }
        } else if matches!(kind, EntryKind::Finding | EntryKind::Decision) || tone.good {
            self.fruitless.clear();
            self.acts.clear();
        }
        if tone.over && !trouble {
            self.over = Some(moment());
        } else if is_a_step(kind) || kind == EntryKind::Hypothesis {
            self.over = None;
        }
        let of_us = is_of_us(kind);
        if of_us && let Some(named) = wait::find(&entry.text, at, 0) {
            self.named_wait = Some(Moment {
                at: named.until,
                text: excerpt(&entry.text),
            });
            // Whoever names the end need not be guessed at.
            self.running.clear();
            return;
        }
        if trouble {
            return;
        }
        let work = match tone.work {
            Some(tone::Work::Wait) if of_us || tone.watches => Work::Wait,
            Some(tone::Work::Long) if of_us && (step || tone.goes_on) => Work::Long,
            _ if tone.good && !tells_the_cause(&entry.body) => Work::Better,
            _ if step => Work::Step,
            _ if kind.is_learning() || brings_somebody(&entry.body) => Work::Lead,
            _ => return,
        };
        // A restore still runs when somebody finds something else meanwhile.
        self.running.insert(work, moment());
    }
}

/// Whether somebody says what it is, or what is to be done about it.
const fn tells_the_cause(body: &EntryBody) -> bool {
    matches!(
        body,
        EntryBody::Finding
            | EntryBody::Decision { .. }
            | EntryBody::HypothesisStatus {
                to: HypothesisStatus::Supported,
                ..
            }
            | EntryBody::Status {
                to: Status::Identified,
                ..
            }
    )
}

/// Whether a kind tells of the room. Hypotheses, findings and evidence tell of the
/// system: “threads wait for the carrier” is no wait of ours.
const fn is_of_us(kind: EntryKind) -> bool {
    !matches!(
        kind,
        EntryKind::Hypothesis
            | EntryKind::HypothesisStatus
            | EntryKind::Finding
            | EntryKind::Evidence
            | EntryKind::Blocker
    )
}

/// Whether two actions are the same one, by their telling words: two thirds of those of
/// the shorter, and two at least.
fn is_the_same(one: &[String], other: &[String]) -> bool {
    let shared = one.iter().filter(|word| other.contains(word)).count();
    shared >= 2 && shared * 3 >= one.len().min(other.len()) * 2
}

/// Whether somebody new comes in, who reads first.
const fn brings_somebody(body: &EntryBody) -> bool {
    matches!(
        body,
        EntryBody::RoleTaken {
            role: IncidentRole::Expert,
            ..
        } | EntryBody::PageAcknowledged { .. }
    )
}

/// Kinds that say what is being done.
const fn is_a_step(kind: EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Action
            | EntryKind::ActionEffect
            | EntryKind::Decision
            | EntryKind::Task
            | EntryKind::TaskDone
            | EntryKind::Status
    )
}

/// Notes a change, and tells whether it goes back to what was left before.
fn flips<T: Copy + PartialEq>(seen: &mut Vec<T>, from: Option<T>, to: T) -> bool {
    if seen.is_empty()
        && let Some(from) = from
    {
        seen.push(from);
    }
    let back = seen.len() > 1 && seen.contains(&to);
    seen.push(to);
    back
}

/// A text on one line, cut after a word.
pub(super) fn excerpt(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(EXCERPT_MAX + 1));
        // Of a long text only the beginning is looked at.
        if line.len() > 4 * EXCERPT_MAX {
            break;
        }
    }
    if line.chars().count() <= EXCERPT_MAX {
        return line;
    }
    let mut cut: String = line.chars().take(EXCERPT_MAX).collect();
    if let Some(at) = cut.rfind(' ') {
        cut.truncate(at);
    }
    cut.push('…');
    cut
}

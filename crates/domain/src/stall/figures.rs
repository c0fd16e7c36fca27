//! The watch's own figures: how it prompts, and what came of it.

use crate::{Entry, EntryBody, EntryId, Status, Timestamp, entry::AnswerKind, entry::PromptTo};
use serde::{Deserialize, Serialize};

/// A time in which the room was stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// The last time something was learnt before the prompt.
    pub from: Timestamp,
    /// When something was learnt again, or the incident was mitigated; for one
    /// that still lasts, now.
    pub to: Timestamp,
}

/// The figures of one incident, or of several together.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Prompts to the room.
    pub prompts: u32,
    /// Second opinions asked for.
    pub second_opinions: u32,
    /// Prompts that handed over to the escalation policy.
    pub escalations: u32,
    /// Seconds from each prompt to the room until it was answered.
    pub answer_seconds: Vec<i64>,
    /// Prompts that were answered “not stuck”.
    pub false_prompts: u32,
    /// Seconds from each prompt to the room to the first thing learnt after it.
    pub learning_seconds: Vec<i64>,
    /// Seconds from each declaration until somebody else was first called.
    pub escalate_seconds: Vec<i64>,
    /// Times in which the room was stuck, in order, none overlapping.
    pub stuck: Vec<Stuck>,
}

impl Figures {
    /// The figures of a timeline, in order of sequence.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, now: Timestamp) -> Self {
        let mut fold = Fold::default();
        for entry in entries {
            fold.add(entry);
        }
        fold.end(now)
    }

    /// Adds those of another incident.
    pub fn merge(&mut self, other: Self) {
        self.prompts += other.prompts;
        self.second_opinions += other.second_opinions;
        self.escalations += other.escalations;
        self.answer_seconds.extend(other.answer_seconds);
        self.false_prompts += other.false_prompts;
        self.learning_seconds.extend(other.learning_seconds);
        self.escalate_seconds.extend(other.escalate_seconds);
        self.stuck.extend(other.stuck);
    }

    /// Share of prompts to the room that were false, 0 to 1; none without prompts.
    #[must_use]
    pub fn false_share(&self) -> Option<f64> {
        (self.prompts > 0).then(|| f64::from(self.false_prompts) / f64::from(self.prompts))
    }

    /// Minutes in which the room was stuck.
    #[must_use]
    pub fn stuck_minutes(&self) -> i64 {
        let seconds: i64 = self.stuck.iter().map(|s| s.to.seconds_since(s.from)).sum();
        seconds / 60
    }
}

/// The middle of some numbers of seconds: of an even number, the lower one.
#[must_use]
pub fn median(seconds: &[i64]) -> Option<i64> {
    let mut sorted = seconds.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// A prompt to the room whose outcome is not known yet.
struct Open {
    id: EntryId,
    at: Timestamp,
    from: Timestamp,
    answered: bool,
}

#[derive(Default)]
struct Fold {
    figures: Figures,
    declared: Option<Timestamp>,
    learnt: Option<Timestamp>,
    called: bool,
    open: Vec<Open>,
}

impl Fold {
    fn add(&mut self, entry: &Entry) {
        let at = entry.occurred_at;
        if entry.is_activity() && entry.kind().is_learning() {
            self.learnt_at(at);
        }
        match &entry.body {
            EntryBody::Declared { .. } => self.declared = self.declared.or(Some(at)),
            EntryBody::Prompt { to, .. } => match to {
                PromptTo::Room => {
                    self.figures.prompts += 1;
                    let from = self.learnt.max(self.declared).unwrap_or(at).min(at);
                    self.open.push(Open {
                        id: entry.id,
                        at,
                        from,
                        answered: false,
                    });
                }
                PromptTo::SecondOpinion => {
                    self.figures.second_opinions += 1;
                    self.call(at);
                }
                PromptTo::Policy => {
                    self.figures.escalations += 1;
                    self.call(at);
                }
            },
            EntryBody::Paged { .. } => self.call(at),
            EntryBody::Answer { prompt, answer, .. } => self.answer(*prompt, *answer, at),
            EntryBody::Status {
                to: Status::Mitigated | Status::Resolved,
                ..
            } => self.close(at),
            _ => {}
        }
    }

    fn learnt_at(&mut self, at: Timestamp) {
        self.learnt = self.learnt.max(Some(at));
        for open in self.open.iter().filter(|open| open.at <= at) {
            self.figures
                .learning_seconds
                .push(at.seconds_since(open.at));
        }
        self.close(at);
    }

    /// Open prompts were right: the room was stuck until now.
    fn close(&mut self, at: Timestamp) {
        for open in std::mem::take(&mut self.open) {
            if open.at > at {
                // Written down later than it happened; it ended nothing.
                self.open.push(open);
                continue;
            }
            let overlaps = self
                .figures
                .stuck
                .last_mut()
                .filter(|last| last.to >= open.from);
            match overlaps {
                Some(last) => last.to = last.to.max(at),
                None => self.figures.stuck.push(Stuck {
                    from: open.from,
                    to: at,
                }),
            }
        }
    }

    fn answer(&mut self, prompt: EntryId, answer: AnswerKind, at: Timestamp) {
        let Some(index) = self.open.iter().position(|open| open.id == prompt) else {
            return;
        };
        let Some(open) = self.open.get_mut(index) else {
            return;
        };
        if !open.answered {
            open.answered = true;
            self.figures
                .answer_seconds
                .push(at.seconds_since(open.at).max(0));
        }
        if answer == AnswerKind::NotStuck {
            self.figures.false_prompts += 1;
            self.open.remove(index);
        }
    }

    fn call(&mut self, at: Timestamp) {
        if !self.called
            && let Some(declared) = self.declared
        {
            self.called = true;
            self.figures
                .escalate_seconds
                .push(at.seconds_since(declared).max(0));
        }
    }

    fn end(mut self, now: Timestamp) -> Figures {
        self.close(now);
        self.figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IncidentId, PageId, Severity, UserId};
    use uuid::Uuid;

    fn at(minute: i64) -> Timestamp {
        Timestamp(1_276_592_400_000_000).plus_minutes(minute)
    }

    fn id(n: u128) -> EntryId {
        EntryId(Uuid::from_u128(n))
    }

    /// Entries by minute; those of the watch have no author.
    fn figures(bodies: Vec<(i64, EntryBody)>, now: i64) -> Figures {
        let entries: Vec<Entry> = bodies
            .into_iter()
            .enumerate()
            .map(|(n, (minute, body))| Entry {
                id: id(n as u128),
                incident: IncidentId(Uuid::nil()),
                seq: n as i64,
                changed_seq: n as i64,
                author: (!matches!(body, EntryBody::Prompt { .. })).then_some(UserId(Uuid::nil())),
                body,
                text: String::new(),
                html: String::new(),
                occurred_at: at(minute),
                recorded_at: at(minute),
                revision: 1,
                redacted_at: None,
                pinned_at: None,
            })
            .collect();
        Figures::of(&entries, at(now))
    }

    fn declared() -> (i64, EntryBody) {
        (
            0,
            EntryBody::Declared {
                severity: Severity::Sev1,
            },
        )
    }

    fn prompt(minute: i64, to: PromptTo) -> (i64, EntryBody) {
        let body = EntryBody::Prompt {
            to,
            people: Vec::new(),
            level: 2,
            signals: Vec::new(),
            call: Vec::new(),
            answer_by: at(minute + 10),
        };
        (minute, body)
    }

    fn answer(minute: i64, prompt: u128, answer: AnswerKind) -> (i64, EntryBody) {
        let body = EntryBody::Answer {
            prompt: id(prompt),
            answer,
            minutes: None,
        };
        (minute, body)
    }

    const fn stuck(from: i64, to: i64) -> (i64, i64) {
        (from, to)
    }

    fn spans(figures: &Figures) -> Vec<(i64, i64)> {
        let minute = |t: Timestamp| t.seconds_since(at(0)) / 60;
        figures
            .stuck
            .iter()
            .map(|s| (minute(s.from), minute(s.to)))
            .collect()
    }

    #[test]
    fn a_stall_that_was_seen_through() {
        let told = figures(
            vec![
                declared(),
                (4, EntryBody::Finding),
                prompt(24, PromptTo::Room),
                prompt(34, PromptTo::SecondOpinion),
                answer(36, 2, AnswerKind::StillOnIt),
                (40, EntryBody::Finding),
                (50, EntryBody::Finding),
            ],
            60,
        );
        assert_eq!(
            (told.prompts, told.second_opinions, told.false_prompts),
            (1, 1, 0)
        );
        assert_eq!(told.answer_seconds, [12 * 60]);
        assert_eq!(told.learning_seconds, [16 * 60]);
        assert_eq!(told.escalate_seconds, [34 * 60]);
        assert_eq!(spans(&told), [stuck(4, 40)]);
        assert_eq!(told.stuck_minutes(), 36);
        assert_eq!(told.false_share(), Some(0.0));
    }

    #[test]
    fn a_false_prompt_leaves_no_stuck_span() {
        let told = figures(
            vec![
                declared(),
                prompt(20, PromptTo::Room),
                answer(21, 1, AnswerKind::NotStuck),
                answer(22, 1, AnswerKind::NotStuck),
                (40, EntryBody::Finding),
            ],
            60,
        );
        assert_eq!((told.prompts, told.false_prompts), (1, 1));
        assert_eq!(told.learning_seconds, Vec::<i64>::new());
        assert_eq!(spans(&told), []);
        assert_eq!(told.false_share(), Some(1.0));
    }

    #[test]
    fn prompts_in_one_stall_are_one_span_and_an_open_one_lasts() {
        let told = figures(
            vec![
                declared(),
                prompt(20, PromptTo::Room),
                prompt(50, PromptTo::Room),
                (60, EntryBody::Finding),
                prompt(90, PromptTo::Room),
                (
                    95,
                    EntryBody::Paged {
                        page: PageId(Uuid::nil()),
                        user: UserId(Uuid::nil()),
                        level: None,
                    },
                ),
            ],
            100,
        );
        assert_eq!(spans(&told), [stuck(0, 100)]);
        assert_eq!(told.escalate_seconds, [95 * 60]);
        let apart = figures(
            vec![
                declared(),
                prompt(20, PromptTo::Room),
                (30, EntryBody::Finding),
                (60, EntryBody::Finding),
                prompt(90, PromptTo::Room),
                (
                    95,
                    EntryBody::Status {
                        from: None,
                        to: Status::Mitigated,
                    },
                ),
            ],
            200,
        );
        assert_eq!(spans(&apart), [stuck(0, 30), stuck(60, 95)]);
        assert_eq!(apart.stuck_minutes(), 65);
    }

    #[test]
    fn several_incidents_add_up() {
        let mut all = Figures::default();
        assert_eq!(
            (all.false_share(), median(&all.answer_seconds)),
            (None, None)
        );
        for minutes in [1, 3, 2] {
            all.merge(figures(
                vec![
                    declared(),
                    prompt(20, PromptTo::Room),
                    answer(20 + minutes, 1, AnswerKind::NotStuck),
                ],
                60,
            ));
        }
        assert_eq!((all.prompts, median(&all.answer_seconds)), (3, Some(120)));
        assert_eq!(median(&[60, 120]), Some(60));
    }
}

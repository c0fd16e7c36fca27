//! What the timeline says about waiting, asking, alerts, prompts and pages.

use super::{Board, MINUTES_MAX, Refusal};
use crate::{
    Entry, EntryBody, EntryId, EscalationId, PageId, Timestamp, UserId,
    entry::{AnswerKind, EscalationStep, PromptSignal, PromptTo, ToCall},
    text,
};
use std::collections::BTreeMap;

/// Longest name of an alert, or of somebody who is asked, in characters.
const NAME_MAX: usize = 200;

/// A wait on purpose and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The entry that declared it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// For what, Markdown.
    pub text: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// When it ended, and what it brought.
    pub ended: Option<(Timestamp, String)>,
}

/// A dependency that was asked, and whether it responded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The entry that told of it.
    pub id: EntryId,
    /// Sequence of that entry.
    pub seq: i64,
    /// The question, Markdown.
    pub text: String,
    /// Who was asked.
    pub whom: String,
    /// When.
    pub at: Timestamp,
    /// When they promised to have responded by.
    pub due: Option<Timestamp>,
    /// When they responded, and what they said.
    pub replied: Option<(Timestamp, String)>,
}

/// An alert and whether it fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The entry that told last.
    pub id: EntryId,
    /// Whether it fires.
    pub firing: bool,
    /// Since when it is so.
    pub since: Timestamp,
}

/// A prompt and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The entry.
    pub id: EntryId,
    /// Its sequence.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who is asked.
    pub to: PromptTo,
    /// Who is asked by name.
    pub people: Vec<UserId>,
    /// Stall level, 1 to 3.
    pub level: u32,
    /// What made Rideout ask.
    pub signals: Vec<PromptSignal>,
    /// When the next step follows unless somebody answers.
    pub answer_by: Timestamp,
    /// Whom to call, the first to be called first.
    pub call: Vec<ToCall>,
    /// The answer.
    pub answer: Option<Answer>,
    /// When it was withdrawn.
    pub withdrawn: Option<Timestamp>,
}

impl Prompt {
    /// Whether an answer is still awaited.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.answer.is_none() && self.withdrawn.is_none()
    }
}

/// An answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The entry.
    pub id: EntryId,
    /// Who answered.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub answer: AnswerKind,
    /// Minutes until the watch looks again.
    pub minutes: Option<u32>,
    /// A word on what is being tried.
    pub text: String,
}

/// A page and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which.
    pub id: PageId,
    /// The entry that told of it.
    pub entry: EntryId,
    /// Who is called.
    pub user: UserId,
    /// By whom; nobody when Rideout called.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// The level of the policy; none when paged by hand.
    pub level: Option<u32>,
    /// When it was acknowledged, and by whom.
    pub acknowledged: Option<(Timestamp, UserId)>,
    /// When it was found to reach nobody.
    pub failed: Option<Timestamp>,
    /// When its escalation ended, so that it needs no answer any more.
    pub ended: Option<Timestamp>,
}

impl Page {
    /// Whether an acknowledgement is still awaited.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.acknowledged.is_none() && self.failed.is_none() && self.ended.is_none()
    }
}

/// An escalation, as far as the timeline tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalated {
    /// Which.
    pub id: EscalationId,
    /// When it began.
    pub from: Timestamp,
    /// The level reached.
    pub level: u32,
    /// Its last step.
    pub step: EscalationStep,
    /// When that was.
    pub at: Timestamp,
}

impl Escalated {
    /// Whether levels are still being called.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(
            self.step,
            EscalationStep::Started | EscalationStep::Level | EscalationStep::Nobody
        )
    }
}

/// The part of the board that the stall watch lives by.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Watch {
    /// Waits on purpose, oldest first.
    pub waits: Vec<Wait>,
    /// Dependencies asked, oldest first.
    pub asked: Vec<Asked>,
    /// Alerts by name.
    pub alerts: BTreeMap<String, Alert>,
    /// Prompts, oldest first.
    pub prompts: Vec<Prompt>,
    /// Pages, oldest first.
    pub pages: Vec<Page>,
    /// Escalations, oldest first.
    pub escalations: Vec<Escalated>,
}

impl Watch {
    /// The prompt that awaits an answer: the newest, since each step of the
    /// ladder takes the place of the one before.
    #[must_use]
    pub fn open_prompt(&self) -> Option<&Prompt> {
        self.prompts.last().filter(|p| p.is_open())
    }

    /// Waits that have not ended.
    pub fn open_waits(&self) -> impl Iterator<Item = &Wait> {
        self.waits.iter().filter(|w| w.ended.is_none())
    }

    /// Dependencies that have not responded.
    pub fn open_asked(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|a| a.replied.is_none())
    }

    /// Names of alerts that fire.
    pub fn firing(&self) -> impl Iterator<Item = (&str, &Alert)> {
        self.alerts
            .iter()
            .filter(|(_, a)| a.firing)
            .map(|(name, a)| (name.as_str(), a))
    }

    /// Pages that await an acknowledgement.
    pub fn open_pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().filter(|p| p.is_open())
    }

    /// The escalation that runs.
    #[must_use]
    pub fn escalating(&self) -> Option<&Escalated> {
        self.escalations.last().filter(|e| e.is_running())
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let (id, seq, at) = (entry.id, entry.seq, entry.occurred_at);
        let text = || entry.text.clone();
        match &entry.body {
            EntryBody::Wait { minutes } => self.waits.push(Wait {
                id,
                seq,
                text: text(),
                from: at,
                until: at.plus_minutes(i64::from(*minutes)),
                ended: None,
            }),
            EntryBody::WaitEnded { wait } => {
                if let Some(w) = self.waits.iter_mut().rev().find(|w| w.id == *wait) {
                    w.ended = Some((at, text()));
                }
            }
            EntryBody::Asked { whom, minutes } => self.asked.push(Asked {
                id,
                seq,
                text: text(),
                whom: whom.clone(),
                at,
                due: minutes.map(|m| at.plus_minutes(i64::from(m))),
                replied: None,
            }),
            EntryBody::Replied { asked } => {
                if let Some(a) = self.asked.iter_mut().rev().find(|a| a.id == *asked) {
                    a.replied = Some((at, text()));
                }
            }
            EntryBody::Alert { name, firing, .. } => {
                let firing = *firing;
                let known = self.alerts.get(name);
                let since = known.filter(|a| a.firing == firing).map_or(at, |a| a.since);
                self.alerts
                    .insert(name.clone(), Alert { id, firing, since });
            }
            EntryBody::Prompt {
                to,
                people,
                level,
                signals,
                answer_by,
                call,
            } => self.prompts.push(Prompt {
                id,
                seq,
                at,
                to: *to,
                people: people.clone(),
                level: *level,
                signals: signals.clone(),
                answer_by: *answer_by,
                call: call.clone(),
                answer: None,
                withdrawn: None,
            }),
            EntryBody::PromptWithdrawn { prompt } => {
                if let Some(p) = self.prompts.iter_mut().rev().find(|p| p.id == *prompt) {
                    p.withdrawn = Some(at);
                }
            }
            EntryBody::Answer {
                prompt,
                answer,
                minutes,
            } => {
                if let Some(p) = self.prompts.iter_mut().rev().find(|p| p.id == *prompt) {
                    p.answer = Some(Answer {
                        id,
                        by: entry.author,
                        at,
                        answer: *answer,
                        minutes: *minutes,
                        text: text(),
                    });
                }
            }
            EntryBody::Escalation {
                escalation,
                step,
                level,
            } => self.escalate(*escalation, *step, *level, at),
            EntryBody::Paged { page, user, level } => self.pages.push(Page {
                id: *page,
                entry: id,
                user: *user,
                by: entry.author,
                at,
                level: *level,
                acknowledged: None,
                failed: None,
                ended: None,
            }),
            EntryBody::PageAcknowledged { page, user } => {
                if let Some(p) = self.pages.iter_mut().rev().find(|p| p.id == *page) {
                    p.acknowledged = Some((at, *user));
                }
            }
            EntryBody::PageFailed { page, .. } => {
                if let Some(p) = self.pages.iter_mut().rev().find(|p| p.id == *page) {
                    p.failed = Some(at);
                }
            }
            _ => {}
        }
    }

    fn escalate(&mut self, id: EscalationId, step: EscalationStep, level: u32, at: Timestamp) {
        match self.escalations.iter_mut().rev().find(|e| e.id == id) {
            Some(known) => {
                known.level = level;
                known.step = step;
                known.at = at;
            }
            None => self.escalations.push(Escalated {
                id,
                from: at,
                level,
                step,
                at,
            }),
        }
        if step == EscalationStep::Ended {
            // Somebody came, or it is over: the others whom Rideout called need not answer.
            for page in self.pages.iter_mut().filter(|p| p.by.is_none()) {
                if page.is_open() {
                    page.ended = Some(at);
                }
            }
        }
    }
}

/// Checks what a client may write of all this, and cleans it.
pub(super) fn accept(board: &Board, body: &mut EntryBody) -> Result<(), Refusal> {
    match body {
        EntryBody::Wait { minutes: m } => minutes(*m),
        EntryBody::WaitEnded { wait } => {
            let found = board.watch.waits.iter().find(|w| w.id == *wait);
            closed("wait", *wait, found.map(|w| w.ended.is_some()))
        }
        EntryBody::Asked { whom, minutes: m } => {
            *whom = text::line("Whom was asked", whom, NAME_MAX)?;
            m.map_or(Ok(()), minutes)
        }
        EntryBody::Replied { asked } => {
            let found = board.watch.asked.iter().find(|a| a.id == *asked);
            closed("question", *asked, found.map(|a| a.replied.is_some()))
        }
        EntryBody::Alert { name, link, .. } => {
            *name = text::line("The alert", name, NAME_MAX)?;
            if let Some(given) = link {
                *link = Some(text::link(given)?);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn minutes(m: u32) -> Result<(), Refusal> {
    if (1..=MINUTES_MAX).contains(&m) {
        Ok(())
    } else {
        Err(Refusal::Minutes(m))
    }
}

fn closed(what: &'static str, id: EntryId, is_closed: Option<bool>) -> Result<(), Refusal> {
    match is_closed {
        None => Err(Refusal::NoSuch { what, id }),
        Some(true) => Err(Refusal::AlreadyClosed { what }),
        Some(false) => Ok(()),
    }
}

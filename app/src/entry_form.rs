//! What a form of the war room says, as an entry to put on record.
//!
//! The page without JavaScript, the composer and the queue of a browser that
//! lost the network all read the same fields here, so they cannot disagree.

use crate::FormState;
use rideout_domain::{
    AttachmentId, EntryBody, EntryId, EntryKind, NewEntry, Stance, Timestamp, UserId,
    command::Draft, entry::Attachment,
};
use std::str::FromStr;

/// The value of a person field that stands for whoever sends the form.
pub const ME: &str = "me";

/// The form's name for a member of an entry in JSON. A form carries the fields
/// of every kind at once, so some of them are named after their kind.
#[must_use]
pub fn field_of(kind: EntryKind, member: &str) -> String {
    match (kind, member) {
        (EntryKind::Task, "minutes") => "task_minutes",
        (EntryKind::Task, "user") => "owner",
        (EntryKind::Breakout, "minutes") => "breakout_minutes",
        (EntryKind::Breakout, "user") => "people",
        (EntryKind::Blocker, "minutes") => "blocker_minutes",
        (EntryKind::Paged, "user") => "page_user",
        (EntryKind::Wait, "minutes") => "wait_minutes",
        (EntryKind::Asked, "minutes") => "asked_minutes",
        (EntryKind::WaitEnded, "entry") => "wait",
        (EntryKind::Replied, "entry") => "asked",
        (EntryKind::StakeholderUpdate, "minutes") => "next_minutes",
        (EntryKind::Status, "to") => "status_to",
        (EntryKind::Severity, "to") => "severity_to",
        (EntryKind::HypothesisStatus, "to") => "hypothesis_to",
        (EntryKind::HypothesisStatus | EntryKind::Evidence, "entry") => "hypothesis",
        (EntryKind::ActionEffect, "entry") => "action",
        (EntryKind::TaskDone, "entry") => "task",
        (EntryKind::BreakoutEnded, "entry") => "breakout",
        (EntryKind::BlockerLifted, "entry") => "blocker",
        (_, member) => member,
    }
    .to_owned()
}

/// The form with what a slash command fills in; the command itself is gone from the text.
#[must_use]
pub fn filled_by(command: &Draft, form: &FormState) -> FormState {
    let mut filled = form.clone();
    for (member, _) in &command.fields {
        filled.values.remove(&field_of(command.kind, member));
    }
    for (member, value) in &command.fields {
        filled
            .values
            .add_line(&field_of(command.kind, member), value);
    }
    filled
        .with("kind", command.kind.word())
        .with("text", &command.text)
}

/// The form with whoever sends it in place of the word “me”. The page is the
/// same for everybody, so it cannot name them.
#[must_use]
pub fn sent_by(form: &FormState, me: UserId) -> FormState {
    let mut form = form.clone();
    for field in ["user", "owner", "people"] {
        if let Some(value) = form.values.get_mut(field) {
            let named: Vec<String> = value
                .lines()
                .map(|one| {
                    if one == ME {
                        me.to_string()
                    } else {
                        one.to_owned()
                    }
                })
                .collect();
            *value = named.join("\n");
        }
    }
    form
}

/// Reads the entry that a form describes.
///
/// # Errors
/// The form again, with an error beside each field that cannot be understood.
/// What only the room can know, such as whether a task is still open, is
/// judged by the service.
pub fn read(form: &FormState) -> Result<NewEntry, FormState> {
    let mut reader = Reader {
        form,
        refused: form.clone(),
    };
    let entry = reader.entry();
    match entry {
        Some(entry) if !reader.refused.is_refused() => Ok(entry),
        _ => Err(reader.refused),
    }
}

struct Reader<'a> {
    form: &'a FormState,
    refused: FormState,
}

impl Reader<'_> {
    fn refuse<T>(&mut self, field: &str, message: impl Into<String>) -> Option<T> {
        // The first thing that is wrong with a field is said.
        if self.refused.errors.get(field).is_none() {
            self.refused.errors.insert(field, message.into());
        }
        None
    }

    fn value(&self, field: &str) -> String {
        self.form.value(field).trim().to_owned()
    }

    /// A field that must hold one of a few words, or an identifier.
    fn one<T: FromStr>(&mut self, field: &str, message: &str) -> Option<T> {
        match self.value(field).parse() {
            Ok(value) => Some(value),
            Err(_) => self.refuse(field, message),
        }
    }

    /// A field that may be left empty.
    fn perhaps<T: FromStr>(&mut self, field: &str, message: &str) -> Option<Option<T>> {
        if self.value(field).is_empty() {
            Some(None)
        } else {
            self.one(field, message).map(Some)
        }
    }

    fn minutes(&mut self, field: &str) -> Option<u32> {
        self.one(
            field,
            "Say how many minutes, as a whole number from 1 to 20160.",
        )
    }

    fn entry(&mut self) -> Option<NewEntry> {
        let kind = self.one::<EntryKind>("kind", "Choose what kind of entry it is.")?;
        let id = self.one::<EntryId>("id", "The form is incomplete. Load the page again.");
        let occurred_at = self.occurred_at();
        let body = self.body(kind);
        Some(NewEntry {
            id: id?,
            body: body?,
            text: self.form.value("text"),
            occurred_at: occurred_at?,
        })
    }

    fn body(&mut self, kind: EntryKind) -> Option<EntryBody> {
        Some(match kind {
            EntryKind::Note => EntryBody::Note,
            EntryKind::Finding => EntryBody::Finding,
            EntryKind::Hypothesis => EntryBody::Hypothesis,
            EntryKind::HypothesisStatus => {
                let hypothesis = self.one("hypothesis", "Choose the hypothesis.");
                let to = self.one("hypothesis_to", "Choose how the hypothesis stands now.");
                EntryBody::HypothesisStatus {
                    hypothesis: hypothesis?,
                    to: to?,
                }
            }
            EntryKind::Evidence => self.evidence()?,
            EntryKind::Decision => EntryBody::Decision {
                alternatives: self
                    .form
                    .value("alternatives")
                    .lines()
                    .map(str::to_owned)
                    .collect(),
            },
            EntryKind::Action => EntryBody::Action,
            EntryKind::ActionEffect => {
                let action = self.one("action", "Choose the action that had the effect.");
                let effect = self.one("effect", "Choose what the action did.");
                EntryBody::ActionEffect {
                    action: action?,
                    effect: effect?,
                }
            }
            EntryKind::Task => {
                let owner = self.one("owner", "Choose who does it. A task has one owner.");
                let minutes = self.minutes("task_minutes");
                EntryBody::Task {
                    owner: owner?,
                    minutes: minutes?,
                }
            }
            EntryKind::TaskDone => EntryBody::TaskDone {
                task: self.one("task", "Choose the task that is done.")?,
            },
            EntryKind::Breakout => {
                let people = self.people();
                let minutes = self.minutes("breakout_minutes");
                EntryBody::Breakout {
                    people: people?,
                    minutes: minutes?,
                }
            }
            EntryKind::BreakoutEnded => EntryBody::BreakoutEnded {
                breakout: self.one("breakout", "Choose the breakout that is over.")?,
            },
            EntryKind::Blocker => EntryBody::Blocker {
                waiting_on: self.value("waiting_on"),
                minutes: self.perhaps(
                    "blocker_minutes",
                    "Say how many minutes, or leave it empty.",
                )?,
            },
            EntryKind::BlockerLifted => EntryBody::BlockerLifted {
                blocker: self.one("blocker", "Choose the blocker that is gone.")?,
            },
            EntryKind::Wait => EntryBody::Wait {
                minutes: self.minutes("wait_minutes")?,
            },
            EntryKind::WaitEnded => EntryBody::WaitEnded {
                wait: self.one("wait", "Choose the wait that is over.")?,
            },
            EntryKind::Asked => EntryBody::Asked {
                whom: self.value("whom"),
                minutes: self
                    .perhaps("asked_minutes", "Say how many minutes, or leave it empty.")?,
            },
            EntryKind::Replied => EntryBody::Replied {
                asked: self.one("asked", "Choose the question that was answered.")?,
            },
            EntryKind::Alert => EntryBody::Alert {
                name: self.value("alert"),
                firing: self.value("firing") != "no",
                link: Some(self.value("link")).filter(|link| !link.is_empty()),
            },
            EntryKind::StakeholderUpdate => EntryBody::StakeholderUpdate {
                next_minutes: self.perhaps(
                    "next_minutes",
                    "Say in how many minutes, or choose that there is none.",
                )?,
            },
            EntryKind::Status => EntryBody::Status {
                from: None,
                to: self.one("status_to", "Choose the new status.")?,
            },
            EntryKind::Severity => EntryBody::Severity {
                from: None,
                to: self.one("severity_to", "Choose the new severity.")?,
            },
            EntryKind::RoleTaken => {
                let role = self.one("role", "Choose the role.");
                let user = self.one("user", "Choose who takes the role.");
                EntryBody::RoleTaken {
                    role: role?,
                    user: user?,
                    from: None,
                }
            }
            EntryKind::RoleReleased => {
                let role = self.one("role", "Choose the role.");
                // A form that can hand over or give back names the holder apart.
                let holder = if self.value("holder").is_empty() {
                    "user"
                } else {
                    "holder"
                };
                let user = self.one(holder, "Choose who gives the role back.");
                EntryBody::RoleReleased {
                    role: role?,
                    user: user?,
                }
            }
            EntryKind::Declared
            | EntryKind::Details
            | EntryKind::AccessGranted
            | EntryKind::Joined
            | EntryKind::Left
            | EntryKind::Changed
            | EntryKind::Prompt
            | EntryKind::PromptWithdrawn
            | EntryKind::Answer
            | EntryKind::Escalation
            | EntryKind::Paged
            | EntryKind::PageAcknowledged
            | EntryKind::PageFailed => {
                return self.refuse("kind", "Only Rideout writes entries of this kind.");
            }
        })
    }

    fn evidence(&mut self) -> Option<EntryBody> {
        let hypothesis = self.perhaps("hypothesis", "Choose one of the hypotheses, or none.");
        let stance = self.perhaps("stance", "Choose whether it speaks for or against.");
        let attachment =
            self.perhaps::<AttachmentId>("attachment", "The file did not arrive. Attach it again.");
        let link = self.value("link");
        Some(EntryBody::Evidence {
            link: (!link.is_empty()).then_some(link),
            attachment: attachment?.map(|id| Attachment {
                id,
                name: String::new(),
                size: 0,
                content_type: String::new(),
            }),
            hypothesis: hypothesis?,
            stance: stance?.unwrap_or(Stance::Neutral),
        })
    }

    fn people(&mut self) -> Option<Vec<UserId>> {
        let people: Result<Vec<UserId>, _> = self
            .form
            .value("people")
            .split_whitespace()
            .map(UserId::from_str)
            .collect();
        match people {
            Ok(people) if !people.is_empty() => Some(people),
            _ => self.refuse(
                "people",
                "Choose who goes: one person at least, twenty at most.",
            ),
        }
    }

    /// `2010-06-15T09:04` in a zone so many minutes east of UTC; empty is now.
    fn occurred_at(&mut self) -> Option<Option<Timestamp>> {
        let typed = self.value("occurred_at");
        if typed.is_empty() {
            return Some(None);
        }
        let offset: i64 = self.value("offset").parse().unwrap_or(0);
        let seconds = if typed.matches(':').count() > 1 {
            ""
        } else {
            ":00"
        };
        match format!("{typed}{seconds}Z").parse::<Timestamp>() {
            Ok(at) if offset.abs() <= 14 * 60 => Some(Some(at.plus_minutes(-offset))),
            _ => self.refuse(
                "occurred_at",
                "That is no time. Write it as 2010-06-15T09:04, or leave it empty for now.",
            ),
        }
    }
}

#[cfg(test)]
mod tests;

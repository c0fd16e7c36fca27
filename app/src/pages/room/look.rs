//! How each kind of entry looks: a tone and a shape, never a colour alone.

use leptos::prelude::*;
use rideout_domain::{EntryKind, entry::EntryBody};

/// What an entry is to the reader; one colour each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was learnt.
    Learn,
    /// Something is done.
    Act,
    /// Something holds us up.
    Block,
    /// Something became better.
    Good,
    /// Said, decided, told.
    Plain,
    /// Book-keeping.
    Quiet,
}

impl Tone {
    /// The CSS class.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Learn => "learn",
            Self::Act => "act",
            Self::Block => "block",
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Quiet => "quiet",
        }
    }
}

/// The tone of a kind.
#[must_use]
pub const fn tone(kind: EntryKind) -> Tone {
    match kind {
        EntryKind::Finding | EntryKind::Hypothesis | EntryKind::HypothesisStatus | EntryKind::Evidence => Tone::Learn,
        EntryKind::Action
        | EntryKind::ActionEffect
        | EntryKind::Task
        | EntryKind::TaskDone
        | EntryKind::Breakout
        | EntryKind::BreakoutEnded => Tone::Act,
        EntryKind::Blocker => Tone::Block,
        EntryKind::BlockerLifted => Tone::Good,
        EntryKind::Note | EntryKind::Decision | EntryKind::StakeholderUpdate => Tone::Plain,
        EntryKind::Status
        | EntryKind::Severity
        | EntryKind::RoleTaken
        | EntryKind::RoleReleased
        | EntryKind::Declared
        | EntryKind::Details
        | EntryKind::AccessGranted
        | EntryKind::Joined
        | EntryKind::Left
        | EntryKind::Changed => Tone::Quiet,
    }
}

/// Whether the entry is a quiet line: a sentence of Rideout's, not a text of somebody's.
#[must_use]
pub const fn is_line(body: &EntryBody) -> bool {
    matches!(tone(body.kind()), Tone::Quiet)
}

/// The shape of a kind, drawn in a box of 16.
const fn shape(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Finding | EntryKind::Evidence => "M8 2.5 13.5 8 8 13.5 2.5 8Z",
        EntryKind::Hypothesis => "M8 1.5 14.5 8 8 14.5 1.5 8Zm0 3L4.5 8 8 11.5 11.5 8Z",
        EntryKind::HypothesisStatus => "M8 1.5 14.5 8 8 14.5 1.5 8Zm0 3L4.5 8H11.5Z",
        EntryKind::Action => "M4.5 2.5 13 8 4.5 13.5Z",
        EntryKind::ActionEffect | EntryKind::TaskDone | EntryKind::BreakoutEnded | EntryKind::BlockerLifted => {
            "M6.4 12.6 2.3 8.5 4 6.8 6.4 9.2 12 3.4 13.7 5.1Z"
        }
        EntryKind::Task => "M3 3H13V13H3ZM5 5V11H11V5Z",
        EntryKind::Breakout => "M5 3a3 3 0 1 0 .1 0ZM11 7a3 3 0 1 0 .1 0Z",
        EntryKind::Blocker => "M3 3H13V13H3Z",
        EntryKind::Decision => "M8 2a6 6 0 1 0 .1 0Z",
        EntryKind::StakeholderUpdate => "M2 6H5L12 2.5V13.5L5 10H2Z",
        EntryKind::Status | EntryKind::Severity | EntryKind::Declared => "M8 3a5 5 0 1 0 .1 0ZM8 5.5a2.5 2.5 0 1 1-.1 0Z",
        _ => "M8 5.5a2.5 2.5 0 1 0 .1 0Z",
    }
}

/// The mark of a kind: its shape in its tone.
pub fn mark(kind: EntryKind) -> impl IntoView {
    view! {
        <svg class=format!("mark {}", tone(kind).class()) viewBox="0 0 16 16" aria-hidden="true">
            <path fill-rule="evenodd" d=shape(kind) />
        </svg>
    }
}

//! What a colour means.

use super::IconName;
use rideout_domain::EntryKind;
use std::str::FromStr;

/// What a part means. Red and amber are for what needs a person now, violet
/// for learning, blue for acting, green for passing; everything else is quiet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Neutral,
    /// Something acts, or is chosen.
    Accent,
    /// Something was learnt.
    Learn,
    /// It passed, it works.
    Ok,
    /// It wants a look soon.
    Warn,
    /// It needs a person now.
    Bad,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 6] = [
        Self::Neutral,
        Self::Accent,
        Self::Learn,
        Self::Ok,
        Self::Warn,
        Self::Bad,
    ];

    /// The class that carries it, and the word it is stored as.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Learn => "learn",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

impl FromStr for Tone {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|tone| tone.word() == word)
            .ok_or(())
    }
}

/// The shape and the tone of an entry's kind; the same wherever it is shown.
#[must_use]
pub const fn kind_look(kind: EntryKind) -> (IconName, Tone) {
    match kind {
        EntryKind::Note => (IconName::Dot, Tone::Neutral),
        EntryKind::Finding => (IconName::Diamond, Tone::Learn),
        EntryKind::Hypothesis | EntryKind::HypothesisStatus => (IconName::Question, Tone::Learn),
        EntryKind::Evidence => (IconName::Lens, Tone::Learn),
        EntryKind::Decision => (IconName::Fork, Tone::Learn),
        EntryKind::Action | EntryKind::ActionEffect => (IconName::Play, Tone::Accent),
        EntryKind::Task | EntryKind::TaskDone => (IconName::Task, Tone::Accent),
        EntryKind::Breakout | EntryKind::BreakoutEnded => (IconName::People, Tone::Accent),
        EntryKind::Blocker => (IconName::Square, Tone::Warn),
        EntryKind::BlockerLifted => (IconName::Check, Tone::Ok),
        EntryKind::StakeholderUpdate => (IconName::Megaphone, Tone::Accent),
        EntryKind::Status | EntryKind::Severity => (IconName::Gauge, Tone::Neutral),
        EntryKind::RoleTaken | EntryKind::RoleReleased => (IconName::Person, Tone::Neutral),
        EntryKind::Wait | EntryKind::WaitEnded => (IconName::History, Tone::Neutral),
        EntryKind::Asked | EntryKind::Replied => (IconName::Question, Tone::Accent),
        EntryKind::Alert => (IconName::Flag, Tone::Warn),
        EntryKind::Prompt => (IconName::Square, Tone::Bad),
        EntryKind::PromptWithdrawn => (IconName::Check, Tone::Neutral),
        EntryKind::Answer => (IconName::Check, Tone::Accent),
        EntryKind::Escalation | EntryKind::Paged => (IconName::Megaphone, Tone::Bad),
        EntryKind::PageAcknowledged => (IconName::Check, Tone::Ok),
        EntryKind::PageFailed => (IconName::Flag, Tone::Bad),
        EntryKind::Declared => (IconName::Flag, Tone::Neutral),
        EntryKind::Details => (IconName::Edit, Tone::Neutral),
        EntryKind::AccessGranted => (IconName::Lock, Tone::Neutral),
        EntryKind::Joined | EntryKind::Left => (IconName::Door, Tone::Neutral),
        EntryKind::Changed => (IconName::History, Tone::Neutral),
    }
}

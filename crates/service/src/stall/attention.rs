//! Which entries make the watch look earlier than it meant to.

use rideout_domain::{Entry, EntryBody, EntryKind, Timestamp, entry::EscalationStep};

/// Seconds in which entries of people are gathered before the watch looks.
const GATHER: i64 = 10;

/// How soon the watch looks after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attention {
    /// When it meant to: nothing follows from it earlier.
    None,
    /// In a few seconds, and at once while somebody is being asked.
    Soon,
    /// At once.
    Now,
}

impl Attention {
    /// What an entry asks for.
    pub(crate) fn to(entry: &Entry) -> Self {
        match &entry.body {
            // They begin or end something with a time, or change which thresholds hold.
            EntryBody::Declared { .. }
            | EntryBody::Status { .. }
            | EntryBody::Severity { .. }
            | EntryBody::RoleTaken { .. }
            | EntryBody::RoleReleased { .. }
            | EntryBody::Task { .. }
            | EntryBody::TaskDone { .. }
            | EntryBody::Breakout { .. }
            | EntryBody::BreakoutEnded { .. }
            | EntryBody::Blocker { .. }
            | EntryBody::BlockerLifted { .. }
            | EntryBody::Wait { .. }
            | EntryBody::WaitEnded { .. }
            | EntryBody::Asked { .. }
            | EntryBody::Replied { .. }
            | EntryBody::Alert { .. }
            | EntryBody::StakeholderUpdate { .. }
            | EntryBody::PageAcknowledged { .. }
            | EntryBody::PageFailed { .. }
            | EntryBody::Escalation {
                step: EscalationStep::Exhausted | EscalationStep::Ended,
                ..
            } => Self::Now,
            // An edited time or a redacted text is another fact.
            EntryBody::Changed { .. } | EntryBody::Details => Self::Soon,
            // Whoever comes may be the expert that was lacking.
            EntryBody::Joined | EntryBody::Left | EntryBody::Paged { .. } => Self::Soon,
            _ if entry.is_activity() && entry.kind() != EntryKind::Answer => Self::Soon,
            _ => Self::None,
        }
    }

    /// When it looks at the latest, while somebody is being asked.
    pub(crate) const fn when_asked(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::None => None,
            Self::Soon | Self::Now => Some(now),
        }
    }

    /// When it looks at the latest, while nobody is asked.
    pub(crate) const fn when_calm(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::None => None,
            Self::Soon => Some(now.plus_seconds(GATHER)),
            Self::Now => Some(now),
        }
    }
}

//! The stall signals.

use crate::incident::words;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// One way of noticing that a room may be stuck.
    Signal, "stall signal", {
        /// Nobody wrote anything.
        Quiet = "quiet" / "Quiet",
        /// People write, and nothing is learnt.
        NoLearning = "no_learning" / "Nothing learnt",
        /// A single hypothesis, too long without evidence.
        OneIdea = "one_idea" / "One idea",
        /// No hypothesis is left, or none was proposed.
        NoIdea = "no_idea" / "No idea",
        /// A task or breakout ran over its time box.
        TaskOverdue = "task_overdue" / "Task overdue",
        /// A blocker stands too long.
        Blocked = "blocked" / "Blocked",
        /// A dependency was asked and does not answer.
        DependencySilent = "dependency_silent" / "Dependency silent",
        /// The commander's role is empty.
        NobodyLeads = "nobody_leads" / "Nobody leads",
        /// The promised stakeholder update is late.
        UpdateOverdue = "update_overdue" / "Update overdue",
        /// A page was not acknowledged.
        PageUnanswered = "page_unanswered" / "Page unanswered",
        /// Tries without effect follow each other.
        Circles = "circles" / "Going in circles",
        /// Nobody in the room knows the affected services.
        NoExpert = "no_expert" / "No expert here",
        /// An alert fires though the incident is mitigated.
        StillFiring = "still_firing" / "Still firing",
        /// It takes longer than similar incidents did.
        LongerThanUsual = "longer_than_usual" / "Longer than usual",
        /// A wait on purpose ran over its end.
        WaitOverrun = "wait_overrun" / "Wait ran over",
    }
}

impl Signal {
    /// What the signal means, in a sentence.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Quiet => "Nobody in the room has written anything for a while.",
            Self::NoLearning => {
                "There was no finding, evidence, decision or change of a hypothesis for a while."
            }
            Self::OneIdea => {
                "Everybody waits on a single hypothesis, and no new evidence has come for it."
            }
            Self::NoIdea => {
                "No hypothesis was proposed, or all were ruled out, and none has taken their place."
            }
            Self::TaskOverdue => "A task or a breakout has run over its time box.",
            Self::Blocked => "Somebody said what we lack to go on, and we still lack it.",
            Self::DependencySilent => {
                "A dependency was asked and has not answered within its promised time."
            }
            Self::NobodyLeads => "The role of incident commander is empty.",
            Self::UpdateOverdue => "The stakeholder update that was promised is late.",
            Self::PageUnanswered => "A page was sent and nobody has acknowledged it.",
            Self::Circles => {
                "Several tries in a row had no effect, or severity or status go back and forth."
            }
            Self::NoExpert => "Nobody in the room is known to know the affected services.",
            Self::StillFiring => "An alert still fires although the incident is mitigated.",
            Self::LongerThanUsual => {
                "It has lasted longer than nine of ten similar incidents, and nobody new was brought in."
            }
            Self::WaitOverrun => "What we wait for on purpose should have ended by now.",
        }
    }

    /// Whether the signal still counts once customers are well again.
    ///
    /// What is left then is to finish: promises, open tasks, and alerts which say
    /// that it is not over. Silence is no sign of trouble any more.
    #[must_use]
    pub const fn counts_after_mitigation(self) -> bool {
        matches!(
            self,
            Self::TaskOverdue
                | Self::Blocked
                | Self::DependencySilent
                | Self::UpdateOverdue
                | Self::PageUnanswered
                | Self::StillFiring
                | Self::WaitOverrun
        )
    }

    /// Whether a wait on purpose quiets the signal until its end.
    #[must_use]
    pub const fn is_quieted_by_a_wait(self) -> bool {
        matches!(
            self,
            Self::Blocked
                | Self::DependencySilent
                | Self::Circles
                | Self::NoExpert
                | Self::LongerThanUsual
        ) || self.is_quieted_by_work()
    }

    /// Whether work that takes its time quiets the signal, too, though nobody
    /// declared a wait.
    #[must_use]
    pub const fn is_quieted_by_work(self) -> bool {
        matches!(
            self,
            Self::Quiet | Self::NoLearning | Self::OneIdea | Self::NoIdea
        )
    }
}

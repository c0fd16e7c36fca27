//! An incident: how bad it is, how far it is, who does what.

use crate::{IncidentId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$vdoc:meta])* $variant:ident = $word:literal / $title:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word used in storage and the API.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
            /// The words used on screen.
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title),+ } }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.word()) }
        }
        impl FromStr for $name {
            type Err = $crate::text::UnknownWord;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|v| v.word().eq_ignore_ascii_case(s.trim()))
                    .ok_or_else(|| $crate::text::UnknownWord::new($what, s, Self::ALL.iter().map(|v| v.word())))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How bad it is; SEV1 is the worst.
    Severity, "severity", {
        /// The main promise is broken for most.
        Sev1 = "SEV1" / "SEV1",
        /// A main function is badly hurt.
        Sev2 = "SEV2" / "SEV2",
        /// Something is hurt, with a way around.
        Sev3 = "SEV3" / "SEV3",
        /// A small defect worth watching.
        Sev4 = "SEV4" / "SEV4",
    }
}

impl Severity {
    /// What it means, in a sentence, for whoever declares.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Sev1 => "Most customers cannot do what they came for.",
            Self::Sev2 => "A main function is badly hurt, or many customers are.",
            Self::Sev3 => "Something is hurt and there is a way around it.",
            Self::Sev4 => "A small defect worth watching together.",
        }
    }
}

words! {
    /// How far the response is.
    Status, "status", {
        /// We do not know the cause yet.
        Investigating = "investigating" / "Investigating",
        /// We know the cause and work on it.
        Identified = "identified" / "Identified",
        /// Customers are well again, the cause may not be gone.
        Mitigated = "mitigated" / "Mitigated",
        /// It is over.
        Resolved = "resolved" / "Resolved",
    }
}

words! {
    /// A role in one incident.
    IncidentRole, "role", {
        /// Leads; keeps the response moving.
        Commander = "commander" / "Incident commander",
        /// Stands in for the commander and watches the clock.
        Deputy = "deputy" / "Deputy",
        /// Keeps the timeline.
        Scribe = "scribe" / "Scribe",
        /// Speaks to stakeholders.
        Communications = "communications" / "Communications lead",
        /// Speaks to another team or supplier.
        Liaison = "liaison" / "Liaison",
        /// Knows an affected part well.
        Expert = "expert" / "Subject-matter expert",
    }
}

impl IncidentRole {
    /// What the role is for, in a sentence.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Commander => "Leads, decides, keeps the response moving.",
            Self::Deputy => "Stands in for the commander and watches the clock.",
            Self::Scribe => "Keeps the timeline true while others work.",
            Self::Communications => "Tells stakeholders what they need to know, on time.",
            Self::Liaison => "Speaks to another team or supplier.",
            Self::Expert => "Knows an affected part well.",
        }
    }

    /// Whether only one person can have it at a time.
    #[must_use]
    pub const fn is_single(self) -> bool {
        !matches!(self, Self::Liaison | Self::Expert)
    }
}

/// An incident without its timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Identifier.
    pub id: IncidentId,
    /// Running number, for people: INC-7.
    pub number: i64,
    /// One line that says what is wrong.
    pub title: String,
    /// Markdown; may be empty.
    pub description: String,
    /// The description as safe HTML.
    #[serde(skip_serializing, default)]
    pub description_html: String,
    /// Affected services, as typed.
    pub services: Vec<String>,
    /// How bad.
    pub severity: Severity,
    /// How far.
    pub status: Status,
    /// Seen by named people only.
    pub restricted: bool,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// Who declared it.
    pub declared_by: UserId,
    /// When it began for customers.
    pub started_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// Who leads.
    pub commander: Option<UserId>,
    /// Last entry by a person.
    pub last_human_at: Timestamp,
    /// Last time something was learnt.
    pub last_learnt_at: Option<Timestamp>,
    /// When the next stakeholder update is due.
    pub next_update_at: Option<Timestamp>,
    /// Sequence of the newest entry.
    pub last_seq: i64,
}

impl Incident {
    /// The reference people say: `INC-7`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("INC-{}", self.number)
    }

    /// Whether it still needs people.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }
}

//! Who may do what: the roles of the organisation, before any incident is looked at.

use crate::UserId;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A person's role in the organisation; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads every incident that is not restricted.
    Viewer,
    /// Declares incidents and works in them.
    Responder,
    /// Also redacts, opens an incident to others, and says who owns and is called for what.
    Commander,
    /// Also manages people and reads the audit log.
    Admin,
}

impl Role {
    /// Every role, weakest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Commander, Self::Admin];

    /// The word used in storage, the API and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Commander => "commander",
            Self::Admin => "admin",
        }
    }

    /// What the role may do, in a sentence.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Viewer => "Reads incidents that are open to the organisation.",
            Self::Responder => "Declares incidents and works in them.",
            Self::Commander => {
                "Also redacts entries, shares incidents with stakeholders, and keeps teams, services, watch and escalation policies, and schedules."
            }
            Self::Admin => "Also manages people and reads the audit log.",
        }
    }

    /// Whether the role may do this at all.
    #[must_use]
    pub const fn may(self, action: Action) -> bool {
        let needed = action.needs();
        (self as u8) >= (needed as u8)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = crate::text::UnknownWord;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.word() == s)
            .ok_or_else(|| crate::text::UnknownWord::new("role", s, Self::ALL.map(Self::word)))
    }
}

/// Something a person may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read incidents one is allowed to see.
    ReadIncident,
    /// Declare an incident.
    Declare,
    /// Write to a timeline, take a role, edit one's own entries, pin.
    Respond,
    /// Redact other people's entries and read what stood there.
    Redact,
    /// Make and revoke stakeholder links, name who may see a restricted incident.
    Share,
    /// Change teams, services, components and escalation policies.
    ManageDirectory,
    /// Make and change on-call schedules, have others stand in.
    ManageSchedules,
    /// Invite people, change roles, end others' sessions.
    ManagePeople,
    /// Read and export the audit log.
    ReadAudit,
}

impl Action {
    /// The weakest role that may do this.
    #[must_use]
    pub const fn needs(self) -> Role {
        match self {
            Self::ReadIncident => Role::Viewer,
            Self::Declare | Self::Respond => Role::Responder,
            Self::Redact | Self::Share | Self::ManageDirectory | Self::ManageSchedules => {
                Role::Commander
            }
            Self::ManagePeople | Self::ReadAudit => Role::Admin,
        }
    }
}

/// Why somebody who is called cannot respond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotRespond {
    /// Their role only reads.
    OnlyLooks,
    /// They have no account in use.
    NoAccount,
}

impl CannotRespond {
    /// Why somebody with a role cannot respond; nothing when they can.
    #[must_use]
    pub const fn of(role: Role, in_use: bool) -> Option<Self> {
        if !in_use {
            Some(Self::NoAccount)
        } else if !role.may(Action::Respond) {
            Some(Self::OnlyLooks)
        } else {
            None
        }
    }

    /// The same for whoever named them, with what to do, as a sentence without its stop.
    #[must_use]
    pub fn told(self, name: &str) -> String {
        match self {
            Self::OnlyLooks => format!(
                "{name} can only look: give them the role responder or put somebody else here"
            ),
            Self::NoAccount => format!("{name} has no account in use: put somebody else here"),
        }
    }
}

/// Whoever asks: a signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who it is.
    pub id: UserId,
    /// Name shown in the room.
    pub name: String,
    /// Role in the organisation.
    pub role: Role,
    /// Where the request came from, for the audit log; empty for the command line.
    pub address: String,
}

impl Actor {
    /// Whether the actor's role may do this at all.
    #[must_use]
    pub const fn may(&self, action: Action) -> bool {
        self.role.may(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_cannot_respond_is_told_what_to_do() {
        assert_eq!(CannotRespond::of(Role::Responder, true), None);
        assert_eq!(CannotRespond::of(Role::Admin, true), None);
        for (role, in_use, says) in [
            (
                Role::Viewer,
                true,
                "Vera can only look: give them the role responder",
            ),
            (Role::Viewer, false, "Vera has no account in use"),
            (Role::Admin, false, "Vera has no account in use"),
        ] {
            let told = CannotRespond::of(role, in_use).map(|why| why.told("Vera"));
            assert!(told.is_some_and(|told| told.starts_with(says)), "{says}");
        }
    }
}

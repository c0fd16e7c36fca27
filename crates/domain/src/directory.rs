//! Services, dependencies, components and teams: kinds and limits.

use crate::incident::words;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Most teams.
pub const TEAMS_MAX: i64 = 500;
/// Most people in a team.
pub const MEMBERS_MAX: usize = 100;
/// Most services and dependencies.
pub const SERVICES_MAX: i64 = 2_000;
/// Most dependencies of one service.
pub const DEPENDENCIES_MAX: i64 = 50;
/// Most components of one service.
pub const COMPONENTS_MAX: i64 = 50;
/// Most experts of one component.
pub const EXPERTS_MAX: usize = 20;
/// Most escalation policies.
pub const POLICIES_MAX: i64 = 200;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 2_000;
/// Longest contact, in characters.
pub const CONTACT_MAX: usize = 300;
/// Longest promised response, in minutes: thirty days.
pub const RESPONSE_MAX: u32 = 30 * 24 * 60;

words! {
    /// Whose it is.
    ServiceKind, "kind", {
        /// Ours.
        Service = "service" / "Service",
        /// Somebody else's, on which we rely.
        Dependency = "dependency" / "Dependency",
    }
}

impl ServiceKind {
    /// What it means, in a sentence.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Service => "We run it.",
            Self::Dependency => "Somebody else runs it and we rely on it.",
        }
    }
}

/// What an incident's service and a registered one are compared by.
#[must_use]
pub fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

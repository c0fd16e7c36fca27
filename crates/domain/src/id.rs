//! Identifiers: UUIDs behind newtypes, so that one kind cannot stand for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(s).map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

id! {
    /// A person with an account.
    UserId,
    /// An incident.
    IncidentId,
    /// An entry in an incident's timeline; made by the client, so that a retry cannot duplicate it.
    EntryId,
    /// A file attached to an incident.
    AttachmentId,
    /// A browser session.
    SessionId,
    /// A bearer token of the REST API.
    TokenId,
    /// An invitation, the set-up link included.
    InviteId,
    /// A link that shows a read-only page of one incident.
    StakeholderLinkId,
    /// A team.
    TeamId,
    /// A contact route of a person.
    RouteId,
    /// A service or a dependency.
    ServiceId,
    /// A component of a service.
    ComponentId,
    /// An escalation policy.
    PolicyId,
    /// An on-call schedule.
    ScheduleId,
    /// An override in an on-call schedule.
    OverrideId,
    /// An unguessable address of a calendar feed.
    FeedId,
    /// A running or ended escalation.
    EscalationId,
    /// A page: one person called once, by as many routes as it takes.
    PageId,
    /// A message: one page, or part of several, on its way through one route.
    MessageId,
}

//! The rules of Rideout, pure: no input or output, no clock, no randomness.
//!
//! Everything here is a value or a function of values, so that the server and
//! the browser agree and tests own time. Storage and authorisation against
//! stored facts live in `rideout-service`; HTML lives in `rideout-app`.

pub mod access;
pub mod command;
pub mod directory;
pub mod duration;
pub mod entry;
pub mod escalation;
pub mod export;
pub mod id;
pub mod incident;
pub mod outbox;
pub mod reach;
pub mod replay;
pub mod room;
pub mod stall;
pub mod text;
pub mod time;

pub use access::{Action, Actor, CannotRespond, Role};
pub use directory::ServiceKind;
pub use entry::{Effect, Entry, EntryBody, EntryKind, HypothesisStatus, NewEntry, Stance};
pub use id::{
    AttachmentId, ComponentId, EntryId, EscalationId, FeedId, IncidentId, InviteId, MessageId,
    OverrideId, PageId, PolicyId, RouteId, ScheduleId, ServiceId, SessionId, StakeholderLinkId,
    TeamId, TokenId, UserId,
};
pub use incident::{Incident, IncidentRole, Severity, Status};
pub use reach::{Channel, QuietHours};
pub use room::{Refusal, Room};
pub use time::Timestamp;

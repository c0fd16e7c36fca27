//! How a message leaves the house.
//!
//! One function sends one [`Message`] through one [`Route`] and tells the
//! [`Outcome`]. No database, no use cases, no repetition: who is written to, how
//! often and when is decided elsewhere.
//!
//! Everything that goes to a web address somebody typed goes through [`Client`],
//! whose guard keeps it out of the networks Rideout itself stands in.

mod address;
mod answer;
mod authorities;
mod client;
mod email;
mod guard;
mod message;
mod ntfy;
mod route;
mod secret;
mod slack;
mod webhook;

pub use address::{Kind, kind};
pub use authorities::{Authorities, NotAuthorities};
pub use client::{Client, Failure, Fetched, Limits, Reply, Resolve, SystemResolver};
pub use email::{BadMailServer, MailServer, Mailer, Security, check_sender};
pub use guard::{Allowed, Denied, Guard, NotAllowed};
pub use message::{Message, Part};
pub use ntfy::NtfyAuth;
pub use rideout_domain::outbox::{Outcome, Urgency};
pub use route::{Channels, Route};
pub use secret::Secret;
pub use webhook::{BadSigningSecret, SigningSecret, sign};

//! Use cases and storage of Rideout.
//!
//! A use case takes the actor, authorises, loads, lets `rideout-domain` decide,
//! writes in one transaction, and publishes. Nothing here knows HTTP.

pub mod account;
pub mod attachment;
pub mod clock;
pub mod db;
pub mod directory;
pub mod error;
pub mod example;
pub mod incident;
pub mod markdown;
pub mod oncall;
pub mod page;
pub mod presence;
pub mod room;
mod secret;
pub mod share;
pub mod stall;
pub mod statements;
pub mod timeline;

mod service;

#[cfg(any(test, feature = "test-support"))]
pub mod test_support;

pub use clock::{Clock, IdSource};
pub use error::{Error, FieldError};
pub use service::{Service, Settings};

#[cfg(test)]
mod tests;

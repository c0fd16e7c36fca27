//! Replay: a past incident, played through the watch and the ladder in virtual time.
//!
//! Two kinds of files are read: a public timeline as JSON Lines ([`timeline`])
//! and an exported incident. In a replay nobody answers or acknowledges; what people wrote moves
//! the clock as it would have. The formats are told in `docs/stall-watch.md`.

mod play;
mod policy;
pub mod preview;
pub mod score;
mod script;
pub mod timeline;

pub use play::{CALLS_MAX, Prompted, Report, SignalSaid, Whom, Work, play, play_within};
pub use policy::{NotAPolicy, read_policy};
pub use script::{NotReplayable, Script, read};

#[cfg(test)]
mod tests;

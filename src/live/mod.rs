//! Live pages: what was committed reaches every screen that shows it.
//!
//! The service tells what it committed; `hub` hears it and wakes the
//! `channel` of the incident, if anybody watches. The channel renders each
//! entry once, with the same code as the page, and hands the same bytes to
//! every `feed`. A feed is one open stream; it begins with what its viewer
//! has missed since the sequence it names, and goes on without a gap.

mod channel;
mod feed;
mod frame;
mod housekeeping;
mod hub;
mod render;
mod routes;
mod stats;
mod viewers;

#[cfg(test)]
mod tests;

pub use hub::{LiveHub, STREAMS_PER_PERSON};
pub use routes::routes;
pub use stats::HubStats;

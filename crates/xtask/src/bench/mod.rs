//! `cargo xtask bench`: what Rideout promises, measured.

mod report;

use crate::{
    bench::report::Machine,
    error::Error,
    progress,
    server::{self, Profile},
    site,
    workspace::Workspace,
};

/// One figure and what it should be.
pub(crate) struct Measurement {
    /// What was measured.
    pub(crate) name: String,
    /// The result.
    pub(crate) value: f64,
    /// What the result is held against.
    pub(crate) limit: Limit,
    /// What both are counted in.
    pub(crate) unit: &'static str,
    /// How it was measured, and what to know about it.
    pub(crate) note: String,
}

/// The promise a figure is held against.
#[derive(Clone, Copy)]
#[expect(
    dead_code,
    reason = "the measurements that choose between them are yet to come"
)]
pub(crate) enum Limit {
    /// The figure may not be smaller.
    AtLeast(f64),
    /// The figure may not be greater.
    AtMost(f64),
    /// Nothing was promised.
    None,
}

impl Measurement {
    /// Whether the promise is kept.
    pub(crate) fn keeps(&self) -> bool {
        match self.limit {
            Limit::AtLeast(limit) => self.value >= limit,
            Limit::AtMost(limit) => self.value <= limit,
            Limit::None => true,
        }
    }
}

/// Builds what is shipped, measures it and writes the report.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    site::build(workspace)?;
    server::build(workspace, Profile::Release)?;
    progress::heading("Measurements");
    let measurements: Vec<Measurement> = Vec::new();
    if measurements.is_empty() {
        progress::say("no measurements yet; they are defined in crates/xtask/src/bench/");
        return Ok(());
    }
    report::write(workspace, &Machine::here(workspace), &measurements)
}

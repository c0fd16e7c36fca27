//! `cargo xtask bench`: what Rideout promises, measured.

mod report;

use crate::{
    bench::report::Machine,
    error::Error,
    process, progress,
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
    pub(crate) unit: String,
    /// How it was measured, and what to know about it.
    pub(crate) note: String,
}

/// The promise a figure is held against.
#[derive(Clone, Copy)]
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

/// A figure as the measuring program prints it.
#[derive(serde::Deserialize)]
struct Figure {
    name: String,
    value: f64,
    unit: String,
    limit: Option<f64>,
    limit_is: Option<String>,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

impl From<Figure> for Measurement {
    fn from(figure: Figure) -> Self {
        let note = match (figure.limit, &figure.limit_is) {
            (Some(limit), Some(is)) if limit > 0.0 => format!(
                "{} {} is {is}: {:.2} of it",
                report::figure(limit),
                figure.unit,
                figure.value / limit
            ),
            _ => String::new(),
        };
        let limit = match (figure.at_least, figure.at_most) {
            (Some(least), _) => Limit::AtLeast(least),
            (None, Some(most)) => Limit::AtMost(most),
            (None, None) => Limit::None,
        };
        Self {
            name: figure.name,
            value: figure.value,
            limit,
            unit: figure.unit,
            note,
        }
    }
}

/// Builds what is shipped, measures it and writes the report. With `parts`
/// only those are measured, and shown without touching the report.
pub(crate) fn run(workspace: &Workspace, parts: &[String]) -> Result<(), Error> {
    site::build(workspace)?;
    let program = server::build(workspace, Profile::Release)?;
    progress::heading("Measurements");
    process::run(
        workspace
            .cargo()
            .args(["build", "--release", "--package", "bench"]),
    )?;
    let mut bench = workspace.command(workspace.target.join("release/bench"));
    bench.args(parts).env("RIDEOUT_BIN", program);
    let told = process::capture_aloud(&mut bench)?;
    let figures: Vec<Figure> = serde_json::from_str(&told).map_err(|error| Error::Invalid {
        file: "what bench printed".to_owned(),
        problem: error.to_string(),
    })?;
    let measurements: Vec<Measurement> = figures.into_iter().map(Measurement::from).collect();
    let machine = Machine::here(workspace);
    if parts.is_empty() {
        report::write(workspace, &machine, &measurements)
    } else {
        progress::line(report::table(&machine, &measurements));
        Ok(())
    }
}

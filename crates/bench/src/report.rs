//! What was measured.

use serde::Serialize;
use std::time::Duration;

/// A figure beside its limit and its target.
#[derive(Debug, Serialize)]
pub(crate) struct Measurement {
    /// What was measured.
    pub(crate) name: String,
    /// The figure.
    pub(crate) value: f64,
    /// Unit of value and limit.
    pub(crate) unit: &'static str,
    /// The same without the app, where there is such a thing.
    pub(crate) limit: Option<f64>,
    /// What the limit is.
    pub(crate) limit_is: Option<&'static str>,
    /// We hold ourselves to at least this.
    pub(crate) at_least: Option<f64>,
    /// We hold ourselves to at most this.
    pub(crate) at_most: Option<f64>,
}

impl Measurement {
    /// A figure on its own.
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            limit: None,
            limit_is: None,
            at_least: None,
            at_most: None,
        }
    }

    /// With its limit.
    pub(crate) fn limit(mut self, limit: f64, is: &'static str) -> Self {
        self.limit = Some(limit);
        self.limit_is = Some(is);
        self
    }

    /// With the least we hold ourselves to.
    pub(crate) fn at_least(mut self, least: f64) -> Self {
        self.at_least = Some(least);
        self
    }

    /// With the most we hold ourselves to.
    pub(crate) fn at_most(mut self, most: f64) -> Self {
        self.at_most = Some(most);
        self
    }
}

/// Durations of many requests.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds those of another client.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
    /// Adds one.
    pub(crate) fn push(&mut self, one: Duration) {
        self.0.push(one);
    }
    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
    /// The value below which `share` (0 to 1) of them lie, in milliseconds.
    pub(crate) fn percentile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        let at = (self.0.len() as f64 * share) as usize;
        self.0
            .get(at.min(last))
            .map_or(0.0, |d| d.as_secs_f64() * 1_000.0)
    }
}

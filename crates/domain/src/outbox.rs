//! The outbox: what one attempt to send a message can come to.

use serde::{Deserialize, Serialize};

/// How much a message presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// To be read when there is time.
    Low,
    /// To be read soon.
    Normal,
    /// A person is needed now.
    High,
}

/// What one attempt to send a message came to.
///
/// The sentences are for the person whose contact route it is; none holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has taken it.
    Delivered,
    /// The other side will not take it, now or later.
    Refused {
        /// Whether it would refuse every message, not just this one.
        permanent: bool,
        /// Why, in a sentence.
        why: String,
    },
    /// It may be taken later.
    TryAgain {
        /// Seconds the other side asked to be left alone for.
        after: Option<i64>,
        /// Why not now, in a sentence.
        why: String,
    },
    /// The other side asks never to be written to again; the route is disabled.
    Gone,
}

//! What can go wrong in a task, worded for the person who started it.

use std::{io, time::Duration};

/// A task that could not be finished.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or a stream refused.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was tried, in the infinitive.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ended badly.
    #[error("`{command}` {outcome}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        outcome: String,
    },
    /// A program was still running when its time was up.
    #[error("`{command}` had no answer after {} s", .limit.as_secs())]
    TimedOut {
        /// The command line.
        command: String,
        /// The time it was given.
        limit: Duration,
    },
    /// Something has to be installed by hand.
    #[error("{what} is missing. Run: {remedy}")]
    Missing {
        /// The thing.
        what: String,
        /// The exact command that mends it.
        remedy: String,
    },
    /// The bundler refused the compiled browser half.
    #[error("cannot bundle the browser half: {0}")]
    Bundle(String),
    /// A file of ours does not say what it should.
    #[error("{file}: {problem}")]
    Invalid {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Parts of a task failed and have been reported already.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    /// For `map_err`: names what was being done when the system refused.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}

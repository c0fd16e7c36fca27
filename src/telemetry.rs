//! Logs and panics.

use crate::config::LogFormat;
use tracing_subscriber::{
    EnvFilter, Layer as _, Registry, fmt, layer::SubscriberExt as _, reload,
    util::SubscriberInitExt as _,
};

/// Reads and sets the filter of the log while Rideout runs.
#[derive(Clone, Debug)]
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// The filter in force.
    #[must_use]
    pub fn get(&self) -> String {
        self.0.with_current(ToString::to_string).unwrap_or_default()
    }

    /// Sets another filter.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn set(&self, filter: &str) -> Result<(), String> {
        let filter = parse(filter)?;
        self.0.reload(filter).map_err(|error| error.to_string())
    }
}

fn parse(text: &str) -> Result<EnvFilter, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty; write a level such as info, or info,rideout=debug".to_owned());
    }
    EnvFilter::builder()
        .parse(text)
        .map_err(|error| format!("{error}; write a level such as info, or info,rideout=debug"))
        .and_then(|filter| {
            // A word that is no level is taken for the name of a part, which
            // would silence everything else.
            let word = text.split(',').map(str::trim).find(|part| !part.contains(['=', '[']) && !is_level(part));
            word.map_or(Ok(filter), |word| {
                Err(format!("“{word}” is no level: choose off, error, warn, info, debug or trace, or write {word}=debug"))
            })
        })
}

fn is_level(word: &str) -> bool {
    ["off", "error", "warn", "info", "debug", "trace"]
        .iter()
        .any(|level| level.eq_ignore_ascii_case(word))
}

/// Whether the text is a filter.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn check_filter(text: &str) -> Result<(), String> {
    parse(text).map(|_| ())
}

/// Starts logging to standard error.
///
/// # Errors
/// When the filter is none, or logging was started before.
pub fn start(filter: &str, format: LogFormat) -> Result<LogLevel, String> {
    let (filter, handle) = reload::Layer::new(parse(filter)?);
    let lines = match format {
        LogFormat::Text => fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|e| e.to_string())?;
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let said = info.payload_as_str().unwrap_or("no message");
        tracing::error!(
            panic.place = place,
            panic.message = said,
            "a defect made a task panic"
        );
    }));
    Ok(LogLevel(handle))
}

#[cfg(test)]
mod tests {
    use super::check_filter;

    #[test]
    fn filters_are_checked_before_they_are_taken() {
        for good in [
            "info",
            "info,rideout=debug",
            "WARN",
            "rideout_service::db=trace,off",
        ] {
            check_filter(good).unwrap();
        }
        for bad in ["", "loud", "rideout=loud", "info,verbose"] {
            assert!(check_filter(bad).unwrap_err().contains("level"), "{bad}");
        }
    }
}

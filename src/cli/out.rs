//! The only place that writes to standard output and standard error.

use super::Failure;
use std::io::Write as _;

/// A line on standard output, at once, for whoever reads along.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever listened may have gone; that is no reason to fail.
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Bytes on standard output.
pub fn bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes);
    let _ = out.flush();
}

/// A line on standard error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A failure, on standard error.
pub(super) fn error(failure: &Failure) {
    note(&format!("rideout: {failure}"));
}

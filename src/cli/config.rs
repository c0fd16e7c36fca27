//! `rideout config`

use super::{Failure, flags::AllFlags, out};
use crate::config::reference;

pub(super) fn run(settings: &AllFlags, all: bool) -> Result<(), Failure> {
    if all {
        out::bytes(reference::markdown().as_bytes());
        return Ok(());
    }
    let resolved = settings.resolve()?;
    match &resolved.file {
        Some(file) => out::line(&format!("file: {}", file.display())),
        None => out::line("file: none"),
    }
    out::bytes(reference::table(&resolved).as_bytes());
    Ok(())
}

//! `rideout user`

use super::Failure;
use clap::Subcommand;
use rideout_service::Service;

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// To come
    List,
}

/// Runs the command.
///
/// # Errors
/// What went wrong, in a sentence for the operator.
pub async fn run(_service: Service, _command: UserCommand) -> Result<(), Failure> {
    Ok(())
}

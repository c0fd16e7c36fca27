//! `rideout token`

use super::{Failure, out, user::failure};
use clap::Subcommand;
use rideout_service::{Error, Service};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token that acts as somebody, and print it, once
    #[command(after_help = "Example:
  TOKEN=$(rideout token create --email ci@example.org --name 'deploy script')
  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:4000/api/v1/incidents

Only a hash of it is stored. It is revoked on the page of the account, or with the account.")]
    Create {
        /// Whose
        #[arg(long)]
        email: String,
        /// What it is for
        #[arg(long)]
        name: String,
    },
}

/// Runs the command.
///
/// # Errors
/// What went wrong, in a sentence for the operator.
pub async fn run(service: Service, command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Create { email, name } => {
            let (_, token) =
                service
                    .token_create(&email, &name)
                    .await
                    .map_err(|error| match error {
                        Error::NotFound => Failure::new(format!(
                            "Nobody who can sign in has the address {}. See: rideout user list",
                            email.trim()
                        )),
                        other => failure(&email, other),
                    })?;
            out::line(&token);
        }
    }
    Ok(())
}

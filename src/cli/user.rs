//! `rideout user`

use super::{Failure, out};
use clap::{Args, Subcommand};
use rideout_domain::Role;
use rideout_service::{
    Error, Service,
    account::{NewUser, password},
};
use std::io::{IsTerminal as _, Read as _};

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account
    #[command(after_help = "Examples:
  rideout user create --email ada@example.org --name 'Ada L.' --role admin
  rideout user create --email ci@example.org --name CI --role responder --password-stdin < password.txt

Without --password-stdin a password is made up and printed, once.
People can also be invited with a link on the page People.")]
    Create {
        /// E-mail address, to sign in with
        #[arg(long)]
        email: String,
        /// Name shown to others
        #[arg(long)]
        name: String,
        /// What they may do: viewer, responder, commander or admin
        #[arg(long, default_value_t = Role::Responder)]
        role: Role,
        /// Where the password comes from
        #[command(flatten)]
        password: PasswordFlags,
    },
    /// Set somebody's password and end their sessions
    #[command(after_help = "Example:
  rideout user password --email ada@example.org

Without --password-stdin a password is made up and printed, once.")]
    Password {
        /// Whose
        #[arg(long)]
        email: String,
        /// Where the password comes from
        #[command(flatten)]
        password: PasswordFlags,
    },
    /// Change somebody's role
    Role {
        /// Whose
        #[arg(long)]
        email: String,
        /// What they may do from now on: viewer, responder, commander or admin
        #[arg(long)]
        role: Role,
    },
    /// Shut somebody out at once: their sessions end, their tokens stop working
    Disable {
        /// Whom
        #[arg(long)]
        email: String,
    },
    /// Let somebody in again, with the password they had
    Enable {
        /// Whom
        #[arg(long)]
        email: String,
    },
    /// List everybody, with tabs between the columns
    List,
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub struct PasswordFlags {
    /// Read the password from standard input, its first line
    #[arg(long)]
    password_stdin: bool,
}

/// Runs the command.
///
/// # Errors
/// What went wrong, in a sentence for the operator.
pub async fn run(service: Service, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Create {
            email,
            name,
            role,
            password,
        } => {
            let password = password.get(&service)?;
            let new = NewUser {
                email: &email,
                name: &name,
                role,
                password: &password.text,
            };
            service
                .user_create(new)
                .await
                .map_err(|error| failure(&email, error))?;
            out::line(&format!("{} can sign in as {role}.", email.trim()));
            password.tell();
        }
        UserCommand::Password { email, password } => {
            let password = password.get(&service)?;
            service
                .user_password(&email, &password.text)
                .await
                .map_err(|error| failure(&email, error))?;
            out::line(&format!(
                "{} has a new password, and is signed out everywhere.",
                email.trim()
            ));
            password.tell();
        }
        UserCommand::Role { email, role } => {
            service
                .user_role(&email, role)
                .await
                .map_err(|error| failure(&email, error))?;
            out::line(&format!("{} is {role} now.", email.trim()));
        }
        UserCommand::Disable { email } => {
            service
                .user_disable(&email)
                .await
                .map_err(|error| failure(&email, error))?;
            out::line(&format!("{} is shut out.", email.trim()));
        }
        UserCommand::Enable { email } => {
            service
                .user_enable(&email)
                .await
                .map_err(|error| failure(&email, error))?;
            out::line(&format!("{} can sign in again.", email.trim()));
        }
        UserCommand::List => list(&service).await?,
    }
    Ok(())
}

async fn list(service: &Service) -> Result<(), Failure> {
    let people = service.user_list().await?;
    if people.is_empty() {
        out::note(
            "Nobody has an account yet. Make the first: rideout user create --role admin --email … --name …",
        );
    }
    for person in people {
        let seen = person
            .last_seen_at
            .map_or_else(|| "never seen".to_owned(), |at| at.minute_utc());
        let state = if person.disabled_at.is_some() {
            "disabled"
        } else {
            "active"
        };
        out::line(&format!(
            "{}\t{}\t{}\t{state}\t{seen}",
            person.email, person.name, person.role
        ));
    }
    Ok(())
}

struct Password {
    text: String,
    made_up: bool,
}

impl UserCommand {
    /// Whether it can be the first thing that happens to a database.
    pub(super) const fn makes_an_account(&self) -> bool {
        matches!(self, Self::Create { .. })
    }
}

impl PasswordFlags {
    fn get(&self, service: &Service) -> Result<Password, Failure> {
        if !self.password_stdin {
            return Ok(Password {
                text: made_up(service)?,
                made_up: true,
            });
        }
        if std::io::stdin().is_terminal() {
            out::note("Type the password (it is shown as you type) and press Enter, then Ctrl-D:");
        }
        // Nobody may fill the memory: four bytes a character, and the line's end.
        let most = u64::try_from(password::MAX * 4 + 2).unwrap_or(u64::MAX) + 1;
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::new("The password is not UTF-8 text."))?;
        let text = text.lines().next().unwrap_or_default().to_owned();
        Ok(Password {
            text,
            made_up: false,
        })
    }
}

impl Password {
    fn tell(&self) {
        if self.made_up {
            out::line(&format!("Password, shown only now: {}", self.text));
        }
    }
}

/// Five groups of five letters that cannot be mistaken for each other: 115 bits.
fn made_up(service: &Service) -> Result<String, Failure> {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut text = String::new();
    while text.len() < 5 * 6 - 1 {
        let mut byte = [0];
        service.ids.fill(&mut byte)?;
        // Bytes beyond a multiple of the alphabet would favour its beginning.
        let Some(letter) = LETTERS.get(usize::from(byte[0]) % 32) else {
            continue;
        };
        if text.len() % 6 == 5 {
            text.push('-');
        }
        text.push(char::from(*letter));
    }
    Ok(text)
}

pub(super) fn failure(email: &str, error: Error) -> Failure {
    match error {
        Error::NotFound => Failure::new(format!(
            "Nobody has an account with the address {}. See: rideout user list",
            email.trim()
        )),
        Error::Invalid(errors) => {
            let said: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
            Failure::new(said.join("\n         "))
        }
        other => other.into(),
    }
}

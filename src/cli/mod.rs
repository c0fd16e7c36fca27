//! The command line: one file for each command.

mod backup;
mod config;
mod doctor;
mod export;
mod failure;
mod flags;
mod migrate;
pub mod out;
mod replay;
mod serve;
pub mod token;
pub mod user;

pub use failure::Failure;

use clap::{CommandFactory as _, Parser, Subcommand};
use flags::{AllFlags, StoreFlags};
use rideout_service::{
    Service, Settings,
    db::{Db, OpenError, OpenOptions},
};
use std::{future::Future, path::PathBuf, process::ExitCode};

/// Rideout: the war room, launch review and postmortem in one binary.
#[derive(Debug, Parser)]
#[command(
    name = "rideout",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Examples:
  rideout serve                              Start; prints the address and a link to set up the first admin
  rideout serve --example                    Start with a story to look at, in a throw-away file
  rideout user create --email ada@example.org --name 'Ada L.' --role admin
  rideout backup /backup/rideout-monday.db   Copy the database while the server runs
  rideout doctor                             Find out what is wrong, and what to do about it

All settings: rideout config --reference"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    #[command(after_help = "Examples:
  rideout serve
  rideout serve --database-url postgres://rideout@db.example.org/rideout --public-url https://rideout.example.org
  rideout serve --listen 0.0.0.0:4000 --admin-listen 127.0.0.1:4001

On SQLite only one server may use a file. The other commands work beside a running server.")]
    Serve {
        /// Start with the story of a launch as data, and let anybody in without a password.
        /// Without --database-url the data goes into a new throw-away file
        #[arg(long)]
        example: bool,
        #[command(flatten)]
        settings: AllFlags,
    },
    /// Bring the database up to this version; `serve` does so by itself
    #[command(after_help = "Examples:
  rideout migrate --check     Only tell what would be done; exit code 1 when there is something
  rideout migrate")]
    Migrate {
        /// Only tell what would be done
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        settings: StoreFlags,
    },
    /// Manage the people who have accounts
    User {
        #[command(subcommand)]
        command: user::UserCommand,
        #[command(flatten)]
        settings: StoreFlags,
    },
    /// Manage bearer tokens of the REST API
    Token {
        #[command(subcommand)]
        command: token::TokenCommand,
        #[command(flatten)]
        settings: StoreFlags,
    },
    /// Copy an SQLite database to a new file, while the server may be running
    #[command(after_help = "Example:
  rideout backup /backup/rideout-$(date +%F).db

The copy is one state of the database and is checked before it gets its name.
For PostgreSQL use pg_dump.")]
    Backup {
        /// The new file
        file: PathBuf,
        #[command(flatten)]
        settings: StoreFlags,
    },
    /// Put a backup in place of an SQLite database; the server must not be running
    #[command(after_help = "Example:
  rideout restore /backup/rideout-monday.db

The backup is checked first. The database that was there is kept beside it, as FILE.before-restore.")]
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        settings: StoreFlags,
    },
    /// Write all incidents to files, restricted ones included
    #[command(after_help = "Examples:
  rideout export --out incidents                  One Markdown file for each incident
  rideout export --out incidents --format json
  rideout export --format json > all.json         Everything as one JSON text")]
    Export {
        /// Folder for the files; it is made when it does not exist. Without it all goes to standard output
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Markdown for people, JSON for programs
        #[arg(long, value_enum, default_value_t = export::Format::Md)]
        format: export::Format,
        #[command(flatten)]
        settings: StoreFlags,
    },
    /// Play a past incident through the stall watch: when it would have prompted, and why
    #[command(after_help = "Examples:
  rideout replay incident.jsonl
  rideout replay INC-7.json --settings watch.json      With other thresholds
  rideout replay INC-7.json --policy night.json        With the levels of an escalation policy
  rideout replay incident.jsonl --json                 One JSON object, for programs

It reads a timeline as JSON Lines, or an incident written by rideout export --format json.
The formats of all files are described in docs/stall-watch.md. No database is needed.")]
    Replay {
        /// The timeline or exported incident
        file: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Settings of the watch, as JSON; what is left out keeps its default
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Escalation policy whose levels are called, as JSON; nobody acknowledges
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// Check configuration, database, disk and ports, and say what to do
    Doctor {
        #[command(flatten)]
        settings: AllFlags,
    },
    /// Show the effective configuration, and where each value comes from
    Config {
        /// Print the reference of all settings, as Markdown
        #[arg(long)]
        reference: bool,
        #[command(flatten)]
        settings: AllFlags,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example:
  rideout completions bash > ~/.local/share/bash-completion/completions/rideout")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::error(&failure);
            ExitCode::from(failure.code())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve { example, settings } => serve::run(&settings, example),
        Command::Migrate { check, settings } => {
            if !check {
                make_database(&settings)?;
            }
            with_db(&settings, |db| migrate::run(db, check))
        }
        Command::User { command, settings } => {
            if command.makes_an_account() {
                make_database(&settings)?;
            }
            with_service(&settings, |service| user::run(service, command))
        }
        Command::Token { command, settings } => {
            with_service(&settings, |service| token::run(service, command))
        }
        Command::Backup { file, settings } => with_db(&settings, |db| backup::backup(db, file)),
        Command::Restore { file, settings } => backup::restore(&settings, &file),
        Command::Export {
            out,
            format,
            settings,
        } => with_service(&settings, |service| export::run(service, out, format)),
        Command::Replay {
            file,
            json,
            settings,
            policy,
        } => replay::run(&file, settings.as_deref(), policy.as_deref(), json),
        Command::Doctor { settings } => doctor::run(&settings),
        Command::Config {
            reference,
            settings,
        } => config::run(&settings, reference),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rideout", &mut script);
            out::bytes(&script);
            Ok(())
        }
    }
}

/// Makes the database where there is none yet, so that scripts can prepare it
/// before the first start. One that is there is left as it is.
fn make_database(settings: &StoreFlags) -> Result<(), Failure> {
    let resolved = settings.resolve()?;
    let url = &resolved.config.database_url;
    in_runtime(async {
        let is_there = match Db::open(url, OpenOptions::tool()).await {
            Ok(db) => {
                let status = db.migration_status().await;
                db.close().await;
                let status = status?;
                !status.applied.is_empty() || !status.unknown.is_empty()
            }
            Err(OpenError::Missing { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        if is_there {
            return Ok(());
        }
        // As a server would, with its lock: nobody else may be making it now.
        let db = Db::open(url, OpenOptions::server()).await?;
        let made = db.migrate().await;
        db.close().await;
        made?;
        Ok(())
    })
}

/// Runs what a command does with the database, beside a server that may be running.
fn with_db<F: Future<Output = Result<(), Failure>>>(
    settings: &StoreFlags,
    what: impl FnOnce(Db) -> F,
) -> Result<(), Failure> {
    let resolved = settings.resolve()?;
    crate::telemetry::start(&resolved.config.log_level, resolved.config.log_format)
        .map_err(Failure::new)?;
    in_runtime(async {
        let db = Db::open(&resolved.config.database_url, OpenOptions::tool()).await?;
        let result = what(db.clone()).await;
        db.close().await;
        result
    })
}

/// Like [`with_db`], for use cases; the database must be of this version.
fn with_service<F: Future<Output = Result<(), Failure>>>(
    settings: &StoreFlags,
    what: impl FnOnce(Service) -> F,
) -> Result<(), Failure> {
    let session_days = settings.resolve()?.config.session_days;
    with_db(settings, |db| async move {
        migrate::must_be_current(&db).await?;
        what(Service::new(
            db,
            Settings {
                session_days,
                ..Settings::default()
            },
        ))
        .await
    })
}

fn in_runtime<F: Future<Output = Result<(), Failure>>>(what: F) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}

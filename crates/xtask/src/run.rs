//! `cargo xtask run`.

use std::process::Command;

use clap::Args;

use crate::{
    error::Error,
    process, progress,
    server::{self, Profile},
    site,
    workspace::Workspace,
};

/// How to run the server.
#[derive(Args)]
pub(crate) struct Options {
    /// Run with the demonstration data, in a throw-away file
    #[arg(long)]
    example: bool,
    /// Build the server as it is shipped
    #[arg(long)]
    release: bool,
    /// Passed on to the server
    #[arg(last = true)]
    args: Vec<String>,
}

/// Builds everything and becomes the server: signals and the exit status are
/// then its own.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    site::build(workspace)?;
    let profile = if options.release {
        Profile::Release
    } else {
        Profile::Dev
    };
    let program = server::build(workspace, profile)?;
    progress::heading("Rideout");
    let mut command = workspace.command(program);
    command.arg("serve");
    if options.example {
        command.arg("--example");
    } else if !options
        .args
        .iter()
        .any(|arg| arg.starts_with("--database-url"))
    {
        command.args(["--database-url", "sqlite:rideout.db"]);
    }
    become_it(command.args(&options.args))
}

#[cfg(unix)]
fn become_it(command: &mut Command) -> Result<(), Error> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(process::not_started(command)(error))
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> Result<(), Error> {
    process::run(command)
}

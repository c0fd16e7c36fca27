//! `cargo xtask`: builds, runs, tests, measures and packs Rideout.

mod apt;
mod bench;
mod browser;
mod check;
mod dist;
mod error;
mod files;
mod mail;
mod postgres;
mod process;
mod progress;
mod replay_score;
mod run;
mod screenshots;
mod server;
mod site;
mod test;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{error::Error, server::Profile, workspace::Workspace};

/// Builds, runs, tests, measures and packs Rideout.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the browser half and the server
    Build {
        /// Build the server as it is shipped
        #[arg(long)]
        release: bool,
    },
    /// Build only the browser half, into target/site
    Site,
    /// Try each compiler of the browser half, rustup's and Debian's
    Toolchains,
    /// Build everything and run the server in the foreground
    Run(run::Options),
    /// Install what the tests need, build everything and run all tests
    Test(test::Options),
    /// Check format, lints, documentation and the rules of the house
    Check,
    /// Take the screenshots of the documentation
    Screenshots {
        /// Passed on to the script
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure, and write docs/benchmarks.md
    Bench {
        /// Measure only these: footprint, page, append, fanout, watch
        parts: Vec<String>,
    },
    /// Score the stall watch against known stuck spans, beside idle timers
    ReplayScore(replay_score::Options),
    /// Build the one file that is shipped, into target/dist
    Dist,
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<(), Error> {
    let workspace = Workspace::here();
    match task {
        Task::Build { release } => {
            site::build(&workspace)?;
            let profile = if release {
                Profile::Release
            } else {
                Profile::Dev
            };
            server::build(&workspace, profile).map(drop)
        }
        Task::Site => site::build(&workspace).map(drop),
        Task::Toolchains => site::build_every_way(&workspace),
        Task::Run(options) => run::run(&workspace, &options),
        Task::Test(options) => test::run(&workspace, &options),
        Task::Check => check::run(&workspace),
        Task::Screenshots { args } => screenshots::run(&workspace, &args),
        Task::Bench { parts } => bench::run(&workspace, &parts),
        Task::ReplayScore(options) => replay_score::run(&options),
        Task::Dist => dist::run(&workspace),
    }
}

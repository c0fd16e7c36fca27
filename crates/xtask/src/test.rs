//! `cargo xtask test`.

mod tally;

use std::{path::Path, process::Command};

use clap::{Args, ValueEnum};

use crate::{
    browser::{self, Browser},
    error::Error,
    mail,
    postgres::{self, Postgres},
    process,
    progress::{self, Stopwatch},
    server::{self, Profile},
    site,
    test::tally::Tally,
    workspace::Workspace,
};

/// Makes a test that finds no PostgreSQL fail instead of passing over it.
const REQUIRE_POSTGRES: &str = "RIDEOUT_REQUIRE_POSTGRES";
/// The same for the mail server.
const REQUIRE_MAIL: &str = "RIDEOUT_REQUIRE_AIOSMTPD";

/// Which tests to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Run one kind of tests
    #[arg(long)]
    only: Option<Kind>,
    /// Leave out what cannot be had on this machine
    #[arg(long)]
    without: Vec<Need>,
    /// Run the tests whose name holds this
    filter: Option<String>,
}

/// A kind of tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Beside the code they test
    Unit,
    /// Against the whole server
    It,
    /// In a browser
    Browser,
}

/// Something that a machine may not offer.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Need {
    /// A PostgreSQL server
    Postgres,
    /// Python, for a mail server
    Mail,
    /// Chromium, Node.js and npm
    Browser,
}

impl Options {
    fn wants(&self, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == kind)
            && !(kind == Kind::Browser && self.without.contains(&Need::Browser))
    }

    fn wants_cargo(&self) -> bool {
        self.wants(Kind::Unit) || self.wants(Kind::It)
    }
}

/// Builds everything, runs the tests and counts them.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let watch = Stopwatch::start();
    progress::heading("What the tests need");
    let browser = if options.wants(Kind::Browser) {
        Some(Browser::prepare(workspace)?)
    } else {
        None
    };
    let postgres = if !options.without.contains(&Need::Postgres) {
        Some(Postgres::start()?)
    } else {
        None
    };
    let mail = if options.without.contains(&Need::Mail) {
        None
    } else {
        Some(mail::prepare(workspace)?)
    };
    site::build(workspace)?;
    let program = server::build(workspace, Profile::Dev)?;
    let servers = Servers {
        postgres: postgres.as_ref(),
        mail: mail.as_deref(),
    };

    let mut parts = Vec::new();
    if options.wants_cargo() {
        let run = CargoTests {
            workspace,
            options,
            program: &program,
            servers,
        };
        parts.extend(run.all()?);
    }
    if let Some(browser) = &browser {
        parts.push(Part::run("Browser tests", || {
            let mut script = browser.script(workspace, "run.mjs", &program)?;
            script.args(&options.filter);
            servers.point_to(&mut script);
            let mut tally = Tally::default();
            let succeeded = process::run_watched(&mut script, |line| tally.browser_line(line))?;
            Ok((succeeded, tally))
        })?);
    }
    summarise(&parts, watch)
}

/// The tests that cargo runs.
struct CargoTests<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    program: &'a Path,
    servers: Servers<'a>,
}

impl CargoTests<'_> {
    fn all(&self) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        let targets: &[&str] = match self.options.only {
            Some(Kind::Unit) => &["--lib", "--bins"],
            Some(Kind::It) => &["--test", "it"],
            _ => &[],
        };
        parts.push(self.part("Tests of the server", |cargo| {
            cargo
                .args(["--workspace", "--exclude", "xtask"])
                .args(targets);
        })?);
        if self.options.wants(Kind::Unit) {
            parts.push(self.part("Tests of xtask", |cargo| {
                cargo.args(["--package", "xtask"]);
            })?);
        }
        Ok(parts)
    }

    fn part(&self, name: &'static str, select: impl Fn(&mut Command)) -> Result<Part, Error> {
        Part::run(name, || {
            let mut cargo = self.workspace.cargo();
            cargo.args(["test", "--no-fail-fast"]);
            select(&mut cargo);
            cargo.args(&self.options.filter);
            cargo.env(browser::SERVER, self.program);
            self.servers.point_to(&mut cargo);
            let mut tally = Tally::default();
            let succeeded = process::run_watched(&mut cargo, |line| tally.cargo_line(line))?;
            Ok((succeeded, tally))
        })
    }
}

/// Servers of others that tests use.
#[derive(Clone, Copy)]
struct Servers<'a> {
    postgres: Option<&'a Postgres>,
    /// A Python that has aiosmtpd.
    mail: Option<&'a Path>,
}

impl Servers<'_> {
    /// Tells tests where the servers are, or that they are to do without.
    fn point_to(self, tests: &mut Command) {
        match self.postgres {
            Some(server) => tests
                .env(postgres::URL, server.url())
                .env(REQUIRE_POSTGRES, "1"),
            None => tests.env_remove(postgres::URL).env_remove(REQUIRE_POSTGRES),
        };
        match self.mail {
            Some(python) => tests.env(mail::PYTHON, python).env(REQUIRE_MAIL, "1"),
            None => tests.env_remove(mail::PYTHON).env_remove(REQUIRE_MAIL),
        };
    }
}

/// The result of one part.
struct Part {
    name: &'static str,
    time: String,
    succeeded: bool,
    tally: Tally,
}

impl Part {
    fn run(
        name: &'static str,
        tests: impl FnOnce() -> Result<(bool, Tally), Error>,
    ) -> Result<Self, Error> {
        progress::heading(name);
        let watch = Stopwatch::start();
        let (succeeded, tally) = tests()?;
        Ok(Self {
            name,
            time: watch.to_string(),
            succeeded,
            tally,
        })
    }
}

/// Says how it went. The last line is the sum, for people and machines.
fn summarise(parts: &[Part], watch: Stopwatch) -> Result<(), Error> {
    progress::heading("Summary");
    let mut sum = Tally::default();
    let mut failed = Vec::new();
    for part in parts {
        let verdict = if part.succeeded { "ok" } else { "FAILED" };
        progress::say(format!(
            "{}: {verdict}, {} in {}",
            part.name, part.tally, part.time
        ));
        sum.add(&part.tally);
        if !part.succeeded {
            failed.push(part.name);
            // A part that did not even build has failed as well.
            sum.at_least_one_failed(&part.tally);
        }
    }
    progress::say(format!("all in {watch}"));
    progress::line(sum);
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::Failed(format!("failed: {}", failed.join(", "))))
}

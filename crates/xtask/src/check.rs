//! `cargo xtask check`.

mod dependencies;
mod source;

use std::process::Command;

use crate::{
    error::Error,
    process,
    progress::{self, Stopwatch},
    server,
    toolchain::{Toolchain, WASM},
    workspace::Workspace,
};

/// Runs every check, so that one look shows everything that is wrong.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    let watch = Stopwatch::start();
    progress::heading("What the checks need");
    add_components(workspace)?;
    let toolchain = Toolchain::find(workspace)?;
    let results = [
        check("format", || format(workspace)),
        check("rules of the house", || source::check(workspace)),
        check("dependencies of the browser half", || {
            dependencies::check(workspace)
        }),
        check("clippy, xtask", || clippy_xtask(workspace)),
        check("clippy, server half", || clippy_server(workspace)),
        check("clippy, browser half", || {
            clippy_browser(workspace, &toolchain)
        }),
        check("documentation", || documentation(workspace)),
    ];
    progress::heading("Summary");
    let mut failed = Vec::new();
    for (name, time, result) in &results {
        match result {
            Ok(()) => progress::say(format!("{name}: ok in {time}")),
            Err(error) => {
                progress::say(format!("{name}: FAILED in {time}: {error}"));
                failed.push(*name);
            }
        }
    }
    progress::say(format!("all in {watch}"));
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::Failed(format!("failed: {}", failed.join(", "))))
}

type Outcome = (&'static str, String, Result<(), Error>);

fn check(name: &'static str, perform: impl FnOnce() -> Result<(), Error>) -> Outcome {
    progress::heading(name);
    let watch = Stopwatch::start();
    let result = perform();
    if let Err(error) = &result {
        progress::error(error);
    }
    (name, watch.to_string(), result)
}

/// A minimal rustup comes without them.
fn add_components(workspace: &Workspace) -> Result<(), Error> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let there = || process::capture(workspace.cargo().args([subcommand, "--version"])).is_ok();
        if there() {
            continue;
        }
        let remedy = format!("rustup component add {component}");
        progress::say(&remedy);
        let _ =
            process::run_quietly(
                workspace
                    .command("rustup")
                    .args(["component", "add", component]),
            );
        if !there() {
            return Err(Error::Missing {
                what: component.to_owned(),
                remedy,
            });
        }
    }
    Ok(())
}

fn format(workspace: &Workspace) -> Result<(), Error> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy_xtask(workspace: &Workspace) -> Result<(), Error> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--package", "xtask", "--all-targets"]);
    process::run(deny_warnings(&mut cargo))
}

/// The server switches the app's server half on, so one call covers all.
fn clippy_server(workspace: &Workspace) -> Result<(), Error> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "clippy",
        "--workspace",
        "--exclude",
        "xtask",
        "--all-targets",
    ]);
    process::run(deny_warnings(&mut cargo))
}

/// With the profile and the folder of the real build, so that macros and build
/// scripts are compiled once for both.
fn clippy_browser(workspace: &Workspace, toolchain: &Toolchain) -> Result<(), Error> {
    let mut cargo = toolchain.cargo(workspace);
    let subcommand = if toolchain.has_clippy() {
        "clippy"
    } else {
        "check"
    };
    cargo
        .args([subcommand, "--package", "rideout-app", "--lib"])
        .args(["--no-default-features", "--features", "hydrate"])
        .args(["--profile", "wasm", "--target", WASM, "--target-dir"])
        .arg(toolchain.target(workspace));
    if toolchain.has_clippy() {
        return process::run(deny_warnings(&mut cargo));
    }
    progress::say("this compiler has no clippy, so the compiler's own lints only");
    // Flags that deny warnings would make cargo compile every crate anew.
    cargo.env("CARGO_TERM_COLOR", "never");
    let output = cargo.output().map_err(process::not_started(&cargo))?;
    let told = String::from_utf8_lossy(&output.stderr);
    progress::line(told.trim_end());
    if output.status.success() && !told.lines().any(|line| line.starts_with("warning")) {
        return Ok(());
    }
    Err(Error::Failed(
        "the compiler has something to say".to_owned(),
    ))
}

fn deny_warnings(cargo: &mut Command) -> &mut Command {
    cargo.args(["--", "-D", "warnings"])
}

fn documentation(workspace: &Workspace) -> Result<(), Error> {
    let doc = |select: &[&str]| {
        process::run(
            workspace
                .cargo()
                .args(["doc", "--no-deps", "--quiet"])
                .args(select)
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    };
    let select = [&server::as_in_tests()[..], &["--lib"]].concat();
    doc(&select)?;
    doc(&["--package", "xtask"])
}

//! Building the server.

use std::path::PathBuf;

use crate::{
    error::Error,
    process,
    progress::{self, Stopwatch},
    workspace::Workspace,
};

/// How the server is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// As it is shipped.
    Release,
}

/// Builds the server and returns the path of the program. The browser half
/// that is embedded is the one in `target/site`.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf, Error> {
    progress::heading("Server");
    let watch = Stopwatch::start();
    let mut cargo = workspace.cargo();
    cargo.arg("build");
    let folder = match profile {
        Profile::Dev => {
            cargo.args(as_in_tests()).args(["--bin", "rideout"]);
            "debug"
        }
        Profile::Release => {
            cargo.args(["--release", "--package", "rideout", "--bin", "rideout"]);
            "release"
        }
    };
    process::run(&mut cargo)?;
    let program = workspace
        .target
        .join(folder)
        .join(format!("rideout{}", std::env::consts::EXE_SUFFIX));
    progress::say(format!("{} ready in {watch}", program.display()));
    Ok(program)
}

/// Arguments that make cargo choose the same features as `cargo test`, so that
/// running, testing and documenting share one build of every dependency.
/// Naming examples, of which there are none, switches the features of the
/// development dependencies on. This task itself is built apart, since its own
/// dependencies would widen the features of all others.
pub(crate) fn as_in_tests() -> [&'static str; 4] {
    ["--workspace", "--exclude", "xtask", "--examples"]
}

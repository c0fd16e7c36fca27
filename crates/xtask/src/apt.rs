//! Installing Debian packages.

use std::{process::Command, sync::OnceLock};

use crate::{
    error::Error,
    process,
    progress::{self, Stopwatch},
};

/// The package lists are fetched once for all installations of a task.
static LISTS_FETCHED: OnceLock<()> = OnceLock::new();

/// Installs packages, or says which command would.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<(), Error> {
    let missing = || Error::Missing {
        what: what.to_owned(),
        remedy: remedy(packages),
    };
    if process::find("apt-get").is_none() || !may_install() {
        return Err(missing());
    }
    let watch = Stopwatch::start();
    progress::say(format!("installing {} with apt-get", packages.join(" ")));
    if LISTS_FETCHED.set(()).is_ok() {
        // Old lists may still do, so only the installation decides.
        let _ = process::run_quietly(apt_get().args(["update", "-qq"]));
    }
    process::run_quietly(
        apt_get()
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages),
    )
    .map_err(|_| missing())?;
    progress::say(format!("installed {} in {watch}", packages.join(" ")));
    Ok(())
}

/// The command a person would type.
pub(crate) fn remedy(packages: &[&str]) -> String {
    format!("sudo apt-get install {}", packages.join(" "))
}

fn may_install() -> bool {
    process::is_root()
        || (process::find("sudo").is_some()
            && process::capture(Command::new("sudo").args(["-n", "true"])).is_ok())
}

fn apt_get() -> Command {
    if process::is_root() {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        return command;
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}

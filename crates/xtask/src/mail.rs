//! The mail server of the tests: aiosmtpd, in a virtual environment of its own.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    apt,
    error::Error,
    files, process,
    progress::{self, Stopwatch},
    workspace::Workspace,
};

/// The variable that names a Python with aiosmtpd, for us and for the tests.
pub(crate) const PYTHON: &str = "RIDEOUT_TEST_AIOSMTPD";

const PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// Finds or installs a Python that has aiosmtpd.
pub(crate) fn prepare(workspace: &Workspace) -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os(PYTHON) {
        progress::say(format!("mail server: the one named by {PYTHON}"));
        return Ok(named.into());
    }
    let folder = workspace.target.join("aiosmtpd");
    let python = folder.join("bin/python");
    let wanted = workspace.root.join("tests/support/mail-requirements.txt");
    let lock = files::sha256(&files::read(&wanted)?);
    let stamp = folder.join(".rideout-lock");
    if files::read_text(&stamp).is_ok_and(|last| last == lock) && python.exists() {
        return Ok(python);
    }
    let watch = Stopwatch::start();
    make_environment(&folder)?;
    process::run_quietly(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--no-deps", "--requirement"])
            .arg(&wanted),
    )
    .map_err(|error| Error::Missing {
        what: format!("what pip should install ({error})"),
        remedy: format!("{PYTHON}=PYTHON, one that has aiosmtpd, or --without mail"),
    })?;
    files::write(&stamp, lock)?;
    progress::say(format!("mail server: aiosmtpd installed in {watch}"));
    Ok(python)
}

/// Debian's Python has the module, but not always what it needs to work.
fn make_environment(folder: &Path) -> Result<(), Error> {
    let make = || {
        let python = process::find("python3")?;
        process::run_quietly(
            Command::new(python)
                .args(["-m", "venv", "--clear"])
                .arg(folder),
        )
        .ok()
    };
    if make().is_some() {
        return Ok(());
    }
    apt::install("Python", &PACKAGES)?;
    make().ok_or_else(|| Error::Missing {
        what: "Python with virtual environments".to_owned(),
        remedy: apt::remedy(&PACKAGES),
    })
}

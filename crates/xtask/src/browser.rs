//! What the browser tests need: Chromium, Node.js and a few npm packages.

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

/// The variable that names the browser, for us and for the tests.
const CHROMIUM: &str = "RIDEOUT_CHROMIUM";
/// The variable that names the server under test.
pub(crate) const SERVER: &str = "RIDEOUT_BIN";

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// All that a script with a browser needs, ready to use.
pub(crate) struct Browser {
    node: PathBuf,
    chromium: PathBuf,
}

impl Browser {
    /// Finds or installs everything.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self, Error> {
        let chromium = chromium()?;
        progress::say(format!("browser: {}", chromium.display()));
        let node = program("node", "Node.js", "nodejs")?;
        let npm = program("npm", "npm", "npm")?;
        install_packages(workspace, &npm)?;
        Ok(Self { node, chromium })
    }

    /// A script of the browser tests, told where browser and server are.
    pub(crate) fn script(
        &self,
        workspace: &Workspace,
        script: &str,
        server: &Path,
    ) -> Result<Command, Error> {
        let path = workspace.browser_tests().join(script);
        if !path.exists() {
            return Err(Error::Invalid {
                file: path.display().to_string(),
                problem: "is not there".to_owned(),
            });
        }
        let mut command = workspace.command(&self.node);
        command
            .arg(path)
            .env(CHROMIUM, &self.chromium)
            .env(SERVER, server);
        Ok(command)
    }
}

fn chromium() -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os(CHROMIUM) {
        return Ok(named.into());
    }
    let find = || NAMES.iter().find_map(|name| process::find(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    apt::install("Chromium", &["chromium"])?;
    find().ok_or_else(|| missing("Chromium", "chromium"))
}

fn program(name: &str, what: &str, package: &str) -> Result<PathBuf, Error> {
    if let Some(found) = process::find(name) {
        return Ok(found);
    }
    apt::install(what, &[package])?;
    process::find(name).ok_or_else(|| missing(what, package))
}

fn missing(what: &str, package: &str) -> Error {
    Error::Missing {
        what: what.to_owned(),
        remedy: apt::remedy(&[package]),
    }
}

/// Installs exactly what the lock file says, when it changed since last time.
fn install_packages(workspace: &Workspace, npm: &Path) -> Result<(), Error> {
    let folder = workspace.browser_tests();
    let lock = files::sha256(&files::read(&folder.join("package-lock.json"))?);
    let stamp = folder.join("node_modules/.rideout-lock");
    if files::read_text(&stamp).is_ok_and(|last| last == lock) {
        return Ok(());
    }
    let watch = Stopwatch::start();
    process::run_quietly(Command::new(npm).current_dir(&folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]))
    .map_err(|error| Error::Missing {
        what: format!("what npm should install ({error})"),
        remedy: "npm ci --prefix tests/browser".to_owned(),
    })?;
    files::write(&stamp, lock)?;
    progress::say(format!("npm packages installed in {watch}"));
    Ok(())
}

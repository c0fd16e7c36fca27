//! A real mail server: aiosmtpd, which `cargo xtask test` installs.
//!
//! `RIDEOUT_TEST_AIOSMTPD` names a Python that has it; without, the one that
//! `cargo xtask test` installs is looked for. With `RIDEOUT_REQUIRE_AIOSMTPD=1`
//! its absence fails the test.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// Ends with the test.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    folder: TempDir,
    _process: Child,
}

impl MailServer {
    /// A server started with these options, if there is one on this machine.
    pub(crate) async fn start(options: &[&str]) -> Option<Self> {
        let python = python()?;
        let folder = tempfile::tempdir().unwrap();
        let script = root().join("tests/support/mail_server.py");
        let mut process = Command::new(python)
            .arg(script)
            .arg("--folder")
            .arg(folder.path())
            .args(options)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the mail server starts");
        let port = line.strip_prefix("listening ").unwrap().parse().unwrap();
        Some(Self {
            port,
            folder,
            _process: process,
        })
    }

    /// Lets go of the mail that `--first wait` holds.
    pub(crate) fn go(&self) {
        std::fs::write(self.folder.path().join("go"), "").unwrap();
    }

    /// The mails it has taken, oldest first.
    pub(crate) fn mails(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> = self
            .folder
            .path()
            .read_dir()
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "eml"))
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect()
    }
}

/// The folder of the workspace, whichever crate's tests these are.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_root = |folder: &&Path| folder.join("tests/support/mail_server.py").exists();
    let root = here.ancestors().find(is_root);
    root.expect("the tests stand in the workspace")
        .to_path_buf()
}

fn python() -> Option<PathBuf> {
    let installed = root().join("target/aiosmtpd/bin/python");
    let named = std::env::var_os("RIDEOUT_TEST_AIOSMTPD").map(PathBuf::from);
    let python = named.or_else(|| installed.exists().then_some(installed));
    let required = std::env::var("RIDEOUT_REQUIRE_AIOSMTPD").is_ok_and(|value| value == "1");
    assert!(
        python.is_some() || !required,
        "RIDEOUT_REQUIRE_AIOSMTPD is set and there is no aiosmtpd: run cargo xtask test"
    );
    python
}

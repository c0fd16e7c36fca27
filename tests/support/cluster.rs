//! A PostgreSQL of a test's own, which it may break.

use super::{PATIENCE, wait_until};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// The task that runs the tests removes what a broken-off run left under this
/// name, once nobody has the file `lock` in it.
const FOLDER: &str = "rideout-test-postgres-";

/// It keeps its promises, unlike the shared one: what is committed is on disk.
const SETTINGS: [&str; 4] = [
    "max_connections=50",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "logging_collector=off",
];

/// A PostgreSQL server, ended when dropped.
pub(crate) struct Cluster {
    postgres: Option<Child>,
    programs: PathBuf,
    port: u16,
    folder: TempDir,
    _lock: File,
}

impl Cluster {
    /// A new one, where the tests are run with PostgreSQL and its programs are here.
    pub(crate) async fn start() -> Option<Self> {
        std::env::var_os("RIDEOUT_TEST_POSTGRES")?;
        let Some(programs) = programs() else {
            let required =
                std::env::var("RIDEOUT_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(
                !required,
                "the programs initdb and postgres are not on this machine"
            );
            super::left_out(
                "PostgreSQL cannot be restarted: initdb and postgres are not on this machine",
            );
            return None;
        };
        let folder = tempfile::Builder::new().prefix(FOLDER).tempdir().unwrap();
        let lock = File::create(folder.path().join("lock")).unwrap();
        lock.lock().unwrap();
        if geteuid().is_root() {
            let (user, group) = other_user();
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut this = Self {
            postgres: None,
            programs,
            port: free_port(),
            folder,
            _lock: lock,
        };
        let made = this
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--no-instructions"])
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        this.start_again().await;
        Some(this)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// A program that works on the data. PostgreSQL refuses to run as root, and
    /// it ends when this process does, however that happens.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=INT");
        if geteuid().is_root() {
            let (user, group) = other_user();
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]);
        }
        command
            .arg("--")
            .arg(self.programs.join(program))
            .arg("-D")
            .arg(self.folder.path().join("data"));
        command.current_dir(self.folder.path());
        command
    }

    /// Starts it on the same data and port, and waits until it takes connections.
    pub(crate) async fn start_again(&mut self) {
        assert!(self.postgres.is_none(), "it is still running");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let postgres = self
            .command("postgres")
            .args(["-p", &self.port.to_string()])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let postgres = self.postgres.insert(postgres);
        let state = self.folder.path().join("data/postmaster.pid");
        for _ in 0..PATIENCE.as_millis() / 20 {
            let ready = std::fs::read_to_string(&state)
                .is_ok_and(|text| text.lines().any(|line| line.trim() == "ready"));
            if ready {
                return;
            }
            let ended = postgres.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "{}",
                std::fs::read_to_string(self.log()).unwrap_or_default()
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!(
            "PostgreSQL does not start: {}",
            std::fs::read_to_string(self.log()).unwrap_or_default()
        );
    }

    /// Stops it as `pg_ctl stop -m immediate` does: no good-bye, no checkpoint.
    pub(crate) async fn stop_at_once(&mut self) {
        let mut postgres = self.postgres.take().unwrap();
        kill_process(Pid::from_child(&postgres), Signal::QUIT).unwrap();
        let postgres = &mut postgres;
        let mut ended = || postgres.try_wait().unwrap().is_some();
        wait_until("PostgreSQL has ended", || {
            let ended = ended();
            async move { ended }
        })
        .await;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(postgres) = &mut self.postgres {
            let _ = kill_process(Pid::from_child(postgres), Signal::QUIT);
            let _ = postgres.wait();
        }
    }
}

/// The folder of its programs, on `PATH` or where Debian keeps every version.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .find_map(|folder| folder.join("initdb").canonicalize().ok())
        .and_then(|program| program.parent().map(Path::to_path_buf));
    let versions = Path::new("/usr/lib/postgresql")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten();
    let versions = versions.map(|version| version.path().join("bin"));
    on_path
        .into_iter()
        .chain(versions)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// User and group, where we are root.
fn other_user() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = line.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ["postgres", "nobody"]
        .into_iter()
        .find_map(ids)
        .expect("a user other than root")
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port()
}

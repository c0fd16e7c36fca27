//! A PostgreSQL for one run of the tests.

use std::{
    env,
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    apt,
    error::Error,
    files, process,
    progress::{self, Stopwatch},
};

/// The variable that names a running server, for us and for the tests.
pub(crate) const URL: &str = "RIDEOUT_TEST_POSTGRES";

/// Begins the names of our temporary folders.
const FOLDER: &str = "rideout-test-postgres-";
/// Is locked in such a folder as long as the task that made it lives.
const LOCK: &str = "lock";

const PACKAGES: [&str; 1] = ["postgresql"];
const START_LIMIT: Duration = Duration::from_secs(60);
/// Another program may take the port between our look and the start.
const ATTEMPTS: usize = 3;

/// Trades safety, which nobody needs here, for speed.
const SETTINGS: [&str; 8] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=500",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "logging_collector=off",
    "log_destination=stderr",
];

/// A server that the tests may use as they like.
pub(crate) enum Postgres {
    /// One the caller keeps running.
    Given(String),
    /// One that ends, and whose data vanishes, with this value.
    Own(Server),
}

impl Postgres {
    /// Takes the server that is named in the environment, or starts one.
    pub(crate) fn start() -> Result<Self, Error> {
        if let Ok(url) = env::var(URL) {
            progress::say(format!("PostgreSQL: the one named by {URL}"));
            return Ok(Self::Given(url));
        }
        let watch = Stopwatch::start();
        let programs = find_or_install()?;
        let mut attempt = 1;
        let server = loop {
            match Server::start(&programs) {
                Ok(server) => break server,
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(error) => progress::say(error),
            }
            attempt += 1;
        };
        progress::say(format!(
            "PostgreSQL: from {}, on port {}, in {watch}",
            programs.display(),
            server.port
        ));
        Ok(Self::Own(server))
    }

    /// Where the server is and how to enter as superuser.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Given(url) => url.clone(),
            Self::Own(server) => {
                format!("postgres://postgres@127.0.0.1:{}/postgres", server.port)
            }
        }
    }
}

/// A server of our own.
pub(crate) struct Server {
    process: Child,
    port: u16,
    programs: PathBuf,
    user: Option<String>,
    // Last, so that the data goes after the process is gone.
    folder: TempDir,
    _lock: File,
}

impl Server {
    fn start(programs: &Path) -> Result<Self, Error> {
        sweep();
        let user = other_user()?;
        let folder = tempfile::Builder::new()
            .prefix(FOLDER)
            .tempdir()
            .map_err(Error::io("make a folder for PostgreSQL"))?;
        let lock = files::lock(&folder.path().join(LOCK))?;
        if let Some(user) = &user {
            give(folder.path(), user)?;
        }
        let data = folder.path().join("data");
        process::run_quietly(
            command_as(user.as_deref(), &programs.join("initdb"))?
                .current_dir(folder.path())
                .arg("--pgdata")
                .arg(&data)
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
                .args(["--no-locale", "--no-sync", "--no-instructions"]),
        )?;
        let port = free_port()?;
        let log = folder.path().join("log");
        let open_log = File::create(&log).map_err(Error::io("write a log"))?;
        let mut command = command_as(user.as_deref(), &programs.join("postgres"))?;
        command
            .current_dir(folder.path())
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(open_log);
        let process = command.spawn().map_err(process::not_started(&command))?;
        let mut server = Self {
            process,
            port,
            programs: programs.to_path_buf(),
            user,
            folder,
            _lock: lock,
        };
        server.wait_until_ready(&data, &log)?;
        Ok(server)
    }

    /// The last line of its pid file tells when it takes connections.
    fn wait_until_ready(&mut self, data: &Path, log: &Path) -> Result<(), Error> {
        let watch = Stopwatch::start();
        let state = data.join("postmaster.pid");
        loop {
            let ready = files::read_text(&state)
                .is_ok_and(|text| text.lines().any(|line| line.trim() == "ready"));
            if ready {
                return Ok(());
            }
            let ended = self.process.try_wait().ok().flatten();
            if ended.is_some() || watch.elapsed() > START_LIMIT {
                let log = files::read_text(log).unwrap_or_default();
                return Err(Error::Failed(format!(
                    "PostgreSQL does not start:\n{}",
                    log.trim_end()
                )));
            }
            process::pause(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Immediate: nobody will read this data again. Should that fail,
        // ending the process below is enough.
        if let Ok(mut stop) = command_as(self.user.as_deref(), &self.programs.join("pg_ctl")) {
            let _ = process::run_within(
                stop.current_dir(self.folder.path())
                    .args(["stop", "--mode=immediate", "--wait", "--pgdata"])
                    .arg(self.folder.path().join("data")),
                Duration::from_secs(20),
            );
        }
        process::end(&mut self.process);
    }
}

/// Removes the folders of tasks that were ended before they could. What cannot
/// be removed is not ours to care about.
fn sweep() {
    let Ok(folders) = env::temp_dir().read_dir() else {
        return;
    };
    for folder in folders.flatten() {
        if !folder.file_name().to_string_lossy().starts_with(FOLDER) {
            continue;
        }
        let lock = File::open(folder.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = files::remove_folder(&folder.path());
        }
    }
}

/// The folder of `initdb`, `postgres` and `pg_ctl`.
fn find_or_install() -> Result<PathBuf, Error> {
    if let Some(programs) = find() {
        return Ok(programs);
    }
    apt::install("PostgreSQL", &PACKAGES)?;
    find().ok_or_else(|| Error::Missing {
        what: "PostgreSQL".to_owned(),
        remedy: apt::remedy(&PACKAGES),
    })
}

fn find() -> Option<PathBuf> {
    // What is on PATH may be a link to the folder where all of it is.
    let on_path = process::find("initdb")
        .and_then(|program| program.canonicalize().ok())
        .and_then(|program| program.parent().map(Path::to_path_buf));
    on_path.into_iter().chain(debian_versions()).find(|folder| {
        ["initdb", "postgres", "pg_ctl"]
            .iter()
            .all(|program| folder.join(program).exists())
    })
}

/// Debian keeps the programs of every major version in a folder of its own.
fn debian_versions() -> Vec<PathBuf> {
    let Ok(folders) = Path::new("/usr/lib/postgresql").read_dir() else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = folders
        .flatten()
        .filter_map(|folder| {
            let version = folder.file_name().to_str()?.parse().ok()?;
            Some((version, folder.path().join("bin")))
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// PostgreSQL refuses to run as root; then it runs as this user.
fn other_user() -> Result<Option<String>, Error> {
    if !process::is_root() {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .into_iter()
        .find(|user| process::capture(Command::new("id").args(["-u", user])).is_ok())
        .map(|user| Some(user.to_owned()))
        .ok_or_else(|| Error::Missing {
            what: "a user other than root to run PostgreSQL".to_owned(),
            remedy: "useradd --system postgres".to_owned(),
        })
}

/// A program run as another user. Where the system can, the program ends when
/// this task does, however that happens.
fn command_as(user: Option<&str>, program: &Path) -> Result<Command, Error> {
    let mut command;
    if let Some(setpriv) = process::find("setpriv") {
        command = Command::new(setpriv);
        command.arg("--pdeathsig=INT");
        if let Some(user) = user {
            command
                .args(["--reuid", user, "--init-groups"])
                .args(["--regid", &group_of(user)?]);
        }
        command.arg("--").arg(program);
        return Ok(command);
    }
    let Some(user) = user else {
        return Ok(Command::new(program));
    };
    let runuser = process::find("runuser").ok_or_else(|| Error::Missing {
        what: "setpriv or runuser".to_owned(),
        remedy: apt::remedy(&["util-linux"]),
    })?;
    command = Command::new(runuser);
    command.args(["-u", user, "--"]).arg(program);
    Ok(command)
}

fn group_of(user: &str) -> Result<String, Error> {
    let group = process::capture(Command::new("id").args(["-g", user]))?;
    Ok(group.trim().to_owned())
}

fn give(folder: &Path, user: &str) -> Result<(), Error> {
    process::run_quietly(Command::new("chown").arg(user).arg(folder))
}

fn free_port() -> Result<u16, Error> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Error::io("find a free port"))
}

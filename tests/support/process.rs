//! The server as a process.

use super::{
    client::Client,
    people::{self, People, Person, TEMPLATE, Who},
    postgres::PostgresDb,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    ffi::OsString,
    fs::File,
    future::Future,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};
use tempfile::TempDir;

/// The longest anything may take before the test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The built program.
fn program() -> PathBuf {
    std::env::var_os("RIDEOUT_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_rideout").into(), PathBuf::from)
}

/// A command without any settings from outside.
fn command(folder: &Path, starter: &[String]) -> Command {
    let mut words = starter.iter().map(OsString::from).chain([program().into()]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RIDEOUT_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder);
    command
}

/// Runs a command of the program to its end.
pub(crate) fn rideout(
    folder: &Path,
    arguments: &[&str],
    env: &[(&str, &str)],
    input: &str,
) -> Output {
    rideout_by(&[], folder, arguments, env, input)
}

/// The same, started by another program.
pub(crate) fn rideout_by(
    starter: &[String],
    folder: &Path,
    arguments: &[&str],
    env: &[(&str, &str)],
    input: &str,
) -> Output {
    let mut child = command(folder, starter)
        .args(arguments)
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone before this is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    // A server that should have refused to start would never end.
    let (pid, (ended, end)) = (Pid::from_child(&child), mpsc::channel::<()>());
    std::thread::spawn(move || {
        if end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    output
}

#[derive(Clone)]
enum Home {
    /// A file, seen from the folder.
    Sqlite(PathBuf),
    /// Shared by the nodes that work on it.
    Postgres(Arc<PostgresDb>),
    /// A database that the test looks after.
    Elsewhere(String),
}

/// A running server, killed when dropped.
pub(crate) struct TestServer {
    child: Option<Child>,
    /// Addresses, without a slash at their end.
    pub(crate) main: String,
    pub(crate) admin: String,
    /// What it printed.
    pub(crate) printed: Vec<String>,
    pub(crate) people: People,
    flags: Vec<String>,
    /// A program that starts the server in its own place, and what it is told.
    starter: Vec<String>,
    home: Home,
    folder: TempDir,
}

impl TestServer {
    /// A server on a new SQLite file, with everybody in it.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with more flags.
    pub(crate) async fn with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rideout.db");
        File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .unwrap()
            .write_all(&TEMPLATE.file)
            .unwrap();
        let home = Home::Sqlite("rideout.db".into());
        let mut server = Self::new(home, folder, TEMPLATE.people.clone(), flags);
        server.launch();
        server
    }

    /// A server that another program starts, on an SQLite file elsewhere. That
    /// program finds a file with everybody in it as `rideout.db` in the folder.
    pub(crate) async fn started_by(starter: impl FnOnce(&Path) -> Vec<String>, file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rideout.db"), &TEMPLATE.file).unwrap();
        let starter = starter(folder.path());
        let home = Home::Sqlite(file.into());
        let mut server = Self::new(home, folder, TEMPLATE.people.clone(), &[]);
        server.starter = starter;
        server.launch();
        server
    }

    /// A server on a new SQLite file with nobody in it.
    pub(crate) async fn empty(flags: &[&str]) -> Self {
        let home = Home::Sqlite("rideout.db".into());
        let mut server = Self::new(home, tempfile::tempdir().unwrap(), People::new(), flags);
        server.launch();
        server
    }

    /// One server on each kind of database there is.
    pub(crate) async fn each() -> Vec<Self> {
        let mut servers = vec![Self::start().await];
        servers.extend(Self::on_postgres().await);
        servers
    }

    /// A server on a new PostgreSQL database, if there is PostgreSQL.
    pub(crate) async fn on_postgres() -> Option<Self> {
        Self::on_postgres_with(&[]).await
    }

    /// The same, with more flags.
    pub(crate) async fn on_postgres_with(flags: &[&str]) -> Option<Self> {
        let db = PostgresDb::make().await?;
        let people = people::make(&db.url.parse().unwrap()).await;
        let home = Home::Postgres(Arc::new(db));
        let mut server = Self::new(home, tempfile::tempdir().unwrap(), people, flags);
        server.launch();
        Some(server)
    }

    /// A server on a new database that the test looks after.
    pub(crate) async fn at(url: &str) -> Self {
        Self::at_with(url, &[]).await
    }

    /// The same, with more flags.
    pub(crate) async fn at_with(url: &str, flags: &[&str]) -> Self {
        let people = people::make(&url.parse().unwrap()).await;
        let home = Home::Elsewhere(url.to_owned());
        let mut server = Self::new(home, tempfile::tempdir().unwrap(), people, flags);
        server.launch();
        server
    }

    /// Another node on the same PostgreSQL database, with the same flags.
    pub(crate) async fn node_beside(&self) -> Self {
        let (home, folder) = (self.home.clone(), tempfile::tempdir().unwrap());
        assert!(!matches!(home, Home::Sqlite(_)), "a file takes one server");
        let mut server = Self::new(home, folder, self.people.clone(), &[]);
        server.flags.clone_from(&self.flags);
        server.launch();
        server
    }

    fn new(home: Home, folder: TempDir, people: People, flags: &[&str]) -> Self {
        Self {
            child: None,
            main: String::new(),
            admin: String::new(),
            printed: Vec::new(),
            people,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            starter: Vec::new(),
            home,
            folder,
        }
    }

    fn launch(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .unwrap();
        let mut child = command(self.folder.path(), &self.starter)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                "127.0.0.1:0",
            ])
            .args(["--database-url", &self.database_url()])
            .args(&self.flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (send, receive) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| send.send(line))
        });
        self.child = Some(child);
        self.printed.clear();
        loop {
            let line = receive
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("it did not start: {}", self.log()));
            if let Some(url) = line.strip_prefix("Rideout listens on ") {
                self.main = url.to_owned();
            }
            let admin = line.strip_prefix("Admin listens on ").map(str::to_owned);
            self.printed.push(line);
            if let Some(url) = admin {
                self.admin = url;
                break;
            }
        }
        // The lines that follow, such as the set-up link, come at once.
        while let Ok(line) =
            receive.recv_timeout(Duration::from_millis(if self.people.is_empty() {
                500
            } else {
                1
            }))
        {
            self.printed.push(line);
        }
    }

    /// What stands behind `--database-url`.
    pub(crate) fn database_url(&self) -> String {
        match &self.home {
            Home::Sqlite(file) => format!("sqlite:{}", self.folder.path().join(file).display()),
            Home::Postgres(db) => db.url.clone(),
            Home::Elsewhere(url) => url.clone(),
        }
    }

    /// Where it was started.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Everything it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    pub(crate) fn person(&self, who: Who) -> &Person {
        &self.people[&who]
    }

    /// Somebody with a bearer token; a stranger has none.
    pub(crate) fn client(&self, who: Who) -> Client {
        Client::new(
            &self.main,
            self.people.get(&who).map(|person| person.token.clone()),
        )
    }

    /// Whoever asks the admin listener.
    pub(crate) fn operator(&self) -> Client {
        Client::new(&self.admin, None)
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(self.child.as_ref().unwrap())
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks it to stop, and returns at once.
    pub(crate) fn ask_to_stop(&self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let waited = tokio::task::spawn_blocking(move || child.wait().unwrap());
        tokio::time::timeout(PATIENCE, waited)
            .await
            .expect("it ends in time")
            .unwrap()
    }

    /// Starts it again on the same data.
    pub(crate) fn restart(&mut self) {
        assert!(self.child.is_none(), "it is still running");
        self.launch();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until something is so, and fails when it never is.
pub(crate) async fn wait_until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
        "never happened: {what}"
    );
}

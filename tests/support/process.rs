//! The server as a process.

use super::{
    client::Client,
    people::{self, People, Person, TEMPLATE, Who},
    postgres::PostgresDb,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::File,
    future::Future,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    time::Duration,
};
use tempfile::TempDir;

/// The longest anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The built program.
fn program() -> PathBuf {
    std::env::var_os("RIDEOUT_BIN").map_or_else(|| env!("CARGO_BIN_EXE_rideout").into(), PathBuf::from)
}

/// A command without any settings from outside.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RIDEOUT_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder);
    command
}

/// Runs a command of the program to its end.
pub(crate) fn rideout(folder: &Path, arguments: &[&str], env: &[(&str, &str)], input: &str) -> Output {
    let mut child = command(folder)
        .args(arguments)
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone before this is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

enum Home {
    Sqlite,
    Postgres(PostgresDb),
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
        File::options().write(true).create_new(true).mode(0o600).open(path).unwrap().write_all(&TEMPLATE.file).unwrap();
        let mut server = Self::new(Home::Sqlite, folder, TEMPLATE.people.clone(), flags);
        server.launch();
        server
    }

    /// A server on a new SQLite file with nobody in it.
    pub(crate) async fn empty(flags: &[&str]) -> Self {
        let mut server = Self::new(Home::Sqlite, tempfile::tempdir().unwrap(), People::new(), flags);
        server.launch();
        server
    }

    /// One server on each kind of database there is.
    pub(crate) async fn each() -> Vec<Self> {
        let mut servers = vec![Self::start().await];
        if let Some(db) = PostgresDb::make().await {
            let people = people::make(&db.url.parse().unwrap()).await;
            let mut server = Self::new(Home::Postgres(db), tempfile::tempdir().unwrap(), people, &[]);
            server.launch();
            servers.push(server);
        }
        servers
    }

    fn new(home: Home, folder: TempDir, people: People, flags: &[&str]) -> Self {
        Self {
            child: None,
            main: String::new(),
            admin: String::new(),
            printed: Vec::new(),
            people,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            home,
            folder,
        }
    }

    fn launch(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_path()).unwrap();
        let mut child = command(self.folder.path())
            .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .args(["--database-url", &self.database_url()])
            .args(&self.flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (send, receive) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        self.child = Some(child);
        self.printed.clear();
        loop {
            let line = receive.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it did not start: {}", self.log()));
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
        while let Ok(line) = receive.recv_timeout(Duration::from_millis(if self.people.is_empty() { 500 } else { 1 })) {
            self.printed.push(line);
        }
    }

    /// What stands behind `--database-url`.
    pub(crate) fn database_url(&self) -> String {
        match &self.home {
            Home::Sqlite => format!("sqlite:{}", self.folder.path().join("rideout.db").display()),
            Home::Postgres(db) => db.url.clone(),
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
        Client::new(&self.main, self.people.get(&who).map(|person| person.token.clone()))
    }

    /// Whoever asks the admin listener.
    pub(crate) fn operator(&self) -> Client {
        Client::new(&self.admin, None)
    }

    fn pid(&self) -> Pid {
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
        tokio::time::timeout(PATIENCE, waited).await.expect("it ends in time").unwrap()
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
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "never happened: {what}");
}

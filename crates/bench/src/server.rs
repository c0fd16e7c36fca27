//! The release binary on a throw-away SQLite file.

use crate::{
    Failure,
    client::{Client, get, post_json},
};
use std::{
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

const PASSWORD: &str = "a long pass phrase for measuring";

/// A running server; stopped when dropped.
pub(crate) struct Server {
    /// Main address, `127.0.0.1:port`.
    pub(crate) address: String,
    /// Admin address, `127.0.0.1:port`.
    pub(crate) admin: String,
    /// From start of the process to its first answered page.
    pub(crate) started_in: Duration,
    child: Child,
    folder: tempfile::TempDir,
}

/// The binary to measure.
pub(crate) fn binary() -> String {
    std::env::var("RIDEOUT_BIN").unwrap_or_else(|_| "target/release/rideout".to_owned())
}

impl Server {
    /// Starts the server and waits for its first page.
    pub(crate) async fn start() -> Result<Self, Failure> {
        Self::start_with(&[]).await
    }

    /// The same with settings, as variables of the environment.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Result<Self, Failure> {
        let folder = tempfile::tempdir_in(
            std::env::var("RIDEOUT_BENCH_DIR").unwrap_or_else(|_| ".".into()),
        )?;
        let begun = Instant::now();
        let mut child = Command::new(binary())
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                "127.0.0.1:0",
                "--database-url",
            ])
            .arg(url(&folder))
            .env("RIDEOUT_LOG_LEVEL", "warn")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let (mut address, mut admin) = (None, None);
        while address.is_none() || admin.is_none() {
            let line = lines
                .next_line()
                .await?
                .ok_or("the server stopped before it listened")?;
            if let Some(found) = line.trim().strip_prefix("Rideout listens on http://") {
                address = Some(found.to_owned());
            } else if let Some(found) = line.trim().strip_prefix("Admin listens on http://") {
                admin = Some(found.to_owned());
            }
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let address = address.ok_or("no address")?;
        let admin = admin.ok_or("no admin address")?;
        let mut client = Client::connect(&address).await?;
        let page = client.send(&get(&address, "/login", "")).await?;
        if page.status != 200 {
            return Err(format!("the first page answers {}", page.status).into());
        }
        let started_in = begun.elapsed();
        Ok(Self {
            address,
            admin,
            started_in,
            child,
            folder,
        })
    }

    /// The database.
    pub(crate) fn file(&self) -> PathBuf {
        file(&self.folder)
    }

    /// Resident memory of the server, in bytes.
    pub(crate) async fn memory(&self) -> Result<f64, Failure> {
        let id = self.child.id().ok_or("the server has stopped")?;
        let status = tokio::fs::read_to_string(format!("/proc/{id}/status")).await?;
        let line = status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:"))
            .ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? * 1024.0)
    }

    /// Makes a person by the command line and signs them in; answers the header to send.
    pub(crate) async fn session(&self, name: &str) -> Result<String, Failure> {
        self.person(name).await?;
        let body = format!(
            "email={name}%40example.org&password={}&next=",
            PASSWORD.replace(' ', "+")
        );
        let request = format!(
            "POST /login HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {1}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = Client::connect(&self.address)
            .await?
            .send(request.as_bytes())
            .await?;
        let cookie = answer.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let pair = value.trim().split(';').next()?;
            (name.eq_ignore_ascii_case("set-cookie") && pair.contains("rideout="))
                .then(|| pair.to_owned())
        });
        Ok(format!(
            "Cookie: {}\r\n",
            cookie.ok_or_else(|| format!("no session: {}", answer.head))?
        ))
    }

    /// Makes a person with an API token, by the command line.
    pub(crate) async fn token(&self, name: &str) -> Result<String, Failure> {
        self.person(name).await?;
        let email = format!("{name}@example.org");
        let token = Command::new(binary())
            .args([
                "token",
                "create",
                "--email",
                &email,
                "--name",
                "bench",
                "--database-url",
                &url(&self.folder),
            ])
            .output()
            .await?;
        if !token.status.success() {
            return Err("rideout token create failed".into());
        }
        Ok(String::from_utf8(token.stdout)?.trim().to_owned())
    }

    async fn person(&self, name: &str) -> Result<(), Failure> {
        let email = format!("{name}@example.org");
        let url = url(&self.folder);
        let mut create = Command::new(binary())
            .args([
                "user",
                "create",
                "--email",
                &email,
                "--name",
                name,
                "--role",
                "commander",
            ])
            .args(["--password-stdin", "--database-url", &url])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut input = create.stdin.take().ok_or("no standard input")?;
        input.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
        drop(input);
        if !create.wait().await?.success() {
            return Err("rideout user create failed".into());
        }
        Ok(())
    }

    /// Declares an incident and returns its id.
    pub(crate) async fn declare(&self, token: &str) -> Result<String, Failure> {
        let mut client = Client::connect(&self.address).await?;
        let body = r#"{"title":"Reservations crawl and time out","severity":"SEV1","services":["store app"]}"#;
        let answer = client
            .send(&post_json(&self.address, "/api/v1/incidents", token, body))
            .await?;
        if answer.status != 201 {
            return Err(format!(
                "declaring answers {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            )
            .into());
        }
        let json: serde_json::Value = serde_json::from_slice(&answer.body)?;
        Ok(json["id"].as_str().ok_or("no id")?.to_owned())
    }

    /// Stops it and waits.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        self.child.kill().await?;
        Ok(())
    }
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("bench.db")
}

fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", file(folder).display())
}

/// The JSON of a note.
pub(crate) fn note(text: &str) -> String {
    serde_json::json!({"id": uuid::Uuid::now_v7(), "kind": "note", "text": text}).to_string()
}

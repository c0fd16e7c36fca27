//! The war-room page with 200 entries.

use crate::{
    Failure,
    client::{Client, get, hammer, post_json},
    report::Measurement,
    server::{Server, note},
};
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

const CLIENTS: usize = 32;
const SECONDS: u64 = 8;

/// Requests a second and p99 at 32 clients, beside the same bytes from bare axum.
pub(crate) async fn measure() -> Result<Vec<Measurement>, Failure> {
    let server = Server::start().await?;
    let token = server.token("priya").await?;
    let incident = server.declare(&token).await?;
    let path = format!("/api/v1/incidents/{incident}/entries");
    let mut client = Client::connect(&server.address).await?;
    for n in 0..200 {
        let text = format!(
            "Entry {n}: the reservation spins for 40 s, then **times out**; three of four tries."
        );
        client
            .send(&post_json(&server.address, &path, &token, &note(&text)))
            .await?;
    }
    let page = format!("/incidents/{incident}");
    let auth = server.session("omar").await?;
    let first = client.send(&get(&server.address, &page, &auth)).await?;
    if first.status != 200 || !first.body.windows(7).any(|w| w == b"</html>") {
        return Err(format!("the page answers {}", first.status).into());
    }
    let request = get(&server.address, &page, &auth);
    let (rate, mut latencies) = hammer(&server.address, CLIENTS, SECONDS, 200, move || {
        request.clone()
    })
    .await?;
    server.stop().await?;

    let file = tempfile::NamedTempFile::new()?;
    tokio::fs::write(file.path(), &first.body).await?;
    let mut bare = Command::new(std::env::current_exe()?)
        .arg("bare")
        .arg(file.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = bare.stdout.take().ok_or("no standard output")?;
    let address = BufReader::new(stdout)
        .lines()
        .next_line()
        .await?
        .ok_or("the bare server did not start")?;
    let request = get(&address, "/", "");
    let (limit, mut bare_latencies) =
        hammer(&address, CLIENTS, SECONDS, 200, move || request.clone()).await?;
    bare.kill().await?;

    let kilobytes = first.body.len() as f64 / 1_000.0;
    let is = "the same bytes from a bare axum handler";
    Ok(vec![
        Measurement::new("war-room page, 200 entries, 32 clients", rate, "requests/s")
            .limit(limit, is)
            .at_least(2_000.0),
        Measurement::new("war-room page, p99", latencies.percentile(0.99), "ms")
            .limit(bare_latencies.percentile(0.99), is)
            .at_most(25.0),
        Measurement::new("war-room page, size before compression", kilobytes, "kB"),
    ])
}

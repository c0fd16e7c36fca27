//! Measures Rideout from outside, each figure beside its limit in the same run:
//! the same bytes served without the app, the same rows written by raw SQLite.
//!
//! `cargo xtask bench` builds the release binary, calls this program with
//! `RIDEOUT_BIN`, and writes what it prints into `docs/benchmarks.md`.
//! Everything runs on this machine's loopback, with bounded counts and times.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "measuring is what the machine's clock is for here"
)]

mod append;
mod bare;
mod client;
mod fanout;
mod footprint;
mod mail;
mod page;
mod report;
mod rows;
mod server;
mod sink;
mod watch;

use report::Measurement;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let args: Vec<String> = std::env::args().skip(1).collect();
    runtime.block_on(async move {
        match args
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["bare", file] => bare::serve(file).await,
            wanted => measure(wanted).await,
        }
    })
}

async fn measure(wanted: &[&str]) -> Result<(), Failure> {
    let all = wanted.is_empty();
    let mut found: Vec<Measurement> = Vec::new();
    for part in ["footprint", "page", "append", "fanout", "watch", "mail"] {
        if !all && !wanted.contains(&part) {
            continue;
        }
        eprintln!("measuring {part} …");
        found.extend(match part {
            "footprint" => footprint::measure().await?,
            "page" => page::measure().await?,
            "append" => append::measure().await?,
            "watch" => watch::measure().await?,
            "mail" => mail::measure().await?,
            _ => fanout::measure().await?,
        });
    }
    println!("{}", serde_json::to_string_pretty(&found)?);
    Ok(())
}

//! One entry to ten thousand open pages.

use crate::{
    Failure,
    client::{Client, get, post_json},
    report::{Latencies, Measurement},
    server::{Server, note},
};
use std::{sync::Arc, time::Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, mpsc},
};

const VIEWERS: usize = 10_000;
/// Enough that nobody has more live pages open than one person may.
const PEOPLE: usize = 160;
const ROUNDS: usize = 5;

/// Time until the last viewer has an entry, and memory for each viewer.
pub(crate) async fn measure() -> Result<Vec<Measurement>, Failure> {
    let server = Server::start().await?;
    let mut sessions = Vec::new();
    for n in 0..PEOPLE {
        sessions.push(server.session(&format!("viewer{n}")).await?);
    }
    let token = server.token("priya").await?;
    let incident = server.declare(&token).await?;
    let before = server.memory().await?;
    let path = format!("/incidents/{incident}/live?after=1");
    let (seen, mut arrivals) = mpsc::unbounded_channel::<Instant>();
    let (ready, mut readies) = mpsc::unbounded_channel::<()>();
    let gate = Arc::new(Semaphore::new(200));
    let mut viewers = Vec::new();
    for n in 0..VIEWERS {
        let request = get(&server.address, &path, &sessions[n % PEOPLE]);
        let (address, seen, ready) = (server.address.clone(), seen.clone(), ready.clone());
        let gate = Arc::clone(&gate);
        viewers.push(tokio::spawn(async move {
            let permit = gate.acquire_owned().await?;
            let mut stream = TcpStream::connect(&address).await?;
            stream.write_all(&request).await?;
            let mut buffer = vec![0; 4096];
            let mut head = stream.read(&mut buffer).await?;
            if !buffer.starts_with(b"HTTP/1.1 200") {
                let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
                return Err(Failure::from(format!("a viewer was refused: {text}")));
            }
            drop(permit);
            ready.send(())?;
            loop {
                head = stream.read(&mut buffer).await?;
                if head == 0 {
                    return Ok::<_, Failure>(());
                }
                // The marker stands once in each entry, and an entry fits into one read on loopback.
                if buffer[..head]
                    .windows(11)
                    .any(|w| w == b"event:entry" || w == b"event: entr")
                {
                    seen.send(Instant::now())?;
                }
            }
        }));
    }
    for _ in 0..VIEWERS {
        tokio::select! {
            got = readies.recv() => { got.ok_or("viewers are gone")?; }
            () = tokio::time::sleep(std::time::Duration::from_secs(60)) => {
                for viewer in viewers {
                    if viewer.is_finished() { viewer.await??; }
                }
                return Err("not every viewer could connect within a minute".into());
            }
        }
    }
    let memory = server.memory().await?;
    let mut client = Client::connect(&server.address).await?;
    let mut lasts = Latencies::default();
    let mut each = Latencies::default();
    let entries = format!("/api/v1/incidents/{incident}/entries");
    for round in 0..ROUNDS {
        let body = note(&format!("Round {round}: on every screen at once"));
        let sent = Instant::now();
        let answer = client
            .send(&post_json(&server.address, &entries, &token, &body))
            .await?;
        if answer.status != 201 {
            return Err(format!("the entry was answered with {}", answer.status).into());
        }
        let mut last = sent;
        for _ in 0..VIEWERS {
            let at = tokio::time::timeout(std::time::Duration::from_secs(20), arrivals.recv())
                .await?
                .ok_or("viewers are gone")?;
            each.push(at.duration_since(sent));
            last = last.max(at);
        }
        lasts.push(last.duration_since(sent));
    }
    viewers.iter().for_each(tokio::task::JoinHandle::abort);
    server.stop().await?;
    Ok(vec![
        Measurement::new(
            "entry to the last of 10,000 viewers, median of 5",
            lasts.percentile(0.5),
            "ms",
        )
        .at_most(250.0),
        Measurement::new(
            "entry to a viewer of 10,000, median",
            each.percentile(0.5),
            "ms",
        ),
        Measurement::new(
            "memory for each viewer",
            (memory - before) / VIEWERS as f64 / 1_000.0,
            "kB",
        )
        .at_most(20.0),
    ])
}

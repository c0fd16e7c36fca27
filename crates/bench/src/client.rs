//! A small HTTP/1.1 client that costs next to nothing, so that the figure is the server's.

use crate::{Failure, report::Latencies};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A kept-alive connection.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// Head, as sent.
    pub(crate) head: String,
    /// Body, after chunking is undone.
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request).await?;
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).into_owned();
        self.buffer.drain(..head_end);
        let lower = head.to_ascii_lowercase();
        let header = |name: &str| {
            lower
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(|v| v.trim().to_owned())
        };
        let mut body = Vec::new();
        if let Some(length) = header("content-length:") {
            let length: usize = length.parse()?;
            while self.buffer.len() < length {
                self.more().await?;
            }
            body.extend(self.buffer.drain(..length));
        } else if header("transfer-encoding:").as_deref() == Some("chunked") {
            loop {
                let line_end = loop {
                    if let Some(at) = find(&self.buffer, b"\r\n") {
                        break at;
                    }
                    self.more().await?;
                };
                let size = usize::from_str_radix(
                    std::str::from_utf8(&self.buffer[..line_end])?.trim(),
                    16,
                )?;
                self.buffer.drain(..line_end + 2);
                while self.buffer.len() < size + 2 {
                    self.more().await?;
                }
                body.extend(self.buffer.drain(..size));
                self.buffer.drain(..2);
                if size == 0 {
                    break;
                }
            }
        }
        let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
        Ok(Answer { status, head, body })
    }

    async fn more(&mut self) -> Result<(), Failure> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

/// A GET request.
pub(crate) fn get(address: &str, path: &str, extra: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{extra}\r\n").into_bytes()
}

/// A POST request with a JSON body.
pub(crate) fn post_json(address: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Lets `clients` connections send requests for a time; answers requests per
/// second and how long each took. Any status other than `expected` fails the run.
pub(crate) async fn hammer(
    address: &str,
    clients: usize,
    seconds: u64,
    expected: u16,
    request: impl Fn() -> Vec<u8> + Clone + Send + 'static,
) -> Result<(f64, Latencies), Failure> {
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (address, request) = (address.to_owned(), request.clone());
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(&address).await?;
            let mut latencies = Latencies::default();
            while Instant::now() < end {
                let bytes = request();
                let sent = Instant::now();
                let answer = client.send(&bytes).await?;
                latencies.push(sent.elapsed());
                if answer.status != expected {
                    let body = String::from_utf8_lossy(&answer.body)
                        .chars()
                        .take(300)
                        .collect::<String>();
                    return Err(Failure::from(format!(
                        "{} instead of {expected}: {body}",
                        answer.status
                    )));
                }
            }
            Ok::<_, Failure>(latencies)
        }));
    }
    let mut all = Latencies::default();
    for task in tasks {
        all.merge(task.await??);
    }
    let rate = all.count() as f64 / begun.elapsed().as_secs_f64();
    Ok((rate, all))
}

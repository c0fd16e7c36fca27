//! A mail server that takes everything at once and notes when: the fastest there can
//! be, so that what is measured is the sender (RFC 5321, without extensions).

use crate::{Failure, rows};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// A mail that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// The recipient's address.
    pub(crate) to: String,
    /// When all of it was there, in microseconds.
    pub(crate) at: i64,
    /// Its size.
    pub(crate) bytes: usize,
}

type Mails = Arc<Mutex<Vec<Mail>>>;

/// The running server; stopped when dropped.
pub(crate) struct Sink {
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    mails: Mails,
    arrived: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Sink {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let mails = Mails::default();
        let arrived = Arc::new(Notify::new());
        let (kept, tell) = (Arc::clone(&mails), Arc::clone(&arrived));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mails, tell) = (Arc::clone(&kept), Arc::clone(&tell));
                tokio::spawn(async move {
                    if let Err(error) = talk(stream, &mails, &tell).await {
                        eprintln!("mail server: {error}");
                    }
                });
            }
        });
        Ok(Self {
            address,
            mails,
            arrived,
            task,
        })
    }

    /// How many mails have arrived.
    pub(crate) fn count(&self) -> usize {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Waits until so many have arrived.
    pub(crate) async fn has(&self, count: usize) {
        while self.count() < count {
            self.arrived.notified().await;
        }
    }

    /// What has arrived.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(stream: TcpStream, mails: &Mails, arrived: &Notify) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    say(&mut stream, "220 sink ready").await?;
    let (mut line, mut to) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "RCPT" => {
                to = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'))
                    .map(|(address, _)| address.to_owned())
                    .ok_or("no recipient")?;
                "250 ok"
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let bytes = data(&mut stream).await?;
                let mail = Mail {
                    to: to.clone(),
                    at: rows::now()?,
                    bytes,
                };
                mails
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(mail);
                arrived.notify_one();
                "250 taken"
            }
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return Ok(());
            }
            _ => "250 ok",
        };
        say(&mut stream, answer).await?;
    }
}

/// Reads a mail up to the dot that ends it; answers its size.
async fn data(stream: &mut BufStream<TcpStream>) -> Result<usize, Failure> {
    let (mut line, mut bytes) = (Vec::new(), 0);
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err("the mail broke off".into());
        }
        if line == b".\r\n" {
            return Ok(bytes);
        }
        bytes += line.len();
    }
}

async fn say(stream: &mut BufStream<TcpStream>, line: &str) -> Result<(), Failure> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    Ok(stream.flush().await?)
}

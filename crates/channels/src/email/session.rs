//! Sessions with the mail server: connect, log in, send, and send again on the
//! same connection while it is fresh.
//!
//! lettre's own pool is not used: it takes a connection back when a sending is
//! given up in the middle, and the next message would become part of the last.
//! Here only a connection whose message was taken is kept. Nor does lettre connect:
//! it writes the end of a mail by itself, and unless the socket is told not to, that
//! waits until the other side has confirmed the mail, which it puts off by 40 ms.

use super::server::{MailServer, Security};
use lettre::{
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        extension::ClientId,
    },
};
use rustls::pki_types::ServerName;
use std::{
    error::Error,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Connections kept at the same time: as many as messages are sent at a time.
const KEPT: usize = 16;
/// Servers close what is silent for long; RFC 5321 §4.5.3.2.7 asks for 5 minutes.
const FRESH: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(10);

/// Where a sending failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// The server cannot be reached, or greets us badly.
    #[error("the mail server cannot be reached: {0}")]
    Connect(#[source] Cause),
    /// There is no safe connection.
    #[error("no safe connection to the mail server: {0}")]
    Tls(#[source] Cause),
    /// It does not know us.
    #[error("the mail server refuses the log-in: {0}")]
    LogIn(#[source] lettre::transport::smtp::Error),
    /// It does not take the message.
    #[error("the mail server does not take the message: {0}")]
    Send(#[source] lettre::transport::smtp::Error),
}

type Cause = Box<dyn Error + Send + Sync>;

pub(super) struct Sessions {
    server: MailServer,
    /// For STARTTLS.
    tls: TlsParameters,
    /// For TLS from the first byte.
    connector: TlsConnector,
    hello: ClientId,
    kept: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Sessions {
    pub(super) fn new(
        server: MailServer,
        tls: TlsParameters,
        connector: TlsConnector,
        hello: ClientId,
    ) -> Self {
        Self {
            server,
            tls,
            connector,
            hello,
            kept: Mutex::default(),
        }
    }

    /// Hands a mail to the server. `Ok` means that it answered 250 to all of it.
    pub(super) async fn send(
        &self,
        envelope: &Envelope,
        mail: Vec<u8>,
    ) -> Result<(), SessionError> {
        let mut connection = match self.take().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection
            .send(envelope, &mail)
            .await
            .map_err(SessionError::Send)?;
        self.keep(connection);
        Ok(())
    }

    /// Connects and logs in.
    pub(super) async fn check(&self) -> Result<(), SessionError> {
        let connection = self.connect().await?;
        self.keep(connection);
        Ok(())
    }

    /// A kept connection that still answers.
    async fn take(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.lock().pop()?;
            if since.elapsed() < FRESH && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.lock();
        kept.retain(|(_, since)| since.elapsed() < FRESH);
        if kept.len() < KEPT && !connection.has_broken() {
            kept.push((connection, Instant::now()));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SessionError> {
        let server = &self.server;
        let stream = self.open().await?;
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.hello)
            .await
            .map_err(|error| SessionError::Connect(error.into()))?;
        if server.security == Security::StartTls {
            connection
                .starttls(self.tls.clone(), &self.hello)
                .await
                .map_err(|error| SessionError::Tls(error.into()))?;
        }
        if let Some((user, password)) = &server.login {
            let login = Credentials::new(user.clone(), password.reveal().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &login)
                .await
                .map_err(SessionError::LogIn)?;
        }
        Ok(connection)
    }

    /// A connection to the server, within TLS if that comes first.
    async fn open(&self) -> Result<Box<dyn AsyncTokioStream>, SessionError> {
        let server = &self.server;
        let away = |error: io::Error| SessionError::Connect(error.into());
        let address = (server.host.as_str(), server.port);
        let stream = timeout(CONNECT, TcpStream::connect(address))
            .await
            .map_err(|_| away(io::ErrorKind::TimedOut.into()))?
            .map_err(away)?;
        stream.set_nodelay(true).map_err(away)?;
        if server.security != Security::Tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(server.host.clone())
            .map_err(|error| SessionError::Tls(error.into()))?;
        let shaken = timeout(CONNECT, self.connector.connect(name, stream)).await;
        match shaken.map_err(|_| away(io::ErrorKind::TimedOut.into()))? {
            Ok(stream) => Ok(Box::new(Wrapped(stream))),
            Err(error) if comes_from_tls(&error) => Err(SessionError::Tls(error.into())),
            Err(error) => Err(away(error)),
        }
    }
}

/// Whether a connection failed for what TLS found, and not because it broke.
fn comes_from_tls(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>())
}

/// A connection within TLS.
#[derive(Debug)]
struct Wrapped(TlsStream<TcpStream>);

impl AsyncTokioStream for Wrapped {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Wrapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wrapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

//! Sessions with the mail server: connect, log in, send, and send again on the
//! same connection while it is fresh.
//!
//! lettre's own pool is not used: it takes a connection back when a sending is
//! given up in the middle, and the next message would become part of the last.
//! Here only a connection whose message was taken is kept.

use super::server::{MailServer, Security};
use lettre::{
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use std::{
    error::Error,
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Connections kept at the same time; more are opened when needed.
const KEPT: usize = 4;
/// Servers close what is silent for long; RFC 5321 §4.5.3.2.7 asks for 5 minutes.
const FRESH: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(10);

/// Where a sending failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// The server cannot be reached, or greets us badly.
    #[error("the mail server cannot be reached: {0}")]
    Connect(#[source] lettre::transport::smtp::Error),
    /// There is no safe connection.
    #[error("no safe connection to the mail server: {0}")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// It does not know us.
    #[error("the mail server refuses the log-in: {0}")]
    LogIn(#[source] lettre::transport::smtp::Error),
    /// It does not take the message.
    #[error("the mail server does not take the message: {0}")]
    Send(#[source] lettre::transport::smtp::Error),
}

pub(super) struct Sessions {
    server: MailServer,
    tls: TlsParameters,
    hello: ClientId,
    kept: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Sessions {
    pub(super) fn new(server: MailServer, tls: TlsParameters, hello: ClientId) -> Self {
        Self {
            server,
            tls,
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
        let wrapped = (server.security == Security::Tls).then(|| self.tls.clone());
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (server.host.as_str(), server.port),
            Some(CONNECT),
            &self.hello,
            wrapped,
            None,
        )
        .await
        .map_err(|error| {
            if error.is_tls() || comes_from_tls(&error) {
                SessionError::Tls(error)
            } else {
                SessionError::Connect(error)
            }
        })?;
        if server.security == Security::StartTls {
            connection
                .starttls(self.tls.clone(), &self.hello)
                .await
                .map_err(SessionError::Tls)?;
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
}

/// Whether a connection failed for what TLS found: lettre tells that apart only
/// after STARTTLS.
fn comes_from_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        next = error.source();
    }
    false
}

//! E-mail by SMTP.

mod compose;
mod outcome;
mod server;
mod session;

pub use server::{BadMailServer, MailServer, Security};

use crate::{authorities::Authorities, message::Message};
use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{
        client::{Certificate, CertificateStore, TlsParameters},
        extension::ClientId,
    },
};
use rideout_domain::outbox::Outcome;
use session::Sessions;
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::timeout;

/// The longest a message may take from connecting to “250 OK”.
const LIMIT: Duration = Duration::from_secs(30);

/// A mail server that takes our messages. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    server: MailServer,
    from: Mailbox,
    limit: Duration,
    sessions: Sessions,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("server", &self.0.server)
            .field("from", &self.0.from.to_string())
            .finish_non_exhaustive()
    }
}

/// Whether a text can be the sender of e-mails.
///
/// # Errors
/// [`BadMailServer::From`].
pub fn check_sender(from: &str) -> Result<(), BadMailServer> {
    sender(from).map(drop)
}

fn sender(from: &str) -> Result<Mailbox, BadMailServer> {
    from.parse()
        .map_err(|_| BadMailServer::From(from.to_owned()))
}

impl Mailer {
    /// A mailer that writes as `from` (`rideout@example.org`, or with a name
    /// `Rideout <rideout@example.org>`). `authorities` are trusted beside the
    /// roots of Mozilla.
    ///
    /// # Errors
    /// [`BadMailServer`].
    pub fn new(
        server: MailServer,
        from: &str,
        authorities: &Authorities,
    ) -> Result<Self, BadMailServer> {
        Self::with(server, from, authorities, LIMIT)
    }

    /// A mailer with its own limit of time for a message.
    ///
    /// # Errors
    /// [`BadMailServer`].
    pub fn with(
        server: MailServer,
        from: &str,
        authorities: &Authorities,
        limit: Duration,
    ) -> Result<Self, BadMailServer> {
        let from = sender(from)?;
        let mut tls = TlsParameters::builder(server.host.clone())
            .certificate_store(CertificateStore::WebpkiRoots);
        for authority in &authorities.0 {
            let certificate = Certificate::from_der(authority.to_vec())
                .map_err(|_| BadMailServer::Authorities)?;
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls.build().map_err(|_| BadMailServer::Host)?;
        let connector = authorities.connector(&[]);
        let connector = connector.map_err(|_| BadMailServer::Authorities)?;
        // A server judges a name it can look up; ours is that of our own address.
        let hello = ClientId::Domain(from.email.domain().to_owned());
        Ok(Self(Arc::new(Inner {
            sessions: Sessions::new(server.clone(), tls, connector, hello),
            server,
            from,
            limit,
        })))
    }

    /// Sends a message once.
    pub(crate) async fn send(&self, address: &str, message: &Message) -> Outcome {
        let inner = &*self.0;
        let Ok(to) = address.trim().parse::<Address>() else {
            return Outcome::Refused {
                permanent: true,
                why: "This is no e-mail address a mail server takes; look at it again.".to_owned(),
            };
        };
        let mail = match compose::mail(&inner.from, to, message) {
            Ok(mail) => mail,
            Err(error) => {
                tracing::error!(%error, "an e-mail could not be composed");
                return Outcome::Refused {
                    permanent: false,
                    why: "This message cannot be written as an e-mail.".to_owned(),
                };
            }
        };
        let work = inner.sessions.send(mail.envelope(), mail.formatted());
        match timeout(inner.limit, work).await {
            Ok(Ok(())) => Outcome::Delivered,
            Ok(Err(error)) => outcome::of(&error),
            Err(_) => Outcome::TryAgain {
                after: None,
                why: "The mail server did not answer in time.".to_owned(),
            },
        }
    }

    /// Connects and logs in, and sends nothing; for diagnosis.
    ///
    /// # Errors
    /// A sentence that says what is wrong, for the operator.
    pub async fn check(&self) -> Result<(), String> {
        match timeout(self.0.limit, self.0.sessions.check()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it did not answer in time".to_owned()),
        }
    }
}

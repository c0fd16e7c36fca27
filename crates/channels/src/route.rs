//! Where a message goes, and the one function that sends it there.

use crate::{
    client::Client, email::Mailer, message::Message, ntfy, ntfy::NtfyAuth, secret::Secret, slack,
    webhook, webhook::SigningSecret,
};
use rideout_domain::{Timestamp, outbox::Outcome};

/// One way to reach one person outside Rideout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// An e-mail.
    Email {
        /// The person's address.
        address: String,
    },
    /// A Slack-shaped incoming webhook.
    Slack {
        /// Its web address, which is the secret.
        url: Secret,
    },
    /// A webhook signed as Standard Webhooks describes.
    Webhook {
        /// Its web address.
        url: String,
        /// What it is signed with.
        secret: SigningSecret,
    },
    /// A topic of an ntfy server.
    Ntfy {
        /// The root of the server.
        server: String,
        /// The topic.
        topic: String,
        /// How the server is told that one may write to it.
        auth: NtfyAuth,
    },
}

/// Everything messages leave by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Channels {
    client: Client,
    mailer: Option<Mailer>,
}

impl Channels {
    /// Channels with a client for the web, and a mail server if there is one.
    #[must_use]
    pub fn new(client: Client, mailer: Option<Mailer>) -> Self {
        Self { client, mailer }
    }

    /// The guarded client, for what else goes to a web address somebody typed.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The mail server, if there is one.
    #[must_use]
    pub fn mailer(&self) -> Option<&Mailer> {
        self.mailer.as_ref()
    }

    /// Sends a message once. `now` is the time of this attempt.
    pub async fn send(&self, route: &Route, message: &Message, now: Timestamp) -> Outcome {
        match route {
            Route::Email { address } => match &self.mailer {
                Some(mailer) => mailer.send(address, message).await,
                None => Outcome::Refused {
                    permanent: false,
                    why: "This Rideout has no mail server; the operator can name one with the setting smtp_url.".to_owned(),
                },
            },
            Route::Slack { url } => slack::send(&self.client, url, message).await,
            Route::Webhook { url, secret } => {
                webhook::send(&self.client, url, secret, message, now).await
            }
            Route::Ntfy {
                server,
                topic,
                auth,
            } => ntfy::send(&self.client, server, topic, auth, message).await,
        }
    }
}

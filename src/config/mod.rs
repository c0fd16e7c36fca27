//! What the operator may set: by file, environment and flag, the later the stronger.
//!
//! [`keys::KEYS`] is the one table of settings. The command line, the
//! environment, the file and `docs/configuration.md` are all made from it.

pub mod env;
pub mod file;
pub mod keys;
pub mod network;
pub mod reference;
mod resolve;

pub use env::{VarSource, Variables};
pub use resolve::{ConfigError, Origin, Resolved, resolve};

use network::Network;
use rideout_channels::{Allowed, MailServer, Secret};
use rideout_service::db::DatabaseUrl;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The effective configuration. `Debug` masks secrets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the data lives.
    pub database_url: DatabaseUrl,
    /// Address of the main listener.
    pub listen: SocketAddr,
    /// Address of the admin listener.
    pub admin_listen: SocketAddr,
    /// How people reach Rideout, without a slash at its end; none when they use the listener itself.
    pub public_url: Option<url::Url>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The mail server, if there is one.
    pub smtp: Option<MailServer>,
    /// The sender of e-mails, if it is not made from the address people type.
    pub mail_from: Option<String>,
    /// Where Rideout may send to although it is private.
    pub outgoing_allow: Vec<Allowed>,
    /// A file of certificates that are trusted besides the usual ones.
    pub outgoing_authorities: Option<PathBuf>,
    /// What is fetched as long as Rideout is able to page.
    pub dead_man_url: Option<Secret>,
    /// Time between two such fetches.
    pub dead_man_interval: Duration,
    /// Filter of the log.
    pub log_level: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Threads of the main listener.
    pub worker_threads: usize,
    /// Days after which an unused session ends.
    pub session_days: i64,
    /// Longest time from a request to its answer.
    pub request_timeout: Duration,
    /// Requests worked on at a time; more wait a moment and are then refused.
    pub max_requests: usize,
    /// Connections held at a time, live pages included.
    pub max_connections: usize,
    /// Longest time for finishing what was begun when Rideout is stopped.
    pub shutdown_timeout: Duration,
}

impl Config {
    /// Whether people reach Rideout by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https")
    }

    /// Whether cookies can be marked `Secure`: over https, and on the machine
    /// itself, which browsers trust without it.
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        match &self.public_url {
            Some(url) if url.scheme() == "https" => true,
            Some(url) => match url.host() {
                Some(url::Host::Domain(name)) => {
                    name == "localhost" || name.ends_with(".localhost")
                }
                Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                None => false,
            },
            None => self.listen.ip().is_loopback(),
        }
    }

    /// The sender of e-mails.
    #[must_use]
    pub fn mail_from(&self) -> String {
        self.mail_from.clone().unwrap_or_else(|| {
            let host = self.public_url.as_ref().and_then(url::Url::host_str);
            format!("Rideout <rideout@{}>", host.unwrap_or("localhost"))
        })
    }

    /// The address people type, without a slash at its end. `bound` is the
    /// listener's real address.
    #[must_use]
    pub fn base_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", reachable(bound)),
        }
    }
}

/// An address one can type into a browser on the same machine.
#[must_use]
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let mut shown = bound;
    if bound.ip().is_unspecified() {
        shown.set_ip(match bound {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    shown
}

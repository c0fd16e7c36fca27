//! Which mail server, and how it is spoken to.

use crate::secret::Secret;
use std::{fmt, net::IpAddr, str::FromStr};
use url::{Host, Url};

/// How the connection is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS, and nothing without it.
    StartTls,
    /// None.
    Plain,
}

/// A mail server, written as a web address:
/// `smtps://USER:PASSWORD@HOST` (TLS, port 465), `smtp://HOST` (STARTTLS, port
/// 587; on the machine itself plain, port 25), `smtp://HOST?tls=none` (plain).
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How it is kept from others' eyes.
    pub security: Security,
    /// Name and password.
    pub login: Option<(String, Secret)>,
}

/// The mail server cannot be used as it is written. None shows the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMailServer {
    /// It is no address of a mail server.
    #[error("a mail server is written as smtps://USER:PASSWORD@HOST or smtp://HOST:PORT")]
    Url,
    /// The host cannot be one.
    #[error("the host of the mail server is missing or cannot be one")]
    Host,
    /// A word that `tls` does not know.
    #[error("tls of the mail server is starttls or none, not “{0}”")]
    Tls(String),
    /// A query nobody knows.
    #[error("the mail server has no setting “{0}”; there is only tls")]
    Setting(String),
    /// A name without password or the reverse.
    #[error("the mail server needs both, a user and a password, or neither")]
    Login,
    /// The sender is no address.
    #[error("“{0}” is no sender: write rideout@example.org or Rideout <rideout@example.org>")]
    From(String),
    /// A certificate cannot be an authority.
    #[error("one of the certificates cannot be an authority")]
    Authorities,
}

impl FromStr for MailServer {
    type Err = BadMailServer;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(|_| BadMailServer::Url)?;
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(BadMailServer::Url),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(BadMailServer::Url);
        }
        // The parser reads hosts of schemes it does not know only as text.
        let host = url.host_str().filter(|host| !host.is_empty());
        let host =
            Host::parse(host.ok_or(BadMailServer::Host)?).map_err(|_| BadMailServer::Host)?;
        let here = match &host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let mut security = match (implicit, here) {
            (true, _) => Security::Tls,
            (false, true) => Security::Plain,
            (false, false) => Security::StartTls,
        };
        for (name, value) in url.query_pairs() {
            security = match (&*name, &*value, implicit) {
                ("tls", "starttls", false) => Security::StartTls,
                ("tls", "none", false) => Security::Plain,
                ("tls", other, _) => return Err(BadMailServer::Tls(other.to_owned())),
                (other, ..) => return Err(BadMailServer::Setting(other.to_owned())),
            };
        }
        let port = url.port().unwrap_or(match (security, here) {
            (Security::Tls, _) => 465,
            (Security::Plain, true) => 25,
            _ => 587,
        });
        let login = match (decoded(url.username())?, url.password().map(decoded)) {
            (user, None) if user.is_empty() => None,
            (user, Some(password)) if !user.is_empty() => Some((user, Secret::new(password?))),
            _ => return Err(BadMailServer::Login),
        };
        let host = match host {
            Host::Domain(name) => name,
            Host::Ipv4(address) => IpAddr::V4(address).to_string(),
            Host::Ipv6(address) => IpAddr::V6(address).to_string(),
        };
        Ok(Self {
            host,
            port,
            security,
            login,
        })
    }
}

/// Undoes the percent signs of a user or a password.
fn decoded(text: &str) -> Result<String, BadMailServer> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || (rest.next()? as char).to_digit(16);
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(BadMailServer::Url);
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| BadMailServer::Url)?);
    }
    let text = String::from_utf8(bytes).map_err(|_| BadMailServer::Url)?;
    if text.contains(char::is_control) {
        return Err(BadMailServer::Url);
    }
    Ok(text)
}

/// Without the password.
impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.security == Security::Tls {
            "smtps"
        } else {
            "smtp"
        };
        let login = self
            .login
            .as_ref()
            .map(|(user, _)| format!("{user}:***@"))
            .unwrap_or_default();
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let tls = match self.security {
            Security::Tls => "",
            Security::StartTls => "?tls=starttls",
            Security::Plain => "?tls=none",
        };
        write!(f, "{scheme}://{login}{host}:{}{tls}", self.port)
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_a_mail_server() {
        for (text, shown) in [
            ("smtps://mail.example.org", "smtps://mail.example.org:465"),
            (
                "smtp://mail.example.org",
                "smtp://mail.example.org:587?tls=starttls",
            ),
            (
                "smtp://mail.example.org:25?tls=none",
                "smtp://mail.example.org:25?tls=none",
            ),
            ("smtp://localhost", "smtp://localhost:25?tls=none"),
            ("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025?tls=none"),
            ("smtp://[::1]:1025", "smtp://[::1]:1025?tls=none"),
            (
                "smtp://localhost:1025?tls=starttls",
                "smtp://localhost:1025?tls=starttls",
            ),
            (
                "smtps://me:hunter2@mail.example.org:4650/",
                "smtps://me:***@mail.example.org:4650",
            ),
        ] {
            let server: MailServer = text.parse().unwrap();
            assert_eq!(server.to_string(), shown);
            assert_eq!(format!("{server:?}"), shown);
        }
        let server: MailServer = "smtps://me%40example.org:p%3A%2f%C3%A9@mail.example.org"
            .parse()
            .unwrap();
        let (user, password) = server.login.unwrap();
        assert_eq!(
            (user.as_str(), password.reveal()),
            ("me@example.org", "p:/é")
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, wanted) in [
            ("mail.example.org", BadMailServer::Url),
            ("https://mail.example.org", BadMailServer::Url),
            ("smtp://mail.example.org/inbox", BadMailServer::Url),
            ("smtp://", BadMailServer::Host),
            (
                "smtp://mail.example.org?tls=maybe",
                BadMailServer::Tls("maybe".into()),
            ),
            (
                "smtps://mail.example.org?tls=none",
                BadMailServer::Tls("none".into()),
            ),
            (
                "smtp://mail.example.org?ssl=1",
                BadMailServer::Setting("ssl".into()),
            ),
            ("smtp://me@mail.example.org", BadMailServer::Login),
            ("smtp://me:a%0d%0aQUIT@mail.example.org", BadMailServer::Url),
            ("smtp://me:a%zz@mail.example.org", BadMailServer::Url),
        ] {
            assert_eq!(text.parse::<MailServer>(), Err(wanted), "{text}");
        }
    }
}

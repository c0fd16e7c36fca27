//! The guard in front of every web address that somebody typed.
//!
//! Without leave of the operator a request goes only to public addresses, by
//! https, at a port meant for the web. The setting `outgoing_allow` names hosts
//! and networks for which none of the three holds, such as a company's own ntfy.

use crate::address::{Kind, kind};
use ipnet::IpNet;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};
use url::{Host, Url};

/// Ports browsers never speak HTTP to, from the Fetch standard's “port blocking”,
/// as far as they are above 1023.
const BAD_PORTS: &[u16] = &[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 10080,
];

/// Longest web address that is taken, in bytes.
const URL_MAX: usize = 2_000;

/// Why a web address is not used. Each is a sentence for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It cannot be read, or is of another scheme.
    #[error("this is no web address: it must begin with https://")]
    NotAnAddress,
    /// It is too long.
    #[error("this web address is longer than 2000 characters")]
    TooLong,
    /// It carries a user name or password.
    #[error("a web address must not hold a user name or password; give them in their own fields")]
    Credentials,
    /// Plain http.
    #[error(
        "this web address must begin with https://; plain http is used only for hosts that the operator named in the setting outgoing_allow"
    )]
    PlainHttp,
    /// A port that is not for the web.
    #[error(
        "port {0} is not for the web; the operator can allow the host with the setting outgoing_allow"
    )]
    Port(u16),
    /// It leads away from the public internet.
    #[error(
        "this web address leads to {0}, where Rideout does not send by itself; the operator can allow it with the setting outgoing_allow"
    )]
    Address(Kind),
    /// It leads to our own admin listener.
    #[error("this web address leads to the admin listener of Rideout, where nothing is sent")]
    Own,
}

/// A host or network that the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A network, or one address.
    Network(IpNet),
    /// A host by its name, whatever addresses it has.
    Host(String),
}

/// The text is neither a network nor a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is neither a network such as 10.0.0.0/8, an address such as 127.0.0.1, nor a host such as ntfy.example.org"
)]
pub struct NotAllowed(String);

impl FromStr for Allowed {
    type Err = NotAllowed;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(net) = text.parse::<IpNet>() {
            return Ok(Self::Network(net.trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let named = !text.is_empty() && text.chars().all(good);
        match Host::parse(text) {
            Ok(Host::Domain(name)) if named => Ok(Self::Host(plain_name(&name))),
            _ => Err(NotAllowed(text.chars().take(100).collect())),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(net) => net.fmt(f),
            Self::Host(name) => name.fmt(f),
        }
    }
}

/// Host names are compared without the dot that ends a full one.
fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A web address that can be read and holds nothing it must not.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

/// Decides which web addresses Rideout sends to.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allow: Vec<Allowed>,
    own: Option<SocketAddr>,
}

impl Guard {
    /// A guard with the operator's exceptions.
    #[must_use]
    pub fn new(allow: Vec<Allowed>) -> Self {
        Self { allow, own: None }
    }

    /// Keeps away from our own admin listener, whatever the operator allows: it asks
    /// nobody who they are.
    #[must_use]
    pub fn away_from(self, own: SocketAddr) -> Self {
        Self {
            own: Some(own),
            ..self
        }
    }

    /// Judges a web address as far as possible without asking the network, for
    /// whoever just typed it. A name's addresses are judged when it is used.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn check(&self, url: &str) -> Result<(), Denied> {
        let target = Self::read(url)?;
        match target.host {
            Host::Ipv4(address) => self.admit(&target, address.into()),
            Host::Ipv6(address) => self.admit(&target, address.into()),
            Host::Domain(_) if self.names(&target) => Ok(()),
            // One of the networks allowed may turn out to hold the name.
            Host::Domain(_) if self.allow.iter().any(|a| matches!(a, Allowed::Network(_))) => {
                Ok(())
            }
            Host::Domain(_) => Self::for_the_web(&target),
        }
    }

    /// Reads a web address.
    pub(crate) fn read(url: &str) -> Result<Target, Denied> {
        if url.len() > URL_MAX {
            return Err(Denied::TooLong);
        }
        // The parser would drop them silently.
        if url
            .trim()
            .contains(|c: char| c.is_control() || c.is_whitespace())
        {
            return Err(Denied::NotAnAddress);
        }
        let url = Url::parse(url.trim()).map_err(|_| Denied::NotAnAddress)?;
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Denied::NotAnAddress),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Denied::Credentials);
        }
        let host = url.host().ok_or(Denied::NotAnAddress)?.to_owned();
        let port = url.port_or_known_default().ok_or(Denied::NotAnAddress)?;
        Ok(Target {
            url,
            host,
            port,
            tls,
        })
    }

    /// Whether the target may be reached at this one of its addresses.
    pub(crate) fn admit(&self, target: &Target, address: IpAddr) -> Result<(), Denied> {
        if self
            .own
            .is_some_and(|own| is_own(own, address, target.port))
        {
            return Err(Denied::Own);
        }
        let allowed = self.names(target)
            || self
                .allow
                .iter()
                .any(|a| matches!(a, Allowed::Network(net) if net.contains(&address)));
        if allowed {
            return Ok(());
        }
        match kind(address) {
            Kind::Public => Self::for_the_web(target),
            other => Err(Denied::Address(other)),
        }
    }

    fn names(&self, target: &Target) -> bool {
        let Host::Domain(name) = &target.host else {
            return false;
        };
        let name = plain_name(name);
        self.allow
            .iter()
            .any(|a| matches!(a, Allowed::Host(host) if *host == name))
    }

    fn for_the_web(target: &Target) -> Result<(), Denied> {
        if !target.tls {
            return Err(Denied::PlainHttp);
        }
        let port = target.port;
        if port == 443 || (port > 1023 && !BAD_PORTS.contains(&port)) {
            Ok(())
        } else {
            Err(Denied::Port(port))
        }
    }
}

/// A listener on every address has all of this machine's, and those of loopback all
/// lead to one that is bound to one of them or to all.
fn is_own(own: SocketAddr, address: IpAddr, port: u16) -> bool {
    let address = address.to_canonical();
    let here = own.ip().is_unspecified() || own.ip().is_loopback();
    let local = address.is_loopback() || address.is_unspecified();
    own.port() == port && (own.ip() == address || (here && local))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn guard(allow: &[&str]) -> Guard {
        Guard::new(allow.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn the_table_of_web_addresses() {
        let strict = guard(&[]);
        let private = |url| (url, Err(Denied::Address(Kind::Private)));
        let loopback = |url| (url, Err(Denied::Address(Kind::Loopback)));
        for (url, wanted) in [
            ("https://hooks.example.org/x?y=1", Ok(())),
            ("https://hooks.example.org:8443/x", Ok(())),
            ("https://8.8.8.8/x", Ok(())),
            ("https://[2606:4700:4700::1111]/x", Ok(())),
            ("http://hooks.example.org/x", Err(Denied::PlainHttp)),
            ("https://hooks.example.org:22/x", Err(Denied::Port(22))),
            ("https://hooks.example.org:80/x", Err(Denied::Port(80))),
            ("https://hooks.example.org:6667/x", Err(Denied::Port(6667))),
            ("https://me:pw@hooks.example.org/", Err(Denied::Credentials)),
            ("https://me@hooks.example.org/", Err(Denied::Credentials)),
            ("https://:pw@hooks.example.org/", Err(Denied::Credentials)),
            ("ftp://hooks.example.org/", Err(Denied::NotAnAddress)),
            ("file:///etc/passwd", Err(Denied::NotAnAddress)),
            ("gopher://127.0.0.1:6379/_x", Err(Denied::NotAnAddress)),
            ("javascript:alert(1)", Err(Denied::NotAnAddress)),
            ("//hooks.example.org/", Err(Denied::NotAnAddress)),
            ("hooks.example.org", Err(Denied::NotAnAddress)),
            ("https://", Err(Denied::NotAnAddress)),
            ("", Err(Denied::NotAnAddress)),
            ("https://hooks.example.org/a b", Err(Denied::NotAnAddress)),
            (
                "https://hooks.example.org/a\r\nHost: b",
                Err(Denied::NotAnAddress),
            ),
            // Zone identifiers.
            ("https://[fe80::1%25eth0]/", Err(Denied::NotAnAddress)),
            ("https://[fe80::1%eth0]/", Err(Denied::NotAnAddress)),
            private("https://10.1.2.3/"),
            private("https://192.168.0.1/"),
            loopback("https://127.0.0.1/"),
            // The same address, written otherwise.
            loopback("https://127.1/"),
            loopback("https://2130706433/"),
            loopback("https://0x7f.0.0.1/"),
            loopback("https://0177.0.0.1/"),
            loopback("https://127.0.0.1./"),
            loopback("https://①②⑦.0.0.1/"),
            loopback("https://[::1]/"),
            (
                "https://[::ffff:127.0.0.1]/",
                Err(Denied::Address(Kind::Embedded)),
            ),
            (
                "https://[64:ff9b::7f00:1]/",
                Err(Denied::Address(Kind::Embedded)),
            ),
            (
                "https://169.254.169.254/latest",
                Err(Denied::Address(Kind::LinkLocal)),
            ),
            ("https://100.64.0.1/", Err(Denied::Address(Kind::Shared))),
            ("https://0.0.0.0/", Err(Denied::Address(Kind::Reserved))),
            (
                "https://192.0.2.1/",
                Err(Denied::Address(Kind::Documentation)),
            ),
            ("https://224.0.0.1/", Err(Denied::Address(Kind::Multicast))),
        ] {
            assert_eq!(strict.check(url), wanted, "{url}");
        }
        let long = format!("https://hooks.example.org/{}", "x".repeat(2_000));
        assert_eq!(strict.check(&long), Err(Denied::TooLong));
    }

    #[test]
    fn the_operator_allows_a_network_or_a_host_and_nothing_beside_it() {
        let guard = guard(&["10.1.0.0/16", "NTFY.example.org", "::1", "192.168.7.7"]);
        for url in [
            "http://10.1.2.3:8080/",
            "http://ntfy.example.org/",
            "http://ntfy.example.org.:81/",
            "http://[::1]:22/",
            "https://192.168.7.7/",
        ] {
            assert_eq!(guard.check(url), Ok(()), "{url}");
        }
        for url in [
            "http://10.2.0.1/",
            "http://192.168.7.8/",
            "http://[::ffff:10.1.2.3]/",
            "http://127.0.0.1/",
        ] {
            assert!(guard.check(url).is_err(), "{url}");
        }
        let target = Guard::read("http://sub.ntfy.example.org/").unwrap();
        assert!(guard.admit(&target, "10.2.0.1".parse().unwrap()).is_err());
        assert!(guard.admit(&target, "8.8.8.8".parse().unwrap()).is_err());
        assert!(guard.admit(&target, "10.1.0.1".parse().unwrap()).is_ok());
        // Credentials are never right.
        assert_eq!(
            guard.check("http://a:b@10.1.2.3/"),
            Err(Denied::Credentials)
        );
    }

    #[test]
    fn entries_of_the_list_are_networks_addresses_or_hosts() {
        for (text, wanted) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("fd00::/8", "fd00::/8"),
            ("Ntfy.Example.org.", "ntfy.example.org"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(text.parse::<Allowed>().unwrap().to_string(), wanted);
        }
        for text in [
            "",
            " ",
            "10.0.0.0/33",
            "https://x.org",
            "x.org:80",
            "*.x.org",
            "a b",
        ] {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_is_sent_to_our_own_admin_listener_whatever_is_allowed() {
        let allow = ["127.0.0.0/8", "::1", "0.0.0.0/8", "10.0.0.7", "localhost"];
        let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
        let open = Guard::new(allow);
        let at = |own: &str| open.clone().away_from(own.parse().unwrap());
        for url in [
            "http://127.0.0.1:4001/log-level",
            "http://2130706433:4001/",
            "http://[::1]:4001/",
            "http://127.9.9.9:4001/",
            "http://0.0.0.0:4001/",
        ] {
            assert_eq!(open.check(url), Ok(()), "{url}");
            assert_eq!(at("127.0.0.1:4001").check(url), Err(Denied::Own), "{url}");
            assert_eq!(at("0.0.0.0:4001").check(url), Err(Denied::Own), "{url}");
            assert_eq!(at("127.0.0.1:4002").check(url), Ok(()), "{url}");
        }
        assert_eq!(
            at("10.0.0.7:4001").check("http://10.0.0.7:4001/"),
            Err(Denied::Own)
        );
        assert_eq!(at("10.0.0.7:4001").check("http://10.0.0.7:8080/"), Ok(()));
        let target = Guard::read("http://localhost:4001/").unwrap();
        let loopback = "127.0.0.1".parse().unwrap();
        assert_eq!(
            at("127.0.0.1:4001").admit(&target, loopback),
            Err(Denied::Own)
        );
    }

    proptest! {
        #[test]
        fn whatever_the_text_it_never_panics_and_never_admits_a_private_address(url in ".{0,80}", bits: u32) {
            let strict = Guard::default();
            let ip: IpAddr = std::net::Ipv4Addr::from_bits(bits).into();
            if let Ok(target) = Guard::read(&url) && kind(ip) != Kind::Public {
                prop_assert!(strict.admit(&target, ip).is_err());
            }
            let _ = strict.check(&url);
        }

        #[test]
        fn a_literal_address_is_judged_like_the_address(bits: u32, bits6: u128) {
            let strict = Guard::default();
            let v4 = std::net::Ipv4Addr::from_bits(bits);
            let ok = kind(v4.into()) == Kind::Public;
            prop_assert_eq!(strict.check(&format!("https://{v4}/")).is_ok(), ok);
            prop_assert_eq!(strict.check(&format!("https://{bits}/")).is_ok(), ok);
            let v6 = std::net::Ipv6Addr::from_bits(bits6);
            prop_assert_eq!(strict.check(&format!("https://[{v6}]/")).is_ok(), kind(v6.into()) == Kind::Public);
        }
    }
}

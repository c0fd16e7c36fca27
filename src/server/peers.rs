//! Who holds how many connections.
//!
//! One machine can open more connections than there are places, and keep each
//! by sending next to nothing. It may have half of them; the rest is for others.

use crate::config::network::Network;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Connections by where they come from. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Peers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    /// Many people come through these.
    proxies: Box<[Network]>,
    open: Mutex<HashMap<u64, usize>>,
}

/// A connection that counts until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    peers: Arc<Inner>,
    from: u64,
}

impl Peers {
    /// Half of so many places for everybody but this machine and these proxies.
    #[must_use]
    pub(super) fn new(places: usize, proxies: &[Network]) -> Self {
        Self(Arc::new(Inner {
            most: (places / 2).max(1),
            proxies: proxies.into(),
            open: Mutex::default(),
        }))
    }

    /// Counts a connection; none when its sender has too many. `Ok(None)` is
    /// not counted.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Option<Held>, TooMany> {
        let address = address.to_canonical();
        let shared = self.0.proxies.iter().any(|proxy| proxy.contains(address));
        if shared || address.is_loopback() {
            return Ok(None);
        }
        let from = customer(address);
        let mut open = self.0.open();
        let count = open.entry(from).or_default();
        if *count >= self.0.most {
            return Err(TooMany);
        }
        *count += 1;
        drop(open);
        Ok(Some(Held {
            peers: Arc::clone(&self.0),
            from,
        }))
    }
}

/// The sender has all the connections it may have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Inner {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = self.peers.open();
        if let Some(count) = open.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.from);
            }
        }
    }
}

/// With IPv6, one customer has a network of 64 bits. Its upper half is no
/// IPv4 address: none in use begins with 32 bits of nought.
fn customer(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(four) => four.to_bits().into(),
        IpAddr::V6(six) => (six.to_bits() >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::{Peers, TooMany};
    use std::net::IpAddr;

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn one_machine_cannot_hold_every_connection() {
        let peers = Peers::new(4, &[]);
        let mut held: Vec<_> = (0..2)
            .map(|_| peers.enter(at("203.0.113.9")).unwrap())
            .collect();
        assert_eq!(peers.enter(at("203.0.113.9")).unwrap_err(), TooMany);
        assert_eq!(peers.enter(at("::ffff:203.0.113.9")).unwrap_err(), TooMany);
        assert!(peers.enter(at("203.0.113.10")).is_ok());
        held.pop();
        assert!(peers.enter(at("203.0.113.9")).is_ok());
        drop(held);
        assert!(peers.0.open().is_empty());
    }

    #[test]
    fn an_ipv6_customer_is_one_machine() {
        let peers = Peers::new(2, &[]);
        let _held = peers.enter(at("2001:db8:1:2::1")).unwrap();
        assert!(peers.enter(at("2001:db8:1:2:ffff::9")).is_err());
        assert!(peers.enter(at("2001:db8:1:3::1")).is_ok());
    }

    #[test]
    fn proxies_and_this_machine_stand_for_many() {
        let peers = Peers::new(2, &["10.0.0.0/8".parse().unwrap()]);
        for address in ["10.1.2.3", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            for _ in 0..9 {
                assert!(peers.enter(at(address)).unwrap().is_none(), "{address}");
            }
        }
    }
}

//! Which addresses belong to the public internet.
//!
//! The tables follow IANA's registries of special-purpose addresses for IPv4 and
//! IPv6 (RFC 6890 and its updates). Of IPv6 only the global unicast block is
//! taken, without its special parts.

use ipnet::{Ipv4Net, Ipv6Net};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The public internet.
    Public,
    /// The machine itself.
    Loopback,
    /// A private network.
    Private,
    /// The addresses between a provider and its customers (RFC 6598).
    Shared,
    /// One cable or wireless network, metadata services of clouds included.
    LinkLocal,
    /// Many receivers at once.
    Multicast,
    /// Examples in documents.
    Documentation,
    /// Another address in disguise: IPv4 inside IPv6.
    Embedded,
    /// Reserved, or not in use.
    Reserved,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "the machine that Rideout runs on",
            Self::Private => "a private address",
            Self::Shared => "a provider's internal address",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
            Self::Documentation => "an address for documentation",
            Self::Embedded => "an IPv4 address inside an IPv6 one",
            Self::Reserved => "a reserved address",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

const SPECIAL_V4: &[(Ipv4Net, Kind)] = &[
    (v4(0, 0, 0, 8), Kind::Reserved),
    (v4(10, 0, 0, 8), Kind::Private),
    (v4(100, 64, 0, 10), Kind::Shared),
    (v4(127, 0, 0, 8), Kind::Loopback),
    (v4(169, 254, 0, 16), Kind::LinkLocal),
    (v4(172, 16, 0, 12), Kind::Private),
    (v4(192, 0, 0, 24), Kind::Reserved),
    (v4(192, 0, 2, 24), Kind::Documentation),
    (v4(192, 88, 99, 24), Kind::Reserved),
    (v4(192, 168, 0, 16), Kind::Private),
    (v4(198, 18, 0, 15), Kind::Reserved),
    (v4(198, 51, 100, 24), Kind::Documentation),
    (v4(203, 0, 113, 24), Kind::Documentation),
    (v4(224, 0, 0, 4), Kind::Multicast),
    (v4(240, 0, 0, 4), Kind::Reserved),
];

const LOOPBACK_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128);
const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);
const COMPATIBLE: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 96);
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);

const SPECIAL_V6: &[(Ipv6Net, Kind)] = &[
    (LOOPBACK_V6, Kind::Loopback),
    (MAPPED, Kind::Embedded),
    (COMPATIBLE, Kind::Reserved),
    // NAT64 (RFC 6052, RFC 8215).
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
        Kind::Embedded,
    ),
    (v6(0x64, 0xff9b, 1, 48), Kind::Embedded),
    // Protocol assignments, Teredo among them.
    (v6(0x2001, 0, 0, 23), Kind::Reserved),
    (v6(0x2001, 0xdb8, 0, 32), Kind::Documentation),
    // 6to4.
    (v6(0x2002, 0, 0, 16), Kind::Embedded),
    (v6(0x3fff, 0, 0, 20), Kind::Documentation),
    (v6(0xfc00, 0, 0, 7), Kind::Private),
    (v6(0xfe80, 0, 0, 10), Kind::LinkLocal),
    (v6(0xfec0, 0, 0, 10), Kind::Private),
    (v6(0xff00, 0, 0, 8), Kind::Multicast),
];

/// What an address is for.
#[must_use]
pub fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => SPECIAL_V4
            .iter()
            .find(|(net, _)| net.contains(&address))
            .map_or(Kind::Public, |(_, kind)| *kind),
        IpAddr::V6(address) => SPECIAL_V6
            .iter()
            .find(|(net, _)| net.contains(&address))
            .map(|(_, kind)| *kind)
            .unwrap_or(if GLOBAL_UNICAST.contains(&address) {
                Kind::Public
            } else {
                Kind::Reserved
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_addresses() {
        for (text, wanted) in [
            ("8.8.8.8", Kind::Public),
            ("1.1.1.1", Kind::Public),
            ("9.255.255.255", Kind::Public),
            ("11.0.0.0", Kind::Public),
            ("172.15.255.255", Kind::Public),
            ("172.32.0.0", Kind::Public),
            ("192.167.255.255", Kind::Public),
            ("192.169.0.0", Kind::Public),
            ("100.63.255.255", Kind::Public),
            ("100.128.0.0", Kind::Public),
            ("169.253.255.255", Kind::Public),
            ("198.17.255.255", Kind::Public),
            ("198.20.0.0", Kind::Public),
            ("223.255.255.255", Kind::Public),
            ("0.0.0.0", Kind::Reserved),
            ("0.1.2.3", Kind::Reserved),
            ("10.0.0.0", Kind::Private),
            ("10.255.255.255", Kind::Private),
            ("100.64.0.0", Kind::Shared),
            ("100.127.255.255", Kind::Shared),
            ("127.0.0.1", Kind::Loopback),
            ("127.255.255.254", Kind::Loopback),
            ("169.254.169.254", Kind::LinkLocal),
            ("172.16.0.0", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("192.0.0.170", Kind::Reserved),
            ("192.0.2.1", Kind::Documentation),
            ("192.88.99.1", Kind::Reserved),
            ("192.168.0.1", Kind::Private),
            ("198.18.0.1", Kind::Reserved),
            ("198.19.255.255", Kind::Reserved),
            ("198.51.100.7", Kind::Documentation),
            ("203.0.113.255", Kind::Documentation),
            ("224.0.0.1", Kind::Multicast),
            ("239.255.255.255", Kind::Multicast),
            ("240.0.0.1", Kind::Reserved),
            ("255.255.255.255", Kind::Reserved),
            ("2606:4700:4700::1111", Kind::Public),
            ("2a00:1450:4001::200e", Kind::Public),
            ("2001:200::1", Kind::Public),
            ("::", Kind::Reserved),
            ("::1", Kind::Loopback),
            ("::2", Kind::Reserved),
            ("::127.0.0.1", Kind::Reserved),
            ("::ffff:127.0.0.1", Kind::Embedded),
            ("::ffff:8.8.8.8", Kind::Embedded),
            ("::ffff:0:127.0.0.1", Kind::Reserved),
            ("64:ff9b::7f00:1", Kind::Embedded),
            ("64:ff9b::808:808", Kind::Embedded),
            ("64:ff9b:1::1", Kind::Embedded),
            ("100::1", Kind::Reserved),
            ("2001::1", Kind::Reserved),
            ("2001:20::1", Kind::Reserved),
            ("2001:db8::1", Kind::Documentation),
            ("2002:7f00:1::", Kind::Embedded),
            ("3fff:fff::1", Kind::Documentation),
            ("5f00::1", Kind::Reserved),
            ("fc00::1", Kind::Private),
            ("fd12:3456::1", Kind::Private),
            ("fe80::1", Kind::LinkLocal),
            ("fec0::1", Kind::Private),
            ("ff02::1", Kind::Multicast),
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(kind(address), wanted, "{text}");
        }
    }

    proptest! {
        /// The standard library's own judgement, where it has one, is never looser.
        #[test]
        fn nothing_the_standard_library_calls_special_is_public(bits: u32) {
            let ip = Ipv4Addr::from_bits(bits);
            let special = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast()
                || ip.is_documentation() || ip.is_broadcast() || ip.is_unspecified();
            prop_assert!(!special || kind(IpAddr::V4(ip)) != Kind::Public);
        }

        #[test]
        fn no_disguise_of_an_ipv4_address_is_public(bits: u32) {
            let mapped = Ipv4Addr::from_bits(bits).to_ipv6_mapped();
            let compatible = Ipv6Addr::from_bits(u128::from(bits));
            let nat64 = Ipv6Addr::from_bits((0x64_ff9b_u128 << 96) | u128::from(bits));
            let six_to_four = Ipv6Addr::from_bits((0x2002_u128 << 112) | (u128::from(bits) << 80));
            let teredo = Ipv6Addr::from_bits((0x2001_0000_u128 << 96) | u128::from(!bits));
            for disguise in [mapped, compatible, nat64, six_to_four, teredo] {
                prop_assert_ne!(kind(IpAddr::V6(disguise)), Kind::Public, "{}", disguise);
            }
        }

        #[test]
        fn only_global_unicast_is_public(bits: u128) {
            let public = kind(IpAddr::V6(Ipv6Addr::from_bits(bits))) == Kind::Public;
            prop_assert!(!public || bits >> 125 == 1);
        }
    }
}

//! Authorities that are trusted besides the usual ones.

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// Certificates whose signatures are trusted, beside the roots of Mozilla.
#[derive(Debug, Clone, Default)]
pub struct Authorities(pub(crate) Vec<CertificateDer<'static>>);

/// The text holds no certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it holds no certificate in PEM, or one that cannot be an authority")]
pub struct NotAuthorities;

impl Authorities {
    /// The certificates of a PEM file, at least one.
    ///
    /// # Errors
    /// [`NotAuthorities`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, NotAuthorities> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match found {
            Ok(found) if !found.is_empty() => {
                let mut roots = rustls::RootCertStore::empty();
                for one in &found {
                    roots.add(one.clone()).map_err(|_| NotAuthorities)?;
                }
                Ok(Self(found))
            }
            _ => Err(NotAuthorities),
        }
    }

    /// TLS 1.2 and 1.3 with ring that trusts these, for a protocol of those names.
    /// Without a chosen provider a second one anywhere in the program would make the
    /// choice ambiguous, which rustls answers by a panic.
    pub(crate) fn connector(&self, protocols: &[&[u8]]) -> Result<TlsConnector, rustls::Error> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        for authority in &self.0 {
            roots.add(authority.clone())?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certificates_are_taken() {
        for bad in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n",
        ] {
            assert!(Authorities::from_pem(bad.as_bytes()).is_err(), "{bad}");
        }
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        assert_eq!(Authorities::from_pem(pem.as_bytes()).unwrap().0.len(), 1);
        let two = format!("{pem}{pem}");
        assert_eq!(Authorities::from_pem(two.as_bytes()).unwrap().0.len(), 2);
    }
}

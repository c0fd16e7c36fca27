//! Secrets that are shown once and stored as a hash.

use crate::{Error, IdSource};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A secret of 256 random bits: the text to show once, and what is stored.
///
/// # Errors
/// [`Error::Internal`] when the system has no randomness.
pub(crate) fn make(ids: &dyn IdSource, prefix: &str) -> Result<(String, Vec<u8>), Error> {
    let mut bytes = [0; 32];
    ids.fill(&mut bytes).map_err(Error::internal)?;
    let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = hash(&text);
    Ok((text, hash))
}

/// What is stored of a secret. SHA-256 suffices: 256 random bits cannot be guessed.
pub(crate) fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

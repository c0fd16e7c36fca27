//! Hashing passwords with argon2id, off the async threads.

use super::password::MAX;
use crate::{Error, IdSource};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

// OWASP's recommendation for argon2id of 2023: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Matches no password. Checking it takes as long as checking a real one, so
/// that time does not tell which addresses have an account.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Rm9yIG5vYm9keSBhdCBhbA$\
                     dGhpcyBpcyBub3QgdGhlIGhhc2ggb2YgYW55IHdvcmQ";

/// Attempts that may wait for their turn; more are turned away.
const QUEUE: usize = 256;

/// What comparing a password with a stored one gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// It is the right one.
    pub(crate) right: bool,
    /// It should be hashed anew, with the parameters of today.
    pub(crate) outdated: bool,
}

/// Hashes and compares passwords, a few at a time: each takes a core and 19 MiB
/// for tens of milliseconds, and pages have to be served meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores.div_ceil(2))),
            waiting: Arc::default(),
        }
    }
}

/// The right to hash. It stays with the work even if the asker goes away.
#[derive(Debug)]
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Hasher {
    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(&self.waiting);
        if before >= QUEUE {
            return Err(Error::Busy);
        }
        Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map(|permit| Turn { _permit: permit })
            .map_err(Error::internal)
    }

    /// Hashes a password that was accepted by [`check`](super::password::check).
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub(crate) async fn hash(&self, ids: &dyn IdSource, password: &str) -> Result<String, Error> {
        self.turn()
            .await?
            .hash(ids, password)
            .await
            .map(|(_, hash)| hash)
    }
}

impl Turn {
    /// Hashes a password and gives the turn back.
    pub(crate) async fn hash(
        self,
        ids: &dyn IdSource,
        password: &str,
    ) -> Result<(Self, String), Error> {
        let mut salt = [0; 16];
        ids.fill(&mut salt).map_err(Error::internal)?;
        let password = password.to_owned();
        let work = spawn_blocking(move || {
            let hash = argon2()?
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(Error::internal)?;
            Ok::<_, Error>((self, hash.to_string()))
        });
        work.await.map_err(Error::internal)?
    }

    /// Compares a password with the stored hash, or with none, and gives the turn back.
    pub(crate) async fn compare(
        self,
        password: &str,
        stored: Option<String>,
    ) -> Result<(Self, Verdict), Error> {
        // What nobody could have chosen need not be hashed in full.
        let password: String = password.chars().take(MAX + 1).collect();
        let work = spawn_blocking(move || {
            let known = stored.is_some();
            let hash =
                PasswordHash::new(stored.as_deref().unwrap_or(DECOY)).map_err(Error::internal)?;
            let right = argon2()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
                && known;
            Ok::<_, Error>((
                self,
                Verdict {
                    right,
                    outdated: known && is_outdated(&hash),
                },
            ))
        });
        work.await.map_err(Error::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn is_outdated(hash: &PasswordHash) -> bool {
    let same = Params::try_from(hash).is_ok_and(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
    });
    !same || hash.algorithm.as_str() != "argon2id" || hash.version != Some(Version::V0x13.into())
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use crate::clock::SeededIds;

    #[test]
    fn the_decoy_is_a_hash_of_today_that_nothing_matches() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        assert!(!is_outdated(&decoy));
        assert!(decoy.salt.is_some() && decoy.hash.is_some_and(|hash| hash.len() == 32));
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = Hasher::default();
        let ids = SeededIds::new(1);
        let hash = hasher.hash(&ids, "eight of thirty-two").await.unwrap();
        assert_ne!(
            hash,
            hasher.hash(&ids, "eight of thirty-two").await.unwrap(),
            "salted"
        );
        let compare = async |password: &str, stored: Option<String>| {
            hasher
                .turn()
                .await
                .unwrap()
                .compare(password, stored)
                .await
                .unwrap()
                .1
        };
        let right = Verdict {
            right: true,
            outdated: false,
        };
        assert_eq!(
            compare("eight of thirty-two", Some(hash.clone())).await,
            right
        );
        assert!(
            !compare("eight of thirty-one", Some(hash.clone()))
                .await
                .right
        );
        assert!(!compare("eight of thirty-two", None).await.right);
        assert!(!compare("for nobody at al", None).await.right);
        let long = "x".repeat(MAX);
        let hash = hasher.hash(&ids, &long).await.unwrap();
        assert!(compare(&long, Some(hash.clone())).await.right);
        assert!(!compare(&format!("{long}x"), Some(hash)).await.right);
    }

    #[tokio::test]
    async fn too_many_who_wait_are_turned_away() {
        let hasher = Hasher::default();
        let cores = hasher.turns.available_permits();
        let mut held = Vec::new();
        for _ in 0..cores {
            held.push(hasher.turn().await.unwrap());
        }
        let mut waiting = Vec::new();
        for _ in 0..QUEUE {
            let mut turn = Box::pin(hasher.turn());
            assert!(futures::poll!(turn.as_mut()).is_pending());
            waiting.push(turn);
        }
        assert!(matches!(hasher.turn().await, Err(Error::Busy)));
        drop(waiting);
        drop(held);
        assert!(hasher.turn().await.is_ok());
    }
}

//! Who was recognised a moment ago, so that a page with its pictures and live
//! updates does not ask the database each time who is looking.
//!
//! Right because it forgets: everything this process changes about accounts
//! makes it forget all, and what another process changed shows within
//! [`FRESH_SECONDS`].

use crate::{Error, db::Row};
use quick_cache::sync::Cache;
use rideout_domain::{Actor, Role, Timestamp, UserId};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// How long somebody recognised stays so without a look into the database.
const FRESH_SECONDS: i64 = 2;
/// How often the use of a session or token is written down.
pub(crate) const TOUCH_SECONDS: i64 = 60;

/// What a secret is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A browser's session.
    Session,
    /// A program's token.
    Token,
}

/// Whom a secret belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    /// The session or token.
    pub(crate) id: Uuid,
    /// The person.
    pub(crate) user: UserId,
    /// The person's name.
    pub(crate) name: String,
    /// The person's role.
    pub(crate) role: Role,
    /// When the secret ceases to be good.
    pub(crate) expires_at: Timestamp,
}

impl Holder {
    /// Columns `id`, `user_id`, `name` and `role`.
    pub(crate) fn from_row(row: &Row, expires_at: Timestamp) -> Result<Self, Error> {
        Ok(Self {
            id: row.uuid("id")?,
            user: UserId(row.uuid("user_id")?),
            name: row.text("name")?,
            role: row.text("role")?.parse().map_err(Error::internal)?,
            expires_at,
        })
    }

    pub(crate) fn actor(&self, address: &str) -> Actor {
        Actor {
            id: self.user,
            name: self.name.clone(),
            role: self.role,
            address: address.to_owned(),
        }
    }
}

#[derive(Debug, Clone)]
struct Kept {
    kind: Kind,
    holder: Holder,
    generation: u64,
    read_at: Timestamp,
}

/// Recognised holders of secrets, by the hash of the secret.
#[derive(Debug)]
pub(crate) struct Known {
    holders: Cache<Vec<u8>, Kept>,
    touched: Cache<Uuid, Timestamp>,
    generation: AtomicU64,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            holders: Cache::new(4_096),
            touched: Cache::new(4_096),
            generation: AtomicU64::new(0),
        }
    }
}

/// The state of accounts before a read of the database; what changes meanwhile
/// makes the result of the read unfit to be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Generation(u64);

impl Known {
    /// To be called before the database is read.
    pub(crate) fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::SeqCst))
    }

    /// Who holds this secret, if that was read a moment ago.
    pub(crate) fn get(&self, kind: Kind, hash: &[u8], now: Timestamp) -> Option<Holder> {
        let kept = self.holders.get(hash)?;
        let age = now.0.saturating_sub(kept.read_at.0);
        let fresh =
            (0..FRESH_SECONDS * 1_000_000).contains(&age) && kept.generation == self.generation().0;
        (fresh && kept.kind == kind && now < kept.holder.expires_at).then_some(kept.holder)
    }

    /// Remembers what was read.
    pub(crate) fn keep(
        &self,
        kind: Kind,
        hash: Vec<u8>,
        holder: Holder,
        read: (Generation, Timestamp),
    ) {
        let (Generation(generation), read_at) = read;
        self.holders.insert(
            hash,
            Kept {
                kind,
                holder,
                generation,
                read_at,
            },
        );
    }

    /// Whether the use should be written down now; true at most once in
    /// [`TOUCH_SECONDS`] for the same session or token.
    pub(crate) fn touch(&self, id: Uuid, last: Timestamp, now: Timestamp) -> bool {
        let due = |last: Timestamp| now.seconds_since(last) >= TOUCH_SECONDS;
        if !due(last) || self.touched.get(&id).is_some_and(|asked| !due(asked)) {
            return false;
        }
        self.touched.insert(id, now);
        true
    }

    /// Forgets everybody when the guard is dropped, which is after the change
    /// was committed, or given up.
    pub(crate) fn forget_after(&self) -> Forget<'_> {
        Forget(self)
    }
}

/// See [`Known::forget_after`].
#[derive(Debug)]
pub(crate) struct Forget<'a>(&'a Known);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.0.generation.fetch_add(1, Ordering::SeqCst);
    }
}

//! The service: what every use case works with.

use crate::{
    clock::{Clock, IdSource, SystemClock, SystemIds},
    db::Db,
    room::RoomCache,
};
use rideout_domain::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// What the operator may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Days after which an unused session ends.
    pub session_days: i64,
    /// Judges web addresses that people type.
    pub guard: rideout_channels::Guard,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_days: 14,
            guard: rideout_channels::Guard::default(),
        }
    }
}

/// The use cases of Rideout. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of identifiers and secrets.
    pub ids: Arc<dyn IdSource>,
    /// What the operator may set.
    pub settings: Arc<Settings>,
    pub(crate) rooms: RoomCache,
    pub(crate) accounts: crate::account::Accounts,
    pub(crate) watch: crate::stall::Watches,
}

impl Service {
    /// A service on a database, with the machine's clock and randomness.
    #[must_use]
    pub fn new(db: Db, settings: Settings) -> Self {
        Self::with(db, settings, Arc::new(SystemClock), Arc::new(SystemIds))
    }

    /// A service with its own clock and identifiers.
    #[must_use]
    pub fn with(db: Db, settings: Settings, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self {
            db,
            clock,
            ids,
            settings: Arc::new(settings),
            rooms: RoomCache::default(),
            accounts: crate::account::Accounts::default(),
            watch: crate::stall::Watches::default(),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ids.uuid(self.now())
    }
}

//! Counters of the storage layer, for `/state` and `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the storage layer is doing and has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DbStats {
    /// Operations that wait for the writer. Always 0 on PostgreSQL.
    pub queue_depth: u64,
    /// Operations that committed.
    pub operations: u64,
    /// Operations that were rolled back.
    pub failed_operations: u64,
    /// Commits. Smaller than `operations` if they were grouped.
    pub commits: u64,
    /// Commits that failed; none of their operations was saved.
    pub failed_commits: u64,
    /// Operations in the last commit.
    pub last_batch: u64,
    /// Operations in the largest commit.
    pub max_batch: u64,
    /// How often the writer's connection was opened anew after an error.
    pub reopened: u64,
    /// How often the listener of the live bus lost its connection. PostgreSQL only.
    pub bus_reconnects: u64,
    /// Connections now reading.
    pub readers_in_use: u32,
    /// Connections there may be for reading.
    pub readers: u32,
    /// Connections now writing. On SQLite there is one, the writer's, not counted here.
    pub writers_in_use: u32,
    /// Connections there may be for writing.
    pub writers: u32,
    /// Those who listen to the live bus.
    pub subscribers: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) operations: AtomicU64,
    pub(super) failed_operations: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) failed_commits: AtomicU64,
    pub(super) last_batch: AtomicU64,
    pub(super) max_batch: AtomicU64,
    pub(super) reopened: AtomicU64,
    pub(super) bus_reconnects: AtomicU64,
}

impl Counters {
    pub(super) fn committed(&self, operations: u64) {
        self.commits.fetch_add(1, Relaxed);
        self.operations.fetch_add(operations, Relaxed);
        self.last_batch.store(operations, Relaxed);
        self.max_batch.fetch_max(operations, Relaxed);
    }

    pub(super) fn lost(&self, operations: u64) {
        self.failed_commits.fetch_add(1, Relaxed);
        self.failed_operations.fetch_add(operations, Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed_operations.fetch_add(1, Relaxed);
    }

    pub(super) fn snapshot(&self) -> DbStats {
        DbStats {
            operations: self.operations.load(Relaxed),
            failed_operations: self.failed_operations.load(Relaxed),
            commits: self.commits.load(Relaxed),
            failed_commits: self.failed_commits.load(Relaxed),
            last_batch: self.last_batch.load(Relaxed),
            max_batch: self.max_batch.load(Relaxed),
            reopened: self.reopened.load(Relaxed),
            bus_reconnects: self.bus_reconnects.load(Relaxed),
            ..DbStats::default()
        }
    }
}

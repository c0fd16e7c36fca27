//! Counts of the hub, for `/state` and `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the hub has done and is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct HubStats {
    /// Streams open now.
    pub viewers: usize,
    /// Incidents that somebody watches now.
    pub incidents: usize,
    /// Entries rendered for streams.
    pub entries: u64,
    /// Times the bytes of one or more entries were handed to all viewers of an incident.
    pub frames: u64,
    /// Times a stream fell behind and had to load again.
    pub lagged: u64,
    /// Times the bus fell behind and everything was looked at again.
    pub resyncs: u64,
    /// Streams refused because one person had too many.
    pub refused: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    entries: AtomicU64,
    frames: AtomicU64,
    lagged: AtomicU64,
    resyncs: AtomicU64,
    refused: AtomicU64,
}

impl Counters {
    pub(super) fn sent(&self, entries: u64) {
        self.entries.fetch_add(entries, Relaxed);
        self.frames.fetch_add(1, Relaxed);
        metrics::counter!("rideout_live_events_total").increment(entries.max(1));
    }

    pub(super) fn lagged(&self) {
        self.lagged.fetch_add(1, Relaxed);
        metrics::counter!("rideout_live_lagged_total").increment(1);
    }

    pub(super) fn resynced(&self) {
        self.resyncs.fetch_add(1, Relaxed);
        metrics::counter!("rideout_live_resyncs_total").increment(1);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
        metrics::counter!("rideout_live_refused_total").increment(1);
    }

    pub(super) fn read(&self, viewers: usize, incidents: usize) -> HubStats {
        HubStats {
            viewers,
            incidents,
            entries: self.entries.load(Relaxed),
            frames: self.frames.load(Relaxed),
            lagged: self.lagged.load(Relaxed),
            resyncs: self.resyncs.load(Relaxed),
            refused: self.refused.load(Relaxed),
        }
    }
}

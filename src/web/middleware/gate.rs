//! How many requests are worked on at a time.
//!
//! Under an avalanche it is better to answer some quickly and ask others to
//! come back than to answer all too late.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// How long a request may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// Lets in so many at a time.
#[derive(Debug)]
pub struct Gate {
    places: Semaphore,
    size: usize,
    waiting: AtomicU64,
    turned_away: AtomicU64,
}

impl Gate {
    /// A gate with this many places.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            places: Semaphore::new(size),
            size,
            waiting: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        }
    }

    /// Waits for a place, for a moment; none when there are too many others.
    pub async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(permit) = self.places.try_acquire() {
            return Some(permit);
        }
        let _waits = Waits::new(&self.waiting);
        let entered = match timeout(PATIENCE, self.places.acquire()).await {
            Ok(Ok(permit)) => Some(permit),
            _ => None,
        };
        if entered.is_none() {
            self.turned_away.fetch_add(1, Relaxed);
        }
        entered
    }

    /// Requests worked on now.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.size.saturating_sub(self.places.available_permits())
    }

    /// Requests that wait for a place.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// Requests turned away since the start.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Relaxed)
    }
}

/// Counted even when the wait is broken off.
struct Waits<'a>(&'a AtomicU64);

impl<'a> Waits<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_turned_away() {
        let gate = Gate::new(1);
        let first = gate.enter().await.unwrap();
        assert_eq!(gate.inside(), 1);
        assert!(gate.enter().await.is_none());
        assert_eq!((gate.turned_away(), gate.waiting()), (1, 0));
        drop(first);
        assert!(gate.enter().await.is_some());
    }
}

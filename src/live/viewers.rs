//! Who watches: one record for each open stream.

use rideout_domain::{Actor, IncidentId, UserId};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

/// What a viewer showed at the door, to be looked at again later.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// The browser's session.
    Session(Box<str>),
    /// A program's token.
    Token(Box<str>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "a session",
            Self::Token(_) => "a token",
        })
    }
}

/// One open stream.
#[derive(Debug)]
pub(super) struct Viewer {
    pub(super) number: u64,
    pub(super) incident: IncidentId,
    pub(super) user: UserId,
    pub(super) credential: Credential,
    pub(super) address: Box<str>,
    /// Whether it is a page in front of somebody, and not a program.
    pub(super) is_page: bool,
    closed: AtomicBool,
    checked: AtomicU64,
}

impl Viewer {
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Relaxed);
    }

    /// Notes at which tick the viewer was judged.
    pub(super) fn judged(&self, tick: u64) {
        self.checked.store(tick, Relaxed);
    }
}

/// Every open stream.
#[derive(Debug, Default)]
pub(super) struct Viewers(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    all: HashMap<u64, Arc<Viewer>>,
    by_user: HashMap<UserId, u32>,
}

impl Viewers {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in, unless they have too many streams open.
    pub(super) fn enter(
        &self,
        incident: IncidentId,
        actor: &Actor,
        credential: Credential,
        is_page: bool,
        most: u32,
        tick: u64,
    ) -> Option<Arc<Viewer>> {
        let mut inner = self.lock();
        let open = inner.by_user.entry(actor.id).or_default();
        if *open >= most {
            return None;
        }
        *open += 1;
        inner.next += 1;
        let viewer = Arc::new(Viewer {
            number: inner.next,
            incident,
            user: actor.id,
            credential,
            address: actor.address.as_str().into(),
            is_page,
            closed: AtomicBool::new(false),
            checked: AtomicU64::new(tick),
        });
        inner.all.insert(viewer.number, Arc::clone(&viewer));
        Some(viewer)
    }

    pub(super) fn leave(&self, viewer: &Viewer) {
        let mut inner = self.lock();
        if inner.all.remove(&viewer.number).is_some()
            && let Some(open) = inner.by_user.get_mut(&viewer.user)
        {
            *open -= 1;
            if *open == 0 {
                inner.by_user.remove(&viewer.user);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.lock().all.len()
    }

    /// The viewers that fit.
    pub(super) fn which(&self, fits: impl Fn(&Viewer) -> bool) -> Vec<Arc<Viewer>> {
        self.lock()
            .all
            .values()
            .filter(|v| fits(v))
            .cloned()
            .collect()
    }

    /// Some of those that were not judged since a tick.
    pub(super) fn unjudged_since(&self, tick: u64, most: usize) -> Vec<Arc<Viewer>> {
        let inner = self.lock();
        let old = inner
            .all
            .values()
            .filter(|v| !v.is_closed() && v.checked.load(Relaxed) < tick);
        old.take(most).cloned().collect()
    }

    /// Everybody with a page open, and in which room.
    pub(super) fn people(&self) -> std::collections::HashSet<(IncidentId, UserId)> {
        self.lock()
            .all
            .values()
            .filter(|v| v.is_page)
            .map(|v| (v.incident, v.user))
            .collect()
    }
}

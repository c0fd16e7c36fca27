//! Escalations, pages and messages.
//!
//! An escalation calls level after level of a policy; a page calls one person once;
//! a message takes a page through one route. Rows of all three and the entries on
//! the timeline are written in one transaction with their cause, so that "paged"
//! and "gone on" cannot come apart. The engine of the server then claims messages,
//! sends them, and settles what each came to.
//!
//! Every step begins by holding the incident's row, so that steps of one incident
//! happen one after the other, on every node.

pub(crate) mod acknowledge;
mod callee;
mod claim;
pub(crate) mod entry;
pub(crate) mod escalate;
mod heartbeat;
mod link;
mod onward;
pub(crate) mod person;
mod settle;
mod test;
mod view;
pub(crate) mod watch;

pub use claim::{Body, Claimed};
pub use escalate::{Escalated, NewEscalation};
pub use heartbeat::{Beat, Node, Waiting};
pub use link::{AboutRoute, Bundled, LinkAction, LinkState, OpenedLink};
pub use person::{Paged, Reason};
pub use view::{EnginePage, MessageLine, OpenPage};

use crate::{Error, IdSource, Service, db::Sql};
use rideout_domain::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// The statements of this area.
pub(crate) const STATEMENTS: &[&[Sql]] = &[
    acknowledge::ALL,
    callee::ALL,
    claim::ALL,
    escalate::ALL,
    heartbeat::ALL,
    link::ALL,
    onward::ALL,
    person::ALL,
    settle::ALL,
    test::ALL,
    view::ALL,
    watch::ALL,
];

/// One moment, and identifiers made in it: a step of an escalation needs as many
/// as it calls people.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) now: Timestamp,
    ids: Arc<dyn IdSource>,
}

impl Stamp {
    pub(crate) fn id(&self) -> Uuid {
        self.ids.uuid(self.now)
    }

    /// A random number from 0 to 999, to spread what is tried again.
    pub(crate) fn jitter(&self) -> Result<u32, Error> {
        let mut bytes = [0; 2];
        self.ids.fill(&mut bytes).map_err(Error::internal)?;
        Ok(u32::from(u16::from_le_bytes(bytes)) % 1_000)
    }
}

impl Service {
    /// This moment, for a step that makes identifiers as it goes.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            now: self.now(),
            ids: Arc::clone(&self.ids),
        }
    }
}

//! A write transaction.

use super::{Conn, LiveEvent};
use std::ops::{Deref, DerefMut};

/// A write transaction: a connection, and the events to publish if it commits.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    pub(super) events: Vec<LiveEvent>,
}

impl Tx {
    pub(super) fn new(conn: Conn) -> Self {
        Self {
            conn,
            events: Vec::new(),
        }
    }

    /// Publishes the event on the live bus, on every node, once the operation is
    /// committed, in the order of commits.
    pub fn after_commit(&mut self, event: LiveEvent) {
        self.events.push(event);
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

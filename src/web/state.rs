//! What every handler of the main listener works with.

use super::{
    called::CalledPeople, middleware::gate::Gate, open_count::OpenCounts, room::RoomPages,
};
use crate::{config::Config, live::LiveHub};
use rideout_channels::Client;
use rideout_service::Service;
use std::{net::SocketAddr, sync::Arc};

/// State of the main listener. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Web {
    /// The use cases.
    pub service: Service,
    /// The effective configuration.
    pub config: Arc<Config>,
    /// Live pages.
    pub hub: LiveHub,
    /// Rooms as they were last rendered.
    pub rooms: Arc<RoomPages>,
    /// Limits the requests worked on at a time.
    pub gate: Arc<Gate>,
    /// The same for requests that bring a body, which may be slow to arrive:
    /// they must not take the places of those who only want to read.
    pub body_gate: Arc<Gate>,
    /// Open incidents by viewer, for the rail.
    pub open_counts: Arc<OpenCounts>,
    /// Pages that wait for people, for the notice on every page of theirs.
    pub called: Arc<CalledPeople>,
    /// Fetches what people name by web address.
    pub client: Client,
    /// The address people type, without a slash at its end.
    pub base_url: Arc<str>,
    /// The real address of the admin listener, for refusals that name it.
    pub admin: SocketAddr,
    /// Whether this is the example, which may be entered without a password.
    pub example: bool,
}

impl Web {
    /// A complete address of a path, to be shown or sent to people.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

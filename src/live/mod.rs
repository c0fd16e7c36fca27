//! Live pages: what was committed reaches every screen that shows it.

use crate::web::Routes;
use rideout_service::Service;

/// The hub of live pages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LiveHub {}

impl LiveHub {
    /// A hub at work: it listens to what the service commits. Call it inside the runtime.
    #[must_use]
    pub fn start(_service: Service) -> Self {
        Self {}
    }

    /// Number of open streams.
    #[must_use]
    pub fn viewers(&self) -> usize {
        0
    }

    /// Says good-bye to every stream and ends it.
    pub fn shut_down(&self) {}
}

/// The endpoints of live streams.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
}

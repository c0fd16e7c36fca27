//! To come.

use crate::web::Routes;

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
}

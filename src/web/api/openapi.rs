//! The description of the API for programs.

use crate::web::Routes;

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new()
}

//! The main listener: pages, forms and the REST API.

pub mod account;
pub mod api;
pub mod called;
pub mod directory;
pub mod endpoints;
pub mod forms;
pub mod incidents;
pub mod middleware;
pub mod on_call;
pub mod open_count;
pub mod page;
mod paging;
pub mod problem;
pub mod room;
pub mod router;
pub mod scope;
pub mod session;
pub mod site;
mod stall;
pub mod state;

#[cfg(test)]
mod tests;

pub use endpoints::{Access, Endpoint, Routes};
pub use forms::{Form, Path, Query};
pub use page::{Page, see_other, with_flash};
pub use problem::{ApiError, PageError, Problem};
pub use session::{MaybeSignedIn, SignedIn};
pub use state::Web;

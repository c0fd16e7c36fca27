//! What islands decide, without a browser: plain functions and values, tested
//! like the rest.

pub mod delay;
pub mod filter;
pub mod json;
pub mod order;
pub mod queue;
pub mod table;
pub mod uuid7;

/// The words that the title of a room begins with while it is asked whether it is
/// stuck: by the server when it renders, by the browser when that changes.
pub const TITLE_MARK: &str = "Are we stuck? ";

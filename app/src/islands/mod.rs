//! What is live on a page: the browser's half.
//!
//! Every page is complete without it. An island renders nothing: it finds what
//! the server rendered by its identifiers and attributes (`docs/live.md`) and
//! brings it to life. So the markup has one source, and hydration has nothing
//! to disagree about.

#[cfg(feature = "hydrate")]
mod browser;
pub mod plain;

use leptos::prelude::*;

/// What every page has: times that tick in the local zone, keys and their
/// help, copying, a theme that changes in place, a word before unsent text is
/// lost. Once in the shell.
#[island]
pub fn PageTools() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::start();
}

/// Keeps the page of a room up to date: `#room`, `#timeline`, `#region-…`.
#[island]
pub fn LiveRoom() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::room::start();
}

/// Sends `#composer` in place, keeps what is being written, and keeps entries
/// until they are recorded when the network is down.
#[island]
pub fn Composer() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::composer::start();
}

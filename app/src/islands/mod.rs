//! What is live on a page: the browser's half.
//!
//! Every page is complete without it. An island renders next to nothing; it
//! finds what the server rendered by its attributes (`docs/live.md`) and brings
//! it to life. So the markup has one source, and hydration nothing to disagree
//! about.

pub mod plain;

use leptos::prelude::*;

/// What every page has: times that tick in the local zone, copying, help for
/// the keys, a theme that changes in place, a word before unsent text is lost.
#[island]
pub fn PageTools() -> impl IntoView {}

/// Keeps the page of a room up to date. Stands where its mark is to show, in
/// the composer, or anywhere on the page for those who may not write.
#[island]
pub fn LiveRoom(
    /// The incident.
    incident: String,
    /// Sequence of the newest entry that the page was made from.
    after: i64,
) -> impl IntoView {
    let _ = (incident, after);
    view! { <span id="live-state" class="chip" hidden></span> }
}

/// Sends the composer's form in place, keeps drafts, and queues entries while
/// the network is down. Stands anywhere on the page of a room.
#[island]
pub fn Composer(
    /// The incident.
    incident: String,
) -> impl IntoView {
    let _ = incident;
}

//! Time boxes that run.

use super::words;
use leptos::prelude::*;
use rideout_domain::Timestamp;

/// Time left of a time box: `06:12`, and `+03:40` in red when over.
#[component]
pub fn Timer(
    /// When it runs out.
    due: Timestamp,
    /// The time of the page.
    now: Timestamp,
) -> impl IntoView {
    let left = due.seconds_since(now);
    view! {
        <span class=if left < 0 { "timer over" } else { "timer" } data-due=due.rfc3339() data-as="timer">
            {words::timer(left)}
        </span>
    }
    .into_any()
}

/// How much of a time box has gone by, as a bar.
#[component]
pub fn Bar(
    /// When it began.
    from: Timestamp,
    /// When it runs out.
    due: Timestamp,
    /// The time of the page.
    now: Timestamp,
    /// What runs, for screen readers.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let whole = due.seconds_since(from).max(1);
    let gone = now.seconds_since(from).clamp(0, whole);
    let over = now > due;
    view! {
        <progress
            class=if over { "bar over" } else { "bar" }
            max=whole.to_string()
            value=gone.to_string()
            aria-label=label
            data-from=from.rfc3339()
            data-until=due.rfc3339()
        ></progress>
    }
    .into_any()
}

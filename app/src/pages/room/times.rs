//! Times on screen. Each carries its exact moment, so that the browser can show
//! it in its own zone and let it run on.

use leptos::prelude::*;
use rideout_domain::{Timestamp, duration};

fn exact(at: Timestamp) -> String {
    format!("{} UTC", at.minute_utc())
}

/// A time of day: `09:04`.
pub fn clock(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=exact(at) data-clock="">{at.clock_utc()}</time> }
}

/// A day and a time of day, for pages read later: `2010-06-15 09:04`.
pub fn moment(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=exact(at) data-moment="">{exact(at)}</time> }
}

/// An age: `14 min ago`.
pub fn ago(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.rfc3339() title=exact(at) data-ago="">
            {duration::ago(now.seconds_since(at))}
        </time>
    }
}

/// When something is due, in words: `in 4 min`, `4 min late`.
pub fn due(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <span data-due=at.rfc3339() data-words="" title=exact(at)>
            {duration::until(at.seconds_since(now))}
        </span>
    }
}

/// A countdown: `06:12`, then `+03:40`.
pub fn timer(at: Timestamp, now: Timestamp) -> impl IntoView {
    let class = if at < now { "timer late" } else { "timer" };
    view! {
        <span class=class data-due=at.rfc3339() data-late-at=at.rfc3339() title=format!("Until {}", exact(at))>
            {duration::timer(at.seconds_since(now))}
        </span>
    }
}

/// A clock that runs up: `00:31:08`.
pub fn since(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <span data-since=at.rfc3339() title=format!("Since {}", exact(at))>
            {duration::clock(now.seconds_since(at))}
        </span>
    }
}

/// How much of a time box is used up.
pub fn bar(label: String, from: Timestamp, until: Timestamp, now: Timestamp) -> impl IntoView {
    let whole = until.seconds_since(from).max(1);
    let used = (now.seconds_since(from).clamp(0, whole) * 100 / whole).to_string();
    let class = if until < now { "bar late" } else { "bar" };
    view! {
        <progress
            class=class
            max="100"
            value=used
            aria-label=label
            data-from=from.rfc3339()
            data-until=until.rfc3339()
            data-late-at=until.rfc3339()
        ></progress>
    }
}

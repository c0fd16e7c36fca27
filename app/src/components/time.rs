//! Points in time on screen.
//!
//! The server writes UTC; where the browser's half is awake it rewrites
//! `data-clock` to the local zone and keeps `data-ago`, `data-due` and
//! `data-since` ticking with the functions of [`super::words`].

use super::words;
use leptos::prelude::*;
use rideout_domain::Timestamp;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `15 Jun 2010`, in UTC.
#[must_use]
pub(super) fn day(at: Timestamp) -> String {
    let iso = at.day_utc();
    let mut parts = iso.splitn(3, '-');
    let named = || {
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{} {name} {year}", day.trim_start_matches('0')))
    };
    let mut named = named;
    named().unwrap_or(iso)
}

/// `15 Jun 2010, 09:04:22 UTC`: for hovering over a shorter one.
fn full(at: Timestamp) -> String {
    let seconds = at
        .rfc3339()
        .get(11..19)
        .map_or_else(|| at.clock_utc(), str::to_owned);
    format!("{}, {seconds} UTC", day(at))
}

/// The time of day, the day on hover: for timelines.
#[component]
pub fn Clock(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=full(at) data-clock="">{at.clock_utc()}</time> }
}

/// Day and time: `15 Jun 2010, 09:04 UTC`.
#[component]
pub fn DateTime(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let text = format!("{}, {} UTC", day(at), at.clock_utc());
    view! { <time datetime=at.rfc3339() title=full(at) data-clock="day">{text}</time> }
}

/// How long ago, the absolute on hover.
#[component]
pub fn Ago(
    /// When.
    at: Timestamp,
    /// The time of the page.
    now: Timestamp,
) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=full(at) data-ago="">{words::ago(now.seconds_since(at))}</time> }
}

/// When something is due: `in 4 min`, `3 min late`. What is late is red.
#[component]
pub fn Due(
    /// When.
    at: Timestamp,
    /// The time of the page.
    now: Timestamp,
) -> impl IntoView {
    let left = at.seconds_since(now);
    view! {
        <span class=if left < 0 { "due late" } else { "due" } title=full(at) data-due=at.rfc3339()>
            {words::due(left)}
        </span>
    }
    .into_any()
}

/// A clock that runs since then: `00:31:08`. With `until` it has stopped.
#[component]
pub fn Since(
    /// Since when.
    at: Timestamp,
    /// The time of the page.
    now: Timestamp,
    /// When it stopped.
    #[prop(optional_no_strip)]
    until: Option<Timestamp>,
) -> impl IntoView {
    let seconds = until.unwrap_or(now).seconds_since(at);
    let running = until.is_none().then(|| at.rfc3339());
    view! { <span class="since" title=full(at) data-since=running>{words::clock(seconds)}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_absolute_names_its_zone() {
        let at: Timestamp = "2010-06-05T09:04:22.5Z".parse().unwrap();
        assert_eq!(full(at), "5 Jun 2010, 09:04:22 UTC");
        assert_eq!(day(Timestamp(i64::MAX)), Timestamp(i64::MAX).day_utc());
    }
}

//! What people without an account see: plain words, no names, no working notes.

use crate::components::{Ago, Chip, DateTime, Due, SeverityChip, StatusChip, words};
use leptos::prelude::*;
use rideout_domain::{Severity, Status, Timestamp};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct StakeholderPage {
    /// What is wrong, in a line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// How far.
    pub status: Status,
    /// Since when.
    pub started_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// When the next update is due.
    pub next_update_at: Option<Timestamp>,
    /// Updates, newest first: when, and safe HTML.
    pub updates: Vec<(Timestamp, String)>,
    /// Changes of status, newest first.
    pub statuses: Vec<(Timestamp, Status)>,
    /// The time of the page.
    pub now: Timestamp,
}

/// What a status means to somebody who only waits.
const fn plainly(status: Status) -> &'static str {
    match status {
        Status::Investigating => "We are looking for the cause.",
        Status::Identified => "We know the cause and are working on it.",
        Status::Mitigated => {
            "It works again. We are watching it, and making sure that it stays so."
        }
        Status::Resolved => "It is over.",
    }
}

/// The page.
#[component]
pub fn Stakeholder(
    /// What it shows.
    page: StakeholderPage,
) -> impl IntoView {
    let StakeholderPage {
        title,
        severity,
        status,
        started_at,
        resolved_at,
        next_update_at,
        updates,
        statuses,
        now,
    } = page;
    let over = resolved_at.is_some();
    let long = words::span(resolved_at.unwrap_or(now).seconds_since(started_at));
    let long = if over {
        format!(" and lasted {long}.")
    } else {
        format!(", {long} ago.")
    };
    let none = updates.is_empty();
    let next = match next_update_at {
        Some(at) if !over => view! {
            <p class="stakeholder-next">"The next update comes " <b><Due at=at now=now /></b> "."</p>
        }
        .into_any(),
        _ if over => ().into_any(),
        _ => view! { <p class="stakeholder-next quiet">"When the next update comes has not been said."</p> }.into_any(),
    };
    let updates = updates
        .into_iter()
        .enumerate()
        .map(|(i, (at, html))| {
            view! {
                <li class=if i == 0 { "newest" } else { "" }>
                    <p class="sm quiet">
                        <DateTime at=at />
                        " · "
                        <Ago at=at now=now />
                    </p>
                    <div class="prose" inner_html=html></div>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="page narrow stakeholder">
            <div class="stack">
                <div class="row">
                    <SeverityChip severity=severity over=over />
                    <StatusChip status=status />
                </div>
                <h1>{title}</h1>
                <p class="lead">
                    {(!over).then(|| format!("{} ", severity.explained()))}
                    {plainly(status)}
                </p>
                <p class="sm quiet">
                    "It began " <DateTime at=started_at /> {long}
                </p>
            </div>
            {steps(status, &statuses)}
            <section class="stack" aria-labelledby="updates">
                <h2 id="updates">"Updates"</h2>
                {next}
                {none.then(|| view! { <p class="panel">"There is no update yet. The first one will appear here."</p> })}
                <ol class="updates">{updates}</ol>
            </section>
            <p class="xs quiet">
                "This page renews itself every minute. It is read-only, and shows what the team has chosen to tell. Times are in UTC."
            </p>
        </div>
    }
    .into_any()
}

/// How far it is, as four steps.
fn steps(status: Status, statuses: &[(Timestamp, Status)]) -> AnyView {
    let steps = Status::ALL
        .iter()
        .map(|step| {
            let reached = *step <= status;
            let at = statuses.iter().find(|(_, to)| to == step).map(|(at, _)| *at).filter(|_| reached);
            let class = match (*step == status, reached) {
                (true, _) => "now",
                (false, true) => "reached",
                (false, false) => "",
            };
            let here = (*step == status).then_some("step");
            view! {
                <li class=class aria-current=here>
                    <b>{step.title()}</b>
                    <span class="xs quiet">{at.map(|at| view! { <crate::components::Clock at=at /> })}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="progress-steps" aria-label="How far it is">{steps}</ol> }.into_any()
}

/// The page of a link that is unknown or was revoked.
#[component]
pub fn StakeholderGone() -> impl IntoView {
    view! {
        <div class="page narrow stakeholder">
            <div class="stack">
                <Chip>"No longer shared"</Chip>
                <h1>"This page is not shared any more"</h1>
                <p>"The link was revoked, or part of it is missing. Ask whoever gave it to you for a new one."</p>
            </div>
        </div>
    }
    .into_any()
}

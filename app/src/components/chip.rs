//! A word in a pill.

use super::{Icon, IconName, Tone, kind_look};
use leptos::prelude::*;
use rideout_domain::{EntryKind, Severity, Status};

/// A word in a pill.
#[component]
pub fn Chip(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// Drawn before the word.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// More, on hover.
    #[prop(optional, into)]
    title: Option<String>,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("chip {}", tone.word()) title=title>
            {icon.map(|name| view! { <Icon name=name /> })}
            {children()}
        </span>
    }
    .into_any()
}

/// How bad it is. Red only while the incident is open.
#[component]
pub fn SeverityChip(
    /// How bad.
    severity: Severity,
    /// Whether it is over, so that nothing calls for a person any more.
    #[prop(optional)]
    over: bool,
) -> impl IntoView {
    let look = match severity {
        _ if over => "over",
        Severity::Sev1 => "sev1",
        Severity::Sev2 => "sev2",
        Severity::Sev3 => "sev3",
        Severity::Sev4 => "sev4",
    };
    view! { <span class=format!("chip severity {look}") title=severity.explained()>{severity.title()}</span> }
}

/// How far the response is.
#[component]
pub fn StatusChip(
    /// How far.
    status: Status,
) -> impl IntoView {
    let (tone, icon) = match status {
        Status::Investigating => (Tone::Accent, None),
        Status::Identified => (Tone::Learn, None),
        Status::Mitigated => (Tone::Ok, None),
        Status::Resolved => (Tone::Neutral, Some(IconName::Check)),
    };
    view! {
        <span class=format!("chip {}", tone.word())>
            {icon.map(|name| view! { <Icon name=name /> })}
            {status.title()}
        </span>
    }
    .into_any()
}

/// The kind of an entry: its shape and its word.
#[component]
pub fn KindChip(
    /// The kind.
    kind: EntryKind,
) -> impl IntoView {
    let (icon, tone) = kind_look(kind);
    view! {
        <span class=format!("chip {}", tone.word())>
            <Icon name=icon />
            {kind.title().to_lowercase()}
        </span>
    }
    .into_any()
}

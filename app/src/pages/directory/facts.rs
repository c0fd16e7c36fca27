//! What is known of the services an incident names.

use super::{Linked, Named, Somebody};
use crate::components::{Chip, Panel, Tone};
use leptos::prelude::*;
use rideout_domain::duration::minutes_in_words;

/// A service that an incident names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedLine {
    /// The name, as the incident has it.
    pub name: String,
    /// Where its page is; none when it is not registered.
    pub href: Option<String>,
    /// Who answers for it.
    pub owner: Option<Named>,
    /// The team that runs it.
    pub team: Option<Linked>,
    /// How its people are reached outside Rideout; may be empty.
    pub contact: String,
    /// Minutes in which they have promised to answer.
    pub response_minutes: Option<u32>,
    /// What it relies on.
    pub relies_on: Vec<(bool, Linked)>,
}

/// What is known of the services an incident names.
#[component]
pub fn Affected(
    /// Each of them, in the incident's order.
    lines: Vec<AffectedLine>,
    /// Whether the viewer may register services.
    may_register: bool,
) -> impl IntoView {
    let items = lines
        .into_iter()
        .map(|line| {
            let register = format!("/services/new?name={}", query(&line.name));
            let known = line.href.is_some();
            let alone = known && line.owner.is_none() && line.team.is_none() && line.contact.is_empty();
            let relies = line
                .relies_on
                .into_iter()
                .map(|(hard, one)| {
                    let tone = if hard { "accent" } else { "neutral" };
                    let title = if hard { "It relies on this entirely." } else { "It can do without this for a while." };
                    view! { <a class=format!("chip {tone}") href=one.href title=title>{one.name}</a> }
                })
                .collect_view();
            let none = relies.is_empty();
            view! {
                <li class="affected">
                    {match line.href {
                        Some(href) => view! { <a class="row-link" href=href>{line.name}</a> }.into_any(),
                        None => view! {
                            <span><b>{line.name}</b>" "<span class="quiet sm">"is not registered, so nobody is known to call about it."</span>" "
                            {may_register.then(|| view! { <a class="sm" href=register>"Register it"</a> })}</span>
                        }.into_any(),
                    }}
                    {known.then(|| view! {
                        <p class="row sm">
                            {line.owner.map(|owner| view! { <Somebody person=owner /> })}
                            {line.team.map(|team| view! { <a href=team.href>{team.name}</a> })}
                            {(!line.contact.is_empty()).then(|| view! { <span>{line.contact}</span> })}
                            {line.response_minutes.map(|minutes| view! {
                                <span class="quiet">{format!("answers within {}", minutes_in_words(minutes))}</span>
                            })}
                            {alone.then(|| view! { <Chip tone=Tone::Warn>"nobody to call"</Chip> })}
                            {(!none).then(|| view! { <span class="quiet">"relies on"</span>{relies} })}
                        </p>
                    })}
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <Panel title="What is known of them" lead="By name, from the registered services." flush=true>
            <ul class="plain-list affected-list">{items}</ul>
        </Panel>
    }
    .into_any()
}

/// A text as a value in a query.
fn query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

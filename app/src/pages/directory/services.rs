//! All services and dependencies, and who is called about each.

use super::{Linked, Named, Part, Parts, Somebody};
use crate::components::{
    ButtonKind, Chip, EmptyState, Head, IconName, LinkButton, Notice, Panel, Table, Tone,
    words::count,
};
use leptos::prelude::*;
use rideout_domain::{ServiceId, ServiceKind, duration::minutes_in_words};

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLine {
    /// Identifier.
    pub id: ServiceId,
    /// Name.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// Ours, or somebody else's.
    pub kind: ServiceKind,
    /// Who answers for it.
    pub owner: Option<Named>,
    /// The team that runs it.
    pub team: Option<Linked>,
    /// Its own escalation policy.
    pub policy: Option<Linked>,
    /// How its people are reached outside Rideout; may be empty.
    pub contact: String,
    /// Minutes in which they have promised to answer.
    pub response_minutes: Option<u32>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ServicesPage {
    /// All of them, ours first, by name.
    pub services: Vec<ServiceLine>,
    /// The policy of services without their own.
    pub default_policy: Option<Linked>,
    /// Whether the viewer may change anything.
    pub may_change: bool,
}

/// All services and dependencies.
#[component]
pub fn Services(
    /// What the page shows.
    page: ServicesPage,
) -> impl IntoView {
    let ServicesPage {
        services,
        default_policy,
        may_change,
    } = page;
    let none = services.is_empty();
    let (ours, theirs): (Vec<_>, Vec<_>) = services
        .into_iter()
        .partition(|one| one.kind == ServiceKind::Service);
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <h1>"Services"</h1>
                    <p class="quiet">"Who owns what, and who is called when it breaks."</p>
                </div>
                {(may_change && !none).then(|| view! {
                    <LinkButton href="/services/new" kind=ButtonKind::Primary icon=IconName::Plus>"Register a service"</LinkButton>
                })}
            </div>
            <Parts current=Part::Services />
            {if none {
                view! { <Nothing may_change=may_change /> }.into_any()
            } else {
                view! {
                    {default_policy.is_none().then(|| view! {
                        <Notice tone=Tone::Warn title="There is no default escalation policy.">
                            "When a service without its own escalation policy breaks and the room does not answer, all commanders and admins are called and nobody else. "
                            {may_change.then(|| view! { <a href="/policies/new">"Make an escalation policy"</a> })}
                        </Notice>
                    })}
                    <div class="service-list">
                    <List title="Ours" lines=ours default=default_policy.clone() empty="None yet. What you run yourselves belongs here." />
                    <List title="Dependencies" lines=theirs default=default_policy empty="None yet. What others run and you rely on belongs here, with the response they promised." />
                    </div>
                }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Nothing(may_change: bool) -> impl IntoView {
    view! {
        <section class="panel first-time">
            <EmptyState icon=IconName::Gauge title="No service is registered yet">
                <p>"Register what you run and what you rely on. When an incident names it, Rideout knows whom to call and which escalation policy to follow."</p>
                {if may_change {
                    view! { <div class="row"><LinkButton href="/services/new" kind=ButtonKind::Primary icon=IconName::Plus>"Register a service"</LinkButton></div> }.into_any()
                } else {
                    view! { <p class="quiet sm">"Commanders and admins register services."</p> }.into_any()
                }}
            </EmptyState>
            <ol class="steps">
                <li><crate::components::Icon name=IconName::People /><p><b>"First a team. "</b>"Whoever runs a service together: "<a href="/teams">"make a team"</a>"."</p></li>
                <li><crate::components::Icon name=IconName::Megaphone /><p><b>"Then an escalation policy. "</b>"Who is called, and who next when nobody comes: "<a href="/policies">"make an escalation policy"</a>"."</p></li>
                <li><crate::components::Icon name=IconName::Gauge /><p><b>"Then the services. "</b>"Their owners, their components and who knows them well."</p></li>
            </ol>
        </section>
    }
    .into_any()
}

#[component]
fn List(
    #[prop(into)] title: String,
    lines: Vec<ServiceLine>,
    default: Option<Linked>,
    #[prop(into)] empty: String,
) -> impl IntoView {
    let lead = count(
        i64::try_from(lines.len()).unwrap_or(i64::MAX),
        "registered",
        "registered",
    );
    let heads = vec![
        Head::new("Name"),
        Head::new("Owner"),
        Head::new("Team"),
        Head::new("Escalation policy"),
        Head::new("Promised response"),
    ];
    let none = lines.is_empty();
    let rows = lines
        .into_iter()
        .map(|line| view! { <Row line=line default=default.clone() /> })
        .collect_view();
    view! {
        <Panel title=title.clone() flush=true>
            {if none {
                view! { <p class="quiet sm pad">{empty}</p> }.into_any()
            } else {
                view! { <Table caption=format!("{title}, {lead}, by name") heads=heads>{rows}</Table> }.into_any()
            }}
        </Panel>
    }
    .into_any()
}

#[component]
fn Row(line: ServiceLine, default: Option<Linked>) -> impl IntoView {
    let alone = line.owner.is_none() && line.team.is_none() && line.contact.is_empty();
    let quiet = |text: &'static str| view! { <span class="quiet">{text}</span> }.into_any();
    view! {
        <tr class="service-row">
            <td class="service-name">
                <a class="row-link" href=format!("/services/{}", line.id)>{line.name}</a>
                {alone.then(|| view! { " "<Chip tone=Tone::Warn icon=IconName::Warning>"nobody to call"</Chip> })}
                {(!line.description.is_empty()).then(|| view! { <p class="quiet clip">{line.description}</p> })}
            </td>
            <td data-label="Owner">{match line.owner {
                Some(owner) => view! { <Somebody person=owner /> }.into_any(),
                None if !line.contact.is_empty() => view! { <span class="clip">{line.contact.clone()}</span> }.into_any(),
                None => quiet("—"),
            }}</td>
            <td data-label="Team">{match line.team {
                Some(team) => view! { <a href=team.href>{team.name}</a> }.into_any(),
                None => quiet("—"),
            }}</td>
            <td data-label="Escalation policy">{match (line.policy, default) {
                (Some(policy), _) => view! { <a href=policy.href>{policy.name}</a> }.into_any(),
                (None, Some(policy)) => view! { <a class="quiet" href=policy.href>{format!("{}, the default", policy.name)}</a> }.into_any(),
                (None, None) => quiet("none"),
            }}</td>
            <td data-label="Promised response">{match line.response_minutes {
                Some(minutes) => minutes_in_words(minutes).into_any(),
                None => quiet("—"),
            }}</td>
        </tr>
    }
    .into_any()
}

//! All teams: who is in each, what it runs, who calls it.

use super::{Linked, Named, Part, Parts, Somebodies};
use crate::components::{ButtonKind, Chip, EmptyState, IconName, LinkButton, Tone, words::count};
use leptos::prelude::*;
use rideout_domain::TeamId;

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamLine {
    /// Identifier.
    pub id: TeamId,
    /// Name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Who is in it.
    pub members: Vec<Named>,
    /// Services it runs.
    pub services: Vec<Linked>,
    /// Escalation policies that call it.
    pub policies: Vec<Linked>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct TeamsPage {
    /// All teams, by name.
    pub teams: Vec<TeamLine>,
    /// Whether the viewer may change anything.
    pub may_change: bool,
}

/// All teams.
#[component]
pub fn Teams(
    /// What the page shows.
    page: TeamsPage,
) -> impl IntoView {
    let TeamsPage { teams, may_change } = page;
    let none = teams.is_empty();
    let cards = teams
        .into_iter()
        .map(|team| view! { <Team team=team may_change=may_change /> })
        .collect_view();
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <h1>"Teams"</h1>
                    <p class="quiet">"Who runs what together, and is called together."</p>
                </div>
                {(may_change && !none).then(|| view! {
                    <LinkButton href="/teams/new" kind=ButtonKind::Primary icon=IconName::Plus>"Make a team"</LinkButton>
                })}
            </div>
            <Parts current=Part::Teams />
            {if none {
                view! {
                    <section class="panel">
                        <EmptyState icon=IconName::People title="There is no team yet">
                            <p>"A team runs services. An escalation policy can call everybody in it at once, and a room that is stuck is told who they are."</p>
                            {if may_change {
                                view! { <div class="row"><LinkButton href="/teams/new" kind=ButtonKind::Primary icon=IconName::Plus>"Make a team"</LinkButton></div> }.into_any()
                            } else {
                                view! { <p class="quiet sm">"Commanders and admins make teams."</p> }.into_any()
                            }}
                        </EmptyState>
                    </section>
                }.into_any()
            } else {
                view! { <div class="team-cards">{cards}</div> }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Team(team: TeamLine, may_change: bool) -> impl IntoView {
    let TeamLine {
        id,
        name,
        description,
        members,
        services,
        policies,
    } = team;
    let reached = members.iter().filter(|m| m.active).count();
    let people = count(
        i64::try_from(reached).unwrap_or(i64::MAX),
        "person",
        "people",
    );
    let edit = format!("/teams/{id}/edit");
    let label = format!("Edit {name}");
    let chips = |links: Vec<Linked>| {
        links
            .into_iter()
            .map(|one| view! { <a class="chip" href=one.href>{one.name}</a> })
            .collect_view()
    };
    let unused = services.is_empty() && policies.is_empty();
    view! {
        <section class="panel team" id=format!("team-{id}")>
            <div class="panel-head">
                <div class="grow"><h2>{name}</h2><p class="quiet sm">{people}</p></div>
                {(reached == 0).then(|| view! { <Chip tone=Tone::Warn icon=IconName::Warning>"calls nobody"</Chip> })}
                {may_change.then(|| view! { <LinkButton href=edit small=true label=label>"Edit"</LinkButton> })}
            </div>
            {(!description.is_empty()).then(|| view! { <p class="sm lines">{description}</p> })}
            <Somebodies people=members nobody="Nobody is in it yet." />
            <div class="team-uses">
                {(!services.is_empty()).then(|| view! { <p class="row"><span class="quiet xs">"Runs"</span>{chips(services)}</p> })}
                {(!policies.is_empty()).then(|| view! { <p class="row"><span class="quiet xs">"Called by"</span>{chips(policies)}</p> })}
                {unused.then(|| view! { <p class="quiet xs">"Runs no registered service, and no escalation policy calls it."</p> })}
            </div>
        </section>
    }
    .into_any()
}

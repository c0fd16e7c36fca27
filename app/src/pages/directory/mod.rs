//! Services, teams, escalation policies, and how people are reached.

pub mod component_form;
pub mod facts;
pub mod policies;
pub mod policy_form;
pub mod reach;
pub mod route_form;
pub mod service;
pub mod service_form;
pub mod services;
pub mod team_form;
pub mod teams;

pub use component_form::{ComponentForm, ComponentFormPage};
pub use facts::{Affected, AffectedLine};
pub use policies::{Policies, PoliciesPage, PolicyLine};
pub use policy_form::{LevelDraft, PolicyDraft, PolicyForm, PolicyFormPage, TargetChoice};

pub use reach::{MadeSecret, QuietPage, Reach, ReachLink, ReachPage, RouteLine, TestLine};
pub use route_form::{RouteForm, RouteFormPage};
pub use service::{ComponentLine, DependencyLine, ServicePage, ServiceView};
pub use service_form::{ServiceForm, ServiceFormPage};
pub use services::{ServiceLine, Services, ServicesPage};
pub use team_form::{TeamForm, TeamFormPage};
pub use teams::{TeamLine, Teams, TeamsPage};

use crate::components::{Avatar, Chip, IconName, Notice, Tab, Tabs, Tone, words};
use leptos::prelude::*;
use rideout_domain::UserId;

#[cfg(test)]
mod tests;

/// Somebody by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Whether they can sign in, so that they can be called.
    pub active: bool,
}

/// Something with a name that one can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub name: String,
}

/// Which of the directory's pages is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Services,
    Teams,
    Policies,
}

/// The directory's pages, side by side.
#[component]
fn Parts(current: Part) -> impl IntoView {
    let tab = |href: &str, label: &str, part| Tab::new(href, label, current == part);
    let tabs = vec![
        tab("/services", "Services", Part::Services),
        tab("/teams", "Teams", Part::Teams),
        tab("/policies", "Escalation policies", Part::Policies),
    ];
    view! { <div class="parts"><Tabs label="Directory" tabs=tabs /></div> }.into_any()
}

/// A warning about those who may be called though nobody knows whether that reaches
/// them; nothing when there are none.
#[component]
pub fn Unconfirmed(
    /// Their names.
    names: Vec<String>,
    /// Whether the viewer is one of them.
    own: bool,
) -> impl IntoView {
    if names.is_empty() {
        return ().into_any();
    }
    let them = if names.len() == 1 {
        "them"
    } else {
        "any of them"
    };
    let title = format!("No route of {} is confirmed:", words::names(&names));
    view! {
        <Notice tone=Tone::Warn title=title>
            {format!("nobody knows whether a page reaches {them} while no page of Rideout is open. ")}
            {if own {
                view! { <a href="/account/reach">"Confirm one of yours"</a>"." }.into_any()
            } else {
                view! { "They send themselves a test under How to reach me and press its button." }.into_any()
            }}
        </Notice>
    }
    .into_any()
}

/// Somebody with their letters; says when they cannot be called.
#[component]
fn Somebody(person: Named) -> impl IntoView {
    view! {
        <span class=if person.active { "person" } else { "person shut-out" }>
            <Avatar name=person.name.clone() />
            <span class="person-name">{person.name.clone()}</span>
            {(!person.active).then(|| view! {
                <Chip icon=IconName::Lock title="The account is shut out, so nobody is called.">"no account"</Chip>
            })}
        </span>
    }
    .into_any()
}

/// Several people, or a word when there are none.
#[component]
fn Somebodies(people: Vec<Named>, #[prop(into)] nobody: String) -> impl IntoView {
    if people.is_empty() {
        return view! { <span class="quiet">{nobody}</span> }.into_any();
    }
    let people = people
        .into_iter()
        .map(|person| view! { <li><Somebody person=person /></li> })
        .collect_view();
    view! { <ul class="plain-list persons">{people}</ul> }.into_any()
}

/// The people of a form, each with a box.
#[component]
fn PeopleBoxes(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    #[prop(optional, into)] hint: Option<String>,
    people: Vec<(UserId, String)>,
    form: crate::FormState,
) -> impl IntoView {
    let error = form.error(&name);
    let boxes = people
        .into_iter()
        .map(|(id, person)| {
            let id = id.to_string();
            let checked = form.has(&name, &id);
            view! { <crate::components::Checkbox name=name.clone() value=id label=person checked=checked /> }
        })
        .collect_view();
    let class = if error.is_some() {
        "field refused"
    } else {
        "field"
    };
    let error_id = format!("f-{name}-error");
    let described = error.is_some().then(|| error_id.clone());
    view! {
        <fieldset class=class aria-describedby=described>
            <legend>{legend}</legend>
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
            <div class="checks people-boxes">{boxes}</div>
            {error.map(|error| view! { <p class="field-error" id=error_id>{crate::components::words::sentence(&error)}</p> })}
        </fieldset>
    }
    .into_any()
}

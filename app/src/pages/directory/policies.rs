//! All escalation policies, and what each does.

use super::{Linked, Named, Part, Parts, Unconfirmed};
use crate::components::{
    ButtonKind, Chip, EmptyState, Icon, IconName, LinkButton, Notice, Tone,
    words::{count, sentence},
};
use leptos::prelude::*;
use rideout_domain::{PolicyId, UserId, duration::minutes_in_words};

/// An escalation policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLine {
    /// Identifier.
    pub id: PolicyId,
    /// Name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Whether services without their own have it.
    pub is_default: bool,
    /// Its levels: minutes, and whom each calls with whether anybody is reached.
    pub levels: Vec<(u32, Vec<(String, bool)>)>,
    /// How often all levels are gone through again.
    pub repeats: u32,
    /// What will happen, in a sentence.
    pub told: String,
    /// Whom it calls though they cannot respond, in a sentence each.
    pub troubles: Vec<String>,
    /// Whom it calls as things are, and no route of whom is confirmed.
    pub unconfirmed: Vec<Named>,
    /// Services that have it as their own.
    pub used_by: Vec<Linked>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct PoliciesPage {
    /// All policies, the default one first.
    pub policies: Vec<PolicyLine>,
    /// Whether the viewer may change anything.
    pub may_change: bool,
    /// Who looks.
    pub viewer: UserId,
}

/// All escalation policies.
#[component]
pub fn Policies(
    /// What the page shows.
    page: PoliciesPage,
) -> impl IntoView {
    let PoliciesPage {
        policies,
        may_change,
        viewer,
    } = page;
    let none = policies.is_empty();
    let has_default = policies.iter().any(|p| p.is_default);
    let cards = policies
        .into_iter()
        .map(|policy| view! { <Policy policy=policy may_change=may_change viewer=viewer /> })
        .collect_view();
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <h1>"Escalation policies"</h1>
                    <p class="quiet">"Who is called when a room does not answer, level by level, until somebody acknowledges."</p>
                </div>
                {(may_change && !none).then(|| view! {
                    <LinkButton href="/policies/new" kind=ButtonKind::Primary icon=IconName::Plus>"Make an escalation policy"</LinkButton>
                })}
            </div>
            <Parts current=Part::Policies />
            {if none {
                view! {
                    <section class="panel">
                        <EmptyState icon=IconName::Megaphone title="There is no escalation policy yet">
                            <p>"When a room is stuck and does not answer, Rideout calls people by an escalation policy: first one, after some minutes the next, until somebody comes. Without one, all commanders and admins are called at once."</p>
                            {if may_change {
                                view! { <div class="row"><LinkButton href="/policies/new" kind=ButtonKind::Primary icon=IconName::Plus>"Make an escalation policy"</LinkButton></div> }.into_any()
                            } else {
                                view! { <p class="quiet sm">"Commanders and admins make escalation policies."</p> }.into_any()
                            }}
                        </EmptyState>
                    </section>
                }.into_any()
            } else {
                view! {
                    {(!has_default).then(|| view! {
                        <Notice tone=Tone::Warn title="None of them is the default.">
                            "A service without its own escalation policy is not escalated by any of these: all commanders and admins are called, and nobody else. Edit one and make it the default."
                        </Notice>
                    })}
                    <div class="policy-cards">{cards}</div>
                }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Policy(policy: PolicyLine, may_change: bool, viewer: UserId) -> impl IntoView {
    let PolicyLine {
        id,
        name,
        description,
        is_default,
        levels,
        repeats,
        told,
        troubles,
        unconfirmed,
        used_by,
    } = policy;
    let own = unconfirmed.iter().any(|one| one.id == viewer);
    let unconfirmed: Vec<String> = unconfirmed.into_iter().map(|one| one.name).collect();
    let edit = format!("/policies/{id}/edit");
    let label = format!("Edit {name}");
    let used = count(
        i64::try_from(used_by.len()).unwrap_or(i64::MAX),
        "service",
        "services",
    );
    let uses = used_by
        .into_iter()
        .map(|one| view! { <a class="chip" href=one.href>{one.name}</a> })
        .collect_view();
    let none = used.starts_with("0 ");
    view! {
        <section class="panel policy" id=format!("policy-{id}")>
            <div class="panel-head">
                <div class="grow"><div class="row">
                    <h2>{name}</h2>
                    {is_default.then(|| view! { <Chip tone=Tone::Accent title="Services without their own escalation policy have this one.">"default"</Chip> })}
                </div></div>
                {may_change.then(|| view! { <LinkButton href=edit small=true label=label>"Edit"</LinkButton> })}
            </div>
            <p class="told">{told}</p>
            <Troubles troubles=troubles />
            <Ladder levels=levels repeats=repeats />
            <Unconfirmed names=unconfirmed own=own />
            {(!description.is_empty()).then(|| view! { <p class="sm quiet lines">{description}</p> })}
            <p class="row">
                {match (none, is_default) {
                    (true, true) => view! { <span class="quiet xs">"For every service without its own."</span> }.into_any(),
                    (true, false) => view! { <span class="quiet xs">"No service has it as its own."</span> }.into_any(),
                    (false, _) => view! { <span class="quiet xs">{format!("{used}:")}</span>{uses} }.into_any(),
                }}
            </p>
        </section>
    }
    .into_any()
}

/// Whom a policy calls though they cannot respond.
#[component]
pub(super) fn Troubles(troubles: Vec<String>) -> impl IntoView {
    if troubles.is_empty() {
        return ().into_any();
    }
    let lines = troubles
        .iter()
        .map(|told| view! { <li>{sentence(told)}</li> })
        .collect_view();
    view! {
        <Notice tone=Tone::Warn title="Not everybody it calls can respond.">
            <ul class="notice-list">{lines}</ul>
        </Notice>
    }
    .into_any()
}

/// Levels as steps.
#[component]
fn Ladder(levels: Vec<(u32, Vec<(String, bool)>)>, repeats: u32) -> impl IntoView {
    let steps = levels
        .into_iter()
        .enumerate()
        .map(|(at, (minutes, targets))| {
            let empty = !targets.iter().any(|(_, reached)| *reached);
            let whom = targets
                .into_iter()
                .map(|(whom, reached)| {
                    let tone = if reached { Tone::Neutral } else { Tone::Warn };
                    let title = (!reached).then(|| "Nobody is reached by this as things are.".to_owned());
                    view! { <span class=format!("chip {}", tone.word()) title=title>{whom}</span> }
                })
                .collect_view();
            view! {
                <li class=if empty { "step empty-step" } else { "step" }>
                    <span class="step-number"><span class="sr">"Level "</span>{at + 1}</span>
                    <span class="row grow">{whom}</span>
                    {if empty {
                        view! { <span class="step-wait">"passed over at once"</span> }.into_any()
                    } else {
                        view! { <span class="step-wait">{minutes_in_words(minutes)}</span> }.into_any()
                    }}
                </li>
            }
        })
        .collect_view();
    let again = match repeats {
        0 => None,
        1 => Some("all again, once".to_owned()),
        2 => Some("all again, twice".to_owned()),
        n => Some(format!("all again, {n} times")),
    };
    view! {
        <ol class="ladder">
            {steps}
            {again.map(|again| view! { <li class="step after"><span class="step-number"><Icon name=IconName::History /></span><span class="grow">{again}</span></li> })}
            <li class="step after"><span class="step-number"><Icon name=IconName::People /></span><span class="grow">"all commanders and admins are called"</span></li>
        </ol>
    }
    .into_any()
}

//! One service: who answers for it, its components, what it relies on.

use super::{Linked, Named, ServiceLine, Somebodies, Somebody};
use crate::{
    FormState,
    components::{
        Button, ButtonKind, Chip, Choice, Disclosure, Head, IconName, LinkButton, Menu, Notice,
        Panel, RadioCard, RadioCards, Select, Table, Tone,
    },
};
use leptos::prelude::*;
use rideout_domain::{ComponentId, ServiceId, ServiceKind, duration::minutes_in_words};

/// A component of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentLine {
    /// Identifier.
    pub id: ComponentId,
    /// Name.
    pub name: String,
    /// What it does; may be empty.
    pub description: String,
    /// Who answers for it.
    pub owner: Option<Named>,
    /// Who knows it well.
    pub experts: Vec<Named>,
}

/// A dependency, from either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyLine {
    /// Whether one fails when the other does.
    pub hard: bool,
    /// The service at the other end.
    pub service: ServiceLine,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ServicePage {
    /// The service.
    pub service: ServiceLine,
    /// Who is in the team that runs it.
    pub members: Vec<Named>,
    /// What its escalation policy does, in a sentence, and the policy; the
    /// default one when it has none of its own.
    pub escalation: Option<(Linked, String)>,
    /// Its components.
    pub components: Vec<ComponentLine>,
    /// What it relies on.
    pub relies_on: Vec<DependencyLine>,
    /// What relies on it.
    pub relied_on_by: Vec<DependencyLine>,
    /// Services that could be added to what it relies on.
    pub others: Vec<(ServiceId, String)>,
    /// The form of a new dependency.
    pub form: FormState,
    /// Whether the viewer may change anything.
    pub may_change: bool,
}

/// One service. Its forms post to `/services/{id}/…`.
#[component]
pub fn ServiceView(
    /// What the page shows.
    page: ServicePage,
) -> impl IntoView {
    let ServicePage {
        service,
        members,
        escalation,
        components,
        relies_on,
        relied_on_by,
        others,
        form,
        may_change,
    } = page;
    let base = format!("/services/{}", service.id);
    let name = service.name.clone();
    let (edit, archive) = (format!("{base}/edit"), format!("{base}/archive"));
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <p class="quiet sm"><a href="/services">"Services"</a></p>
                    <div class="row">
                        <h1>{name.clone()}</h1>
                        {(service.kind == ServiceKind::Dependency).then(|| view! {
                            <Chip tone=Tone::Accent title=ServiceKind::Dependency.explained()>"dependency"</Chip>
                        })}
                    </div>
                    {(!service.description.is_empty()).then(|| view! { <p class="lines">{service.description.clone()}</p> })}
                </div>
                {may_change.then(|| view! {
                    <div class="row">
                        <LinkButton href=edit icon=IconName::Edit>"Edit"</LinkButton>
                        <Menu label="More" icon=IconName::More icon_only=true>
                            <form method="post" action=archive>
                                <button class="item bad" type="submit">"Archive this service"</button>
                            </form>
                        </Menu>
                    </div>
                })}
            </div>
            <div class="service-columns">
                <Call service=service members=members escalation=escalation may_change=may_change />
                <Components components=components base=base.clone() may_change=may_change />
            </div>
            <div class="service-columns even">
                <ReliesOn name=name.clone() lines=relies_on others=others form=form base=base may_change=may_change />
                <ReliedOnBy name=name lines=relied_on_by />
            </div>
        </div>
    }
    .into_any()
}

/// Who is called when it breaks.
#[component]
fn Call(
    service: ServiceLine,
    members: Vec<Named>,
    escalation: Option<(Linked, String)>,
    may_change: bool,
) -> impl IntoView {
    let own = service.policy.is_some();
    view! {
        <Panel title="Who is called">
            <dl class="facts-list">
                <div><dt>"Owner"</dt><dd>{match service.owner {
                    Some(owner) => view! { <Somebody person=owner /> }.into_any(),
                    None => view! { <span class="quiet">"nobody yet"</span> }.into_any(),
                }}</dd></div>
                <div><dt>"Team"</dt><dd>{match service.team {
                    Some(team) => view! {
                        <a href=team.href>{team.name}</a>
                        <Somebodies people=members nobody="nobody is in it" />
                    }.into_any(),
                    None => view! { <span class="quiet">"none"</span> }.into_any(),
                }}</dd></div>
                {(!service.contact.is_empty()).then(|| view! { <div><dt>"Contact"</dt><dd>{service.contact.clone()}</dd></div> })}
                {service.response_minutes.map(|minutes| view! {
                    <div><dt>"Promised response"</dt><dd>{format!("within {}", minutes_in_words(minutes))}</dd></div>
                })}
                <div><dt>"When nobody answers"</dt><dd>{match escalation {
                    Some((policy, told)) => view! {
                        <p><a href=policy.href>{policy.name}</a>{(!own).then(|| view! { <span class="quiet">", the default"</span> })}</p>
                        <p class="told">{told}</p>
                    }.into_any(),
                    None => view! {
                        <p>"All commanders and admins are called, and nobody else: there is no default escalation policy."</p>
                        {may_change.then(|| view! { <a href="/policies/new">"Make an escalation policy"</a> })}
                    }.into_any(),
                }}</dd></div>
            </dl>
        </Panel>
    }
    .into_any()
}

#[component]
fn Components(components: Vec<ComponentLine>, base: String, may_change: bool) -> impl IntoView {
    let add = may_change.then(|| {
        view! { <LinkButton href=format!("{base}/components/new") small=true icon=IconName::Plus>"Add a component"</LinkButton> }
            .into_any()
    });
    let none = components.is_empty();
    let mut heads = vec![
        Head::new("Component"),
        Head::new("Owner"),
        Head::new("Knows it well"),
    ];
    if may_change {
        heads.push(Head::hidden("Edit it"));
    }
    let rows = components
        .into_iter()
        .map(|one| {
            let knowing = one.experts.iter().filter(|e| e.active).count();
            let label = format!("Edit {}", one.name);
            let href = format!("{base}/components/{}/edit", one.id);
            view! {
                <tr>
                    <td>
                        <b>{one.name}</b>
                        {match knowing {
                            0 => view! { " "<Chip tone=Tone::Warn title="If it breaks, nobody is known who could help at once.">"nobody knows it"</Chip> }.into_any(),
                            1 => view! { " "<Chip title="If this person is away, nobody is known who could help at once.">"one person knows it"</Chip> }.into_any(),
                            _ => ().into_any(),
                        }}
                        {(!one.description.is_empty()).then(|| view! { <p class="quiet">{one.description}</p> })}
                    </td>
                    <td data-label="Owner">{match one.owner {
                        Some(owner) => view! { <Somebody person=owner /> }.into_any(),
                        None => view! { <span class="quiet">"—"</span> }.into_any(),
                    }}</td>
                    <td data-label="Knows it well"><Somebodies people=one.experts nobody="—" /></td>
                    {may_change.then(|| view! {
                        <td class="num"><LinkButton href=href small=true label=label>"Edit"</LinkButton></td>
                    })}
                </tr>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <Panel
            title="Components"
            lead="Parts that can break by themselves, and who knows each well."
            flush=true
            id="components"
            actions=add.unwrap_or_else(|| ().into_any())
        >
            {if none {
                view! { <p class="quiet sm pad">"None yet. Add the parts that only some of you understand, such as a load balancer or an admin interface: when a room is stuck on one, Rideout proposes who knows it."</p> }.into_any()
            } else {
                view! { <Table caption="Components, by name" heads=heads>{rows}</Table> }.into_any()
            }}
        </Panel>
    }
    .into_any()
}

#[component]
fn Strength(hard: bool) -> impl IntoView {
    if hard {
        view! { <Chip tone=Tone::Accent title="When the one fails, so does the other.">"hard"</Chip> }
            .into_any()
    } else {
        view! { <Chip title="When the one fails, the other works on with less.">"soft"</Chip> }
            .into_any()
    }
}

#[component]
fn Dependency(line: DependencyLine, #[prop(optional)] action: Option<AnyView>) -> impl IntoView {
    let service = line.service;
    let href = format!("/services/{}", service.id);
    let whom = match (service.owner, service.team, service.contact) {
        (Some(owner), _, _) => view! { <Somebody person=owner /> }.into_any(),
        (None, Some(team), _) => view! { <a href=team.href>{team.name}</a> }.into_any(),
        (None, None, contact) if !contact.is_empty() => contact.into_any(),
        _ => view! { <span class="quiet">"nobody to call"</span> }.into_any(),
    };
    view! {
        <li class="dependency">
            <Strength hard=line.hard />
            <div class="grow">
                <a class="row-link" href=href>{service.name}</a>
                <p class="sm dependency-sub">
                    {whom}
                    {service.response_minutes.map(|minutes| view! {
                        <span class="quiet">{format!("answers within {}", minutes_in_words(minutes))}</span>
                    })}
                </p>
            </div>
            {action}
        </li>
    }
    .into_any()
}

#[component]
fn ReliesOn(
    name: String,
    lines: Vec<DependencyLine>,
    others: Vec<(ServiceId, String)>,
    form: FormState,
    base: String,
    may_change: bool,
) -> impl IntoView {
    let none = lines.is_empty();
    let items = lines
        .into_iter()
        .map(|line| {
            let action = may_change.then(|| {
                let label = format!("Take away {}", line.service.name);
                let href = format!("{base}/dependencies/{}/remove", line.service.id);
                view! {
                    <form method="post" action=href>
                        <Button small=true kind=ButtonKind::Plain icon=IconName::Cross label=label>"Take away"</Button>
                    </form>
                }
                .into_any()
            });
            view! { <Dependency line=line action=action.unwrap_or_else(|| ().into_any()) /> }
        })
        .collect_view();
    let cards = vec![
        RadioCard {
            value: "hard".to_owned(),
            label: "Hard".to_owned(),
            explained: format!("When it fails, so does {name}."),
            class: "",
        },
        RadioCard {
            value: "soft".to_owned(),
            label: "Soft".to_owned(),
            explained: format!("When it fails, {name} works on with less."),
            class: "",
        },
    ];
    let mut choices = vec![Choice::new("", "Choose …")];
    choices.extend(
        others
            .iter()
            .map(|(id, name)| Choice::new(id.to_string(), name.clone())),
    );
    let whole = form.error("");
    let opened = form.is_refused() || none;
    let add = (may_change && !others.is_empty()).then(|| {
        view! {
            <div class="pad edge"><Disclosure label="Add what it relies on" open=opened>
            <form class="stack" method="post" action=format!("{base}/dependencies")>
                {whole.map(|whole| view! { <Notice tone=Tone::Bad>{whole}</Notice> })}
                <Select name="dependency" label="It also relies on" choices=choices value=form.value("dependency") error=form.error("dependency") />
                <RadioCards name="strength" legend="How much?" cards=cards value=form.value_or("strength", "hard") error=form.error("strength") />
                <div class="form-foot"><Button>"Add"</Button></div>
            </form>
            </Disclosure></div>
        }
    });
    view! {
        <Panel title="Relies on" flush=true id="relies-on">
            {if none {
                view! { <p class="quiet sm pad">"Nothing that is registered."</p> }.into_any()
            } else {
                view! { <ul class="plain-list dependencies">{items}</ul> }.into_any()
            }}
            {add}
            {(may_change && others.is_empty() && none).then(|| view! {
                <p class="sm pad edge"><a href="/services/new?kind=dependency">"Register a dependency"</a>" first."</p>
            })}
        </Panel>
    }
    .into_any()
}

#[component]
fn ReliedOnBy(name: String, lines: Vec<DependencyLine>) -> impl IntoView {
    let none = lines.is_empty();
    let items = lines
        .into_iter()
        .map(|line| view! { <Dependency line=line /> })
        .collect_view();
    view! {
        <Panel title="Relied on by" flush=true>
            {if none {
                view! { <p class="quiet sm pad">{format!("Nothing that is registered. When {name} breaks, nothing else is known to.")}</p> }.into_any()
            } else {
                view! { <ul class="plain-list dependencies">{items}</ul> }.into_any()
            }}
        </Panel>
    }
    .into_any()
}

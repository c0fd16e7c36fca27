//! Who may look: stakeholder links, and people named in a restricted incident.

use super::room::Person;
use crate::{
    FormState,
    components::{
        Ago, Button, ButtonKind, Chip, Choice, DateTime, EmptyState, FormError, Head, Icon,
        IconName, LinkButton, Notice, Panel, Select, Table, TextInput, Tone,
    },
};
use leptos::prelude::*;
use rideout_domain::{Incident, StakeholderLinkId, Timestamp, text::NAME_MAX};

/// A stakeholder link in the list.
#[derive(Clone, Debug)]
pub struct SharedLink {
    /// Identifier.
    pub id: StakeholderLinkId,
    /// Whom it is for.
    pub label: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last opened.
    pub last_viewed_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct SharePage {
    /// The incident.
    pub incident: Incident,
    /// Links, newest first; none when the viewer may not see them.
    pub links: Option<Vec<SharedLink>>,
    /// People named, when restricted, and since when.
    pub named: Vec<(Person, Timestamp)>,
    /// Everybody who could be named.
    pub people: Vec<Person>,
    /// The link just made, in full: shown once.
    pub made: Option<String>,
    /// What was typed for a new link.
    pub link_form: FormState,
    /// What was chosen to name somebody.
    pub access_form: FormState,
    /// The time of the page.
    pub now: Timestamp,
}

/// The page.
#[component]
pub fn Share(
    /// What it shows.
    page: SharePage,
) -> impl IntoView {
    let base = format!("/incidents/{}", page.incident.id);
    let title = page.incident.title.clone();
    let reference = page.incident.reference();
    let made = page.made.clone().map(made);
    let links = page
        .links
        .clone()
        .map(|links| links_panel(&base, links, page.link_form.clone(), page.now));
    let access = page.incident.restricted.then(|| access_panel(&base, &page));
    let open = (!page.incident.restricted).then(|| {
        view! {
            <Panel title="People with an account">
                <p>"Everybody in the organisation who has an account can see this incident."</p>
            </Panel>
        }
    });
    view! {
        <div class="page">
            <header class="page-head">
                <div class="grow">
                    <p class="sm quiet">{reference} " · " {title}</p>
                    <h1>"Who may look"</h1>
                </div>
                <LinkButton href=base icon=IconName::Left>"Back to the room"</LinkButton>
            </header>
            {made}
            {links}
            {access}
            {open}
        </div>
    }
    .into_any()
}

fn made(link: String) -> AnyView {
    view! {
        <Notice tone=Tone::Ok title="The link is made.">
            <p>"Copy it now: it is not shown again. Whoever has it sees the stakeholder page, until you revoke it."</p>
            <div class="row made-link">
                <label class="sr" for="made-link">"The new link"</label>
                <input class="input mono grow" id="made-link" readonly=true value=link.clone() />
                <button class="button" type="button" data-copy-from="made-link" hidden=true>
                    <Icon name=IconName::Copy />
                    "Copy"
                </button>
                <LinkButton href=link kind=ButtonKind::Plain>"Open"</LinkButton>
            </div>
        </Notice>
    }
    .into_any()
}

fn links_panel(base: &str, links: Vec<SharedLink>, form: FormState, now: Timestamp) -> AnyView {
    let none = links.is_empty();
    let rows = links
        .into_iter()
        .map(|link| {
            let seen = match link.last_viewed_at {
                Some(at) => view! { <Ago at=at now=now /> }.into_any(),
                None => "never".into_any(),
            };
            let end = match link.revoked_at {
                Some(at) => view! { <Chip>"revoked "</Chip> " " <span class="sm quiet"><Ago at=at now=now /></span> }.into_any(),
                None => view! {
                    <form method="post" action=format!("{base}/share/links/{}/revoke", link.id)>
                        <Button small=true label=format!("Revoke the link for {}", link.label)>"Revoke"</Button>
                    </form>
                }
                .into_any(),
            };
            view! {
                <tr class=link.revoked_at.map(|_| "quiet")>
                    <td><b>{link.label}</b></td>
                    <td data-label="Made">
                        <span>{link.created_by} ", " <Ago at=link.created_at now=now /></span>
                    </td>
                    <td data-label="Last opened">{seen}</td>
                    <td class="num">{end}</td>
                </tr>
            }
        })
        .collect_view();
    let table = if none {
        view! {
            <EmptyState title="Nobody outside is looking yet" icon=IconName::Eye>
                <p>
                    "A stakeholder link shows title, status and stakeholder updates to people without an account: no names, no working notes."
                </p>
            </EmptyState>
        }
        .into_any()
    } else {
        let heads = vec![
            Head::new("For"),
            Head::new("Made"),
            Head::new("Last opened"),
            Head::hidden("Revoke"),
        ];
        view! { <Table caption="Stakeholder links" heads=heads>{rows}</Table> }.into_any()
    };
    let (value, error) = (form.value("label"), form.error("label"));
    let action = format!("{base}/share/links");
    view! {
        <Panel
            title="Stakeholder links"
            lead="Read-only, for people without an account. Each can be revoked by itself."
            id="links"
        >
            <div class="stack">
                {table}
                <form class="stack" method="post" action=action>
                    <FormError form=form />
                    <div class="row form-line">
                        <TextInput
                            name="label"
                            label="New link for"
                            placeholder="Directors"
                            required=true
                            maxlength=NAME_MAX
                            value=value
                            error=error
                        />
                        <Button kind=ButtonKind::Primary icon=IconName::Link>"Make the link"</Button>
                    </div>
                </form>
            </div>
        </Panel>
    }
    .into_any()
}

fn access_panel(base: &str, page: &SharePage) -> AnyView {
    let named = page
        .named
        .iter()
        .map(|(person, since)| {
            view! {
                <li>
                    <crate::components::Avatar name=person.name.clone() />
                    <span>{person.name.clone()} <span class="sm quiet">" since " <DateTime at=*since /></span></span>
                </li>
            }
        })
        .collect_view();
    let list = if page.links.is_some() {
        view! { <ul class="people share-people">{named}</ul> }.into_any()
    } else {
        view! { <p class="sm quiet">"Commanders see here who is named already."</p> }.into_any()
    };
    let already = |person: &Person| page.named.iter().any(|(one, _)| one.id == person.id);
    let mut choices = vec![Choice::new("", "Choose somebody")];
    choices.extend(
        page.people
            .iter()
            .filter(|p| !already(p))
            .map(|p| Choice::new(p.id.to_string(), p.name.clone())),
    );
    let (value, error) = (
        page.access_form.value("user"),
        page.access_form.error("user"),
    );
    let (action, form) = (format!("{base}/share/access"), page.access_form.clone());
    view! {
        <Panel
            title="People named"
            lead="The incident is restricted: nobody else sees it, not even admins. Whoever is named stays named."
            id="people"
        >
            <div class="stack">
                {list}
                <form class="stack" method="post" action=action>
                    <FormError form=form />
                    <div class="row form-line">
                        <Select name="user" label="Let somebody see it" choices=choices value=value error=error />
                        <Button>"Name them"</Button>
                    </div>
                </form>
            </div>
        </Panel>
    }
    .into_any()
}

//! People: who there is, what they may do, and who is invited.

use super::{secret::Secret, words::role_title};
use crate::{
    FormState,
    components::{
        Ago, Avatar, Button, Chip, Choice, DateTime, Due, FormError, Head, Icon, IconName,
        InputKind, Notice, Panel, RadioCard, RadioCards, Select, Table, TextInput, Tone,
        button::ButtonKind, words::count,
    },
};
use leptos::prelude::*;
use rideout_domain::{InviteId, Role, Timestamp, UserId};

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct PersonLine {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Role in the organisation.
    pub role: Role,
    /// Since when shut out.
    pub disabled_at: Option<Timestamp>,
    /// Last use of a session.
    pub last_seen_at: Option<Timestamp>,
}

/// An invitation that nobody used yet.
#[derive(Clone, Debug)]
pub struct InviteLine {
    /// Identifier.
    pub id: InviteId,
    /// The only address it is for, if it is for one.
    pub email: Option<String>,
    /// The role it gives.
    pub role: Role,
    /// Who made it.
    pub created_by: String,
    /// When it ceases to be good.
    pub expires_at: Timestamp,
}

/// An invitation just made; its link is shown once.
#[derive(Clone, Debug)]
pub struct MadeLink {
    /// The link.
    pub link: String,
    /// The only address it is for, if it is for one.
    pub email: Option<String>,
    /// The role it gives.
    pub role: Role,
    /// When it ceases to be good.
    pub expires_at: Timestamp,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct PeoplePage {
    /// Everybody, those shut out last.
    pub people: Vec<PersonLine>,
    /// Invitations that nobody used yet, newest first.
    pub invites: Vec<InviteLine>,
    /// An invitation just made.
    pub made: Option<MadeLink>,
    /// The next invitation's identifier, made before the form is sent.
    pub next_invite: InviteId,
    /// The form of an invitation.
    pub form: FormState,
    /// Why the last change was not made.
    pub refused: Option<String>,
    /// Who looks.
    pub viewer: UserId,
    /// The time of the page.
    pub now: Timestamp,
}

/// People. Its forms post to `/people/…`.
#[component]
pub fn People(
    /// What the page shows.
    page: PeoplePage,
) -> impl IntoView {
    let PeoplePage {
        people,
        invites,
        made,
        next_invite,
        form,
        refused,
        viewer,
        now,
    } = page;
    let active = people
        .iter()
        .filter(|person| person.disabled_at.is_none())
        .count();
    let alone = people.len() == 1;
    let lead = if alone {
        "You are alone here. Invite those who will be in the room with you.".to_owned()
    } else {
        count(
            i64::try_from(active).unwrap_or(i64::MAX),
            "person can sign in.",
            "people can sign in.",
        )
    };
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <h1>"People"</h1>
                    <p class="quiet">{lead}</p>
                </div>
            </div>
            {refused.map(|refused| view! { <Notice tone=Tone::Bad>{refused}</Notice> })}
            {made.map(|made| view! { <Made made=made now=now /> })}
            <div class="people-columns">
                <div class="stack">
                    <Everybody people=people viewer=viewer now=now />
                    {(!invites.is_empty()).then(|| view! { <Invites invites=invites now=now /> })}
                </div>
                <Invite form=form next=next_invite />
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Made(made: MadeLink, now: Timestamp) -> impl IntoView {
    let whom = made
        .email
        .unwrap_or_else(|| "whom you want to invite".to_owned());
    view! {
        <Notice tone=Tone::Ok title="The invitation is ready.">
            <p>
                {format!("Send this link to {whom}. It makes one account with the role {}, works once, and ends ", made.role)}
                <Due at=made.expires_at now=now />
                ". Copy it now: this page does not show it again."
            </p>
            <Secret id="made-link" label="The link" value=made.link />
        </Notice>
    }
    .into_any()
}

#[component]
fn Everybody(people: Vec<PersonLine>, viewer: UserId, now: Timestamp) -> impl IntoView {
    let heads = vec![
        Head::new("Person"),
        Head::new("Role"),
        Head::new("Last seen"),
        Head::hidden("Sessions and access"),
    ];
    let rows = people
        .into_iter()
        .map(|person| view! { <Row person=person viewer=viewer now=now /> })
        .collect_view();
    view! {
        <section class="panel flush">
            <Table caption="Everybody with an account" heads=heads>{rows}</Table>
        </section>
    }
    .into_any()
}

#[component]
fn Row(person: PersonLine, viewer: UserId, now: Timestamp) -> impl IntoView {
    let PersonLine {
        id,
        name,
        email,
        role,
        disabled_at,
        last_seen_at,
    } = person;
    let own = id == viewer;
    let roles = Role::ALL
        .iter()
        .map(|role| Choice::new(role.word(), role_title(*role)))
        .collect();
    let end_label = format!("End sessions of {name}");
    let access_label = if disabled_at.is_some() {
        format!("Let in {name}")
    } else {
        format!("Shut out {name}")
    };
    view! {
        <tr class=if disabled_at.is_some() { "shut-out" } else { "" }>
            <td>
                <div class="person">
                    <Avatar name=name.clone() />
                    <div>
                        <div class="row"><b>{name.clone()}</b>
                            {own.then(|| view! { <Chip>"you"</Chip> })}
                            {disabled_at.is_some().then(|| view! { <Chip icon=IconName::Lock>"shut out"</Chip> })}
                        </div>
                        <span class="quiet">{email}</span>
                    </div>
                </div>
            </td>
            <td data-label="Role">
                <form class="role-form" method="post" action=format!("/people/{id}/role")>
                    <Select
                        name="role"
                        id=format!("role-{id}")
                        label=format!("Role of {name}")
                        hide_label=true
                        choices=roles
                        value=role.word()
                    />
                    <Button small=true label=format!("Change the role of {name}")>"Change"</Button>
                </form>
            </td>
            <td data-label="Last seen">{match (disabled_at, last_seen_at) {
                (Some(at), _) => view! { <span class="quiet">"shut out "<Ago at=at now=now /></span> }.into_any(),
                (None, Some(at)) => view! { <Ago at=at now=now /> }.into_any(),
                (None, None) => view! { <span class="quiet">"never"</span> }.into_any(),
            }}</td>
            <td>
                <div class="row-actions">
                    {(!own && disabled_at.is_none() && last_seen_at.is_some()).then(|| view! {
                        <form method="post" action=format!("/people/{id}/sessions/end")>
                            <Button small=true kind=ButtonKind::Plain label=end_label>"End sessions"</Button>
                        </form>
                    })}
                    {(!own).then(|| {
                        let (verb, word) = if disabled_at.is_some() { ("enable", "Let in") } else { ("disable", "Shut out") };
                        view! {
                            <form method="post" action=format!("/people/{id}/{verb}")>
                                <Button small=true label=access_label>{word}</Button>
                            </form>
                        }
                    })}
                </div>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Invites(invites: Vec<InviteLine>, now: Timestamp) -> impl IntoView {
    let heads = vec![
        Head::new("Invited"),
        Head::new("Role"),
        Head::new("By"),
        Head::new("Ends"),
        Head::hidden("Take it back"),
    ];
    let rows = invites
        .into_iter()
        .map(|invite| {
            let whom = invite.email.unwrap_or_else(|| "whoever opens the link".to_owned());
            let over = invite.expires_at <= now;
            let word = if over { "Remove" } else { "Take back" };
            let label = format!("{word} the invitation for {whom}");
            view! {
                <tr class=if over { "shut-out" } else { "" }>
                    <td>{whom}</td>
                    <td data-label="Role">{role_title(invite.role)}</td>
                    <td data-label="By">{invite.created_by}</td>
                    <td data-label="Ends">{if over {
                        view! { <span class="quiet">"expired "<DateTime at=invite.expires_at /></span> }.into_any()
                    } else {
                        view! { <Due at=invite.expires_at now=now /> }.into_any()
                    }}</td>
                    <td class="num">
                        <form method="post" action=format!("/people/invites/{}/revoke", invite.id)>
                            <Button small=true label=label>{word}</Button>
                        </form>
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <Panel title="Invitations not used yet" id="invites" flush=true>
            <Table caption="Invitations not used yet, newest first" heads=heads>{rows}</Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Invite(form: FormState, next: InviteId) -> impl IntoView {
    let cards = Role::ALL
        .iter()
        .map(|role| RadioCard {
            value: role.word().to_owned(),
            label: role_title(*role).to_owned(),
            explained: role.explained().to_owned(),
            class: "",
        })
        .collect();
    view! {
        <section class="panel" id="invite">
            <div class="panel-head">
                <div class="grow">
                    <h2>"Invite somebody"</h2>
                    <p class="quiet sm">"You get a link that makes one account. It is not mailed: send it as you like."</p>
                </div>
            </div>
            <form class="stack loose" method="post" action="/people/invites">
                <FormError form=form.clone() />
                <input type="hidden" name="id" value=next.to_string() />
                <RadioCards
                    name="role"
                    legend="Role"
                    cards=cards
                    value=form.value_or("role", Role::Responder.word())
                    error=form.error("role")
                    required=true
                />
                <TextInput
                    name="email"
                    label="E-mail address"
                    hint="With one, only this address can use the link."
                    kind=InputKind::Email
                    value=form.value("email")
                    error=form.error("email")
                    optional=true
                />
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary><Icon name=IconName::Link />"Make the link"</Button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

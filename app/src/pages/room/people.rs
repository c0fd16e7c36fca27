//! Who is here, and who does what.

use super::{
    ask::{Ask, choose, confirm},
    scene::{Person, Scene},
};
use crate::{
    components::{Avatar, Choice, Select, TextArea, words},
    entry_form::ME,
};
use leptos::prelude::*;
use rideout_domain::{EntryKind, IncidentRole, Room, UserId, room::Board};
use std::collections::BTreeMap;

/// Who can be chosen, whoever is here first.
pub(super) fn choices(first: Choice, people: &[Person], scene: &Scene) -> Vec<Choice> {
    let here = |id: UserId| scene.here.iter().any(|p| p.id == id);
    let mut sorted: Vec<&Person> = people.iter().collect();
    sorted.sort_by_key(|p| (!here(p.id), p.name.to_lowercase()));
    let mut choices = vec![first];
    choices.extend(sorted.into_iter().map(|p| {
        let label = if here(p.id) {
            format!("{} (here)", p.name)
        } else {
            p.name.clone()
        };
        Choice::new(p.id.to_string(), label)
    }));
    choices
}

/// Everybody who is here or was mentioned.
fn known(room: &Room, scene: &Scene) -> Vec<Person> {
    let here = scene.here.iter().map(|p| (p.id, p.name.clone()));
    let mentioned = room.people.iter().map(|(id, name)| (*id, name.clone()));
    let all: BTreeMap<UserId, String> = mentioned.chain(here).collect();
    all.into_iter()
        .map(|(id, name)| Person { id, name })
        .collect()
}

/// The sequence of the last change of roles.
fn last_change(room: &Room) -> i64 {
    let is_role = |kind| matches!(kind, EntryKind::RoleTaken | EntryKind::RoleReleased);
    room.entries
        .iter()
        .rev()
        .find(|e| is_role(e.kind()))
        .map_or(0, |e| e.seq)
}

/// Every role.
pub(super) fn roles_to_choose() -> Vec<Choice> {
    IncidentRole::ALL
        .iter()
        .map(|r| Choice::new(r.word(), r.title()))
        .collect()
}

/// The region `roles`, with its frame: who leads, who stands in, and so on.
///
/// Roles can be given here to whoever is here or was mentioned; the composer
/// knows everybody.
pub fn roles(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let people = &known(room, scene);
    let held: Vec<(IncidentRole, UserId)> = IncidentRole::ALL
        .iter()
        .flat_map(|role| {
            board
                .roles
                .get(role)
                .into_iter()
                .flatten()
                .map(|who| (*role, *who))
        })
        .collect();
    let nobody_leads = board.commander().is_none() && room.incident.is_open();
    let nobody_leads = nobody_leads.then(|| {
        view! { <p class="empty-line">"Nobody leads. One person must: take the role or give it to somebody."</p> }
    });
    let held = held
        .into_iter()
        .map(|(role, who)| {
            view! {
                <li id=format!("held-{}", card(role, who))>
                    <Avatar name=room.name(who).to_owned() />
                    <div class="grow">
                        <p>
                            <b>{room.name(who).to_owned()}</b>
                            " "
                            <span class="sm quiet" title=role.explained()>{role.title()}</span>
                        </p>
                        {hand_over(room, role, who, people, scene)}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section id="region-roles" class="region stack" aria-labelledby="roles-title">
            <h2 id="roles-title">"Who does what"</h2>
            {nobody_leads}
            <ul class="people">{held}</ul>
            {take(room, board, people, scene)}
        </section>
    }
    .into_any()
}

/// What a held role's card is known by; a role that one person has keeps its
/// card when it changes hands.
fn card(role: IncidentRole, who: UserId) -> String {
    if role.is_single() {
        role.word().to_owned()
    } else {
        format!("{}-{who}", role.word())
    }
}

fn hand_over(
    room: &Room,
    role: IncidentRole,
    who: UserId,
    people: &[Person],
    scene: &Scene,
) -> AnyView {
    let ask = Ask::new(
        room,
        scene,
        format!("role-{}", card(role, who)),
        "Hand over or give back",
        last_change(room),
    );
    let others: Vec<Person> = people.iter().filter(|p| p.id != who).cloned().collect();
    let fields = view! {
        <Select
            id=ask.id("user")
            name="user"
            label="To"
            choices=choices(Choice::new(ME, "Me"), &others, scene)
            value=ask.form.value("user")
            error=ask.form.error("user")
        />
        <TextArea
            id=ask.id("text")
            name="text"
            label="Hand-over note"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">
            {confirm("kind", EntryKind::RoleTaken.word(), "Hand over")}
            {choose("kind", EntryKind::RoleReleased.word(), "Give back")}
        </div>
    }
    .into_any();
    ask.show(
        vec![
            ("role", role.word().to_owned()),
            ("holder", who.to_string()),
        ],
        fields,
    )
}

fn take(room: &Room, board: &Board, people: &[Person], scene: &Scene) -> AnyView {
    let ask = Ask::new(
        room,
        scene,
        "role".to_owned(),
        "Take or give a role",
        last_change(room),
    );
    let free = IncidentRole::ALL
        .iter()
        .find(|r| board.roles.get(r).is_none_or(Vec::is_empty));
    let roles = roles_to_choose();
    let chosen = ask.form.value_or("role", free.map_or("", |r| r.word()));
    let fields = view! {
        <Select
            id=ask.id("role")
            name="role"
            label="Role"
            choices=roles
            value=chosen
            error=ask.form.error("role")
        />
        <Select
            id=ask.id("user")
            name="user"
            label="Who"
            choices=choices(Choice::new(ME, "Me"), people, scene)
            value=ask.form.value("user")
            error=ask.form.error("user")
        />
        <TextArea
            id=ask.id("text")
            name="text"
            label="Hand-over note"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{confirm("kind", EntryKind::RoleTaken.word(), "Take the role")}</div>
    }
    .into_any();
    ask.show(vec![], fields)
}

/// The region `here`: who is in the room. The same for everybody.
pub fn here(scene: &Scene) -> AnyView {
    let count = scene.here_count();
    let shown = scene
        .here
        .iter()
        .map(|p| {
            let away = p.away.then(|| view! { " " <span class="xs">"away"</span> });
            view! {
                <li class=if p.away { "away" } else { "" }>
                    <Avatar name=p.name.clone() />
                    <span>{p.name.clone()} {away}</span>
                </li>
            }
        })
        .collect_view();
    let none = scene.here.is_empty().then(|| {
        view! { <p class="empty-line">"Nobody has joined yet. Join, so that others see whom they can ask."</p> }
    });
    let said = words::count(
        i64::try_from(count).unwrap_or(i64::MAX),
        "person is",
        "people are",
    );
    view! {
        <section id="region-here" class="region stack" aria-labelledby="here-title">
            <h2 id="here-title">
                "Here now " <span class="count" aria-label=format!("{said} here") data-here=count.to_string()>{count}</span>
            </h2>
            {none}
            <ul class="present">{shown}</ul>
        </section>
    }
    .into_any()
}

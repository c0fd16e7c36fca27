//! Whom to call, beside the prompt: each with the reason, the route and a button.

use super::{ask::Ask, quote, scene::Scene};
use crate::components::{Ago, Avatar, Button, ButtonKind, Chip, Tone};
use leptos::prelude::*;
use rideout_domain::{
    Room,
    entry::ToCall,
    room::{Board, watch::Prompt},
};

/// Longest reason that a page is given, in characters.
const WHY: usize = 150;

/// Whom to call, each with the reason and the route; nobody when nobody is known.
pub(super) fn whom(room: &Room, board: &Board, asked: &Prompt, scene: &Scene) -> AnyView {
    if asked.call.is_empty() {
        return ().into_any();
    }
    let all = asked
        .call
        .iter()
        .enumerate()
        .map(|(at, one)| call(room, board, asked, at, one, scene))
        .collect_view();
    view! {
        <div class="whom">
            <h2>"Whom to call"</h2>
            <ul>{all}</ul>
        </div>
    }
    .into_any()
}

fn call(
    room: &Room,
    board: &Board,
    asked: &Prompt,
    at: usize,
    one: &ToCall,
    scene: &Scene,
) -> AnyView {
    let name = one
        .user
        .map_or_else(|| one.name.clone(), |id| room.name(id).to_owned());
    let route = (!one.route.is_empty()).then(|| one.route.clone());
    let paged = one
        .user
        .and_then(|user| board.watch.pages.iter().rev().find(|p| p.user == user));
    let state = match paged {
        Some(page) if page.acknowledged.is_some() => {
            Some(view! { <Chip tone=Tone::Ok>"is on it"</Chip> }.into_any())
        }
        Some(page) if page.is_open() => Some(
            view! { <span class="xs quiet nowrap">"paged " <Ago at=page.at now=scene.now /></span> }
                .into_any(),
        ),
        _ => None,
    };
    let missed = paged
        .filter(|page| page.failed.is_some())
        .map(|page| view! { <span class="xs quiet">"a page reached nobody " <Ago at=page.at now=scene.now /></span> });
    let button = one.user.filter(|_| state.is_none()).map(|user| {
        let ask = Ask::new(
            room,
            scene,
            format!("call-{}-{at}", asked.seq),
            "",
            asked.seq,
        )
        .to(format!("/incidents/{}/pages", room.incident.id));
        let why = asked.signals.first().map_or_else(
            || "The room seems stuck.".to_owned(),
            |s| quote::excerpt(&s.why, WHY),
        );
        let kind = if at == 0 {
            ButtonKind::Primary
        } else {
            ButtonKind::Normal
        };
        let label = format!("Page {name}");
        let fields = view! {
            <Button small=true kind=kind label=label>"Page"</Button>
        };
        let hidden = vec![("user", user.to_string()), ("text", why)];
        view! { <div class="write">{ask.bare(hidden, fields.into_any())}</div> }
    });
    view! {
        <li>
            <Avatar name=name.clone() />
            <div class="grow">
                <b>{name}</b>
                <p class="xs">{one.reason.clone()}</p>
                <p class="xs quiet">{route}</p>
                {missed}
            </div>
            {state}
            {button}
        </li>
    }
    .into_any()
}

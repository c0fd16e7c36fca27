//! What somebody pinned to the top.

use super::{entry, quote};
use crate::components::{Clock, Icon, IconName};
use leptos::prelude::*;
use rideout_domain::Room;

/// The region `pinned`, with its frame; empty when nothing is pinned.
pub fn pinned(room: &Room) -> AnyView {
    let pins = room
        .pinned()
        .into_iter()
        .map(|e| {
            let text = quote::excerpt(&e.text, 200);
            let text = if text.is_empty() { e.kind().title().to_owned() } else { text };
            let unpin = format!("/incidents/{}/entries/{}/unpin", room.incident.id, e.id);
            view! {
                <li>
                    <Icon name=IconName::Pin />
                    <a class="grow" href=entry::link_to(room, e.seq, e.id)>{text}</a>
                    <span class="xs quiet">{room.author(e).to_owned()} ", " <Clock at=e.occurred_at /></span>
                    <form class="write" method="post" action=unpin>
                        <button class="button plain small" aria-label=format!("Unpin entry {}", e.seq)>"Unpin"</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    let none = room.pinned().is_empty();
    view! {
        <section id="region-pinned" class="pinned" aria-label="Pinned" hidden=none>
            <ul>{pins}</ul>
        </section>
    }
    .into_any()
}

//! The page around the regions.

use super::{
    filter::Filter,
    fragments::Regions,
    scene::Person,
    timeline::{self, Rendered},
};
use crate::{
    components::{Button, ButtonKind, IconName},
    islands::{Composer, LiveRoom},
};
use leptos::prelude::*;
use rideout_domain::{EntryId, Incident, Role, UserId};

/// What the page of a room shows, rendered as far as it is the same for everybody.
#[derive(Clone, Debug)]
pub struct RoomPage<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// The regions.
    pub regions: &'a Regions,
    /// The composer.
    pub composer: &'a str,
    /// The identifier that an entry written on this page will have.
    pub entry_id: EntryId,
    /// The timeline.
    pub timeline: &'a Rendered,
    /// What the timeline shows.
    pub filter: &'a Filter,
    /// Who wrote something, to filter by.
    pub authors: &'a [Person],
    /// Who looks.
    pub me: UserId,
    /// Their role in the organisation.
    pub role: Role,
    /// Whether they joined.
    pub joined: bool,
}

/// The page of a room.
pub fn room_page(page: &RoomPage<'_>) -> AnyView {
    let base = format!("/incidents/{}", page.incident.id);
    let description = (!page.incident.description_html.trim().is_empty()).then(|| {
        view! {
            <details class="about">
                <summary class="sm">"About this incident"</summary>
                <div class="prose" inner_html=page.incident.description_html.clone()></div>
            </details>
        }
    });
    let reader = (page.role == Role::Viewer).then(|| {
        view! {
            <p class="reader sm quiet">
                "You can read along. To write, ask an admin for the role responder."
            </p>
        }
    });
    let (verb, words) = if page.joined {
        ("leave", "Leave the room")
    } else {
        ("join", "Join the room")
    };
    let kind = if page.joined {
        ButtonKind::Plain
    } else {
        ButtonKind::Normal
    };
    view! {
        <div
            class="war-room"
            id="room"
            data-incident=page.incident.id.to_string()
            data-seq=page.incident.last_seq.to_string()
        >
            <div class="room-top" inner_html=page.regions.glance.clone()></div>
            <div class="keep" inner_html=page.regions.prompt.clone()></div>
            <nav class="jump" aria-label="On this page">
                <a href="#timeline-box">"Timeline"</a>
                <a href="#region-doing">"Doing"</a>
                <a href="#region-thinking">"Thinking"</a>
                <a href="#region-roles">"People"</a>
                <a class="write" href="#composer-text">"Write"</a>
            </nav>
            <div class="room">
                <div class="talk">
                    {description}
                    <div class="keep" inner_html=page.regions.pinned.clone()></div>
                    {timeline::timeline(page.incident.id, page.filter, page.authors, page.timeline, page.me)}
                    {reader}
                    <input type="hidden" name="id" form="composer" value=page.entry_id.to_string() />
                    <div class="write composer-place" inner_html=page.composer.to_owned()></div>
                </div>
                <div class="side doing-side">
                    <div class="keep" inner_html=page.regions.doing.clone()></div>
                    <div class="keep" inner_html=page.regions.roles.clone()></div>
                    <div class="keep" inner_html=page.regions.here.clone()></div>
                    <form method="post" action=format!("{base}/{verb}")>
                        <Button small=true kind=kind icon=IconName::Door>{words}</Button>
                    </form>
                    // What only a browser with scripts can do: shown when its half is awake.
                    <div class="alerts" id="alerts" hidden=true>
                        <p class="xs quiet" id="alerts-title">"When the room is asked whether it is stuck"</p>
                        <div class="row" role="group" aria-labelledby="alerts-title">
                            <button class="button plain small" type="button" data-alert="sound" aria-pressed="false">"Sound"</button>
                            <button class="button plain small" type="button" data-alert="notice" aria-pressed="false">"Notification"</button>
                        </div>
                    </div>
                </div>
                <div class="side thinking-side">
                    <div class="keep" inner_html=page.regions.thinking.clone()></div>
                </div>
            </div>
            <LiveRoom />
            {(page.role != Role::Viewer).then(|| view! { <Composer /> })}
        </div>
    }
    .into_any()
}

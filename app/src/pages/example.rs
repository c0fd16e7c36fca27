//! The way into the example: choose whom to be.

use crate::components::Avatar;
use leptos::prelude::*;
use rideout_domain::{Role, UserId};

/// A person of the example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Role in the organisation.
    pub role: Role,
    /// What they do in the story, in a sentence.
    pub part: String,
}

/// Choose which person of the example to enter as. Posts `user` to `/example/enter`.
#[component]
pub fn Example(
    /// Everybody in it, who sees most first.
    people: Vec<Persona>,
) -> impl IntoView {
    let people = people
        .into_iter()
        .map(|persona| {
            view! {
                <li>
                    <form method="post" action="/example/enter">
                        <input type="hidden" name="user" value=persona.id.to_string() />
                        <button class="persona" type="submit">
                            <Avatar name=persona.name.clone() large=true />
                            <span class="grow">
                                <span class="row"><b>{persona.name}</b><span class="chip">{persona.role.word()}</span></span>
                                <span class="sm quiet">{persona.part}</span>
                            </span>
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="page narrow">
            <div>
                <h1>"Whom would you like to be?"</h1>
                <p class="quiet">
                    "A store app goes live, and reservations crawl. The directors are at the door. Everything in here is made up and kept in a throw-away file, so nobody needs a password. Open two browsers as two people to see the room live."
                </p>
            </div>
            <ul class="personas plain-list">{people}</ul>
        </div>
    }
    .into_any()
}

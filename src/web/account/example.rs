//! The way into the example, without a password.

use super::{come_in, visit};
use crate::web::{Form, Page, PageError, Problem, Web, scope::Scope};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    Nav,
    pages::example::{Example, Persona},
};
use rideout_domain::{Role, UserId};
use std::sync::Arc;

/// What people do in the story, by their names.
const PARTS: [(&str, &str); 8] = [
    (
        "Priya Nair",
        "Leads the room and decides what is tried next.",
    ),
    (
        "Sam Ade",
        "Stands in for whoever leads, and watches the clock.",
    ),
    (
        "Omar Haddad",
        "Suspects the threads, and cannot reach the instances to look.",
    ),
    (
        "Lena Vogt",
        "Walks through the flow on two phones and says what customers see.",
    ),
    (
        "Dana Kim",
        "Knows the platform; works out from request rates how many threads are busy.",
    ),
    ("Ravi Verma", "Looks after the load balancer and its ports."),
    (
        "Carla Ito",
        "Answers the directors, so that the room can work.",
    ),
    (
        "Grace Obi",
        "Runs the launch; an admin, who sees the audit log, too.",
    ),
];

pub(super) async fn page(State(web): State<Web>, page: Page) -> Result<Response, PageError> {
    must_be_example(&web)?;
    let mut people = web.service.example_people().await?;
    // Who sees most comes first.
    people.sort_by_key(|person| std::cmp::Reverse(person.role));
    let people = people
        .into_iter()
        .map(|person| Persona {
            part: part(&person.name, person.role).to_owned(),
            id: person.id,
            name: person.name,
            role: person.role,
        })
        .collect();
    Ok(page.html(StatusCode::OK, Nav::None, "The example", || {
        view! { <Example people=people /> }.into_any()
    }))
}

/// Takes `user`.
pub(super) async fn enter(
    State(web): State<Web>,
    scope: Arc<Scope>,
    form: Form,
) -> Result<Response, PageError> {
    must_be_example(&web)?;
    let user = form
        .text("user")
        .parse::<UserId>()
        .map_err(|_| Problem::not_found())?;
    let signed_in = web
        .service
        .enter_as_example(user, visit(&web, &scope))
        .await?;
    Ok(come_in(&web, &signed_in, "/incidents"))
}

/// The server must have been started so, besides the mark in the database that
/// the use cases ask for: a copy of the file stays shut elsewhere.
fn must_be_example(web: &Web) -> Result<(), Problem> {
    if web.example {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

fn part(name: &str, role: Role) -> &'static str {
    PARTS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or_else(|| role.explained(), |(_, part)| part)
}

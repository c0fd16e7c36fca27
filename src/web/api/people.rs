//! `/api/v1/me` and `/api/v1/people`

use crate::web::{Access, ApiError, Routes, SignedIn, Web};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use rideout_domain::{Role, UserId};
use serde::Serialize;

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new().get("/api/v1/me", Access::SignedIn, me).get(
        "/api/v1/people",
        Access::SignedIn,
        people,
    )
}

#[derive(Serialize)]
struct Person {
    id: UserId,
    name: String,
    role: Role,
}

async fn me(SignedIn(actor): SignedIn) -> Response {
    axum::Json(Person {
        id: actor.id,
        name: actor.name,
        role: actor.role,
    })
    .into_response()
}

#[derive(Serialize)]
struct People {
    people: Vec<Person>,
}

/// Everybody who has an account in use: they can own tasks and take roles.
async fn people(State(web): State<Web>, SignedIn(_): SignedIn) -> Result<Response, ApiError> {
    let people = web.service.people().await?;
    let people = people
        .into_iter()
        .map(|one| Person {
            id: one.id,
            name: one.name,
            role: one.role,
        })
        .collect();
    Ok(axum::Json(People { people }).into_response())
}

//! Coming into a room, leaving it, and who is there.

use crate::web::{Access, ApiError, Path, Routes, SignedIn, Web};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rideout_domain::{IncidentId, Role, Timestamp, UserId};
use serde::Serialize;

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get(
            "/api/v1/incidents/{id}/here",
            Access::Incident(Role::Viewer),
            here,
        )
        .post(
            "/api/v1/incidents/{id}/join",
            Access::Incident(Role::Viewer),
            join,
        )
        .post(
            "/api/v1/incidents/{id}/leave",
            Access::Incident(Role::Viewer),
            leave,
        )
}

async fn join(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
) -> Result<StatusCode, ApiError> {
    web.service.join(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn leave(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
) -> Result<StatusCode, ApiError> {
    web.service.leave(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Present {
    people: Vec<One>,
}

#[derive(Serialize)]
struct One {
    id: UserId,
    name: String,
    joined_at: Timestamp,
}

async fn here(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
) -> Result<Response, ApiError> {
    let people = web.service.here_now(&actor, id).await?;
    let people = people
        .into_iter()
        .map(|one| One {
            id: one.id,
            name: one.name,
            joined_at: one.joined_at,
        })
        .collect();
    Ok(axum::Json(Present { people }).into_response())
}

//! `/api/v1/teams`

use super::incidents::location;
use crate::web::{Access, ApiError, Path, Routes, SignedIn, Web, forms::Json};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{Role, TeamId, UserId};
use rideout_service::directory::{NewTeam, Team};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    const CHANGES: Access = Access::Role(Role::Commander);
    Routes::new()
        .get("/api/v1/teams", Access::SignedIn, list)
        .post("/api/v1/teams", CHANGES, make)
        .get("/api/v1/teams/{team}", Access::SignedIn, show)
        .put("/api/v1/teams/{team}", CHANGES, change)
        .delete("/api/v1/teams/{team}", CHANGES, archive)
}

#[derive(Serialize)]
struct Listed {
    teams: Vec<Team>,
}

async fn list(State(web): State<Web>, SignedIn(actor): SignedIn) -> Result<Response, ApiError> {
    let teams = web.service.teams(&actor).await?;
    Ok(axum::Json(Listed { teams }).into_response())
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TeamId>,
) -> Result<Response, ApiError> {
    Ok(axum::Json(web.service.team(&actor, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    id: Option<TeamId>,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    members: Vec<UserId>,
}

impl From<Body> for NewTeam {
    fn from(body: Body) -> Self {
        Self {
            name: body.name,
            description: body.description,
            members: body.members,
        }
    }
}

/// Answers as when it was made, when the same id comes again.
async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Json(body): Json<Body>,
) -> Result<Response, ApiError> {
    let id = body.id;
    let id = web.service.make_team(&actor, id, &body.into()).await?;
    let made = web.service.team(&actor, id).await?;
    let at = location(&format!("/api/v1/teams/{id}"));
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, at)],
        axum::Json(made),
    )
        .into_response())
}

async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TeamId>,
    Json(body): Json<Body>,
) -> Result<Response, ApiError> {
    web.service.change_team(&actor, id, &body.into()).await?;
    Ok(axum::Json(web.service.team(&actor, id).await?).into_response())
}

async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TeamId>,
) -> Result<Response, ApiError> {
    web.service.archive_team(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

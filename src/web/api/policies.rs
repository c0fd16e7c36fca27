//! `/api/v1/policies`: escalation policies.

use super::incidents::location;
use crate::web::{Access, ApiError, Path, Routes, SignedIn, Web, forms::Json};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{
    PolicyId, Role,
    escalation::{Level, Policy},
};
use rideout_service::directory::{ListedPolicy, NewPolicy};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    const CHANGES: Access = Access::Role(Role::Commander);
    Routes::new()
        .get("/api/v1/policies", Access::SignedIn, list)
        .post("/api/v1/policies", CHANGES, make)
        .get("/api/v1/policies/{policy}", Access::SignedIn, show)
        .put("/api/v1/policies/{policy}", CHANGES, change)
        .delete("/api/v1/policies/{policy}", CHANGES, archive)
}

#[derive(Serialize)]
struct Listed {
    policies: Vec<ListedPolicy>,
}

async fn list(State(web): State<Web>, SignedIn(actor): SignedIn) -> Result<Response, ApiError> {
    let policies = web.service.policies(&actor).await?;
    Ok(axum::Json(Listed { policies }).into_response())
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<PolicyId>,
) -> Result<Response, ApiError> {
    Ok(axum::Json(web.service.policy(&actor, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    id: Option<PolicyId>,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    repeats: u32,
    levels: Vec<Level>,
}

impl From<Body> for NewPolicy {
    fn from(body: Body) -> Self {
        Self {
            description: body.description,
            is_default: body.default,
            policy: Policy {
                name: body.name,
                repeats: body.repeats,
                levels: body.levels,
            },
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
    let id = web.service.make_policy(&actor, id, &body.into()).await?;
    let made = web.service.policy(&actor, id).await?;
    let at = location(&format!("/api/v1/policies/{id}"));
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, at)],
        axum::Json(made),
    )
        .into_response())
}

/// What is running keeps the policy it began with.
async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<PolicyId>,
    Json(body): Json<Body>,
) -> Result<Response, ApiError> {
    web.service.change_policy(&actor, id, &body.into()).await?;
    Ok(axum::Json(web.service.policy(&actor, id).await?).into_response())
}

async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<PolicyId>,
) -> Result<Response, ApiError> {
    web.service.archive_policy(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

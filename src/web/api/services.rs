//! `/api/v1/services`: services, their components, what they rely on.

use super::incidents::{location, word};
use crate::web::{Access, ApiError, Path, Problem, Routes, SignedIn, Web, forms::Json};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{Action, ComponentId, PolicyId, Role, ServiceId, ServiceKind, TeamId, UserId};
use rideout_service::{
    Error,
    directory::{NewComponent, NewService, Registered},
};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    const CHANGES: Access = Access::Role(Role::Commander);
    Routes::new()
        .get("/api/v1/services", Access::SignedIn, list)
        .post("/api/v1/services", CHANGES, make)
        .get("/api/v1/services/{service}", Access::SignedIn, show)
        .put("/api/v1/services/{service}", CHANGES, change)
        .delete("/api/v1/services/{service}", CHANGES, archive)
        .put(
            "/api/v1/services/{service}/dependencies/{dependency}",
            CHANGES,
            put_dependency,
        )
        .delete(
            "/api/v1/services/{service}/dependencies/{dependency}",
            CHANGES,
            remove_dependency,
        )
        .post(
            "/api/v1/services/{service}/components",
            CHANGES,
            make_component,
        )
        .put(
            "/api/v1/services/{service}/components/{component}",
            CHANGES,
            change_component,
        )
        .delete(
            "/api/v1/services/{service}/components/{component}",
            CHANGES,
            archive_component,
        )
}

#[derive(Serialize)]
struct Listed {
    services: Vec<Registered>,
}

async fn list(State(web): State<Web>, SignedIn(actor): SignedIn) -> Result<Response, ApiError> {
    let services = web.service.services(&actor).await?;
    Ok(axum::Json(Listed { services }).into_response())
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
) -> Result<Response, ApiError> {
    Ok(axum::Json(web.service.registered(&actor, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    id: Option<ServiceId>,
    name: String,
    #[serde(default)]
    description: String,
    kind: Option<String>,
    team: Option<TeamId>,
    owner: Option<UserId>,
    policy: Option<PolicyId>,
    #[serde(default)]
    contact: String,
    response_minutes: Option<u32>,
}

impl Body {
    fn read(self) -> Result<NewService, Problem> {
        Ok(NewService {
            name: self.name,
            description: self.description,
            kind: word("kind", self.kind.as_deref())?.unwrap_or(ServiceKind::Service),
            team: self.team,
            owner: self.owner,
            policy: self.policy,
            contact: self.contact,
            response_minutes: self.response_minutes,
        })
    }
}

/// Answers as when it was made, when the same id comes again.
async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Json(body): Json<Body>,
) -> Result<Response, ApiError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let id = body.id;
    let id = web.service.make_service(&actor, id, &body.read()?).await?;
    let made = web.service.registered(&actor, id).await?;
    let at = location(&format!("/api/v1/services/{id}"));
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, at)],
        axum::Json(made),
    )
        .into_response())
}

/// Replaces all that a service is made of but its components and dependencies.
async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
    Json(body): Json<Body>,
) -> Result<Response, ApiError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    web.service
        .change_service(&actor, id, &body.read()?)
        .await?;
    Ok(axum::Json(web.service.registered(&actor, id).await?).into_response())
}

async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
) -> Result<Response, ApiError> {
    web.service.archive_service(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strength {
    hard: bool,
}

async fn put_dependency(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, dependency)): Path<(ServiceId, ServiceId)>,
    Json(strength): Json<Strength>,
) -> Result<Response, ApiError> {
    web.service
        .put_dependency(&actor, id, dependency, strength.hard)
        .await?;
    Ok(axum::Json(web.service.registered(&actor, id).await?).into_response())
}

async fn remove_dependency(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, dependency)): Path<(ServiceId, ServiceId)>,
) -> Result<Response, ApiError> {
    web.service
        .remove_dependency(&actor, id, dependency)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentBody {
    id: Option<ComponentId>,
    name: String,
    #[serde(default)]
    description: String,
    owner: Option<UserId>,
    #[serde(default)]
    experts: Vec<UserId>,
}

impl From<ComponentBody> for NewComponent {
    fn from(body: ComponentBody) -> Self {
        Self {
            name: body.name,
            description: body.description,
            owner: body.owner,
            experts: body.experts,
        }
    }
}

async fn make_component(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(service): Path<ServiceId>,
    Json(body): Json<ComponentBody>,
) -> Result<Response, ApiError> {
    let id = body.id;
    let id = web
        .service
        .make_component(&actor, service, id, &body.into())
        .await?;
    component(&web, &actor, service, id, StatusCode::CREATED).await
}

async fn change_component(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((service, id)): Path<(ServiceId, ComponentId)>,
    Json(body): Json<ComponentBody>,
) -> Result<Response, ApiError> {
    web.service
        .change_component(&actor, service, id, &body.into())
        .await?;
    component(&web, &actor, service, id, StatusCode::OK).await
}

async fn component(
    web: &Web,
    actor: &rideout_domain::Actor,
    service: ServiceId,
    id: ComponentId,
    status: StatusCode,
) -> Result<Response, ApiError> {
    let of = web.service.registered(actor, service).await?;
    let one = of.components.into_iter().find(|c| c.id == id);
    Ok((status, axum::Json(one.ok_or(Error::NotFound)?)).into_response())
}

async fn archive_component(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((service, id)): Path<(ServiceId, ComponentId)>,
) -> Result<Response, ApiError> {
    web.service.archive_component(&actor, service, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

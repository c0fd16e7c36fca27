//! `/api/v1/me/routes` and `/api/v1/me/quiet-hours`: how the asker is reached.

use super::incidents::{location, word};
use crate::web::{Access, ApiError, Path, Problem, Routes, SignedIn, Web, forms::Json};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{
    Actor, Channel, MessageId, QuietHours, RouteId, Severity, reach::time_of_day,
};
use rideout_service::directory::{ListedRoute, NewQuietHours, NewRoute};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    const OWN: Access = Access::SignedIn;
    Routes::new()
        .get("/api/v1/me/routes", OWN, list)
        .post("/api/v1/me/routes", OWN, make)
        .get("/api/v1/me/routes/{route}", OWN, show)
        .patch("/api/v1/me/routes/{route}", OWN, change)
        .delete("/api/v1/me/routes/{route}", OWN, remove)
        .post("/api/v1/me/routes/{route}/move", OWN, shift)
        .post("/api/v1/me/routes/{route}/enable", OWN, enable)
        .post("/api/v1/me/routes/{route}/test", OWN, test)
        .put("/api/v1/me/quiet-hours", OWN, set_quiet_hours)
        .delete("/api/v1/me/quiet-hours", OWN, clear_quiet_hours)
}

#[derive(Serialize)]
struct Quiet {
    zone: String,
    from: String,
    until: String,
    loud_severity: Severity,
}

impl From<QuietHours> for Quiet {
    fn from(quiet: QuietHours) -> Self {
        Self {
            from: time_of_day(quiet.from_minute),
            until: time_of_day(quiet.until_minute),
            zone: quiet.zone,
            loud_severity: quiet.loud_severity,
        }
    }
}

#[derive(Serialize)]
struct Reached {
    routes: Vec<ListedRoute>,
    quiet_hours: Option<Quiet>,
    last_resort: String,
}

async fn reached(web: &Web, actor: &Actor) -> Result<Response, ApiError> {
    let reach = web.service.reach(actor).await?;
    Ok(axum::Json(Reached {
        routes: reach.routes,
        quiet_hours: reach.quiet_hours.map(Into::into),
        last_resort: reach.last_resort,
    })
    .into_response())
}

async fn list(State(web): State<Web>, SignedIn(actor): SignedIn) -> Result<Response, ApiError> {
    reached(&web, &actor).await
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, ApiError> {
    Ok(axum::Json(web.service.route(&actor, id).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    id: Option<RouteId>,
    channel: String,
    #[serde(default)]
    target: String,
    token: Option<String>,
    label: Option<String>,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    route: ListedRoute,
    /// What a signed webhook is signed with, in this answer only.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Json(body): Json<Body>,
) -> Result<Response, ApiError> {
    let new = NewRoute {
        channel: word::<Channel>("channel", Some(&body.channel))?,
        target: Some(body.target),
        token: body.token,
        label: body.label,
    };
    let made = web.service.make_route(&actor, body.id, &new).await?;
    let route = web.service.route(&actor, made.id).await?;
    let at = location(&format!("/api/v1/me/routes/{}", made.id));
    let shown = Made {
        route,
        secret: made.secret,
    };
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, at)],
        axum::Json(shown),
    )
        .into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    target: Option<String>,
    token: Option<String>,
    label: Option<String>,
}

/// Changes what is named, and takes the route into use again.
async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
    Json(changes): Json<Changes>,
) -> Result<Response, ApiError> {
    let new = NewRoute {
        channel: None,
        target: changes.target,
        token: changes.token,
        label: changes.label,
    };
    web.service.change_route(&actor, id, &new).await?;
    Ok(axum::Json(web.service.route(&actor, id).await?).into_response())
}

async fn remove(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, ApiError> {
    web.service.remove_route(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Direction {
    to: String,
}

/// Moves a route one place: `earlier` or `later`.
async fn shift(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
    Json(direction): Json<Direction>,
) -> Result<Response, ApiError> {
    let earlier = match direction.to.as_str() {
        "earlier" => true,
        "later" => false,
        _ => return Err(Problem::invalid("to", "Say earlier or later.").into()),
    };
    web.service.move_route(&actor, id, earlier).await?;
    reached(&web, &actor).await
}

async fn enable(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, ApiError> {
    web.service.enable_route(&actor, id).await?;
    Ok(axum::Json(web.service.route(&actor, id).await?).into_response())
}

#[derive(Serialize)]
struct Asked {
    message: MessageId,
}

/// Sends a test. What it came to stands at the route.
async fn test(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, ApiError> {
    let message = web.service.test_route(&actor, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(Asked { message })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuietBody {
    zone: String,
    from: String,
    until: String,
    loud_severity: Option<String>,
}

async fn set_quiet_hours(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Json(body): Json<QuietBody>,
) -> Result<Response, ApiError> {
    let quiet = NewQuietHours {
        zone: body.zone,
        from: body.from,
        until: body.until,
        loud_severity: word("loud_severity", body.loud_severity.as_deref())?
            .unwrap_or(Severity::Sev1),
    };
    web.service.set_quiet_hours(&actor, Some(&quiet)).await?;
    reached(&web, &actor).await
}

async fn clear_quiet_hours(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
) -> Result<Response, ApiError> {
    web.service.set_quiet_hours(&actor, None).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

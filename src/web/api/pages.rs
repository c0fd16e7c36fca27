//! Pages, escalations and the engine, for programs.

use super::incidents::location;
use crate::web::{Access, ApiError, Path, Routes, SignedIn, Web, forms::Json};
use axum::{
    Json as Answer,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{Channel, EscalationId, IncidentId, PageId, PolicyId, Role, Timestamp};
use rideout_service::page::{Node, OpenPage, Reason, Waiting};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/pages", Access::SignedIn, open)
        .post(
            "/api/v1/pages/{page}/acknowledge",
            Access::SignedIn,
            acknowledge,
        )
        .post("/api/v1/pages/{page}/escalate", Access::SignedIn, onward)
        .post(
            "/api/v1/incidents/{id}/escalations",
            Access::Incident(Role::Responder),
            escalate,
        )
        .get("/api/v1/engine", Access::SignedIn, engine)
}

#[derive(Serialize)]
struct Pages {
    pages: Vec<OpenPage>,
}

/// The open pages of whoever asks.
async fn open(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
) -> Result<Answer<Pages>, ApiError> {
    let pages = web.service.open_pages(&actor).await?;
    Ok(Answer(Pages { pages }))
}

#[derive(Serialize)]
struct Acknowledged {
    /// False when it needed no answer any more.
    was_open: bool,
}

async fn acknowledge(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(page): Path<PageId>,
) -> Result<Answer<Acknowledged>, ApiError> {
    let was_open = web.service.acknowledge_page(&actor, page).await?;
    Ok(Answer(Acknowledged { was_open }))
}

async fn onward(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(page): Path<PageId>,
) -> Result<StatusCode, ApiError> {
    web.service.escalate_from_page(&actor, page).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Escalate {
    /// Another policy than that of the incident's services.
    policy: Option<PolicyId>,
    reason: String,
}

#[derive(Serialize)]
struct Escalated {
    id: EscalationId,
    /// False when one ran already and its next level was called.
    created: bool,
}

async fn escalate(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(incident): Path<IncidentId>,
    Json(body): Json<Escalate>,
) -> Result<Response, ApiError> {
    let reason = Reason::new(body.reason);
    let done = web
        .service
        .escalate(&actor, incident, body.policy, reason)
        .await?;
    let status = if done.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let at = location(&format!("/api/v1/incidents/{incident}/entries"));
    let body = Answer(Escalated {
        id: done.id,
        created: done.created,
    });
    Ok((status, [(header::LOCATION, at)], body).into_response())
}

#[derive(Serialize)]
struct Engine {
    nodes: Vec<Node>,
    waiting: Waiting,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Message {
    person: String,
    channel: Channel,
    purpose: &'static str,
    state: &'static str,
    attempts: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
    created_at: Timestamp,
    due_at: Option<Timestamp>,
    settled_at: Option<Timestamp>,
}

async fn engine(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
) -> Result<Answer<Engine>, ApiError> {
    let seen = web.service.engine_page(&actor).await?;
    let messages = seen.messages.into_iter().map(|one| Message {
        person: one.person,
        channel: one.channel,
        purpose: one.purpose.word(),
        state: one.state.word(),
        attempts: one.attempts,
        why: one.why,
        created_at: one.created_at,
        due_at: one.due_at,
        settled_at: one.settled_at,
    });
    Ok(Answer(Engine {
        nodes: seen.nodes,
        waiting: seen.waiting,
        messages: messages.collect(),
    }))
}

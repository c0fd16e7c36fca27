//! The stall watch: what it makes of an incident, answers to its prompts, pages by hand.

use super::incidents::location;
use crate::web::{Access, ApiError, Path, Routes, SignedIn, Web, forms::Json};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{
    EntryId, IncidentId, PageId, Role, Timestamp, UserId,
    entry::{AnswerKind, PromptTo, ToCall},
    stall::{Fired, Level, figures::Figures, ladder::Rung},
};
use rideout_service::{page::Reason, stall::NewAnswer};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    let (read, write) = (
        Access::Incident(Role::Viewer),
        Access::Incident(Role::Responder),
    );
    Routes::new()
        .get("/api/v1/incidents/{id}/stall", read, show)
        .post(
            "/api/v1/incidents/{id}/prompts/{entry}/answer",
            write,
            answer,
        )
        .post("/api/v1/incidents/{id}/pages", write, page)
        .get("/api/v1/stall", Access::SignedIn, figures)
}

#[derive(Serialize)]
struct Shown {
    level: Level,
    points: u32,
    signals: Vec<Fired>,
    learnt_at: Option<Timestamp>,
    rung: Rung,
    prompt: Option<Asked>,
    call: Vec<ToCall>,
    figures: Figures,
    looks_at: Option<Timestamp>,
}

/// The prompt that awaits an answer.
#[derive(Serialize)]
struct Asked {
    id: EntryId,
    at: Timestamp,
    to: PromptTo,
    people: Vec<UserId>,
    answer_by: Timestamp,
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
) -> Result<Response, ApiError> {
    let view = web.service.stall(&actor, id).await?;
    let shown = Shown {
        level: view.judged.level,
        points: view.judged.points,
        signals: view.judged.signals,
        learnt_at: view.judged.learnt_at,
        rung: view.rung,
        prompt: view.prompt.map(|p| Asked {
            id: p.id,
            at: p.at,
            to: p.to,
            people: p.people,
            answer_by: p.answer_by,
        }),
        call: view.call,
        figures: view.figures,
        looks_at: view.looks_at,
    };
    Ok(axum::Json(shown).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Made by the client, so that a retry answers nothing twice.
    id: EntryId,
    answer: AnswerKind,
    minutes: Option<u32>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    waiting_on: String,
    user: Option<UserId>,
}

/// 201 when it is new, 200 when the same answer was recorded before, 409 when
/// somebody was quicker.
async fn answer(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, prompt)): Path<(IncidentId, EntryId)>,
    Json(given): Json<Answer>,
) -> Result<Response, ApiError> {
    let new = NewAnswer {
        id: given.id,
        answer: given.answer,
        minutes: given.minutes,
        text: given.text,
        waiting_on: given.waiting_on,
        user: given.user,
    };
    let answered = web.service.answer_prompt(&actor, id, prompt, new).await?;
    let status = if answered.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let path = format!("/api/v1/incidents/{id}/entries/{}", answered.entry.id);
    Ok((
        status,
        [(header::LOCATION, location(&path))],
        axum::Json(answered.entry),
    )
        .into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPage {
    user: UserId,
    reason: String,
}

#[derive(Serialize)]
struct Paged {
    id: PageId,
    /// Whether a route can be used now; quiet hours may hold the page back.
    reachable: bool,
}

async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
    Json(new): Json<NewPage>,
) -> Result<Response, ApiError> {
    let reason = Reason::new(new.reason);
    let paged = web.service.page(&actor, id, new.user, reason).await?;
    let paged = Paged {
        id: paged.page,
        reachable: paged.reachable,
    };
    Ok((StatusCode::CREATED, axum::Json(paged)).into_response())
}

#[derive(Serialize)]
struct AllFigures {
    figures: Figures,
    false_share: Option<f64>,
    incidents: Vec<OneIncident>,
}

#[derive(Serialize)]
struct OneIncident {
    id: IncidentId,
    reference: String,
    title: String,
    figures: Figures,
}

async fn figures(State(web): State<Web>, SignedIn(actor): SignedIn) -> Result<Response, ApiError> {
    let told = web.service.stall_figures(&actor).await?;
    let all = AllFigures {
        false_share: told.all.false_share(),
        figures: told.all,
        incidents: told
            .incidents
            .into_iter()
            .map(|one| OneIncident {
                id: one.incident.id,
                reference: one.incident.reference(),
                title: one.incident.title,
                figures: one.figures,
            })
            .collect(),
    };
    Ok(axum::Json(all).into_response())
}

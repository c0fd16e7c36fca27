//! `/api/v1/incidents/{id}/entries`

use super::incidents::{location, number, word};
use crate::web::{
    Access, ApiError, Path, Problem, Query, Routes, SignedIn, Web,
    forms::{Json, OptionalJson},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{Entry, EntryId, IncidentId, NewEntry, Role, Timestamp};
use rideout_service::timeline::{EntryEdit, Revision};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    let (read, write) = (
        Access::Incident(Role::Viewer),
        Access::Incident(Role::Responder),
    );
    let author = Access::Author(Role::Commander);
    Routes::new()
        .get("/api/v1/incidents/{id}/entries", read, list)
        .post("/api/v1/incidents/{id}/entries", write, append)
        .get("/api/v1/incidents/{id}/entries/{entry}", read, show)
        .patch("/api/v1/incidents/{id}/entries/{entry}", author, edit)
        .get(
            "/api/v1/incidents/{id}/entries/{entry}/history",
            read,
            history,
        )
        .post(
            "/api/v1/incidents/{id}/entries/{entry}/redact",
            author,
            redact,
        )
        .post("/api/v1/incidents/{id}/entries/{entry}/pin", write, pin)
        .post("/api/v1/incidents/{id}/entries/{entry}/unpin", write, unpin)
}

#[derive(Serialize)]
struct Listed {
    entries: Vec<Entry>,
    /// To be asked for next, when there may be more.
    next_after: Option<i64>,
}

/// Takes `after`, a sequence, and `limit` (200, at most 1000).
async fn list(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
    query: Query,
) -> Result<Response, ApiError> {
    let after = match query.parse_optional::<i64>("after") {
        Ok(after) => after.unwrap_or(0),
        Err(_) => {
            return Err(Problem::invalid(
                "after",
                "Give the sequence of the last entry you have, or 0.",
            )
            .into());
        }
    };
    let limit = number(&query, "limit", 200, 1000)?;
    let entries = web.service.entries_after(&actor, id, after, limit).await?;
    let full = i64::try_from(entries.len()).is_ok_and(|n| n == limit);
    let next_after = entries.last().filter(|_| full).map(|entry| entry.seq);
    Ok(axum::Json(Listed {
        entries,
        next_after,
    })
    .into_response())
}

/// 201 when it is new, 200 when the same entry was recorded before, 409 when
/// its id belongs to something else.
async fn append(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
    Json(new): Json<NewEntry>,
) -> Result<Response, ApiError> {
    let appended = web.service.append(&actor, id, new).await?;
    let status = if appended.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let path = format!("/api/v1/incidents/{id}/entries/{}", appended.entry.id);
    Ok((
        status,
        [(header::LOCATION, location(&path))],
        axum::Json(appended.entry),
    )
        .into_response())
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
) -> Result<axum::Json<Entry>, ApiError> {
    Ok(axum::Json(web.service.entry(&actor, id, entry).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    text: Option<String>,
    occurred_at: Option<String>,
    #[serde(default)]
    reason: String,
    /// The revision that was read; 409 when it has changed since.
    revision: Option<i64>,
}

async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
    Json(edit): Json<Edit>,
) -> Result<axum::Json<Entry>, ApiError> {
    let edit = EntryEdit {
        text: edit.text,
        occurred_at: word::<Timestamp>("occurred_at", edit.occurred_at.as_deref())?,
        reason: edit.reason,
        revision: edit.revision,
    };
    Ok(axum::Json(
        web.service.edit_entry(&actor, id, entry, edit).await?,
    ))
}

#[derive(Serialize)]
struct History {
    entry: Entry,
    revisions: Vec<Past>,
}

#[derive(Serialize)]
struct Past {
    revision: i64,
    text: String,
    occurred_at: Timestamp,
    replaced_at: Timestamp,
    replaced_by: String,
    reason: String,
}

impl From<Revision> for Past {
    fn from(past: Revision) -> Self {
        let Revision {
            revision,
            text,
            html: _,
            occurred_at,
            replaced_at,
            replaced_by,
            reason,
        } = past;
        Self {
            revision,
            text,
            occurred_at,
            replaced_at,
            replaced_by,
            reason,
        }
    }
}

async fn history(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, ApiError> {
    let (entry, revisions) = web.service.entry_history(&actor, id, entry).await?;
    let revisions = revisions.into_iter().map(Into::into).collect();
    Ok(axum::Json(History { entry, revisions }).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    reason: String,
}

async fn redact(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
    OptionalJson(why): OptionalJson<Reason>,
) -> Result<axum::Json<Entry>, ApiError> {
    Ok(axum::Json(
        web.service
            .redact_entry(&actor, id, entry, &why.reason)
            .await?,
    ))
}

async fn pin(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
) -> Result<axum::Json<Entry>, ApiError> {
    Ok(axum::Json(
        web.service.pin_entry(&actor, id, entry, true).await?,
    ))
}

async fn unpin(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, entry)): Path<(IncidentId, EntryId)>,
) -> Result<axum::Json<Entry>, ApiError> {
    Ok(axum::Json(
        web.service.pin_entry(&actor, id, entry, false).await?,
    ))
}

//! `/api/v1/incidents/{id}/attachments`

use crate::web::{Access, ApiError, Path, Query, Routes, SignedIn, Web, forms::Raw};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rideout_domain::{IncidentId, Role};
use rideout_service::attachment::Upload;

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new().post_file(
        "/api/v1/incidents/{id}/attachments",
        Access::Incident(Role::Responder),
        attach,
    )
}

/// The body is the file; `?name=` is its name.
async fn attach(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
    query: Query,
    raw: Raw,
) -> Result<Response, ApiError> {
    let upload = Upload {
        name: query.text("name").to_owned(),
        content_type: raw.content_type,
        content: raw.content.into(),
    };
    let attachment = web.service.attach(&actor, id, upload).await?;
    Ok((StatusCode::CREATED, axum::Json(attachment)).into_response())
}

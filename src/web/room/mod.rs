//! The pages of one incident: the room and what is done in it by forms.
//!
//! Live events bring the same entries and regions to pages that are open; see
//! [`crate::live`].

mod cache;
mod details;
mod entries;
mod files;
mod history;
mod page;
mod prompt;
mod sharing;
mod write;

pub use cache::RoomPages;

use crate::web::{Access, Form, PageError, Path, Routes, SignedIn, Web, see_other};
use axum::{
    extract::State,
    response::{Html, IntoResponse as _, Response},
};
use rideout_domain::{IncidentId, Role, text};
use rideout_service::{Error, markdown};

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    let (read, respond) = (
        Access::Incident(Role::Viewer),
        Access::Incident(Role::Responder),
    );
    let author = Access::Author(Role::Commander);
    let share = Access::Incident(Role::Commander);
    Routes::new()
        .get("/incidents/{id}", read, page::room)
        .get("/incidents/{id}/catch-up", read, page::catch_up)
        .post_file("/incidents/{id}/entries", respond, write::add)
        .get("/incidents/{id}/entries/{entry}", read, entries::find)
        .get(
            "/incidents/{id}/entries/{entry}/edit",
            author,
            entries::edit_form,
        )
        .post(
            "/incidents/{id}/entries/{entry}/edit",
            author,
            entries::edit,
        )
        .get(
            "/incidents/{id}/entries/{entry}/redact",
            author,
            entries::redact_form,
        )
        .post(
            "/incidents/{id}/entries/{entry}/redact",
            author,
            entries::redact,
        )
        .post("/incidents/{id}/entries/{entry}/pin", respond, entries::pin)
        .post(
            "/incidents/{id}/entries/{entry}/unpin",
            respond,
            entries::unpin,
        )
        .get(
            "/incidents/{id}/entries/{entry}/history",
            read,
            history::history,
        )
        .get("/incidents/{id}/details", respond, details::form)
        .post("/incidents/{id}/details", respond, details::save)
        .get("/incidents/{id}/share", share, sharing::page)
        .post("/incidents/{id}/share/links", share, sharing::make_link)
        .post(
            "/incidents/{id}/share/links/{link}/revoke",
            share,
            sharing::revoke_link,
        )
        .post("/incidents/{id}/share/access", share, sharing::grant)
        .get("/s/{token}", Access::Link, sharing::stakeholder)
        .post(
            "/incidents/{id}/prompts/{entry}/answer",
            respond,
            prompt::answer,
        )
        .post("/incidents/{id}/pages", respond, prompt::page_somebody)
        .post("/incidents/{id}/join", read, join)
        .post("/incidents/{id}/leave", read, leave)
        .get(
            "/incidents/{id}/attachments/{attachment}",
            read,
            files::attachment,
        )
        .get("/incidents/{id}/export.md", read, files::markdown)
        .get("/incidents/{id}/export.json", read, files::json)
        .post("/preview", Access::SignedIn, preview)
}

async fn join(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(incident): Path<IncidentId>,
) -> Result<Response, PageError> {
    web.service.join(&actor, incident).await?;
    Ok(see_other(&format!("/incidents/{incident}#region-here")))
}

async fn leave(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(incident): Path<IncidentId>,
) -> Result<Response, PageError> {
    web.service.leave(&actor, incident).await?;
    Ok(see_other(&format!("/incidents/{incident}#region-here")))
}

/// What a text will look like, as a fragment; takes `text`.
async fn preview(SignedIn(_): SignedIn, form: Form) -> Result<Response, PageError> {
    let text = previewable(form.text("text"))?;
    Ok(Html(markdown::to_html(&text)).into_response())
}

/// The text as it would be kept. Longer ones are refused: rendering them costs
/// more than anybody's look at them is worth.
fn previewable(text: &str) -> Result<String, Error> {
    text::optional_text("The text", text).map_err(Error::text("text"))
}

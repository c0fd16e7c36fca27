//! One entry: finding, editing, redacting, pinning it.

use super::{previewable, write::address};
use crate::web::{Form, Page, PageError, Path, SignedIn, Web, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_app::{
    FormState, Nav,
    pages::entry_edit::{entry_edit, entry_redact, form_of, local_field},
};
use rideout_domain::{Action, Actor, Entry, EntryId, IncidentId, Timestamp};
use rideout_service::{Error, markdown, room::Snapshot, timeline::EntryEdit};
use std::sync::Arc;

/// The room and one of its entries.
pub(super) async fn entry_of(
    web: &Web,
    actor: &Actor,
    incident: IncidentId,
    entry: EntryId,
) -> Result<(Arc<Snapshot>, Entry), Error> {
    let snapshot = web.service.room(actor, incident).await?;
    let entry = snapshot.room.entry(entry).cloned().ok_or(Error::NotFound)?;
    Ok((snapshot, entry))
}

/// Whoever wrote it may change it, and commanders may change any.
fn may_change(actor: &Actor, entry: &Entry) -> Result<(), Error> {
    let own = entry.author == Some(actor.id);
    Error::authorise(actor, if own { Action::Respond } else { Action::Redact })?;
    let refuse = |message: &str| {
        Err(Error::Conflict {
            code: "not_editable",
            message: message.to_owned(),
        })
    };
    match () {
        () if entry.redacted_at.is_some() => {
            refuse("this entry was redacted, so there is nothing left to change")
        }
        () if !entry.kind().is_written_by_clients() => {
            refuse("what Rideout recorded itself cannot be changed")
        }
        () => Ok(()),
    }
}

/// The permanent link: leads to the entry in the room.
pub(super) async fn find(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((incident, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, PageError> {
    let (snapshot, entry) = entry_of(&web, &actor, incident, entry).await?;
    Ok(see_other(&address(&snapshot, &entry)))
}

pub(super) async fn edit_form(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((incident, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, PageError> {
    let (snapshot, entry) = entry_of(&web, &actor, incident, entry).await?;
    may_change(&actor, &entry)?;
    let form = form_of(&entry);
    Ok(show_edit(
        page,
        StatusCode::OK,
        &snapshot,
        &entry,
        &form,
        None,
    ))
}

fn show_edit(
    page: Page,
    status: StatusCode,
    snapshot: &Snapshot,
    entry: &Entry,
    form: &FormState,
    preview: Option<String>,
) -> Response {
    page.html(status, Nav::Incidents, "Edit the entry", || {
        entry_edit(&snapshot.room, entry, form, preview)
    })
}

/// Takes `text`, `occurred_at`, `reason` and the `revision` that was shown.
pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((incident, id)): Path<(IncidentId, EntryId)>,
    form: Form,
) -> Result<Response, PageError> {
    let (snapshot, entry) = entry_of(&web, &actor, incident, id).await?;
    may_change(&actor, &entry)?;
    let typed = form.state();
    if form.text("preview") == "1" {
        let (status, typed, html) = match previewable(form.text("text")) {
            Ok(text) => (StatusCode::OK, typed, Some(markdown::to_html(&text))),
            Err(Error::Invalid(errors)) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                form.refused(&errors),
                None,
            ),
            Err(other) => return Err(other.into()),
        };
        return Ok(show_edit(page, status, &snapshot, &entry, &typed, html));
    }
    let (status, refused) = match read(&form, &entry) {
        Err(message) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            typed.refuse("occurred_at", message),
        ),
        Ok(edit) => match web.service.edit_entry(&actor, incident, id, edit).await {
            Ok(edited) => {
                let snapshot = web.service.room(&actor, incident).await?;
                return Ok(see_other(&address(&snapshot, &edited)));
            }
            Err(Error::Invalid(errors)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, form.refused(&errors))
            }
            Err(Error::Conflict {
                code: "revision", ..
            }) => {
                let now = format!(
                    "Somebody changed this entry meanwhile. It now reads: “{}”. Save again to put your text in its place.",
                    entry.text
                );
                (
                    StatusCode::CONFLICT,
                    typed
                        .with("revision", entry.revision.to_string())
                        .refuse("", now),
                )
            }
            Err(other) => return Err(other.into()),
        },
    };
    Ok(show_edit(page, status, &snapshot, &entry, &refused, None))
}

fn read(form: &Form, entry: &Entry) -> Result<EntryEdit, String> {
    let typed = form.text("occurred_at").trim();
    // The field knows seconds; the entry keeps its fraction when it was not touched.
    let occurred_at = if typed.is_empty() || local_field(entry.occurred_at).starts_with(typed) {
        None
    } else {
        let seconds = if typed.matches(':').count() > 1 {
            ""
        } else {
            ":00"
        };
        let at = format!("{typed}{seconds}Z").parse::<Timestamp>();
        Some(at.map_err(|_| "That is no time. Write it as 2010-06-15T09:04, in UTC.".to_owned())?)
    };
    Ok(EntryEdit {
        text: Some(form.text("text").to_owned()),
        occurred_at,
        reason: form.text("reason").to_owned(),
        revision: form.text("revision").parse().ok(),
    })
}

pub(super) async fn redact_form(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((incident, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, PageError> {
    let (snapshot, entry) = entry_of(&web, &actor, incident, entry).await?;
    may_change(&actor, &entry)?;
    Ok(show_redact(
        page,
        StatusCode::OK,
        &snapshot,
        &entry,
        &FormState::new(),
    ))
}

fn show_redact(
    page: Page,
    status: StatusCode,
    snapshot: &Snapshot,
    entry: &Entry,
    form: &FormState,
) -> Response {
    page.html(status, Nav::Incidents, "Redact the entry", || {
        entry_redact(&snapshot.room, entry, form)
    })
}

/// Takes `reason`.
pub(super) async fn redact(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((incident, id)): Path<(IncidentId, EntryId)>,
    form: Form,
) -> Result<Response, PageError> {
    let (snapshot, entry) = entry_of(&web, &actor, incident, id).await?;
    if entry.redacted_at.is_some() {
        // Sent twice.
        return Ok(see_other(&address(&snapshot, &entry)));
    }
    may_change(&actor, &entry)?;
    match web
        .service
        .redact_entry(&actor, incident, id, form.text("reason"))
        .await
    {
        Ok(redacted) => Ok(see_other(&address(&snapshot, &redacted))),
        Err(Error::Invalid(errors)) => Ok(show_redact(
            page,
            StatusCode::UNPROCESSABLE_ENTITY,
            &snapshot,
            &entry,
            &form.refused(&errors),
        )),
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn pin(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((incident, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, PageError> {
    put_pin(&web, &actor, incident, entry, true).await
}

pub(super) async fn unpin(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((incident, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, PageError> {
    put_pin(&web, &actor, incident, entry, false).await
}

async fn put_pin(
    web: &Web,
    actor: &Actor,
    incident: IncidentId,
    entry: EntryId,
    pin: bool,
) -> Result<Response, PageError> {
    let entry = web.service.pin_entry(actor, incident, entry, pin).await?;
    let snapshot = web.service.room(actor, incident).await?;
    Ok(see_other(&address(&snapshot, &entry)))
}

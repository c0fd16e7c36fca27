//! Title, services and description of an incident, changed by a form.

use crate::web::{Form, Page, PageError, Path, SignedIn, Web, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::details::{Details, form_of},
};
use rideout_domain::{Action, Incident, IncidentId};
use rideout_service::{Error, incident};

pub(super) async fn form(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<IncidentId>,
) -> Result<Response, PageError> {
    let incident = web.service.incident(&actor, id).await?;
    Error::authorise(&actor, Action::Respond)?;
    let form = form_of(&incident);
    Ok(show(page, StatusCode::OK, incident, form))
}

fn show(page: Page, status: StatusCode, incident: Incident, form: FormState) -> Response {
    page.html(status, Nav::Incidents, "Edit details", || {
        view! { <Details incident=incident form=form /> }.into_any()
    })
}

/// Takes `title`, `services` with commas between them, and `description`.
pub(super) async fn save(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<IncidentId>,
    form: Form,
) -> Result<Response, PageError> {
    let incident = web.service.incident(&actor, id).await?;
    let details = incident::Details {
        title: Some(form.text("title").to_owned()),
        description: Some(form.text("description").to_owned()),
        services: Some(
            form.text("services")
                .split(',')
                .map(str::to_owned)
                .collect(),
        ),
    };
    match web.service.update_details(&actor, id, details).await {
        Ok(_) => Ok(see_other(&format!("/incidents/{id}"))),
        Err(Error::Invalid(errors)) => Ok(show(
            page,
            StatusCode::UNPROCESSABLE_ENTITY,
            incident,
            form.refused(&errors),
        )),
        Err(other) => Err(other.into()),
    }
}

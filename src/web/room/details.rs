//! Title, services and description of an incident, changed by a form.

use crate::web::{Form, Page, PageError, Path, SignedIn, Web, directory, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::details::{Details, form_of},
};
use rideout_domain::{Action, Actor, Incident, IncidentId};
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
    show(&web, &actor, page, StatusCode::OK, incident, form).await
}

async fn show(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    incident: Incident,
    form: FormState,
) -> Result<Response, PageError> {
    let known = web.service.service_names(actor).await?;
    let affected = directory::affected(web, actor, &incident.services).await?;
    let may_register = actor.may(Action::ManageDirectory);
    Ok(page.html(status, Nav::Incidents, "Edit details", || {
        view! {
            <Details incident=incident form=form known=known affected=affected may_register=may_register />
        }
        .into_any()
    }))
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
        Err(Error::Invalid(errors)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let form = form.refused(&errors);
            show(&web, &actor, page, status, incident, form).await
        }
        Err(other) => Err(other.into()),
    }
}

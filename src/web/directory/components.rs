//! Components of a service.

use super::{choice, done, refused, shown, ticked};
use crate::web::{Form, Page, PageError, Path, SignedIn, Web, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::directory::{ComponentForm, ComponentFormPage},
};
use rideout_domain::{Action, Actor, ComponentId, ServiceId};
use rideout_service::{
    Error,
    directory::{Component, NewComponent, RegisteredPage},
};

pub(super) async fn new(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(service): Path<ServiceId>,
    page: Page,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let of = web.service.registered(&actor, service).await?;
    let id = ComponentId(web.service.new_id());
    let form = FormState::new();
    show(&web, page, StatusCode::OK, (of, id, None), form).await
}

/// Takes `id`, `name`, `description`, `owner` and `experts`.
pub(super) async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(service): Path<ServiceId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let of = web.service.registered(&actor, service).await?;
    let id = form
        .parse("id")
        .unwrap_or_else(|_| ComponentId(web.service.new_id()));
    let made = match read(&form) {
        Ok(new) => {
            web.service
                .make_component(&actor, service, Some(id), &new)
                .await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => Ok(see_other(&format!("/services/{service}#components"))),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&web, page, status, (of, id, None), form).await
        }
    }
}

pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((service, id)): Path<(ServiceId, ComponentId)>,
    page: Page,
) -> Result<Response, PageError> {
    let (of, present) = find(&web, &actor, service, id).await?;
    let experts: Vec<_> = present.experts.iter().map(|e| e.id.to_string()).collect();
    let owner = present.owner.as_ref().map(|o| o.id.to_string());
    let form = FormState::new()
        .with("name", present.name.clone())
        .with("description", present.description.clone())
        .with("owner", owner.unwrap_or_default())
        .with("experts", experts.join("\n"));
    show(&web, page, StatusCode::OK, (of, id, Some(present)), form).await
}

/// Takes what [`make`] takes but `id`.
pub(super) async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((service, id)): Path<(ServiceId, ComponentId)>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let (of, present) = find(&web, &actor, service, id).await?;
    let changed = match read(&form) {
        Ok(new) => {
            web.service
                .change_component(&actor, service, id, &new)
                .await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => Ok(see_other(&format!("/services/{service}#components"))),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&web, page, status, (of, id, Some(present)), form).await
        }
    }
}

pub(super) async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((service, id)): Path<(ServiceId, ComponentId)>,
) -> Result<Response, PageError> {
    web.service.archive_component(&actor, service, id).await?;
    Ok(done(
        &web,
        &format!("/services/{service}#components"),
        "The component is archived.",
    ))
}

async fn find(
    web: &Web,
    actor: &Actor,
    service: ServiceId,
    id: ComponentId,
) -> Result<(RegisteredPage, Component), PageError> {
    Error::authorise(actor, Action::ManageDirectory)?;
    let of = web.service.registered(actor, service).await?;
    let present = of.components.iter().find(|c| c.id == id).cloned();
    Ok((of, present.ok_or(Error::NotFound)?))
}

fn read(form: &Form) -> Result<NewComponent, Error> {
    let mut wrong = Vec::new();
    let new = NewComponent {
        name: form.text("name").to_owned(),
        description: form.text("description").to_owned(),
        owner: choice(form, "owner", &mut wrong),
        experts: ticked(form, "experts"),
    };
    if wrong.is_empty() {
        Ok(new)
    } else {
        Err(Error::Invalid(wrong))
    }
}

async fn show(
    web: &Web,
    page: Page,
    status: StatusCode,
    (of, id, present): (RegisteredPage, ComponentId, Option<Component>),
    form: FormState,
) -> Result<Response, PageError> {
    let people = web.service.people().await?;
    let owner = present.as_ref().and_then(|p| p.owner.as_ref());
    let shown = ComponentFormPage {
        service: of.service.id,
        service_name: of.service.name,
        id,
        form,
        owners: shown::owners(&people, owner),
        people: shown::boxes(people),
        name: present.map(|p| p.name),
    };
    let title = if shown.name.is_none() {
        "Add a component"
    } else {
        "Edit a component"
    };
    Ok(page.html(status, Nav::Services, title, || {
        view! { <ComponentForm page=shown /> }.into_any()
    }))
}

//! Services and dependencies.

use super::{choice, done, refused, shown};
use crate::web::{Form, Page, PageError, Path, Query, SignedIn, Web, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Choice,
    pages::directory::{
        ServiceForm, ServiceFormPage, ServicePage, ServiceView, Services, ServicesPage,
    },
};
use rideout_domain::{Action, Actor, ServiceId, ServiceKind, duration};
use rideout_service::{
    Error, FieldError,
    directory::{ListedPolicy, NewService, Registered},
};

pub(super) async fn list(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    let services = web.service.services(&actor).await?;
    let shown = ServicesPage {
        services: services.into_iter().map(shown::line).collect(),
        default_policy: default_policy(&web.service.policies(&actor).await?)
            .map(|p| shown::policy(p.id, p.policy.name.clone())),
        may_change: actor.may(Action::ManageDirectory),
    };
    Ok(page.html(StatusCode::OK, Nav::Services, "Services", || {
        view! { <Services page=shown /> }.into_any()
    }))
}

fn default_policy(policies: &[ListedPolicy]) -> Option<&ListedPolicy> {
    policies.iter().find(|p| p.is_default)
}

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
    page: Page,
) -> Result<Response, PageError> {
    show(&web, &actor, id, page, StatusCode::OK, FormState::new()).await
}

async fn show(
    web: &Web,
    actor: &Actor,
    id: ServiceId,
    page: Page,
    status: StatusCode,
    form: FormState,
) -> Result<Response, PageError> {
    let found = web.service.registered(actor, id).await?;
    let policies = web.service.policies(actor).await?;
    let own = found.service.policy.as_ref().map(|p| p.id);
    let policy = policies
        .iter()
        .find(|p| Some(p.id) == own)
        .or_else(|| default_policy(&policies));
    let members = match &found.service.team {
        Some(team) => web.service.team(actor, team.id).await?.members,
        None => Vec::new(),
    };
    let others = web
        .service
        .services(actor)
        .await?
        .into_iter()
        .filter(|one| one.id != id && !found.relies_on.iter().any(|d| d.service.id == one.id))
        .map(|one| (one.id, one.name))
        .collect();
    let title = found.service.name.clone();
    let shown = ServicePage {
        escalation: policy.map(|p| (shown::policy(p.id, p.policy.name.clone()), p.told.clone())),
        members: shown::persons(members),
        service: shown::line(found.service),
        components: found.components.into_iter().map(shown::component).collect(),
        relies_on: found.relies_on.into_iter().map(shown::dependency).collect(),
        relied_on_by: found
            .relied_on_by
            .into_iter()
            .map(shown::dependency)
            .collect(),
        others,
        form,
        may_change: actor.may(Action::ManageDirectory),
    };
    Ok(page.html(status, Nav::Services, &title, || {
        view! { <ServiceView page=shown /> }.into_any()
    }))
}

/// Takes `name` and `kind` to begin with.
pub(super) async fn new(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let form = ["name", "kind"]
        .into_iter()
        .filter_map(|field| Some((field, query.optional(field)?)))
        .fold(FormState::new(), |state, (field, value)| {
            state.with(field, rideout_domain::text::clean(value))
        });
    let id = ServiceId(web.service.new_id());
    form_page(&web, &actor, page, StatusCode::OK, (id, None), form).await
}

/// Takes `id`, `name`, `kind`, `description`, `owner`, `team`, `contact`,
/// `response_minutes` and `policy`.
pub(super) async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let id = form
        .parse("id")
        .unwrap_or_else(|_| ServiceId(web.service.new_id()));
    let made = match read(&form) {
        Ok(new) => web.service.make_service(&actor, Some(id), &new).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => Ok(done(
            &web,
            &format!("/services/{id}"),
            "The service is registered. Add its components and what it relies on.",
        )),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form_page(&web, &actor, page, status, (id, None), form).await
        }
    }
}

pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
    page: Page,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let present = web.service.registered(&actor, id).await?.service;
    let text = |id: Option<String>| id.unwrap_or_default();
    let form = FormState::new()
        .with("name", present.name.clone())
        .with("kind", present.kind.word())
        .with("description", present.description.clone())
        .with(
            "owner",
            text(present.owner.as_ref().map(|o| o.id.to_string())),
        )
        .with(
            "team",
            text(present.team.as_ref().map(|t| t.id.to_string())),
        )
        .with("contact", present.contact.clone())
        .with(
            "response_minutes",
            text(present.response_minutes.map(|m| m.to_string())),
        )
        .with(
            "policy",
            text(present.policy.as_ref().map(|p| p.id.to_string())),
        );
    form_page(
        &web,
        &actor,
        page,
        StatusCode::OK,
        (id, Some(present)),
        form,
    )
    .await
}

/// Takes what [`make`] takes but `id`.
pub(super) async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let present = web.service.registered(&actor, id).await?.service;
    let changed = match read(&form) {
        Ok(new) => web.service.change_service(&actor, id, &new).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => Ok(see_other(&format!("/services/{id}"))),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form_page(&web, &actor, page, status, (id, Some(present)), form).await
        }
    }
}

fn read(form: &Form) -> Result<NewService, Error> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let kind = match form.optional("kind") {
        None => ServiceKind::Service,
        Some(_) => form.parse("kind").unwrap_or_else(|error| {
            wrong.push(error);
            ServiceKind::Service
        }),
    };
    let response_minutes = form.optional("response_minutes").and_then(|text| {
        duration::parse_minutes(text)
            .map_err(|bad| {
                wrong.push(FieldError {
                    field: "response_minutes".to_owned(),
                    message: bad.to_string(),
                });
            })
            .ok()
    });
    let new = NewService {
        name: form.text("name").to_owned(),
        description: form.text("description").to_owned(),
        kind,
        team: choice(form, "team", &mut wrong),
        owner: choice(form, "owner", &mut wrong),
        policy: choice(form, "policy", &mut wrong),
        contact: form.text("contact").to_owned(),
        response_minutes,
    };
    if wrong.is_empty() {
        Ok(new)
    } else {
        Err(Error::Invalid(wrong))
    }
}

async fn form_page(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    (id, present): (ServiceId, Option<Registered>),
    form: FormState,
) -> Result<Response, PageError> {
    let teams = web.service.teams(actor).await?;
    let policies = web.service.policies(actor).await?;
    let people = web.service.people().await?;
    let owner = present.as_ref().and_then(|p| p.owner.as_ref());
    let shown = ServiceFormPage {
        id,
        form,
        teams: teams
            .into_iter()
            .map(|t| Choice::new(t.id.to_string(), t.name))
            .collect(),
        people: shown::owners(&people, owner),
        default_policy: default_policy(&policies).map(|p| p.policy.name.clone()),
        policies: policies
            .into_iter()
            .map(|p| Choice::new(p.id.to_string(), p.policy.name))
            .collect(),
        name: present.map(|p| p.name),
    };
    let title = if shown.name.is_none() {
        "Register a service"
    } else {
        "Edit a service"
    };
    Ok(page.html(status, Nav::Services, title, || {
        view! { <ServiceForm page=shown /> }.into_any()
    }))
}

pub(super) async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
) -> Result<Response, PageError> {
    web.service.archive_service(&actor, id).await?;
    Ok(done(
        &web,
        "/services",
        "The service is archived. Incidents that name it keep its name.",
    ))
}

/// Takes `dependency` and `strength`, `hard` or `soft`.
pub(super) async fn put_dependency(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ServiceId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let put = match form.parse::<ServiceId>("dependency") {
        Ok(dependency) => {
            let hard = form.text("strength") != "soft";
            web.service
                .put_dependency(&actor, id, dependency, hard)
                .await
        }
        Err(_) => Err(Error::invalid("dependency", "Choose one of the list.")),
    };
    match put {
        Ok(()) => Ok(see_other(&format!("/services/{id}#relies-on"))),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&web, &actor, id, page, status, form).await
        }
    }
}

pub(super) async fn remove_dependency(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, dependency)): Path<(ServiceId, ServiceId)>,
) -> Result<Response, PageError> {
    web.service
        .remove_dependency(&actor, id, dependency)
        .await?;
    Ok(see_other(&format!("/services/{id}#relies-on")))
}

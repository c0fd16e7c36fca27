//! The list of incidents, and declaring one.

use super::{
    Access, Form, Page, PageError, Problem, Query, Routes, SignedIn, Web, page::see_other,
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::{
        declare::{Declare, DeclarePage, started_at},
        incidents::{Filter, Incidents, IncidentsPage, Listed, Which},
        styleguide::Styleguide,
    },
};
use rideout_domain::{Action, Actor, IncidentId, Role, Severity, UserId, directory::key, text};
use rideout_service::{
    Error, FieldError,
    incident::{self as service, NewIncident},
};
use std::collections::BTreeSet;

/// Incidents on one page of the list.
const PAGE: i64 = 50;

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    let routes = Routes::new()
        .get("/incidents", Access::SignedIn, list)
        .post("/incidents", Access::Role(Role::Responder), declare)
        .get("/incidents/new", Access::Role(Role::Responder), form);
    if cfg!(debug_assertions) {
        routes.get("/styleguide", Access::Anyone, styleguide)
    } else {
        routes
    }
}

/// Takes `status`, `severity`, `q` and `cursor`. What cannot be read is left
/// out: a list is worth more than an error.
async fn list(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    let filter = Filter {
        which: query.text("status").parse().unwrap_or_default(),
        severity: query.text("severity").parse::<Severity>().ok(),
        text: text::clean(query.text("q")).chars().take(200).collect(),
    };
    let cursor = query.optional("cursor").and_then(|text| text.parse().ok());
    let found = web
        .service
        .incidents(&actor, &asked(&filter), cursor, PAGE)
        .await?;
    let shown = IncidentsPage {
        incidents: found
            .incidents
            .into_iter()
            .map(|one| Listed {
                incident: one.incident,
                commander: one.commander,
            })
            .collect(),
        filter,
        next: found.next.map(|cursor| cursor.to_string()),
        later: cursor.is_some(),
        open: page.open_incidents(),
        may_declare: actor.may(Action::Declare),
        now: page.now(),
    };
    Ok(page.html(StatusCode::OK, Nav::Incidents, "Incidents", || {
        view! { <Incidents page=shown /> }.into_any()
    }))
}

fn asked(filter: &Filter) -> service::Filter {
    service::Filter {
        which: match filter.which {
            Which::All => service::Which::All,
            Which::Open => service::Which::Open,
            Which::Resolved => service::Which::Resolved,
            Which::Status(status) => service::Which::Status(status),
        },
        severity: filter.severity,
        text: Some(filter.text.clone()).filter(|text| !text.trim().is_empty()),
    }
}

async fn form(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::Declare)?;
    // Another page may hand over what it knows, by a link.
    let state = ["title", "severity", "services", "description"]
        .into_iter()
        .filter_map(|field| Some((field, query.optional(field)?)))
        .fold(FormState::new(), |state, (field, value)| {
            state.with(field, value)
        });
    let id = IncidentId(web.service.new_id());
    show(&web, &actor, page, StatusCode::OK, state, id).await
}

async fn show(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    form: FormState,
    id: IncidentId,
) -> Result<Response, PageError> {
    let people = web.service.people().await?;
    let people = people
        .into_iter()
        .filter(|one| one.id != actor.id)
        .map(|one| (one.id, one.name))
        .collect();
    let recent = web
        .service
        .incidents(
            actor,
            &service::Filter {
                which: service::Which::All,
                ..Default::default()
            },
            None,
            PAGE,
        )
        .await?;
    // Registered ones first, then what earlier incidents named.
    let mut services = web.service.service_names(actor).await?;
    let registered: BTreeSet<String> = services.iter().map(|name| key(name)).collect();
    let named: BTreeSet<String> = recent
        .incidents
        .into_iter()
        .flat_map(|one| one.incident.services)
        .filter(|name| !registered.contains(&key(name)))
        .collect();
    services.extend(named);
    let shown = DeclarePage {
        form,
        id,
        people,
        services,
    };
    Ok(
        page.html(status, Nav::Incidents, "Declare an incident", || {
            view! { <Declare page=shown /> }.into_any()
        }),
    )
}

async fn declare(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::Declare)?;
    let id = form
        .parse("id")
        .unwrap_or_else(|_| IncidentId(web.service.new_id()));
    let errors = match read(&web, &form, id) {
        Ok(new) => match web.service.declare(&actor, new).await {
            Ok(incident) => return Ok(see_other(&format!("/incidents/{}", incident.id))),
            Err(Error::Invalid(errors)) => errors,
            Err(Error::Conflict { message, .. }) => vec![FieldError {
                field: String::new(),
                message,
            }],
            Err(other) => return Err(other.into()),
        },
        Err(errors) => errors,
    };
    show(
        &web,
        &actor,
        page,
        StatusCode::UNPROCESSABLE_ENTITY,
        form.refused(&errors),
        id,
    )
    .await
}

fn read(web: &Web, form: &Form, id: IncidentId) -> Result<NewIncident, Vec<FieldError>> {
    let mut errors = Vec::new();
    let severity = form.parse_optional("severity").unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    let started = started_at(
        form.text("started"),
        form.text("started_at"),
        web.service.now(),
    )
    .unwrap_or_else(|message| {
        errors.push(FieldError {
            field: "started".to_owned(),
            message,
        });
        None
    });
    let people: Vec<UserId> = form
        .all("people")
        .iter()
        .filter_map(|id| id.parse().ok())
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(NewIncident {
        id: Some(id),
        title: form.text("title").to_owned(),
        severity,
        description: form.text("description").to_owned(),
        services: form
            .text("services")
            .split(',')
            .map(|one| one.trim().to_owned())
            .collect(),
        restricted: form.ticked("restricted"),
        people,
        started_at: started,
    })
}

/// Every component in every state, in development builds.
async fn styleguide(page: Page) -> Result<Response, Problem> {
    let now = page.now();
    Ok(page.html(StatusCode::OK, Nav::None, "Style guide", || {
        view! { <Styleguide now=now /> }.into_any()
    }))
}

//! Making, editing and archiving a schedule.

use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::on_call::{ScheduleForm, ScheduleFormPage},
};
use rideout_domain::{Action, Actor, ScheduleId, TeamId, Timestamp};
use rideout_service::{
    Error, FieldError,
    oncall::{NewSchedule, ScheduleChange, ShownSchedule, Zone},
};

pub(super) async fn new_page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    shown(
        &web,
        &actor,
        page,
        StatusCode::OK,
        None,
        FormState::new(),
        None,
    )
    .await
}

/// Takes `id`, `name`, `zone` and `team`.
pub(super) async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let id = form.text("id").parse::<ScheduleId>().ok();
    let done = match team(&form) {
        Err(error) => Err(Error::Invalid(vec![error])),
        Ok(team) => {
            let new = NewSchedule {
                name: form.text("name").to_owned(),
                zone: form.text("zone").to_owned(),
                team,
                layers: Vec::new(),
            };
            web.service.make_schedule(&actor, id, new).await
        }
    };
    match done {
        Ok(id) => Ok(see_other(&format!("/on-call/{id}/layers/new"))),
        Err(error) => refused(&web, &actor, page, None, &form, error).await,
    }
}

pub(super) async fn edit_page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<ScheduleId>,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let schedule = find(&web, &actor, &page, id).await?;
    let team = schedule.listed.team.as_ref();
    let form = FormState::new()
        .with("name", schedule.listed.schedule.name())
        .with("zone", schedule.listed.schedule.zone().name())
        .with(
            "team",
            team.map_or_else(String::new, |(id, _)| id.to_string()),
        )
        .with("revision", schedule.changed_at.0.to_string());
    shown(
        &web,
        &actor,
        page,
        StatusCode::OK,
        Some(&schedule),
        form,
        None,
    )
    .await
}

/// Takes `name`, `zone`, `team` and `revision`.
pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let done = match team(&form) {
        Err(error) => Err(Error::Invalid(vec![error])),
        Ok(team) => {
            let change = ScheduleChange {
                name: Some(form.text("name").to_owned()),
                zone: Some(form.text("zone").to_owned()),
                team: Some(team),
                layers: None,
                revision: revision(&form),
            };
            web.service.change_schedule(&actor, id, change).await
        }
    };
    match done {
        Ok(()) => {
            let back = see_other(&format!("/on-call/{id}"));
            Ok(with_flash(&web, back, Tone::Ok, "The schedule is saved."))
        }
        Err(error) => {
            let schedule = find(&web, &actor, &page, id).await?;
            refused(&web, &actor, page, Some(&schedule), &form, error).await
        }
    }
}

pub(super) async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    page: Page,
) -> Result<Response, PageError> {
    match web.service.archive_schedule(&actor, id).await {
        Ok(()) => Ok(with_flash(
            &web,
            see_other("/on-call"),
            Tone::Ok,
            "The schedule is archived. It calls nobody any more.",
        )),
        Err(Error::Conflict { message, .. }) => {
            let schedule = find(&web, &actor, &page, id).await?;
            let form = FormState::new()
                .with("name", schedule.listed.schedule.name())
                .with("zone", schedule.listed.schedule.zone().name())
                .with("revision", schedule.changed_at.0.to_string());
            let status = StatusCode::CONFLICT;
            shown(
                &web,
                &actor,
                page,
                status,
                Some(&schedule),
                form,
                Some(message),
            )
            .await
        }
        Err(other) => Err(other.into()),
    }
}

/// The schedule as it is now.
pub(super) async fn find(
    web: &Web,
    actor: &Actor,
    page: &Page,
    id: ScheduleId,
) -> Result<ShownSchedule, Error> {
    web.service.schedule(actor, id, page.now()).await
}

/// When the schedule had last been changed as whoever filled in the form saw it.
pub(super) fn revision(form: &Form) -> Option<Timestamp> {
    form.text("revision").parse().ok().map(Timestamp)
}

fn team(form: &Form) -> Result<Option<TeamId>, FieldError> {
    let read = form.optional("team").map(str::parse).transpose();
    read.map_err(|_| FieldError {
        field: "team".to_owned(),
        message: "there is no such team".to_owned(),
    })
}

async fn refused(
    web: &Web,
    actor: &Actor,
    page: Page,
    schedule: Option<&ShownSchedule>,
    form: &Form,
    error: Error,
) -> Result<Response, PageError> {
    match error {
        Error::Invalid(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            shown(
                web,
                actor,
                page,
                status,
                schedule,
                form.refused(&errors),
                None,
            )
            .await
        }
        Error::Conflict { message, .. } => {
            let revision = schedule.map(|schedule| schedule.changed_at.0.to_string());
            // Sent once more, the form replaces what was seen to be there.
            let state = form.state().with("revision", revision.unwrap_or_default());
            let status = StatusCode::CONFLICT;
            shown(web, actor, page, status, schedule, state, Some(message)).await
        }
        other => Err(other.into()),
    }
}

async fn shown(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    schedule: Option<&ShownSchedule>,
    form: FormState,
    refused: Option<String>,
) -> Result<Response, PageError> {
    let teams = web.service.teams(actor).await?;
    let named = schedule.map(|schedule| {
        let name = schedule.listed.schedule.name().to_owned();
        (schedule.listed.id, name)
    });
    let title = named.as_ref().map_or_else(
        || "New schedule".to_owned(),
        |(_, name)| format!("Edit {name}"),
    );
    let shown = ScheduleFormPage {
        schedule: named,
        next: ScheduleId(web.service.new_id()),
        zones: Zone::names(),
        teams: teams.into_iter().map(|team| (team.id, team.name)).collect(),
        form,
        refused,
    };
    Ok(page.html(status, Nav::OnCall, &title, || {
        view! { <ScheduleForm page=shown /> }.into_any()
    }))
}

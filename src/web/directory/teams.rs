//! Teams.

use super::{done, refused, shown, ticked, undone};
use crate::web::{Form, Page, PageError, Path, SignedIn, Web};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::directory::{TeamForm, TeamFormPage, TeamLine, Teams, TeamsPage},
};
use rideout_domain::{Action, TeamId, escalation::Target};
use rideout_service::{Error, directory::NewTeam};

pub(super) async fn list(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    let services = web.service.services(&actor).await?;
    let policies = web.service.policies(&actor).await?;
    let teams = web.service.teams(&actor).await?;
    let shown = TeamsPage {
        teams: teams
            .into_iter()
            .map(|team| TeamLine {
                services: services
                    .iter()
                    .filter(|s| s.team.as_ref().is_some_and(|t| t.id == team.id))
                    .map(|s| shown::service(s.id, s.name.clone()))
                    .collect(),
                policies: policies
                    .iter()
                    .filter(|p| {
                        let called = Target::Team(team.id);
                        p.policy.levels.iter().any(|l| l.targets.contains(&called))
                    })
                    .map(|p| shown::policy(p.id, p.policy.name.clone()))
                    .collect(),
                id: team.id,
                name: team.name,
                description: team.description,
                members: shown::persons(team.members),
            })
            .collect(),
        may_change: actor.may(Action::ManageDirectory),
    };
    Ok(page.html(StatusCode::OK, Nav::Services, "Teams", || {
        view! { <Teams page=shown /> }.into_any()
    }))
}

pub(super) async fn new(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let id = TeamId(web.service.new_id());
    show(&web, page, StatusCode::OK, (id, None), FormState::new()).await
}

/// Takes `id`, `name`, `description` and `members`.
pub(super) async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let id = form
        .parse("id")
        .unwrap_or_else(|_| TeamId(web.service.new_id()));
    match web.service.make_team(&actor, Some(id), &read(&form)).await {
        Ok(id) => Ok(done(
            &web,
            &format!("/teams#team-{id}"),
            "The team is made. Services can name it, and escalation policies can call it.",
        )),
        Err(error) => {
            let form = refused(&form, error)?;
            show(
                &web,
                page,
                StatusCode::UNPROCESSABLE_ENTITY,
                (id, None),
                form,
            )
            .await
        }
    }
}

pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TeamId>,
    page: Page,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let team = web.service.team(&actor, id).await?;
    let members: Vec<_> = team.members.iter().map(|m| m.id.to_string()).collect();
    let form = FormState::new()
        .with("name", team.name.clone())
        .with("description", team.description)
        .with("members", members.join("\n"));
    show(&web, page, StatusCode::OK, (id, Some(team.name)), form).await
}

/// Takes what [`make`] takes but `id`.
pub(super) async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TeamId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let name = web.service.team(&actor, id).await?.name;
    match web.service.change_team(&actor, id, &read(&form)).await {
        Ok(()) => Ok(done(
            &web,
            &format!("/teams#team-{id}"),
            "The team is changed.",
        )),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&web, page, status, (id, Some(name)), form).await
        }
    }
}

pub(super) async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TeamId>,
) -> Result<Response, PageError> {
    match web.service.archive_team(&actor, id).await {
        Ok(()) => Ok(done(&web, "/teams", "The team is archived.")),
        Err(Error::Conflict { message, .. }) => {
            Ok(undone(&web, &format!("/teams#team-{id}"), &message))
        }
        Err(other) => Err(other.into()),
    }
}

fn read(form: &Form) -> NewTeam {
    NewTeam {
        name: form.text("name").to_owned(),
        description: form.text("description").to_owned(),
        members: ticked(form, "members"),
    }
}

async fn show(
    web: &Web,
    page: Page,
    status: StatusCode,
    (id, name): (TeamId, Option<String>),
    form: FormState,
) -> Result<Response, PageError> {
    let title = if name.is_none() {
        "Make a team"
    } else {
        "Edit a team"
    };
    let shown = TeamFormPage {
        id,
        name,
        form,
        people: shown::boxes(web.service.people().await?),
    };
    Ok(page.html(status, Nav::Services, title, || {
        view! { <TeamForm page=shown /> }.into_any()
    }))
}

//! People, for admins.

use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::account::{InviteLine, MadeLink, People, PeoplePage, PersonLine},
};
use rideout_domain::{Action, Actor, InviteId, Role, UserId};
use rideout_service::{Error, FieldError};

/// What differs from one showing of the page to the next.
#[derive(Default)]
struct Said {
    form: FormState,
    made: Option<MadeLink>,
    refused: Option<String>,
}

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    shown(&web, &actor, page, StatusCode::OK, Said::default()).await
}

/// Takes `id`, `role` and `email`. The link is in this answer and in no other,
/// so this form is answered by a page and not by the way to one.
pub(super) async fn invite(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManagePeople)?;
    let id = form.text("id").parse::<InviteId>().ok();
    let refused = |errors: &[FieldError]| {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            Said {
                form: form.refused(errors),
                ..Said::default()
            },
        )
    };
    let (status, said) = match form.parse::<Role>("role") {
        Err(error) => refused(&[error]),
        Ok(role) => match web
            .service
            .make_invite(&actor, id, role, form.text("email"))
            .await
        {
            Ok(made) => {
                let made = MadeLink {
                    link: web.link(&format!("/invite/{}", made.token)),
                    email: made.invite.email,
                    role: made.invite.role,
                    expires_at: made.invite.expires_at,
                };
                (
                    StatusCode::CREATED,
                    Said {
                        made: Some(made),
                        ..Said::default()
                    },
                )
            }
            Err(Error::Invalid(errors)) => refused(&errors),
            Err(Error::Conflict { message, .. }) => {
                return Ok(with_flash(
                    &web,
                    see_other("/people#invites"),
                    Tone::Warn,
                    &message,
                ));
            }
            Err(other) => return Err(other.into()),
        },
    };
    shown(&web, &actor, page, status, said).await
}

pub(super) async fn revoke_invite(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<InviteId>,
) -> Result<Response, PageError> {
    web.service.revoke_invite(&actor, id).await?;
    Ok(with_flash(
        &web,
        see_other("/people"),
        Tone::Ok,
        "The invitation is taken back; its link no longer works.",
    ))
}

/// Takes `role`.
pub(super) async fn set_role(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<UserId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManagePeople)?;
    let role = form
        .parse::<Role>("role")
        .map_err(|error| Error::Invalid(vec![error]))?;
    let done = web.service.set_role(&actor, id, role).await;
    web.hub.recheck_user(id);
    // Whoever gave up their own role may no longer see the page.
    let path = if id == actor.id && role != Role::Admin {
        "/incidents"
    } else {
        "/people"
    };
    answer(
        &web,
        &actor,
        page,
        done,
        path,
        &format!("The role is {role} now, from the next click on."),
    )
    .await
}

pub(super) async fn disable(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<UserId>,
    page: Page,
) -> Result<Response, PageError> {
    let done = web.service.disable_person(&actor, id).await;
    web.hub.recheck_user(id);
    answer(
        &web,
        &actor,
        page,
        done,
        "/people",
        "Shut out: sessions have ended, and tokens no longer work.",
    )
    .await
}

pub(super) async fn enable(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<UserId>,
    page: Page,
) -> Result<Response, PageError> {
    let done = web.service.enable_person(&actor, id).await;
    answer(
        &web,
        &actor,
        page,
        done,
        "/people",
        "Let in again, with the password and the tokens they had.",
    )
    .await
}

pub(super) async fn end_sessions(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<UserId>,
) -> Result<Response, PageError> {
    let ended = web.service.end_sessions_of(&actor, id).await?;
    web.hub.recheck_user(id);
    let sentence = match ended {
        0 => "There was no session to end.".to_owned(),
        1 => "One session has ended.".to_owned(),
        n => format!("{n} sessions have ended."),
    };
    // One's own may be among them, and the next page asks to sign in.
    Ok(with_flash(&web, see_other("/people"), Tone::Ok, &sentence))
}

/// What was refused is said on the same page, with what is there now.
async fn answer(
    web: &Web,
    actor: &Actor,
    page: Page,
    done: Result<(), Error>,
    path: &str,
    sentence: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(with_flash(web, see_other(path), Tone::Ok, sentence)),
        Err(Error::Conflict { message, .. }) => {
            let said = Said {
                refused: Some(message),
                ..Said::default()
            };
            shown(web, actor, page, StatusCode::CONFLICT, said).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn shown(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    said: Said,
) -> Result<Response, PageError> {
    let people = web.service.people_list(actor).await?;
    let invites = web.service.invites(actor).await?;
    let shown = PeoplePage {
        people: people
            .into_iter()
            .map(|one| PersonLine {
                id: one.id,
                name: one.name,
                email: one.email,
                role: one.role,
                disabled_at: one.disabled_at,
                last_seen_at: one.last_seen_at,
            })
            .collect(),
        invites: invites
            .into_iter()
            .map(|one| InviteLine {
                id: one.id,
                email: one.email,
                role: one.role,
                created_by: one.created_by.unwrap_or_default(),
                expires_at: one.expires_at,
            })
            .collect(),
        made: said.made,
        next_invite: InviteId(web.service.new_id()),
        form: said.form,
        refused: said.refused,
        viewer: actor.id,
        now: page.now(),
    };
    Ok(page.html(status, Nav::People, "People", || {
        view! { <People page=shown /> }.into_any()
    }))
}

//! Making an account: the first one by the set-up link, others by invitation.
//!
//! The link is a secret. It is never logged (the frame logs the path's
//! template), its pages are not kept by any cache, and no other site learns it
//! by a `Referer`.

use super::{come_in, visit};
use crate::web::{
    Form, Page, PageError, Path, Web,
    page::{see_other, with_flash},
    scope::Scope,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::account::{DeadLink, DeadLinkPage, Join, JoinPage},
};
use rideout_service::{
    Error,
    account::{Invite, NewAccount},
};
use std::sync::Arc;

/// Which of the two kinds of link it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Setup,
    Invite,
}

impl Door {
    const fn of(invite: &Invite) -> Self {
        if invite.created_by.is_none() {
            Self::Setup
        } else {
            Self::Invite
        }
    }

    fn path(self, token: &str) -> String {
        let door = if self == Self::Setup {
            "setup"
        } else {
            "invite"
        };
        format!("/{door}/{token}")
    }
}

pub(super) async fn setup_page(
    state: State<Web>,
    path: Path<String>,
    page: Page,
) -> Result<Response, PageError> {
    shown(&state, Door::Setup, &path.0, page).await
}

pub(super) async fn invite_page(
    state: State<Web>,
    path: Path<String>,
    page: Page,
) -> Result<Response, PageError> {
    shown(&state, Door::Invite, &path.0, page).await
}

pub(super) async fn set_up(
    state: State<Web>,
    path: Path<String>,
    scope: Arc<Scope>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    join(&state, &path.0, &scope, page, &form).await
}

pub(super) async fn accept(
    state: State<Web>,
    path: Path<String>,
    scope: Arc<Scope>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    join(&state, &path.0, &scope, page, &form).await
}

async fn shown(web: &Web, door: Door, token: &str, page: Page) -> Result<Response, PageError> {
    match web.service.invite(token).await {
        Ok(invite) if Door::of(&invite) != door => Ok(see_other(&Door::of(&invite).path(token))),
        Ok(invite) => Ok(form_page(
            page,
            StatusCode::OK,
            FormState::new(),
            token,
            invite,
        )),
        Err(error) => dead(page, error),
    }
}

/// Takes `name`, `email` and `password`.
async fn join(
    web: &Web,
    token: &str,
    scope: &Scope,
    page: Page,
    form: &Form,
) -> Result<Response, PageError> {
    let new = NewAccount {
        name: form.text("name"),
        email: form.text("email"),
        password: form.text("password"),
    };
    match web
        .service
        .accept_invite(token, new, visit(web, scope))
        .await
    {
        Ok(signed_in) => {
            let sentence = format!("Welcome, {}. This account is yours.", signed_in.actor.name);
            let path = if web.service.people().await?.len() == 1 {
                "/people"
            } else {
                "/incidents"
            };
            Ok(with_flash(
                web,
                come_in(web, &signed_in, path),
                Tone::Ok,
                &sentence,
            ))
        }
        Err(Error::Invalid(errors)) => {
            let invite = web.service.invite(token).await?;
            Ok(form_page(
                page,
                StatusCode::UNPROCESSABLE_ENTITY,
                form.refused(&errors),
                token,
                invite,
            ))
        }
        Err(error) => dead(page, error),
    }
}

fn form_page(
    page: Page,
    status: StatusCode,
    form: FormState,
    token: &str,
    invite: Invite,
) -> Response {
    let door = Door::of(&invite);
    let shown = JoinPage {
        form,
        action: door.path(token),
        role: invite.role,
        invited_by: invite.created_by,
        email: invite.email,
        expires_at: invite.expires_at,
        signed_in: page.viewer().map(|actor| actor.name.clone()),
        now: page.now(),
    };
    let title = if door == Door::Setup {
        "Set up"
    } else {
        "Join"
    };
    quiet(page.html(status, Nav::None, title, || {
        view! { <Join page=shown /> }.into_any()
    }))
}

fn dead(page: Page, error: Error) -> Result<Response, PageError> {
    let (status, why) = match error {
        Error::NotFound => (
            StatusCode::NOT_FOUND,
            "It may have been copied in part, or Rideout was started again and printed a newer one. Ask whoever gave it to you.".to_owned(),
        ),
        Error::Conflict { message, .. } => (StatusCode::GONE, message),
        other => return Err(other.into()),
    };
    let shown = DeadLinkPage {
        why,
        signed_in: page.viewer().is_some(),
    };
    Ok(quiet(page.html(status, Nav::None, "Link", || {
        view! { <DeadLink page=shown /> }.into_any()
    })))
}

/// Nothing outside may learn the address of the page.
fn quiet(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    response
}

//! One's own account.

use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
    scope::Scope,
    session,
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::{Tone, words::count},
    pages::account::{MadeToken, Own, OwnPage, SessionLine, TokenLine},
};
use rideout_domain::{Actor, SessionId, TokenId, text};
use rideout_service::Error;
use std::sync::Arc;

/// What differs from one showing of the page to the next.
#[derive(Default)]
struct Said {
    name: FormState,
    password: FormState,
    token: FormState,
    made: Option<MadeToken>,
}

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    scope: Arc<Scope>,
    page: Page,
) -> Result<Response, PageError> {
    shown(&web, &actor, &scope, page, StatusCode::OK, Said::default()).await
}

/// Takes `name`.
pub(super) async fn rename(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    scope: Arc<Scope>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    match web.service.rename(&actor, form.text("name")).await {
        Ok(()) => Ok(with_flash(
            &web,
            see_other("/account"),
            Tone::Ok,
            "Your name is changed, everywhere.",
        )),
        Err(Error::Invalid(errors)) => {
            let said = Said {
                name: form.refused(&errors),
                ..Said::default()
            };
            shown(
                &web,
                &actor,
                &scope,
                page,
                StatusCode::UNPROCESSABLE_ENTITY,
                said,
            )
            .await
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes `current_password` and `password`.
pub(super) async fn change_password(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    scope: Arc<Scope>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let token = session::token(&web.config, &scope);
    let (present, new) = (form.text("current_password"), form.text("password"));
    let (status, refused) = match web
        .service
        .change_password(&actor, token, present, new)
        .await
    {
        Ok(0) => {
            return Ok(with_flash(
                &web,
                see_other("/account"),
                Tone::Ok,
                "Your password is changed.",
            ));
        }
        Ok(ended) => {
            web.hub.recheck_user(actor.id);
            let ended = count(
                i64::try_from(ended).unwrap_or(i64::MAX),
                "other session",
                "other sessions",
            );
            let sentence = format!("Your password is changed, and {ended} ended.");
            return Ok(with_flash(&web, see_other("/account"), Tone::Ok, &sentence));
        }
        // Passwords are the one thing that is not shown again.
        Err(Error::Invalid(errors)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Form::default().refused(&errors),
        ),
        Err(Error::TooMany {
            retry_after_seconds,
        }) => {
            let sentence = format!(
                "Too many attempts failed. Try again in {}.",
                count((retry_after_seconds + 59) / 60, "minute", "minutes")
            );
            (
                StatusCode::TOO_MANY_REQUESTS,
                FormState::new().refuse("", sentence),
            )
        }
        Err(other) => return Err(other.into()),
    };
    shown(
        &web,
        &actor,
        &scope,
        page,
        status,
        Said {
            password: refused,
            ..Said::default()
        },
    )
    .await
}

pub(super) async fn end_session(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<SessionId>,
) -> Result<Response, PageError> {
    web.service.end_session(&actor, id).await?;
    web.hub.recheck_user(actor.id);
    Ok(with_flash(
        &web,
        see_other("/account#sessions"),
        Tone::Ok,
        "That session has ended.",
    ))
}

pub(super) async fn end_others(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    scope: Arc<Scope>,
) -> Result<Response, PageError> {
    let ended = web
        .service
        .end_other_sessions(&actor, session::token(&web.config, &scope))
        .await?;
    web.hub.recheck_user(actor.id);
    let sentence = match ended {
        0 => "There was no other session.".to_owned(),
        1 => "The other session has ended.".to_owned(),
        n => format!("{n} other sessions have ended."),
    };
    Ok(with_flash(
        &web,
        see_other("/account#sessions"),
        Tone::Ok,
        &sentence,
    ))
}

/// Takes `id` and `name`. The secret is in this answer and in no other, so
/// this form is answered by a page and not by the way to one.
pub(super) async fn make_token(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    scope: Arc<Scope>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let id = form.text("id").parse::<TokenId>().ok();
    let (status, said) = match web.service.make_token(&actor, id, form.text("name")).await {
        Ok((_, secret)) => {
            let made = MadeToken {
                name: text::clean(form.text("name").trim()),
                secret,
            };
            (
                StatusCode::CREATED,
                Said {
                    made: Some(made),
                    ..Said::default()
                },
            )
        }
        Err(Error::Invalid(errors)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Said {
                token: form.refused(&errors),
                ..Said::default()
            },
        ),
        Err(Error::Conflict {
            code: "already_made",
            message,
        }) => {
            return Ok(with_flash(
                &web,
                see_other("/account#tokens"),
                Tone::Warn,
                &message,
            ));
        }
        Err(Error::Conflict { message, .. }) => (
            StatusCode::CONFLICT,
            Said {
                token: form.state().refuse("", message),
                ..Said::default()
            },
        ),
        Err(other) => return Err(other.into()),
    };
    shown(&web, &actor, &scope, page, status, said).await
}

pub(super) async fn revoke_token(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<TokenId>,
) -> Result<Response, PageError> {
    web.service.revoke_token(&actor, id).await?;
    web.hub.recheck_user(actor.id);
    Ok(with_flash(
        &web,
        see_other("/account#tokens"),
        Tone::Ok,
        "The token is revoked. Whoever still uses it is refused.",
    ))
}

async fn shown(
    web: &Web,
    actor: &Actor,
    scope: &Scope,
    page: Page,
    status: StatusCode,
    said: Said,
) -> Result<Response, PageError> {
    let profile = web.service.profile(actor).await?;
    let sessions = web
        .service
        .sessions(actor, session::token(&web.config, scope))
        .await?;
    let tokens = web.service.tokens(actor).await?;
    let reach = web.service.reach(actor).await?;
    let shown = OwnPage {
        name: profile.name,
        email: profile.email,
        role: profile.role,
        created_at: profile.created_at,
        reached: reach.is_confirmed(),
        sessions: sessions
            .into_iter()
            .map(|one| SessionLine {
                id: one.id,
                user_agent: one.user_agent,
                address: one.address,
                created_at: one.created_at,
                last_seen_at: one.last_seen_at,
                this: one.this,
            })
            .collect(),
        tokens: tokens
            .into_iter()
            .map(|one| TokenLine {
                id: one.id,
                name: one.name,
                created_at: one.created_at,
                last_used_at: one.last_used_at,
            })
            .collect(),
        made: said.made,
        next_token: TokenId(web.service.new_id()),
        name_form: said.name,
        password_form: said.password,
        token_form: said.token,
        base_url: web.base_url.to_string(),
        now: page.now(),
    };
    Ok(page.html(status, Nav::Account, "Your account", || {
        view! { <Own page=shown /> }.into_any()
    }))
}

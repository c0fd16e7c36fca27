//! Signing in and out.

use super::{come_in, visit};
use crate::web::{
    Form, MaybeSignedIn, Page, PageError, Query, Web, page::see_other, scope::Scope, session,
    site::local_path,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::account::{Login, LoginPage},
};
use rideout_service::{Error, account::Credentials};
use std::{fmt::Write as _, sync::Arc};

/// Takes `next`, a path of this site.
pub(super) async fn page(
    State(web): State<Web>,
    MaybeSignedIn(actor): MaybeSignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    let next = next_path(query.text("next"));
    if actor.is_some() {
        return Ok(see_other(&next));
    }
    shown(&web, page, StatusCode::OK, FormState::new(), next).await
}

/// Takes `email`, `password` and `next`.
pub(super) async fn log_in(
    State(web): State<Web>,
    scope: Arc<Scope>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let next = next_path(form.text("next"));
    let typed = Credentials {
        email: form.text("email"),
        password: form.text("password"),
    };
    let (status, refused, wait) = match web.service.log_in(typed, visit(&web, &scope)).await {
        Ok(signed_in) => return Ok(come_in(&web, &signed_in, &next)),
        Err(Error::Invalid(errors)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            form.refused(&errors),
            None,
        ),
        Err(Error::TooMany {
            retry_after_seconds: seconds,
        }) => {
            let sentence = format!(
                "Too many attempts failed. Try again in {}.",
                minutes(seconds)
            );
            (
                StatusCode::TOO_MANY_REQUESTS,
                form.state().refuse("", sentence),
                Some(seconds),
            )
        }
        Err(other) => return Err(other.into()),
    };
    let mut response = shown(&web, page, status, refused, next).await?;
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// Ends the session, if there is one.
pub(super) async fn log_out(
    State(web): State<Web>,
    MaybeSignedIn(actor): MaybeSignedIn,
    scope: Arc<Scope>,
) -> Result<Response, PageError> {
    if let Some(token) = session::token(&web.config, &scope) {
        web.service.log_out(token, &scope.address).await?;
    }
    if let Some(actor) = actor {
        // Live pages in other tabs notice at once.
        web.hub.recheck_user(actor.id);
    }
    let mut response = see_other("/login");
    response
        .headers_mut()
        .append(header::SET_COOKIE, session::end(&web.config));
    Ok(response)
}

async fn shown(
    web: &Web,
    page: Page,
    status: StatusCode,
    form: FormState,
    next: String,
) -> Result<Response, PageError> {
    let setup_needed = !web.service.has_admin().await?;
    let shown = LoginPage {
        form,
        next,
        setup_needed,
        example: web.example,
    };
    Ok(page.html(status, Nav::None, "Sign in", || {
        view! { <Login page=shown /> }.into_any()
    }))
}

/// A path of this site to go to after signing in, fit for a header.
fn next_path(asked: &str) -> String {
    let path = match local_path(asked) {
        // Signing in must not lead to signing in.
        "/" => "/incidents",
        path if path == "/login" || path.starts_with("/login?") || path == "/logout" => {
            "/incidents"
        }
        path if path.len() > 2_000 => "/incidents",
        path => path,
    };
    path.bytes()
        .fold(String::with_capacity(path.len()), |mut out, byte| {
            if byte.is_ascii_graphic() {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

fn minutes(seconds: i64) -> String {
    match (seconds + 59) / 60 {
        ..=1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_this_site_only() {
        for (asked, path) in [
            ("/incidents/7?kinds=a,b#e-3", "/incidents/7?kinds=a,b#e-3"),
            (
                "/incidents?q=ü “x”",
                "/incidents?q=%C3%BC%20%E2%80%9Cx%E2%80%9D",
            ),
            ("", "/incidents"),
            ("/", "/incidents"),
            ("/login?next=/login", "/incidents"),
            ("/logout", "/incidents"),
            ("//evil.example", "/incidents"),
            ("/\\evil.example", "/incidents"),
            ("/\t/evil.example", "/incidents"),
            ("https://evil.example", "/incidents"),
            ("javascript:alert(1)", "/incidents"),
            ("/a\r\nSet-Cookie: x=1", "/incidents"),
        ] {
            assert_eq!(next_path(asked), path, "{asked:?}");
        }
        assert_eq!(next_path(&format!("/{}", "x".repeat(3_000))), "/incidents");
    }
}

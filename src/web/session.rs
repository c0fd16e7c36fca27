//! Who asks: session cookies, bearer tokens, and the extractors for them.

use super::{
    PageError, Web,
    problem::Problem,
    scope::{self, Scope},
};
use crate::config::Config;
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
};
use rideout_domain::Actor;
use rideout_service::{Error, account::session::LONGEST_DAYS};

/// Somebody with an account. Others are sent to sign in, programs get 401.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Actor);

/// Somebody, perhaps with an account.
#[derive(Debug, Clone)]
pub struct MaybeSignedIn(pub Option<Actor>);

impl FromRequestParts<Web> for SignedIn {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let scope = scope::of(parts, web);
        match scope.actor(web).await? {
            Some(actor) => Ok(Self(actor.clone())),
            None => Err(Problem::from(Error::SignInNeeded).into()),
        }
    }
}

impl FromRequestParts<Web> for MaybeSignedIn {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let scope = scope::of(parts, web);
        Ok(Self(scope.actor(web).await?.cloned()))
    }
}

/// The name of the session cookie.
#[must_use]
pub fn cookie_name(config: &Config) -> &'static str {
    if config.secure_cookies() {
        "__Host-rideout"
    } else {
        "rideout"
    }
}

/// The token of the browser's session, if it sent one.
#[must_use]
pub fn token<'a>(config: &Config, scope: &'a Scope) -> Option<&'a str> {
    scope
        .cookie(cookie_name(config))
        .filter(|token| !token.is_empty())
}

/// The bearer token of a program, if it sent one.
#[must_use]
pub fn bearer(scope: &Scope) -> Option<&str> {
    let (scheme, token) = scope.header(header::AUTHORIZATION).split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// Finds out who asks. A request that carries an `Authorization` header is
/// judged by it alone: its cookies do not count.
pub(super) async fn authenticate(web: &Web, scope: &Scope) -> Result<Option<Actor>, Error> {
    if scope.headers.contains_key(header::AUTHORIZATION) {
        return match bearer(scope) {
            Some(token) => web.service.authenticate_token(token, &scope.address).await,
            None => Ok(None),
        };
    }
    match token(&web.config, scope) {
        Some(token) => {
            web.service
                .authenticate_session(token, &scope.address)
                .await
        }
        None => Ok(None),
    }
}

/// A `Set-Cookie` that begins a session in the browser. The browser keeps it as
/// long as a session can last; the database knows when an unused one ends.
#[must_use]
pub fn begin(config: &Config, token: &str) -> HeaderValue {
    let seconds = LONGEST_DAYS * 86_400;
    set_cookie(
        config,
        &format!("{}={token}; Max-Age={seconds}", cookie_name(config)),
        true,
    )
}

/// A `Set-Cookie` that ends the session in the browser.
#[must_use]
pub fn end(config: &Config) -> HeaderValue {
    set_cookie(
        config,
        &format!("{}=; Max-Age=0", cookie_name(config)),
        true,
    )
}

/// A `Set-Cookie` with the attributes that all our cookies have.
pub(super) fn set_cookie(config: &Config, pair: &str, hidden: bool) -> HeaderValue {
    let secure = if config.secure_cookies() {
        "; Secure"
    } else {
        ""
    };
    let hidden = if hidden { "; HttpOnly" } else { "" };
    // The pair is made of characters a header may carry, or no cookie is set.
    HeaderValue::from_str(&format!("{pair}; Path=/; SameSite=Lax{secure}{hidden}"))
        .unwrap_or(HeaderValue::from_static("rideout_none=; Max-Age=0"))
}

//! No other site may make a browser do something here.
//!
//! Every request with an unsafe method is judged by what the browser says of
//! its origin, which no page can forge:
//!
//! 1. with an `Authorization` header it is let through: cookies do not count
//!    then, and no other site can set that header without our leave;
//! 2. `Sec-Fetch-Site` must be `same-origin` or `none`;
//! 3. where that is missing, `Origin` must be ours;
//! 4. where both are missing, it is no browser of this decade. It is let
//!    through only when it carries no session cookie.

use crate::web::{Problem, Web, scope::Scope, session};
use axum::http::{HeaderMap, Method, StatusCode, header};

/// Whether the request may go on.
pub fn check(web: &Web, scope: &Scope, headers: &HeaderMap) -> Result<(), Problem> {
    if is_safe(&scope.method) || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    let same = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_ours(web, origin, text("host")),
        (None, None) => session::token(&web.config, scope).is_none(),
    };
    if same { Ok(()) } else { Err(refused()) }
}

const fn is_safe(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

/// The origin is the address people type, or whatever address they reached us by.
fn is_ours(web: &Web, origin: &str, host: Option<&str>) -> bool {
    if origin == &*web.base_url {
        return true;
    }
    let scheme = if web.config.is_https() {
        "https://"
    } else {
        "http://"
    };
    origin
        .strip_prefix(scheme)
        .is_some_and(|name| host.is_some_and(|host| host.eq_ignore_ascii_case(name)))
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "This was sent from another site",
        "Rideout takes forms only from its own pages. Open the page here and send it again. If this is its own page, the proxy in front changes the address: set public_url to the address people type.",
    )
}

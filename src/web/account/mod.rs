//! Accounts: signing in and out, joining, one's own account, people, the audit log.

mod audit;
mod example;
mod join;
mod login;
mod own;
mod people;

use super::{Access, Routes, Web, page::see_other, scope::Scope, session};
use axum::{http::header, response::Response};
use rideout_domain::Role;
use rideout_service::account::{SignedIn, Visit};

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    const ADMIN: Access = Access::Role(Role::Admin);
    Routes::new()
        .get("/login", Access::Anyone, login::page)
        .post("/login", Access::Anyone, login::log_in)
        .post("/logout", Access::Anyone, login::log_out)
        .get("/setup/{token}", Access::Link, join::setup_page)
        .post("/setup/{token}", Access::Link, join::set_up)
        .get("/invite/{token}", Access::Link, join::invite_page)
        .post("/invite/{token}", Access::Link, join::accept)
        .get("/account", Access::SignedIn, own::page)
        .post("/account/name", Access::SignedIn, own::rename)
        .post("/account/password", Access::SignedIn, own::change_password)
        .post(
            "/account/sessions/end-others",
            Access::SignedIn,
            own::end_others,
        )
        .post(
            "/account/sessions/{session}/end",
            Access::SignedIn,
            own::end_session,
        )
        .post("/account/tokens", Access::SignedIn, own::make_token)
        .post(
            "/account/tokens/{token}/revoke",
            Access::SignedIn,
            own::revoke_token,
        )
        .get("/people", ADMIN, people::page)
        .post("/people/invites", ADMIN, people::invite)
        .post(
            "/people/invites/{invite}/revoke",
            ADMIN,
            people::revoke_invite,
        )
        .post("/people/{person}/role", ADMIN, people::set_role)
        .post("/people/{person}/disable", ADMIN, people::disable)
        .post("/people/{person}/enable", ADMIN, people::enable)
        .post("/people/{person}/sessions/end", ADMIN, people::end_sessions)
        .get("/audit", ADMIN, audit::page)
        .get("/audit.csv", ADMIN, audit::csv)
        .get("/audit.json", ADMIN, audit::json)
        .get("/example", Access::Anyone, example::page)
        .post("/example/enter", Access::Anyone, example::enter)
}

/// Where a request to sign in comes from, with the session it will take the place of.
fn visit<'a>(web: &Web, scope: &'a Scope) -> Visit<'a> {
    Visit {
        address: &scope.address,
        user_agent: scope.header(header::USER_AGENT),
        session: session::token(&web.config, scope),
    }
}

/// Goes to a path of this site with the session that has begun.
fn come_in(web: &Web, signed_in: &SignedIn, path: &str) -> Response {
    let mut response = see_other(path);
    response.headers_mut().append(
        header::SET_COOKIE,
        session::begin(&web.config, &signed_in.token),
    );
    response
}

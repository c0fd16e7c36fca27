//! The endpoints of live streams.

use super::{
    feed::{NoFeed, Request},
    viewers::Credential,
};
use crate::web::{
    Access, ApiError, MaybeSignedIn, Path, Problem, Query, Routes, Web, scope::Scope, session,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{IncidentId, Role};
use rideout_service::Error;
use std::sync::Arc;

/// The endpoints of live streams.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/incidents/{id}/live", Access::Incident(Role::Viewer), page)
        .get(
            "/api/v1/incidents/{id}/events",
            Access::Incident(Role::Viewer),
            program,
        )
}

async fn page(
    State(web): State<Web>,
    asker: MaybeSignedIn,
    scope: Arc<Scope>,
    Path(id): Path<IncidentId>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    stream(&web, asker, &scope, id, &query, &headers, true).await
}

async fn program(
    State(web): State<Web>,
    asker: MaybeSignedIn,
    scope: Arc<Scope>,
    Path(id): Path<IncidentId>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    stream(&web, asker, &scope, id, &query, &headers, false).await
}

async fn stream(
    web: &Web,
    MaybeSignedIn(actor): MaybeSignedIn,
    scope: &Scope,
    incident: IncidentId,
    query: &Query,
    headers: &HeaderMap,
    is_page: bool,
) -> Result<Response, ApiError> {
    // An event source cannot follow to a page where one signs in; it is told so.
    let (Some(actor), Some(credential)) = (actor, credential(web, scope)) else {
        return Err(Error::SignInNeeded.into());
    };
    let after = after(headers, query)?;
    let feed = web
        .hub
        .open(Request {
            actor,
            credential,
            incident,
            after,
            is_page,
        })
        .await;
    let feed = feed.map_err(|no| match no {
        NoFeed::Service(error) => Problem::from(error),
        NoFeed::Stopped => Problem {
            retry_after_seconds: Some(2),
            ..Problem::busy()
        },
        NoFeed::TooMany => Problem {
            retry_after_seconds: Some(60),
            ..Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_streams",
                "You have too many live pages open",
                "Close some of them; this one works without, reload it to see what is new.",
            )
        },
    })?;
    let mut response = Body::from_stream(feed.into_stream()).into_response();
    let add = response.headers_mut();
    add.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    add.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies hold answers back until they are complete, unless told not to.
    add.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// The sequence the viewer has: what the browser says when it comes back
/// outweighs what the page said when it was made.
fn after(headers: &HeaderMap, query: &Query) -> Result<Option<i64>, Problem> {
    let header = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok());
    let said = header
        .filter(|text| !text.is_empty())
        .or_else(|| query.optional("after"));
    let Some(text) = said else { return Ok(None) };
    match text.trim().parse::<i64>() {
        Ok(seq) if seq >= 0 => Ok(Some(seq)),
        _ => Err(Problem::invalid(
            "after",
            "This is no sequence of an entry: give a whole number, 0 for everything.",
        )),
    }
}

fn credential(web: &Web, scope: &Scope) -> Option<Credential> {
    match session::bearer(scope) {
        Some(token) => Some(Credential::Token(token.into())),
        None => session::token(&web.config, scope).map(|token| Credential::Session(token.into())),
    }
}

//! The frame around every request of the main listener: an identifier, one log
//! line, one count, the headers, and a problem written out as the asker reads it.

use super::{cross_site, headers, linger::linger, report};
use crate::web::{Problem, Web, problem::panicked, scope::Scope};
use axum::{
    extract::{MatchedPath, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::FutureExt as _;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tokio::time::Instant;
use tracing::Instrument as _;

/// Runs a request.
pub async fn run(State(web): State<Web>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (mut parts, body) = linger(request).into_parts();
    let scope = Arc::new(Scope::new(&web, &parts));
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", |path| path.as_str());
    parts.extensions.insert(Arc::clone(&scope));
    let span = tracing::info_span!("request", request.id = %scope.id);

    let verdict = cross_site::check(&web, &scope, &parts.headers);
    let mut response = match verdict {
        Err(problem) => problem.into_response(),
        Ok(()) => {
            guarded(&web, Request::from_parts(parts, body), next)
                .instrument(span.clone())
                .await
        }
    };

    let problem = response.extensions_mut().remove::<Arc<Problem>>();
    if let Some(problem) = &problem {
        if let Some(source) = &problem.source {
            span.in_scope(|| report::log_source(problem.status, source));
        }
        response = report::write_out(&web, &scope, problem, response).await;
    }
    headers::add(&web, &scope, response.headers_mut());
    finish(&scope, route, response.status(), problem.as_deref(), began);
    response
}

async fn guarded(web: &Web, request: Request, next: Next) -> Response {
    let gate = if request.method().is_safe() {
        &web.gate
    } else {
        &web.body_gate
    };
    let Some(_place) = gate.enter().await else {
        return Problem::busy().into_response();
    };
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => panicked().into_response(),
    }
}

/// The one log line of a request. It holds the path's template and not the
/// path, since a path may carry a secret.
fn finish(
    scope: &Scope,
    route: &str,
    status: StatusCode,
    problem: Option<&Problem>,
    began: Instant,
) {
    let took = began.elapsed();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let actor = scope
        .known_actor()
        .map(|actor| actor.id.to_string())
        .unwrap_or_default();
    let code = problem.map_or("", |problem| problem.code);
    tracing::event!(
        target: "rideout::access",
        tracing::Level::INFO,
        request.id = %scope.id,
        http.method = %scope.method,
        http.route = route,
        http.status = status.as_u16(),
        duration.micros = micros,
        client.address = scope.address,
        actor.id = actor,
        problem = code,
        "answered"
    );
    let labels = [
        ("method", known_method(&scope.method)),
        ("route", route.to_owned()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("rideout_http_requests_total", &labels).increment(1);
    metrics::histogram!("rideout_http_request_seconds", "route" => route.to_owned())
        .record(took.as_secs_f64());
}

/// Methods are free text in HTTP, and labels must not grow without end.
fn known_method(method: &axum::http::Method) -> String {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => {
            known.to_owned()
        }
        _ => "other".to_owned(),
    }
}

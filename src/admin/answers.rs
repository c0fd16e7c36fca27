//! How the admin listener answers.

use super::{PATHS, Shared};
use crate::config::reachable;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::FutureExt as _;
use serde_json::{Value, json};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::time::timeout;

/// The longest any answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// JSON that people can read as well.
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// What went wrong, as `application/problem+json`.
pub(super) fn problem(status: StatusCode, code: &str, title: &str, detail: &str) -> Response {
    let body = json!({
        "type": format!("urn:rideout:problem:{code}"),
        "title": title,
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        format!("{body:#}\n"),
    )
        .into_response()
}

/// What there is.
pub(super) async fn index() -> Response {
    json(StatusCode::OK, &json!({ "paths": PATHS }))
}

/// Every other path is answered by the main listener.
pub(super) async fn wrong_port(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let main = reachable(shared.main_address());
    problem(
        StatusCode::MISDIRECTED_REQUEST,
        "main_port",
        "This is asked of the wrong port",
        &format!(
            "This is the admin listener. {} is answered by the main listener alone: ask http://{main}{}.",
            uri.path(),
            uri.path()
        ),
    )
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "That cannot be done here",
        &format!("{} does not answer {method}.", uri.path()),
    )
}

/// In time, whatever happens, and never kept by anybody.
pub(super) async fn frame(request: Request, next: Next) -> Response {
    let head = request.method() == Method::HEAD;
    let answer = timeout(PATIENCE, AssertUnwindSafe(next.run(request)).catch_unwind());
    let mut response = match answer.await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something broke inside Rideout",
            "It is a defect, and it has been logged.",
        ),
        Err(_) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_slow",
            "This took too long",
            "What was asked for did not come in time. /health/ready may say why.",
        ),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if head {
        *response.body_mut() = Body::empty();
    }
    response
}

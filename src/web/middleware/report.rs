//! Writes a problem out: a page with a way forward, `application/problem+json`,
//! or the way to the log-in page.

use crate::web::{Page, Problem, Web, page::see_other, scope::Scope};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_service::{Error, FieldError};
use serde::Serialize;
use std::{error::Error as _, fmt::Write as _, sync::Arc};

/// The answer to a problem. Headers that the problem's first form has stay.
pub(super) async fn write_out(
    web: &Web,
    scope: &Arc<Scope>,
    problem: &Problem,
    bare: Response,
) -> Response {
    let mut response = if problem.for_programs || scope.wants_json {
        as_json(scope, problem)
    } else if problem.code == "sign_in_needed" && matches!(scope.method, Method::GET | Method::HEAD)
    {
        return see_other(&format!("/login?next={}", encode(&scope.target)));
    } else {
        as_page(web, scope, problem).await
    };
    keep(bare.headers(), response.headers_mut());
    if problem.status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if scope.method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

fn keep(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            to.append(name.clone(), value.clone());
        }
    }
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    instance: String,
}

fn as_json(scope: &Scope, problem: &Problem) -> Response {
    let body = ProblemJson {
        r#type: format!("urn:rideout:problem:{}", problem.code),
        title: &problem.title,
        status: problem.status.as_u16(),
        code: problem.code,
        detail: &problem.detail,
        errors: &problem.errors,
        instance: format!("urn:uuid:{}", scope.id),
    };
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    (
        problem.status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        bytes,
    )
        .into_response()
}

async fn as_page(web: &Web, scope: &Arc<Scope>, problem: &Problem) -> Response {
    // A page that says what broke must not break for the same reason.
    let viewer = if problem.status.is_server_error() {
        scope.known_actor().cloned()
    } else {
        scope.actor(web).await.ok().flatten().cloned()
    };
    Page::new(web, Arc::clone(scope), viewer).problem(problem)
}

/// Logs what went wrong inside, with its chain of causes, once.
pub(super) fn log_source(status: StatusCode, source: &Arc<Error>) {
    let mut text = source.to_string();
    let mut cause = source.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    tracing::error!(
        http.status = status.as_u16(),
        error = text,
        "a request failed: {text}"
    );
}

/// Percent-encodes a path for the value of a query.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

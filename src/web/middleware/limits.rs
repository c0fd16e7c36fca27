//! How much may be sent and how long an answer may take.

use crate::web::{Problem, endpoints::Load, scope::Scope};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

/// The most a form or a JSON text may have.
pub const SMALL_BODY: usize = 1024 * 1024;
/// The most a request that carries a file may have: 10 MB and what goes around it.
pub const FILE_BODY: usize = 11 * 1024 * 1024;
/// How many times as long a file may take.
const FILE_PATIENCE: u32 = 8;

/// Answers in time. Only the time to the beginning of the answer counts, so
/// live connections are not cut.
pub async fn in_time(load: Load, request: Request, next: Next) -> Response {
    let limit = request
        .extensions()
        .get::<Arc<Scope>>()
        .map_or(Duration::from_secs(60), |scope| scope.time_limit);
    let (limit, most) = match load {
        Load::Small => (limit, SMALL_BODY),
        Load::File => (limit * FILE_PATIENCE, FILE_BODY),
    };
    // What is announced as too large need not arrive first.
    if request.body().size_hint().lower() > most as u64 {
        return Problem::too_large(most).into_response();
    }
    let arrived = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let request = request.map(|body| {
        Body::new(Watched {
            body,
            arrived: Arc::clone(&arrived),
        })
    });
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) if arrived.load(Relaxed) => Problem {
            retry_after_seconds: Some(2),
            ..Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_slow",
                "This took too long",
                "Rideout gave up on it. Whether it was saved, the page will show: reload it before you send it again. Sending the same entry twice does no harm.",
            )
        }
        .into_response(),
        Err(_) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "sent_too_slowly",
            "The request did not arrive in time",
            "Nothing was saved. The network may be slow; go back and send it again, or send a smaller file.",
        )
        .into_response(),
    }
}

/// A body that tells when all of it has arrived.
struct Watched {
    body: Body,
    arrived: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.arrived.store(true, Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

//! Lets arrive what nobody reads.
//!
//! Closing a connection on which the asker is still sending destroys the answer
//! on its way. So what is left of a body when its handler has answered is taken
//! in and thrown away, up to a limit.

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header,
};
use http_body::{Frame, SizeHint};
use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{runtime::Handle, time::timeout};

/// More than anybody sends by mistake.
const MOST: usize = 32 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
/// Who has sent nothing for so long has given up, or means no good.
const SILENCE: Duration = Duration::from_secs(1);

/// Sees to it that the body of a request may be left unread.
#[must_use]
pub fn linger(request: Request) -> Request {
    // Who asks before sending anything sends nothing when refused.
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return request;
    }
    request.map(|body| Body::new(Lingering(Some(body))))
}

/// The body; none at its end.
struct Lingering(Option<Body>);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.0.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        if let (Some(rest), Ok(runtime)) = (rest, Handle::try_current()) {
            runtime.spawn(timeout(PATIENCE, throw_away(rest)));
        }
    }
}

async fn throw_away(mut body: Body) {
    let mut taken = 0;
    while taken < MOST
        && let next = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))
        && let Ok(Some(Ok(frame))) = timeout(SILENCE, next).await
    {
        taken += frame.data_ref().map_or(0, Bytes::len);
    }
}

//! Write operations: closures that wait for their turn.

use super::{DbError, Tx};
use futures::{FutureExt as _, future::BoxFuture};
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::{sync::oneshot, time::timeout};
use tracing::{Instrument as _, Span};

/// A write operation in the writer's queue.
pub(super) trait Operation: Send {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool;

    /// Runs it. True if its changes are to be kept.
    fn run<'t>(&'t mut self, tx: &'t mut Tx, limit: Duration) -> BoxFuture<'t, bool>;

    /// Answers its caller, once it is known whether the commit succeeded.
    fn finish(self: Box<Self>, commit: Result<(), &DbError>);
}

/// An operation with its caller.
pub(super) struct Pending<F, T, E> {
    operation: Option<F>,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
    span: Span,
}

impl<F, T, E> Pending<F, T, E> {
    pub(super) fn new(operation: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        (
            Self {
                operation: Some(operation),
                result: None,
                caller,
                span: Span::current(),
            },
            answer,
        )
    }
}

impl<F, T, E> Operation for Pending<F, T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.caller.is_closed()
    }

    fn run<'t>(&'t mut self, tx: &'t mut Tx, limit: Duration) -> BoxFuture<'t, bool> {
        let span = self.span.clone();
        let work = async move {
            let Some(operation) = self.operation.take() else {
                return false;
            };
            let result = perform(operation, tx, limit).await;
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        };
        work.instrument(span).boxed()
    }

    fn finish(self: Box<Self>, commit: Result<(), &DbError>) {
        let result = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(DbError::Closed.into()),
            // Its own error says more than that of a commit it had no part in.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.clone().into()),
        };
        let _ = self.caller.send(result);
    }
}

/// Runs an operation to its end, its panic or its time limit.
///
/// An operation that swallowed the error of a statement fails all the same.
pub(super) async fn perform<F, T, E>(operation: F, tx: &mut Tx, limit: Duration) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
    E: From<DbError>,
{
    tx.clear_failure();
    let work = async { operation(&mut *tx).await };
    match timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(Ok(value))) => match tx.failure() {
            None => Ok(value),
            Some(failure) => Err(DbError::Aborted {
                source: Box::new(failure.clone()),
            }
            .into()),
        },
        Ok(Ok(Err(error))) => Err(error),
        Ok(Err(_panic)) => Err(DbError::Panicked.into()),
        Err(_elapsed) => Err(DbError::busy().into()),
    }
}

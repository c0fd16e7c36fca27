//! Takes messages in hand, pass after pass, beside the cycles: a storm of looks and
//! steps holds up no message that is due already.

use super::{Inner, PAUSE, RETRY, cycle::Cycle, send};
use futures::FutureExt as _;
use rideout_domain::Timestamp;
use rideout_service::{Error, page::Beat};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

/// Messages of one channel in hand at the same time: some wait for a sender, so that
/// no sender waits for a claim.
pub(super) const IN_HAND: usize = 64;
/// Claims are made when so many have room, so that one looks for many.
const WORTH_IT: usize = IN_HAND / 2;
/// The longest a pass may take; sending is not part of it.
const LIMIT: Duration = Duration::from_secs(30);
/// Least time to the next pass while a channel has no place.
const FULL: Duration = Duration::from_secs(1);
/// Least time between two heartbeats in the database.
const BEAT: Duration = Duration::from_secs(2);

/// How the last pass went.
#[derive(Debug, Clone, Default)]
pub(super) struct Pass {
    /// Number of the pass, from 1.
    pub(super) number: u64,
    /// What went wrong, in words for the operator.
    pub(super) failed: Option<String>,
}

/// What one pass leaves to the next.
struct State {
    started_at: Timestamp,
    last_beat: Option<Instant>,
    /// Whether what the last process left behind was taken over.
    took_over: bool,
    /// The last cycle, for the heartbeat.
    cycle: watch::Receiver<Cycle>,
}

/// Pass after pass until told to stop.
pub(super) async fn run(
    inner: Arc<Inner>,
    done: watch::Sender<Pass>,
    cycle: watch::Receiver<Cycle>,
) {
    let mut stopping = inner.stopping.subscribe();
    let mut state = State {
        started_at: inner.service.now(),
        last_beat: None,
        took_over: false,
        cycle,
    };
    while !*stopping.borrow() {
        let number = inner.passes.fetch_add(1, SeqCst) + 1;
        let pass = AssertUnwindSafe(pass(&inner, &mut state)).catch_unwind();
        let (wait, failed) = match timeout(LIMIT, pass).await {
            Ok(Ok(Ok(wait))) => (wait, None),
            Ok(Ok(Err(error))) => (RETRY, Some(error.to_string())),
            // A pass that breaks off must not be the last one.
            Ok(Err(_)) => (RETRY, Some("a fault of Rideout".to_owned())),
            Err(_) => {
                let why = format!(
                    "no message was taken in hand in {} seconds",
                    LIMIT.as_secs()
                );
                (RETRY, Some(why))
            }
        };
        if let Some(why) = &failed {
            tracing::warn!(
                error = why,
                "messages could not be taken in hand; it is tried again"
            );
        }
        done.send_replace(Pass { number, failed });
        tokio::select! {
            () = sleep(wait) => {}
            () = inner.post.notified() => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }
}

/// Takes in hand what is due and has room, and tells how long to wait.
async fn pass(inner: &Arc<Inner>, state: &mut State) -> Result<Duration, Error> {
    let service = &inner.service;
    // Before anything is taken in hand: without a heartbeat others would take it over.
    if state.last_beat.is_none_or(|at| at.elapsed() >= BEAT) {
        let beat = {
            let cycle = state.cycle.borrow();
            Beat {
                node: inner.node.clone(),
                started_at: state.started_at,
                cycle: cycle.cycle,
                took_micros: cycle.micros,
            }
        };
        service.beat(&beat).await?;
        state.last_beat = Some(Instant::now());
    }
    if !state.took_over {
        service.take_over(&inner.node).await?;
        state.took_over = true;
    }
    if *inner.stopping.borrow() {
        return Ok(PAUSE);
    }
    let mut full = false;
    for (channel, places) in &inner.places {
        let free = places.hand.available_permits();
        if free < WORTH_IT {
            full = true;
            continue;
        }
        let claimed = service.claim_due(&inner.node, Some(*channel), free).await?;
        let count = u64::try_from(claimed.len()).unwrap_or(u64::MAX);
        inner.claimed.fetch_add(count, SeqCst);
        for one in claimed {
            send::begin(inner, one).await;
        }
    }
    let due = service.next_message().await?;
    // What is due and finds no place is taken when somebody has finished sending.
    let least = if full { FULL } else { Duration::ZERO };
    Ok(until(service.now(), due).max(least))
}

/// How long to wait: until the next message is due, and never longer than the pause,
/// so that a clock that is set is noticed soon.
fn until(now: Timestamp, due: Option<Timestamp>) -> Duration {
    let micros = due.map_or(i64::MAX, |at| at.0.saturating_sub(now.0));
    // Something due that was not taken, such as another node's, is looked at again soon.
    let micros = u64::try_from(micros).unwrap_or(0).max(50_000);
    Duration::from_micros(micros).min(PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timestamp = Timestamp(1_276_592_400_000_000);

    #[test]
    fn it_waits_for_the_next_message_and_never_long() {
        assert_eq!(until(T, None), PAUSE);
        assert_eq!(until(T, Some(T.plus_seconds(2))), Duration::from_secs(2));
        assert_eq!(until(T, Some(T.plus_seconds(60))), PAUSE);
        let overdue = until(T, Some(T.plus_seconds(-60)));
        assert_eq!(overdue, Duration::from_millis(50));
    }
}

//! One cycle: what is due is taken in hand, and how it went is told.

use super::{Inner, PAUSE, RETRY, send};
use metrics::{counter, gauge, histogram};
use rideout_domain::Timestamp;
use rideout_service::{
    Error, Service,
    page::{Beat, Waiting},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// The longest a cycle may take; sending is not part of it.
const LIMIT: Duration = Duration::from_secs(30);
/// Most incidents that the stall watch looks at in a cycle.
const LOOKS: usize = 1_000;
/// A cycle that takes longer is worth a line in the log.
const LONG: Duration = Duration::from_secs(5);
/// A clock that is further back than this was set back, and does not just drift.
const SET_BACK: Duration = Duration::from_secs(30);
/// Least time between two heartbeats in the database.
const BEAT: Duration = Duration::from_secs(2);

/// How a cycle went.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Cycle {
    /// Number of the cycle, from 1.
    pub cycle: u64,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Incidents that the stall watch looked at.
    pub looked: u64,
    /// Prompts it wrote.
    pub prompts: u64,
    /// Steps of escalations that were taken.
    pub steps: u64,
    /// Messages that were taken in hand.
    pub claimed: u64,
    /// What is waited for.
    pub waiting: Waiting,
    /// What went wrong, in words for the operator.
    pub failed: Option<String>,
    /// When it ended, by a clock that nobody sets.
    #[serde(skip)]
    pub ended: Option<Instant>,
}

/// What one cycle tells the next.
pub(super) struct State {
    started_at: Timestamp,
    /// Both clocks at the last look; none before the first.
    clocks: Option<(Timestamp, Instant)>,
    last_beat: Option<Instant>,
    /// How long the last cycle took, in microseconds.
    took_micros: u64,
    /// Whether what the last process left behind was taken over.
    took_over: bool,
}

impl State {
    pub(super) fn new(service: &Service) -> Self {
        Self {
            started_at: service.now(),
            clocks: None,
            last_beat: None,
            took_micros: 0,
            took_over: false,
        }
    }
}

/// Runs a cycle and tells how long to wait for the next.
pub(super) async fn run(inner: &Arc<Inner>, state: &mut State, number: u64) -> (Cycle, Duration) {
    let began = Instant::now();
    let mut report = Cycle {
        cycle: number,
        ..Cycle::default()
    };
    let work = work(inner, state, &mut report);
    let failed = match timeout(LIMIT, work).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!(
            "a cycle was broken off after {} seconds",
            LIMIT.as_secs()
        )),
    };
    let took = began.elapsed();
    report.micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    report.ended = Some(Instant::now());
    state.took_micros = report.micros;
    if let Some(why) = &failed {
        tracing::warn!(
            error = why,
            cycle = number,
            "a cycle of the engine failed and is tried again"
        );
        counter!("rideout_engine_cycles_failed_total").increment(1);
    } else if took > LONG {
        tracing::warn!(
            cycle = number,
            micros = report.micros,
            "a cycle of the engine took long"
        );
    }
    report.failed = failed;
    histogram!("rideout_engine_cycle_seconds").record(took.as_secs_f64());
    counter!("rideout_escalation_steps_total").increment(report.steps);
    counter!("rideout_watch_looks_total").increment(report.looked);
    counter!("rideout_prompts_total").increment(report.prompts);
    let now = inner.service.now();
    gauge!("rideout_messages_unsent").set(small(report.waiting.unsent));
    gauge!("rideout_oldest_unsent_seconds").set(small(
        report
            .waiting
            .oldest_unsent
            .map_or(0, |at| now.seconds_since(at)),
    ));
    let wait = if report.failed.is_some() {
        RETRY
    } else {
        until_next(now, report.waiting, inner.senders.available_permits())
    };
    (report, wait)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people; 2^53 is enough"
)]
fn small(number: i64) -> f64 {
    number as f64
}

/// How long to wait: until the next thing is due, and never longer than the
/// pause, so that a clock that is set is noticed soon.
fn until_next(now: Timestamp, waiting: Waiting, free: usize) -> Duration {
    // Whoever has finished sending wakes the engine.
    if free == 0 {
        return PAUSE;
    }
    let micros = waiting
        .next_due
        .map_or(i64::MAX, |at| at.0.saturating_sub(now.0));
    // Something due that was not taken, such as another node's, is looked at again soon.
    let micros = u64::try_from(micros).unwrap_or(0).max(50_000);
    Duration::from_micros(micros).min(PAUSE)
}

async fn work(inner: &Arc<Inner>, state: &mut State, report: &mut Cycle) -> Result<(), Error> {
    let service = &inner.service;
    if was_set_back(state.clocks, service.now()) {
        tracing::warn!("the clock of this machine was set back, or Rideout was away");
        service.clock_set_back().await?;
    }
    state.clocks = Some((service.now(), Instant::now()));

    // Before anything is taken in hand: without a heartbeat others would take it over.
    if state.last_beat.is_none_or(|at| at.elapsed() >= BEAT) {
        let beat = Beat {
            node: inner.node.clone(),
            started_at: state.started_at,
            cycle: report.cycle,
            took_micros: state.took_micros,
        };
        service.beat(&beat).await?;
        state.last_beat = Some(Instant::now());
    }
    if !state.took_over {
        service.take_over(&inner.node).await?;
        state.took_over = true;
    }
    let watched = service.watch_due(LOOKS).await?;
    report.looked = u64::try_from(watched.looked).unwrap_or(u64::MAX);
    report.prompts = u64::from(watched.prompts);
    report.steps = service.run_escalations().await?;
    let free = inner.senders.available_permits();
    if free > 0 && !*inner.stopping.borrow() {
        let claimed = service.claim_due(&inner.node, free).await?;
        report.claimed = u64::try_from(claimed.len()).unwrap_or(u64::MAX);
        for one in claimed {
            send::begin(inner, one).await;
        }
    }
    report.waiting = service.engine_waiting().await?;
    let look = service.watch_next().await?;
    report.waiting.next_due = [report.waiting.next_due, look].into_iter().flatten().min();
    Ok(())
}

/// Whether the clock of the service fell behind the one that nobody sets. Also
/// at the start: nobody knows what happened before.
fn was_set_back(before: Option<(Timestamp, Instant)>, now: Timestamp) -> bool {
    let Some((then, at)) = before else {
        return true;
    };
    let passed = now.0.saturating_sub(then.0);
    let really = i64::try_from(at.elapsed().as_micros()).unwrap_or(i64::MAX);
    let slack = i64::try_from(SET_BACK.as_micros()).unwrap_or(i64::MAX);
    passed < really.saturating_sub(slack)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timestamp = Timestamp(1_276_592_400_000_000);

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_is_noticed_and_one_that_drifts_is_not() {
        assert!(was_set_back(None, T));
        let before = Some((T, Instant::now()));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(!was_set_back(before, T.plus_seconds(60)));
        assert!(!was_set_back(before, T.plus_seconds(31)));
        assert!(was_set_back(before, T.plus_seconds(29)));
        assert!(was_set_back(before, T.plus_seconds(-3_600)));
        assert!(!was_set_back(before, T.plus_seconds(3_600)));
    }

    #[test]
    fn it_waits_for_the_next_thing_and_never_long() {
        let waiting = |next_due| Waiting {
            next_due,
            ..Waiting::default()
        };
        let wait = |next, free| until_next(T, waiting(next), free);
        assert_eq!(wait(None, 16), PAUSE);
        assert_eq!(wait(Some(T.plus_seconds(2)), 16), Duration::from_secs(2));
        assert_eq!(wait(Some(T.plus_seconds(60)), 16), PAUSE);
        assert_eq!(
            wait(Some(T.plus_seconds(-60)), 16),
            Duration::from_millis(50)
        );
        assert_eq!(wait(Some(T.plus_seconds(-60)), 0), PAUSE);
    }
}

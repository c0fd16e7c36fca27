//! One cycle: what is due is taken in hand, and how it went is told.

use super::{Inner, PAUSE, RETRY};
use futures::FutureExt as _;
use metrics::{counter, gauge, histogram};
use rideout_domain::Timestamp;
use rideout_service::{Error, page::Waiting};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// The longest a cycle may take; sending is not part of it.
const LIMIT: Duration = Duration::from_secs(30);
/// Most incidents that the stall watch looks at in a cycle, so that escalations have
/// their turn in a storm.
const LOOKS: usize = 250;
/// A cycle that takes longer is worth a line in the log.
const LONG: Duration = Duration::from_secs(5);
/// A clock that is further back than this was set back, and does not just drift.
const SET_BACK: Duration = Duration::from_secs(30);

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
    /// Messages that were taken in hand since the last cycle.
    pub claimed: u64,
    /// What is waited for.
    pub waiting: Waiting,
    /// Whether more is due already.
    #[serde(skip)]
    pub more: bool,
    /// What went wrong, in words for the operator.
    pub failed: Option<String>,
    /// When it ended, by a clock that nobody sets.
    #[serde(skip)]
    pub ended: Option<Instant>,
}

/// Both clocks at the last look; none before the first.
pub(super) type Clocks = Option<(Timestamp, Instant)>;

/// Runs a cycle and tells how long to wait for the next.
pub(super) async fn run(inner: &Arc<Inner>, clocks: &mut Clocks, number: u64) -> (Cycle, Duration) {
    let began = Instant::now();
    let mut report = Cycle {
        cycle: number,
        ..Cycle::default()
    };
    let work = work(inner, clocks, &mut report);
    let failed = match timeout(LIMIT, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => Some(error.to_string()),
        // A cycle that breaks off must not be the last one.
        Ok(Err(_)) => Some("a cycle broke off by a fault of Rideout".to_owned()),
        Err(_) => Some(format!(
            "a cycle was broken off after {} seconds",
            LIMIT.as_secs()
        )),
    };
    let took = began.elapsed();
    report.micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    report.ended = Some(Instant::now());
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
    } else if report.more {
        Duration::ZERO
    } else {
        until_next(now, report.waiting.next_due)
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
fn until_next(now: Timestamp, due: Option<Timestamp>) -> Duration {
    let micros = due.map_or(i64::MAX, |at| at.0.saturating_sub(now.0));
    // Something due that was not taken, such as another node's, is looked at again soon.
    let micros = u64::try_from(micros).unwrap_or(0).max(50_000);
    Duration::from_micros(micros).min(PAUSE)
}

async fn work(inner: &Arc<Inner>, clocks: &mut Clocks, report: &mut Cycle) -> Result<(), Error> {
    let service = &inner.service;
    if was_set_back(*clocks, service.now()) {
        // At the start nobody knows.
        if clocks.is_some() {
            tracing::warn!("the clock of this machine was set back");
        }
        service.clock_set_back().await?;
    }
    *clocks = Some((service.now(), Instant::now()));

    // Who is to be called waits for no judgement, and for no failure of one.
    report.steps = service.run_escalations().await?;
    let watched = service.watch_due(LOOKS).await?;
    report.looked = u64::try_from(watched.looked).unwrap_or(u64::MAX);
    report.prompts = u64::from(watched.prompts);
    report.more = watched.more;
    inner.next_full_pass().await?;
    report.claimed = inner.claimed.swap(0, SeqCst);
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
        assert_eq!(until_next(T, None), PAUSE);
        let soon = until_next(T, Some(T.plus_seconds(2)));
        assert_eq!(soon, Duration::from_secs(2));
        assert_eq!(until_next(T, Some(T.plus_seconds(60))), PAUSE);
        let overdue = until_next(T, Some(T.plus_seconds(-60)));
        assert_eq!(overdue, Duration::from_millis(50));
    }
}

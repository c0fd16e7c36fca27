//! Tells somebody outside, again and again, that Rideout is able to page. When
//! that stops, for whatever reason, they raise the alarm.

use super::{Engine, PAUSE};
use metrics::counter;
use rideout_channels::{Failure, Secret};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// A cycle this old is no sign of life any more.
const ALIVE: Duration = Duration::from_secs(6 * PAUSE.as_secs());
/// A message that was due for longer than this, in seconds, without anybody taking
/// it in hand is a sign that nothing leaves.
const STUCK: i64 = 300;
/// What the other side answers is of no interest.
const ANSWER_MAX: usize = 64 * 1024;

/// Whom to tell, and how often.
#[derive(Debug)]
pub(super) struct DeadMan {
    pub(super) url: Secret,
    pub(super) interval: Duration,
}

/// Tells until the engine is stopped.
pub(super) async fn run(engine: Engine, dead_man: DeadMan) {
    let mut ticks = interval(dead_man.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(why) = ailing(&engine) {
            tracing::warn!(why, "the dead-man ping is withheld");
            counter!("rideout_dead_man_total", "outcome" => "withheld").increment(1);
            continue;
        }
        let fetched = engine
            .channels()
            .client()
            .fetch(dead_man.url.reveal(), ANSWER_MAX);
        match fetched.await {
            Ok(_) | Err(Failure::Status(200..=299) | Failure::TooLarge { .. }) => {
                counter!("rideout_dead_man_total", "outcome" => "told").increment(1);
            }
            Err(error) => {
                tracing::warn!(%error, "the dead-man ping was not taken");
                counter!("rideout_dead_man_total", "outcome" => "failed").increment(1);
            }
        }
    }
}

/// Why Rideout cannot be said to be able to page.
fn ailing(engine: &Engine) -> Option<&'static str> {
    let last = engine.last();
    if last.ended.is_none_or(|at| at.elapsed() > ALIVE) {
        return Some("the engine has not completed a cycle lately");
    }
    if last.failed.is_some() {
        return Some("the last cycle of the engine failed");
    }
    let now = engine.inner.service.now();
    let stuck = last
        .waiting
        .overdue
        .is_some_and(|at| now.seconds_since(at) > STUCK);
    stuck.then_some("a message has been due for five minutes and nobody sends it")
}

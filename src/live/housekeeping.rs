//! What has to be done now and then, once for everybody: signs of life, who is
//! here, whether viewers may still look.

use super::{
    frame::{ALIVE, Frame, KEEP_ALIVE},
    hub::Inner,
    viewers::{Credential, Viewer},
};
use rideout_domain::{IncidentId, UserId};
use rideout_service::Error;
use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};

/// Seconds between signs of life on a stream.
const KEEP_ALIVE_EVERY: u64 = 15;
/// Seconds between notes that somebody's page is open.
const TOUCH_EVERY: u64 = 30;
/// Seconds after which a channel that nobody watches is let go.
const UNUSED_FOR: u64 = 60;
/// Seconds after which a viewer is judged again.
const JUDGE_EVERY: u64 = 60;
/// Most viewers judged in one second.
const JUDGE_MOST: usize = 500;
/// Most notes in one transaction, which every other writer waits for.
const TOUCH_MOST: usize = 200;

/// Runs until the hub is gone.
pub(super) async fn run(hub: Weak<Inner>) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut touched = HashMap::new();
    loop {
        seconds.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        let tick = hub.advance();
        keep_alive(&hub, tick);
        hub.retire(tick.saturating_sub(UNUSED_FOR));
        metrics::gauge!("rideout_live_viewers").set(hub.viewers.count() as f64);
        if let Err(error) = touch(&hub, &mut touched, tick).await {
            tracing::debug!(%error, "who is here could not be noted");
        }
        judge(&hub, tick).await;
    }
}

/// Each channel has its own second, so that not all streams are written to at once.
fn keep_alive(hub: &Inner, tick: u64) {
    for channel in hub.channels() {
        let (_, low) = channel.incident.0.as_u64_pair();
        if low % KEEP_ALIVE_EVERY == tick % KEEP_ALIVE_EVERY {
            // Nobody listening is no error.
            let _ = channel.pages.send(Frame::Other(ALIVE));
            let _ = channel.programs.send(Frame::Other(KEEP_ALIVE));
        }
        if low % TOUCH_EVERY == tick % TOUCH_EVERY {
            // Somebody may have gone away without a word.
            channel.wake();
        }
    }
}

/// Notes whose pages are open.
pub(super) async fn touch(
    hub: &Inner,
    touched: &mut HashMap<(IncidentId, UserId), u64>,
    tick: u64,
) -> Result<(), Error> {
    let here = hub.viewers.people();
    touched.retain(|who, at| here.contains(who) && *at + TOUCH_EVERY > tick);
    let due: Vec<(IncidentId, UserId)> = here
        .into_iter()
        .filter(|who| !touched.contains_key(who))
        .take(TOUCH_MOST)
        .collect();
    if !due.is_empty() {
        hub.service.touch_presence(due.clone()).await?;
        touched.extend(due.into_iter().map(|who| (who, tick)));
    }
    Ok(())
}

/// Closes the streams of those who may not look any more.
pub(super) async fn judge(hub: &Inner, tick: u64) {
    let mut refused = Vec::new();
    let mut known: HashMap<(Box<str>, IncidentId), bool> = HashMap::new();
    for viewer in hub
        .viewers
        .unjudged_since(tick.saturating_sub(JUDGE_EVERY), JUDGE_MOST)
    {
        let (Credential::Session(word) | Credential::Token(word)) = &viewer.credential;
        let key = (word.clone(), viewer.incident);
        let may = match known.get(&key) {
            Some(may) => *may,
            None => match may_look(hub, &viewer).await {
                Ok(may) => {
                    known.insert(key, may);
                    may
                }
                // A database that does not answer is no reason to send people away.
                Err(_) => return,
            },
        };
        viewer.judged(tick);
        if !may {
            refused.push(viewer);
        }
    }
    hub.close(&refused);
}

async fn may_look(hub: &Inner, viewer: &Arc<Viewer>) -> Result<bool, Error> {
    let service = &hub.service;
    let actor = match &viewer.credential {
        Credential::Session(word) => service.authenticate_session(word, &viewer.address).await?,
        Credential::Token(word) => service.authenticate_token(word, &viewer.address).await?,
    };
    let Some(actor) = actor.filter(|actor| actor.id == viewer.user) else {
        return Ok(false);
    };
    match service.incident(&actor, viewer.incident).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

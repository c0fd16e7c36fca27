//! Sending one message: look whether it is still wanted, send it, write down what
//! it came to.

use super::{Inner, compose};
use metrics::{counter, histogram};
use rideout_channels::Outcome;
use rideout_domain::Channel;
use rideout_service::{Error, page::Claimed};
use std::{sync::Arc, time::Duration};
use tokio::{sync::OwnedSemaphorePermit, time::sleep};

/// Between two tries to write down what a message came to.
const RETRY: Duration = Duration::from_millis(500);

/// Sends a message in a task of its own, which keeps its place in hand until all is
/// written down.
pub(super) async fn begin(inner: &Arc<Inner>, claimed: Claimed) {
    let Some(places) = inner.places.get(&claimed.channel) else {
        return;
    };
    let Ok(place) = Arc::clone(&places.hand).acquire_owned().await else {
        return;
    };
    let inner = Arc::clone(inner);
    tokio::spawn(async move { carry(inner, claimed, place).await });
}

async fn carry(inner: Arc<Inner>, claimed: Claimed, place: OwnedSemaphorePermit) {
    let work = tokio::spawn({
        let (inner, claimed) = (Arc::clone(&inner), claimed.clone());
        async move {
            let _sender = match inner.places.get(&claimed.channel) {
                Some(places) => places.senders.acquire().await.ok(),
                None => None,
            };
            send(&inner, &claimed).await
        }
    });
    // Nobody else takes over what this process has in hand, so it must not get lost.
    let sent = work.await.unwrap_or_else(|error| {
        tracing::error!(%error, message = %claimed.id, "sending a message broke off");
        Some(Outcome::TryAgain {
            after: None,
            why: "Rideout itself failed while it sent this message.".to_owned(),
        })
    });
    write_down(&inner, &claimed, sent).await;
    drop(place);
    inner.post.notify_one();
}

/// What sending came to; none when the message is not wanted any more.
async fn send(inner: &Inner, claimed: &Claimed) -> Option<Outcome> {
    if let Some(refused) = &claimed.refused {
        return Some(refused.clone());
    }
    match inner.service.still_wanted(claimed).await {
        Ok(true) => {}
        Ok(false) => return None,
        Err(error) => return Some(unable(&error)),
    }
    if claimed.channel == Channel::Browser {
        return Some(in_the_browser(inner, claimed).await);
    }
    let route = match compose::route(claimed) {
        Ok(route) => route,
        Err(why) => {
            return Some(Outcome::Refused {
                permanent: true,
                why,
            });
        }
    };
    let message = match compose::message(inner, claimed).await {
        Ok(message) => message,
        Err(error) => return Some(unable(&error)),
    };
    Some(
        inner
            .channels
            .send(&route, &message, inner.service.now())
            .await,
    )
}

/// Every page of Rideout shows its reader's open pages, so there is nothing to
/// send: it is delivered if there is a reader.
async fn in_the_browser(inner: &Inner, claimed: &Claimed) -> Outcome {
    match inner.service.is_looking(claimed.user).await {
        Ok(true) => Outcome::Delivered,
        Ok(false) => Outcome::Refused {
            permanent: false,
            why: "No page of Rideout was open.".to_owned(),
        },
        Err(error) => unable(&error),
    }
}

fn unable(error: &Error) -> Outcome {
    tracing::warn!(%error, "a message could not be prepared");
    Outcome::TryAgain {
        after: None,
        why: "The database was away when this message was to be sent.".to_owned(),
    }
}

/// Tries until the database takes it. Should the process end before, the next
/// one sends the message again under the same identifier.
async fn write_down(inner: &Inner, claimed: &Claimed, sent: Option<Outcome>) {
    let word = match &sent {
        None => "dropped",
        Some(Outcome::Delivered) => "delivered",
        Some(Outcome::Refused { .. }) => "refused",
        Some(Outcome::TryAgain { .. }) => "again",
        Some(Outcome::Gone) => "gone",
    };
    counter!("rideout_messages_total", "channel" => claimed.channel.word(), "outcome" => word)
        .increment(1);
    if sent == Some(Outcome::Delivered) {
        let micros = inner
            .service
            .now()
            .0
            .saturating_sub(claimed.due_at.0)
            .max(0);
        let late = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        histogram!("rideout_message_late_seconds").record(late.as_secs_f64());
    }
    loop {
        let written = match &sent {
            None => inner.service.drop_message(claimed).await,
            Some(outcome) => inner.service.settle(claimed, outcome.clone()).await,
        };
        match written {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, message = %claimed.id, "what a message came to could not be written down yet");
                sleep(RETRY).await;
            }
        }
    }
}

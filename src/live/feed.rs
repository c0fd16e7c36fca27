//! One open stream.

use super::{
    channel::Channel,
    frame::{self, Frame, RESYNC},
    hub::LiveHub,
    render,
    viewers::{Credential, Viewer},
};
use bytes::Bytes;
use futures::Stream;
use rideout_domain::{Actor, Entry, EntryBody, IncidentId};
use rideout_service::Error;
use std::{collections::VecDeque, convert::Infallible, sync::Arc};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Entries read at a time for a program that catches up.
const PAGE: i64 = 200;

/// Who asks for a stream, and of what.
pub(super) struct Request {
    pub(super) actor: Actor,
    pub(super) credential: Credential,
    pub(super) incident: IncidentId,
    /// The last sequence the viewer has; none begins now.
    pub(super) after: Option<i64>,
    pub(super) is_page: bool,
}

/// Why there is no stream.
pub(super) enum NoFeed {
    /// The hub has stopped.
    Stopped,
    /// The person has too many open.
    TooMany,
    /// What the service answered.
    Service(Error),
}

impl From<Error> for NoFeed {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

pub(super) struct Feed {
    hub: LiveHub,
    channel: Arc<Channel>,
    viewer: Arc<Viewer>,
    frames: Receiver<Frame>,
    /// To be sent before anything else.
    first: VecDeque<Bytes>,
    /// The last sequence that was sent.
    upto: i64,
    /// A program that still catches up from the database, and as whom.
    behind: Option<Box<Actor>>,
    ended: bool,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.hub.0.viewers.leave(&self.viewer);
        self.channel.touch(self.hub.0.tick());
    }
}

impl LiveHub {
    /// Opens a stream. Whether the incident may be seen is judged here.
    pub(super) async fn open(&self, request: Request) -> Result<Feed, NoFeed> {
        let Request {
            actor,
            credential,
            incident,
            after,
            is_page,
        } = request;
        self.0.service.incident(&actor, incident).await?;
        let channel = self.0.channel(incident).ok_or(NoFeed::Stopped)?;
        // Listening begins before anything is read, so that nothing falls between.
        let frames = if is_page {
            channel.pages.subscribe()
        } else {
            channel.programs.subscribe()
        };
        let (tick, most) = (self.0.tick(), self.0.most);
        let viewer = self
            .0
            .viewers
            .enter(incident, &actor, credential, is_page, most, tick);
        let Some(viewer) = viewer else {
            self.0.counters.refused();
            return Err(NoFeed::TooMany);
        };
        let mut feed = Feed {
            hub: self.clone(),
            channel,
            first: VecDeque::from([frame::welcome(viewer.number)]),
            viewer,
            frames,
            upto: 0,
            behind: None,
            ended: false,
        };
        let service = &feed.hub.0.service;
        if is_page {
            let missed = feed.channel.missed(service, after).await?;
            feed.first.extend(missed.events);
            feed.upto = missed.upto;
        } else {
            let last = feed.channel.missed(service, None).await?.upto;
            feed.upto = after.unwrap_or(last);
            if feed.upto != last {
                feed.behind = Some(Box::new(actor));
            }
        }
        Ok(feed)
    }
}

impl Feed {
    /// The bytes of the answer's body.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        futures::stream::unfold(self, |mut feed| async move {
            let bytes = feed.next().await?;
            Some((Ok(bytes), feed))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.viewer.is_closed() {
                return None;
            }
            if let Some(bytes) = self.first.pop_front() {
                return Some(bytes);
            }
            if self.first.capacity() > 0 {
                self.first = VecDeque::new();
            }
            if self.ended {
                return None;
            }
            if let Some(actor) = self.behind.take() {
                // Boxed, so that the streams of pages do not carry the room for it.
                if let Err(error) = Box::pin(self.catch_up(actor)).await {
                    tracing::debug!(%error, "a stream ended while it caught up");
                    return None;
                }
                continue;
            }
            match self.frames.recv().await {
                Ok(Frame::Entries(entries)) => {
                    if let Some((last, bytes)) = entries.after(self.upto) {
                        self.upto = last;
                        return Some(bytes);
                    }
                }
                Ok(Frame::Other(bytes)) => return Some(bytes),
                Ok(Frame::Wake) => {}
                Ok(Frame::End(bytes)) => {
                    self.ended = true;
                    return Some(bytes);
                }
                Err(RecvError::Lagged(_)) => {
                    self.hub.0.counters.lagged();
                    return Some(RESYNC);
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Reads the next entries a program has missed.
    async fn catch_up(&mut self, actor: Box<Actor>) -> Result<(), Error> {
        let (service, incident) = (&self.hub.0.service, self.viewer.incident);
        let entries = service
            .entries_after(&actor, incident, self.upto, PAGE)
            .await?;
        for entry in &entries {
            let target = match &entry.body {
                EntryBody::Changed { entry, .. } => {
                    Some(service.entry(&actor, incident, *entry).await?)
                }
                _ => None,
            };
            self.first
                .push_back(render::api_event(entry, target.as_ref()));
        }
        if let Some(Entry { seq, .. }) = entries.last() {
            self.upto = *seq;
            self.behind = Some(actor);
        }
        Ok(())
    }
}

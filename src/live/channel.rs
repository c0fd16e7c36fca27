//! One incident that somebody watches.

use super::{
    frame::{Entries, Frame, RESYNC},
    render,
    stats::Counters,
};
use bytes::Bytes;
use rideout_domain::{Entry, IncidentId, Room};
use rideout_service::{Error, Service, presence::Here, room::Snapshot};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::{Mutex, Notify, broadcast};

/// Frames a stream may fall behind before it has to load again.
const BACKLOG: usize = 256;
/// Most entries that are replayed one by one; beyond, the page loads again.
const REPLAY_MOST: usize = 500;
/// Rendered entries kept for those who come back.
const KEPT: usize = 512;
/// Between two rounds, so that a flood of entries is sent in batches.
const BREATH: Duration = Duration::from_millis(20);
/// After a failure.
const RETRY: Duration = Duration::from_millis(500);

/// An incident with viewers.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) incident: IncidentId,
    pub(super) pages: broadcast::Sender<Frame>,
    pub(super) programs: broadcast::Sender<Frame>,
    /// Tick at which somebody last came or went.
    used: AtomicU64,
    news: Notify,
    state: Mutex<Option<State>>,
}

/// What was sent last.
#[derive(Debug)]
struct State {
    seq: i64,
    regions: [u64; render::REGIONS.len()],
    kept: BTreeMap<i64, Kept>,
}

/// A rendered entry, and of what.
#[derive(Debug)]
struct Kept {
    made_of: (i64, i64, u64),
    event: Bytes,
}

/// What somebody missed.
pub(super) struct Missed {
    /// What to send first.
    pub(super) events: Vec<Bytes>,
    /// The sequence after which the stream goes on.
    pub(super) upto: i64,
}

impl Channel {
    pub(super) fn new(incident: IncidentId) -> Self {
        Self {
            incident,
            pages: broadcast::Sender::new(BACKLOG),
            programs: broadcast::Sender::new(BACKLOG),
            used: AtomicU64::new(0),
            news: Notify::new(),
            state: Mutex::new(None),
        }
    }

    /// Something was committed.
    pub(super) fn wake(&self) {
        self.news.notify_one();
    }

    pub(super) fn viewers(&self) -> usize {
        self.pages.receiver_count() + self.programs.receiver_count()
    }

    /// Hands something to every stream. Nobody listening is no error.
    pub(super) fn tell(&self, frame: &Frame) {
        let _ = self.pages.send(frame.clone());
        let _ = self.programs.send(frame.clone());
    }

    /// Sends what is new whenever something is, for ever.
    pub(super) async fn run(self: Arc<Self>, service: Service, counters: Arc<Counters>) {
        loop {
            self.news.notified().await;
            while let Err(error) = self.send_news(&service, &counters).await {
                tracing::warn!(incident.id = %self.incident, %error, "live pages wait for the database");
                tokio::time::sleep(RETRY).await;
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// What a page missed since a sequence, up to now. Call it after subscribing.
    pub(super) async fn missed(
        &self,
        service: &Service,
        after: Option<i64>,
    ) -> Result<Missed, Error> {
        let mut state = self.state.lock().await;
        // Whatever is committed after what was sent last will be sent: nothing is missed.
        if let Some(state) = &*state
            && after.is_none_or(|after| after == state.seq)
        {
            return Ok(Missed {
                events: Vec::new(),
                upto: state.seq,
            });
        }
        let (snapshot, here) = self.look(service).await?;
        let state = State::get(&mut state, &snapshot, &here);
        let room = &snapshot.room;
        let last = room.incident.last_seq;
        let Some(after) = after.filter(|after| *after != last) else {
            return Ok(Missed {
                events: Vec::new(),
                upto: last,
            });
        };
        let fresh = since(room, after);
        // Who is ahead of us has seen what this database has lost.
        if after > last || fresh.len() > REPLAY_MOST {
            return Ok(Missed {
                events: vec![RESYNC],
                upto: last,
            });
        }
        let mut events: Vec<Bytes> = fresh
            .iter()
            .map(|entry| state.event(&snapshot, entry))
            .collect();
        let all: Vec<(&'static str, String)> = render::REGIONS
            .map(|name| {
                (
                    name,
                    render::region_html(name, &snapshot, &here, service.now()),
                )
            })
            .into();
        events.push(render::regions_event(last, &all));
        Ok(Missed { events, upto: last })
    }

    async fn look(&self, service: &Service) -> Result<(Arc<Snapshot>, Vec<Here>), Error> {
        let here = service.here_now_unchecked(self.incident).await?;
        Ok((service.room_unchecked(self.incident).await?, here))
    }

    async fn send_news(&self, service: &Service, counters: &Counters) -> Result<(), Error> {
        if self.viewers() == 0 {
            // Whoever comes next begins with a fresh look.
            *self.state.lock().await = None;
            return Ok(());
        }
        let mut state = self.state.lock().await;
        let (snapshot, here) = self.look(service).await?;
        let state = State::get(&mut state, &snapshot, &here);
        let room = &snapshot.room;
        let fresh = since(room, state.seq);
        let mut changed = state.changed_regions(&snapshot, &here, service);
        let presence = changed.iter().position(|(name, _)| *name == render::HERE);
        let presence = presence.map(|at| changed.swap_remove(at).1);
        if fresh.len() > BACKLOG {
            let _ = self.pages.send(Frame::Other(RESYNC));
        } else if let Some((newest, before)) = fresh.split_last() {
            let mut events: Vec<(i64, Bytes)> = before
                .iter()
                .map(|e| (e.seq, state.event(&snapshot, e)))
                .collect();
            let last = state.event(&snapshot, newest);
            let last = if changed.is_empty() {
                last
            } else {
                render::page_event(room, newest, &changed)
            };
            events.push((newest.seq, last));
            let _ = self.pages.send(Frame::Entries(Entries::new(&events)));
        } else if !changed.is_empty() {
            let _ = self.pages.send(Frame::Other(render::regions_event(
                room.incident.last_seq,
                &changed,
            )));
        }
        if let Some(html) = &presence {
            let _ = self.pages.send(Frame::Other(render::presence_event(html)));
        }
        if self.programs.receiver_count() > 0 && !fresh.is_empty() {
            let events: Vec<(i64, Bytes)> = fresh
                .iter()
                .map(|e| (e.seq, render::api_event(e, render::target(room, e))))
                .collect();
            let _ = self.programs.send(Frame::Entries(Entries::new(&events)));
        }
        if !fresh.is_empty() || !changed.is_empty() || presence.is_some() {
            counters.sent(fresh.len() as u64);
        }
        state.seq = state.seq.max(room.incident.last_seq);
        Ok(())
    }

    /// Notes that somebody came or went.
    pub(super) fn touch(&self, tick: u64) {
        self.used.store(tick, Relaxed);
    }

    /// Whether nobody watches, and nobody has since a tick.
    pub(super) fn is_unused(&self, since: u64) -> bool {
        self.viewers() == 0 && self.used.load(Relaxed) < since
    }
}

impl State {
    /// The state, begun from what is there now when nobody watched before.
    fn get<'a>(slot: &'a mut Option<Self>, snapshot: &Snapshot, here: &[Here]) -> &'a mut Self {
        slot.get_or_insert_with(|| Self {
            seq: snapshot.room.incident.last_seq,
            regions: render::fingerprints(snapshot, here),
            kept: BTreeMap::new(),
        })
    }

    /// The event of an entry, rendered once for as long as nothing in it changes.
    fn event(&mut self, snapshot: &Snapshot, entry: &Entry) -> Bytes {
        let room = &snapshot.room;
        let mentioned = render::mentioned(&entry.body).and_then(|id| room.entry(id));
        let made_of = (
            entry.changed_seq,
            mentioned.map_or(0, |m| m.changed_seq),
            snapshot.names_epoch,
        );
        if let Some(kept) = self.kept.get(&entry.seq)
            && kept.made_of == made_of
        {
            return kept.event.clone();
        }
        let event = render::page_event(room, entry, &[]);
        self.kept.insert(
            entry.seq,
            Kept {
                made_of,
                event: event.clone(),
            },
        );
        while self.kept.len() > KEPT {
            self.kept.pop_first();
        }
        event
    }

    fn changed_regions(
        &mut self,
        snapshot: &Snapshot,
        here: &[Here],
        service: &Service,
    ) -> Vec<(&'static str, String)> {
        let new = render::fingerprints(snapshot, here);
        let old = std::mem::replace(&mut self.regions, new);
        let changed = render::REGIONS
            .into_iter()
            .zip(old.iter().zip(&new))
            .filter(|(_, (old, new))| old != new);
        changed
            .map(|(name, _)| {
                (
                    name,
                    render::region_html(name, snapshot, here, service.now()),
                )
            })
            .collect()
    }
}

/// Entries after a sequence; they are kept in its order.
fn since(room: &Room, seq: i64) -> &[Arc<Entry>] {
    let first = room.entries.partition_point(|e| e.seq <= seq);
    room.entries.get(first..).unwrap_or_default()
}

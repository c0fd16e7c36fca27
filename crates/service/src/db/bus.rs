//! The live bus: what was committed, told to whoever listens, on every node.

use super::{DbError, pool::Away, stats::Counters};
use sqlx::{
    PgConnection,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use std::{
    fmt::Write as _,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::{
    sync::{broadcast, oneshot},
    time::{sleep, timeout},
};
use uuid::Uuid;

/// How many events a listener may fall behind before it is told that it lagged.
const BACKLOG: usize = 4096;
const CHANNEL: &str = "rideout_live";
/// PostgreSQL takes a little less than 8,000 bytes in one notification.
const MAX_PAYLOAD: usize = 7_900;
/// How long the listener waits before it asks whether its connection is still there.
const SILENCE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_millis(250);

/// Something that was committed and that a page may want to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveEvent {
    /// The incident it is about; nil for [`LiveWhat::Resync`], and for the test of a route.
    pub incident: Uuid,
    /// The sequence of the entry, or 0.
    pub seq: i64,
    /// What happened.
    pub what: LiveWhat,
}

/// What a [`LiveEvent`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveWhat {
    /// A timeline entry was added or changed.
    Entry,
    /// The incident's state changed.
    Changed,
    /// Who is present changed.
    Presence,
    /// Somebody was paged, or need not answer any more: for the engine, and for
    /// the notice of whoever is paged.
    Due,
    /// Events may have been missed, of any incident: load again what is shown.
    Resync,
}

impl LiveEvent {
    /// Tells that events may have been missed.
    pub const RESYNC: Self = Self {
        incident: Uuid::nil(),
        seq: 0,
        what: LiveWhat::Resync,
    };

    fn encode(self, text: &mut String) {
        let what = match self.what {
            LiveWhat::Entry => 'e',
            LiveWhat::Changed => 'c',
            LiveWhat::Presence => 'p',
            LiveWhat::Due => 'd',
            LiveWhat::Resync => 'r',
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {} {what}", self.incident.simple(), self.seq);
    }

    fn decode(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let incident = Uuid::try_parse(parts.next()?).ok()?;
        let seq = parts.next()?.parse().ok()?;
        let what = match parts.next()? {
            "e" => LiveWhat::Entry,
            "c" => LiveWhat::Changed,
            "p" => LiveWhat::Presence,
            "d" => LiveWhat::Due,
            _ => LiveWhat::Resync,
        };
        Some(Self {
            incident,
            seq,
            what,
        })
    }
}

/// The end of the bus inside this process.
#[derive(Debug, Clone)]
pub(super) struct Bus(broadcast::Sender<LiveEvent>);

impl Bus {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.subscribe()
    }

    pub(super) fn subscribers(&self) -> u64 {
        self.0.receiver_count() as u64
    }

    pub(super) fn publish_all(&self, events: impl IntoIterator<Item = LiveEvent>) {
        for event in events {
            // Nobody listening is no error.
            let _ = self.0.send(event);
        }
    }
}

/// Sends events to all nodes, with the commit of the transaction in work.
///
/// PostgreSQL commits transactions that notify one after the other, which is what
/// keeps the events in order, and costs about two thirds of its speed. Telling
/// after the commit would be faster, and could forget to tell.
pub(super) async fn notify(conn: &mut PgConnection, events: &[LiveEvent]) -> Result<(), DbError> {
    let mut payload = String::new();
    let mut rest = events.iter().peekable();
    while let Some(event) = rest.next() {
        event.encode(&mut payload);
        let longest_line = 60;
        if rest.peek().is_none() || payload.len() + longest_line > MAX_PAYLOAD {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(&payload)
                .execute(&mut *conn)
                .await
                .map_err(|error| DbError::new(error, Some("bus::notify")))?;
            payload.clear();
        }
    }
    Ok(())
}

/// Hears what all nodes publish and passes it on inside this one, for ever.
pub(super) async fn listen(
    options: PgConnectOptions,
    bus: Bus,
    counters: Arc<Counters>,
    away: Away,
    ready: oneshot::Sender<()>,
) {
    let mut ready = Some(ready);
    loop {
        match connect(&options).await {
            Ok(listener) => {
                away.set(false);
                match ready.take() {
                    Some(ready) => {
                        let _ = ready.send(());
                    }
                    None => bus.publish_all([LiveEvent::RESYNC]),
                }
                let error = hear(listener, &bus).await;
                away.set(true);
                counters.bus_reconnects.fetch_add(1, Relaxed);
                tracing::warn!(
                    error = error.map(tracing::field::display),
                    "the live bus lost its connection and will open it anew"
                );
            }
            Err(error) => {
                away.set(true);
                tracing::warn!(%error, "the live bus cannot be connected; trying again");
            }
        }
        sleep(RETRY).await;
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    // A pool of its own each time: a listener that dies must not hold up the next.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.ignore_pool_close_event(true);
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes on notifications until the connection is lost.
async fn hear(mut listener: PgListener, bus: &Bus) -> Option<sqlx::Error> {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(heard))) => {
                bus.publish_all(heard.payload().lines().filter_map(LiveEvent::decode));
            }
            Ok(Ok(None)) => return None,
            Ok(Err(error)) => return Some(error),
            // A connection cut off without a word looks just like silence.
            Err(_) => match timeout(PATIENCE, sqlx::query("SELECT 1").execute(&mut listener)).await
            {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Some(error),
                Err(_) => return Some(sqlx::Error::PoolTimedOut),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LiveEvent, LiveWhat};
    use uuid::Uuid;

    #[test]
    fn events_survive_the_wire() {
        for what in [
            LiveWhat::Entry,
            LiveWhat::Changed,
            LiveWhat::Presence,
            LiveWhat::Due,
            LiveWhat::Resync,
        ] {
            let event = LiveEvent {
                incident: Uuid::from_u128(7),
                seq: i64::MAX,
                what,
            };
            let mut line = String::new();
            event.encode(&mut line);
            assert!(line.len() <= 60);
            assert_eq!(LiveEvent::decode(line.trim_end()), Some(event));
        }
        assert_eq!(LiveEvent::decode("not an event"), None);
    }
}

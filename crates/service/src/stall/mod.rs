//! The stall watch as a running thing: what is due is looked at, the room is
//! asked, answers are taken, and the escalation policy is begun when nobody comes.
//!
//! The rules are in [`rideout_domain::stall`]; here is what they need and what
//! follows. Each incident's row says when the watch looks at it next
//! (`look_at`, indexed), so that the work of a cycle grows with what is due and
//! not with what is open. Entries bring that forward in their own transaction,
//! and a look happens in one transaction with everything it writes: a restart,
//! a jump of the clock or a second node can neither lose nor repeat a step.

mod act;
mod answer;
mod attention;
mod look;
mod outside;
mod policy;
mod preview;
mod seen;
mod usual;
mod view;
mod whom;

pub use answer::{Answered, NewAnswer};
pub use policy::WatchPolicy;
pub use preview::{ENTRIES_MOST, LeftOut, PREVIEWED, PlayedIncident, PolicyPreview};
pub use view::{FIGURES_MOST, PromptedIncident, StallFigures, StallView};

pub(crate) use attention::Attention;

use crate::{
    Error, Service, args,
    db::{Conn, Sql},
    incident, statements,
};
use futures::{StreamExt as _, stream};
use look::{AHEAD, Looked, Ready};
use outside::Outside;
use quick_cache::sync::Cache;
use rideout_domain::{
    Incident, IncidentId, Timestamp,
    stall::{Facts, Settings, Signal, assess, figures::Figures},
};
use seen::Seen;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::time::timeout;

/// The statements of this area.
pub(crate) const STATEMENTS: &[&[Sql]] = &[
    ALL,
    act::ALL,
    answer::ALL,
    look::ALL,
    outside::ALL,
    policy::ALL,
    preview::ALL,
    usual::ALL,
    view::ALL,
    whom::ALL,
];

statements! {
    /// Incidents to look at now, the longest due first.
    DUE = "SELECT id FROM incidents WHERE look_at <= $1 ORDER BY look_at LIMIT $2";
    /// Incidents looked at by a clock that has been set back since.
    SET_BACK = "SELECT id FROM incidents WHERE look_at IS NOT NULL AND looked_at > $1 ORDER BY looked_at LIMIT $2";
    /// Open incidents that nobody watches: a node of the version before declared them.
    UNWATCHED = "SELECT id FROM incidents WHERE look_at IS NULL AND resolved_at IS NULL ORDER BY number LIMIT $1";
    /// When the next look is due.
    NEXT = "SELECT look_at FROM incidents WHERE look_at IS NOT NULL ORDER BY look_at LIMIT 1";
    /// Puts an incident off that could not be looked at, so that the others get their turn.
    PUT_OFF = "UPDATE incidents SET look_at = $2, looked_at = $3 WHERE id = $1 AND (look_at IS NULL OR look_at < $2)";
}

/// Looks that are prepared at a time.
const AT_A_TIME: usize = 16;
/// The longest that a look may take.
const LOOK: Duration = Duration::from_secs(10);
/// Timelines kept between looks.
const KEPT: usize = 512;
/// Seconds for which an incident that could not be looked at is put off.
const PUT_OFF_SECONDS: i64 = 60;

/// What the watch keeps in memory. Nothing in it is needed after a restart.
#[derive(Debug, Clone)]
pub(crate) struct Watches {
    seen: Arc<Cache<IncidentId, Arc<Seen>>>,
    policies: Arc<policy::Policies>,
    recent: Arc<usual::Recent>,
    learners: Arc<Cache<IncidentId, whom::Learners>>,
    figures: Arc<Cache<IncidentId, (i64, Figures)>>,
    previews: Arc<preview::Turns>,
}

impl Default for Watches {
    fn default() -> Self {
        Self {
            seen: Arc::new(Cache::new(KEPT)),
            policies: Arc::default(),
            recent: Arc::default(),
            learners: Arc::new(Cache::new(KEPT)),
            figures: Arc::new(Cache::new(KEPT)),
            previews: Arc::default(),
        }
    }
}

/// What a pass of the watch did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WatchReport {
    /// Incidents that were due.
    pub due: usize,
    /// Incidents that were looked at; another node may have looked at the others.
    pub looked: usize,
    /// Prompts written.
    pub prompts: u32,
    /// Incidents that could not be looked at and are tried again in a minute.
    pub failed: usize,
    /// Whether more is due than fitted into the pass.
    pub more: bool,
}

impl Service {
    /// Looks at what is due, at most `limit` incidents, each in a transaction of
    /// its own.
    ///
    /// # Errors
    /// When what is due cannot be read. That a single incident cannot be looked at
    /// is logged and counted, and does not keep the others from their turn.
    pub async fn watch_due(&self, limit: usize) -> Result<WatchReport, Error> {
        let now = self.now();
        let due = self.watch_list(now, limit).await?;
        let mut report = WatchReport {
            due: due.len(),
            more: due.len() >= limit,
            ..WatchReport::default()
        };
        let mut looks = stream::iter(due)
            .map(|id| async move {
                let looked = timeout(LOOK, self.watch_one(id)).await;
                // The same incident must not hold up every cycle.
                (id, looked.unwrap_or_else(|late| Err(Error::internal(late))))
            })
            .buffer_unordered(AT_A_TIME);
        while let Some((id, looked)) = looks.next().await {
            match looked {
                Ok(Some(looked)) => {
                    report.looked += 1;
                    report.prompts += looked.prompts;
                }
                Ok(None) => {}
                Err(error @ (Error::Busy | Error::Storage(_))) => return Err(error),
                Err(error) => {
                    report.failed += 1;
                    tracing::warn!(incident.id = %id, %error, "the stall watch could not look at an incident and tries again in a minute");
                    self.put_off(id).await?;
                }
            }
        }
        Ok(report)
    }

    /// When the next look is due; none while nothing is open.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn watch_next(&self) -> Result<Option<Timestamp>, Error> {
        let row = self
            .db
            .reader()
            .await?
            .fetch_optional(&NEXT, &args![])
            .await?;
        row.map(|row| Ok(Timestamp(row.int("look_at")?)))
            .transpose()
    }

    /// What is due, each once.
    async fn watch_list(&self, now: Timestamp, limit: usize) -> Result<Vec<IncidentId>, Error> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut conn = self.db.reader().await?;
        let mut rows = conn.fetch_all(&DUE, &args![now.0, most]).await?;
        let ahead = args![now.plus_seconds(AHEAD).0, most];
        rows.extend(conn.fetch_all(&SET_BACK, &ahead).await?);
        rows.extend(conn.fetch_all(&UNWATCHED, &args![most]).await?);
        let (mut due, mut known) = (Vec::with_capacity(rows.len()), HashSet::new());
        for row in rows {
            let id = IncidentId(row.uuid("id")?);
            if known.insert(id) {
                due.push(id);
            }
        }
        due.truncate(limit);
        Ok(due)
    }

    /// Looks at one incident, if it is due still.
    async fn watch_one(&self, id: IncidentId) -> Result<Option<Looked>, Error> {
        let Some(ready) = self.watch_ready(id, false).await? else {
            return Ok(None);
        };
        let stamp = self.stamp();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = look::hold(tx, id).await?;
                    if !look::is_due(tx, id, stamp.now).await? {
                        return Ok(None);
                    }
                    Ok(Some(look::look(tx, &stamp, row, &ready).await?.1))
                })
            })
            .await
    }

    /// Reads what a look needs, before its transaction.
    async fn watch_ready(&self, id: IncidentId, asks: bool) -> Result<Option<Ready>, Error> {
        let mut conn = self.db.reader().await?;
        let row = conn
            .fetch_optional(&incident::FIND, &args![id.0, uuid::Uuid::nil()])
            .await?;
        match row {
            Some(row) => {
                let incident = incident::from_row(&row)?;
                Ok(Some(self.make_ready(&mut conn, &incident, asks).await?))
            }
            None => Ok(None),
        }
    }

    /// Whom to call is looked up only where somebody may be asked.
    async fn make_ready(
        &self,
        conn: &mut Conn,
        incident: &Incident,
        asks: bool,
    ) -> Result<Ready, Error> {
        let now = self.now();
        let seen = self.watch.seen.get(&incident.id).unwrap_or_default();
        let seen = if seen.seq > incident.last_seq {
            // Somebody was quicker: what they read is newer, and right.
            seen
        } else {
            seen.caught_up(conn, incident).await?
        };
        self.watch.seen.insert(incident.id, Arc::clone(&seen));
        let outside = Outside::of(&self.watch, conn, incident, &seen, now).await?;
        let settings = self
            .watch
            .policies
            .of(conn, &incident.services, now)
            .await?;
        let fired = fired(incident, &seen, &outside, &settings, now);
        let call = match fired.filter(|(_, stalled)| asks || *stalled) {
            Some((fired, _)) => {
                let watches = &self.watch;
                whom::to_call(watches, conn, incident, &seen, &outside, &fired, now).await?
            }
            None => Vec::new(),
        };
        Ok(Ready {
            seen,
            outside,
            settings,
            call,
        })
    }

    async fn put_off(&self, id: IncidentId) -> Result<(), Error> {
        let now = self.now();
        let until = now.plus_seconds(PUT_OFF_SECONDS);
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&PUT_OFF, &args![id.0, until.0, now.0]).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Which signals fire, as far as was read, and whether the room counts as stalled;
/// nothing once the incident is over.
fn fired(
    incident: &Incident,
    seen: &Seen,
    outside: &Outside,
    settings: &Settings,
    now: Timestamp,
) -> Option<(Vec<Signal>, bool)> {
    if !incident.is_open() {
        return None;
    }
    let facts = Facts::new(incident, &seen.board, &seen.activity, &outside.extra);
    let judged = assess(&facts, settings, now);
    let fired = judged.signals.iter().map(|f| f.signal).collect();
    Some((fired, judged.level.is_stalled()))
}

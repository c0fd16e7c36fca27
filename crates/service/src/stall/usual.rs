//! How long similar incidents took: same severity, a service in common.

use crate::{Error, args, db::Conn, statements};
use rideout_domain::{Incident, IncidentId, Severity, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};

statements! {
    /// The newest incidents that are over.
    RECENT = "SELECT id, number, severity, services, restricted, started_at, resolved_at FROM incidents WHERE status = 'resolved' ORDER BY number DESC LIMIT 1000";
}

/// Fewest similar incidents that tell what is usual.
const FEWEST: usize = 5;
/// Seconds for which the list is kept.
const KEPT: i64 = 15 * 60;

/// An incident that is over.
#[derive(Debug, Clone)]
pub(super) struct Past {
    pub(super) id: IncidentId,
    /// As people say it: INC-7.
    pub(super) reference: String,
    pub(super) severity: Severity,
    /// Not for everybody's eyes: it counts for what is usual, and is never named.
    pub(super) restricted: bool,
    services: Vec<String>,
    minutes: u32,
}

/// The newest incidents that are over, newest first, read anew from time to time.
#[derive(Debug, Default)]
pub(super) struct Recent(RwLock<Option<(Timestamp, Arc<[Past]>)>>);

impl Recent {
    pub(super) async fn get(&self, conn: &mut Conn, now: Timestamp) -> Result<Arc<[Past]>, Error> {
        let kept = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((since, past)) = kept
            && (0..KEPT).contains(&now.seconds_since(since))
        {
            return Ok(past);
        }
        let mut past = Vec::new();
        for row in conn.fetch_all(&RECENT, &args![]).await? {
            let from = Timestamp(row.int("started_at")?);
            let until = Timestamp(row.int("resolved_at")?);
            let services: Vec<String> =
                serde_json::from_str(&row.text("services")?).map_err(Error::internal)?;
            past.push(Past {
                id: IncidentId(row.uuid("id")?),
                reference: format!("INC-{}", row.int("number")?),
                severity: row.text("severity")?.parse().map_err(Error::internal)?,
                restricted: row.bool("restricted")?,
                services: services.iter().map(|s| s.to_lowercase()).collect(),
                minutes: u32::try_from(until.seconds_since(from) / 60).unwrap_or(0),
            });
        }
        let past: Arc<[Past]> = past.into();
        let kept = Some((now, Arc::clone(&past)));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(past)
    }
}

/// Incidents that share a service with this one, newest first.
pub(super) fn similar<'a>(past: &'a [Past], incident: &Incident) -> impl Iterator<Item = &'a Past> {
    let services: Vec<String> = incident.services.iter().map(|s| s.to_lowercase()).collect();
    past.iter()
        .filter(move |p| p.services.iter().any(|s| services.contains(s)))
}

/// Minutes within which nine of ten similar incidents of the same severity were
/// over (nearest rank); none while too few are known.
pub(super) fn usual_minutes(past: &[Past], incident: &Incident) -> Option<u32> {
    let mut minutes: Vec<u32> = similar(past, incident)
        .filter(|p| p.severity == incident.severity)
        .map(|p| p.minutes)
        .collect();
    if minutes.len() < FEWEST {
        return None;
    }
    minutes.sort_unstable();
    let rank = (minutes.len() * 9).div_ceil(10);
    minutes.get(rank - 1).copied()
}

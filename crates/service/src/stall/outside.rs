//! What the watch needs to know that is not in the timeline: who is present, who
//! knows the affected services, what was promised, what is usual.

use super::{
    Watches,
    seen::Seen,
    usual::{self, Past},
};
use crate::{
    Error, args,
    db::Conn,
    directory::{self, Known, Knows},
    statements,
};
use rideout_domain::{Incident, Timestamp, UserId, directory::key, stall::Extra};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

statements! {
    /// Who came into the room, and who of them is still there.
    PARTICIPANTS = "SELECT user_id, joined_at, left_at FROM participants WHERE incident_id = $1";
}

/// Minutes for which somebody who wrote without joining counts as present.
const WRITER_MINUTES: i64 = 60;

/// What lies outside the timeline.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outside {
    /// For the judgement.
    pub(super) extra: Extra,
    /// Who knows what is affected, and what that relies on.
    pub(super) knows: Vec<Knows>,
    /// Who is in the room, or wrote lately.
    pub(super) present: BTreeSet<UserId>,
    /// Incidents that are over, newest first.
    pub(super) past: Arc<[Past]>,
}

impl Outside {
    pub(super) async fn of(
        watches: &Watches,
        conn: &mut Conn,
        incident: &Incident,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let (mut present, mut newcomer) = (BTreeSet::new(), None);
        for row in conn.fetch_all(&PARTICIPANTS, &args![incident.id.0]).await? {
            newcomer = newcomer.max(Some(Timestamp(row.int("joined_at")?)));
            if row.opt_int("left_at")?.is_none() {
                present.insert(UserId(row.uuid("user_id")?));
            }
        }
        let lately = now.plus_minutes(-WRITER_MINUTES);
        present.extend(
            seen.wrote
                .iter()
                .filter(|(_, at)| **at >= lately)
                .map(|(who, _)| *who),
        );
        let knows = directory::knowing(conn, &incident.services).await?;
        let past = watches.recent.get(conn, now).await?;
        let extra = Extra {
            without_expert: without_expert(&knows, &present),
            usual_minutes: usual::usual_minutes(&past, incident),
            promised: promised(conn, seen, &knows).await?,
            newcomer,
            ..Extra::default()
        };
        Ok(Self {
            extra,
            knows,
            present,
            past,
        })
    }
}

/// Affected services whose experts are known, when none of them is present.
fn without_expert(knows: &[Knows], present: &BTreeSet<UserId>) -> Vec<String> {
    let mut missing = Vec::new();
    for one in knows {
        let experts = experts(&one.affected);
        if experts.iter().any(|who| present.contains(who)) {
            return Vec::new();
        }
        if !experts.is_empty() {
            missing.push(one.affected.service.name.clone());
        }
    }
    missing
}

/// Who knows a service: its owner, its team, the owners and experts of its components.
pub(super) fn experts(known: &Known) -> BTreeSet<UserId> {
    let owner = known.service.owner.iter();
    let members = known.members.iter();
    let components = known
        .components
        .iter()
        .flat_map(|c| c.owner.iter().chain(&c.experts));
    owner
        .chain(members)
        .chain(components)
        .map(|p| p.id)
        .collect()
}

/// What dependencies that were asked promise in general, where the question says nothing.
async fn promised(
    conn: &mut Conn,
    seen: &Seen,
    knows: &[Knows],
) -> Result<BTreeMap<String, u32>, Error> {
    let mut promised = BTreeMap::new();
    for asked in seen.board.watch.open_asked().filter(|a| a.due.is_none()) {
        let known = knows
            .iter()
            .flat_map(|k| std::iter::once(&k.affected).chain(k.relies_on.iter().map(|(_, k)| k)))
            .find(|k| key(&k.service.name) == key(&asked.whom));
        let minutes = match known {
            Some(known) => known.service.response_minutes,
            None => {
                let found = directory::knowing(conn, std::slice::from_ref(&asked.whom)).await?;
                found
                    .first()
                    .and_then(|k| k.affected.service.response_minutes)
            }
        };
        if let Some(minutes) = minutes {
            promised.insert(asked.whom.clone(), minutes);
        }
    }
    Ok(promised)
}

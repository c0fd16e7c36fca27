//! One look at one incident: judge the room, move on the ladder, write what follows.

use super::{
    act::{Acted, Acting},
    outside::Outside,
    seen::{Ahead, Seen},
};
use crate::{
    Error, args,
    db::{Conn, Tx},
    incident,
    page::Stamp,
    statements, timeline,
};
use rideout_domain::{
    Effect, Entry, EntryBody, Incident, IncidentId, Timestamp,
    entry::{AnswerKind, EscalationStep, ToCall},
    room::Board,
    stall::{
        Facts, Settings, assess,
        ladder::{self, Answer, Event, Rung, State},
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc};
use uuid::Uuid;

statements! {
    /// When the watch looks at an incident next, and looked last.
    WHEN = "SELECT look_at, looked_at FROM incidents WHERE id = $1";
    /// Notes a look.
    NOTE = "UPDATE incidents SET look_at = $2, looked_at = $3, prompted = $4, stall_level = $5 WHERE id = $1";
    /// Where an incident stands on the ladder.
    LADDER = "SELECT ladder, seq FROM watches WHERE incident_id = $1";
    /// Keeps where it stands.
    KEEP = "INSERT INTO watches (incident_id, ladder, seq, signals, prompted_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (incident_id) DO UPDATE SET ladder = excluded.ladder, seq = excluded.seq, signals = excluded.signals, prompted_at = COALESCE(excluded.prompted_at, watches.prompted_at)";
}

/// Seconds by which clocks of nodes may differ; a time further ahead was written
/// by a clock that has been set back since.
pub(super) const AHEAD: i64 = 120;
/// Longest time between two looks, in minutes: what lies outside the timeline may change.
const LONGEST: i64 = 6 * 60;
/// The same while the policy runs, so that it cannot stop unnoticed.
const LONGEST_ESCALATED: i64 = 15;
/// Shortest time between two looks that nothing causes, in seconds.
const SHORTEST: i64 = 1;

/// Everything a look needs that can be read before its transaction, which every
/// other writer waits for.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(super) seen: Arc<Seen>,
    pub(super) outside: Outside,
    pub(super) settings: Arc<Settings>,
    /// Whom to call; nobody where the room did not seem stalled.
    pub(super) call: Vec<ToCall>,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Prompts written.
    pub(crate) prompts: u32,
    /// Whether the escalation policy was begun.
    pub(crate) escalated: bool,
}

/// Where an incident stands, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    state: State,
    /// Set while entries lie ahead of a clock that was set back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ahead: Option<Ahead>,
}

/// Whether a look is due, now that the incident's row is held: another node may
/// have looked meanwhile.
pub(super) async fn is_due(tx: &mut Tx, id: IncidentId, now: Timestamp) -> Result<bool, Error> {
    let row = tx.fetch_one(&WHEN, &args![id.0]).await?;
    let look_at = row.opt_int("look_at")?;
    let ahead = row
        .opt_int("looked_at")?
        .is_some_and(|at| is_ahead(Timestamp(at), now));
    Ok(look_at.is_none_or(|at| at <= now.0) || ahead)
}

const fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.seconds_since(now) > AHEAD
}

/// The incident, held against other steps until the transaction ends.
pub(super) async fn hold(tx: &mut Tx, id: IncidentId) -> Result<Incident, Error> {
    let row = tx
        .fetch_optional(&incident::FIND_FOR_UPDATE, &args![id.0, Uuid::nil()])
        .await?;
    incident::from_row(&row.ok_or(Error::NotFound)?)
}

/// Looks at an incident whose row is held.
pub(super) async fn look(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    ready: &Ready,
) -> Result<(Incident, Looked), Error> {
    let now = stamp.now;
    let (mut kept, last) = load(tx, incident.id).await?;
    let mut seen = Arc::clone(&ready.seen).caught_up(tx, &incident).await?;
    kept.ahead = match seen.latest.filter(|at| is_ahead(*at, now)) {
        None => None,
        Some(latest) => {
            let (moved, ahead) = move_back(tx, &incident, kept.ahead, latest, now).await?;
            seen = moved;
            Some(ahead)
        }
    };
    if !incident.is_open() {
        return over(tx, stamp, incident, &seen).await;
    }
    let news = news(tx, &incident, last).await?;
    let dated = dated(&incident, kept.ahead);
    let facts = Facts::new(&dated, &seen.board, &seen.activity, &ready.outside.extra);
    let judged = assess(&facts, &ready.settings, now);
    let delays = ready.settings.rules(incident.severity).ladder;
    let (mut steps, mut next) = (VecDeque::new(), None);
    if is_unheard(&news, &seen.board, &kept.state) {
        // What reaches nobody is not waited for.
        kept.state.due = Some(now);
    }
    for event in events(&news, &seen.board, &kept.state) {
        let moved = ladder::climb(&kept.state, &judged, &event, delays, now);
        kept.state = moved.state;
        next = moved.next;
        steps.extend(moved.steps);
    }
    let mut acting = Acting::new(stamp, incident, &seen, ready, &judged);
    while let Some(step) = steps.pop_front() {
        let done = acting.take(tx, &step, &kept.state).await?;
        if done == Acted::NobodyThere {
            // Never silence: the next rung is taken at once.
            kept.state.due = Some(now);
            let moved = ladder::climb(&kept.state, &judged, &Event::Look, delays, now);
            kept.state = moved.state;
            next = moved.next;
            steps.extend(moved.steps);
        }
    }
    let (incident, looked) = acting.done();
    let escalating = kept.state.rung == Rung::Policy;
    let most = if escalating {
        now.plus_minutes(LONGEST_ESCALATED)
    } else {
        now.plus_minutes(LONGEST)
    };
    let next = if looked.escalated {
        // Whether anybody is there at all is told by entries written just now.
        now.plus_seconds(SHORTEST)
    } else {
        next.unwrap_or(most).clamp(now.plus_seconds(SHORTEST), most)
    };
    note(
        tx,
        incident.id,
        now,
        Some(next),
        &kept.state,
        judged.level.number(),
    )
    .await?;
    let signals = serde_json::to_string(&judged.signals).map_err(Error::internal)?;
    let prompted_at = (looked.prompts > 0).then_some(now.0);
    keep(tx, incident.id, &kept, seen.seq, &signals, prompted_at).await?;
    Ok((incident, looked))
}

/// The timeline without the time by which the clock was ahead. What is between two
/// entries stays between them, so that a room that was quiet stays quiet.
async fn move_back(
    conn: &mut Conn,
    incident: &Incident,
    known: Option<Ahead>,
    latest: Timestamp,
    now: Timestamp,
) -> Result<(Arc<Seen>, Ahead), Error> {
    if let Some(ahead) = known {
        let seen = Seen::whole(conn, incident, Some(ahead)).await?;
        if seen.latest.is_none_or(|at| !is_ahead(at, now)) {
            return Ok((seen, ahead));
        }
    }
    let ahead = Ahead {
        seq: incident.last_seq,
        by: latest.0.saturating_sub(now.0),
    };
    Ok((Seen::whole(conn, incident, Some(ahead)).await?, ahead))
}

/// The incident with its beginning as it is by the clock of now.
fn dated(incident: &Incident, ahead: Option<Ahead>) -> Incident {
    let mut dated = incident.clone();
    if let Some(ahead) = ahead {
        dated.declared_at = ahead.moved(dated.declared_at);
        dated.started_at = ahead.moved(dated.started_at);
    }
    dated
}

/// The incident is over: what was asked is taken back, and the watch ends.
async fn over(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    seen: &Seen,
) -> Result<(Incident, Looked), Error> {
    let seq = seen.seq;
    let incident = super::act::take_back(tx, stamp, incident, seen).await?;
    let state = State::default();
    note(tx, incident.id, stamp.now, None, &state, 0).await?;
    let kept = Kept::default();
    keep(tx, incident.id, &kept, seq, "[]", None).await?;
    Ok((incident, Looked::default()))
}

async fn load(conn: &mut Conn, id: IncidentId) -> Result<(Kept, i64), Error> {
    match conn.fetch_optional(&LADDER, &args![id.0]).await? {
        None => Ok((Kept::default(), 0)),
        Some(row) => {
            let kept = serde_json::from_str(&row.text("ladder")?).map_err(Error::internal)?;
            Ok((kept, row.int("seq")?))
        }
    }
}

/// Where an incident stands on the ladder.
pub(super) async fn rung(conn: &mut Conn, id: IncidentId) -> Result<Rung, Error> {
    Ok(load(conn, id).await?.0.state.rung)
}

async fn note(
    tx: &mut Tx,
    id: IncidentId,
    now: Timestamp,
    next: Option<Timestamp>,
    state: &State,
    level: u32,
) -> Result<(), Error> {
    let asked = state.rung != Rung::Calm;
    let row = args![id.0, next.map(|t| t.0), now.0, asked, level];
    tx.execute(&NOTE, &row).await?;
    Ok(())
}

async fn keep(
    tx: &mut Tx,
    id: IncidentId,
    kept: &Kept,
    seq: i64,
    signals: &str,
    prompted_at: Option<i64>,
) -> Result<(), Error> {
    let ladder = serde_json::to_string(kept).map_err(Error::internal)?;
    tx.execute(&KEEP, &args![id.0, ladder, seq, signals, prompted_at])
        .await?;
    Ok(())
}

/// Entries since the last look, in order of sequence.
async fn news(conn: &mut Conn, incident: &Incident, last: i64) -> Result<Vec<Entry>, Error> {
    if last >= incident.last_seq {
        return Ok(Vec::new());
    }
    let mut news = timeline::changed_after(conn, incident.id, last).await?;
    news.retain(|e| e.seq > last);
    news.sort_by_key(|e| e.seq);
    Ok(news)
}

/// What the entries since the last look mean to the ladder. Of many entries only the
/// one that says most counts: each would be a move of its own.
fn events(news: &[Entry], board: &Board, state: &State) -> Vec<Event> {
    let all: Vec<Event> = news
        .iter()
        .filter_map(|entry| event(entry, state))
        .collect();
    let learnt = all.contains(&Event::Learnt);
    let wrote = all.contains(&Event::Entry);
    let mut events: Vec<Event> = all
        .into_iter()
        .filter(|e| !matches!(e, Event::Learnt | Event::Entry))
        .collect();
    events.dedup_by(|one, other| one == other && !matches!(one, Event::Answered(_)));
    if learnt {
        events.push(Event::Learnt);
    } else if wrote && events.is_empty() {
        // An answer says more than what was written beside it.
        events.push(Event::Entry);
    }
    let heard = |event: &Event| events.contains(event);
    let stopped = state.rung == Rung::Policy
        && state.due.is_none()
        && board.watch.escalating().is_none()
        && !heard(&Event::Exhausted)
        && !heard(&Event::Acknowledged);
    if stopped {
        // It ended without anybody having come: it is begun again in its time.
        events.push(Event::Exhausted);
    }
    if events.is_empty() {
        events.push(Event::Look);
    }
    events
}

/// Whether the second opinion reached nobody: its last page has just failed.
fn is_unheard(news: &[Entry], board: &Board, state: &State) -> bool {
    let failed = |e: &Entry| matches!(e.body, EntryBody::PageFailed { .. });
    state.rung == Rung::SecondOpinion
        && news.iter().any(failed)
        && !board.watch.open_pages().any(|p| p.by.is_none())
}

fn event(entry: &Entry, state: &State) -> Option<Event> {
    // What is written down now and was learnt before the room was asked is no answer.
    let is_new = state.since.is_none_or(|asked| entry.occurred_at >= asked);
    Some(match &entry.body {
        EntryBody::Answer {
            answer, minutes, ..
        } => Event::Answered(answered(*answer, *minutes)),
        EntryBody::PageAcknowledged { .. } => Event::Acknowledged,
        EntryBody::Escalation {
            step: EscalationStep::Exhausted,
            ..
        } => Event::Exhausted,
        _ if !entry.is_activity() => return None,
        EntryBody::ActionEffect {
            effect: Effect::Helped,
            ..
        } if is_new => Event::Learnt,
        _ if entry.kind().is_learning() && is_new => Event::Learnt,
        _ => Event::Entry,
    })
}

/// An answer on the timeline, as the ladder takes it.
pub(super) fn answered(answer: AnswerKind, minutes: Option<u32>) -> Answer {
    match answer {
        AnswerKind::StillOnIt => Answer::StillOnIt {
            minutes: minutes.unwrap_or(Answer::MINUTES[0]),
        },
        AnswerKind::Blocked => Answer::Blocked,
        AnswerKind::NeedHelp => Answer::NeedHelp,
        AnswerKind::Escalate => Answer::EscalateNow,
        AnswerKind::Mitigated => Answer::Mitigated,
        AnswerKind::NotStuck => Answer::NotStuck,
    }
}

//! Paging one person.

use super::{
    Stamp,
    callee::{self, Callee},
    claim::Body,
    entry,
};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, LiveWhat, Tx},
    incident, statements,
};
use rideout_domain::{
    Action, Actor, EntryBody, EscalationId, Incident, IncidentId, PageId, Severity, Status,
    Timestamp, UserId,
    outbox::{self, Urgency},
    text::{self, clean},
};

/// How long after a page of one person by hand another is a slip of the finger, in seconds.
const SLIP: i64 = 60;
/// Longest line of what a message tells, in characters.
const LINE_MAX: usize = 160;

statements! {
    /// Adds a page.
    INSERT_PAGE = "INSERT INTO pages (id, incident_id, escalation_id, level, round, user_id, reason, state, created_at, created_by, acknowledged_via) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, '') ON CONFLICT DO NOTHING";
    /// Adds a message of a page.
    INSERT_MESSAGE = "INSERT INTO messages (id, page_id, user_id, route_id, purpose, body, state, attempts, due_at, why, created_at) VALUES ($1, $2, $3, $4, 'page', $5, 'pending', 0, $6, '', $7)";
    /// A page of this person by hand in this incident that is open and young.
    YOUNG = "SELECT id FROM pages WHERE user_id = $1 AND incident_id = $2 AND state = 'open' AND escalation_id IS NULL AND created_at > $3";
    /// What was learnt last.
    LEARNT = "SELECT text, occurred_at FROM entries WHERE incident_id = $1 AND kind IN ('finding', 'evidence', 'decision', 'hypothesis') AND redacted_at IS NULL AND text <> '' ORDER BY seq DESC LIMIT 1";
    /// A person's name.
    NAME = "SELECT name FROM users WHERE id = $1";
}

/// What somebody who is paged is told.
#[derive(Debug, Clone, Default)]
pub struct Reason {
    /// Why they are called, in a sentence.
    pub why: String,
    /// Two more lines: how it stands. Without, they are made of the timeline.
    pub lines: Vec<String>,
}

impl Reason {
    /// A sentence, and the rest made of the timeline.
    pub fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            lines: Vec::new(),
        }
    }
}

/// What became of paging somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paged {
    /// The page.
    pub page: PageId,
    /// Whether a route can be used now.
    pub reachable: bool,
}

/// The step of an escalation that a page belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) escalation: EscalationId,
    /// From 1; one more than the policy has for whoever is in charge.
    pub(super) level: u32,
    pub(super) round: u32,
    /// Whether the policy has this level.
    pub(super) of_policy: bool,
}

impl Service {
    /// Pages somebody by hand. Whoever is paged may see the incident from then on.
    ///
    /// # Errors
    /// [`Error::Invalid`] when they have no account, [`Error::Conflict`] `already_paged`
    /// when they were paged by hand within a minute, [`Error::Forbidden`].
    pub async fn page(
        &self,
        actor: &Actor,
        incident: IncidentId,
        user: UserId,
        reason: Reason,
    ) -> Result<Paged, Error> {
        let why = text::line("The reason", &reason.why, text::TITLE_MAX)
            .map_err(Error::text("reason"))?;
        let (stamp, actor) = (self.stamp(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Respond)?;
                    if row.status == Status::Resolved {
                        return Err(Error::Conflict {
                            code: "resolved",
                            message: "this incident is over; reopen it before you page anybody"
                                .into(),
                        });
                    }
                    let reason = Reason { why, ..reason };
                    let (_, paged) =
                        page_person(tx, &stamp, row, user, &reason, Some(actor.id)).await?;
                    Ok(paged)
                })
            })
            .await
    }
}

/// Pages one person outside any escalation: by hand when `by` is somebody.
/// Returns the incident after the entries that tell of it.
///
/// # Errors
/// As [`Service::page`].
pub(crate) async fn page_person(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    user: UserId,
    reason: &Reason,
    by: Option<UserId>,
) -> Result<(Incident, Paged), Error> {
    let since = stamp.now.plus_seconds(-SLIP);
    let young = args![user.0, incident.id.0, since.0];
    if tx.fetch_optional(&YOUNG, &young).await?.is_some() {
        let callee = callee::one(tx, user, &incident, stamp.now).await?;
        let name = callee.map_or_else(|| "This person".to_owned(), |callee| callee.name);
        return Err(Error::Conflict {
            code: "already_paged",
            message: format!(
                "{name} was paged less than a minute ago; give them the time to answer"
            ),
        });
    }
    page_again(tx, stamp, incident, user, reason, by).await
}

/// The same, however lately they were paged: for words that they do not have yet.
///
/// # Errors
/// [`Error::Invalid`] when they have no account.
pub(crate) async fn page_again(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    user: UserId,
    reason: &Reason,
    by: Option<UserId>,
) -> Result<(Incident, Paged), Error> {
    let callee = callee::one(tx, user, &incident, stamp.now)
        .await?
        .ok_or_else(|| Error::invalid("user", "this person has no account"))?;
    let (incident, paged) = write(tx, stamp, incident, &callee, None, reason, by).await?;
    match paged {
        Some(paged) => Ok((incident, paged)),
        None => Err(Error::internal("a page with a new id was there already")),
    }
}

/// Writes a page, its messages and its entries. None when this step of the
/// escalation has called the person before.
pub(super) async fn write(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    callee: &Callee,
    step: Option<Step>,
    reason: &Reason,
    by: Option<UserId>,
) -> Result<(Incident, Option<Paged>), Error> {
    let (page, now) = (PageId(stamp.id()), stamp.now);
    let why = clean(&reason.why);
    let added = tx
        .execute(
            &INSERT_PAGE,
            &args![
                page.0,
                incident.id.0,
                step.map(|s| s.escalation.0),
                step.map(|s| s.level),
                step.map_or(0, |s| s.round),
                callee.id.0,
                why.as_str(),
                now.0,
                by.map(|by| by.0)
            ],
        )
        .await?;
    if added == 0 {
        return Ok((incident, None));
    }
    let incident = let_in(tx, stamp, incident, callee, by).await?;
    let body =
        serde_json::to_string(&told(tx, &incident, reason, now).await?).map_err(Error::internal)?;
    for (index, route) in callee.routes.iter().enumerate() {
        let due_at = outbox::route_due(now, index, callee.quiet_until);
        tx.execute(
            &INSERT_MESSAGE,
            &args![
                stamp.id(),
                page.0,
                callee.id.0,
                route.0,
                body.as_str(),
                due_at.0,
                now.0
            ],
        )
        .await?;
    }
    incident::publish(tx, incident.id, 0, LiveWhat::Due);
    let level = step.filter(|s| s.of_policy).map(|s| s.level);
    let paged = EntryBody::Paged {
        page,
        user: callee.id,
        level,
    };
    let text = match callee.quiet_until.filter(|_| step.is_none()) {
        // Of a level the escalation says so.
        Some(until) => format!(
            "{why} {} has quiet hours until {} UTC and gets the page then.",
            callee.name,
            until.clock_utc()
        ),
        None => why,
    };
    let mut incident = entry::write(tx, stamp, incident, by, paged, &text).await?;
    if callee.routes.is_empty() {
        let no_route = "There is no contact route in use.";
        incident =
            super::settle::mark_failed(tx, stamp, incident, page, callee.id, no_route).await?;
    }
    let reachable = callee.is_reachable();
    Ok((incident, Some(Paged { page, reachable })))
}

/// Whoever is paged into a restricted incident is named in it, or the link they
/// get would lead nowhere.
async fn let_in(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    callee: &Callee,
    by: Option<UserId>,
) -> Result<Incident, Error> {
    if !incident.restricted {
        return Ok(incident);
    }
    let granter = by.or(incident.commander).unwrap_or(incident.declared_by);
    let access = args![incident.id.0, callee.id.0, granter.0, stamp.now.0];
    if tx.execute(&incident::INSERT_ACCESS, &access).await? == 0 {
        return Ok(incident);
    }
    let reference = incident.reference();
    let granted = EntryBody::AccessGranted { user: callee.id };
    let incident = entry::write(tx, stamp, incident, by, granted, "").await?;
    incident::publish(tx, incident.id, 0, LiveWhat::Changed);
    let detail = serde_json::json!({"user": callee.id, "paged": true});
    audit::record_by(
        tx,
        stamp.id(),
        stamp.now,
        audit::SERVER,
        "incident.access_granted",
        &reference,
        detail,
    )
    .await?;
    Ok(incident)
}

/// What the message says: why, how it stands, what was learnt last.
async fn told(
    conn: &mut Conn,
    incident: &Incident,
    reason: &Reason,
    now: Timestamp,
) -> Result<Body, Error> {
    let mut summary = vec![shorten(&reason.why)];
    if reason.lines.is_empty() {
        let leader = match incident.commander {
            None => "nobody leads".to_owned(),
            Some(id) => {
                let row = conn.fetch_optional(&NAME, &args![id.0]).await?;
                let name = row.map(|row| row.text("name")).transpose()?;
                format!("{} leads", name.unwrap_or_default())
            }
        };
        summary.push(shorten(&format!(
            "{} since {} UTC; {leader}.",
            incident.status.title(),
            incident.started_at.minute_utc(),
        )));
        summary.push(
            match conn.fetch_optional(&LEARNT, &args![incident.id.0]).await? {
                None => "Nothing has been learnt yet.".to_owned(),
                Some(row) => {
                    let at = Timestamp(row.int("occurred_at")?);
                    let minutes = now.seconds_since(at).max(0) / 60;
                    shorten(&format!(
                        "Last learnt {minutes} min ago: {}",
                        row.text("text")?
                    ))
                }
            },
        );
    } else {
        summary.extend(reason.lines.iter().take(2).map(|line| shorten(line)));
    }
    Ok(Body {
        subject: format!(
            "{} {} {}",
            incident.severity,
            incident.reference(),
            incident.title
        ),
        summary,
        urgency: urgency(incident.severity),
        number: Some(incident.number),
    })
}

const fn urgency(severity: Severity) -> Urgency {
    match severity {
        Severity::Sev1 | Severity::Sev2 => Urgency::High,
        Severity::Sev3 | Severity::Sev4 => Urgency::Normal,
    }
}

/// A text of many lines as one that fits.
fn shorten(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= LINE_MAX {
        return line;
    }
    let mut short: String = line.chars().take(LINE_MAX - 1).collect();
    short.push('…');
    short
}

//! Somebody comes, or the incident is over: nobody else is called.

use super::{Stamp, entry, escalate};
use crate::{
    Error, Service, args,
    db::{Conn, LiveWhat, Row, Tx},
    incident, statements,
};
use rideout_domain::{
    Action, Actor, EntryBody, EscalationId, Incident, IncidentId, PageId, UserId,
    entry::EscalationStep,
};

statements! {
    /// One page.
    FIND = "SELECT id, incident_id, escalation_id, level, round, user_id, reason FROM pages WHERE id = $1";
    /// Acknowledges a page that is open.
    ACKNOWLEDGE = "UPDATE pages SET state = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3, acknowledged_via = $4, ended_at = $2 WHERE id = $1 AND state IN ('open', 'failed')";
    /// The other open pages of an escalation need no answer any more.
    END_OF_ESCALATION = "UPDATE pages SET state = 'ended', ended_at = $2 WHERE escalation_id = $1 AND state = 'open'";
    /// No open page of an incident needs an answer any more.
    END_OF_INCIDENT = "UPDATE pages SET state = 'ended', ended_at = $2 WHERE incident_id = $1 AND state = 'open'";
    /// What of a page has not left yet need not leave.
    CANCEL_OF_PAGE = "UPDATE messages SET state = 'cancelled', due_at = NULL, settled_at = $2 WHERE page_id = $1 AND state = 'pending'";
    /// What of an escalation has not left yet need not leave.
    CANCEL_OF_ESCALATION = "UPDATE messages SET state = 'cancelled', due_at = NULL, settled_at = $2 WHERE state = 'pending' AND page_id IN (SELECT id FROM pages WHERE escalation_id = $1)";
    /// What of an incident has not left yet need not leave.
    CANCEL_OF_INCIDENT = "UPDATE messages SET state = 'cancelled', due_at = NULL, settled_at = $2 WHERE state = 'pending' AND page_id IN (SELECT id FROM pages WHERE incident_id = $1)";
    /// Ends what runs in an incident.
    END_ESCALATIONS = "UPDATE escalations SET state = 'ended', next_at = NULL, ended_at = $2 WHERE incident_id = $1 AND state = 'running'";
    /// What runs in an incident.
    RUNNING = "SELECT id, level FROM escalations WHERE incident_id = $1 AND state = 'running'";
}

/// A page, as far as acting on it needs.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) id: PageId,
    pub(super) incident: IncidentId,
    pub(super) escalation: Option<EscalationId>,
    pub(super) level: Option<i64>,
    pub(super) round: i64,
    pub(super) user: UserId,
    /// Why they were called.
    pub(super) reason: String,
}

impl Service {
    /// Acknowledges a page: for whoever was paged, and for anybody who works in
    /// the incident and takes it on. True if it was open until now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn acknowledge_page(&self, actor: &Actor, page: PageId) -> Result<bool, Error> {
        let (stamp, actor) = (self.stamp(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = find(tx, page).await?.ok_or(Error::NotFound)?;
                    let row = incident::find_for_update(tx, &actor, found.incident).await?;
                    if found.user != actor.id {
                        Error::authorise(&actor, Action::Respond)?;
                    }
                    let done = acknowledge(tx, &stamp, row, &found, actor.id, "page").await?;
                    Ok(done.1)
                })
            })
            .await
    }
}

/// Acknowledges a page and all that hangs on it: its escalation stops, the others
/// it called need not answer, what has not left stays. Returns the incident after
/// it, and whether the page was open until now.
///
/// A page that reached nobody may still be acknowledged: its person may have
/// found the incident by themselves.
pub(super) async fn acknowledge(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    page: &Found,
    by: UserId,
    via: &str,
) -> Result<(Incident, bool), Error> {
    let now = stamp.now;
    let row = args![page.id.0, now.0, by.0, via];
    if tx.execute(&ACKNOWLEDGE, &row).await? == 0 {
        return Ok((incident, false));
    }
    tx.execute(&CANCEL_OF_PAGE, &args![page.id.0, now.0])
        .await?;
    incident::publish(tx, incident.id, 0, LiveWhat::Due);
    let told = EntryBody::PageAcknowledged {
        page: page.id,
        user: by,
    };
    let mut incident = entry::write(tx, stamp, incident, None, told, "").await?;
    let Some(id) = page.escalation else {
        return Ok((incident, true));
    };
    let Some(mut escalation) = escalate::find(tx, id).await? else {
        return Ok((incident, true));
    };
    if escalation.run.acknowledge() {
        let row = args![id.0, now.0, by.0];
        tx.execute(&escalate::ACKNOWLEDGE, &row).await?;
        let ended = args![id.0, now.0];
        tx.execute(&END_OF_ESCALATION, &ended).await?;
        tx.execute(&CANCEL_OF_ESCALATION, &ended).await?;
        let told = EntryBody::Escalation {
            escalation: id,
            step: EscalationStep::Ended,
            level: escalation.run.level,
        };
        incident = entry::write(tx, stamp, incident, None, told, "Somebody came.").await?;
    }
    Ok((incident, true))
}

/// The incident is over: escalations end, open pages need no answer, and what has
/// not left stays. Returns the incident after it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_for_incident(
    tx: &mut Tx,
    stamp: &Stamp,
    mut incident: Incident,
) -> Result<Incident, Error> {
    let running = tx.fetch_all(&RUNNING, &args![incident.id.0]).await?;
    let over = args![incident.id.0, stamp.now.0];
    tx.execute(&END_ESCALATIONS, &over).await?;
    tx.execute(&END_OF_INCIDENT, &over).await?;
    tx.execute(&CANCEL_OF_INCIDENT, &over).await?;
    incident::publish(tx, incident.id, 0, LiveWhat::Due);
    for row in running {
        let told = EntryBody::Escalation {
            escalation: EscalationId(row.uuid("id")?),
            step: EscalationStep::Ended,
            level: u32::try_from(row.int("level")?).map_err(Error::internal)?,
        };
        incident = entry::write(tx, stamp, incident, None, told, "The incident is over.").await?;
    }
    Ok(incident)
}

pub(super) async fn find(conn: &mut Conn, id: PageId) -> Result<Option<Found>, Error> {
    let row = conn.fetch_optional(&FIND, &args![id.0]).await?;
    row.map(|row| from_row(&row)).transpose()
}

fn from_row(row: &Row) -> Result<Found, Error> {
    Ok(Found {
        id: PageId(row.uuid("id")?),
        incident: IncidentId(row.uuid("incident_id")?),
        escalation: row.opt_uuid("escalation_id")?.map(EscalationId),
        level: row.opt_int("level")?,
        round: row.int("round")?,
        user: UserId(row.uuid("user_id")?),
        reason: row.text("reason")?,
    })
}

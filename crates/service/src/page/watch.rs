//! What the stall watch needs of pages: who stands behind a level, and taking back
//! what it began.

use super::{Stamp, callee, entry};
use crate::{
    Error, args,
    db::{Conn, LiveWhat, Tx},
    incident, statements,
};
use rideout_domain::{
    EntryBody, EscalationId, Incident, Timestamp, UserId, entry::EscalationStep, escalation::Target,
};

statements! {
    /// Escalations of an incident that run.
    RUNNING = "SELECT id, level FROM escalations WHERE incident_id = $1 AND state = 'running'";
    /// Ends them.
    END = "UPDATE escalations SET state = 'ended', next_at = NULL, ended_at = $2 WHERE incident_id = $1 AND state = 'running'";
    /// What nobody asked for by hand need not leave any more.
    CANCEL = "UPDATE messages SET state = 'cancelled', due_at = NULL, settled_at = $2 WHERE state = 'pending' AND page_id IN (SELECT id FROM pages WHERE incident_id = $1 AND created_by IS NULL AND state = 'open')";
    /// Pages that nobody asked for by hand need no answer any more.
    END_PAGES = "UPDATE pages SET state = 'ended', ended_at = $2 WHERE incident_id = $1 AND created_by IS NULL AND state = 'open'";
}

/// Who is called by these targets now, by name.
///
/// # Errors
/// When the database fails.
pub(crate) async fn people_behind(
    conn: &mut Conn,
    targets: &[Target],
    incident: &Incident,
    now: Timestamp,
) -> Result<Vec<(UserId, String)>, Error> {
    let found = callee::behind(conn, targets, incident, now).await?;
    let people = found.people.into_iter();
    Ok(people.map(|p| (p.id, p.name)).collect())
}

/// The room is no longer stuck: the escalation ends, and whoever Rideout called
/// need not answer. What somebody paged by hand goes on. Returns the incident
/// after it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn stand_down(
    tx: &mut Tx,
    stamp: &Stamp,
    mut incident: Incident,
    why: &str,
) -> Result<Incident, Error> {
    let running = tx.fetch_all(&RUNNING, &args![incident.id.0]).await?;
    let over = args![incident.id.0, stamp.now.0];
    tx.execute(&END, &over).await?;
    tx.execute(&CANCEL, &over).await?;
    tx.execute(&END_PAGES, &over).await?;
    incident::publish(tx, incident.id, 0, LiveWhat::Due);
    for row in running {
        let told = EntryBody::Escalation {
            escalation: EscalationId(row.uuid("id")?),
            step: EscalationStep::Ended,
            level: u32::try_from(row.int("level")?).map_err(Error::internal)?,
        };
        incident = entry::write(tx, stamp, incident, None, told, why).await?;
    }
    Ok(incident)
}

//! What became of a message, and what follows from it.

use super::{Claimed, Stamp, entry, escalate};
use crate::{
    Error, Service, args,
    db::{Conn, LiveWhat, Tx},
    directory, incident, statements,
};
use rideout_domain::{
    EntryBody, EscalationId, Incident, IncidentId, PageId, UserId,
    outbox::{self, Outcome, Purpose, Settled},
};

statements! {
    /// A message was taken.
    SENT = "UPDATE messages SET state = 'sent', why = '', claimed_by = NULL, claim_until = NULL, settled_at = $4 WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    /// A message is tried again.
    AGAIN = "UPDATE messages SET state = 'pending', why = $5, due_at = $4, claimed_by = NULL, claim_until = NULL WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    /// A message was given up.
    FAILED = "UPDATE messages SET state = 'failed', why = $5, claimed_by = NULL, claim_until = NULL, settled_at = $4 WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    /// A message in hand is not needed any more.
    DROPPED = "UPDATE messages SET state = 'cancelled', claimed_by = NULL, claim_until = NULL, settled_at = $4 WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    /// The pages of a bundle.
    IN_BUNDLE = "SELECT p.id, p.incident_id FROM messages m JOIN pages p ON p.id = m.page_id WHERE m.bundled_into = $1 ORDER BY p.incident_id, p.id";
    /// A page, and how many of its messages have arrived or still may.
    STANDING = "SELECT p.user_id, p.state, p.escalation_id, (SELECT COUNT(*) FROM messages m LEFT JOIN messages b ON b.id = m.bundled_into WHERE m.page_id = p.id AND (m.state IN ('pending', 'sending', 'sent') OR b.state IN ('pending', 'sending', 'sent'))) AS hopes FROM pages p WHERE p.id = $1";
    /// The next route of a page that was not used yet, brought forward.
    BRING_FORWARD = "UPDATE messages SET due_at = $2 WHERE due_at > $2 AND id = (SELECT id FROM messages WHERE page_id = $1 AND state = 'pending' AND attempts = 0 ORDER BY due_at, id LIMIT 1)";
    /// A page that reached nobody.
    FAIL_PAGE = "UPDATE pages SET state = 'failed', ended_at = $2 WHERE id = $1 AND state = 'open'";
    /// Pages of an escalation's present level that may still be answered.
    OPEN_AT_LEVEL = "SELECT COUNT(*) AS n FROM pages WHERE escalation_id = $1 AND round = $2 AND level = $3 AND state = 'open'";
}

impl Service {
    /// Writes down what sending a message came to, and takes what follows from it:
    /// the page's next route, and when none is left the escalation's next level.
    /// Nothing happens when somebody else has taken the message over meanwhile.
    ///
    /// # Errors
    /// When the database is away; then it is to be tried again.
    pub async fn settle(&self, claimed: &Claimed, outcome: Outcome) -> Result<(), Error> {
        let stamp = self.stamp();
        let settled = outbox::settle(
            outcome,
            claimed.purpose,
            claimed.attempts,
            stamp.now,
            stamp.jitter()?,
        );
        let claimed = claimed.clone();
        self.db
            .write(move |tx| Box::pin(async move { settle(tx, &stamp, &claimed, settled).await }))
            .await
    }

    /// Gives back a claimed message that is not needed any more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn drop_message(&self, claimed: &Claimed) -> Result<(), Error> {
        let (now, claimed) = (self.now(), claimed.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let node = claimed.node.as_str();
                    let row = args![claimed.id.0, node, claimed.attempts, now.0];
                    tx.execute(&DROPPED, &row).await?;
                    Ok(())
                })
            })
            .await
    }
}

async fn settle(
    tx: &mut Tx,
    stamp: &Stamp,
    claimed: &Claimed,
    settled: Settled,
) -> Result<(), Error> {
    let (id, node, now) = (claimed.id.0, claimed.node.as_str(), stamp.now);
    let outcome = match &settled {
        Settled::Sent => "It was taken.",
        Settled::Again { why, .. } | Settled::Failed { why, .. } => why,
    };
    if claimed.purpose == Purpose::Test {
        directory::note_test(tx, claimed.route, outcome, now).await?;
    }
    match &settled {
        Settled::Sent => {
            let row = args![id, node, claimed.attempts, now.0];
            tx.execute(&SENT, &row).await?;
        }
        Settled::Again { due_at, why } => {
            let row = args![id, node, claimed.attempts, due_at.0, why.as_str()];
            if tx.execute(&AGAIN, &row).await? == 1
                && let Some(page) = claimed.page
            {
                // While this route is in trouble, another may not be.
                tx.execute(&BRING_FORWARD, &args![page.0, now.0]).await?;
            }
        }
        Settled::Failed { why, disable } => {
            // Incidents are held before anything of theirs is changed.
            let pages = pages_of(tx, claimed).await?;
            let mut held = Vec::new();
            for (page, incident) in pages {
                held.push((page, entry::hold(tx, incident).await?));
            }
            let row = args![id, node, claimed.attempts, now.0, why.as_str()];
            if tx.execute(&FAILED, &row).await? == 0 {
                return Ok(());
            }
            if *disable {
                directory::disable_route(tx, claimed.route, why, now).await?;
            }
            for (page, incident) in held {
                after_failure(tx, stamp, page, incident.id, why).await?;
            }
        }
    }
    Ok(())
}

async fn pages_of(conn: &mut Conn, claimed: &Claimed) -> Result<Vec<(PageId, IncidentId)>, Error> {
    if claimed.purpose == Purpose::Bundle {
        let rows = conn.fetch_all(&IN_BUNDLE, &args![claimed.id.0]).await?;
        let page = |row: &crate::db::Row| {
            Ok((
                PageId(row.uuid("id")?),
                IncidentId(row.uuid("incident_id")?),
            ))
        };
        return rows.iter().map(page).collect();
    }
    Ok(claimed.page.zip(claimed.incident).into_iter().collect())
}

/// A route of a page failed: the next one is used at once; when there is none,
/// the page failed; when every page of the level did, the next level is called.
async fn after_failure(
    tx: &mut Tx,
    stamp: &Stamp,
    page: PageId,
    incident: IncidentId,
    why: &str,
) -> Result<(), Error> {
    let now = stamp.now;
    let standing = tx.fetch_one(&STANDING, &args![page.0]).await?;
    if standing.text("state")? != "open" {
        return Ok(());
    }
    if standing.int("hopes")? > 0 {
        tx.execute(&BRING_FORWARD, &args![page.0, now.0]).await?;
        return Ok(());
    }
    // Read again: an earlier page of the same bundle may have written to it.
    let incident = entry::hold(tx, incident).await?;
    let user = UserId(standing.uuid("user_id")?);
    let incident = mark_failed(tx, stamp, incident, page, user, why).await?;
    let Some(id) = standing.opt_uuid("escalation_id")?.map(EscalationId) else {
        return Ok(());
    };
    let Some(mut escalation) = escalate::find(tx, id).await? else {
        return Ok(());
    };
    let run = &mut escalation.run;
    let level = args![id.0, run.round, run.level];
    if tx.fetch_one(&OPEN_AT_LEVEL, &level).await?.int("n")? == 0 {
        run.nobody_reached(now);
        if run.due(now).is_some() {
            escalate::advance(tx, stamp, incident, &mut escalation).await?;
        }
    }
    Ok(())
}

/// A page reached nobody. Returns the incident after the entry that says so.
pub(super) async fn mark_failed(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    page: PageId,
    user: UserId,
    why: &str,
) -> Result<Incident, Error> {
    let failed = args![page.0, stamp.now.0];
    if tx.execute(&FAIL_PAGE, &failed).await? == 0 {
        return Ok(incident);
    }
    incident::publish(tx, incident.id, 0, LiveWhat::Due);
    let told = EntryBody::PageFailed { page, user };
    entry::write(tx, stamp, incident, None, told, why).await
}

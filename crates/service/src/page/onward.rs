//! Whoever is paged wants somebody else called.

use super::{
    NewEscalation, Reason, Stamp,
    acknowledge::{self, Found},
    entry, escalate,
};
use crate::{Error, Service, args, db::Tx, directory, incident, statements};
use rideout_domain::{Action, Actor, Incident, PageId, UserId};

statements! {
    /// Who somebody is.
    NAME = "SELECT name FROM users WHERE id = $1";
    /// Notes that a page was handed on, unless it was before.
    HAND_ON = "UPDATE pages SET handed_on_at = $2 WHERE id = $1 AND handed_on_at IS NULL";
}

impl Service {
    /// Calls the next level after a page: for whoever was paged, and for anybody
    /// who works in the incident.
    ///
    /// # Errors
    /// [`Error::Conflict`] `escalated` when the next level has been called since,
    /// `just_escalated` when somebody else than whoever was paged asks within a minute,
    /// `escalation_over`, [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn escalate_from_page(&self, actor: &Actor, page: PageId) -> Result<(), Error> {
        let (stamp, actor) = (self.stamp(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = acknowledge::find(tx, page).await?.ok_or(Error::NotFound)?;
                    let row = incident::find_for_update(tx, &actor, found.incident).await?;
                    if found.user != actor.id {
                        Error::authorise(&actor, Action::Respond)?;
                        escalate::not_just_called(tx, row.id, stamp.now).await?;
                    }
                    if !row.is_open() {
                        return Err(Error::Conflict {
                            code: "resolved",
                            message: "this incident is over; nobody needs to be called".into(),
                        });
                    }
                    onward(tx, &stamp, row, &found, actor.id, "page").await
                })
            })
            .await
    }
}

/// Calls the next level after a page; after one by hand, begins an escalation.
/// Held to be done at most once for each page.
pub(super) async fn onward(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    page: &Found,
    by: UserId,
    via: &str,
) -> Result<(), Error> {
    let done = || Error::Conflict {
        code: "escalated",
        message: "the next level has been called already".into(),
    };
    if let Some(id) = page.escalation {
        let found = escalate::find(tx, id).await?.ok_or(Error::NotFound)?;
        let here = (i64::from(found.run.level), i64::from(found.run.round));
        if page.level != Some(here.0) || page.round != here.1 {
            return Err(done());
        }
        let name = tx.fetch_one(&NAME, &args![by.0]).await?.text("name")?;
        let asked = format!("{name} asked for it.");
        escalate::escalate_now(tx, stamp, incident, id, Some(asked)).await?;
        return Ok(());
    }
    escalate::not_just_called(tx, incident.id, stamp.now).await?;
    if tx.execute(&HAND_ON, &args![page.id.0, stamp.now.0]).await? == 0 {
        return Err(done());
    }
    // The page has done its work, whether or not they came before they asked.
    let (incident, _) = acknowledge::acknowledge(tx, stamp, incident, page, page.user, via).await?;
    let incident = entry::hold(tx, incident.id).await?;
    let policy = directory::policy_for(tx, &incident.services).await?;
    let name = tx
        .fetch_one(&NAME, &args![page.user.0])
        .await?
        .text("name")?;
    let new = NewEscalation {
        policy: policy.map_or_else(escalate::no_policy, |(_, policy)| policy),
        reason: Reason::new(format!(
            "{name} was paged and asks for somebody else. {}",
            page.reason
        )),
        by: Some(by),
    };
    escalate::start_escalation(tx, stamp, incident, new).await?;
    Ok(())
}

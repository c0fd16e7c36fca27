//! Who outside may look: stakeholder links, and people named in a restricted incident.

use crate::{
    Error, Service,
    account::audit,
    args,
    db::LiveWhat,
    incident::{self, is_person},
    secret, statements,
    timeline::{self, Fresh},
};
use rideout_domain::{
    Action, Actor, EntryBody, EntryId, IncidentId, Severity, StakeholderLinkId, Status, Timestamp,
    UserId, text,
};

statements! {
    /// Adds a link.
    INSERT_LINK = "INSERT INTO stakeholder_links (id, incident_id, token_hash, label, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// The links of an incident, newest first.
    LINKS = "SELECT l.id, l.label, l.created_at, l.last_viewed_at, l.revoked_at, u.name FROM stakeholder_links l JOIN users u ON u.id = l.created_by WHERE l.incident_id = $1 ORDER BY l.created_at DESC, l.id DESC";
    /// Ends a link.
    REVOKE_LINK = "UPDATE stakeholder_links SET revoked_at = $3 WHERE id = $1 AND incident_id = $2 AND revoked_at IS NULL";
    /// The link that a token belongs to.
    FIND_LINK = "SELECT id, incident_id, last_viewed_at FROM stakeholder_links WHERE token_hash = $1 AND revoked_at IS NULL";
    /// Remembers when a link was last used.
    VIEWED = "UPDATE stakeholder_links SET last_viewed_at = $2 WHERE id = $1";
    /// Who may see a restricted incident.
    ACCESS = "SELECT u.id, u.name, a.granted_at FROM incident_access a JOIN users u ON u.id = a.user_id WHERE a.incident_id = $1 ORDER BY u.name, u.id";
}

/// A stakeholder link, without its secret.
#[derive(Debug, Clone)]
pub struct StakeholderLink {
    /// Identifier.
    pub id: StakeholderLinkId,
    /// Whom it is for.
    pub label: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last opened, to the minute.
    pub last_viewed_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Who may look at an incident.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// Stakeholder links, newest first.
    pub links: Vec<StakeholderLink>,
    /// People named, when the incident is restricted.
    pub people: Vec<(UserId, String, Timestamp)>,
}

/// What a stakeholder is shown: no names, no working notes.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StakeholderView {
    /// What is wrong, in a line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// How far.
    pub status: Status,
    /// Since when.
    pub started_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// When the next update is due.
    pub next_update_at: Option<Timestamp>,
    /// Updates, newest first: when, and safe HTML.
    pub updates: Vec<(Timestamp, String)>,
    /// Changes of status, newest first.
    pub statuses: Vec<(Timestamp, Status)>,
}

impl Service {
    /// Makes a stakeholder link. The secret in the answer is shown once.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor may share.
    pub async fn make_stakeholder_link(
        &self,
        actor: &Actor,
        incident: IncidentId,
        label: &str,
    ) -> Result<(StakeholderLinkId, String), Error> {
        let label = text::line("The label", label, text::NAME_MAX).map_err(Error::text("label"))?;
        let (token, hash) = secret::make(&*self.ids, "")?;
        let (id, audit_id, now) = (self.new_id(), self.new_id(), self.now());
        let actor = actor.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Share)?;
                    tx.execute(
                        &INSERT_LINK,
                        &args![id, incident.0, hash, label.as_str(), actor.id.0, now.0],
                    )
                    .await?;
                    let detail = serde_json::json!({"link": id, "label": label});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "stakeholder_link.made",
                        &row.reference(),
                        detail,
                    )
                    .await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        Ok((StakeholderLinkId(id), token))
    }

    /// Ends a stakeholder link at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or it was revoked.
    pub async fn revoke_stakeholder_link(
        &self,
        actor: &Actor,
        incident: IncidentId,
        link: StakeholderLinkId,
    ) -> Result<(), Error> {
        let (now, audit_id, actor) = (self.now(), self.new_id(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Share)?;
                    if tx
                        .execute(&REVOKE_LINK, &args![link.0, incident.0, now.0])
                        .await?
                        == 0
                    {
                        return Err(Error::NotFound);
                    }
                    let detail = serde_json::json!({"link": link});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "stakeholder_link.revoked",
                        &row.reference(),
                        detail,
                    )
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// The links of an incident and the people named in it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor may share.
    pub async fn sharing(&self, actor: &Actor, incident: IncidentId) -> Result<Sharing, Error> {
        let mut conn = self.db.reader().await?;
        incident::find(&mut conn, actor, incident).await?;
        Error::authorise(actor, Action::Share)?;
        let mut links = Vec::new();
        for row in conn.fetch_all(&LINKS, &args![incident.0]).await? {
            links.push(StakeholderLink {
                id: StakeholderLinkId(row.uuid("id")?),
                label: row.text("label")?,
                created_by: row.text("name")?,
                created_at: Timestamp(row.int("created_at")?),
                last_viewed_at: row.opt_int("last_viewed_at")?.map(Timestamp),
                revoked_at: row.opt_int("revoked_at")?.map(Timestamp),
            });
        }
        let mut people = Vec::new();
        for row in conn.fetch_all(&ACCESS, &args![incident.0]).await? {
            people.push((
                UserId(row.uuid("id")?),
                row.text("name")?,
                Timestamp(row.int("granted_at")?),
            ));
        }
        Ok(Sharing { links, people })
    }

    /// What the holder of a stakeholder link sees.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown or revoked link.
    pub async fn stakeholder_view(&self, token: &str) -> Result<StakeholderView, Error> {
        let now = self.now();
        let row = {
            let mut conn = self.db.reader().await?;
            conn.fetch_optional(&FIND_LINK, &args![secret::hash(token)])
                .await?
                .ok_or(Error::NotFound)?
        };
        let link = row.uuid("id")?;
        let snapshot = self
            .room_unchecked(IncidentId(row.uuid("incident_id")?))
            .await?;
        let seen = row.opt_int("last_viewed_at")?.map(Timestamp);
        if seen.is_none_or(|at| now.seconds_since(at) >= 60) {
            // Only a convenience for whoever manages links: the page must not fail for it.
            let noted = self
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        tx.execute(&VIEWED, &args![link, now.0]).await?;
                        Ok::<_, Error>(())
                    })
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the last view of a stakeholder link was not noted");
            }
        }
        let incident = &snapshot.room.incident;
        let mut updates = Vec::new();
        let mut statuses = Vec::new();
        for entry in snapshot.room.in_order().into_iter().rev() {
            match &entry.body {
                EntryBody::StakeholderUpdate { .. } if entry.redacted_at.is_none() => {
                    updates.push((entry.occurred_at, entry.html.clone()));
                }
                EntryBody::Status { to, .. } => statuses.push((entry.occurred_at, *to)),
                _ => {}
            }
        }
        Ok(StakeholderView {
            title: incident.title.clone(),
            severity: incident.severity,
            status: incident.status,
            started_at: incident.started_at,
            resolved_at: incident.resolved_at,
            next_update_at: incident.next_update_at,
            updates,
            statuses,
        })
    }

    /// Names somebody who may see a restricted incident.
    ///
    /// Whoever can see it and may share, or leads it, can do so.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the person has no account.
    pub async fn grant_access(
        &self,
        actor: &Actor,
        incident: IncidentId,
        user: UserId,
    ) -> Result<(), Error> {
        let (now, entry_id, audit_id) = (self.now(), EntryId(self.new_id()), self.new_id());
        let actor = actor.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    let leads = row.commander == Some(actor.id) || row.declared_by == actor.id;
                    // Whoever leads but may only read any more does not let others in.
                    let needed = if leads {
                        Action::Respond
                    } else {
                        Action::Share
                    };
                    Error::authorise(&actor, needed)?;
                    if !is_person(tx, user).await? {
                        return Err(Error::invalid("user", "this person has no account"));
                    }
                    let added = tx
                        .execute(
                            &incident::INSERT_ACCESS,
                            &args![incident.0, user.0, actor.id.0, now.0],
                        )
                        .await?;
                    if added == 0 {
                        return Ok(());
                    }
                    let reference = row.reference();
                    let fresh = Fresh {
                        id: entry_id,
                        author: Some(actor.id),
                        body: EntryBody::AccessGranted { user },
                        text: String::new(),
                        html: String::new(),
                        occurred_at: now,
                        recorded_at: now,
                        digest: Vec::new(),
                    };
                    timeline::write(tx, row, fresh, None).await?;
                    incident::publish(tx, incident, 0, LiveWhat::Changed);
                    let detail = serde_json::json!({"user": user});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "incident.access_granted",
                        &reference,
                        detail,
                    )
                    .await?;
                    Ok(())
                })
            })
            .await
    }
}

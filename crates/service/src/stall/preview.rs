//! What other settings would have done to the organisation's own last incidents.

use crate::{Error, Service, args, directory, incident, page::escalate, statements, timeline};
use rideout_domain::{
    Action, Actor, ServiceId,
    escalation::Policy,
    replay::{
        Script,
        preview::{Preview, preview},
    },
    stall::Settings,
};

statements! {
    /// The newest incidents that the asker may see.
    NEWEST = "SELECT i.id, i.number, i.title, '' AS description, '' AS description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq FROM incidents i WHERE (i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $1)) ORDER BY i.number DESC LIMIT 200";
}

/// Incidents that are played.
pub const PREVIEWED: usize = 20;
/// Longer timelines are left out: playing them would take longer than anybody waits.
const ENTRIES_MOST: i64 = 3_000;

/// An incident under old and new settings.
#[derive(Debug, Clone)]
pub struct PlayedIncident {
    /// `INC-7`.
    pub reference: String,
    /// What was wrong.
    pub title: String,
    /// The escalation policy that holds for it, by name; none where there is none, and
    /// everybody in charge is called at once.
    pub escalation: Option<String>,
    /// What changes.
    pub preview: Preview,
}

/// What new settings would have done.
#[derive(Debug, Clone, Default)]
pub struct PolicyPreview {
    /// Incidents that were played, newest first.
    pub played: Vec<PlayedIncident>,
}

impl Service {
    /// Plays the last incidents that a policy holds for under its present settings
    /// and under new ones. Nobody answers in such a play, and nobody whom the escalation
    /// policy calls acknowledges.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn preview_watch_policy(
        &self,
        actor: &Actor,
        service: Option<ServiceId>,
        settings: &Settings,
    ) -> Result<PolicyPreview, Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let before = self.watch_policy(actor, service).await?;
        let all = self.watch_policies(actor).await?;
        let name = before.service.as_ref().map(|(_, name)| name.to_lowercase());
        // Whose policy holds for an incident: the first of its services with its own.
        let own: Vec<String> = all
            .iter()
            .filter_map(|p| p.service.as_ref())
            .map(|(_, name)| name.to_lowercase())
            .chain(name.clone())
            .collect();
        let holds = |services: &[String]| {
            let first = services
                .iter()
                .map(|s| s.to_lowercase())
                .find(|s| own.contains(s));
            first == name
        };
        let mut conn = self.db.reader().await?;
        let mut scripts = Vec::new();
        for row in conn.fetch_all(&NEWEST, &args![actor.id.0]).await? {
            if scripts.len() == PREVIEWED {
                break;
            }
            let incident = incident::from_row(&row)?;
            if !holds(&incident.services) || incident.last_seq > ENTRIES_MOST {
                continue;
            }
            let mut entries = timeline::changed_after(&mut conn, incident.id, 0).await?;
            entries.sort_by_key(|e| e.seq);
            let policy = directory::policy_for(&mut conn, &incident.services).await?;
            let policy = policy.map(|(_, policy)| policy);
            let script = Script::of(incident.reference(), incident, entries);
            scripts.push((script, policy));
        }
        drop(conn);
        let (before, after) = (before.settings, settings.clone());
        let played = tokio::task::spawn_blocking(move || {
            let play = |(script, policy): (Script, Option<Policy>)| PlayedIncident {
                escalation: policy.as_ref().map(|policy| policy.name.clone()),
                preview: preview(
                    &script,
                    Some(&policy.unwrap_or_else(escalate::no_policy)),
                    &before,
                    &after,
                ),
                reference: script.id,
                title: script.title,
            };
            scripts.into_iter().map(play).collect::<Vec<_>>()
        });
        Ok(PolicyPreview {
            played: played.await.map_err(Error::internal)?,
        })
    }
}

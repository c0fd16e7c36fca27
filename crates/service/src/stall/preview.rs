//! What other settings would have done to the organisation's own last incidents.

use crate::{Error, Service, args, directory, incident, page::escalate, statements, timeline};
use rideout_domain::{
    Action, Actor, Incident, ServiceId, UserId,
    escalation::Policy,
    replay::{
        Script, Work,
        preview::{Preview, preview},
    },
    stall::Settings,
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

statements! {
    /// The newest incidents that the asker may see.
    NEWEST = "SELECT i.id, i.number, i.title, '' AS description, '' AS description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq FROM incidents i WHERE (i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $1)) ORDER BY i.number DESC LIMIT 200";
}

/// Newest incidents that are looked at.
pub const PREVIEWED: usize = 20;
/// Longest timeline that is played, in entries.
pub const ENTRIES_MOST: i64 = 3_000;
/// Looks of all plays of one preview together. Twenty timelines of a few hundred entries
/// take a fifth of it; all of it takes three to five seconds of one core, optimised.
const LOOKS_MOST: u64 = 100_000;
/// Previews that are played at a time.
const AT_A_TIME: usize = 1;
/// Previews that are played or wait for their turn; more are turned away.
const PLACES: usize = 4;

/// Turns to play: each takes a thread of those that everything else that blocks needs
/// too, so that many presses of a button must not take all of them.
#[derive(Debug)]
pub(super) struct Turns {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    /// Whose preview is played or waits: one of each person, so that nobody takes every
    /// place.
    people: Arc<Mutex<BTreeSet<UserId>>>,
}

/// A person whose preview is played or waits.
#[derive(Debug)]
struct Asking {
    who: UserId,
    people: Arc<Mutex<BTreeSet<UserId>>>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        let people = self.people.lock();
        people
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.who);
    }
}

/// The right to play. It goes with the work, which ends even if whoever asked is gone.
#[derive(Debug)]
struct Turn {
    _asking: Asking,
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            people: Arc::default(),
        }
    }
}

impl Turns {
    /// Waits for a turn.
    async fn turn(&self, who: UserId) -> Result<Turn, Error> {
        let asking = self.ask(who)?;
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Error::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        Ok(Turn {
            _asking: asking,
            _place: place,
            _turn: turn.map_err(Error::internal)?,
        })
    }

    fn ask(&self, who: UserId) -> Result<Asking, Error> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if !people.insert(who) {
            return Err(Error::Conflict {
                code: "previewing",
                message: "a preview of yours is still being played; wait a moment for it".into(),
            });
        }
        Ok(Asking {
            who,
            people: Arc::clone(&self.people),
        })
    }
}

/// Why an incident was left out of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// Its timeline has so many entries, more than [`ENTRIES_MOST`].
    TooLong(i64),
    /// The work of one preview was done before it was played through.
    WorkDone,
}

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
    /// Incidents that were not, newest first: reference, title, why.
    pub left_out: Vec<(String, String, LeftOut)>,
}

impl Service {
    /// Plays the last incidents that a policy holds for under its present settings
    /// and under new ones. Nobody answers in such a play, and nobody whom the escalation
    /// policy calls acknowledges.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Busy`] when too many previews
    /// are asked for at once, [`Error::Conflict`] `previewing` while one of the asker is
    /// played.
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
        let mut turn = self.watch.previews.turn(actor.id).await?;
        let mut newest = Vec::new();
        let rows = {
            let mut conn = self.db.reader().await?;
            conn.fetch_all(&NEWEST, &args![actor.id.0]).await?
        };
        for row in rows {
            let incident = incident::from_row(&row)?;
            if holds(&incident.services) && newest.len() < PREVIEWED {
                newest.push(incident);
            }
        }
        let settings = Arc::new((before.settings, settings.clone()));
        let mut work = Work::looks(LOOKS_MOST);
        let mut told = PolicyPreview::default();
        // One after the other, so that one timeline is in memory at a time.
        for incident in newest {
            let (reference, title) = (incident.reference(), incident.title.clone());
            if incident.last_seq > ENTRIES_MOST {
                let why = LeftOut::TooLong(incident.last_seq);
                told.left_out.push((reference, title, why));
                continue;
            }
            if work.is_done() {
                told.left_out.push((reference, title, LeftOut::WorkDone));
                continue;
            }
            let (script, policy) = self.script_of(incident).await?;
            let escalation = policy.as_ref().map(|policy| policy.name.clone());
            let policy = policy.unwrap_or_else(escalate::no_policy);
            let settings = Arc::clone(&settings);
            let played = spawn_blocking(move || {
                let (before, after) = &*settings;
                let preview = preview(&script, Some(&policy), before, after, &mut work);
                (preview, work, turn)
            });
            let preview;
            (preview, work, turn) = played.await.map_err(Error::internal)?;
            match preview {
                Some(preview) => told.played.push(PlayedIncident {
                    reference,
                    title,
                    escalation,
                    preview,
                }),
                None => told.left_out.push((reference, title, LeftOut::WorkDone)),
            }
        }
        Ok(told)
    }

    /// An incident to play, with the escalation policy that holds for it.
    async fn script_of(&self, incident: Incident) -> Result<(Script, Option<Policy>), Error> {
        let mut conn = self.db.reader().await?;
        let mut entries = timeline::changed_after(&mut conn, incident.id, 0).await?;
        entries.sort_by_key(|e| e.seq);
        let policy = directory::policy_for(&mut conn, &incident.services).await?;
        let script = Script::of(incident.reference(), incident, entries);
        Ok((script, policy.map(|(_, policy)| policy)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt as _, poll};

    fn person(number: usize) -> UserId {
        UserId(uuid::Uuid::from_u128(number as u128))
    }

    #[tokio::test]
    async fn many_presses_play_a_few_at_a_time_and_the_rest_are_turned_away() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for number in 0..AT_A_TIME {
            held.push(turns.turn(person(number)).await.unwrap());
        }
        let mut waiting: Vec<_> = (AT_A_TIME..PLACES)
            .map(|number| Box::pin(turns.turn(person(number))))
            .collect();
        for one in &mut waiting {
            assert!(poll!(one).is_pending());
        }
        let more = turns.turn(person(PLACES)).now_or_never();
        assert!(matches!(more, Some(Err(Error::Busy))), "{more:?}");
        // Whoever waited and went away leaves their place.
        waiting.pop();
        held.pop();
        assert!(poll!(&mut waiting[0]).is_ready());
    }

    #[tokio::test]
    async fn nobody_takes_the_places_of_others() {
        let turns = Turns::default();
        let first = turns.turn(person(1)).await.unwrap();
        let again = turns.turn(person(1)).now_or_never();
        assert!(
            matches!(
                again,
                Some(Err(Error::Conflict {
                    code: "previewing",
                    ..
                }))
            ),
            "{again:?}"
        );
        assert!(poll!(Box::pin(turns.turn(person(2)))).is_pending());
        drop(first);
        turns.turn(person(1)).await.unwrap();
    }
}

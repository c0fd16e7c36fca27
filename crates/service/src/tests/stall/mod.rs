//! The stall watch as a running thing.

mod answers;
mod clock;
mod ladder;
mod outside;
mod policies;

use super::{GO_LIVE, World, person};
use crate::{
    Error, Service,
    directory::{NewPolicy, NewService},
    stall::{NewAnswer, WatchReport},
};
use rideout_domain::{
    Actor, Entry, EntryBody, EntryId, Incident, IncidentId, IncidentRole, Severity, Timestamp,
    UserId,
    entry::{AnswerKind, EscalationStep, PromptTo},
    escalation::{Level, Policy, Target},
    room::watch::Prompt,
    stall::{Rule, Settings, Signal, ladder::Delays},
};

crate::statements! {
    /// As a node declares that knows nothing of the watch.
    FORGET = "UPDATE incidents SET look_at = NULL, looked_at = NULL WHERE id = $1";
    /// Breaks what is kept of an incident.
    BREAK = "UPDATE watches SET ladder = 'nonsense' WHERE incident_id = $1";
    /// Makes a timeline long.
    LENGTHEN = "UPDATE incidents SET last_seq = $2 WHERE id = $1";
    /// How SQLite finds what is due.
    PLAN = sqlite "EXPLAIN QUERY PLAN SELECT id FROM incidents WHERE look_at <= $1 ORDER BY look_at LIMIT $2" postgres "SELECT $1, $2";
    /// How it finds what was looked at in the future.
    PLAN_BACK = sqlite "EXPLAIN QUERY PLAN SELECT id FROM incidents WHERE look_at IS NOT NULL AND looked_at > $1 ORDER BY looked_at LIMIT $2" postgres "SELECT $1, $2";
    /// How it finds what nobody watches.
    PLAN_UNWATCHED = sqlite "EXPLAIN QUERY PLAN SELECT id FROM incidents WHERE look_at IS NULL AND resolved_at IS NULL ORDER BY number LIMIT $1" postgres "SELECT $1";
}

/// Worlds whose thresholds are those of these tests, whatever the defaults are.
async fn worlds() -> Vec<World> {
    let worlds = super::worlds().await;
    let settings = steady();
    for w in &worlds {
        let set = w.service.set_watch_policy(&w.commander, None, &settings);
        set.await.unwrap();
    }
    worlds
}

/// Silence of a quarter of an hour is enough to be asked.
pub(super) fn steady() -> Settings {
    let mut settings = Settings::default();
    let rules = settings.rules_mut(Severity::Sev2);
    rules.stalled_at = 6;
    for (signal, rule) in &mut rules.signals {
        *rule = Rule {
            on: true,
            minutes: 15,
            weight: match signal {
                Signal::Quiet | Signal::WaitOverrun => 6,
                _ => 2,
            },
        };
    }
    rules.ladder = Delays {
        answer: 10,
        second_opinion: 15,
        round: 15,
        again: 15,
        not_stuck: 30,
    };
    settings
}

fn minute(m: i64) -> Timestamp {
    GO_LIVE.plus_minutes(m)
}

/// Minutes after go-live, rounded down.
fn minutes(at: Timestamp) -> i64 {
    at.seconds_since(GO_LIVE).div_euclid(60)
}

impl World {
    /// Looks whenever a look is due, until so many minutes after go-live, as the
    /// engine does.
    async fn watch_until(&self, m: i64) -> WatchReport {
        watch_until(self, &self.service, m).await
    }

    /// An incident that somebody leads and works at.
    async fn led(&self) -> Incident {
        let incident = self.declared().await;
        self.role(&incident, IncidentRole::Commander, &self.commander)
            .await;
        self.say(&incident, EntryBody::Note, "We look at it.").await;
        incident
    }

    async fn role(&self, incident: &Incident, role: IncidentRole, who: &Actor) {
        let body = EntryBody::RoleTaken {
            role,
            user: who.id,
            from: None,
        };
        self.say(incident, body, "").await;
    }

    async fn say(&self, incident: &Incident, body: EntryBody, text: &str) -> Entry {
        let entry = self.entry(body, text);
        let appended = self.service.append(&self.responder, incident.id, entry);
        appended.await.unwrap().entry
    }

    async fn entries(&self, incident: &Incident) -> Vec<Entry> {
        let room = self.service.room_unchecked(incident.id).await.unwrap();
        room.room.entries.iter().map(|e| (**e).clone()).collect()
    }

    async fn prompts(&self, incident: &Incident) -> Vec<Prompt> {
        let room = self.service.room_unchecked(incident.id).await.unwrap();
        room.board.watch.prompts.clone()
    }

    /// The prompts: to whom, how many minutes after go-live.
    async fn asked(&self, incident: &Incident) -> Vec<(PromptTo, i64)> {
        let prompts = self.prompts(incident).await;
        prompts.iter().map(|p| (p.to, minutes(p.at))).collect()
    }

    /// The prompt that awaits an answer.
    async fn open_prompt(&self, incident: &Incident) -> Option<Prompt> {
        let room = self.service.room_unchecked(incident.id).await.unwrap();
        room.board.watch.open_prompt().cloned()
    }

    async fn answer(
        &self,
        incident: &Incident,
        prompt: EntryId,
        answer: AnswerKind,
    ) -> Result<crate::stall::Answered, Error> {
        let new = self.new_answer(answer);
        self.service
            .answer_prompt(&self.responder, incident.id, prompt, new)
            .await
    }

    fn new_answer(&self, answer: AnswerKind) -> NewAnswer {
        NewAnswer {
            id: EntryId(self.service.new_id()),
            answer,
            minutes: (answer == AnswerKind::StillOnIt).then_some(10),
            text: String::new(),
            waiting_on: String::new(),
            user: None,
        }
    }

    /// A policy of people, one a level, five minutes each, for everything.
    async fn default_policy(&self, people: &[&Actor]) {
        let levels = people
            .iter()
            .map(|who| Level {
                minutes: 5,
                targets: vec![Target::Person(who.id)],
            })
            .collect();
        let new = NewPolicy {
            description: String::new(),
            is_default: true,
            policy: Policy {
                name: "Everything".into(),
                repeats: 0,
                levels,
            },
        };
        let made = self.service.make_policy(&self.commander, None, &new);
        made.await.unwrap();
    }

    /// A registered service that somebody answers for.
    async fn owned(&self, name: &str, owner: Option<UserId>) -> rideout_domain::ServiceId {
        let new = NewService {
            name: name.into(),
            owner,
            ..NewService::default()
        };
        let made = self.service.make_service(&self.commander, None, &new);
        made.await.unwrap()
    }

    /// What the timeline says of escalations and pages, in short.
    async fn called(&self, incident: IncidentId) -> Vec<String> {
        let room = self.service.room_unchecked(incident).await.unwrap();
        let name = |id: &UserId| room.room.people[id].clone();
        let short = |body: &EntryBody| match body {
            EntryBody::Escalation { step, level, .. } => Some(match step {
                EscalationStep::Started => "started".to_owned(),
                EscalationStep::Level => format!("level {level}"),
                EscalationStep::Nobody => format!("nobody at {level}"),
                EscalationStep::Exhausted => "exhausted".to_owned(),
                EscalationStep::Ended => "ended".to_owned(),
            }),
            EntryBody::Paged { user, .. } => Some(format!("paged {}", name(user))),
            EntryBody::PageAcknowledged { user, .. } => Some(format!("{} came", name(user))),
            _ => None,
        };
        let entries = room.room.entries.iter();
        entries.filter_map(|e| short(&e.body)).collect()
    }
}

async fn watch_until(world: &World, service: &Service, m: i64) -> WatchReport {
    let until = minute(m);
    let mut sum = WatchReport::default();
    for _ in 0..10_000 {
        let next = service.watch_next().await.unwrap();
        let Some(next) = next.filter(|at| *at <= until) else {
            world.clock.set(until);
            return sum;
        };
        world.clock.set(next.max(service.now()));
        let report = service.watch_due(100).await.unwrap();
        service.run_escalations().await.unwrap();
        sum.looked += report.looked;
        sum.prompts += report.prompts;
        sum.failed += report.failed;
    }
    panic!("the watch does not come to rest");
}

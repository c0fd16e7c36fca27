//! Escalations, pages and messages.

mod confirm;
mod escalations;
mod links;
mod outbox;

use super::{World, worlds};
use crate::{
    Error, Service,
    page::{Beat, Claimed, NewEscalation, Reason, entry, escalate},
};
use rideout_domain::{
    Actor, EntryBody, EscalationId, Incident, IncidentId, RouteId, UserId,
    entry::EscalationStep,
    escalation::{Level, Policy, Target},
    outbox::Outcome,
};

crate::statements! {
    /// Adds a contact route.
    INSERT_ROUTE = "INSERT INTO contact_routes (id, user_id, channel, target, label, position, created_at, disabled_why, test_outcome) VALUES ($1, $2, $3, $4, '', $5, $6, '', '')";
    /// Takes away routes that came with the accounts.
    REMOVE_ROUTES = "DELETE FROM contact_routes";
    /// Adds a policy.
    INSERT_POLICY = "INSERT INTO escalation_policies (id, name, description, repeats, levels, is_default, created_at, changed_at) VALUES ($1, $2, '', $3, $4, 1, $5, $5)";
    /// Archives every policy.
    ARCHIVE_POLICIES = "UPDATE escalation_policies SET archived_at = 1, levels = '[]', name = 'gone'";
    /// Breaks the policy of an escalation.
    BREAK_POLICY = "UPDATE escalations SET policy = $2 WHERE id = $1";
    /// Sets quiet hours.
    INSERT_QUIET = "INSERT INTO quiet_hours (user_id, zone, from_minute, until_minute, loud_severity) VALUES ($1, 'UTC', $2, $3, $4)";
    /// How many messages are in a state.
    COUNT = "SELECT COUNT(*) AS n FROM messages WHERE state = $1";
    /// The state of an escalation.
    STATE = "SELECT state FROM escalations WHERE id = $1";
    /// The states of the pages of a person, oldest first.
    PAGES = "SELECT state FROM pages WHERE user_id = $1 ORDER BY id";
    /// Closes an account.
    DISABLE_USER = "UPDATE users SET disabled_at = 1 WHERE id = $1";
    /// Adds a schedule without layers.
    INSERT_SCHEDULE = "INSERT INTO schedules (id, name, zone, layers, created_at, changed_at) VALUES ($1, $2, 'UTC', '[]', $3, $3)";
    /// Lets somebody stand in.
    INSERT_OVERRIDE = "INSERT INTO schedule_overrides (id, schedule_id, user_id, from_at, until_at, source, created_by, created_at) VALUES ($1, $2, $3, $4, $5, 'person', $3, $4)";
    /// Adds a team.
    INSERT_TEAM = "INSERT INTO teams (id, name, description, created_at) VALUES ($1, $2, '', 1)";
    /// Adds somebody to a team.
    INSERT_MEMBER = "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)";
    /// How a route stands.
    ROUTE = "SELECT disabled_at, disabled_why, tested_at, test_outcome FROM contact_routes WHERE id = $1";
}

async fn run(service: &Service, sql: &'static crate::db::Sql, args: Vec<crate::db::Value>) {
    service
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(sql, &args).await?;
                Ok::<_, Error>(())
            })
        })
        .await
        .unwrap();
}

impl World {
    /// A world in which nobody can be reached yet.
    async fn quiet_worlds() -> Vec<Self> {
        let worlds = worlds().await;
        for w in &worlds {
            run(&w.service, &REMOVE_ROUTES, Vec::new()).await;
        }
        worlds
    }

    async fn route(&self, who: &Actor, channel: &str, position: i64) -> RouteId {
        let id = RouteId(self.service.new_id());
        let target = format!("{channel}-of-{}", who.name.to_lowercase());
        let now = self.service.now();
        let row = crate::args![id.0, who.id.0, channel, target, position, now.0];
        run(&self.service, &INSERT_ROUTE, row.to_vec()).await;
        id
    }

    /// Escalates in a transaction, as the stall watch does.
    async fn escalate(&self, incident: &Incident, policy: Policy) -> EscalationId {
        let (stamp, incident) = (self.service.stamp(), incident.clone());
        self.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let new = NewEscalation {
                        policy,
                        reason: Reason::new("Nobody answers."),
                        by: None,
                    };
                    let row = entry::hold(tx, incident.id).await?;
                    Ok::<_, Error>(escalate::start_escalation(tx, &stamp, row, new).await?.1.id)
                })
            })
            .await
            .unwrap()
    }

    async fn beat(&self, node: &str) {
        let beat = Beat {
            node: node.into(),
            started_at: self.service.now(),
            cycle: 1,
            took_micros: 1,
        };
        self.service.beat(&beat).await.unwrap();
    }

    async fn claim(&self) -> Vec<Claimed> {
        self.service.claim_due("node-1", None, 100).await.unwrap()
    }

    /// Claims what is due and lets every message come to the same.
    async fn send_all(&self, outcome: Outcome) -> Vec<String> {
        let mut to = Vec::new();
        for claimed in self.claim().await {
            to.push(claimed.target.clone());
            self.service
                .settle(&claimed, outcome.clone())
                .await
                .unwrap();
        }
        to
    }

    async fn count(&self, state: &str) -> i64 {
        let mut conn = self.service.db.reader().await.unwrap();
        let row = conn.fetch_one(&COUNT, &crate::args![state]).await.unwrap();
        row.int("n").unwrap()
    }

    async fn escalation_state(&self, id: EscalationId) -> String {
        let mut conn = self.service.db.reader().await.unwrap();
        let row = conn.fetch_one(&STATE, &crate::args![id.0]).await.unwrap();
        row.text("state").unwrap()
    }

    async fn page_states(&self, who: &Actor) -> Vec<String> {
        let mut conn = self.service.db.reader().await.unwrap();
        let rows = conn
            .fetch_all(&PAGES, &crate::args![who.id.0])
            .await
            .unwrap();
        rows.iter().map(|row| row.text("state").unwrap()).collect()
    }

    /// What the timeline says of escalations and pages, in short.
    async fn told(&self, incident: IncidentId) -> Vec<String> {
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
            EntryBody::PageFailed { user, .. } => Some(format!("{} not reached", name(user))),
            _ => None,
        };
        room.room
            .entries
            .iter()
            .filter_map(|e| short(&e.body))
            .collect()
    }
}

/// A policy of people, one a level, five minutes each.
fn policy(people: &[&Actor], repeats: u32) -> Policy {
    Policy {
        name: "Reservations".into(),
        repeats,
        levels: people
            .iter()
            .map(|who| Level {
                minutes: 5,
                targets: vec![Target::Person(who.id)],
            })
            .collect(),
    }
}

fn refused() -> Outcome {
    Outcome::Refused {
        permanent: true,
        why: "No such mailbox.".into(),
    }
}

fn later() -> Outcome {
    Outcome::TryAgain {
        after: None,
        why: "Not now.".into(),
    }
}

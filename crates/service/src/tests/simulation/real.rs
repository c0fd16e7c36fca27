//! The service itself, on SQLite.

use super::{
    Claim, Levels, Seen, SeenEscalation, SeenMessage, SeenPage, World, counted_id, policy,
    story::Story,
};
use crate::{
    Error, IdSource, Service, Settings, args,
    clock::{ManualClock, SeededIds},
    db::{Sql, Value},
    incident::NewIncident,
    page::{Beat, Claimed, Reason},
    test_support::{TestDb, sqlite},
};
use rideout_domain::{
    Actor, EntryBody, EntryId, IncidentId, NewEntry, PageId, PolicyId, Role, RouteId, Status,
    Timestamp, entry::EscalationStep, outbox::Outcome,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use uuid::Uuid;

crate::statements! {
    /// Takes away routes that came with the accounts.
    REMOVE_ROUTES = "DELETE FROM contact_routes";
    /// Adds a contact route.
    INSERT_ROUTE = "INSERT INTO contact_routes (id, user_id, channel, target, label, position, created_at, disabled_why, test_outcome) VALUES ($1, $2, 'ntfy', $3, '', $4, 1, '', '')";
    /// Adds a policy.
    INSERT_POLICY = "INSERT INTO escalation_policies (id, name, description, repeats, levels, is_default, created_at, changed_at) VALUES ($1, $2, '', $3, $4, 0, 1, 1)";
    /// Archives every policy.
    ARCHIVE_POLICIES = "UPDATE escalation_policies SET archived_at = 1, levels = '[]' WHERE archived_at IS NULL";
    /// The pages of a bundle.
    IN_BUNDLE = "SELECT page_id FROM messages WHERE bundled_into = $1 ORDER BY id";
    /// Whether somebody has a message in hand.
    HOLDS = "SELECT 1 AS yes FROM messages WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    /// When something is due last.
    LAST = "SELECT MAX(at) AS at FROM (SELECT next_at AS at FROM escalations UNION ALL SELECT due_at AS at FROM messages UNION ALL SELECT claim_until AS at FROM messages) AS all_times";
    /// What waits to be sent.
    PENDING = "SELECT id, attempts, due_at FROM messages WHERE due_at IS NOT NULL ORDER BY id";
    /// Every escalation.
    ESCALATIONS = "SELECT id, incident_id, state, level, round, next_at FROM escalations ORDER BY id";
    /// Every page.
    PAGES = "SELECT id, escalation_id, level, round, user_id, state FROM pages ORDER BY id";
    /// Every message.
    MESSAGES = "SELECT id, page_id, state, bundled_into FROM messages ORDER BY id";
}

/// Identifiers that sort in the order in which they were made, and jitter by a seed.
#[derive(Debug)]
struct Counted(AtomicU64, SeededIds);

impl IdSource for Counted {
    fn uuid(&self, now: Timestamp) -> Uuid {
        counted_id(now, self.0.fetch_add(1, Relaxed))
    }

    fn fill(&self, buffer: &mut [u8]) -> Result<(), getrandom::Error> {
        self.1.fill(buffer)
    }
}

/// A service, its database and its people.
pub(super) struct Real {
    service: Service,
    clock: Arc<ManualClock>,
    people: Vec<Actor>,
    /// Acts for everybody; whoever acts is in the room, and not called.
    hand: Option<Actor>,
    routes: Vec<RouteId>,
    incidents: Vec<IncidentId>,
    beats: BTreeMap<String, u64>,
    _db: TestDb,
}

impl Real {
    pub(super) async fn new(story: &Story) -> Self {
        let db = sqlite().await;
        let clock = Arc::new(ManualClock::new(super::super::GO_LIVE));
        let ids = Counted(AtomicU64::new(0), SeededIds::new(story.seed));
        let service = Service::with(
            (*db).clone(),
            Settings::default(),
            clock.clone(),
            Arc::new(ids),
        );
        let mut world = Self {
            service,
            clock,
            people: Vec::new(),
            hand: None,
            routes: Vec::new(),
            incidents: Vec::new(),
            beats: BTreeMap::new(),
            _db: db,
        };
        for number in 0..story.routes.len() {
            let role = if story.in_charge.contains(&number) {
                Role::Commander
            } else {
                Role::Responder
            };
            let name = format!("Person-{number}");
            world
                .people
                .push(super::super::person(&world.service, &name, role).await);
        }
        world.hand = Some(super::super::person(&world.service, "Hand", Role::Responder).await);
        world.run(&REMOVE_ROUTES, Vec::new()).await;
        for (number, routes) in story.routes.iter().enumerate() {
            let user = world.people[number].id.0;
            for (position, route) in routes.iter().enumerate() {
                // The first is the one of the account.
                let id = if position == 0 {
                    user
                } else {
                    world.service.new_id()
                };
                assert_eq!(*route, world.routes.len());
                world.routes.push(RouteId(id));
                let target = format!("route-{route}");
                let row = args![id, user, target, position as i64];
                world.run(&INSERT_ROUTE, row.to_vec()).await;
            }
        }
        world
    }

    fn hand(&self) -> &Actor {
        self.hand.as_ref().unwrap()
    }

    async fn run(&self, sql: &'static Sql, args: Vec<Value>) {
        let done = self.service.db.write(move |tx| {
            Box::pin(async move {
                tx.execute(sql, &args).await?;
                Ok::<_, Error>(())
            })
        });
        done.await.unwrap();
    }

    async fn rows(&self, sql: &Sql, args: &[Value]) -> Vec<crate::db::Row> {
        let mut conn = self.service.db.reader().await.unwrap();
        conn.fetch_all(sql, args).await.unwrap()
    }

    async fn seen(&self, claimed: Claimed) -> Claim<Claimed> {
        let pages = match claimed.page {
            Some(page) => vec![page.0.as_u128()],
            None => {
                let rows = self.rows(&IN_BUNDLE, &args![claimed.id.0]).await;
                let page = |row: &crate::db::Row| row.uuid("page_id").unwrap().as_u128();
                rows.iter().map(page).collect()
            }
        };
        let route = self.routes.iter().position(|known| *known == claimed.route);
        Claim {
            id: claimed.id.0.as_u128(),
            pages,
            route: route.unwrap(),
            refused: claimed.refused.clone(),
            raw: claimed,
        }
    }

    /// The last that the timeline tells of each escalation.
    async fn told(&self) -> BTreeMap<Uuid, String> {
        let mut last = BTreeMap::new();
        for incident in &self.incidents {
            let room = self.service.room_unchecked(*incident).await.unwrap();
            for entry in &room.room.entries {
                if let EntryBody::Escalation {
                    escalation, step, ..
                } = &entry.body
                {
                    let step = match step {
                        EscalationStep::Started => "started",
                        EscalationStep::Level => "level",
                        EscalationStep::Nobody => "nobody",
                        EscalationStep::Exhausted => "exhausted",
                        EscalationStep::Ended => "ended",
                    };
                    last.insert(escalation.0, step.to_owned());
                }
            }
        }
        last
    }
}

impl World for Real {
    type Raw = Claimed;

    fn set_clock(&mut self, now: Timestamp) {
        self.clock.set(now);
    }

    async fn escalate(&mut self, levels: &Levels, repeats: u32) {
        let new = NewIncident {
            title: "Reservations crawl and time out".into(),
            ..NewIncident::default()
        };
        let leader = &self.hand().clone();
        let incident = self.service.declare(leader, new).await.unwrap().id;
        self.incidents.push(incident);
        let id = self.service.new_id();
        let levels = policy(levels, repeats, |who| self.people[who].id).levels;
        let levels = serde_json::to_string(&levels).unwrap();
        let row = args![id, id.to_string(), repeats, levels];
        self.run(&INSERT_POLICY, row.to_vec()).await;
        let reason = Reason::new("Nobody answers.");
        let escalated = self
            .service
            .escalate(leader, incident, Some(PolicyId(id)), reason);
        assert!(escalated.await.unwrap().created);
    }

    async fn archive_policies(&mut self) {
        self.run(&ARCHIVE_POLICIES, Vec::new()).await;
    }

    async fn run_escalations(&mut self) {
        self.service.run_escalations().await.unwrap();
    }

    async fn claim(&mut self, node: &str, limit: usize) -> Vec<Claim<Claimed>> {
        let mut claims = Vec::new();
        for claimed in self.service.claim_due(node, None, limit).await.unwrap() {
            claims.push(self.seen(claimed).await);
        }
        claims
    }

    async fn wanted(&mut self, claim: &Claim<Claimed>) -> bool {
        self.service.still_wanted(&claim.raw).await.unwrap()
    }

    async fn settle(&mut self, claim: &Claim<Claimed>, outcome: Option<Outcome>) -> bool {
        let raw = &claim.raw;
        let row = args![raw.id.0, raw.node.as_str(), raw.attempts];
        let holds = !self.rows(&HOLDS, &row).await.is_empty();
        match outcome {
            Some(outcome) => self.service.settle(raw, outcome).await.unwrap(),
            None => self.service.drop_message(raw).await.unwrap(),
        }
        holds
    }

    async fn acknowledge(&mut self, page: u128) -> bool {
        let page = PageId(Uuid::from_u128(page));
        let done = self.service.acknowledge_page(self.hand(), page);
        done.await.unwrap()
    }

    async fn onward(&mut self, page: u128) {
        let page = PageId(Uuid::from_u128(page));
        match self.service.escalate_from_page(self.hand(), page).await {
            // It was called already, or it is over.
            Ok(()) | Err(Error::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn end(&mut self, incident: usize) {
        let resolved = NewEntry {
            id: EntryId(self.service.new_id()),
            body: EntryBody::Status {
                from: None,
                to: Status::Resolved,
            },
            text: "Over.".into(),
            occurred_at: None,
        };
        let incident = self.incidents[incident];
        let done = self.service.append(&self.people[0], incident, resolved);
        done.await.unwrap();
    }

    async fn beat(&mut self, node: &str) {
        let cycle = self.beats.entry(node.to_owned()).or_default();
        *cycle += 1;
        let beat = Beat {
            node: node.to_owned(),
            started_at: self.service.now(),
            cycle: *cycle,
            took_micros: 1,
        };
        self.service.beat(&beat).await.unwrap();
    }

    async fn set_back(&mut self) {
        self.service.clock_set_back().await.unwrap();
    }

    async fn next_due(&mut self) -> Option<Timestamp> {
        self.service.engine_waiting().await.unwrap().next_due
    }

    async fn last_due(&mut self) -> Option<Timestamp> {
        let rows = self.rows(&LAST, &[]).await;
        rows[0].opt_int("at").unwrap().map(Timestamp)
    }

    async fn pending(&mut self) -> Vec<(u128, u32, Timestamp)> {
        let rows = self.rows(&PENDING, &[]).await;
        let pending = |row: &crate::db::Row| {
            let id = row.uuid("id").unwrap().as_u128();
            let attempts = u32::try_from(row.int("attempts").unwrap()).unwrap();
            (id, attempts, Timestamp(row.int("due_at").unwrap()))
        };
        rows.iter().map(pending).collect()
    }

    async fn see(&mut self) -> Seen {
        let mut seen = Seen::default();
        let mut told = self.told().await;
        for row in self.rows(&ESCALATIONS, &[]).await {
            let (id, incident) = (row.uuid("id").unwrap(), row.uuid("incident_id").unwrap());
            let incident = self.incidents.iter().position(|known| known.0 == incident);
            seen.escalations.push(SeenEscalation {
                id: id.as_u128(),
                incident: incident.unwrap(),
                state: row.text("state").unwrap(),
                level: row.int("level").unwrap(),
                round: row.int("round").unwrap(),
                next_at: row.opt_int("next_at").unwrap(),
                last_told: told.remove(&id),
            });
        }
        for row in self.rows(&PAGES, &[]).await {
            let user = row.uuid("user_id").unwrap();
            let user = self.people.iter().position(|known| known.id.0 == user);
            seen.pages.push(SeenPage {
                id: row.uuid("id").unwrap().as_u128(),
                escalation: row
                    .opt_uuid("escalation_id")
                    .unwrap()
                    .map(|id| id.as_u128()),
                level: row.opt_int("level").unwrap(),
                round: row.int("round").unwrap(),
                user: user.unwrap(),
                state: row.text("state").unwrap(),
            });
        }
        for row in self.rows(&MESSAGES, &[]).await {
            seen.messages.push(SeenMessage {
                id: row.uuid("id").unwrap().as_u128(),
                page: row.opt_uuid("page_id").unwrap().map(|id| id.as_u128()),
                state: row.text("state").unwrap(),
                bundled_into: row.opt_uuid("bundled_into").unwrap().map(|id| id.as_u128()),
            });
        }
        seen
    }
}

//! The service on SQLite, with nodes of different clocks, and people.

use super::verdict::{Line, What};
use crate::{
    Error, Service, Settings,
    clock::{ManualClock, SeededIds},
    directory::NewPolicy,
    incident::NewIncident,
    oncall::{LayerDraft, NewSchedule},
    stall::NewAnswer,
    test_support::{TestDb, sqlite},
    tests::{GO_LIVE, person, simulation::Chance, stall::steady},
};
use rideout_domain::{
    Actor, EntryBody, EntryId, Incident, IncidentId, IncidentRole, NewEntry, Role, Status,
    Timestamp,
    entry::AnswerKind,
    escalation::{Level, Policy, Target},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

crate::statements! {
    /// How far each timeline goes.
    SEQS = "SELECT id, last_seq FROM incidents";
}

/// A database, its nodes and its people.
pub(super) struct World {
    begin: Timestamp,
    seed: u64,
    starts: u64,
    nodes: Vec<(Service, Arc<ManualClock>)>,
    /// The first leads, the second is the deputy, the others are called.
    people: Vec<Actor>,
    incidents: Vec<IncidentId>,
    /// When each entry was really written.
    written: HashMap<IncidentId, BTreeMap<i64, i64>>,
    db: TestDb,
}

impl World {
    pub(super) async fn new(chance: &mut Chance, nodes: usize) -> Self {
        let begin: Timestamp = match chance.one_of(3) {
            // Some hours before clocks go forward, and back.
            0 => "2010-03-27T20:00:00Z".parse().unwrap(),
            1 => "2010-10-30T20:00:00Z".parse().unwrap(),
            _ => GO_LIVE,
        };
        let mut world = Self {
            begin,
            seed: chance.seed(),
            starts: 0,
            nodes: Vec::new(),
            people: Vec::new(),
            incidents: Vec::new(),
            written: HashMap::new(),
            db: sqlite().await,
        };
        for _ in 0..nodes {
            let clock = Arc::new(ManualClock::new(begin));
            let service = world.fresh(&clock);
            world.nodes.push((service, clock));
        }
        let service = world.service(0);
        for number in 0..5 {
            let role = if number == 0 {
                Role::Commander
            } else {
                Role::Responder
            };
            let name = format!("Person-{number}");
            world.people.push(person(&service, &name, role).await);
        }
        let leader = world.people[0].clone();
        let steady = steady();
        let set = service.set_watch_policy(&leader, None, &steady);
        set.await.unwrap();
        if chance.permille(800) {
            world.make_policy(chance, &service, &leader).await;
        }
        world
    }

    /// A policy of a schedule, and of a person after it.
    async fn make_policy(&self, chance: &mut Chance, service: &Service, leader: &Actor) {
        let layer = LayerDraft {
            name: "Primary".into(),
            rotation: "daily".into(),
            starts_on: "2010-01-01".into(),
            // The hour that is missing in March and there twice in October.
            hand_over: "02:30".into(),
            people: vec![self.people[2].id, self.people[3].id],
            ..LayerDraft::default()
        };
        let new = NewSchedule {
            name: "Store app".into(),
            zone: "Europe/Berlin".into(),
            team: None,
            layers: vec![layer],
        };
        let schedule = service.make_schedule(leader, None, new).await.unwrap();
        let level = |target| Level {
            minutes: 5,
            targets: vec![target],
        };
        let levels = vec![
            level(Target::Schedule(schedule)),
            level(Target::Person(self.people[4].id)),
        ];
        let new = NewPolicy {
            description: String::new(),
            is_default: true,
            policy: Policy {
                name: "Everything".into(),
                repeats: u32::try_from(chance.one_of(2)).unwrap(),
                levels,
            },
        };
        service.make_policy(leader, None, &new).await.unwrap();
    }

    fn fresh(&mut self, clock: &Arc<ManualClock>) -> Service {
        self.starts += 1;
        let ids = SeededIds::new(self.seed.wrapping_add(self.starts));
        let clock = Arc::clone(clock);
        Service::with(
            (*self.db).clone(),
            Settings::default(),
            clock,
            Arc::new(ids),
        )
    }

    /// Starts a node anew: nothing is left in its memory.
    pub(super) fn start(&mut self, node: usize) {
        let clock = Arc::clone(&self.nodes[node].1);
        self.nodes[node].0 = self.fresh(&clock);
    }

    pub(super) fn service(&self, node: usize) -> Service {
        self.nodes[node].0.clone()
    }

    /// Sets a node's clock, in milliseconds from the begin of the story.
    pub(super) fn set_clock(&self, node: usize, shown: i64) {
        self.nodes[node]
            .1
            .set(Timestamp(self.begin.0 + shown * 1_000));
    }

    /// When something is due next, in the same.
    pub(super) async fn next_due(&self, node: usize) -> Option<i64> {
        let service = self.service(node);
        let look = service.watch_next().await.unwrap();
        let other = service.engine_waiting().await.unwrap().next_due;
        let due = [look, other].into_iter().flatten().min();
        due.map(|at| (at.0 - self.begin.0).div_euclid(1_000) + 1)
    }

    /// Notes when entries were really written.
    pub(super) async fn note(&mut self, now: i64) {
        let mut conn = self.db.reader().await.unwrap();
        for row in conn.fetch_all(&SEQS, &[]).await.unwrap() {
            let id = IncidentId(row.uuid("id").unwrap());
            let written = self.written.entry(id).or_default();
            let known = written.last_key_value().map_or(0, |(seq, _)| *seq);
            let last = row.int("last_seq").unwrap();
            written.extend((known + 1..=last).map(|seq| (seq, now)));
        }
    }

    pub(super) async fn declare(&mut self, chance: &mut Chance, node: usize) {
        let service = self.service(node);
        let new = NewIncident {
            title: "Reservations crawl and time out".into(),
            ..NewIncident::default()
        };
        let incident = service.declare(&self.people[0], new).await.unwrap();
        self.incidents.push(incident.id);
        for (number, role) in [IncidentRole::Commander, IncidentRole::Deputy]
            .into_iter()
            .enumerate()
        {
            if chance.permille(700) {
                let body = EntryBody::RoleTaken {
                    role,
                    user: self.people[number].id,
                    from: None,
                };
                self.write(&service, incident.id, body, "").await;
            }
        }
    }

    async fn write(&self, service: &Service, incident: IncidentId, body: EntryBody, text: &str) {
        let entry = NewEntry {
            id: EntryId(service.new_id()),
            body,
            text: text.into(),
            occurred_at: None,
        };
        let done = service.append(&self.people[0], incident, entry).await;
        done.unwrap();
    }

    /// Somebody writes, answers, comes, or ends it.
    pub(super) async fn act(&self, chance: &mut Chance, node: usize, incident: usize) {
        let service = self.service(node);
        let Some(id) = self.incidents.get(incident).copied() else {
            return;
        };
        let room = service.room_unchecked(id).await.unwrap();
        let is_open = Incident::is_open(&room.room.incident);
        let watch = &room.board.watch;
        match chance.one_of(8) {
            _ if !is_open => {}
            0 => {
                self.write(&service, id, EntryBody::Note, "It is slow.")
                    .await
            }
            1 => {
                let text = "8 of 32 threads are busy.";
                self.write(&service, id, EntryBody::Finding, text).await;
            }
            2..=5 => {
                let prompt = watch.open_prompt().map(|prompt| prompt.id);
                let page = watch.open_pages().next().map(|page| page.id);
                match (prompt, page) {
                    (_, Some(page)) if chance.permille(500) => {
                        let came = service.acknowledge_page(&self.people[4], page);
                        came.await.unwrap();
                    }
                    (Some(prompt), _) => self.answer(chance, &service, id, prompt).await,
                    _ => {}
                }
            }
            6 if chance.permille(300) => {
                let body = EntryBody::Status {
                    from: None,
                    to: Status::Resolved,
                };
                self.write(&service, id, body, "Over.").await;
            }
            _ => {}
        }
    }

    async fn answer(&self, chance: &mut Chance, service: &Service, id: IncidentId, to: EntryId) {
        let answer = match chance.one_of(6) {
            0..=2 => AnswerKind::StillOnIt,
            3 => AnswerKind::NotStuck,
            4 => AnswerKind::NeedHelp,
            _ => AnswerKind::Escalate,
        };
        let minutes = [5, 10, 15, 30][chance.one_of(4)];
        let new = NewAnswer {
            id: EntryId(service.new_id()),
            answer,
            minutes: (answer == AnswerKind::StillOnIt).then_some(minutes),
            text: String::new(),
            waiting_on: String::new(),
            user: (answer == AnswerKind::NeedHelp).then_some(self.people[3].id),
        };
        match service.answer_prompt(&self.people[0], id, to, new).await {
            // It is over, or was withdrawn meanwhile.
            Ok(_) | Err(Error::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// The timeline of each incident, as far as the verdict needs it.
    pub(super) async fn told(&self) -> Vec<Vec<Line>> {
        let mut all = Vec::new();
        for incident in &self.incidents {
            let room = self.service(0).room_unchecked(*incident).await.unwrap();
            let mut lines: Vec<(i64, What)> = Vec::new();
            for entry in &room.room.entries {
                let what = match &entry.body {
                    EntryBody::Prompt { to, .. } => What::Prompt(*to),
                    EntryBody::PromptWithdrawn { .. } => What::Withdrawn,
                    EntryBody::Answer { .. } => What::Answered,
                    EntryBody::Escalation { step, .. } => What::Escalation(*step),
                    EntryBody::Paged { page, level, .. } => What::Paged(*page, *level),
                    EntryBody::PageAcknowledged { page, .. } => What::Acknowledged(*page),
                    EntryBody::Status {
                        to: Status::Resolved,
                        ..
                    } => What::Over,
                    _ if entry.author.is_some() => What::Wrote,
                    _ => continue,
                };
                lines.push((entry.seq, what));
            }
            lines.sort_by_key(|(seq, _)| *seq);
            let written = &self.written[incident];
            let line = |(seq, what): (i64, What)| Line {
                at: written[&seq],
                what,
            };
            all.push(lines.into_iter().map(line).collect());
        }
        all
    }
}

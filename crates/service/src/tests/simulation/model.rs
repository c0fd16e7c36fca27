//! The world in memory: the domain's rules, and around them what the transactions
//! of `crate::page` do, one method for each.

use super::{
    Claim, Levels, Seen, SeenEscalation, SeenMessage, SeenPage, World, carrier, flaws::Flaw,
    policy, story::Story,
};
use crate::{IdSource as _, clock::SeededIds};
use rideout_domain::{
    Timestamp, UserId,
    escalation::{
        Target,
        run::{Due, Run},
    },
    outbox::{self, MessageState, Outcome, Purpose, Settled},
};
use std::collections::{BTreeMap, BTreeSet};

/// Seconds after which a node without a heartbeat is taken to be gone.
const DEAD: i64 = 30;
/// Seconds that no message is put off for.
const PUT_OFF_MAX: i64 = 20 * 60;

/// An incident and its only escalation.
struct Incident {
    run: Run,
    is_over: bool,
}

struct Page {
    id: u128,
    incident: usize,
    level: u32,
    round: u32,
    user: usize,
    state: &'static str,
}

struct Message {
    page: Option<usize>,
    route: usize,
    state: MessageState,
    attempts: u32,
    due_at: Timestamp,
    settled_at: Timestamp,
    claim: Option<(String, Timestamp)>,
    bundled_into: Option<u128>,
}

/// Everything there is.
pub(super) struct Model {
    now: Timestamp,
    count: u64,
    jitter: SeededIds,
    /// The routes of each person.
    routes: Vec<Vec<usize>>,
    disabled: BTreeSet<usize>,
    in_charge: Vec<usize>,
    incidents: Vec<Incident>,
    pages: Vec<Page>,
    /// By their identifiers, which sort by time.
    messages: BTreeMap<u128, Message>,
    /// Those that are pending or in hand.
    live: BTreeSet<u128>,
    /// The messages of each page.
    of_page: BTreeMap<usize, Vec<u128>>,
    /// The pages of each bundle.
    of_bundle: BTreeMap<u128, Vec<usize>>,
    /// When each route took a message.
    taken: BTreeMap<usize, Vec<Timestamp>>,
    heard: BTreeMap<String, Timestamp>,
    flaw: Option<Flaw>,
}

impl Model {
    pub(super) fn flawed(story: &Story, flaw: Flaw) -> Self {
        Self {
            flaw: Some(flaw),
            ..Self::new(story)
        }
    }

    pub(super) fn new(story: &Story) -> Self {
        Self {
            flaw: None,
            now: Timestamp(0),
            count: 0,
            jitter: SeededIds::new(story.seed),
            routes: story.routes.clone(),
            disabled: BTreeSet::new(),
            in_charge: story.in_charge.clone(),
            incidents: Vec::new(),
            pages: Vec::new(),
            messages: BTreeMap::new(),
            live: BTreeSet::new(),
            of_page: BTreeMap::new(),
            of_bundle: BTreeMap::new(),
            taken: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// When something is due.
    fn times(&self) -> impl Iterator<Item = Timestamp> {
        let steps = self.incidents.iter().filter_map(|one| one.run.next_at);
        let messages = self.live.iter().map(|id| {
            let message = &self.messages[id];
            let claim = message.claim.as_ref();
            claim.map_or(message.due_at, |(_, until)| *until)
        });
        steps.chain(messages)
    }

    fn new_id(&mut self) -> u128 {
        self.count += 1;
        super::counted_id(self.now, self.count).as_u128()
    }

    /// The routes in use; the one of the account when there is none else.
    fn routes_of(&self, user: usize) -> Vec<usize> {
        let all = &self.routes[user];
        let in_use = |route: &&usize| !self.disabled.contains(*route);
        let usable: Vec<usize> = all.iter().filter(in_use).copied().collect();
        if usable.is_empty() {
            vec![all[0]]
        } else {
            usable
        }
    }

    fn is_last_resort(&self, route: usize) -> bool {
        self.routes.iter().any(|all| all[0] == route)
    }

    fn put(&mut self, id: u128, message: Message) {
        if message.state.is_settled() {
            self.live.remove(&id);
        } else {
            self.live.insert(id);
        }
        self.messages.insert(id, message);
    }

    /// Takes a message from one state to the next, if it is in the first.
    fn become_(&mut self, id: u128, from: MessageState, to: MessageState) -> bool {
        let Some(message) = self.messages.get_mut(&id) else {
            return false;
        };
        if message.state != from {
            return false;
        }
        assert!(from.may_become(to), "a message goes from {from} to {to}");
        message.state = to;
        message.claim = None;
        message.settled_at = self.now;
        if to.is_settled() {
            self.live.remove(&id);
        }
        true
    }

    fn advance(&mut self, incident: usize) {
        let now = self.now;
        while let Some(due) = self.incidents[incident].run.due(now) {
            let (people, step) = match due {
                Due::Level {
                    level,
                    round,
                    targets,
                } => {
                    let person = |target: &Target| match target {
                        Target::Person(UserId(id)) => usize::try_from(id.as_u128()).expect("small"),
                        other => panic!("nobody made {other}"),
                    };
                    (targets.iter().map(person).collect(), (level, round))
                }
                Due::Exhausted => {
                    let run = &self.incidents[incident].run;
                    (self.in_charge.clone(), (run.level + 1, run.round))
                }
            };
            let people: Vec<usize> = people;
            self.incidents[incident].run.step(now, people.len());
            let some = match self.flaw {
                Some(Flaw::CallsTheFirstOnly) => 1,
                _ => people.len(),
            };
            for user in people.into_iter().take(some) {
                self.page(incident, step, user);
            }
            if self.flaw == Some(Flaw::StopsAfterTheFirst) {
                self.incidents[incident].run.end();
            }
        }
    }

    fn page(&mut self, incident: usize, (level, round): (u32, u32), user: usize) {
        let known = self.pages.iter().any(|page| {
            (page.incident, page.level, page.round, page.user) == (incident, level, round, user)
        });
        if known {
            return;
        }
        let (number, id) = (self.pages.len(), self.new_id());
        self.pages.push(Page {
            id,
            incident,
            level,
            round,
            user,
            state: "open",
        });
        for (index, route) in self.routes_of(user).into_iter().enumerate() {
            let id = self.new_id();
            let message = Message {
                page: Some(number),
                route,
                state: MessageState::Pending,
                attempts: 0,
                due_at: outbox::route_due(self.now, index, None),
                settled_at: self.now,
                claim: None,
                bundled_into: None,
            };
            self.put(id, message);
            self.of_page.entry(number).or_default().push(id);
        }
    }

    fn find(&self, page: u128) -> usize {
        let found = self.pages.iter().position(|known| known.id == page);
        found.expect("a page that somebody was told of")
    }

    fn cancel(&mut self, pages: impl IntoIterator<Item = usize>) {
        for page in pages {
            for id in self.of_page.get(&page).cloned().unwrap_or_default() {
                self.become_(id, MessageState::Pending, MessageState::Cancelled);
            }
        }
    }

    /// Pages of an incident need no answer any more.
    fn end_pages(&mut self, incident: usize) {
        let of_it = |(_, page): &(usize, &Page)| page.incident == incident;
        let all = self.pages.iter().enumerate().filter(of_it);
        let all: Vec<usize> = all.map(|(at, _)| at).collect();
        for page in &all {
            if self.pages[*page].state == "open" {
                self.pages[*page].state = "ended";
            }
        }
        self.cancel(all);
    }

    fn is_open(&self, id: u128) -> bool {
        let open = |page: &usize| self.pages[*page].state == "open";
        match self.messages[&id].page {
            Some(page) => open(&page),
            None => self.of_bundle[&id].iter().any(open),
        }
    }

    /// What it came to without being sent.
    fn refused(&self, message: &Message) -> Option<Outcome> {
        let tried = message.attempts >= outbox::ATTEMPTS_MAX;
        let disabled =
            self.disabled.contains(&message.route) && !self.is_last_resort(message.route);
        (tried || disabled).then(|| Outcome::Refused {
            permanent: true,
            why: "It cannot be sent.".into(),
        })
    }

    fn claim_one(&mut self, node: &str, id: u128) -> Claim<(String, u32)> {
        let refused = self.refused(&self.messages[&id]);
        let until = self.now.plus_seconds(outbox::CLAIM_SECONDS);
        let message = self.messages.get_mut(&id).expect("a message that is due");
        assert!(message.state.may_become(MessageState::Sending));
        message.state = MessageState::Sending;
        message.attempts += 1;
        message.claim = Some((node.to_owned(), until));
        let pages = match message.page {
            Some(page) => vec![page],
            None => self.of_bundle[&id].clone(),
        };
        Claim {
            id,
            pages: pages.into_iter().map(|page| self.pages[page].id).collect(),
            route: message.route,
            refused,
            raw: (node.to_owned(), message.attempts),
        }
    }

    fn claim_route(
        &mut self,
        node: &str,
        due: Vec<u128>,
        room: usize,
    ) -> Vec<Claim<(String, u32)>> {
        let now = self.now;
        let route = self.messages[&due[0]].route;
        let since = now.plus_seconds(-outbox::THROTTLE_SPAN);
        let taken = self.taken.entry(route).or_default().iter();
        let mut sent: Vec<Timestamp> = taken.filter(|at| **at > since).copied().collect();
        let in_hand = |id: &&u128| {
            let message = &self.messages[*id];
            message.route == route && message.state == MessageState::Sending
        };
        sent.extend(self.live.iter().filter(in_hand).map(|_| now));
        let (pages, others): (Vec<u128>, Vec<u128>) = due.into_iter().partition(|id| {
            let message = &self.messages[id];
            message.page.is_some() && self.refused(message).is_none()
        });
        let mut claimed = Vec::new();
        for id in others.into_iter().take(room) {
            claimed.push(self.claim_one(node, id));
        }
        let (tried, fresh): (Vec<u128>, Vec<u128>) = pages
            .into_iter()
            .partition(|id| self.messages[id].attempts > 0);
        let storm = fresh.len() >= outbox::BUNDLE_FROM;
        let first = usize::from(sent.is_empty() && tried.is_empty());
        let alone = if storm { first } else { fresh.len() };
        let rest = fresh[alone..].to_vec();
        for id in tried.into_iter().chain(fresh.into_iter().take(alone)) {
            let at = outbox::throttle(&sent, now);
            if at > now {
                let more = i64::from(self.flaw == Some(Flaw::PutsOffForLong));
                self.put_off(id, at.plus_minutes(60 * more));
            } else if claimed.len() < room {
                claimed.push(self.claim_one(node, id));
                sent.push(now);
            }
        }
        if rest.is_empty() || claimed.len() >= room {
            return claimed;
        }
        let at = outbox::throttle(&sent, now);
        if at > now {
            for id in rest {
                self.put_off(id, at);
            }
        } else {
            claimed.push(self.bundle(node, route, &rest[..rest.len().min(outbox::BUNDLE_MAX)]));
        }
        claimed
    }

    fn put_off(&mut self, id: u128, at: Timestamp) {
        self.messages.get_mut(&id).expect("it is due").due_at = at;
    }

    fn bundle(&mut self, node: &str, route: usize, parts: &[u128]) -> Claim<(String, u32)> {
        let id = self.new_id();
        let bundle = Message {
            page: None,
            route,
            state: MessageState::Pending,
            attempts: 0,
            due_at: self.now,
            settled_at: self.now,
            claim: None,
            bundled_into: None,
        };
        self.put(id, bundle);
        for part in parts {
            self.become_(*part, MessageState::Pending, MessageState::Bundled);
            let part = self.messages.get_mut(part).expect("it is due");
            part.bundled_into = Some(id);
            let page = part.page.expect("only pages are bundled");
            self.of_bundle.entry(id).or_default().push(page);
        }
        self.claim_one(node, id)
    }

    fn holds(&self, claim: &Claim<(String, u32)>) -> bool {
        let message = &self.messages[&claim.id];
        let by = message.claim.as_ref().map(|(node, _)| node);
        by == Some(&claim.raw.0) && message.attempts == claim.raw.1
    }

    /// The next route of a page that was not used yet is used now.
    fn bring_forward(&mut self, page: usize) {
        let now = self.now;
        let unused = self.of_page[&page].iter().filter_map(|id| {
            let one = &self.messages[id];
            (one.state == MessageState::Pending && one.attempts == 0).then_some((one.due_at, *id))
        });
        if let Some((at, id)) = unused.min() {
            self.put_off(id, at.min(now));
        }
    }

    fn after_failure(&mut self, page: usize) {
        if self.pages[page].state != "open" {
            return;
        }
        let hope = self.of_page[&page].iter().any(|id| {
            let message = &self.messages[&carrier(*id, self.messages[id].bundled_into)];
            matches!(
                message.state,
                MessageState::Pending | MessageState::Sending | MessageState::Sent
            )
        });
        if hope {
            return self.bring_forward(page);
        }
        self.pages[page].state = "failed";
        let incident = self.pages[page].incident;
        let run = &mut self.incidents[incident].run;
        let open = |page: &Page| {
            (page.incident, page.level, page.round) == (incident, run.level, run.round)
                && page.state == "open"
        };
        if !self.pages.iter().any(open) {
            run.nobody_reached(self.now);
            self.advance(incident);
        }
    }

    fn written_down(&mut self, claim: &Claim<(String, u32)>, settled: Settled) {
        let (id, route) = (claim.id, claim.route);
        match settled {
            Settled::Sent if self.flaw == Some(Flaw::ForgetsThatItWasSent) => {
                self.become_(id, MessageState::Sending, MessageState::Pending);
            }
            Settled::Sent => {
                self.become_(id, MessageState::Sending, MessageState::Sent);
                self.taken.entry(route).or_default().push(self.now);
            }
            Settled::Again { due_at, .. } => {
                self.become_(id, MessageState::Sending, MessageState::Pending);
                self.put_off(id, due_at);
                if let Some(page) = self.messages[&id].page {
                    self.bring_forward(page);
                }
            }
            Settled::Failed { disable, .. } => {
                self.become_(id, MessageState::Sending, MessageState::Failed);
                if disable {
                    self.disabled.insert(route);
                }
                let mut pages: Vec<usize> =
                    claim.pages.iter().map(|page| self.find(*page)).collect();
                pages.sort_by_key(|page| self.pages[*page].incident);
                for page in pages {
                    self.after_failure(page);
                }
            }
        }
    }
}

impl World for Model {
    type Raw = (String, u32);

    fn set_clock(&mut self, now: Timestamp) {
        self.now = now;
    }

    async fn escalate(&mut self, levels: &Levels, repeats: u32) {
        let policy = policy(levels, repeats, |who| {
            UserId(uuid::Uuid::from_u128(who as u128))
        });
        let run = Run::start(policy, self.now);
        self.incidents.push(Incident {
            run,
            is_over: false,
        });
        self.advance(self.incidents.len() - 1);
    }

    // An escalation has a copy of its policy.
    async fn archive_policies(&mut self) {}

    async fn run_escalations(&mut self) {
        for incident in 0..self.incidents.len() {
            self.advance(incident);
        }
    }

    async fn claim(&mut self, node: &str, limit: usize) -> Vec<Claim<Self::Raw>> {
        let now = self.now;
        let alive = |name: &str| {
            let heard = self.heard.get(name);
            heard.is_some_and(|at| *at > now.plus_seconds(-DEAD))
        };
        let left_behind = self.live.iter().filter(|id| {
            let claim = self.messages[*id].claim.as_ref();
            claim.is_some_and(|(by, until)| by != node && (*until <= now || !alive(by)))
                && self.flaw != Some(Flaw::LeavesBehind)
        });
        for id in left_behind.copied().collect::<Vec<u128>>() {
            self.become_(id, MessageState::Sending, MessageState::Pending);
            self.put_off(id, now);
        }
        let due = self.live.iter().filter_map(|id| {
            let one = &self.messages[id];
            let due = one.state == MessageState::Pending && one.due_at <= now;
            due.then_some((one.due_at, *id))
        });
        let due: BTreeSet<(Timestamp, u128)> = due.collect();
        let mut routes: Vec<(usize, Vec<u128>)> = Vec::new();
        for (_, id) in due {
            if !self.is_open(id) {
                self.become_(id, MessageState::Pending, MessageState::Cancelled);
                continue;
            }
            let route = self.messages[&id].route;
            match routes.iter_mut().find(|(known, _)| *known == route) {
                Some((_, waiting)) => waiting.push(id),
                None => routes.push((route, vec![id])),
            }
        }
        let mut claimed = Vec::new();
        for (_, waiting) in routes {
            let room = limit - claimed.len();
            if room > 0 {
                claimed.extend(self.claim_route(node, waiting, room));
            }
        }
        claimed
    }

    async fn wanted(&mut self, claim: &Claim<Self::Raw>) -> bool {
        self.flaw == Some(Flaw::SendsUnasked) || (self.holds(claim) && self.is_open(claim.id))
    }

    async fn settle(&mut self, claim: &Claim<Self::Raw>, outcome: Option<Outcome>) -> bool {
        let holds = self.holds(claim);
        let Some(outcome) = outcome else {
            if holds {
                self.become_(claim.id, MessageState::Sending, MessageState::Cancelled);
            }
            return holds;
        };
        let mut bytes = [0; 2];
        self.jitter.fill(&mut bytes).expect("numbers");
        let jitter = u32::from(u16::from_le_bytes(bytes)) % 1_000;
        let purpose = match self.messages[&claim.id].page {
            Some(_) => Purpose::Page,
            None => Purpose::Bundle,
        };
        if holds {
            let settled = outbox::settle(outcome, purpose, claim.raw.1, self.now, jitter);
            self.written_down(claim, settled);
        }
        holds
    }

    async fn acknowledge(&mut self, page: u128) -> bool {
        let page = self.find(page);
        if !matches!(self.pages[page].state, "open" | "failed") {
            return false;
        }
        self.pages[page].state = "acknowledged";
        self.cancel([page]);
        let incident = self.pages[page].incident;
        if self.incidents[incident].run.acknowledge() {
            self.end_pages(incident);
        }
        true
    }

    async fn onward(&mut self, page: u128) {
        let page = &self.pages[self.find(page)];
        let incident = page.incident;
        let Incident { run, is_over } = &mut self.incidents[incident];
        let present = (run.level, run.round) == (page.level, page.round);
        if !*is_over && present && run.escalate(self.now).is_ok() {
            self.advance(incident);
        }
    }

    async fn end(&mut self, incident: usize) {
        self.incidents[incident].is_over = true;
        self.incidents[incident].run.end();
        self.end_pages(incident);
    }

    async fn beat(&mut self, node: &str) {
        self.heard.insert(node.to_owned(), self.now);
    }

    async fn set_back(&mut self) {
        let now = self.now;
        for incident in &mut self.incidents {
            incident.run.set_back(now);
        }
        for id in &self.live {
            let message = self.messages.get_mut(id).expect("it lives");
            let until = now.plus_seconds(outbox::CLAIM_SECONDS);
            match &mut message.claim {
                Some(claim) => claim.1 = claim.1.min(until),
                None if message.due_at > now.plus_seconds(PUT_OFF_MAX) => message.due_at = now,
                None => {}
            }
        }
    }

    async fn next_due(&mut self) -> Option<Timestamp> {
        self.times().min()
    }

    async fn last_due(&mut self) -> Option<Timestamp> {
        self.times().max()
    }

    async fn pending(&mut self) -> Vec<(u128, u32, Timestamp)> {
        let live = self.live.iter().map(|id| (*id, &self.messages[id]));
        let pending = live.filter(|(_, one)| one.state == MessageState::Pending);
        let told = pending.map(|(id, one)| (id, one.attempts, one.due_at));
        told.collect()
    }

    async fn see(&mut self) -> Seen {
        let escalations = self
            .incidents
            .iter()
            .enumerate()
            .map(|(incident, one)| SeenEscalation {
                id: incident as u128,
                incident,
                state: one.run.state.word().to_owned(),
                level: i64::from(one.run.level),
                round: i64::from(one.run.round),
                next_at: one.run.next_at.map(|at| at.0),
                last_told: None,
            });
        let pages = self.pages.iter().map(|page| SeenPage {
            id: page.id,
            escalation: Some(page.incident as u128),
            level: Some(i64::from(page.level)),
            round: i64::from(page.round),
            user: page.user,
            state: page.state.to_owned(),
        });
        let messages = self.messages.iter().map(|(id, message)| SeenMessage {
            id: *id,
            page: message.page.map(|page| self.pages[page].id),
            state: message.state.word().to_owned(),
            bundled_into: message.bundled_into,
        });
        Seen {
            escalations: escalations.collect(),
            pages: pages.collect(),
            messages: messages.collect(),
        }
    }
}

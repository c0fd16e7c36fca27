//! The world in memory: the domain's rules, and around them what the transactions
//! of `crate::page` do, one method for each.

mod send;
mod world;

use super::{flaws::Flaw, story::Story};
use crate::clock::SeededIds;
use rideout_domain::{
    Timestamp, UserId,
    escalation::{
        Target,
        run::{Due, Run},
    },
    outbox::{self, MessageState},
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
                Some(Flaw::CallsNobody) => 0,
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
}

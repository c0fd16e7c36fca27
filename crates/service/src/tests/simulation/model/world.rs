//! The model as a world: one method for each transaction.

use super::{DEAD, Incident, Model, PUT_OFF_MAX};
use crate::{
    IdSource as _,
    tests::simulation::{
        Claim, Levels, Seen, SeenEscalation, SeenMessage, SeenPage, World, flaws::Flaw, policy,
    },
};
use rideout_domain::{
    Timestamp, UserId,
    escalation::run::Run,
    outbox::{self, MessageState, Outcome, Purpose},
};
use std::collections::BTreeSet;

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
        let goes_on = self.flaw == Some(Flaw::GoesOnAfterSomebodyCame);
        if !goes_on && self.incidents[incident].run.acknowledge() {
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

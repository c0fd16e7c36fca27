//! How the model takes messages in hand and writes down what they came to.

use super::{Message, Model, Page};
use crate::tests::simulation::{Claim, carrier, flaws::Flaw};
use rideout_domain::{
    Timestamp,
    outbox::{self, MessageState, Outcome, Settled},
};

impl Model {
    /// What it came to without being sent.
    pub(super) fn refused(&self, message: &Message) -> Option<Outcome> {
        let tried = message.attempts >= outbox::ATTEMPTS_MAX;
        let disabled =
            self.disabled.contains(&message.route) && !self.is_last_resort(message.route);
        (tried || disabled).then(|| Outcome::Refused {
            permanent: true,
            why: "It cannot be sent.".into(),
        })
    }

    pub(super) fn claim_one(&mut self, node: &str, id: u128) -> Claim<(String, u32)> {
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

    pub(super) fn claim_route(
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

    pub(super) fn put_off(&mut self, id: u128, at: Timestamp) {
        self.messages.get_mut(&id).expect("it is due").due_at = at;
    }

    pub(super) fn bundle(
        &mut self,
        node: &str,
        route: usize,
        parts: &[u128],
    ) -> Claim<(String, u32)> {
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

    pub(super) fn holds(&self, claim: &Claim<(String, u32)>) -> bool {
        let message = &self.messages[&claim.id];
        let by = message.claim.as_ref().map(|(node, _)| node);
        by == Some(&claim.raw.0) && message.attempts == claim.raw.1
    }

    /// The next route of a page that was not used yet is used now.
    pub(super) fn bring_forward(&mut self, page: usize) {
        let now = self.now;
        let unused = self.of_page[&page].iter().filter_map(|id| {
            let one = &self.messages[id];
            (one.state == MessageState::Pending && one.attempts == 0).then_some((one.due_at, *id))
        });
        if let Some((at, id)) = unused.min() {
            self.put_off(id, at.min(now));
        }
    }

    pub(super) fn after_failure(&mut self, page: usize) {
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

    pub(super) fn written_down(&mut self, claim: &Claim<(String, u32)>, settled: Settled) {
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
                let page = self.messages[&id].page;
                if self.flaw == Some(Flaw::TriesAgainAsAnother) {
                    self.rename(id);
                }
                if let Some(page) = page {
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

    /// Gives a message that waits another identifier, which nobody may.
    fn rename(&mut self, id: u128) {
        let Some(page) = self.messages[&id].page else {
            return;
        };
        let (message, other) = (self.messages.remove(&id), self.new_id());
        let message = message.expect("it is there");
        self.live.remove(&id);
        self.put(other, message);
        let of_page = self.of_page.get_mut(&page).expect("it had one");
        of_page.retain(|known| *known != id);
        of_page.push(other);
    }
}

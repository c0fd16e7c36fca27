//! A node: looks at what is due, takes messages in hand, sends them, breaks down.

use super::{Event, GO_LIVE, Run};
use crate::tests::simulation::{
    Claim, World,
    story::{MINUTE, Receiver, SECOND},
    told::Delivery,
};
use rideout_domain::outbox::Outcome;

/// The longest a channel waits for an answer.
const LIMIT: i64 = 30 * SECOND;
/// A node looks at its clock at least this often.
const PAUSE: i64 = 5 * SECOND;
/// Time between two heartbeats.
const BEAT: i64 = 2 * SECOND;
/// Messages a node has in hand at a time; fewer than it is, so that storms meet it.
const IN_HAND: usize = 16;

impl<W: World> Run<W> {
    pub(super) fn look_at(&mut self, node: usize, at: i64) {
        let known = &mut self.nodes[node];
        if known.life == 0 || known.planned.is_some_and(|planned| planned <= at) {
            return;
        }
        known.planned = Some(at);
        let life = known.life;
        self.plan(at, Event::Cycle(node, life));
    }

    /// Whether the node breaks down here.
    pub(super) fn breaks(&mut self, node: usize) -> bool {
        let breaks = !self.calm && self.chance.permille(self.story.crash);
        if breaks {
            self.crash(node);
        }
        breaks
    }

    pub(super) fn crash(&mut self, node: usize) {
        if self.nodes[node].life == 0 {
            return;
        }
        self.nodes[node].life = 0;
        self.nodes[node].planned = None;
        self.told.crashes += 1;
        let at = self.now + self.chance.among(SECOND, 3 * MINUTE);
        self.say(|| format!("node {node} crashes"));
        self.plan(at, Event::Restart(node));
    }

    pub(super) async fn restart(&mut self, node: usize) {
        let known = &mut self.nodes[node];
        known.lives += 1;
        known.life = known.lives;
        known.name = format!("node-{node}-{}", known.lives);
        known.sending = 0;
        known.beat = None;
        known.clocks = None;
        self.look_at(node, self.now + 1);
    }

    /// One cycle of the engine.
    pub(super) async fn cycle(&mut self, node: usize) {
        self.nodes[node].planned = None;
        let name = self.nodes[node].name.clone();
        let clocks = (self.now, self.now + self.offset);
        let set_back = self.nodes[node]
            .clocks
            .is_none_or(|(real, shown)| clocks.1 - shown < clocks.0 - real - 30 * SECOND);
        self.nodes[node].clocks = Some(clocks);
        if set_back {
            self.world.set_back().await;
        }
        if self.nodes[node].beat.is_none_or(|at| self.now - at >= BEAT) {
            self.world.beat(&name).await;
            self.nodes[node].beat = Some(self.now);
            if self.breaks(node) {
                return;
            }
        }
        // Steps are taken, and messages taken in hand, beside each other.
        let steps_first = self.chance.permille(500);
        if steps_first {
            self.world.run_escalations().await;
            if self.breaks(node) {
                return;
            }
        }
        let free = IN_HAND - self.nodes[node].sending;
        let claimed = if free > 0 {
            self.world.claim(&name, free).await
        } else {
            Vec::new()
        };
        if self.breaks(node) {
            return;
        }
        if !steps_first {
            self.world.run_escalations().await;
            if self.breaks(node) {
                return;
            }
        }
        let life = self.nodes[node].life;
        for claim in claimed {
            self.nodes[node].sending += 1;
            // It may sleep for longer than a claim lasts.
            let sleeps = !self.calm && self.chance.permille(self.story.sleeps);
            let after = if sleeps {
                self.chance.among(MINUTE, 150 * SECOND)
            } else {
                self.chance.among(0, SECOND)
            };
            let at = self.now + after;
            self.plan(at, Event::Send(node, life, claim));
        }
        self.look_for_what_waits_too_long().await;
        if let Some(due) = self.world.next_due().await {
            let wait = (due.0 / 1_000 + 1 - (GO_LIVE + self.now + self.offset)).max(500);
            // While something is in somebody's hand, heartbeats count; and a clock
            // that jumps must be noticed.
            let wait = if wait > PAUSE && self.is_idle() {
                wait
            } else {
                wait.min(PAUSE)
            };
            self.look_at(node, self.now + wait);
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.nodes.iter().all(|node| node.sending == 0)
    }

    pub(super) async fn send(&mut self, node: usize, claim: Claim<W::Raw>) {
        if let Some(refused) = claim.refused.clone() {
            return self.answer(node, claim, refused, None).await;
        }
        if !self.world.wanted(&claim).await {
            self.world.settle(&claim, None).await;
            self.finished(node).await;
            return;
        }
        if self.breaks(node) {
            return;
        }
        let sending = (self.now, claim.id, claim.route, claim.pages.clone());
        self.told.sendings.push(sending);
        let again = |why: &str| Outcome::TryAgain {
            after: None,
            why: why.into(),
        };
        let (takes, wait, outcome) = match self.receivers[claim.route] {
            Receiver::Takes(wait) => (true, wait, Outcome::Delivered),
            Receiver::Deaf => (true, LIMIT, again("no answer")),
            Receiver::Dead => (false, LIMIT, again("no answer")),
            Receiver::Busy => (false, 100, again("busy")),
            Receiver::Refuses => {
                let why = "no".into();
                let permanent = true;
                (false, 100, Outcome::Refused { permanent, why })
            }
            Receiver::Gone => (false, 100, Outcome::Gone),
        };
        let life = self.nodes[node].life;
        // Broken down after the receiver took it, nobody writes that down.
        let lost = takes && self.breaks(node);
        if takes {
            self.say(|| format!("message {:x} reaches route {}", claim.id, claim.route));
            self.told.deliveries.push(Delivery {
                message: claim.id,
                at: self.now,
                may_repeat: lost || outcome != Outcome::Delivered,
            });
            self.react(&claim.pages);
        }
        if !lost {
            let arrived = takes.then(|| self.told.deliveries.len() - 1);
            let answer = Event::Answer(node, life, claim, outcome, arrived);
            self.plan(self.now + wait, answer);
        }
    }

    /// Whoever is reached may come, at once or later.
    pub(super) fn react(&mut self, pages: &[u128]) {
        if self.calm {
            return;
        }
        for page in pages {
            if self.chance.permille(self.story.comes) {
                let at = self.now + self.chance.among(0, 20 * MINUTE);
                self.plan(at, Event::Comes(*page));
            } else if self.chance.permille(60) {
                let at = self.now + self.chance.among(0, 10 * MINUTE);
                self.plan(at, Event::Onward(*page));
            }
        }
    }

    pub(super) async fn answer(
        &mut self,
        node: usize,
        claim: Claim<W::Raw>,
        outcome: Outcome,
        arrived: Option<usize>,
    ) {
        // Before it is written down.
        if self.breaks(node) {
            return self.may_repeat(arrived);
        }
        if !self.world.settle(&claim, Some(outcome)).await {
            // It took so long that somebody else has it.
            self.may_repeat(arrived);
        }
        if self.breaks(node) {
            return;
        }
        self.finished(node).await;
    }

    pub(super) fn may_repeat(&mut self, arrived: Option<usize>) {
        if let Some(arrived) = arrived {
            self.told.deliveries[arrived].may_repeat = true;
        }
    }

    pub(super) async fn finished(&mut self, node: usize) {
        let known = &mut self.nodes[node];
        known.sending = known.sending.saturating_sub(1);
        self.look_at(node, self.now + 1);
    }
}

//! How a story goes: nodes that look, claim, send and settle as the engine does,
//! and break down in between.
//!
//! Time is in virtual milliseconds. The clock of the service is that time plus an
//! offset, which jumps.

use super::{
    Chance, Claim, World,
    story::{Happening, MINUTE, Receiver, SECOND, Story},
    told::{Delivery, Told},
};
use rideout_domain::{Timestamp, outbox::Outcome};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// 2010-06-15T09:00:00Z, in milliseconds.
const GO_LIVE: i64 = 1_276_592_400_000;
/// The longest a channel waits for an answer.
const LIMIT: i64 = 30 * SECOND;
/// A node looks at its clock at least this often.
const PAUSE: i64 = 5 * SECOND;
/// Time between two heartbeats.
const BEAT: i64 = 2 * SECOND;
/// Nothing waits longer: a level has at most 14 minutes, an attempt 7. A clock that
/// is set back by less than 30 seconds goes unnoticed.
const PUT_OFF_MAX: i64 = 20 * 60 + 30;
/// Most that happens in one story; beyond it somebody looks in vain again and again.
/// A story that holds comes to a quarter of it.
const EVENTS_MAX: u64 = 20_000;
/// Messages a node has in hand at a time; fewer than it is, so that storms meet it.
const IN_HAND: usize = 16;

/// What is next.
#[derive(Debug, Clone)]
enum Event<R> {
    Happens(Happening),
    /// A node of that life looks at what is due.
    Cycle(usize, u64),
    /// A node begins to send.
    Send(usize, u64, Claim<R>),
    /// The receiver has answered.
    /// With the number of the delivery, if it arrived.
    Answer(usize, u64, Claim<R>, Outcome, Option<usize>),
    Restart(usize),
    /// Somebody does something about a page.
    Comes(u128),
    Onward(u128),
}

struct Node {
    /// Counts its lives; 0 while it is down.
    life: u64,
    lives: u64,
    name: String,
    sending: usize,
    /// Its next look, if one is planned.
    planned: Option<i64>,
    /// Its last heartbeat.
    beat: Option<i64>,
    /// Both clocks at its last look.
    clocks: Option<(i64, i64)>,
}

struct Run<W: World> {
    world: W,
    story: Story,
    chance: Chance,
    now: i64,
    offset: i64,
    queue: BinaryHeap<Reverse<(i64, u64)>>,
    events: BTreeMap<u64, Event<W::Raw>>,
    count: u64,
    nodes: Vec<Node>,
    receivers: Vec<Receiver>,
    incidents: usize,
    /// Since when a message and its next attempt are due within a minute.
    soon_since: BTreeMap<(u128, u32), i64>,
    calm: bool,
    told: Told,
}

/// Lets a story happen, and then gives everything the time it needs.
pub(super) async fn run<W: World>(world: W, story: Story) -> Told {
    let nodes = (0..story.nodes)
        .map(|n| Node {
            life: 1,
            lives: 1,
            name: format!("node-{n}-1"),
            sending: 0,
            planned: None,
            beat: None,
            clocks: None,
        })
        .collect();
    let mut run = Run {
        chance: story.chance.clone(),
        receivers: vec![Receiver::Takes(200); story.route_count()],
        world,
        now: 0,
        offset: 0,
        queue: BinaryHeap::new(),
        events: BTreeMap::new(),
        count: 0,
        nodes,
        incidents: 0,
        soon_since: BTreeMap::new(),
        calm: false,
        told: Told {
            in_charge: story.in_charge.clone(),
            ..Told::default()
        },
        story,
    };
    run.set_clock();
    for (at, what) in run.story.happenings.clone() {
        run.plan(at, Event::Happens(what));
    }
    run.until(run.story.end).await;
    // Calm: receivers take everything, nobody comes, nothing breaks.
    run.calm = true;
    run.receivers.fill(Receiver::Takes(200));
    run.wake().await;
    // The longest policy there is: three levels of 15 minutes, three times; and
    // what was put off by a quarter of an hour.
    run.until(run.story.end + 6 * 60 * MINUTE).await;
    run.told.left = run
        .world
        .next_due()
        .await
        .map(|at| format!("something is due at {at}, and it is {}", run.clock()));
    run.told.seen = run.world.see().await;
    run.told.minutes = run.now / MINUTE;
    run.told
}

impl<W: World> Run<W> {
    fn clock(&self) -> Timestamp {
        Timestamp((GO_LIVE + self.now + self.offset) * 1_000)
    }

    fn set_clock(&mut self) {
        let now = self.clock();
        self.world.set_clock(now);
    }

    fn say(&mut self, what: impl FnOnce() -> String) {
        let line = format!("{:>10} {}", self.now, what());
        self.told.trace.push(line);
    }

    fn plan(&mut self, at: i64, event: Event<W::Raw>) {
        self.count += 1;
        self.queue.push(Reverse((at, self.count)));
        self.events.insert(self.count, event);
    }

    async fn until(&mut self, end: i64) {
        while let Some(Reverse((at, _))) = self.queue.peek() {
            if *at > end {
                break;
            }
            if self.count > EVENTS_MAX {
                let line = format!("at {} something is due again and again", self.now);
                self.told.put_off.push(line);
                self.queue.clear();
                break;
            }
            let Some(Reverse((at, number))) = self.queue.pop() else {
                break;
            };
            self.now = self.now.max(at);
            self.set_clock();
            if let Some(event) = self.events.remove(&number) {
                self.handle(event).await;
            }
        }
        self.now = end;
        self.set_clock();
    }

    async fn handle(&mut self, event: Event<W::Raw>) {
        match event {
            Event::Happens(what) => self.happens(what).await,
            Event::Cycle(node, life) if self.lives(node, life) => self.cycle(node).await,
            Event::Send(node, life, claim) if self.lives(node, life) => {
                self.send(node, claim).await;
            }
            Event::Answer(node, life, claim, outcome, arrived) if self.lives(node, life) => {
                self.answer(node, claim, outcome, arrived).await;
            }
            Event::Restart(node) => self.restart(node).await,
            Event::Comes(page) => {
                if self.world.acknowledge(page).await {
                    self.told.acknowledged.insert(page, self.now);
                    self.say(|| format!("page {page:x} acknowledged"));
                }
                self.wake().await;
            }
            Event::Onward(page) => {
                self.told.onward.insert(page);
                self.world.onward(page).await;
                self.wake().await;
            }
            // Of a life that is over: nobody writes down what arrived.
            Event::Answer(_, _, _, _, arrived) => self.may_repeat(arrived),
            Event::Cycle(..) | Event::Send(..) => {}
        }
    }

    fn lives(&self, node: usize, life: u64) -> bool {
        self.nodes[node].life == life
    }

    async fn happens(&mut self, what: Happening) {
        self.say(|| format!("{what:?}"));
        match what {
            Happening::Escalate(levels, repeats) => {
                self.world.escalate(&levels, repeats).await;
                self.told.policies.push((levels, repeats));
                self.incidents += 1;
            }
            Happening::End(incident) if incident < self.incidents => {
                self.world.end(incident).await;
                self.told.ended.insert(incident, self.now);
            }
            Happening::End(_) => {}
            Happening::Archive => self.world.archive_policies().await,
            Happening::Receiver(route, behaviour) => self.receivers[route] = behaviour,
            Happening::ClockJump(by) => {
                self.offset += by;
                self.set_clock();
            }
            Happening::Crash(node) if node < self.nodes.len() => self.crash(node),
            Happening::Crash(_) => {}
        }
        self.wake().await;
    }

    /// Something may be due: every node looks, at the latest in its pause.
    async fn wake(&mut self) {
        for node in 0..self.nodes.len() {
            let at = self.now + self.chance.among(1, 300);
            self.look_at(node, at);
        }
    }

    fn look_at(&mut self, node: usize, at: i64) {
        let known = &mut self.nodes[node];
        if known.life == 0 || known.planned.is_some_and(|planned| planned <= at) {
            return;
        }
        known.planned = Some(at);
        let life = known.life;
        self.plan(at, Event::Cycle(node, life));
    }

    /// Whether the node breaks down here.
    fn breaks(&mut self, node: usize) -> bool {
        let breaks = !self.calm && self.chance.permille(self.story.crash);
        if breaks {
            self.crash(node);
        }
        breaks
    }

    fn crash(&mut self, node: usize) {
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

    async fn restart(&mut self, node: usize) {
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
    async fn cycle(&mut self, node: usize) {
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

    async fn look_for_what_waits_too_long(&mut self) {
        let latest = self.clock().plus_seconds(PUT_OFF_MAX);
        if let Some(last) = self.world.last_due().await
            && last > latest
        {
            let line = format!("at {} something waits until {last}", self.now);
            self.told.put_off.push(line);
        }
        let soon = self.clock().plus_seconds(60);
        let mut soon_since = BTreeMap::new();
        for (id, attempts, due_at) in self.world.pending().await {
            if due_at > soon {
                continue;
            }
            let before = self.soon_since.get(&(id, attempts));
            let since = before.copied().unwrap_or(self.now);
            soon_since.insert((id, attempts), since);
            if self.now - since > PUT_OFF_MAX * SECOND {
                let line = format!("at {} message {id:x} is put off since {since}", self.now);
                self.told.put_off.push(line);
            }
        }
        self.soon_since = soon_since;
    }

    fn is_idle(&self) -> bool {
        self.nodes.iter().all(|node| node.sending == 0)
    }

    async fn send(&mut self, node: usize, claim: Claim<W::Raw>) {
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
        let sending = (self.now, claim.id, claim.pages.clone());
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
    fn react(&mut self, pages: &[u128]) {
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

    async fn answer(
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

    fn may_repeat(&mut self, arrived: Option<usize>) {
        if let Some(arrived) = arrived {
            self.told.deliveries[arrived].may_repeat = true;
        }
    }

    async fn finished(&mut self, node: usize) {
        let known = &mut self.nodes[node];
        known.sending = known.sending.saturating_sub(1);
        self.look_at(node, self.now + 1);
    }
}

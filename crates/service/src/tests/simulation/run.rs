//! How a story goes: nodes that look, claim, send and settle as the engine does,
//! and break down in between.
//!
//! Time is in virtual milliseconds. The clock of the service is that time plus an
//! offset, which jumps.

mod node;

use super::{
    Chance, Claim, World,
    story::{Happening, MINUTE, Receiver, SECOND, Story},
    told::Told,
};
use rideout_domain::{Timestamp, outbox::Outcome};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// 2010-06-15T09:00:00Z, in milliseconds.
const GO_LIVE: i64 = 1_276_592_400_000;
/// Nothing waits longer: a level has at most 14 minutes, an attempt 7. A clock that
/// is set back by less than 30 seconds goes unnoticed.
const PUT_OFF_MAX: i64 = 20 * 60 + 30;
/// Most that happens in one story; beyond it somebody looks in vain again and again.
/// A story that holds comes to a quarter of it.
const EVENTS_MAX: u64 = 20_000;

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
}

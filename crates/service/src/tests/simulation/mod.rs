//! Escalations, pages and messages in virtual time, with seeded faults.
//!
//! The same story runs in two worlds: a [model](model) of the transitions in
//! memory, made of the domain's rules, for millions of minutes; and the
//! [real service](real) on SQLite, for fewer. A story has nodes that crash before
//! and after each commit and each send, receivers that are slow, dead, deaf or
//! gone, people who come at any moment, incidents that end, policies that are
//! archived, and clocks that jump.
//!
//! What must hold ([`verdict`]):
//! - nobody due is left unpaged;
//! - nobody gets a page twice but under the same identifier;
//! - nothing is sent for a page once its acknowledgement is durable;
//! - no escalation stops in silence;
//! - nothing waits for longer than its rules say, however clocks jump.
//!
//! What the stall watch does before, from the room to the policy, is in [`ladder`].
//!
//! A failing seed says how to run it again: `RIDEOUT_TEST_SEED=N`; `=N..M` runs more
//! than the first ones, for whoever wants to be surer.

mod chance;
mod flaws;
mod ladder;
mod model;
mod real;
mod run;
mod story;
mod told;
mod verdict;

pub(super) use ladder::ALL as LADDER;
pub(super) use real::ALL;

use chance::Chance;
use futures::stream::{self, StreamExt as _};
use rideout_domain::{
    Timestamp, UserId,
    escalation::{Level, Policy, Target},
    outbox::Outcome,
};
use story::Story;
use told::Told;
use uuid::Uuid;

/// A message in hand.
#[derive(Debug, Clone)]
pub(super) struct Claim<R> {
    /// The message.
    pub(super) id: u128,
    /// The pages it tells of.
    pub(super) pages: Vec<u128>,
    /// Where it goes: a person's route.
    pub(super) route: usize,
    /// It is only to be settled.
    pub(super) refused: Option<Outcome>,
    /// What the world needs to know it by.
    pub(super) raw: R,
}

/// An escalation.
#[derive(Debug, Clone)]
pub(super) struct SeenEscalation {
    pub(super) id: u128,
    pub(super) incident: usize,
    pub(super) state: String,
    pub(super) level: i64,
    pub(super) round: i64,
    pub(super) next_at: Option<i64>,
    /// How the timeline says that it came to its last state.
    pub(super) last_told: Option<String>,
}

/// A page.
#[derive(Debug, Clone)]
pub(super) struct SeenPage {
    pub(super) id: u128,
    pub(super) escalation: Option<u128>,
    pub(super) level: Option<i64>,
    pub(super) round: i64,
    pub(super) user: usize,
    pub(super) state: String,
}

/// A message.
#[derive(Debug, Clone)]
pub(super) struct SeenMessage {
    pub(super) id: u128,
    pub(super) page: Option<u128>,
    pub(super) state: String,
    pub(super) bundled_into: Option<u128>,
}

/// Everything there is.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) escalations: Vec<SeenEscalation>,
    pub(super) pages: Vec<SeenPage>,
    pub(super) messages: Vec<SeenMessage>,
}

/// Levels of a policy: minutes, and who is called.
pub(super) type Levels = Vec<(u32, Vec<usize>)>;

/// Where a story happens. Each method is one transaction.
pub(super) trait World {
    /// What it knows a claimed message by.
    type Raw: Clone + std::fmt::Debug;
    /// Sets the clock.
    fn set_clock(&mut self, now: Timestamp);
    /// Declares the next incident and begins an escalation in it.
    async fn escalate(&mut self, levels: &Levels, repeats: u32);
    /// Archives every policy.
    async fn archive_policies(&mut self);
    /// Takes the steps that are due.
    async fn run_escalations(&mut self);
    /// Claims what is due.
    async fn claim(&mut self, node: &str, limit: usize) -> Vec<Claim<Self::Raw>>;
    /// Whether a message is still wanted.
    async fn wanted(&mut self, claim: &Claim<Self::Raw>) -> bool;
    /// Writes down what a message came to; none when it was not wanted. False when
    /// somebody else had taken it over.
    async fn settle(&mut self, claim: &Claim<Self::Raw>, outcome: Option<Outcome>) -> bool;
    /// Acknowledges a page; true if it was open.
    async fn acknowledge(&mut self, page: u128) -> bool;
    /// Calls the next level after a page.
    async fn onward(&mut self, page: u128);
    /// Resolves an incident.
    async fn end(&mut self, incident: usize);
    /// A node says that it lives.
    async fn beat(&mut self, node: &str);
    /// A node found its clock set back.
    async fn set_back(&mut self);
    /// When something is due next.
    async fn next_due(&mut self) -> Option<Timestamp>;
    /// When something is due last.
    async fn last_due(&mut self) -> Option<Timestamp>;
    /// What waits to be sent: the message, its attempts, when it is due.
    async fn pending(&mut self) -> Vec<(u128, u32, Timestamp)>;
    /// Everything there is.
    async fn see(&mut self) -> Seen;
}

/// An identifier that sorts by time, and within a millisecond in the order of making.
pub(super) fn counted_id(now: Timestamp, count: u64) -> Uuid {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&count.to_be_bytes());
    crate::clock::v7(now, bytes)
}

/// The message that takes this one to its person: its bundle, or itself.
pub(super) fn carrier(id: u128, bundled_into: Option<u128>) -> u128 {
    bundled_into.unwrap_or(id)
}

/// The policy of a story, for people known by identifiers.
pub(super) fn policy(levels: &Levels, repeats: u32, id: impl Fn(usize) -> UserId) -> Policy {
    let level = |(minutes, who): &(u32, Vec<usize>)| Level {
        minutes: *minutes,
        targets: who.iter().map(|who| Target::Person(id(*who))).collect(),
    };
    Policy {
        name: "Reservations".into(),
        repeats,
        levels: levels.iter().map(level).collect(),
    }
}

/// The seeds to run: those that are asked for, or the first so many.
fn seeds(most: u64) -> std::ops::Range<u64> {
    let Ok(asked) = std::env::var("RIDEOUT_TEST_SEED") else {
        return 1..most + 1;
    };
    let number = |text: &str| -> u64 { text.parse().expect("RIDEOUT_TEST_SEED is N or N..M") };
    match asked.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&asked)..number(&asked) + 1,
    }
}

/// Runs stories of the service. They wait for the disk most of the time, so some go
/// at once; each has a world of its own.
async fn side_by_side<F: Future<Output = ()>>(most: u64, story: impl Fn(u64) -> F) {
    stream::iter(seeds(most).map(story))
        .buffer_unordered(12)
        .collect::<()>()
        .await;
}

/// Runs a story and fails with the way to run it again.
async fn must_hold<W: World>(seed: u64, world: W, story: Story) -> Told {
    let told = run::run(world, story).await;
    let wrong = verdict::judge(&told);
    assert!(
        wrong.is_empty(),
        "seed {seed} does not hold; run it again with RIDEOUT_TEST_SEED={seed} and the name of this test\n{}\n{}",
        wrong.join("\n"),
        told.trace.join("\n"),
    );
    told
}

#[tokio::test(flavor = "current_thread")]
async fn millions_of_minutes_of_the_model() {
    let (mut minutes, mut sent, mut crashes) = (0, 0, 0);
    let (seeds, all) = (seeds(300), 1..301);
    for seed in seeds.clone() {
        let mut chance = Chance::new(seed);
        let story = Story::make(&mut chance, 7 * 24, 40, 21);
        let told = must_hold(seed, model::Model::new(&story), story).await;
        minutes += told.minutes;
        sent += told.deliveries.len();
        crashes += told.crashes;
    }
    if seeds == all {
        // The story must be worth telling.
        assert!(minutes > 3_000_000, "{minutes} minutes");
        assert!(
            sent > 20_000 && crashes > 2_000,
            "{sent} sent, {crashes} crashes"
        );
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_service_itself_on_sqlite() {
    side_by_side(6, |seed| async move {
        let mut chance = Chance::new(seed);
        let story = Story::make(&mut chance, 2, 12, 12).harsh();
        let world = real::Real::new(&story).await;
        must_hold(seed, world, story).await;
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_model_and_the_service_do_the_same() {
    side_by_side(8, |seed| async move {
        let mut chance = Chance::new(1_000 + seed);
        let story = Story::make(&mut chance, 24, 6, 3).without_crashes();
        let model = must_hold(seed, model::Model::new(&story), story.clone()).await;
        let world = real::Real::new(&story).await;
        let real = must_hold(seed, world, story).await;
        assert_eq!(
            model.summary(),
            real.summary(),
            "seed {seed}: run it again with RIDEOUT_TEST_SEED={seed}"
        );
    })
    .await;
}

//! The play itself: entries and looks in order of virtual time.

use super::{Script, timeline::Span};
use crate::{
    EntryBody, Status, Timestamp,
    escalation::{
        Policy,
        run::{Due, Run, Stepped},
    },
    room::Board,
    stall::{
        Activity, Assessment, Extra, Facts, Settings, Signal, assess,
        ladder::{Event, State, Step, climb},
    },
};
use serde::{Serialize, Serializer};
use std::fmt;

/// Calls of an escalation policy after which a play calls nobody any more: live it
/// goes on until somebody comes, and here nobody does.
pub const CALLS_MAX: usize = 10_000;
/// Seconds after a call in which the room is looked at again.
const LOOK_AGAIN: i64 = 1;

/// Characters of a text whose reading takes as long as one look.
const TEXT_A_LOOK: usize = 64;
/// Characters of a text after which reading more of it takes no longer.
const TEXT_MOST: usize = 8_192;

/// Work that plays may do still, in looks: some tens of microseconds each. Counted and
/// not timed, so that the same file always comes as far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    pub(super) left: u64,
}

impl Work {
    /// So many looks.
    #[must_use]
    pub const fn looks(looks: u64) -> Self {
        Self { left: looks }
    }

    /// Whether all of it is done.
    #[must_use]
    pub const fn is_done(self) -> bool {
        self.left == 0
    }

    /// Whether it may suffice for so many plays of an incident; that nobody need begin
    /// what cannot be ended.
    #[must_use]
    pub fn may_suffice(self, script: &Script, plays: u64) -> bool {
        let least = script.entries.iter().map(reading).sum::<u64>();
        least.saturating_mul(plays) < self.left
    }

    const fn spend(&mut self, looks: u64) {
        self.left = self.left.saturating_sub(looks);
    }
}

/// A signal and its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignalSaid {
    /// Which.
    pub id: Signal,
    /// Why.
    pub why: String,
}

/// Whom a prompt asks, in the order of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whom {
    /// Everybody in the room.
    Room,
    /// The deputy, or whoever stands above the commander.
    SecondOpinion,
    /// A level of the escalation policy, from 1.
    PolicyLevel(u32),
    /// All commanders and admins, once the whole policy reached nobody.
    InCharge,
}

/// As a report writes it: `room`, `second opinion`, `policy level 1`.
impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => f.write_str("room"),
            Self::SecondOpinion => f.write_str("second opinion"),
            Self::PolicyLevel(level) => write!(f, "policy level {level}"),
            Self::InCharge => f.write_str("everybody in charge"),
        }
    }
}

impl Serialize for Whom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A prompt that would have been shown or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prompted {
    /// When.
    pub at: Timestamp,
    /// Rung of the ladder, from 1: the room, the second opinion, the policy's levels.
    pub level: u32,
    /// Whom it asks.
    pub to: Whom,
    /// What fired.
    pub signals: Vec<SignalSaid>,
}

/// What a replay brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The incident's identifier.
    pub incident: String,
    /// Prompts in order of time.
    pub prompts: Vec<Prompted>,
    /// Whether the policy called so often that the play stopped calling, at [`CALLS_MAX`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Spans in which the responders were stuck, where that is known.
    #[serde(skip)]
    pub spans: Vec<Span>,
}

/// Plays an incident.
///
/// With an escalation policy its levels are called in virtual time as they are live:
/// one person is reachable at each, and nobody acknowledges. Without one, its first
/// level stands for all that would follow.
#[must_use]
pub fn play(script: &Script, settings: &Settings, policy: Option<&Policy>) -> Report {
    let mut stage = Stage::new(script, settings, policy, Work::looks(u64::MAX));
    stage.play();
    stage.report()
}

/// Plays an incident as [`play`] does, unless that takes more `work` than is left; then
/// there is no report, and no work is left.
#[must_use]
pub fn play_within(
    script: &Script,
    settings: &Settings,
    policy: Option<&Policy>,
    work: &mut Work,
) -> Option<Report> {
    let mut stage = Stage::new(script, settings, policy, *work);
    stage.play();
    *work = stage.work;
    (!work.is_done()).then(|| stage.report())
}

struct Stage<'a> {
    script: &'a Script,
    settings: &'a Settings,
    policy: Option<&'a Policy>,
    work: Work,
    incident: crate::Incident,
    board: Board,
    activity: Activity,
    extra: Extra,
    state: State,
    next: Option<Timestamp>,
    /// The escalation under way.
    run: Option<Run>,
    /// Since when somebody who was called has not acknowledged.
    called: Option<Timestamp>,
    calls: usize,
    prompts: Vec<Prompted>,
}

impl<'a> Stage<'a> {
    fn new(
        script: &'a Script,
        settings: &'a Settings,
        policy: Option<&'a Policy>,
        work: Work,
    ) -> Self {
        Self {
            script,
            settings,
            policy,
            work,
            incident: script.incident.clone(),
            board: Board::default(),
            activity: Activity::default(),
            extra: Extra {
                lead: script.lead,
                ..Extra::default()
            },
            state: State::default(),
            next: None,
            run: None,
            called: None,
            calls: 0,
            prompts: Vec::new(),
        }
    }

    /// Plays every entry, or as far as the work goes.
    fn play(&mut self) {
        let mut entries = self.script.entries.iter().peekable();
        while let Some(first) = entries.peek() {
            let at = first.recorded_at;
            self.wait_until(at);
            let mut event = Event::Look;
            while let Some(entry) = entries.next_if(|e| e.recorded_at == at) {
                if entry.is_activity() {
                    if entry.kind().is_learning() {
                        event = Event::Learnt;
                    } else if event == Event::Look {
                        event = Event::Entry;
                    }
                }
                self.enter(entry);
            }
            self.look(at, &event);
            if self.work.is_done() {
                return;
            }
        }
    }

    fn report(self) -> Report {
        Report {
            incident: self.script.id.clone(),
            cut: self.calls >= CALLS_MAX,
            prompts: self.prompts,
            spans: self.script.spans.clone(),
        }
    }

    fn enter(&mut self, entry: &crate::Entry) {
        self.work.spend(reading(entry));
        self.board.add(entry);
        // What happened before anybody knew was written down later.
        if entry.recorded_at >= self.script.incident.declared_at {
            self.activity.add(entry);
        }
        match &entry.body {
            EntryBody::Status { to, .. } => self.incident.status = *to,
            EntryBody::Severity { to, .. } => self.incident.severity = *to,
            _ => {}
        }
    }

    /// Looks at every time that is due before `at`.
    fn wait_until(&mut self, at: Timestamp) {
        while let Some(due) = self.due().filter(|due| *due < at) {
            if self.work.is_done() {
                return;
            }
            self.next = self.next.filter(|next| *next > due);
            self.look(due, &Event::Look);
        }
    }

    /// When the ladder or the escalation is due.
    fn due(&self) -> Option<Timestamp> {
        let call = self.run.as_ref().and_then(|run| run.next_at);
        match (self.next, call) {
            (Some(look), Some(call)) => Some(look.min(call)),
            (look, call) => look.or(call),
        }
    }

    fn look(&mut self, now: Timestamp, event: &Event) {
        self.work.spend(1);
        if now < self.script.incident.declared_at {
            return;
        }
        let mut facts = Facts::new(&self.incident, &self.board, &self.activity, &self.extra);
        facts.page_since = match (facts.page_since, self.called) {
            (Some(page), Some(call)) => Some(page.min(call)),
            (page, call) => page.or(call),
        };
        let assessment = assess(&facts, self.settings, now);
        let called = self.called;
        self.climb(&assessment, event, now);
        if self.call(&assessment, now) == Some(Stepped::Exhausted) {
            self.climb(&assessment, &Event::Exhausted, now);
        }
        if self.called != called {
            // That somebody waits for an answer is a fact of its own, and this look
            // did not know it yet.
            let soon = now.plus_seconds(LOOK_AGAIN);
            self.next = Some(self.next.map_or(soon, |next| next.min(soon)));
        }
        if self.incident.status == Status::Resolved {
            self.next = None;
        }
    }

    fn climb(&mut self, assessment: &Assessment, event: &Event, now: Timestamp) {
        let delays = self.settings.rules(self.incident.severity).ladder;
        let outcome = climb(&self.state, assessment, event, delays, now);
        self.state = outcome.state;
        self.next = outcome.next.filter(|next| *next > now);
        for step in &outcome.steps {
            self.take(step, assessment, now);
        }
    }

    fn take(&mut self, step: &Step, assessment: &Assessment, now: Timestamp) {
        match step {
            // As live: the escalation ends, and whoever was called need not answer.
            Step::Withdraw { .. } => (self.run, self.called) = (None, None),
            Step::Prompt => self.record(1, Whom::Room, assessment, now),
            Step::AskSecondOpinion => {
                self.record(2, Whom::SecondOpinion, assessment, now);
                if self.policy.is_some() {
                    self.called.get_or_insert(now);
                }
            }
            Step::Escalate { .. } => match self.policy {
                None => self.record(3, Whom::PolicyLevel(1), assessment, now),
                Some(policy) => self.run = Some(Run::start(policy.clone(), now)),
            },
        }
    }

    /// Takes the steps of the escalation that are due; answers with the last.
    fn call(&mut self, assessment: &Assessment, now: Timestamp) -> Option<Stepped> {
        let mut run = self.run.take()?;
        let mut last = None;
        while let Some(due) = run.due(now) {
            let (level, whom) = match due {
                Due::Level { level, .. } => (level, Whom::PolicyLevel(level)),
                Due::Exhausted => (after_last(&run), Whom::InCharge),
            };
            if self.calls >= CALLS_MAX {
                return None;
            }
            self.calls += 1;
            last = Some(run.step(now, 1));
            self.record(level.saturating_add(2), whom, assessment, now);
            self.called.get_or_insert(now);
        }
        self.run = Some(run);
        last
    }

    fn record(&mut self, level: u32, to: Whom, assessment: &Assessment, now: Timestamp) {
        self.prompts.push(Prompted {
            at: now,
            level,
            to,
            signals: assessment
                .signals
                .iter()
                .map(|fired| SignalSaid {
                    id: fired.signal,
                    why: fired.why.clone(),
                })
                .collect(),
        });
    }
}

/// What reading an entry takes, in looks.
fn reading(entry: &crate::Entry) -> u64 {
    let text = entry.text.len().min(TEXT_MOST) / TEXT_A_LOOK;
    u64::try_from(text).unwrap_or(u64::MAX)
}

/// The place after the last level, where everybody in charge is called.
fn after_last(run: &Run) -> u32 {
    u32::try_from(run.policy.levels.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

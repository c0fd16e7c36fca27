//! The play itself: entries and looks in order of virtual time.

use super::{Script, timeline::Span};
use crate::{
    EntryBody, Status, Timestamp,
    room::Board,
    stall::{
        Activity, Assessment, Extra, Facts, Settings, Signal, assess,
        ladder::{Event, State, Step, climb},
    },
};
use serde::{Serialize, Serializer};
use std::fmt;

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
}

/// As a report writes it: `room`, `second opinion`, `policy level 1`.
impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => f.write_str("room"),
            Self::SecondOpinion => f.write_str("second opinion"),
            Self::PolicyLevel(level) => write!(f, "policy level {level}"),
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
    /// Spans in which the responders were stuck, where that is known.
    #[serde(skip)]
    pub spans: Vec<Span>,
}

/// Plays an incident.
#[must_use]
pub fn play(script: &Script, settings: &Settings) -> Report {
    let mut stage = Stage::new(script, settings);
    let mut entries = script.entries.iter().peekable();
    while let Some(first) = entries.peek() {
        let at = first.recorded_at;
        stage.wait_until(at);
        let mut event = Event::Look;
        while let Some(entry) = entries.next_if(|e| e.recorded_at == at) {
            if entry.is_activity() {
                if entry.kind().is_learning() {
                    event = Event::Learnt;
                } else if event == Event::Look {
                    event = Event::Entry;
                }
            }
            stage.enter(entry);
        }
        stage.look(at, &event);
    }
    Report {
        incident: script.id.clone(),
        prompts: stage.prompts,
        spans: script.spans.clone(),
    }
}

struct Stage<'a> {
    script: &'a Script,
    settings: &'a Settings,
    incident: crate::Incident,
    board: Board,
    activity: Activity,
    extra: Extra,
    state: State,
    next: Option<Timestamp>,
    prompts: Vec<Prompted>,
}

impl<'a> Stage<'a> {
    fn new(script: &'a Script, settings: &'a Settings) -> Self {
        Self {
            script,
            settings,
            incident: script.incident.clone(),
            board: Board::default(),
            activity: Activity::default(),
            extra: Extra {
                lead: script.lead,
                ..Extra::default()
            },
            state: State::default(),
            next: None,
            prompts: Vec::new(),
        }
    }

    fn enter(&mut self, entry: &crate::Entry) {
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
        while let Some(due) = self.next.filter(|due| *due < at) {
            self.next = None;
            self.look(due, &Event::Look);
        }
    }

    fn look(&mut self, now: Timestamp, event: &Event) {
        if now < self.script.incident.declared_at {
            return;
        }
        let facts = Facts::new(&self.incident, &self.board, &self.activity, &self.extra);
        let assessment = assess(&facts, self.settings, now);
        let delays = self.settings.rules(self.incident.severity).ladder;
        let outcome = climb(&self.state, &assessment, event, delays, now);
        for step in &outcome.steps {
            self.record(step, &assessment, now);
        }
        self.state = outcome.state;
        self.next = outcome.next.filter(|next| *next > now);
        if self.incident.status == Status::Resolved {
            self.next = None;
        }
    }

    fn record(&mut self, step: &Step, assessment: &Assessment, now: Timestamp) {
        let (level, to) = match step {
            Step::Withdraw { .. } => return,
            Step::Prompt => (1, Whom::Room),
            Step::AskSecondOpinion => (2, Whom::SecondOpinion),
            // A replay knows no policy, and nobody acknowledges: its first level
            // stands for all that would follow.
            Step::Escalate { .. } => (3, Whom::PolicyLevel(1)),
        };
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

//! The judgement: which signals fire, how strongly, why, and when to look again.

use super::{
    Facts, Question, Rules, Settings, Signal,
    activity::{Work, excerpt},
};
use crate::{Status, Timestamp, duration::span, incident::words};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};

words! {
    /// How strongly a signal fires.
    Strength, "strength", {
        /// Past its threshold.
        Weak = "weak" / "weak",
        /// Past twice its threshold.
        Strong = "strong" / "strong",
    }
}

words! {
    /// How the room stands.
    Level, "stall level", {
        /// No signal fires.
        Clear = "clear" / "Clear",
        /// Some signal fires; worth a look, not a prompt.
        Watch = "watch" / "Worth a look",
        /// Enough signals fire together: the room is asked.
        Stalled = "stalled" / "Stalled",
        /// Twice as many points as it takes.
        Badly = "badly_stalled" / "Badly stalled",
    }
}

impl Level {
    /// Whether the room is to be asked.
    #[must_use]
    pub fn is_stalled(self) -> bool {
        self >= Self::Stalled
    }

    /// As a number, 0 to 3, for storage and figures.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}

/// A signal that fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// Which.
    pub signal: Signal,
    /// How strongly.
    pub strength: Strength,
    /// What it counts from: the last entry, the end of a time box.
    pub since: Timestamp,
    /// Why, in a sentence with the facts in it.
    pub why: String,
}

/// What the watch makes of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Signals that fire, weightiest first.
    pub signals: Vec<Fired>,
    /// Their points together.
    pub points: u32,
    /// What that amounts to.
    pub level: Level,
    /// Last time something was learnt.
    pub learnt_at: Option<Timestamp>,
    /// The earliest time at which time alone could change this; none if never.
    pub next_look: Option<Timestamp>,
}

impl Assessment {
    /// Whether a signal fires.
    #[must_use]
    pub fn fires(&self, signal: Signal) -> bool {
        self.signals.iter().any(|f| f.signal == signal)
    }

    /// Since when, where nothing fires but that something is absent: entries,
    /// learning, ideas. None where a sign of trouble fires.
    #[must_use]
    pub fn only_absent_since(&self) -> Option<Timestamp> {
        let first = self.signals.first()?;
        let absent = |f: &Fired| f.signal.is_quieted_by_work();
        self.signals.iter().all(absent).then_some(first.since)
    }
}

/// A signal that will fire, or does: from when weakly and from when strongly.
struct Due {
    signal: Signal,
    since: Timestamp,
    from: Timestamp,
    strong: Timestamp,
}

/// Judges the room.
///
/// Each signal's beginning follows from the facts alone, so more time never
/// lowers a level, and between two looks nothing changes by itself.
#[must_use]
pub fn assess(facts: &Facts, settings: &Settings, now: Timestamp) -> Assessment {
    let rules = settings.rules(facts.severity);
    let learnt_at = facts.activity.learnt.as_ref().map(|m| m.at);
    let mut fired = Vec::new();
    let mut points = 0_u32;
    let mut next_look: Option<Timestamp> = None;
    let mut look = |at: Timestamp| {
        if at > now {
            next_look = Some(next_look.map_or(at, |next| next.min(at)));
        }
    };
    for due in signals(facts, rules) {
        look(due.from);
        look(due.strong);
        if due.from > now {
            continue;
        }
        let strength = if due.strong <= now {
            Strength::Strong
        } else {
            Strength::Weak
        };
        let weight = rules.rule(due.signal).weight;
        let worth = match strength {
            Strength::Weak => weight,
            Strength::Strong => weight.saturating_mul(2),
        };
        points = points.saturating_add(worth);
        let why = why(facts, &due, now);
        fired.push((
            worth,
            Fired {
                signal: due.signal,
                strength,
                since: due.since,
                why,
            },
        ));
    }
    fired.sort_by_key(|(worth, f)| (std::cmp::Reverse(*worth), f.signal));
    let level = match points {
        0 => Level::Clear,
        p if p < rules.stalled_at => Level::Watch,
        p if p < rules.stalled_at.saturating_mul(2) => Level::Stalled,
        _ => Level::Badly,
    };
    Assessment {
        signals: fired.into_iter().map(|(_, f)| f).collect(),
        points,
        level,
        learnt_at,
        next_look,
    }
}

/// Until when silence is expected.
#[derive(Clone, Copy)]
struct Silence {
    /// By a wait on purpose, or one that a text names.
    wait: Option<Timestamp>,
    /// By that, or by work that takes its time.
    work: Option<Timestamp>,
}

fn expected_silence(facts: &Facts, rules: &Rules) -> Silence {
    let declared = facts.waits.iter().map(|(_, until)| *until).max();
    let wait = declared.max(facts.activity.named_wait.as_ref().map(|m| m.at));
    let known = facts.activity.known;
    let running = facts.activity.running.iter().filter_map(|(work, begun)| {
        let minutes = match work {
            // Where nobody knows the cause, there is nothing to be patient with.
            Work::Lead | Work::Step if !known => return None,
            Work::Lead => rules.patience.lead,
            Work::Step | Work::Better => rules.patience.step,
            Work::Long => rules.patience.long_work,
            Work::Wait => rules.patience.open_wait,
        };
        Some(begun.at.plus_minutes(i64::from(minutes)))
    });
    Silence {
        wait,
        work: wait.max(running.max()),
    }
}

fn signals(facts: &Facts, rules: &Rules) -> Vec<Due> {
    if facts.is_over() {
        return Vec::new();
    }
    // Where somebody wrote that it seems to be over, it is over until shown otherwise.
    let mitigated = facts.status == Status::Mitigated || facts.activity.over.is_some();
    let silence = expected_silence(facts, rules);
    let activity = &facts.activity;
    let mut list = Vec::new();
    let mut add = |signal: Signal, since: Option<Timestamp>| {
        let rule = rules.rule(signal);
        let Some(since) = since else { return };
        if !rule.on || (mitigated && !signal.counts_after_mitigation()) {
            return;
        }
        let factor = if mitigated && signal != Signal::StillFiring {
            rules.after_mitigation
        } else {
            1
        };
        let mut minutes = i64::from(rule.minutes.saturating_mul(factor));
        if signal == Signal::Quiet && !activity.begun && facts.asked.is_empty() {
            // Whoever has just come looks around first.
            minutes = minutes.saturating_mul(2);
        }
        let mut from = since.plus_minutes(minutes);
        let mut strong = from.plus_minutes(minutes.max(1));
        if signal == Signal::Quiet && !activity.known {
            // Where nobody knows the cause, more silence makes nothing surer.
            strong = from;
        }
        let until = if signal.is_quieted_by_work() {
            silence.work
        } else if signal.is_quieted_by_a_wait() {
            silence.wait
        } else {
            None
        };
        if let Some(until) = until {
            if silence.wait == Some(until) {
                // What was to end then may take a moment to be told: until then its end
                // is worth a look, and no question.
                let told = until.plus_minutes(i64::from(rules.rule(Signal::Quiet).minutes));
                let quiet = signal == Signal::Quiet;
                from = from.max(if quiet { until } else { told });
                strong = strong.max(if quiet {
                    told
                } else {
                    told.plus_minutes(minutes)
                });
            } else {
                // Half of the patience is worth a look, all of it a question.
                let half = Timestamp(since.0.midpoint(until.0));
                from = from.max(if signal == Signal::Quiet { half } else { until });
                strong = strong.max(until);
            }
        }
        list.push(Due {
            signal,
            since,
            from,
            strong,
        });
    };

    let began = facts.declared_at;
    add(
        Signal::Quiet,
        Some(activity.last.unwrap_or(began).max(began)),
    );
    add(Signal::NoLearning, no_learning(facts));
    add(Signal::OneIdea, one_idea(facts));
    add(Signal::NoIdea, no_idea(facts));
    add(
        Signal::TaskOverdue,
        facts.due.iter().map(|(_, at)| *at).min(),
    );
    add(Signal::Blocked, blocked(facts).map(|(_, at)| at));
    add(
        Signal::DependencySilent,
        silent_dependency(facts).map(Question::awaited),
    );
    add(Signal::NobodyLeads, facts.leaderless);
    add(Signal::UpdateOverdue, facts.next_update);
    add(Signal::PageUnanswered, facts.page_since);
    add(
        Signal::NoExpert,
        (!facts.extra.without_expert.is_empty()).then_some(began),
    );
    let firing = facts.firing.iter().map(|(_, since)| *since).min();
    add(
        Signal::StillFiring,
        facts
            .mitigated_at
            .or(activity.over.as_ref().map(|over| over.at))
            .filter(|_| mitigated)
            .zip(firing)
            .map(|(mitigated, firing)| mitigated.max(firing)),
    );
    add(Signal::LongerThanUsual, longer_than_usual(facts));
    // Whoever writes after its end is not waiting any more.
    let overrun = facts.waits.iter().map(|(_, until)| *until).max();
    add(
        Signal::WaitOverrun,
        overrun.map(|until| until.max(activity.last.unwrap_or(until))),
    );
    let rule = rules.rule(Signal::Circles);
    if rule.on
        && !mitigated
        && let Some((first, strong)) = circles(facts)
    {
        let weak = first.plus_minutes(i64::from(rule.minutes));
        let from = strong.map_or(weak, |at| at.min(weak));
        list.push(Due {
            signal: Signal::Circles,
            since: first,
            // One try is not yet a circle while the next one runs.
            from: match (strong, silence.work) {
                (None, Some(until)) => until.max(from),
                _ => silence.wait.map_or(from, |until| until.max(from)),
            },
            strong: strong.map_or(Timestamp(i64::MAX), |at| {
                silence.wait.map_or(at, |until| until.max(at))
            }),
        });
    }
    list
}

/// People wrote since the last time something was learnt, or nothing ever was;
/// that nobody writes at all is another signal.
fn no_learning(facts: &Facts) -> Option<Timestamp> {
    let began = facts.declared_at;
    let worked = facts.activity.worked_until.unwrap_or(began);
    match &facts.activity.learnt {
        Some(last) if facts.activity.last.is_none_or(|at| at <= last.at) => None,
        Some(last) => Some(last.at.max(began).max(worked)),
        None => Some(began.max(worked)),
    }
}

/// Exactly one hypothesis lives and nobody found anything on it.
fn one_idea(facts: &Facts) -> Option<Timestamp> {
    match facts.live.as_slice() {
        [(_, since)] if facts.status == Status::Investigating => {
            Some((*since).max(facts.declared_at))
        }
        _ => None,
    }
}

/// No hypothesis lives, the cause is not known, and nobody had another idea.
fn no_idea(facts: &Facts) -> Option<Timestamp> {
    if !facts.live.is_empty() || facts.status != Status::Investigating {
        return None;
    }
    let since = facts
        .activity
        .idea
        .max(facts.ruled_out.1)
        .max(facts.activity.worked_until);
    Some(since.unwrap_or(facts.declared_at).max(facts.declared_at))
}

/// What blocks longest: a declared blocker, or a lack that was only written. The text
/// of the latter is cut already.
fn blocked<'a>(facts: &'a Facts<'_>) -> Option<(Lack<'a>, Timestamp)> {
    let declared = facts
        .blockers
        .iter()
        // Until then we are ready to wait; the threshold counts from its end.
        .map(|(what, from, until)| (Lack::Declared(what), until.unwrap_or(*from)));
    let written = facts
        .activity
        .lacking
        .iter()
        .map(|m| (Lack::Written(&m.text), m.at));
    declared.chain(written).min_by_key(|(_, at)| *at)
}

/// What is lacking.
#[derive(Clone, Copy)]
enum Lack<'a> {
    /// By a blocker, as it was written.
    Declared(&'a str),
    /// In some entry, cut.
    Written(&'a str),
}

/// The question whose answer has been awaited longest.
fn silent_dependency<'a>(facts: &'a Facts<'_>) -> Option<&'a Question<'a>> {
    facts.asked.iter().min_by_key(|question| question.awaited())
}

/// When the first of the tries in a row brought nothing, and when the third did;
/// severity or status that went back and forth twice counts as much.
fn circles(facts: &Facts) -> Option<(Timestamp, Option<Timestamp>)> {
    let began = facts.declared_at;
    let tries: Vec<Timestamp> = facts
        .activity
        .fruitless
        .iter()
        .map(|m| m.at)
        .filter(|at| *at >= began)
        .collect();
    let flips = facts.activity.flips.get(1).copied();
    let strong = match (tries.get(2).copied(), flips) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Some((tries.first().copied().or(strong)?, strong))
}

fn longer_than_usual(facts: &Facts) -> Option<Timestamp> {
    let usual = facts.extra.usual_minutes?;
    let past = facts.started_at.plus_minutes(i64::from(usual));
    let newcomer = facts.extra.newcomer.max(facts.activity.newcomer);
    newcomer.is_none_or(|at| at <= past).then_some(past)
}

/// The sentence for a signal that fires.
fn why(facts: &Facts, due: &Due, now: Timestamp) -> String {
    let for_long = span(now.seconds_since(due.since));
    let activity = &facts.activity;
    match due.signal {
        Signal::Quiet => format!("Nobody wrote anything for {for_long}."),
        Signal::NoLearning => match &activity.learnt {
            Some(last) => format!(
                "Nothing was learnt for {}; the last was: {}",
                span(now.seconds_since(last.at)),
                closed(&last.text)
            ),
            None => format!("Nothing was learnt in the {for_long} since it was declared."),
        },
        Signal::OneIdea => {
            let idea = facts.live.first().map_or("", |(text, _)| text);
            format!(
                "One idea for {for_long} without new evidence: {}",
                closed(&excerpt(idea))
            )
        }
        Signal::NoIdea => match facts.ruled_out.0 {
            0 => format!("No hypothesis was proposed for {for_long}."),
            1 => {
                format!("The only hypothesis is ruled out, and for {for_long} there was no other.")
            }
            n => {
                format!("All {n} hypotheses are ruled out, and for {for_long} there was no other.")
            }
        },
        Signal::TaskOverdue => {
            let late = facts.due.iter().filter(|(_, at)| *at <= now).count();
            let first = facts.due.iter().min_by_key(|(_, at)| *at);
            let what = excerpt(first.map_or("", |(text, _)| text));
            match late {
                0 | 1 => format!("A task is {for_long} over its time box: {}", closed(&what)),
                n => format!(
                    "{n} tasks are over their time boxes, by {for_long}: {}",
                    closed(&what)
                ),
            }
        }
        Signal::Blocked => {
            let what = match blocked(facts) {
                Some((Lack::Declared(text), _)) => Cow::Owned(excerpt(text)),
                Some((Lack::Written(text), _)) => Cow::Borrowed(text),
                None => Cow::Borrowed(""),
            };
            format!("Blocked for {for_long}: {}", closed(&what))
        }
        Signal::DependencySilent => match silent_dependency(facts) {
            Some(Question {
                whom, due: None, ..
            }) => format!("{whom} was asked {for_long} ago and has not answered."),
            Some(Question { whom, .. }) => {
                format!("{whom} has not answered; an answer was due {for_long} ago.")
            }
            None => String::new(),
        },
        Signal::NobodyLeads => format!("Nobody has led for {for_long}."),
        Signal::UpdateOverdue => format!("The stakeholder update is {for_long} late."),
        Signal::PageUnanswered => {
            format!("A page has waited {for_long} for an acknowledgement.")
        }
        Signal::Circles => match activity.fruitless.last() {
            Some(last) if activity.fruitless.len() > 1 => {
                let tries = activity.fruitless.len();
                if last.text.is_empty() {
                    format!("{tries} tries in a row brought nothing.")
                } else {
                    let text = closed(&last.text);
                    format!("{tries} tries in a row brought nothing; the last: {text}")
                }
            }
            Some(last) if last.text.is_empty() => "The last try brought nothing.".to_owned(),
            Some(last) => format!("The last try brought nothing: {}", closed(&last.text)),
            None => "Severity or status went back and forth.".to_owned(),
        },
        Signal::NoExpert => format!(
            "Nobody here is known to know {}.",
            facts.extra.without_expert.join(", ")
        ),
        Signal::StillFiring => match facts.firing.as_slice() {
            [(name, _)] => format!("The alert {name} fires, {for_long} after mitigation."),
            more => format!("{} alerts fire, {for_long} after mitigation.", more.len()),
        },
        Signal::LongerThanUsual => {
            let usual = facts.extra.usual_minutes.unwrap_or_default();
            format!(
                "Nine of ten similar incidents were over within {}; nobody new was brought in since.",
                span(i64::from(usual).saturating_mul(60))
            )
        }
        Signal::WaitOverrun => {
            let what = facts.waits.iter().max_by_key(|(_, until)| *until);
            let what = excerpt(what.map_or("", |(text, _)| text));
            format!(
                "The wait should have ended {for_long} ago: {}",
                closed(&what)
            )
        }
    }
}

/// A text that ends a sentence.
fn closed(text: &str) -> String {
    if text.is_empty() {
        "(no words).".to_owned()
    } else if text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

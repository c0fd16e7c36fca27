//! When each signal fires: a moment that the facts alone decide.

use super::{Facts, Question, Rules, Signal, activity::Work};
use crate::{Status, Timestamp};

/// How many times its threshold a room's own pace may put off “quiet”.
const PACE_MAX: i64 = 4;

/// A signal that will fire, or does: from when weakly and from when strongly.
pub(super) struct Due {
    /// Which.
    pub(super) signal: Signal,
    /// What it counts from.
    pub(super) since: Timestamp,
    /// From when it fires weakly.
    pub(super) from: Timestamp,
    /// From when it fires strongly.
    pub(super) strong: Timestamp,
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
    let running = facts.activity.running.iter().map(|(work, begun)| {
        let minutes = match work {
            Work::Lead => rules.patience.lead,
            Work::Step => rules.patience.step,
            Work::Long => rules.patience.long_work,
            Work::Wait => rules.patience.open_wait,
        };
        begun.at.plus_minutes(i64::from(minutes))
    });
    // Whoever has a task or sits in a breakout is expected back at its end; a long
    // time box is no reason to hear nothing all day.
    let last = facts.activity.last.unwrap_or(facts.declared_at);
    let most = last.plus_minutes(i64::from(rules.patience.step));
    let boxes = facts.due.iter().map(|(_, due)| (*due).min(most));
    Silence {
        wait,
        work: wait.max(running.max()).max(boxes.max()),
    }
}

/// Every signal that fires now or will by time alone.
pub(super) fn signals(facts: &Facts, rules: &Rules) -> Vec<Due> {
    if facts.is_over() {
        return Vec::new();
    }
    // Where somebody wrote that it seems to be over, it is over until shown otherwise.
    let mitigated = facts.status == Status::Mitigated || facts.activity.over.is_some();
    let silence = expected_silence(facts, rules);
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
        if signal == Signal::Quiet
            && let Some(pace) = facts.activity.pace()
        {
            // A room that writes every half hour is not quiet after ten minutes.
            minutes = (pace / 60).clamp(minutes, minutes.saturating_mul(PACE_MAX));
        }
        let mut from = since.plus_minutes(minutes);
        let mut strong = from.plus_minutes(minutes.max(1));
        let until = if signal.is_quieted_by_work() {
            silence.work
        } else if signal.is_quieted_by_a_wait() {
            silence.wait
        } else {
            None
        };
        if let Some(until) = until {
            if silence.wait == Some(until) {
                // What was to end then may take a moment to be told.
                from = from.max(until);
                strong = strong.max(until.plus_minutes(minutes));
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
    let activity = &facts.activity;
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

/// What blocks longest: a declared blocker, or a lack that was only written.
pub(super) fn blocked(facts: &Facts) -> Option<(&str, Timestamp)> {
    let declared = facts
        .blockers
        .iter()
        // Until then we are ready to wait; the threshold counts from its end.
        .map(|(what, from, until)| (what.as_str(), until.unwrap_or(*from)));
    let written = facts
        .activity
        .lacking
        .iter()
        .map(|m| (m.text.as_str(), m.at));
    declared.chain(written).min_by_key(|(_, at)| *at)
}

/// The question whose answer has been awaited longest.
pub(super) fn silent_dependency(facts: &Facts) -> Option<&Question> {
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

//! Why a signal fires, in a sentence with the facts in it.

use super::{
    Facts, Question, Signal,
    due::{Due, blocked, silent_dependency},
};
use crate::{Timestamp, duration::span};

/// The sentence for a signal that fires.
pub(super) fn why(facts: &Facts, due: &Due, now: Timestamp) -> String {
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
            let idea = facts.live.first().map_or("", |(text, _)| text.as_str());
            format!(
                "One idea for {for_long} without new evidence: {}",
                closed(idea)
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
            let what = first.map_or("", |(text, _)| text.as_str());
            match late {
                0 | 1 => format!("A task is {for_long} over its time box: {}", closed(what)),
                n => format!(
                    "{n} tasks are over their time boxes, by {for_long}: {}",
                    closed(what)
                ),
            }
        }
        Signal::Blocked => {
            let what = blocked(facts).map_or("", |(text, _)| text);
            format!("Blocked for {for_long}: {}", closed(what))
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
            let what = what.map_or("", |(text, _)| text.as_str());
            format!(
                "The wait should have ended {for_long} ago: {}",
                closed(what)
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

//! The rules of one severity as a form, and back.

use crate::FormState;
use rideout_domain::{
    Severity,
    stall::{BadSettings, Rule, Rules, Signal},
};

/// The numbers beside the signals: field, words, what they mean.
pub(super) const NUMBERS: &[(&str, &str, &str)] = &[
    (
        "stalled_at",
        "Points to be asked",
        "From so many points together the room is asked.",
    ),
    (
        "after_mitigation",
        "Factor after mitigation",
        "Thresholds are so many times longer once customers are well.",
    ),
    (
        "lead",
        "After something was learnt",
        "Minutes in which silence is expected, once the cause is known.",
    ),
    (
        "step",
        "After something was done",
        "The same; and after something got better.",
    ),
    (
        "long_work",
        "While long work runs",
        "A restore, a rebuild, a replay: minutes.",
    ),
    (
        "open_wait",
        "While the room waits",
        "Without having said until when: minutes.",
    ),
    (
        "answer",
        "For the room to answer",
        "Then a second opinion is asked for: minutes.",
    ),
    (
        "second_opinion",
        "For the second opinion",
        "Then the escalation policy is called: minutes.",
    ),
    (
        "round",
        "Until it is called again",
        "When the whole escalation policy reached nobody: minutes, doubled each time.",
    ),
    (
        "again",
        "Until asked again",
        "After something was learnt or answered: minutes.",
    ),
    (
        "not_stuck",
        "After “not stuck”",
        "Until the room is asked again: minutes.",
    ),
];

/// The rule that a field is about.
pub(super) fn number<'a>(rules: &'a mut Rules, field: &str) -> Option<&'a mut u32> {
    Some(match field {
        "stalled_at" => &mut rules.stalled_at,
        "after_mitigation" => &mut rules.after_mitigation,
        "lead" => &mut rules.patience.lead,
        "step" => &mut rules.patience.step,
        "long_work" => &mut rules.patience.long_work,
        "open_wait" => &mut rules.patience.open_wait,
        "answer" => &mut rules.ladder.answer,
        "second_opinion" => &mut rules.ladder.second_opinion,
        "round" => &mut rules.ladder.round,
        "again" => &mut rules.ladder.again,
        "not_stuck" => &mut rules.ladder.not_stuck,
        _ => return None,
    })
}

/// The form of rules as they are.
#[must_use]
pub fn policy_form(rules: &Rules) -> FormState {
    let mut rules = rules.clone();
    let mut form = FormState::new();
    for (field, ..) in NUMBERS {
        if let Some(value) = number(&mut rules, field) {
            form = form.with(field, value.to_string());
        }
    }
    let mut on = Vec::new();
    for signal in Signal::ALL {
        let rule = rules.rule(*signal);
        if rule.on {
            on.push(signal.word());
        }
        form = form
            .with(&format!("minutes-{signal}"), rule.minutes.to_string())
            .with(&format!("weight-{signal}"), rule.weight.to_string());
    }
    form.with("on", on.join("\n"))
}

/// The rules that a form describes; what is no number or out of its range is refused
/// beside its field.
///
/// # Errors
/// The form again as it was typed, with what is wrong.
pub fn read_rules(
    form: &FormState,
    before: &Rules,
    severity: Severity,
) -> Result<Rules, FormState> {
    let mut rules = before.clone();
    let mut refused = form.clone();
    let mut read = |field: &str| {
        let typed = form.value(field);
        let typed = typed.trim();
        let number = typed.parse::<u32>().ok();
        if number.is_none() {
            let digits = !typed.is_empty() && typed.chars().all(|c| c.is_ascii_digit());
            let why = if digits {
                "This number is too large."
            } else {
                "Write a whole number."
            };
            refused = std::mem::take(&mut refused).refuse(field, why);
        }
        number
    };
    for (field, ..) in NUMBERS {
        if let (Some(value), Some(place)) = (read(field), number(&mut rules, field)) {
            *place = value;
        }
    }
    for signal in Signal::ALL {
        let minutes = read(&format!("minutes-{signal}"));
        let weight = read(&format!("weight-{signal}"));
        if let (Some(minutes), Some(weight)) = (minutes, weight) {
            let on = form.has("on", signal.word());
            rules.signals.insert(
                *signal,
                Rule {
                    on,
                    minutes,
                    weight,
                },
            );
        }
    }
    for bad in rules.faults(severity) {
        let field = field_of(&bad.what);
        // What could not be read has been refused, and its place holds an older value.
        if refused.error(&field).is_none() {
            refused = refused.refuse(&field, out_of_range(&field, &bad));
        }
    }
    if refused.is_refused() {
        Err(refused)
    } else {
        Ok(rules)
    }
}

/// What is wrong with a number, in the words of its label.
fn out_of_range(field: &str, bad: &BadSettings) -> String {
    let BadSettings {
        value, from, to, ..
    } = bad;
    let label = NUMBERS.iter().find(|(name, ..)| *name == field);
    let label = match label {
        Some((_, label, _)) => (*label).to_owned(),
        None => signal_label(field),
    };
    format!("{label}: choose {from} to {to}; {value} will not do.")
}

/// The label of a signal's number: `Quiet, minutes`.
pub(super) fn signal_label(field: &str) -> String {
    let (what, signal) = field.split_once('-').unwrap_or((field, ""));
    let what = if what == "weight" { "points" } else { what };
    let signal = Signal::ALL.iter().find(|s| s.word() == signal);
    signal.map_or_else(
        || what.to_owned(),
        |signal| format!("{}, {what}", signal.title()),
    )
}

/// The field of the form for a setting as it is named in JSON, such as
/// `signals.quiet.minutes` or `ladder.answer`.
pub(super) fn field_of(setting: &str) -> String {
    let parts: Vec<&str> = setting.split('.').collect();
    match parts.as_slice() {
        ["signals", signal, what] => format!("{what}-{signal}"),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    }
}

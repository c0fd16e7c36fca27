//! The rules of one severity as a form, and back.

use crate::FormState;
use rideout_domain::stall::{Rule, Rules, Signal};

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
        "When the whole policy reached nobody: minutes, doubled each time.",
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

/// The rules that a form describes; what is no number is refused beside its field.
///
/// # Errors
/// The form again, with what is wrong.
pub fn read_rules(form: &FormState, before: &Rules) -> Result<Rules, FormState> {
    let mut rules = before.clone();
    let mut refused = form.clone();
    let mut read = |field: &str| match form.value(field).trim().parse::<u32>() {
        Ok(value) => Some(value),
        Err(_) => {
            refused = std::mem::take(&mut refused).refuse(field, "Write a whole number.");
            None
        }
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
    if refused.is_refused() {
        Err(refused)
    } else {
        Ok(rules)
    }
}

/// The field of the form for a setting as it is named in JSON, such as
/// `SEV1.signals.quiet.minutes` or `SEV1.ladder.answer`.
#[must_use]
pub fn field_of(setting: &str) -> String {
    let parts: Vec<&str> = setting.split('.').collect();
    match parts.as_slice() {
        [_, "signals", signal, what] => format!("{what}-{signal}"),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    }
}

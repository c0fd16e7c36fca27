//! An escalation policy while it is being edited: what each button does to it.

use crate::web::Form;
use rideout_app::pages::directory::{LevelDraft, PolicyDraft, TargetChoice};
use rideout_domain::{
    escalation::{LEVELS_MAX, Level, Policy, TARGETS_MAX, Target},
    text,
};
use rideout_service::{Error, FieldError, directory::NewPolicy};

/// What a new level begins with, in minutes.
const MINUTES: &str = "5";

/// What a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Do {
    Save,
    AddLevel,
    RemoveLevel(usize),
    Up(usize),
    AddTarget,
    RemoveTarget(usize, usize),
}

/// What the pressed button asks for; a form sent without one is saved.
pub(super) fn pressed(form: &Form) -> Do {
    let mut words = form.text("do").split(' ');
    let word = words.next().unwrap_or_default();
    let mut number = || words.next().and_then(|n| n.parse().ok());
    match (word, number(), number()) {
        ("add-level", ..) => Do::AddLevel,
        ("add-target", ..) => Do::AddTarget,
        ("remove-level", Some(at), _) => Do::RemoveLevel(at),
        ("up", Some(at), _) => Do::Up(at),
        ("remove-target", Some(at), Some(n)) => Do::RemoveTarget(at, n),
        _ => Do::Save,
    }
}

/// The draft of a new policy: one level, nobody called yet.
pub(super) fn fresh(is_default: bool) -> PolicyDraft {
    PolicyDraft {
        is_default,
        repeats: "1".to_owned(),
        levels: vec![level()],
        ..PolicyDraft::default()
    }
}

fn level() -> LevelDraft {
    LevelDraft {
        minutes: MINUTES.to_owned(),
        targets: Vec::new(),
    }
}

/// The draft of a saved policy.
pub(super) fn of(
    policy: &Policy,
    description: &str,
    is_default: bool,
    choices: &[TargetChoice],
) -> PolicyDraft {
    PolicyDraft {
        name: policy.name.clone(),
        description: description.to_owned(),
        is_default,
        repeats: policy.repeats.to_string(),
        levels: policy
            .levels
            .iter()
            .map(|level| LevelDraft {
                minutes: level.minutes.to_string(),
                targets: level
                    .targets
                    .iter()
                    .map(|t| find(choices, &t.to_string()))
                    .collect(),
            })
            .collect(),
    }
}

/// Whom a value names; somebody who cannot be chosen any more keeps their place.
fn find(choices: &[TargetChoice], value: &str) -> TargetChoice {
    let found = choices.iter().find(|c| c.value == value);
    found.cloned().unwrap_or_else(|| TargetChoice {
        value: value.to_owned(),
        label: "somebody who is no longer here".to_owned(),
        whom: "somebody who is no longer here".to_owned(),
        group: "",
        trouble: None,
    })
}

/// The draft as it was sent. Whoever is chosen in a level's list is called by
/// it, whichever button was pressed: a choice that is seen is meant.
pub(super) fn sent(form: &Form, choices: &[TargetChoice]) -> PolicyDraft {
    let count = form.text("levels").trim().parse().unwrap_or(0_usize);
    let levels = (0..count.min(LEVELS_MAX))
        .map(|at| {
            let mut targets: Vec<TargetChoice> = Vec::new();
            let chosen = form.optional(&format!("add-{at}")).map(str::to_owned);
            let named = form.all(&format!("target-{at}")).iter().cloned();
            for value in named.chain(chosen).take(TARGETS_MAX) {
                let good = value.parse::<Target>().is_ok();
                if good && !targets.iter().any(|t| t.value == value) {
                    targets.push(find(choices, &value));
                }
            }
            let minutes = text::clean(form.text(&format!("minutes-{at}")));
            LevelDraft {
                minutes: minutes.chars().take(20).collect(),
                targets,
            }
        })
        .collect();
    PolicyDraft {
        name: text::clean(form.text("name")),
        description: text::clean(form.text("description")),
        is_default: form.ticked("default"),
        repeats: form.text("repeats").trim().chars().take(2).collect(),
        levels,
    }
}

/// What the button does to the draft.
pub(super) fn apply(draft: &mut PolicyDraft, what: Do) {
    let levels = &mut draft.levels;
    match what {
        Do::Save | Do::AddTarget => {}
        Do::AddLevel if levels.len() < LEVELS_MAX => levels.push(level()),
        Do::AddLevel => {}
        Do::RemoveLevel(at) => {
            if at < levels.len() && levels.len() > 1 {
                levels.remove(at);
            }
        }
        Do::Up(at) => {
            if at > 0 && at < levels.len() {
                levels.swap(at - 1, at);
            }
        }
        Do::RemoveTarget(at, n) => {
            if let Some(level) = levels.get_mut(at)
                && n < level.targets.len()
            {
                level.targets.remove(n);
            }
        }
    }
}

/// The draft as a policy, or all that cannot be read in it.
pub(super) fn read(draft: &PolicyDraft) -> Result<NewPolicy, Error> {
    let mut wrong = Vec::new();
    let repeats = draft.repeats.parse().unwrap_or_else(|_| {
        wrong.push(FieldError {
            field: "repeats".to_owned(),
            message: "Choose one of the list.".to_owned(),
        });
        0
    });
    let levels = draft
        .levels
        .iter()
        .enumerate()
        .map(|(at, level)| Level {
            minutes: level.minutes.trim().parse().unwrap_or_else(|_| {
                wrong.push(FieldError {
                    field: format!("levels.{}", at + 1),
                    message: "Say after how many minutes the next level is called: 1 to 1440."
                        .to_owned(),
                });
                1
            }),
            targets: level
                .targets
                .iter()
                .filter_map(|t| t.value.parse().ok())
                .collect(),
        })
        .collect();
    if wrong.is_empty() {
        Ok(NewPolicy {
            description: draft.description.clone(),
            is_default: draft.is_default,
            policy: Policy {
                name: draft.name.clone(),
                repeats,
                levels,
            },
        })
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// What the draft would do, in a sentence; none while a level calls nobody.
pub(super) fn told(draft: &PolicyDraft) -> Option<String> {
    let policy = read(draft).ok()?.policy;
    if policy.levels.is_empty() || policy.levels.iter().any(|l| l.targets.is_empty()) {
        return None;
    }
    Some(policy.told(|target| {
        let value = target.to_string();
        let all = draft.levels.iter().flat_map(|l| &l.targets);
        all.into_iter()
            .find(|t| t.value == value)
            .map_or_else(String::new, |t| t.whom.clone())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rideout_domain::UserId;

    fn choices() -> Vec<TargetChoice> {
        ["Dana", "Omar"]
            .iter()
            .zip(1_u128..)
            .map(|(name, n)| TargetChoice {
                value: Target::Person(UserId(uuid::Uuid::from_u128(n))).to_string(),
                label: (*name).to_owned(),
                whom: (*name).to_owned(),
                group: "People",
                trouble: None,
            })
            .collect()
    }

    fn whom(draft: &PolicyDraft) -> Vec<Vec<&str>> {
        let names = |l: &'_ LevelDraft| l.targets.iter().map(|t| t.whom.clone()).collect();
        let all: Vec<Vec<String>> = draft.levels.iter().map(names).collect();
        all.into_iter()
            .map(|l| {
                l.into_iter()
                    .map(|n| if n == "Dana" { "Dana" } else { "Omar" })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn each_button_does_one_thing_and_nonsense_does_nothing() {
        let all = choices();
        let with = |what| {
            let mut draft = fresh(false);
            draft.levels[0].targets = all.clone();
            draft.levels.push(level());
            draft.levels[1].targets = vec![all[1].clone()];
            apply(&mut draft, what);
            draft
        };
        assert_eq!(with(Do::AddLevel).levels.len(), 3);
        assert_eq!(whom(&with(Do::RemoveLevel(0))), [["Omar"]]);
        assert_eq!(whom(&with(Do::Up(1))), [vec!["Omar"], vec!["Dana", "Omar"]]);
        assert_eq!(
            whom(&with(Do::RemoveTarget(0, 0))),
            [vec!["Omar"], vec!["Omar"]]
        );
        for nothing in [
            Do::Save,
            Do::Up(0),
            Do::Up(9),
            Do::RemoveLevel(9),
            Do::RemoveTarget(0, 9),
            Do::RemoveTarget(9, 0),
        ] {
            assert_eq!(with(nothing), with(Do::AddTarget), "{nothing:?}");
        }
        let mut one = fresh(false);
        apply(&mut one, Do::RemoveLevel(0));
        assert_eq!(one.levels.len(), 1);
        for _ in 0..20 {
            apply(&mut one, Do::AddLevel);
        }
        assert_eq!(one.levels.len(), LEVELS_MAX);
    }

    #[test]
    fn a_draft_tells_what_it_would_do_once_it_can() {
        let mut draft = fresh(true);
        assert_eq!(told(&draft), None);
        draft.levels[0].targets = vec![choices()[0].clone()];
        assert_eq!(
            told(&draft).unwrap(),
            "First Dana, for 5 min; then all again once; then all commanders and admins are called."
        );
        draft.levels[0].minutes = "soon".into();
        assert_eq!(told(&draft), None);
        let Err(Error::Invalid(errors)) = read(&draft) else {
            panic!("taken")
        };
        assert_eq!(errors[0].field, "levels.1");
    }
}

//! The editor of an escalation policy. Every press of a button that adds or
//! removes sends the whole draft and shows it again, so no script is needed;
//! only “Save” saves.

use super::policies::Troubles;
use crate::{
    FormState,
    components::{
        Button, ButtonKind, Checkbox, Choice, Field, FormError, Icon, IconName, InputKind,
        LinkButton, Notice, Select, TextArea, TextInput, Tone, words::sentence,
    },
};
use leptos::prelude::*;
use rideout_domain::{
    PolicyId,
    directory::DESCRIPTION_MAX,
    escalation::{LEVELS_MAX, REPEATS_MAX, TARGETS_MAX},
    text,
};

/// Somebody a level can call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetChoice {
    /// What is sent: `team:` and the identifier.
    pub value: String,
    /// What is shown in the list.
    pub label: String,
    /// Whom it calls, for the middle of a sentence.
    pub whom: String,
    /// The heading it stands under in the list.
    pub group: &'static str,
    /// Why they cannot respond, with what to do about it.
    pub trouble: Option<String>,
}

/// A level as it is being edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelDraft {
    /// Minutes, as typed.
    pub minutes: String,
    /// Whom it calls.
    pub targets: Vec<TargetChoice>,
}

/// A policy as it is being edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDraft {
    /// Name, as typed.
    pub name: String,
    /// What it is for, as typed.
    pub description: String,
    /// Whether it becomes the default.
    pub is_default: bool,
    /// How often all is gone through again, as chosen.
    pub repeats: String,
    /// Its levels.
    pub levels: Vec<LevelDraft>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct PolicyFormPage {
    /// The policy; made before the form is sent when it is a new one.
    pub id: PolicyId,
    /// Its present name; none for a new one.
    pub name: Option<String>,
    /// What stands in the form.
    pub draft: PolicyDraft,
    /// What is wrong with it: by `name`, `description`, `repeats`, `levels`,
    /// or `levels.N` for a level, from 1.
    pub errors: FormState,
    /// What the draft would do, in a sentence; none while it cannot be told.
    pub told: Option<String>,
    /// Everybody a level can call.
    pub choices: Vec<TargetChoice>,
    /// The default policy's name, when it is another one.
    pub default_policy: Option<String>,
    /// Whether the draft differs from what is saved.
    pub unsaved: bool,
}

/// The editor. Posts to `/policies` or `/policies/{id}/edit`; `do` says what to do.
#[component]
pub fn PolicyForm(
    /// What the page shows.
    page: PolicyFormPage,
) -> impl IntoView {
    let PolicyFormPage {
        id,
        name,
        draft,
        errors,
        told,
        choices,
        default_policy,
        unsaved,
    } = page;
    let (title, action, verb) = match &name {
        None => (
            "Make an escalation policy".to_owned(),
            "/policies".to_owned(),
            "Make the escalation policy",
        ),
        Some(name) => (
            format!("Edit {name}"),
            format!("/policies/{id}/edit"),
            "Save",
        ),
    };
    let new = name.is_none();
    let archive = (!new).then(|| format!("/policies/{id}/archive"));
    let count = draft.levels.len();
    let levels = draft
        .levels
        .into_iter()
        .enumerate()
        .map(|(at, level)| {
            let error = errors.error(&format!("levels.{}", at + 1));
            view! { <Level at=at of=count level=level error=error choices=choices.clone() action=action.clone() /> }
        })
        .collect_view();
    let repeats = (0..=REPEATS_MAX)
        .map(|n| {
            let label = match n {
                0 => "Not again".to_owned(),
                1 => "All again, once".to_owned(),
                2 => "All again, twice".to_owned(),
                n => format!("All again, {n} times"),
            };
            Choice::new(n.to_string(), label)
        })
        .collect();
    let default_hint = match default_policy {
        Some(name) => {
            format!("Instead of {name}. Services without their own escalation policy have it.")
        }
        None => "Services without their own escalation policy have it.".to_owned(),
    };
    let levels_error = errors.error("levels");
    view! {
        <div class="page narrow">
            <div class="page-head"><div class="grow">
                <p class="quiet sm"><a href="/policies">"Escalation policies"</a></p>
                <h1>{title}</h1>
                {(!new).then(|| view! { <p class="quiet">"What is running keeps the escalation policy it began with."</p> })}
            </div></div>
            <form class="stack loose" method="post" action=action.clone()>
                // Return in a field saves; it does not press the first button below.
                <button class="sr" type="submit" name="do" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                <input type="hidden" name="levels" value=count.to_string() />
                <FormError form=errors.clone() />
                {new.then(|| view! { <input type="hidden" name="id" value=id.to_string() /> })}
                <section class="panel stack loose">
                    <TextInput
                        name="name"
                        label="Name"
                        value=draft.name
                        error=errors.error("name")
                        maxlength=text::NAME_MAX
                        required=true
                    />
                    <Checkbox name="default" label="This is the default escalation policy" checked=draft.is_default hint=default_hint />
                    <TextArea
                        name="description"
                        label="What is it for?"
                        value=draft.description
                        error=errors.error("description")
                        maxlength=DESCRIPTION_MAX
                        optional=true
                        rows=2
                    />
                </section>
                <section class="stack" id="levels" aria-label="Levels">
                    {levels}
                    {levels_error.map(|error| view! { <Notice tone=Tone::Bad>{sentence(&error)}</Notice> })}
                    {(count < LEVELS_MAX).then(|| view! {
                        <div>
                            <button class="button" type="submit" name="do" value="add-level" formnovalidate=true formaction=format!("{action}#level-{}", count + 1)>
                                <Icon name=IconName::Plus />
                                {format!("Add level {}", count + 1)}
                            </button>
                        </div>
                    })}
                </section>
                <section class="panel stack loose">
                    <Select
                        name="repeats"
                        label="And if still nobody comes?"
                        hint="At the end, all commanders and admins are called."
                        choices=repeats
                        value=draft.repeats
                        error=errors.error("repeats")
                    />
                    {told.map(|told| view! {
                        <div class="what-happens">
                            <h2>"What will happen"</h2>
                            <p class="told">{told}</p>
                        </div>
                    })}
                    <div class="form-foot">
                        <Button kind=ButtonKind::Primary name="do" value="save">{verb}</Button>
                        <LinkButton href="/policies" kind=ButtonKind::Plain>"Cancel"</LinkButton>
                        {unsaved.then(|| view! { <span class="quiet sm">"Not saved yet."</span> })}
                        {archive.map(|archive| view! {
                            <span class="end"><Button kind=ButtonKind::Plain formaction=archive unchecked=true>"Archive it"</Button></span>
                        })}
                    </div>
                </section>
            </form>
        </div>
    }
    .into_any()
}

#[component]
fn Level(
    at: usize,
    of: usize,
    level: LevelDraft,
    error: Option<String>,
    choices: Vec<TargetChoice>,
    action: String,
) -> impl IntoView {
    let number = at + 1;
    let here = format!("{action}#level-{number}");
    let LevelDraft { minutes, targets } = level;
    let full = targets.len() >= TARGETS_MAX;
    let none = targets.is_empty();
    let troubles: Vec<String> = targets.iter().filter_map(|t| t.trouble.clone()).collect();
    // What is refused for it is said already.
    let troubles = troubles
        .into_iter()
        .filter(|told| error.as_ref() != Some(told));
    let troubles: Vec<String> = troubles.collect();
    let offered: Vec<_> = choices
        .into_iter()
        .filter(|c| !targets.iter().any(|t| t.value == c.value))
        .collect();
    let called = targets
        .into_iter()
        .enumerate()
        .map(|(n, target)| {
            let label = format!("Do not call {} at level {number}", target.whom);
            view! {
                <li class="target">
                    <input type="hidden" name=format!("target-{at}") value=target.value />
                    <span>{target.whom}</span>
                    <button class="target-off" type="submit" name="do" value=format!("remove-target {at} {n}") formnovalidate=true formaction=here.clone() aria-label=label>
                        <Icon name=IconName::Cross />
                    </button>
                </li>
            }
        })
        .collect_view();
    let error_id = format!("level-{number}-error");
    let select = format!("add-{at}");
    let refused = error.is_some();
    let described = refused.then(|| error_id.clone());
    view! {
        <fieldset class=if refused { "panel level field refused" } else { "panel level" } id=format!("level-{number}") aria-describedby=described>
            <legend class="sr">{format!("Level {number}")}</legend>
            <div class="level-head">
                <span class="step-number" aria-hidden="true">{number}</span>
                <h2>{format!("Level {number}")}</h2>
                <span class="grow"></span>
                {(at > 0).then(|| view! {
                    <button class="button plain small" type="submit" name="do" value=format!("up {at}") formnovalidate=true formaction=format!("{action}#level-{at}") aria-label=format!("Move up level {number}")>"Move up"</button>
                })}
                {(of > 1).then(|| view! {
                    <button class="button plain small" type="submit" name="do" value=format!("remove-level {at}") formnovalidate=true formaction=format!("{action}#levels") aria-label=format!("Remove level {number}")>"Remove"</button>
                })}
            </div>
            {error.map(|error| view! { <p class="field-error" id=error_id>{sentence(&error)}</p> })}
            {if none {
                view! { <p class="quiet sm">"Calls nobody yet. Choose somebody below."</p> }.into_any()
            } else {
                view! { <ul class="plain-list row called-list" aria-label=format!("Level {number} calls")>{called}</ul> }.into_any()
            }}
            <Troubles troubles=troubles />
            <div class="level-foot">
                {(!full).then(|| view! {
                    <div class="level-add">
                        <Field id=format!("f-{select}") label=if none { "Call" } else { "Also call" }>
                            <select class="input" id=format!("f-{select}") name=select>
                                <option value="">"Choose …"</option>
                                <Groups choices=offered />
                            </select>
                        </Field>
                        <button class="button" type="submit" name="do" value="add-target" formnovalidate=true formaction=here.clone() aria-label=format!("Add to level {number}")>"Add"</button>
                    </div>
                })}
                <div class="level-minutes">
                    <TextInput
                        name=format!("minutes-{at}")
                        label="Minutes until the next"
                        kind=InputKind::Number
                        value=minutes
                        maxlength=8_usize
                    />
                </div>
            </div>
        </fieldset>
    }
    .into_any()
}

/// Everybody who can be called, under headings.
#[component]
fn Groups(choices: Vec<TargetChoice>) -> impl IntoView {
    let mut groups: Vec<(&'static str, Vec<TargetChoice>)> = Vec::new();
    for choice in choices {
        match groups.last_mut() {
            Some((group, all)) if *group == choice.group => all.push(choice),
            _ => groups.push((choice.group, vec![choice])),
        }
    }
    groups
        .into_iter()
        .map(|(group, all)| {
            let options = all
                .into_iter()
                .map(|c| view! { <option value=c.value>{c.label}</option> })
                .collect_view();
            view! { <optgroup label=group>{options}</optgroup> }
        })
        .collect_view()
}

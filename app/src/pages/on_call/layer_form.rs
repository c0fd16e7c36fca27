//! One layer: who takes turns, how long a turn is, when it counts.

use crate::{
    FormState,
    components::{
        Button, ButtonKind, Checkbox, Choice, Disclosure, FormError, IconName, InputKind,
        LinkButton, RadioCard, RadioCards, Select, TextInput, words::sentence,
    },
    pages::room::Person,
};
use leptos::prelude::*;
use rideout_domain::{ScheduleId, text::NAME_MAX};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct LayerFormPage {
    /// The schedule, with its name and zone.
    pub schedule: (ScheduleId, String, String),
    /// The layer's place, from nought; a new one, when there is none.
    pub at: Option<usize>,
    /// Who can take turns.
    pub people: Vec<Person>,
    /// What stands in the form, and what is wrong with it.
    pub form: FormState,
}

const DAYS: [(&str, &str); 7] = [
    ("monday", "Mon"),
    ("tuesday", "Tue"),
    ("wednesday", "Wed"),
    ("thursday", "Thu"),
    ("friday", "Fri"),
    ("saturday", "Sat"),
    ("sunday", "Sun"),
];
const NAMES: [(&str, &str); 7] = [
    ("monday", "Monday"),
    ("tuesday", "Tuesday"),
    ("wednesday", "Wednesday"),
    ("thursday", "Thursday"),
    ("friday", "Friday"),
    ("saturday", "Saturday"),
    ("sunday", "Sunday"),
];
/// Most windows that the form shows.
const WINDOWS_MAX: usize = 7;

/// How many windows the form shows: those filled in and one more, three at least.
#[must_use]
pub fn window_count(form: &FormState) -> usize {
    let filled = (0..WINDOWS_MAX)
        .rev()
        .find(|at| {
            ["days", "from", "until"]
                .iter()
                .any(|part| !form.value(&format!("windows.{at}.{part}")).is_empty())
        })
        .map_or(0, |at| at + 1);
    (filled + 1).clamp(3, WINDOWS_MAX)
}

/// A layer's form.
#[component]
pub fn LayerForm(
    /// What the page shows.
    page: LayerFormPage,
) -> impl IntoView {
    let LayerFormPage {
        schedule: (id, name, zone),
        at,
        people,
        form,
    } = page;
    let base = format!("/on-call/{id}");
    let (action, title, button) = match at {
        Some(at) => (
            format!("{base}/layers/{at}"),
            format!("Change a layer of {name}"),
            "Save",
        ),
        None => (
            format!("{base}/layers"),
            format!("Add a layer to {name}"),
            "Add the layer",
        ),
    };
    let revision = form.value("revision");
    let remove = at.map(|at| {
        let (action, revision) = (format!("{base}/layers/{at}/remove"), revision.clone());
        view! {
            <Disclosure label="Take the layer out">
                <div class="stack">
                    <p>"Its people are no longer called by this schedule. Those in other layers stay."</p>
                    <form method="post" action=action>
                        <input type="hidden" name="revision" value=revision />
                        <Button kind=ButtonKind::Urgent>"Take the layer out"</Button>
                    </form>
                </div>
            </Disclosure>
        }
    });
    view! {
        <div class="page narrow">
            <header class="page-head">
                <div class="grow">
                    <p class="sm quiet"><a href="/on-call">"On call"</a>" / "<a href=base.clone()>{name}</a></p>
                    <h1>{title}</h1>
                    <p class="quiet">{format!("Times are those of {zone}. What you save counts from then on; who was on call before stays as it was.")}</p>
                </div>
            </header>
            <section class="panel">
                <form class="stack loose" method="post" action=action>
                    <FormError form=form.clone() />
                    <input type="hidden" name="revision" value=revision />
                    <TextInput name="name" label="Name" required=true maxlength=NAME_MAX placeholder="Primary" value=form.value("name") error=form.error("name") />
                    <Turns form=form.clone() people=people />
                    <HandOver form=form.clone() />
                    <Windows form=form.clone() />
                    <div class="form-foot">
                        <Button kind=ButtonKind::Primary icon=IconName::Check>{button}</Button>
                        <LinkButton href=base kind=ButtonKind::Plain>"Cancel"</LinkButton>
                    </div>
                </form>
            </section>
            {remove}
        </div>
    }
    .into_any()
}

/// Who takes turns: a field for each, some empty ones at the end.
#[component]
fn Turns(form: FormState, people: Vec<Person>) -> impl IntoView {
    let chosen: Vec<String> = form
        .value("people")
        .lines()
        .filter(|one| !one.trim().is_empty())
        .map(str::to_owned)
        .collect();
    let fields = (chosen.len() + 3).max(5);
    let error = form.error("people");
    let class = if error.is_some() {
        "field refused"
    } else {
        "field"
    };
    let described = error.is_some().then_some("f-people-error");
    let selects = (0..fields)
        .map(|at| {
            let mut choices = vec![Choice::new("", "Nobody")];
            choices.extend(
                people
                    .iter()
                    .map(|person| Choice::new(person.id.to_string(), person.name.clone())),
            );
            let value = chosen.get(at).cloned().unwrap_or_default();
            if !value.is_empty() && !choices.iter().any(|choice| choice.value == value) {
                choices.push(Choice::new(value.clone(), "Somebody without an account in use"));
            }
            view! {
                <li>
                    <Select name="people" id=format!("f-people-{at}") label=format!("Turn {}", at + 1) hide_label=true choices=choices value=value />
                </li>
            }
        })
        .collect_view();
    view! {
        <fieldset class=class aria-describedby=described>
            <legend>"Who takes turns, in order"</legend>
            <ol class="turns">{selects}</ol>
            {error.map(|error| view! { <p class="field-error" id="f-people-error">{sentence(&error)}</p> })}
            <p class="field-hint">"The first has the first turn. Everybody with the role responder or more can be chosen. Empty places do not count; save for more of them."</p>
        </fieldset>
    }
    .into_any()
}

#[component]
fn HandOver(form: FormState) -> impl IntoView {
    let cards = [
        ("weekly", "Weekly", "A week each, handed over on one day."),
        ("daily", "Daily", "A day each, handed over every day."),
        (
            "days",
            "Every few days",
            "A number of days each, from the start.",
        ),
        (
            "hours",
            "Every few hours",
            "A number of hours each, from the start.",
        ),
    ];
    let cards = cards
        .into_iter()
        .map(|(value, label, explained)| RadioCard {
            value: value.to_owned(),
            label: label.to_owned(),
            explained: explained.to_owned(),
            class: "",
        })
        .collect();
    let days = NAMES
        .iter()
        .map(|(word, name)| Choice::new(*word, *name))
        .collect();
    view! {
        <RadioCards
            name="rotation"
            legend="How long a turn is"
            cards=cards
            value=form.value_or("rotation", "weekly")
            error=form.error("rotation")
            required=true
        />
        <div class="if-weekly">
            <Select name="weekday" label="Hand over on" choices=days value=form.value_or("weekday", "monday") error=form.error("weekday") />
        </div>
        <div class="if-every">
            <TextInput name="every" label="How many days or hours" kind=InputKind::Number hint="Days up to 90, hours up to 168." value=form.value("every") error=form.error("every") />
        </div>
        <div class="two-fields">
            <TextInput name="starts_on" label="Starts on" kind=InputKind::Date required=true value=form.value("starts_on") error=form.error("starts_on") />
            <TextInput name="hand_over" label="Hand over at" kind=InputKind::Time required=true value=form.value_or("hand_over", "09:00") error=form.error("hand_over") />
        </div>
        <p class="field-hint">"Where the clock skips that time, people hand over at the skip; where it repeats it, at the first of the two."</p>
    }
    .into_any()
}

/// When it counts: rows of days and times.
#[component]
fn Windows(form: FormState) -> impl IntoView {
    let count = window_count(&form);
    let any = form
        .values
        .iter()
        .any(|(field, value)| field.starts_with("windows.") && !value.is_empty());
    let rows = (0..count)
        .map(|at| view! { <Window at=at form=form.clone() /> })
        .collect_view();
    view! {
        <Disclosure label="Only at some times" open=any>
            <div class="stack">
                <p class="quiet sm">
                    "Leave all empty for a layer that always counts. An end that is not after its beginning belongs to the day after: 18:00 to 09:00 is a night, 00:00 to 00:00 a whole day."
                </p>
                {rows}
            </div>
        </Disclosure>
    }
    .into_any()
}

#[component]
fn Window(at: usize, form: FormState) -> impl IntoView {
    let field = |part: &str| format!("windows.{at}.{part}");
    let days = DAYS
        .iter()
        .map(|(word, short)| {
            view! {
                <Checkbox
                    name=field("days")
                    value=*word
                    label=*short
                    id=format!("w{at}-{word}")
                    checked=form.has(&field("days"), word)
                />
            }
        })
        .collect_view();
    let error = form.error(&field("days"));
    let error_id = format!("w{at}-error");
    let described = error.is_some().then(|| error_id.clone());
    let class = if error.is_some() {
        "window refused"
    } else {
        "window"
    };
    view! {
        <fieldset class=class aria-describedby=described>
            <legend class="sr">{format!("Window {}", at + 1)}</legend>
            <div class="window-days">{days}</div>
            <TextInput name=field("from") id=format!("w{at}-from") label="From" kind=InputKind::Time value=form.value(&field("from")) error=form.error(&field("from")) />
            <TextInput name=field("until") id=format!("w{at}-until") label="Until" kind=InputKind::Time value=form.value(&field("until")) error=form.error(&field("until")) />
            {error.map(|error| view! { <p class="field-error" id=error_id>{sentence(&error)}</p> })}
        </fieldset>
    }
    .into_any()
}

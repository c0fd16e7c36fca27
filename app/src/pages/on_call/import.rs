//! Shifts out of a calendar: choosing it, looking at it, taking it.

use super::{Picture, picture::Rota};
use crate::{
    FormState,
    components::{
        Button, ButtonKind, Checkbox, Choice, Disclosure, Field, FormError, Head, IconName,
        InputKind, LinkButton, Notice, Panel, Select, Table, TextInput, Tone,
        words::{count, sentence},
    },
    pages::room::Person,
};
use leptos::prelude::*;
use rideout_domain::ScheduleId;

/// What a calendar comes to.
#[derive(Clone, Debug)]
pub struct ImportReading {
    /// What it calls itself.
    pub name: Option<String>,
    /// The address to keep up with.
    pub follow: Option<String>,
    /// How many shifts.
    pub shifts: usize,
    /// The shifts, to be sent again.
    pub carried: String,
    /// Who was recognised, in how many shifts.
    pub matched: Vec<(String, usize)>,
    /// Who was not, in how many.
    pub unmatched: Vec<(String, usize)>,
    /// Who was recognised and cannot respond, in a sentence each.
    pub viewers: Vec<String>,
    /// Events that were left out, and why.
    pub skipped: Vec<(String, String)>,
    /// How many imported shifts it takes the place of.
    pub replaces: usize,
    /// The recognised shifts of the next weeks as a picture.
    pub picture: Picture,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ImportPage {
    /// The schedule, with its name and zone.
    pub schedule: (ScheduleId, String, String),
    /// What was read, to be looked at.
    pub reading: Option<ImportReading>,
    /// Who somebody unknown can be.
    pub people: Vec<Person>,
    /// What stands in the form, and what is wrong with it.
    pub form: FormState,
}

/// Importing a calendar.
#[component]
pub fn ImportSchedule(
    /// What the page shows.
    page: ImportPage,
) -> impl IntoView {
    let ImportPage {
        schedule: (id, name, zone),
        reading,
        people,
        form,
    } = page;
    let base = format!("/on-call/{id}");
    let wide = reading.is_some();
    let body = match reading {
        Some(reading) => {
            view! { <Look base=base.clone() reading=reading people=people form=form /> }.into_any()
        }
        None => view! { <Choose base=base.clone() zone=zone form=form /> }.into_any(),
    };
    view! {
        <div class=if wide { "page" } else { "page narrow" }>
            <header class="page-head">
                <div class="grow">
                    <p class="sm quiet"><a href="/on-call">"On call"</a>" / "<a href=base.clone()>{name}</a></p>
                    <h1>"Import a calendar"</h1>
                    <p class="quiet">"Its shifts win over the layers. Nothing is changed before you have looked at them."</p>
                </div>
            </header>
            {body}
        </div>
    }
    .into_any()
}

#[component]
fn Choose(base: String, zone: String, form: FormState) -> impl IntoView {
    let file_error = form.error("file");
    let described = file_error.is_some().then_some("f-file-error");
    let file = view! {
        <Field label="A calendar file" id="f-file" error=file_error.clone() hint=Some("An .ics file of up to 5 MB, as every calendar exports it.".to_owned())>
            <input
                class="input"
                type="file"
                id="f-file"
                name="file"
                accept=".ics,.ical,.ifb,text/calendar"
                aria-invalid=file_error.is_some().then_some("true")
                aria-describedby=described.unwrap_or("f-file-hint")
            />
        </Field>
    };
    let address = view! {
        <TextInput
            name="url"
            label="Or its web address"
            kind=InputKind::Url
            hint="As a calendar names it for those who subscribe."
            placeholder="https://calendar.example.org/team.ics"
            value=form.value("url")
            error=form.error("url")
        />
    };
    view! {
        <section class="panel">
            <form class="stack loose" method="post" enctype="multipart/form-data" action=format!("{base}/import")>
                <FormError form=form.clone() />
                {file}
                {address}
                <Checkbox
                    name="follow"
                    label="Keep up with this address"
                    hint="Rideout fetches it each hour, and its shifts take the place of those before."
                    checked=form.ticked("follow") || form.value("url").is_empty()
                />
                <p class="field-hint">
                    {format!("Read are the shifts of the coming year. Whole days and times without a zone count as those of {zone}, unless the calendar names its own.")}
                </p>
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary icon=IconName::Eye>"Look at it"</Button>
                    <LinkButton href=base.clone() kind=ButtonKind::Plain>"Cancel"</LinkButton>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn shifts(n: usize) -> String {
    count(i64::try_from(n).unwrap_or(i64::MAX), "shift", "shifts")
}

#[component]
fn Look(
    base: String,
    reading: ImportReading,
    people: Vec<Person>,
    form: FormState,
) -> impl IntoView {
    let ImportReading {
        name,
        follow,
        shifts: all,
        carried,
        matched,
        unmatched,
        viewers,
        skipped,
        replaces,
        picture,
    } = reading;
    let viewers = viewers
        .iter()
        .map(|told| view! { <li>{sentence(told)}</li> })
        .collect_view();
    let only_look = (!viewers.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Warn title="Not everybody in it can respond.">
                <ul class="notice-list">{viewers}</ul>
            </Notice>
        }
    });
    let title = name.map_or_else(|| shifts(all), |name| format!("{name}: {}", shifts(all)));
    let matched: Vec<String> = matched
        .into_iter()
        .map(|(name, n)| format!("{name} ({n})"))
        .collect();
    let replaced = if replaces > 0 {
        format!(
            "They take the place of {} imported before.",
            shifts(replaces)
        )
    } else {
        "Nothing was imported before.".to_owned()
    };
    let nobody_known = matched.is_empty();
    let error = form.error("who");
    let unknown = (!unmatched.is_empty()).then(|| {
        view! { <Unknown unmatched=unmatched people=people form=form.clone() /> }
    });
    let left_out = (!skipped.is_empty()).then(|| view! { <LeftOut skipped=skipped /> });
    view! {
        <Panel title=title lead=replaced>
            <div class="stack">
                {error.map(|error| view! { <Notice tone=Tone::Bad>{sentence(&error)}</Notice> })}
                {only_look}
                {(!nobody_known).then(|| view! {
                    <p>"Recognised by address or name: "{matched.join(", ")}"."</p>
                    <Rota picture=picture />
                })}
            </div>
        </Panel>
        <form class="stack" method="post" enctype="multipart/form-data" action=format!("{base}/import/confirm")>
            <input type="hidden" name="shifts" value=carried />
            {follow.map(|url| view! { <input type="hidden" name="follow" value=url /> })}
            {unknown}
            {left_out}
            <div class="form-foot">
                <Button kind=ButtonKind::Primary icon=IconName::Check>"Put them on call"</Button>
                <LinkButton href=format!("{base}/import") kind=ButtonKind::Plain>"Another calendar"</LinkButton>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Unknown(unmatched: Vec<(String, usize)>, people: Vec<Person>, form: FormState) -> impl IntoView {
    let rows = unmatched
        .into_iter()
        .enumerate()
        .map(|(at, (whom, n))| {
            let mut choices = vec![
                Choice::new("", "Choose"),
                Choice::new("nobody", "Leave these shifts out"),
            ];
            choices.extend(
                people
                    .iter()
                    .map(|person| Choice::new(person.id.to_string(), person.name.clone())),
            );
            let field = format!("is.{at}");
            let chosen = form.value(&field);
            if !choices.iter().any(|choice| choice.value == chosen) {
                choices.push(Choice::new(chosen, "Somebody who cannot be put on call"));
            }
            view! {
                <tr>
                    <td><b>{whom.clone()}</b><input type="hidden" name=format!("whom.{at}") value=whom.clone() /></td>
                    <td data-label="Shifts" class="num">{n}</td>
                    <td>
                        <Select name=field.clone() label=format!("Who {whom} is") hide_label=true choices=choices value=form.value(&field) error=form.error(&field) />
                    </td>
                </tr>
            }
        })
        .collect_view();
    let heads = vec![
        Head::new("In the calendar"),
        Head::number("Shifts"),
        Head::new("Who that is"),
    ];
    view! {
        <Panel title="Not recognised" lead="Say who they are. Titles with a name or an e-mail address are recognised next time." flush=true>
            <Table caption="Whom the calendar names and Rideout does not know" heads=heads>{rows}</Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn LeftOut(skipped: Vec<(String, String)>) -> impl IntoView {
    let label = format!(
        "{} left out",
        count(
            i64::try_from(skipped.len()).unwrap_or(i64::MAX),
            "event is",
            "events are"
        )
    );
    let rows = skipped
        .into_iter()
        .map(|(title, why)| view! { <li><b>{title}</b>": "{why}"."</li> })
        .collect_view();
    view! {
        <Disclosure label=label open=true><ul class="left-out">{rows}</ul></Disclosure>
    }
    .into_any()
}

//! Making a schedule, changing its name, zone and team, archiving it.

use crate::{
    FormState,
    components::{
        Button, ButtonKind, Choice, Disclosure, FormError, IconName, LinkButton, Notice, Select,
        TextInput, Tone,
    },
};
use leptos::prelude::*;
use rideout_domain::{ScheduleId, TeamId, text::NAME_MAX};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ScheduleFormPage {
    /// The schedule, with its name; a new one, when there is none.
    pub schedule: Option<(ScheduleId, String)>,
    /// The identifier of a new one, made before the form is sent.
    pub next: ScheduleId,
    /// Zones to choose from.
    pub zones: Vec<String>,
    /// Teams to choose from.
    pub teams: Vec<(TeamId, String)>,
    /// What stands in the form, and what is wrong with it.
    pub form: FormState,
    /// Why the last change was not made.
    pub refused: Option<String>,
}

/// Name, zone and team of a schedule.
#[component]
pub fn ScheduleForm(
    /// What the page shows.
    page: ScheduleFormPage,
) -> impl IntoView {
    let ScheduleFormPage {
        schedule,
        next,
        zones,
        teams,
        form,
        refused,
    } = page;
    let (action, back, title, lead, button) = match &schedule {
        Some((id, name)) => (
            format!("/on-call/{id}/edit"),
            format!("/on-call/{id}"),
            format!("Edit {name}"),
            "Layers are changed on the schedule's page. Another time zone counts from when you save it; who was on call before stays as it was.",
            "Save",
        ),
        None => (
            "/on-call".to_owned(),
            "/on-call".to_owned(),
            "New schedule".to_owned(),
            "Next you say who takes turns.",
            "Make the schedule",
        ),
    };
    let mut choices = vec![Choice::new("", "No team in particular")];
    choices.extend(
        teams
            .into_iter()
            .map(|(id, name)| Choice::new(id.to_string(), name)),
    );
    let zones = zones
        .into_iter()
        .map(|zone| view! { <option value=zone></option> })
        .collect_view();
    let archive = schedule.clone().map(|(id, name)| {
        view! {
            <Disclosure label="Archive it">
                <div class="stack">
                    <p>"It disappears from the list and calls nobody any more. What was stays in the audit log."</p>
                    <form method="post" action=format!("/on-call/{id}/archive")>
                        <Button kind=ButtonKind::Urgent label=format!("Archive the schedule {name}")>"Archive the schedule"</Button>
                    </form>
                </div>
            </Disclosure>
        }
    });
    view! {
        <div class="page narrow">
            <header class="page-head">
                <div class="grow">
                    <p class="sm quiet"><a href="/on-call">"On call"</a></p>
                    <h1>{title}</h1>
                    <p class="quiet">{lead}</p>
                </div>
            </header>
            {refused.map(|refused| view! { <Notice tone=Tone::Bad>{refused}</Notice> })}
            <section class="panel">
                <form class="stack loose" method="post" action=action>
                    <FormError form=form.clone() />
                    <input type="hidden" name="id" value=form.value_or("id", &next.to_string()) />
                    <input type="hidden" name="revision" value=form.value("revision") />
                    <TextInput name="name" label="Name" required=true maxlength=NAME_MAX placeholder="Payments, primary" value=form.value("name") error=form.error("name") autofocus=schedule.is_none() />
                    <TextInput
                        name="zone"
                        label="Time zone"
                        hint="Hand-overs keep their time of day there, in summer and in winter."
                        required=true
                        list=Some("zones".to_owned())
                        placeholder="Europe/Berlin"
                        value=form.value("zone")
                        error=form.error("zone")
                    />
                    <datalist id="zones">{zones}</datalist>
                    <Select name="team" label="Team" choices=choices value=form.value("team") error=form.error("team") />
                    <div class="form-foot">
                        <Button kind=ButtonKind::Primary icon=IconName::Check>{button}</Button>
                        <LinkButton href=back kind=ButtonKind::Plain>"Cancel"</LinkButton>
                    </div>
                </form>
            </section>
            {archive}
        </div>
    }
    .into_any()
}

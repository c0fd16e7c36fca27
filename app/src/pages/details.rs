//! Title, services and description of an incident, changed.

use crate::{
    FormState,
    components::{Button, ButtonKind, FormError, LinkButton, TextArea, TextInput},
    pages::directory::{Affected, AffectedLine},
};
use leptos::prelude::*;
use rideout_domain::{Incident, text};

/// The form for an incident as it is, for the first time it is shown.
#[must_use]
pub fn form_of(incident: &Incident) -> FormState {
    FormState::new()
        .with("title", incident.title.clone())
        .with("services", incident.services.join(", "))
        .with("description", incident.description.clone())
}

/// The page. Posts to where it is.
#[component]
pub fn Details(
    /// The incident.
    incident: Incident,
    /// What was typed, and what is wrong with it.
    form: FormState,
    /// Names of registered services, offered while typing.
    known: Vec<String>,
    /// What is known of the services it names.
    affected: Vec<AffectedLine>,
    /// Whether the viewer may register services.
    may_register: bool,
) -> impl IntoView {
    let base = format!("/incidents/{}", incident.id);
    let action = format!("{base}/details");
    let (title, title_error) = (form.value("title"), form.error("title"));
    let (services, services_error) = (form.value("services"), form.error("services"));
    let (description, description_error) = (form.value("description"), form.error("description"));
    let offered = (!known.is_empty()).then(|| {
        let options = known
            .into_iter()
            .map(|service| view! { <option value=service></option> })
            .collect_view();
        view! { <datalist id="services-known">{options}</datalist> }
    });
    let named = !affected.is_empty();
    view! {
        <div class="page narrow">
            <header>
                <p class="sm quiet">{incident.reference()} " · " {incident.title.clone()}</p>
                <h1>"Edit details"</h1>
            </header>
            <form class="panel stack loose" method="post" action=action>
                <FormError form=form />
                <TextInput
                    name="title"
                    label="What is wrong, in one line"
                    required=true
                    maxlength=text::TITLE_MAX
                    value=title
                    error=title_error
                />
                <div>
                    <TextInput
                        name="services"
                        label="Affected services"
                        hint="Several, with commas between them."
                        optional=true
                        value=services
                        error=services_error
                        list=offered.is_some().then(|| "services-known".to_owned())
                    />
                    {offered}
                </div>
                <TextArea
                    name="description"
                    label="Description"
                    hint="Markdown. What somebody needs to know who has never seen the system."
                    optional=true
                    rows=6
                    maxlength=text::TEXT_MAX
                    value=description
                    error=description_error
                />
                <p class="sm quiet">"The change is put on record in the timeline."</p>
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>"Save"</Button>
                    <LinkButton href=base kind=ButtonKind::Plain>"Cancel"</LinkButton>
                </div>
            </form>
            {named.then(|| view! { <Affected lines=affected may_register=may_register /> })}
        </div>
    }
    .into_any()
}

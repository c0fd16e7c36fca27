//! Registering a service, and changing it.

use crate::{
    FormState,
    components::{
        Button, ButtonKind, Choice, FormError, InputKind, LinkButton, RadioCard, RadioCards,
        Select, TextArea, TextInput,
    },
};
use leptos::prelude::*;
use rideout_domain::{
    ServiceId, ServiceKind,
    directory::{CONTACT_MAX, DESCRIPTION_MAX},
    text,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ServiceFormPage {
    /// The service; made before the form is sent when it is a new one.
    pub id: ServiceId,
    /// Its present name; none for a new one.
    pub name: Option<String>,
    /// What was typed, and what is wrong with it.
    pub form: FormState,
    /// Teams to choose from: what is sent, and what is shown.
    pub teams: Vec<Choice>,
    /// People to choose from.
    pub people: Vec<Choice>,
    /// Escalation policies to choose from.
    pub policies: Vec<Choice>,
    /// The name of the default policy.
    pub default_policy: Option<String>,
}

/// The form. Posts to `/services` or `/services/{id}/edit`.
#[component]
pub fn ServiceForm(
    /// What the page shows.
    page: ServiceFormPage,
) -> impl IntoView {
    let ServiceFormPage {
        id,
        name,
        form,
        teams,
        people,
        policies,
        default_policy,
    } = page;
    let (title, action, back, verb) = match &name {
        None => (
            "Register a service".to_owned(),
            "/services".to_owned(),
            "/services".to_owned(),
            "Register it",
        ),
        Some(name) => (
            format!("Edit {name}"),
            format!("/services/{id}/edit"),
            format!("/services/{id}"),
            "Save",
        ),
    };
    let new = name.is_none();
    let cards = ServiceKind::ALL
        .iter()
        .map(|kind| RadioCard {
            value: kind.word().to_owned(),
            label: kind.title().to_owned(),
            explained: kind.explained().to_owned(),
            class: "",
        })
        .collect();
    let with_none = |none: String, choices: Vec<Choice>| {
        let mut all = vec![Choice::new("", none)];
        all.extend(choices);
        all
    };
    let no_policy = match default_policy {
        Some(name) => format!("The default one, {name}"),
        None => "None: all commanders and admins are called".to_owned(),
    };
    view! {
        <div class="page narrow">
            <div class="page-head"><div class="grow">
                <p class="quiet sm"><a href="/services">"Services"</a></p>
                <h1>{title}</h1>
            </div></div>
            <form class="panel stack loose" method="post" action=action>
                <FormError form=form.clone() />
                {new.then(|| view! { <input type="hidden" name="id" value=id.to_string() /> })}
                <TextInput
                    name="name"
                    label="Name"
                    hint="As people write it when they declare an incident. Capitals do not matter."
                    value=form.value("name")
                    error=form.error("name")
                    maxlength=text::NAME_MAX
                    required=true
                    autofocus=new && !form.is_refused()
                />
                <RadioCards
                    name="kind"
                    legend="Whose is it?"
                    cards=cards
                    value=form.value_or("kind", ServiceKind::Service.word())
                    error=form.error("kind")
                    required=true
                />
                <TextArea
                    name="description"
                    label="What is it?"
                    value=form.value("description")
                    error=form.error("description")
                    maxlength=DESCRIPTION_MAX
                    optional=true
                    rows=2
                />
                <div class="pair">
                    <Select name="owner" label="Owner" hint="Who answers for it." choices=with_none("Nobody yet".into(), people) value=form.value("owner") error=form.error("owner") />
                    <Select name="team" label="Team" hint="Who runs it." choices=with_none("None".into(), teams) value=form.value("team") error=form.error("team") />
                </div>
                <TextInput
                    name="contact"
                    label="Contact outside Rideout"
                    hint="A telephone number, a desk, a portal: where one asks when nobody with an account here owns it."
                    value=form.value("contact")
                    error=form.error("contact")
                    maxlength=CONTACT_MAX
                    optional=true
                />
                <TextInput
                    name="response_minutes"
                    label="Promised response, in minutes"
                    hint="How soon they have promised to answer, such as 15 or 2h. Beyond it, Rideout says that they are silent."
                    kind=InputKind::Text
                    value=form.value("response_minutes")
                    error=form.error("response_minutes")
                    optional=true
                />
                <Select
                    name="policy"
                    label="Escalation policy"
                    hint="What happens when an incident about it gets no answer."
                    choices=with_none(no_policy, policies)
                    value=form.value("policy")
                    error=form.error("policy")
                />
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>{verb}</Button>
                    <LinkButton href=back kind=ButtonKind::Plain>"Cancel"</LinkButton>
                </div>
            </form>
        </div>
    }
    .into_any()
}

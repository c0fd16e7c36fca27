//! Adding a component to a service, and changing it.

use super::PeopleBoxes;
use crate::{
    FormState,
    components::{Button, ButtonKind, Choice, FormError, LinkButton, Select, TextArea, TextInput},
};
use leptos::prelude::*;
use rideout_domain::{ComponentId, ServiceId, UserId, directory::DESCRIPTION_MAX, text};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ComponentFormPage {
    /// The service it belongs to.
    pub service: ServiceId,
    /// The service's name.
    pub service_name: String,
    /// The component; made before the form is sent when it is a new one.
    pub id: ComponentId,
    /// Its present name; none for a new one.
    pub name: Option<String>,
    /// What was typed, and what is wrong with it.
    pub form: FormState,
    /// Who can own it: what is sent, and what is shown.
    pub owners: Vec<Choice>,
    /// Who can know it well.
    pub people: Vec<(UserId, String)>,
}

/// The form. Posts to `/services/{id}/components` or `…/components/{id}/edit`.
#[component]
pub fn ComponentForm(
    /// What the page shows.
    page: ComponentFormPage,
) -> impl IntoView {
    let ComponentFormPage {
        service,
        service_name,
        id,
        name,
        form,
        owners,
        people,
    } = page;
    let back = format!("/services/{service}");
    let (title, action, verb) = match &name {
        None => (
            "Add a component".to_owned(),
            format!("{back}/components"),
            "Add it",
        ),
        Some(name) => (
            format!("Edit {name}"),
            format!("{back}/components/{id}/edit"),
            "Save",
        ),
    };
    let new = name.is_none();
    let archive = (!new).then(|| format!("{back}/components/{id}/archive"));
    let mut choices = vec![Choice::new("", "Nobody yet")];
    choices.extend(owners);
    view! {
        <div class="page narrow">
            <div class="page-head"><div class="grow">
                <p class="quiet sm"><a href="/services">"Services"</a>" · "<a href=back.clone()>{service_name}</a></p>
                <h1>{title}</h1>
            </div></div>
            <form class="panel stack loose" method="post" action=action>
                <FormError form=form.clone() />
                {new.then(|| view! { <input type="hidden" name="id" value=id.to_string() /> })}
                <TextInput
                    name="name"
                    label="Name"
                    placeholder="Admin interface"
                    value=form.value("name")
                    error=form.error("name")
                    maxlength=text::NAME_MAX
                    required=true
                    autofocus=new && !form.is_refused()
                />
                <TextArea
                    name="description"
                    label="What does it do?"
                    value=form.value("description")
                    error=form.error("description")
                    maxlength=DESCRIPTION_MAX
                    optional=true
                    rows=2
                />
                <Select name="owner" label="Owner" hint="Who answers for it." choices=choices value=form.value("owner") error=form.error("owner") />
                <PeopleBoxes
                    name="experts"
                    legend="Who knows it well?"
                    hint="They are proposed when a room is stuck on it. Two are safer than one."
                    people=people
                    form=form.clone()
                />
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>{verb}</Button>
                    <LinkButton href=back kind=ButtonKind::Plain>"Cancel"</LinkButton>
                    {archive.map(|archive| view! {
                        <span class="end"><Button kind=ButtonKind::Plain formaction=archive unchecked=true>"Archive it"</Button></span>
                    })}
                </div>
            </form>
        </div>
    }
    .into_any()
}

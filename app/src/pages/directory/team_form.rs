//! Making a team, and changing it.

use super::PeopleBoxes;
use crate::{
    FormState,
    components::{Button, ButtonKind, FormError, LinkButton, TextArea, TextInput},
};
use leptos::prelude::*;
use rideout_domain::{TeamId, UserId, directory::DESCRIPTION_MAX, text};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct TeamFormPage {
    /// The team; made before the form is sent when it is a new one.
    pub id: TeamId,
    /// Its present name; none for a new one.
    pub name: Option<String>,
    /// What was typed, and what is wrong with it.
    pub form: FormState,
    /// Who can be in it.
    pub people: Vec<(UserId, String)>,
}

/// The form. Posts to `/teams` or `/teams/{id}/edit`.
#[component]
pub fn TeamForm(
    /// What the page shows.
    page: TeamFormPage,
) -> impl IntoView {
    let TeamFormPage {
        id,
        name,
        form,
        people,
    } = page;
    let (title, action, verb) = match &name {
        None => (
            "Make a team".to_owned(),
            "/teams".to_owned(),
            "Make the team",
        ),
        Some(name) => (format!("Edit {name}"), format!("/teams/{id}/edit"), "Save"),
    };
    let new = name.is_none();
    let archive = (!new).then(|| format!("/teams/{id}/archive"));
    view! {
        <div class="page narrow">
            <div class="page-head"><div class="grow">
                <p class="quiet sm"><a href="/teams">"Teams"</a></p>
                <h1>{title}</h1>
            </div></div>
            <form class="panel stack loose" method="post" action=action>
                <FormError form=form.clone() />
                {new.then(|| view! { <input type="hidden" name="id" value=id.to_string() /> })}
                <TextInput
                    name="name"
                    label="Name"
                    value=form.value("name")
                    error=form.error("name")
                    maxlength=text::NAME_MAX
                    required=true
                    autofocus=new && !form.is_refused()
                />
                <TextArea
                    name="description"
                    label="What is it for?"
                    value=form.value("description")
                    error=form.error("description")
                    maxlength=DESCRIPTION_MAX
                    optional=true
                    rows=2
                />
                <PeopleBoxes name="members" legend="Who is in it?" people=people form=form.clone() />
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>{verb}</Button>
                    <LinkButton href="/teams" kind=ButtonKind::Plain>"Cancel"</LinkButton>
                    {archive.map(|archive| view! {
                        <span class="end"><Button kind=ButtonKind::Plain formaction=archive unchecked=true>"Archive it"</Button></span>
                    })}
                </div>
            </form>
        </div>
    }
    .into_any()
}

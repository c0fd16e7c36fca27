//! One of several, folded.

use super::field::{Field, Ids};
use leptos::prelude::*;

/// One of several to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// One of several, folded. For a few that want explaining, use [`super::RadioCards`].
#[component]
pub fn Select(
    /// Field name.
    #[prop(into)]
    name: String,
    /// What it asks for.
    #[prop(into)]
    label: String,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// What is chosen.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// How to answer, in a sentence.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Identifier, when two forms on a page share a name.
    #[prop(optional, into)]
    id: Option<String>,
    /// The label is for screen readers only.
    #[prop(optional)]
    hide_label: bool,
) -> impl IntoView {
    let ids = Ids::new(id, &name, hint.is_some(), error.is_some());
    let refused = error.is_some().then_some("true");
    let options = choices
        .into_iter()
        .map(|choice| {
            let chosen = choice.value == value;
            view! { <option value=choice.value selected=chosen>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <Field id=ids.control.clone() label=label hint=hint error=error hide_label=hide_label>
            <select class="input" id=ids.control name=name aria-invalid=refused aria-describedby=ids.described>
                {options}
            </select>
        </Field>
    }
    .into_any()
}

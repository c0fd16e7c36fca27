//! A label, a control, a hint, an error.

use super::words::sentence;
use leptos::prelude::*;

/// What a control needs to point at its hint and its error.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    /// Of the control.
    pub(super) control: String,
    /// For `aria-describedby`.
    pub(super) described: Option<String>,
}

impl Ids {
    pub(super) fn new(id: Option<String>, name: &str, hint: bool, error: bool) -> Self {
        let control = id.unwrap_or_else(|| format!("f-{name}"));
        let described = match (hint, error) {
            (false, false) => None,
            (true, false) => Some(format!("{control}-hint")),
            (false, true) => Some(format!("{control}-error")),
            (true, true) => Some(format!("{control}-error {control}-hint")),
        };
        Self { control, described }
    }
}

/// A label, a control (the child), a hint and an error. [`super::TextInput`]
/// and its siblings bring their own; use it for a control of your own, whose
/// `id` is `id` and whose `aria-describedby` names `{id}-hint` and `{id}-error`.
#[component]
pub fn Field(
    /// What it asks for.
    #[prop(into)]
    label: String,
    /// Identifier of the control.
    #[prop(into)]
    id: String,
    /// How to answer, in a sentence.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Whether it may stay empty; said beside the label.
    #[prop(optional)]
    optional: bool,
    /// The label is for screen readers only.
    #[prop(optional)]
    hide_label: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let class = if error.is_some() {
        "field refused"
    } else {
        "field"
    };
    view! {
        <div class=class>
            <label class=hide_label.then_some("sr") for=id>
                {label}
                {optional.then(|| view! { " "<span class="quiet">"optional"</span> })}
            </label>
            {children()}
            {error.map(|error| view! { <p class="field-error" id=error_id>{sentence(&error)}</p> })}
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}

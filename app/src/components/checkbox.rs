//! Yes or no.

use leptos::prelude::*;

/// Yes or no. Unticked, nothing is sent.
#[component]
pub fn Checkbox(
    /// Field name.
    #[prop(into)]
    name: String,
    /// What it says yes to.
    #[prop(into)]
    label: String,
    /// What is sent when ticked.
    #[prop(default = "on".to_owned(), into)]
    value: String,
    /// Whether it is ticked.
    #[prop(optional)]
    checked: bool,
    /// What follows from ticking it.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Identifier, when two boxes on a page share a name and a value.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| format!("f-{name}-{value}"));
    let hint_id = format!("{id}-hint");
    let described = hint.is_some().then(|| hint_id.clone());
    view! {
        <div class="check">
            <input type="checkbox" id=id.clone() name=name value=value checked=checked aria-describedby=described />
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}

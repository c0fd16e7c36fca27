//! A secret that is shown once.

use crate::components::{Field, Icon, IconName, button::ButtonKind};
use leptos::prelude::*;

/// A secret that is shown once, ready to be copied.
#[component]
pub fn Secret(
    /// Identifier of the field.
    #[prop(into)]
    id: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// The secret.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <Field id=id.clone() label=label>
            <div class="secret">
                <input class="input mono" type="text" id=id.clone() value=value readonly=true autocomplete="off" spellcheck="false" />
                <button class=ButtonKind::Normal.class(false) type="button" data-copy-from=format!("#{id}") hidden=true>
                    <Icon name=IconName::Copy />
                    "Copy"
                </button>
            </div>
        </Field>
    }
    .into_any()
}

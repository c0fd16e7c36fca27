//! The first stop of the tab key.

use leptos::prelude::*;

/// Leads past the rail to the page; seen only when focused.
#[component]
pub fn SkipLink(
    /// Identifier of what it leads to.
    #[prop(default = "main")]
    to: &'static str,
    /// The words.
    #[prop(default = "Skip to the page")]
    label: &'static str,
) -> impl IntoView {
    view! { <a class="skip" href=format!("#{to}")>{label}</a> }
}

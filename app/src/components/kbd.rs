//! Keys.

use leptos::prelude::*;

/// A key somebody can press. Give the element that it presses `data-key="x"`;
/// a small script of the shell does the rest.
#[component]
pub fn Kbd(
    /// What is written on the key.
    #[prop(into)]
    keys: String,
) -> impl IntoView {
    view! { <kbd aria-hidden="true">{keys.to_uppercase()}</kbd> }
}

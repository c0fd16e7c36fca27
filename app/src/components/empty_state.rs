//! Nothing there yet.

use super::{Icon, IconName};
use leptos::prelude::*;

/// Nothing there yet: says so, and teaches the next step.
#[component]
pub fn EmptyState(
    /// What is not there, in a sentence.
    #[prop(into)]
    title: String,
    /// A drawing above it.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// The next step, and the button for it.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            {icon.map(|name| view! { <span class="empty-icon"><Icon name=name /></span> })}
            <h2>{title}</h2>
            {children()}
        </div>
    }
    .into_any()
}

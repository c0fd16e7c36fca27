//! A box with a heading.

use leptos::prelude::*;

/// A box with an optional heading and something to do beside it.
#[component]
pub fn Panel(
    /// The heading.
    #[prop(optional, into)]
    title: Option<String>,
    /// A sentence under the heading.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Identifier, to link to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// Buttons beside the heading.
    #[prop(optional, into)]
    actions: Option<AnyView>,
    /// No space around what it holds: for tables and lists.
    #[prop(optional)]
    flush: bool,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let head = (title.is_some() || actions.is_some()).then(|| {
        view! {
            <div class="panel-head">
                <div class="grow">
                    {title.map(|title| view! { <h2>{title}</h2> })}
                    {lead.map(|lead| view! { <p class="quiet sm">{lead}</p> })}
                </div>
                {actions}
            </div>
        }
    });
    view! {
        <section class=if flush { "panel flush" } else { "panel" } id=id>
            {head}
            {children()}
        </section>
    }
    .into_any()
}

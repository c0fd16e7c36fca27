//! What opens when asked. Both are `<details>`, so they open without a script.

use super::{ButtonKind, Icon, IconName};
use leptos::prelude::*;

/// A button that opens a sheet with a form: over the page on a wide screen, at
/// the bottom of a phone. A press elsewhere closes it, and so does Escape where
/// scripts run.
#[component]
pub fn Dialog(
    /// The words of the button.
    #[prop(into)]
    label: String,
    /// The heading of the sheet.
    #[prop(into)]
    title: String,
    /// Identifier, to link to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// How much attention the button asks for.
    #[prop(optional)]
    kind: ButtonKind,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
    /// Drawn before the words of the button.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// Key that opens it from anywhere on the page.
    #[prop(optional, into)]
    key: Option<String>,
    /// Shown open: for a form that was refused.
    #[prop(optional)]
    open: bool,
    /// What stands in the sheet.
    children: Children,
) -> impl IntoView {
    let hot = key.as_deref().map(str::to_lowercase);
    view! {
        <details class="dialog" id=id open=open data-menu="">
            <summary class=kind.class(small) data-key=hot>
                {icon.map(|name| view! { <Icon name=name /> })}
                {label}
                {key.map(|key| view! { <super::Kbd keys=key /> })}
            </summary>
            <div class="sheet stack">
                <h2>{title}</h2>
                {children()}
            </div>
        </details>
    }
    .into_any()
}

/// More, in place, when asked.
#[component]
pub fn Disclosure(
    /// What it is about.
    #[prop(into)]
    label: String,
    /// Identifier, to link to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// Shown open.
    #[prop(optional)]
    open: bool,
    /// What it hides.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" id=id open=open>
            <summary><Icon name=IconName::Right />{label}</summary>
            <div class="disclosed">{children()}</div>
        </details>
    }
    .into_any()
}

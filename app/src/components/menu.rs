//! A few things to do, behind one button.

use super::{ButtonKind, Icon, IconName};
use leptos::prelude::*;

/// A button that opens a short list of links and forms. Opens without a
/// script; a press elsewhere closes it, and so does Escape where scripts run. Give it links
/// (`<a class="item">`) and forms with `<button class="item">`.
#[component]
pub fn Menu(
    /// The words of the button, or its name when only the icon is shown.
    #[prop(into)]
    label: String,
    /// Drawn before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// Only the icon is shown.
    #[prop(optional)]
    icon_only: bool,
    /// How much attention the button asks for.
    #[prop(default = ButtonKind::Plain)]
    kind: ButtonKind,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
    /// The list begins below the beginning of the button, not its end: for
    /// buttons at the left of the page.
    #[prop(optional)]
    start: bool,
    /// What stands in the list.
    children: Children,
) -> impl IntoView {
    let class = format!(
        "{}{}",
        kind.class(small),
        if icon_only { " icon-only" } else { "" }
    );
    let (name, words) = if icon_only {
        (Some(label), None)
    } else {
        (None, Some(label))
    };
    view! {
        <details class=if start { "menu start" } else { "menu" } data-menu="">
            <summary class=class aria-label=name.clone() title=name>
                {icon.map(|name| view! { <Icon name=name /> })}
                {words}
                {(!icon_only).then(|| view! { <Icon name=IconName::Down /> })}
            </summary>
            <div class="menu-list">{children()}</div>
        </details>
    }
    .into_any()
}

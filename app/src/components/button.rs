//! Things to press.

use super::{Icon, IconName, Kbd};
use leptos::prelude::*;

/// How much a button asks for attention. One primary a page; urgent is for
/// what calls or stops people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// An outlined button.
    #[default]
    Normal,
    /// The one thing to do here.
    Primary,
    /// What calls or stops people, or cannot be taken back.
    Urgent,
    /// No outline: beside others that matter more.
    Plain,
}

impl ButtonKind {
    /// The classes that make an element a button of this kind.
    #[must_use]
    pub const fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Normal, false) => "button",
            (Self::Primary, false) => "button primary",
            (Self::Urgent, false) => "button urgent",
            (Self::Plain, false) => "button plain",
            (Self::Normal, true) => "button small",
            (Self::Primary, true) => "button primary small",
            (Self::Urgent, true) => "button urgent small",
            (Self::Plain, true) => "button plain small",
        }
    }
}

/// A button of a form. It submits unless told to do nothing by itself
/// (`inert`), which is for islands.
#[component]
pub fn Button(
    /// How much attention it asks for.
    #[prop(optional)]
    kind: ButtonKind,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
    /// Drawn before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// Field sent when this button submits.
    #[prop(optional, into)]
    name: Option<String>,
    /// Value sent when this button submits.
    #[prop(optional, into)]
    value: Option<String>,
    /// Identifier of the form it belongs to, when it stands outside of it.
    #[prop(optional, into)]
    form: Option<String>,
    /// Where it submits to, when not to where its form does.
    #[prop(optional, into)]
    formaction: Option<String>,
    /// Key that presses it from anywhere on the page, shown beside the words.
    #[prop(optional, into)]
    key: Option<String>,
    /// Name for screen readers when the words alone say too little.
    #[prop(optional, into)]
    label: Option<String>,
    /// Cannot be pressed now.
    #[prop(optional)]
    disabled: bool,
    /// Leaves the form's fields unchecked by the browser: for “cancel” and “preview”.
    #[prop(optional)]
    unchecked: bool,
    /// Does not submit.
    #[prop(optional)]
    inert: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    let hot = key.as_deref().map(str::to_lowercase);
    view! {
        <button
            class=kind.class(small)
            type=if inert { "button" } else { "submit" }
            name=name
            value=value
            form=form
            formaction=formaction
            formnovalidate=unchecked
            disabled=disabled
            aria-label=label
            data-key=hot
        >
            {icon.map(|name| view! { <Icon name=name /> })}
            {children()}
            {key.map(|key| view! { <Kbd keys=key /> })}
        </button>
    }
    .into_any()
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much attention it asks for.
    #[prop(optional)]
    kind: ButtonKind,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
    /// Drawn before the words.
    #[prop(optional, into)]
    icon: Option<IconName>,
    /// Key that follows it from anywhere on the page, shown beside the words.
    #[prop(optional, into)]
    key: Option<String>,
    /// Name for screen readers when the words alone say too little.
    #[prop(optional, into)]
    label: Option<String>,
    /// Saved as a file under this name instead of shown.
    #[prop(optional, into)]
    download: Option<String>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let hot = key.as_deref().map(str::to_lowercase);
    view! {
        <a class=kind.class(small) href=href download=download aria-label=label data-key=hot>
            {icon.map(|name| view! { <Icon name=name /> })}
            {children()}
            {key.map(|key| view! { <Kbd keys=key /> })}
        </a>
    }
    .into_any()
}

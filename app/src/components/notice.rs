//! A sentence that wants to be read.

use super::{Icon, IconName, Tone, words};
use crate::FormState;
use leptos::prelude::*;

/// A sentence that wants to be read, with an optional heading. What is bad is
/// announced at once, the rest politely.
#[component]
pub fn Notice(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// A few words before it.
    #[prop(optional, into)]
    title: Option<String>,
    /// The sentence, and the way forward.
    children: Children,
) -> impl IntoView {
    let icon = match tone {
        Tone::Ok => IconName::Check,
        Tone::Warn | Tone::Bad => IconName::Warning,
        Tone::Learn => IconName::Diamond,
        Tone::Neutral | Tone::Accent => IconName::Info,
    };
    view! {
        <div class=format!("notice {}", tone.word()) role=if tone == Tone::Bad { "alert" } else { "status" }>
            <Icon name=icon />
            <div class="grow">
                {title.map(|title| view! { <strong>{title}</strong>" " })}
                {children()}
            </div>
        </div>
    }
    .into_any()
}

/// What is wrong with a form as a whole. With errors beside fields only, it
/// says so, so that nobody searches a long page for them.
#[component]
pub fn FormError(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let whole = form.error("");
    let fields = form
        .errors
        .iter()
        .filter(|(field, _)| !field.is_empty())
        .count();
    let sentence = match (whole, fields) {
        (Some(whole), _) => Some(words::sentence(&whole)),
        (None, 0) => None,
        (None, 1) => Some("One field needs another look. Nothing you typed is lost.".to_owned()),
        (None, n) => Some(format!(
            "{n} fields need another look. Nothing you typed is lost."
        )),
    };
    sentence.map(|sentence| view! { <Notice tone=Tone::Bad>{sentence}</Notice> })
}

//! Small forms beside what they are about: a question that opens in place.

use super::scene::Scene;
use crate::{
    FormState,
    components::{Button, ButtonKind, FormError, Icon, IconName},
};
use leptos::prelude::*;
use rideout_domain::Room;

/// What a small form needs to know of itself.
pub(super) struct Ask {
    /// Unique on the page; also the start of its fields' identifiers.
    pub key: String,
    /// The words that open it.
    pub words: &'static str,
    /// What was typed, when it was refused.
    pub form: FormState,
    open: bool,
    action: String,
    seen: String,
    group: Option<&'static str>,
}

impl Ask {
    /// `seen` is what the form's subject looks like now: the same answer to the
    /// same state is one entry, however often it is sent.
    pub(super) fn new(
        room: &Room,
        scene: &Scene,
        key: String,
        words: &'static str,
        seen: i64,
    ) -> Self {
        let typed = scene.form(&key);
        Self {
            open: typed.is_some(),
            form: typed.cloned().unwrap_or_default(),
            action: format!("/incidents/{}/entries", room.incident.id),
            seen: seen.to_string(),
            group: None,
            key,
            words,
        }
    }

    /// The same, sent somewhere else than to the timeline.
    pub(super) fn to(mut self, action: String) -> Self {
        self.action = action;
        self
    }

    /// One of several of which a single one is open.
    pub(super) fn one_of(mut self, group: &'static str) -> Self {
        self.group = Some(group);
        self
    }

    /// The identifier of a field.
    pub(super) fn id(&self, field: &str) -> String {
        format!("{}-{field}", self.key)
    }

    /// The form, folded behind its words. Hidden from viewers. It carries no
    /// identifier of the entry, since everybody gets the same bytes: the
    /// server makes one from who sends what, having seen what.
    pub(super) fn show(self, hidden: Vec<(&'static str, String)>, fields: AnyView) -> AnyView {
        let (key, words, open) = (self.key.clone(), self.words, self.open);
        let group = self.group;
        let form = self.bare(hidden, fields);
        view! {
            <details class="ask write" open=open name=group data-ask=key>
                <summary>
                    <Icon name=IconName::Right />
                    {words}
                </summary>
                {form}
            </details>
        }
        .into_any()
    }

    /// The form alone, for what is pressed at once.
    pub(super) fn bare(self, hidden: Vec<(&'static str, String)>, fields: AnyView) -> AnyView {
        let hidden = hidden
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect_view();
        let id = self.key.clone();
        view! {
            <form class="stack" id=id method="post" action=self.action>
                <input type="hidden" name="form" value=self.key />
                <input type="hidden" name="seen" value=self.seen />
                {hidden}
                <FormError form=self.form />
                {fields}
            </form>
        }
        .into_any()
    }
}

/// A small button that submits with a value.
pub(super) fn choose(name: &'static str, value: &'static str, words: &'static str) -> AnyView {
    view! { <Button small=true name=name value=value>{words}</Button> }.into_any()
}

/// A small button that submits and is the first thing to do.
pub(super) fn confirm(name: &'static str, value: &'static str, words: &'static str) -> AnyView {
    view! { <Button small=true kind=ButtonKind::Primary name=name value=value>{words}</Button> }
        .into_any()
}

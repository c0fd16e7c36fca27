//! Where everything is written: one form for every kind of entry. Which fields
//! show is decided by the style sheet from the chosen kind, so it needs no script.

use super::{
    fields, quote,
    scene::{Person, Scene},
};
use crate::{
    FormState,
    components::{Button, ButtonKind, FormError, Icon, IconName, Kbd, TextArea, kind_look},
};
use leptos::prelude::*;
use rideout_domain::{EntryKind, Room, command::COMMANDS, room::Board, text};

/// Kinds that are always at hand.
const FIRST: &[(EntryKind, &str)] = &[
    (EntryKind::Note, "Note"),
    (EntryKind::Finding, "Finding"),
    (EntryKind::Hypothesis, "Hypothesis"),
    (EntryKind::Evidence, "Evidence"),
    (EntryKind::Action, "Action"),
    (EntryKind::Decision, "Decision"),
    (EntryKind::Task, "Task"),
    (EntryKind::Blocker, "Blocked"),
];

/// Kinds behind “More”; most of them have a button where they are needed.
const MORE: &[(EntryKind, &str)] = &[
    (EntryKind::StakeholderUpdate, "Update for stakeholders"),
    (EntryKind::Breakout, "Breakout"),
    (EntryKind::Wait, "Wait"),
    (EntryKind::Asked, "Asked a dependency"),
    (EntryKind::Paged, "Page somebody"),
    (EntryKind::Status, "Status"),
    (EntryKind::Severity, "Severity"),
    (EntryKind::ActionEffect, "Effect"),
    (EntryKind::HypothesisStatus, "Hypothesis stands"),
    (EntryKind::RoleTaken, "Role"),
];

/// A preview that was asked for without a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What was typed, or is filled in to begin with.
    pub form: FormState,
    /// The text as safe HTML, when a preview was asked for.
    pub preview: Option<String>,
}

/// The composer. Its hidden `id` stands outside of it (`form="composer"`), so
/// that an untouched composer is the same bytes for everybody.
pub fn composer(
    room: &Room,
    board: &Board,
    people: &[Person],
    scene: &Scene,
    draft: &Draft,
) -> AnyView {
    let form = &draft.form;
    let kind = form.value_or("kind", EntryKind::Note.word());
    let hidden = MORE.iter().any(|(k, _)| k.word() == kind);
    let first = FIRST
        .iter()
        .map(|(k, words)| choice(*k, words, &kind))
        .collect_view();
    let more = MORE
        .iter()
        .map(|(k, words)| choice(*k, words, &kind))
        .collect_view();
    let class = if form.values.is_empty() {
        "composer write"
    } else {
        "composer write open"
    };
    let preview = draft
        .preview
        .clone()
        .map(|html| view! { <div class="prose" inner_html=html></div> });
    let none = preview.is_none();
    view! {
        <form
            id="composer"
            class=class
            method="post"
            action=format!("/incidents/{}/entries", room.incident.id)
            enctype="multipart/form-data"
            aria-label="Add to the timeline"
            data-incident=room.incident.id.to_string()
        >
            <FormError form=form.clone() />
            <fieldset class="kinds">
                <legend class="sr">"Kind of entry"</legend>
                {first}
                <details class="more-kinds" open=hidden>
                    <summary>"More"</summary>
                    <div class="kinds">{more}</div>
                </details>
            </fieldset>
            <div class="for text">
                <TextArea
                    name="text"
                    id="composer-text"
                    label="What happened?"
                    hide_label=true
                    placeholder="What happened? Type / for commands, @ for people"
                    rows=2
                    maxlength=text::TEXT_MAX
                    value=form.value("text")
                    error=form.error("text").or_else(|| form.error("kind"))
                    key="n"
                />
            </div>
            {fields::fields(room, board, people, scene, form)}
            <div id="preview" class="preview" hidden=none aria-live="polite" tabindex="0" role="region" aria-label="Preview">
                {preview}
            </div>
            <div class="composer-foot">
                {when(form)}
                {help()}
                <span class="grow"></span>
                <span id="live-state" class="chip" role="status" hidden=true></span>
                <Button small=true kind=ButtonKind::Plain name="preview" value="1" unchecked=true>"Preview"</Button>
                <button class="button primary" type="submit">
                    "Add" <Kbd keys="⌘↵" />
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn choice(kind: EntryKind, words: &'static str, chosen: &str) -> AnyView {
    let tone = kind_look(kind).1;
    let id = format!("kind-{}", kind.word());
    view! {
        <span class=format!("kind {}", tone.word())>
            <input type="radio" name="kind" id=id.clone() value=kind.word() checked=kind.word() == chosen />
            <label for=id>{words}</label>
        </span>
    }
    .into_any()
}

/// When it happened: now, unless somebody says otherwise.
fn when(form: &FormState) -> AnyView {
    let typed = form.value("occurred_at");
    let error = form.error("occurred_at");
    let open = !typed.is_empty() || error.is_some();
    let invalid = error.is_some().then_some("true");
    view! {
        <details class="when" open=open>
            <summary class="xs">
                <Icon name=IconName::Clock />
                "Happened now"
                <span class="change">" · change time"</span>
            </summary>
            <div class="row">
                <label class="sr" for="occurred-at">"When it happened"</label>
                <input
                    class="input"
                    type="datetime-local"
                    id="occurred-at"
                    name="occurred_at"
                    value=typed
                    aria-invalid=invalid
                    aria-describedby="zone-note occurred-at-error"
                />
                <input type="hidden" name="offset" value=form.value_or("offset", "0") />
                <span class="xs quiet" id="zone-note">"in UTC; empty means now"</span>
                <span class="field-error" id="occurred-at-error">{error}</span>
            </div>
        </details>
    }
    .into_any()
}

fn help() -> AnyView {
    let commands = COMMANDS
        .iter()
        .map(|c| {
            view! {
                <div>
                    <dt>
                        <code>{c.usage()}</code>
                    </dt>
                    <dd>{c.explained}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <details class="menu commands" data-menu="">
            <summary class="button plain small" aria-label="Commands">"/ commands"</summary>
            // It scrolls, and has nothing in it to move to: so the keys move it.
            <div class="menu-list" tabindex="0" role="group" aria-label="Slash commands">
                <p class="sm quiet">
                    "Begin the text with a command instead of choosing a kind. Markdown works everywhere."
                </p>
                <dl>{commands}</dl>
            </div>
        </details>
    }
    .into_any()
}

/// The text of an entry in a list of choices.
pub(super) fn option_words(text: &str) -> String {
    let words = quote::excerpt(text, 80);
    if words.is_empty() {
        "a redacted entry".to_owned()
    } else {
        words
    }
}

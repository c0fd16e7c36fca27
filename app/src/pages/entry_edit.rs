//! One entry changed or redacted. What stood there stays on record.

use super::room::{entry, quote};
use crate::{
    FormState,
    components::{
        Button, ButtonKind, FormError, InputKind, LinkButton, Notice, TextArea, TextInput, Tone,
    },
};
use leptos::prelude::*;
use rideout_domain::{Entry, Room, Timestamp, text};

/// A time as a field for date and time takes it, in UTC, to the second.
#[must_use]
pub fn local_field(at: Timestamp) -> String {
    at.rfc3339().get(..19).unwrap_or_default().to_owned()
}

/// The form for an entry as it is, for the first time it is shown.
#[must_use]
pub fn form_of(entry: &Entry) -> FormState {
    FormState::new()
        .with("text", entry.text.clone())
        .with("occurred_at", local_field(entry.occurred_at))
        .with("revision", entry.revision.to_string())
}

fn head(room: &Room, entry: &Entry, title: &'static str) -> AnyView {
    view! {
        <header>
            <p class="sm quiet">
                {room.incident.reference()} " · " {entry.kind().title()} " by " {room.author(entry).to_owned()}
            </p>
            <h1>{title}</h1>
        </header>
    }
    .into_any()
}

/// The page that changes an entry.
pub fn entry_edit(
    room: &Room,
    entry: &Entry,
    form: &FormState,
    preview: Option<String>,
) -> AnyView {
    let back = entry::link_to(room, entry.seq, entry.id);
    let back = if back.starts_with('#') {
        format!("/incidents/{}{back}", room.incident.id)
    } else {
        back
    };
    let preview = preview.map(|html| {
        view! {
            <div class="preview">
                <div class="prose" inner_html=html></div>
            </div>
        }
    });
    view! {
        <div class="page narrow">
            {head(room, entry, "Edit the entry")}
            <form
                class="panel stack loose"
                method="post"
                action=format!("/incidents/{}/entries/{}/edit", entry.incident, entry.id)
            >
                <FormError form=form.clone() />
                <input type="hidden" name="revision" value=form.value("revision") />
                <TextArea
                    name="text"
                    label="Text"
                    hint="Markdown."
                    rows=5
                    maxlength=text::TEXT_MAX
                    value=form.value("text")
                    error=form.error("text")
                />
                {preview}
                <TextInput
                    name="occurred_at"
                    label="When it happened"
                    hint="In UTC."
                    kind=InputKind::DateTime
                    utc=true
                    value=form.value("occurred_at")
                    error=form.error("occurred_at")
                />
                <TextInput
                    name="reason"
                    label="Why it is changed"
                    optional=true
                    maxlength=text::TITLE_MAX
                    value=form.value("reason")
                    error=form.error("reason")
                />
                <p class="sm quiet">"What stands there now stays readable in the entry's history."</p>
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>"Save"</Button>
                    <Button kind=ButtonKind::Normal name="preview" value="1" unchecked=true>"Preview"</Button>
                    <LinkButton href=back kind=ButtonKind::Plain>"Cancel"</LinkButton>
                </div>
            </form>
        </div>
    }
    .into_any()
}

/// The page that asks before an entry is redacted.
pub fn entry_redact(room: &Room, entry: &Entry, form: &FormState) -> AnyView {
    let back = format!("/incidents/{}#e-{}", room.incident.id, entry.seq);
    let file = matches!(
        &entry.body,
        rideout_domain::EntryBody::Evidence {
            attachment: Some(_),
            ..
        }
    );
    let also = if file { ", with its file" } else { "" };
    view! {
        <div class="page narrow">
            {head(room, entry, "Redact the entry?")}
            <blockquote class="panel">{quote::excerpt(&entry.text, 400)}</blockquote>
            <Notice tone=Tone::Warn>
                {format!("The text is taken out for everybody{also}. That an entry stood here, who wrote it and who redacted it stays on record; what it said can be read by commanders and admins only. It cannot be put back.")}
            </Notice>
            <form
                class="panel stack loose"
                method="post"
                action=format!("/incidents/{}/entries/{}/redact", entry.incident, entry.id)
            >
                <FormError form=form.clone() />
                <TextInput
                    name="reason"
                    label="Why"
                    optional=true
                    placeholder="A customer's name stood in it"
                    maxlength=text::TITLE_MAX
                    value=form.value("reason")
                    error=form.error("reason")
                />
                <div class="form-foot">
                    <Button kind=ButtonKind::Urgent>"Redact"</Button>
                    <LinkButton href=back kind=ButtonKind::Plain>"Keep it"</LinkButton>
                </div>
            </form>
        </div>
    }
    .into_any()
}

//! Quiet lines: what changed in the room itself, in a sentence.

use super::{entry, quote};
use leptos::prelude::*;
use rideout_domain::{
    Entry, EntryBody, Room, Status, UserId, duration,
    entry::{Change, EscalationStep},
};

/// The sentence of an entry that is a quiet line.
pub(super) fn line(room: &Room, entry: &Entry) -> AnyView {
    let said = said(room, entry);
    let is_summary = matches!(
        entry.body,
        EntryBody::Status { .. }
            | EntryBody::Severity { .. }
            | EntryBody::RoleTaken { .. }
            | EntryBody::Answer { .. }
    );
    let text = if entry.redacted_at.is_some() {
        view! { <p class="gone">"The text was redacted."</p> }.into_any()
    } else if entry.html.trim().is_empty() {
        ().into_any()
    } else if is_summary {
        view! { <div class="prose" inner_html=entry.html.clone()></div> }.into_any()
    } else {
        view! { <div class="prose small" inner_html=entry.html.clone()></div> }.into_any()
    };
    view! {
        <div class="what">
            <p class="head">{said} {super::entry::marks(entry)}</p>
            {text}
        </div>
    }
    .into_any()
}

fn said(room: &Room, entry: &Entry) -> AnyView {
    let who = room.author(entry).to_owned();
    let name = |id: UserId| room.name(id).to_owned();
    match &entry.body {
        EntryBody::Declared { severity } => {
            view! { <b>{who}</b> " declared the incident as " <b>{severity.title()}</b> "." }.into_any()
        }
        EntryBody::Status { from, to } => {
            let verb = match (from, to) {
                (_, Status::Resolved) => " resolved the incident".to_owned(),
                (Some(Status::Resolved), to) => format!(" reopened the incident: {}", to.title().to_lowercase()),
                (Some(from), to) => {
                    format!(" changed the status from {} to {}", from.title().to_lowercase(), to.title().to_lowercase())
                }
                (None, to) => format!(" changed the status to {}", to.title().to_lowercase()),
            };
            view! { <b>{who}</b> {verb} "." }.into_any()
        }
        EntryBody::Severity { from, to } => {
            let verb = match from {
                // The first severity is the worst.
                Some(from) if from > to => " raised the severity to ",
                Some(_) => " lowered the severity to ",
                None => " set the severity to ",
            };
            view! { <b>{who}</b> {verb} <b>{to.title()}</b> "." }.into_any()
        }
        EntryBody::RoleTaken { role, user, from } => {
            let role = role.title();
            let said = match from {
                _ if entry.author == Some(*user) => match from {
                    Some(before) => format!(" took {role} over from {}.", name(*before)),
                    None => format!(" took the role {role}."),
                },
                Some(before) if entry.author == Some(*before) => format!(" handed {role} to {}.", name(*user)),
                _ => format!(" made {} {role}.", name(*user)),
            };
            view! { <b>{who}</b> {said} }.into_any()
        }
        EntryBody::RoleReleased { role, user } if entry.author == Some(*user) => {
            view! { <b>{who}</b> {format!(" gave the role {} back.", role.title())} }.into_any()
        }
        EntryBody::RoleReleased { role, user } => {
            view! { <b>{who}</b> {format!(" relieved {} of the role {}.", name(*user), role.title())} }.into_any()
        }
        EntryBody::AccessGranted { user } => {
            view! { <b>{who}</b> {format!(" let {} see this incident.", name(*user))} }.into_any()
        }
        EntryBody::Details => view! { <b>{who}</b> " changed the details." }.into_any(),
        EntryBody::Joined => view! { <b>{who}</b> " joined." }.into_any(),
        EntryBody::Left => view! { <b>{who}</b> " left." }.into_any(),
        EntryBody::Changed { entry: changed, change } => {
            let verb = match change {
                Change::Edited => " edited ",
                Change::Redacted => " redacted ",
                Change::Pinned => " pinned ",
                Change::Unpinned => " unpinned ",
            };
            let href = room.entry(*changed).map(|e| entry::link_to(room, e.seq, *changed));
            view! { <b>{who}</b> {verb} <a class="ref" href=href>{quote::entry(room, *changed)}</a> "." }.into_any()
        }
        EntryBody::PromptWithdrawn { .. } => view! { "The prompt was withdrawn." }.into_any(),
        EntryBody::Answer { answer, minutes, .. } => {
            let again = minutes.map(|m| format!("; look again in {}", duration::minutes_in_words(m)));
            view! { <b>{who}</b> " answered the prompt: " <b>{answer.title()}</b> {again} "." }.into_any()
        }
        EntryBody::Escalation { step, level, .. } => {
            let said = match step {
                EscalationStep::Started => "The escalation started.".to_owned(),
                EscalationStep::Level => format!("Level {level} of the escalation policy is being called."),
                EscalationStep::Nobody => format!("There is nobody to call at level {level} of the escalation policy."),
                EscalationStep::Exhausted => "Every level of the escalation policy was called, and nobody came.".to_owned(),
                EscalationStep::Ended => "The escalation ended.".to_owned(),
            };
            view! { {said} }.into_any()
        }
        EntryBody::Paged { user, level, .. } => {
            let level = level.map(|l| format!(" at level {l}"));
            view! { <b>{who}</b> " paged " <b>{name(*user)}</b> {level} "." }.into_any()
        }
        EntryBody::PageAcknowledged { user, .. } => {
            view! { <b>{name(*user)}</b> " acknowledged the page." }.into_any()
        }
        EntryBody::PageFailed { user, .. } => {
            view! { "The page did not reach " <b>{name(*user)}</b> "." }.into_any()
        }
        // The others are no quiet lines.
        _ => view! { <b>{who}</b> }.into_any(),
    }
}

//! What stood in an entry before, with the words that changed marked.

use crate::components::{Chip, DateTime, IconName, LinkButton, Tone};
use leptos::prelude::*;
use rideout_domain::{Entry, Room, Timestamp};

/// Words of a text in order, as they were kept, added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// In both revisions.
    Kept,
    /// Only in the later one.
    Added,
    /// Only in the earlier one.
    Removed,
}

/// One revision as the page shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// From 1.
    pub revision: i64,
    /// The text, compared with the revision before.
    pub words: Vec<(Change, String)>,
    /// When it was said to have happened, when that changed.
    pub occurred_at: Option<Timestamp>,
    /// When it was written.
    pub written_at: Timestamp,
    /// By whom.
    pub written_by: String,
    /// Why it was changed; may be empty.
    pub reason: String,
}

/// The page: newest revision first.
pub fn entry_history(room: &Room, entry: &Entry, revisions: &[Shown]) -> AnyView {
    let back = format!("/incidents/{}#e-{}", room.incident.id, entry.seq);
    let redacted = entry
        .redacted_at
        .map(|_| view! { <Chip tone=Tone::Warn icon=IconName::EyeOff>"Redacted"</Chip> });
    let newest = revisions.iter().map(|r| r.revision).max().unwrap_or(0);
    let shown = revisions
        .iter()
        .map(|r| {
            let label = match r.revision {
                n if n == newest => "As it is now".to_owned(),
                1 => "As it was first written".to_owned(),
                n => format!("Revision {n}"),
            };
            let moved = r.occurred_at.map(|at| {
                view! { <p class="sm">"It is said to have happened " <b><DateTime at=at /></b> "."</p> }
            });
            let reason = (!r.reason.is_empty()).then(|| view! { <p class="sm">"Because: " {r.reason.clone()}</p> });
            view! {
                <li class="panel stack">
                    <p class="sm quiet">
                        <b>{label}</b> " · " {r.written_by.clone()} ", " <DateTime at=r.written_at />
                    </p>
                    {moved}
                    <p class="revision">{words(&r.words)}</p>
                    {reason}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="page narrow">
            <header class="page-head">
                <div class="grow">
                    <p class="sm quiet">
                        {room.incident.reference()} " · " {entry.kind().title()} " by " {room.author(entry).to_owned()}
                        " " {redacted}
                    </p>
                    <h1>"History of an entry"</h1>
                </div>
                <LinkButton href=back icon=IconName::Left>"Back to the room"</LinkButton>
            </header>
            <ol class="revisions" reversed=true>{shown}</ol>
        </div>
    }
    .into_any()
}

fn words(words: &[(Change, String)]) -> AnyView {
    if words.iter().all(|(_, text)| text.trim().is_empty()) {
        return view! { <span class="quiet">"No text."</span> }.into_any();
    }
    words
        .iter()
        .map(|(change, text)| {
            let text = text.clone();
            match change {
                Change::Kept => text.into_any(),
                Change::Added => view! { <ins>{text}</ins> }.into_any(),
                Change::Removed => view! { <del>{text}</del> }.into_any(),
            }
        })
        .collect_view()
        .into_any()
}

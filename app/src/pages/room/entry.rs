//! One entry of the timeline: the same markup in the page, in a live event and
//! without JavaScript. What differs by viewer is decided by style sheets from
//! `<body data-role>` and from `data-mine`.

use super::{line, quote};
use crate::components::{Clock, Icon, kind_look};
use leptos::prelude::*;
use rideout_domain::{
    Entry, EntryBody, EntryId, EntryKind, Room, Stance, Timestamp, UserId, duration,
    entry::PromptTo,
};

/// Entries that a page of the timeline shows.
pub const PAGE: usize = 200;
/// Pictures above this size are links only.
const PICTURE_MAX: i64 = 2_000_000;

/// One entry as `<li>`.
pub fn entry(room: &Room, entry: &Entry) -> AnyView {
    let kind = entry.kind();
    let is_line = is_line(kind);
    let (icon, tone) = kind_look(kind);
    let mut class = format!("entry {}", tone.word());
    for (is, name) in [
        (is_line, " line"),
        (entry.author.is_none(), " ours"),
        (kind.is_system_noise(), " noise"),
        (entry.redacted_at.is_some(), " redacted"),
    ] {
        if is {
            class.push_str(name);
        }
    }
    let body = if is_line {
        line::line(room, entry)
    } else {
        full(room, entry)
    };
    let other_day = (entry.occurred_at.day_utc() != room.incident.started_at.day_utc())
        .then(|| view! { <small>{short_day(entry.occurred_at)}</small> });
    view! {
        <li
            id=format!("e-{}", entry.seq)
            data-seq=entry.seq.to_string()
            data-entry=entry.id.to_string()
            data-kind=kind.word()
            data-author=entry.author.map(|a| a.to_string())
            data-at=entry.occurred_at.rfc3339()
            class=class
        >
            <a class="at" href=format!("#e-{}", entry.seq)>
                <Clock at=entry.occurred_at />
                {other_day}
            </a>
            <span class=format!("kind-mark {}", tone.word())>
                <Icon name=icon />
            </span>
            {body}
            {menu(entry)}
        </li>
    }
    .into_any()
}

/// A day without its year: `15 Jun`.
fn short_day(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let iso = at.day_utc();
    let month = iso
        .get(5..7)
        .and_then(|m| m.parse::<usize>().ok())
        .and_then(|m| MONTHS.get(m.checked_sub(1)?));
    match (iso.get(8..10), month) {
        (Some(day), Some(month)) => format!("{} {month}", day.trim_start_matches('0')),
        _ => iso,
    }
}

/// An address that leads to an entry: within the page where it shows, else by its permanent link.
#[must_use]
pub fn link_to(room: &Room, seq: i64, id: EntryId) -> String {
    let shown = i64::try_from(PAGE).unwrap_or(i64::MAX);
    if room.incident.last_seq - seq < shown {
        format!("#e-{seq}")
    } else {
        format!("/incidents/{}/entries/{id}", room.incident.id)
    }
}

/// A link that quotes another entry, after a word such as “against”.
pub(super) fn reference(room: &Room, word: &'static str, id: EntryId) -> AnyView {
    let href = room.entry(id).map(|e| link_to(room, e.seq, id));
    let said = format!("{word} {}", quote::entry(room, id));
    view! { <a class="ref" href=href>{said.trim_start().to_owned()}</a> }.into_any()
}

fn full(room: &Room, entry: &Entry) -> AnyView {
    let kind = entry.kind();
    let text = if entry.redacted_at.is_some() {
        let when = entry.redacted_at.map(|at| view! { <Clock at=at /> });
        view! {
            <p class="gone">"Redacted at " {when} ". That an entry stood here stays on record."</p>
        }
        .into_any()
    } else if entry.html.trim().is_empty() {
        ().into_any()
    } else {
        view! { <div class="prose" inner_html=entry.html.clone()></div> }.into_any()
    };
    let chip = (kind != EntryKind::Note).then(|| {
        let class = format!("chip {}", kind_look(kind).1.word());
        view! { <span class=class>{chip_word(&entry.body)}</span> }
    });
    view! {
        <div class="what">
            <p class="head">
                <b class="who">{room.author(entry).to_owned()}</b>
                {chip}
                {about(room, entry)}
                {marks(entry)}
            </p>
            {text}
            {beside(room, entry)}
        </div>
    }
    .into_any()
}

fn chip_word(body: &EntryBody) -> String {
    match body {
        EntryBody::HypothesisStatus { to, .. } => to.title().to_owned(),
        EntryBody::ActionEffect { effect, .. } => effect.title().to_owned(),
        body => body.kind().title().to_lowercase(),
    }
}

/// What other entry this one speaks of.
fn about(room: &Room, entry: &Entry) -> AnyView {
    let (word, id) = match &entry.body {
        EntryBody::Evidence {
            hypothesis: Some(id),
            stance,
            ..
        } => {
            let word = match stance {
                Stance::For => "for",
                Stance::Against => "against",
                Stance::Neutral => "about",
            };
            (word, *id)
        }
        EntryBody::HypothesisStatus { hypothesis, .. } => ("", *hypothesis),
        EntryBody::ActionEffect { action, .. } => ("after", *action),
        EntryBody::TaskDone { task } => ("", *task),
        EntryBody::BreakoutEnded { breakout } => ("", *breakout),
        EntryBody::BlockerLifted { blocker } => ("", *blocker),
        EntryBody::WaitEnded { wait } => ("", *wait),
        EntryBody::Replied { asked } => ("", *asked),
        _ => return ().into_any(),
    };
    reference(room, word, id)
}

/// Marks of an entry's own history: written later, edited, pinned.
pub(super) fn marks(entry: &Entry) -> AnyView {
    let late = entry.is_back_dated().then(|| {
        view! { <span class="note">"written at " <Clock at=entry.recorded_at /></span> }
    });
    let edited = entry.is_edited().then(|| {
        view! { <a class="note" href=format!("/incidents/{}/entries/{}/history", entry.incident, entry.id)>"edited"</a> }
    });
    let pinned = entry
        .pinned_at
        .map(|_| view! { <span class="note pin">"pinned"</span> });
    view! {
        {late}
        {edited}
        {pinned}
    }
    .into_any()
}

/// What an entry carries beside its text.
fn beside(room: &Room, entry: &Entry) -> AnyView {
    match &entry.body {
        EntryBody::Evidence {
            link, attachment, ..
        } => {
            let link = link.clone().map(|href| {
                let shown = shorten(&href);
                view! {
                    <p class="extra">
                        <a class="out" href=href rel="noopener noreferrer nofollow" target="_blank">{shown}</a>
                    </p>
                }
            });
            let file = attachment.as_ref().map(|file| {
                let href = format!("/incidents/{}/attachments/{}", entry.incident, file.id);
                let picture = is_picture(&file.content_type) && file.size <= PICTURE_MAX;
                let name = file.name.clone();
                let picture = picture.then(|| {
                    view! { <img class="picture" src=href.clone() alt=format!("Attached picture {name}") loading="lazy" /> }
                });
                view! {
                    <p class="extra">
                        <a class="file" href=href download=file.name.clone()>
                            {file.name.clone()}
                            " "
                            <small>{quote::size(file.size)}</small>
                        </a>
                    </p>
                    {picture}
                }
            });
            view! {
                {link}
                {file}
            }
            .into_any()
        }
        EntryBody::Decision { alternatives } if !alternatives.is_empty() => {
            let said = alternatives
                .iter()
                .map(|a| view! { <li>{a.clone()}</li> })
                .collect_view();
            view! {
                <div class="extra">
                    "Also considered" <ul class="alternatives">{said}</ul>
                </div>
            }
            .into_any()
        }
        EntryBody::Task { owner, minutes } => {
            let due = entry.occurred_at.plus_minutes(i64::from(*minutes));
            view! {
                <p class="extra">
                    <b>{room.name(*owner).to_owned()}</b>
                    {format!(" · {}, until ", duration::minutes_in_words(*minutes))}
                    <Clock at=due />
                </p>
            }
            .into_any()
        }
        EntryBody::Breakout { people, minutes } => {
            let due = entry.occurred_at.plus_minutes(i64::from(*minutes));
            view! {
                <p class="extra">
                    <b>{names(room, people)}</b>
                    {format!(" · {}, until ", duration::minutes_in_words(*minutes))}
                    <Clock at=due />
                </p>
            }
            .into_any()
        }
        EntryBody::Blocker {
            waiting_on,
            minutes,
        } if !waiting_on.is_empty() || minutes.is_some() => {
            let whom = (!waiting_on.is_empty()).then(|| {
                view! { "waiting on " <b>{waiting_on.clone()}</b> " " }
            });
            let until = minutes.map(|m| {
                view! { "until " <Clock at={entry.occurred_at.plus_minutes(i64::from(m))} /> }
            });
            view! { <p class="extra">{whom} {until}</p> }.into_any()
        }
        EntryBody::Wait { minutes } => {
            let until = entry.occurred_at.plus_minutes(i64::from(*minutes));
            view! {
                <p class="extra">
                    {format!("{}, until ", duration::minutes_in_words(*minutes))}
                    <Clock at=until />
                </p>
            }
            .into_any()
        }
        EntryBody::Asked { whom, minutes } => {
            let due = minutes.map(|m| {
                view! { ", who respond by " <Clock at={entry.occurred_at.plus_minutes(i64::from(m))} /> }
            });
            view! { <p class="extra">"asked " <b>{whom.clone()}</b> {due}</p> }.into_any()
        }
        EntryBody::Alert { name, firing, link } => {
            let state = if *firing {
                " fires"
            } else {
                " no longer fires"
            };
            let link = link.clone().map(|href| {
                let shown = shorten(&href);
                view! {
                    " "
                    <a class="out" href=href rel="noopener noreferrer nofollow" target="_blank">{shown}</a>
                }
            });
            view! { <p class="extra"><b>{name.clone()}</b> {state} {link}</p> }.into_any()
        }
        EntryBody::Prompt {
            to,
            people,
            signals,
            ..
        } => {
            let whom = match to {
                PromptTo::Room => "Rideout asked the room: are we stuck?".to_owned(),
                PromptTo::SecondOpinion => {
                    format!(
                        "Rideout asked {} for a second opinion.",
                        names(room, people)
                    )
                }
                PromptTo::Policy => "Rideout called the escalation policy.".to_owned(),
            };
            let whys = signals
                .iter()
                .map(|s| view! { <li>{s.why.clone()}</li> })
                .collect_view();
            view! {
                <p>{whom}</p>
                <ul class="extra whys">{whys}</ul>
            }
            .into_any()
        }
        EntryBody::StakeholderUpdate { next_minutes } => match next_minutes {
            Some(m) => {
                let next = entry.occurred_at.plus_minutes(i64::from(*m));
                view! { <p class="extra">"Next update by " <Clock at=next /></p> }.into_any()
            }
            None => view! { <p class="extra">"No further update was promised."</p> }.into_any(),
        },
        _ => ().into_any(),
    }
}

/// Names in a row: `Dana K., Omar and Priya`.
#[must_use]
pub(in crate::pages) fn names(room: &Room, people: &[UserId]) -> String {
    let names: Vec<&str> = people.iter().map(|id| room.name(*id)).collect();
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

/// Whether a media type is a picture that browsers show without running it.
#[must_use]
pub fn is_picture(content_type: &str) -> bool {
    matches!(
        content_type,
        "image/png" | "image/jpeg" | "image/gif" | "image/webp"
    )
}

fn shorten(link: &str) -> String {
    let plain = link
        .split_once("://")
        .map_or(link, |(_, rest)| rest)
        .trim_end_matches('/');
    if plain.chars().count() <= 72 {
        plain.to_owned()
    } else {
        format!("{}…", plain.chars().take(70).collect::<String>())
    }
}

/// Whether entries of this kind are quiet lines: a sentence of Rideout's with
/// somebody's reason, not somebody's text.
pub(super) const fn is_line(kind: EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Status
            | EntryKind::Severity
            | EntryKind::RoleTaken
            | EntryKind::RoleReleased
            | EntryKind::Declared
            | EntryKind::Details
            | EntryKind::AccessGranted
            | EntryKind::Joined
            | EntryKind::Left
            | EntryKind::Changed
            | EntryKind::PromptWithdrawn
            | EntryKind::Answer
            | EntryKind::Escalation
            | EntryKind::Paged
            | EntryKind::PageAcknowledged
            | EntryKind::PageFailed
    )
}

/// What can be done with an entry. `own` shows to its author and to
/// commanders, `write` to all but viewers.
fn menu(entry: &Entry) -> AnyView {
    if !entry.kind().is_written_by_clients() {
        return ().into_any();
    }
    let base = format!("/incidents/{}/entries/{}", entry.incident, entry.id);
    let history =
        (entry.revision > 1).then(|| view! { <a href=format!("{base}/history")>"History"</a> });
    let alive = entry.redacted_at.is_none();
    let edit = alive.then(|| view! { <a class="own" href=format!("{base}/edit")>"Edit"</a> });
    let redact = alive.then(|| view! { <a class="own" href=format!("{base}/redact")>"Redact"</a> });
    let pin = alive.then(|| {
        let (verb, word) = if entry.pinned_at.is_some() {
            ("unpin", "Unpin")
        } else {
            ("pin", "Pin")
        };
        view! {
            <form class="write" method="post" action=format!("{base}/{verb}")>
                <button>{word}</button>
            </form>
        }
    });
    view! {
        <details class="more" name="entry">
            <summary aria-label=format!("More about entry {}", entry.seq)>
                "⋯"
            </summary>
            <div>
                <a href=base.clone()>"Link to this"</a>
                {edit}
                {pin}
                {history}
                {redact}
            </div>
        </details>
    }
    .into_any()
}

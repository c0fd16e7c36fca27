//! On-call schedules: who is called now and next, one schedule, its forms.
//!
//! Times here are those of the schedule's zone, since that is how hand-overs are
//! agreed upon; the server writes them, and hovering shows UTC.

pub mod import;
pub mod layer_form;
pub mod list;
pub mod picture;
pub mod schedule_form;
pub mod show;
pub mod subscribe;
#[cfg(test)]
mod tests;

pub use import::{ImportPage, ImportReading, ImportSchedule};
pub use layer_form::{LayerForm, LayerFormPage, window_count};
pub use list::{OnCall, OnCallPage};
pub use picture::{Picture, PictureDay, PicturePiece, PictureRow, RowKind};
pub use schedule_form::{ScheduleForm, ScheduleFormPage};
pub use show::{
    FollowedCalendar, LayerLine, OverrideLine, ShiftLine, ShowSchedule, ShowSchedulePage,
    TroubleLine,
};
pub use subscribe::{FeedLine, SubscribePanel};

use super::room::Person;
use crate::components::{Avatar, Chip, Icon, IconName, Tone, words::span};
use leptos::prelude::*;
use rideout_domain::{ScheduleId, Timestamp};

/// A moment as the clock of the schedule shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// When.
    pub at: Timestamp,
    /// In the schedule's zone: `Mon 30 Mar, 09:00`.
    pub text: String,
}

/// A span of time in which nobody is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From this moment.
    pub from: Local,
    /// Up to this moment.
    pub until: Local,
}

/// A schedule, who is on call, and who is next.
#[derive(Clone, Debug)]
pub struct Card {
    /// Identifier.
    pub id: ScheduleId,
    /// Name.
    pub name: String,
    /// Its time zone.
    pub zone: String,
    /// Whose it is.
    pub team: Option<String>,
    /// Who is on call.
    pub people: Vec<Person>,
    /// Until when; nothing when that is not known for more than a year.
    pub until: Option<Local>,
    /// Who is next; nobody is a gap.
    pub next: Vec<Person>,
    /// When nobody is, in the next two weeks.
    pub gaps: Vec<Gap>,
    /// Whether it has any layer.
    pub has_layers: bool,
}

/// A moment on the schedule's clock, UTC on hover.
#[component]
pub(super) fn LocalTime(at: Local) -> impl IntoView {
    let utc = format!("{} UTC", at.at.minute_utc());
    view! { <time datetime=at.at.rfc3339() title=utc>{at.text}</time> }
}

/// People with their letters; nobody is said in red.
#[component]
pub(super) fn OnCallPeople(people: Vec<Person>, #[prop(optional)] large: bool) -> impl IntoView {
    if people.is_empty() {
        return view! {
            <span class="nobody"><Icon name=IconName::Warning />"Nobody"</span>
        }
        .into_any();
    }
    let people = people
        .into_iter()
        .map(|person| {
            view! {
                <span class="person">
                    <Avatar name=person.name.clone() large=large />
                    <b>{person.name}</b>
                </span>
            }
        })
        .collect_view();
    view! { <span class="on-call-people">{people}</span> }.into_any()
}

/// `Until Mon 30 Mar, 09:00, then Omar`.
#[component]
pub(super) fn Then(card: Card) -> impl IntoView {
    let names: Vec<String> = card.next.iter().map(|person| person.name.clone()).collect();
    match card.until {
        None => "and nobody after them for more than a year".into_any(),
        Some(until) => view! {
            "until " <LocalTime at=until /> ", then "
            {if names.is_empty() {
                view! { <span class="nobody-word">"nobody"</span> }.into_any()
            } else {
                view! { <b>{names.join(", ")}</b> }.into_any()
            }}
        }
        .into_any(),
    }
}

/// How much of the next two weeks nobody is on call.
#[component]
pub(super) fn GapChip(gaps: Vec<Gap>) -> impl IntoView {
    let seconds: i64 = gaps
        .iter()
        .map(|gap| gap.until.at.seconds_since(gap.from.at))
        .sum();
    match gaps.len() {
        0 => view! { <Chip tone=Tone::Ok icon=IconName::Check>"covered for 14 days"</Chip> }
            .into_any(),
        1 => view! { <Chip tone=Tone::Bad icon=IconName::Warning>{format!("1 gap of {}", span(seconds))}</Chip> }
            .into_any(),
        n => view! { <Chip tone=Tone::Bad icon=IconName::Warning>{format!("{n} gaps, {} together", span(seconds))}</Chip> }
            .into_any(),
    }
}

//! All schedules: who is on call now and next, and where nobody is.

use super::{Card, FeedLine, GapChip, LocalTime, OnCallPeople, SubscribePanel, Then};
use crate::components::{ButtonKind, EmptyState, IconName, LinkButton, Notice, Tone, words::count};
use leptos::prelude::*;
use rideout_domain::{FeedId, Timestamp, UserId};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct OnCallPage {
    /// Schedules, by name.
    pub schedules: Vec<Card>,
    /// Who looks.
    pub viewer: UserId,
    /// Whether they may make schedules.
    pub may_manage: bool,
    /// Their calendar feeds, newest first.
    pub feeds: Vec<FeedLine>,
    /// The address of a feed just made; shown once.
    pub made: Option<String>,
    /// The next feed's identifier, made before the form is sent.
    pub next_feed: FeedId,
    /// The time of the page.
    pub now: Timestamp,
}

/// All schedules.
#[component]
pub fn OnCall(
    /// What the page shows.
    page: OnCallPage,
) -> impl IntoView {
    let OnCallPage {
        schedules,
        viewer,
        may_manage,
        feeds,
        made,
        next_feed,
        now,
    } = page;
    let uncovered = schedules
        .iter()
        .filter(|card| !card.gaps.is_empty())
        .count();
    let lead = match (schedules.len(), uncovered) {
        (0, _) => "Nobody is on call for anything yet.".to_owned(),
        (all, 0) => format!(
            "{}, all covered for the next two weeks.",
            count(number(all), "schedule", "schedules")
        ),
        (all, some) => format!(
            "{}; {} somebody in the next two weeks.",
            count(number(all), "schedule", "schedules"),
            count(number(some), "lacks", "lack")
        ),
    };
    let own = own(&schedules, viewer);
    let none = schedules.is_empty();
    let cards = schedules
        .into_iter()
        .map(|card| view! { <ScheduleCard card=card /> })
        .collect_view();
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <h1>"On call"</h1>
                    <p class="quiet">{lead}</p>
                </div>
                {(may_manage && !none).then(|| view! {
                    <LinkButton href="/on-call/new" icon=IconName::Plus>"New schedule"</LinkButton>
                })}
            </div>
            {own}
            {if none {
                view! { <Empty may_manage=may_manage /> }.into_any()
            } else {
                view! { <ul class="schedules">{cards}</ul> }.into_any()
            }}
            <SubscribePanel
                feeds=feeds
                made=made
                next=next_feed
                action="/on-call/feeds"
                title="Your shifts in your calendar"
                lead="An address that calendars subscribe to. It shows your own shifts on every schedule, and nobody can guess it."
                now=now
            />
        </div>
    }
    .into_any()
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Where the viewer is on call now.
fn own(schedules: &[Card], viewer: UserId) -> Option<AnyView> {
    let own: Vec<&Card> = schedules
        .iter()
        .filter(|card| card.people.iter().any(|person| person.id == viewer))
        .collect();
    if own.is_empty() {
        return None;
    }
    let shifts = own
        .into_iter()
        .map(|card| {
            view! {
                <span class="own-shift">
                    <b>{card.name.clone()}</b>
                    {card.until.clone().map(|until| view! { " until " <LocalTime at=until /> })}
                </span>
            }
        })
        .collect_view();
    Some(view! { <Notice tone=Tone::Accent title="You are on call.">{shifts}</Notice> }.into_any())
}

#[component]
fn Empty(may_manage: bool) -> impl IntoView {
    view! {
        <section class="panel">
            <EmptyState title="Nobody is on call yet" icon=IconName::Clock>
                <p>
                    "A schedule says who is called when: people take turns, hand over at an agreed time of day, and stand in for each other. An escalation policy calls whoever is on call."
                </p>
                {if may_manage {
                    view! {
                        <LinkButton href="/on-call/new" kind=ButtonKind::Primary icon=IconName::Plus>"Make the first schedule"</LinkButton>
                    }
                    .into_any()
                } else {
                    view! { <p class="quiet">"A commander or an admin can make one."</p> }.into_any()
                }}
            </EmptyState>
        </section>
    }
    .into_any()
}

#[component]
fn ScheduleCard(card: Card) -> impl IntoView {
    let href = format!("/on-call/{}", card.id);
    let bad = card.people.is_empty() || !card.gaps.is_empty();
    let gaps: Vec<AnyView> = card
        .gaps
        .iter()
        .take(2)
        .map(|gap| {
            view! {
                <li><LocalTime at=gap.from.clone() />" to "<LocalTime at=gap.until.clone() /></li>
            }
            .into_any()
        })
        .collect();
    let more = card.gaps.len().saturating_sub(2);
    view! {
        <li class=if bad { "panel schedule lacking" } else { "panel schedule" }>
            <h2><a class="row-link" href=href>{card.name.clone()}</a></h2>
            <div class="schedule-head">
                <span class="quiet sm">
                    {card.team.clone().map(|team| format!("{team} · "))}
                    {card.zone.clone()}
                </span>
                <GapChip gaps=card.gaps.clone() />
            </div>
            <div class="schedule-now">
                <OnCallPeople people=card.people.clone() large=true />
                <p class="sm ink-2"><Then card=card.clone() /></p>
            </div>
            {(!gaps.is_empty()).then(|| view! {
                <div class="schedule-gaps">
                    <p class="sm"><b>"Nobody is on call"</b></p>
                    <ul>
                        {gaps}
                        {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
                    </ul>
                </div>
            })}
        </li>
    }
    .into_any()
}

//! One schedule.

use super::{
    Card, FeedLine, GapChip, Local, LocalTime, OnCallPeople, Picture, SubscribePanel, Then,
    picture::Rota,
};
use crate::{
    FormState,
    components::{
        Avatar, AvatarRow, Button, ButtonKind, Chip, Choice, Disclosure, EmptyState, FormError,
        Head, IconName, InputKind, LinkButton, Notice, Panel, Select, Table, TextInput, Tone,
        words::{count, sentence},
    },
    pages::{directory::Unconfirmed, room::Person},
};
use leptos::prelude::*;
use rideout_domain::{FeedId, OverrideId, Timestamp, UserId};

/// Somebody stands in, or came out of a calendar.
#[derive(Clone, Debug)]
pub struct OverrideLine {
    /// Identifier.
    pub id: OverrideId,
    /// Who is on call.
    pub person: Person,
    /// From this moment.
    pub from: Local,
    /// Up to this moment.
    pub until: Local,
    /// Whether it came out of a calendar.
    pub imported: bool,
    /// Who made it.
    pub created_by: String,
    /// Whether it has begun.
    pub begun: bool,
    /// Whether the viewer may take it back.
    pub may_remove: bool,
}

/// The calendar that a schedule keeps up with.
#[derive(Clone, Debug)]
pub struct FollowedCalendar {
    /// The host of its address.
    pub host: String,
    /// When it was last read.
    pub read_at: Local,
    /// Since when it cannot be.
    pub failed_since: Option<Local>,
    /// Why it cannot, or what was left out of it; empty when all is well.
    pub why: String,
}

/// Somebody whom the schedule names though they cannot respond.
#[derive(Clone, Debug)]
pub struct TroubleLine {
    /// Why, and what to do about it.
    pub told: String,
    /// Where they are named: `in Primary`.
    pub places: Vec<String>,
    /// The layers that name them, by name, with their places from nought.
    pub layers: Vec<(usize, String)>,
}

/// A layer in the list.
#[derive(Clone, Debug)]
pub struct LayerLine {
    /// Name.
    pub name: String,
    /// When people hand over, in a sentence.
    pub told: String,
    /// Who takes turns, in order.
    pub people: Vec<String>,
}

/// A shift, for those who would rather read.
#[derive(Clone, Debug)]
pub struct ShiftLine {
    /// From this moment.
    pub from: Local,
    /// Up to this moment.
    pub until: Local,
    /// Who; nobody is a gap.
    pub people: Vec<Person>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ShowSchedulePage {
    /// Who is on call now and next.
    pub card: Card,
    /// The weeks as a picture.
    pub picture: Picture,
    /// What the picture spans: `2 to 29 March 2026`.
    pub weeks: String,
    /// The date four weeks before, and that four weeks after, for links.
    pub around: (String, String),
    /// Whether the picture is not of this week on.
    pub elsewhen: bool,
    /// The shifts of the picture.
    pub shifts: Vec<ShiftLine>,
    /// Who stands in, now and to come, by their beginning.
    pub overrides: Vec<OverrideLine>,
    /// How many imported shifts there are, now and to come.
    pub imported: usize,
    /// The calendar it keeps up with.
    pub calendar: Option<FollowedCalendar>,
    /// Layers, the one that wins first.
    pub layers: Vec<LayerLine>,
    /// Whom it names though they cannot respond.
    pub troubles: Vec<TroubleLine>,
    /// Who is on call now or to come, and no route of whom is confirmed.
    pub unconfirmed: Vec<Person>,
    /// Whom the viewer may have stand in.
    pub people: Vec<Person>,
    /// Who looks.
    pub viewer: UserId,
    /// Whether the viewer may change the schedule.
    pub may_manage: bool,
    /// Whether the viewer may stand in.
    pub may_stand_in: bool,
    /// The form to stand in.
    pub form: FormState,
    /// The next override's identifier, made before the form is sent.
    pub next_override: OverrideId,
    /// The viewer's feeds of this schedule.
    pub feeds: Vec<FeedLine>,
    /// The address of a feed just made.
    pub made: Option<String>,
    /// The next feed's identifier.
    pub next_feed: FeedId,
    /// Why the last change was not made.
    pub refused: Option<String>,
    /// The time of the page.
    pub now: Timestamp,
}

/// One schedule.
#[component]
pub fn ShowSchedule(
    /// What the page shows.
    page: ShowSchedulePage,
) -> impl IntoView {
    let base = format!("/on-call/{}", page.card.id);
    let zone = page.card.zone.clone();
    let subtitle = match &page.card.team {
        Some(team) => format!("{team} · times are those of {zone}"),
        None => format!("Times are those of {zone}"),
    };
    let manage = page.may_manage.then(|| {
        view! {
            <LinkButton href=format!("{base}/import") icon=IconName::Download>"Import"</LinkButton>
            <LinkButton href=format!("{base}/edit") icon=IconName::Edit>"Edit"</LinkButton>
        }
    });
    let refused = page.refused.clone();
    let own = page.unconfirmed.iter().any(|one| one.id == page.viewer);
    let unconfirmed: Vec<String> = page
        .unconfirmed
        .iter()
        .map(|one| one.name.clone())
        .collect();
    let feeds_action = format!("{base}/feeds");
    let (feeds, made, next_feed, now) = (
        page.feeds.clone(),
        page.made.clone(),
        page.next_feed,
        page.now,
    );
    view! {
        <div class="page">
            <header class="page-head">
                <div class="grow">
                    <p class="sm quiet"><a href="/on-call">"On call"</a></p>
                    <h1>{page.card.name.clone()}</h1>
                    <p class="quiet">{subtitle}</p>
                </div>
                {manage}
            </header>
            {refused.map(|refused| view! { <Notice tone=Tone::Bad>{refused}</Notice> })}
            {(!page.card.has_layers && page.overrides.is_empty() && page.imported == 0).then(|| view! {
                <NoLayers base=base.clone() may_manage=page.may_manage />
            })}
            <Troubles base=base.clone() troubles=page.troubles.clone() may_manage=page.may_manage />
            <Now card=page.card.clone() cover=page.may_stand_in.then(|| base.clone()) />
            <Unconfirmed names=unconfirmed own=own />
            <Weeks base=base.clone() page=page.clone() />
            <div class="schedule-columns">
                <div class="stack">
                    <StandIns base=base.clone() page=page.clone() />
                    <Layers base=base.clone() layers=page.layers.clone() may_manage=page.may_manage />
                </div>
                <div class="stack">
                    {page.may_stand_in.then(|| view! { <StandIn base=base.clone() page=page.clone() /> })}
                    <SubscribePanel
                        feeds=feeds
                        made=made
                        next=next_feed
                        action=feeds_action
                        title="In your calendar"
                        lead="An address that calendars subscribe to. It shows everybody's shifts on this schedule, and nobody can guess it."
                        now=now
                    />
                </div>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn NoLayers(base: String, may_manage: bool) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title="Nobody takes turns yet.">
            "Until there is a layer, an imported calendar, or somebody who stands in, nobody is called. "
            {may_manage.then(|| view! {
                <a href=format!("{base}/layers/new")>"Add a layer"</a>" or "
                <a href=format!("{base}/import")>"import a calendar"</a>"."
            })}
        </Notice>
    }
    .into_any()
}

/// Whom the schedule names though they cannot respond.
#[component]
fn Troubles(base: String, troubles: Vec<TroubleLine>, may_manage: bool) -> impl IntoView {
    if troubles.is_empty() {
        return ().into_any();
    }
    let lines = troubles
        .into_iter()
        .map(|line| {
            let change = may_manage.then(|| {
                line.layers
                    .into_iter()
                    .map(|(at, name)| {
                        view! { " "<a href=format!("{base}/layers/{at}")>{format!("Change {name}")}</a> }
                    })
                    .collect_view()
            });
            let places = sentence(&format!("named {}", line.places.join(", ")));
            view! { <li>{sentence(&line.told)}" "<span class="quiet">{places}</span>{change}</li> }
        })
        .collect_view();
    view! {
        <Notice tone=Tone::Warn title="Not everybody named here can respond.">
            <ul class="notice-list">{lines}</ul>
        </Notice>
    }
    .into_any()
}

#[component]
fn Now(card: Card, cover: Option<String>) -> impl IntoView {
    let gaps: Vec<AnyView> = card
        .gaps
        .iter()
        .take(6)
        .map(|gap| {
            let cover = cover.as_ref().map(|base| {
                let (from, until) = (gap.from.at.rfc3339(), gap.until.at.rfc3339());
                let href = format!("{base}?cover_from={from}&cover_until={until}#stand-in");
                let label = format!("Cover the gap from {}", gap.from.text);
                view! { " "<a href=href aria-label=label>"Cover"</a> }
            });
            view! {
                <li><LocalTime at=gap.from.clone() />" to "<LocalTime at=gap.until.clone() />{cover}</li>
            }
            .into_any()
        })
        .collect();
    let more = card.gaps.len().saturating_sub(6);
    let bad = card.people.is_empty();
    view! {
        <section class=if bad { "panel now-next lacking" } else { "panel now-next" } aria-label="Now and next">
            <div>
                <h2 class="label">"On call now"</h2>
                <OnCallPeople people=card.people.clone() large=true />
                <p class="sm ink-2"><Then card=card.clone() /></p>
            </div>
            <div>
                <h2 class="label">"The next two weeks"</h2>
                <p><GapChip gaps=card.gaps.clone() /></p>
                {(!gaps.is_empty()).then(|| view! {
                    <ul class="gap-list">
                        {gaps}
                        {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
                    </ul>
                })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Weeks(base: String, page: ShowSchedulePage) -> impl IntoView {
    let (earlier, later) = page.around;
    let rows = page
        .shifts
        .into_iter()
        .map(|shift| {
            let names: Vec<String> = shift.people.into_iter().map(|person| person.name).collect();
            view! {
                <tr class=names.is_empty().then_some("shift-gap")>
                    <td data-label="From"><LocalTime at=shift.from /></td>
                    <td data-label="Until"><LocalTime at=shift.until /></td>
                    <td>{if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }}</td>
                </tr>
            }
        })
        .collect_view();
    let heads = vec![Head::new("From"), Head::new("Until"), Head::new("On call")];
    view! {
        <section class="panel" id="weeks">
            <div class="panel-head">
                <div class="grow"><h2>{page.weeks}</h2></div>
                <nav class="row" aria-label="Weeks">
                    <LinkButton small=true href=format!("{base}?from={earlier}#weeks") icon=IconName::Left label="Four weeks earlier">"Earlier"</LinkButton>
                    {page.elsewhen.then(|| view! {
                        <LinkButton small=true href=format!("{base}#weeks")>"This week"</LinkButton>
                    })}
                    <LinkButton small=true href=format!("{base}?from={later}#weeks") icon=IconName::Right label="Four weeks later">"Later"</LinkButton>
                </nav>
            </div>
            <Rota picture=page.picture />
            <Disclosure label="The same as a list">
                <Table caption="Shifts in these weeks" heads=heads>{rows}</Table>
            </Disclosure>
        </section>
    }
    .into_any()
}

#[component]
fn StandIns(base: String, page: ShowSchedulePage) -> impl IntoView {
    let heads = vec![
        Head::new("Who"),
        Head::new("From"),
        Head::new("Until"),
        Head::new("Made by"),
        Head::hidden("Take it back"),
    ];
    let none = page.overrides.is_empty();
    let rows = page
        .overrides
        .into_iter()
        .map(|line| {
            let (verb, label) = if line.begun {
                ("End now", format!("End now that {} stands in", line.person.name))
            } else {
                ("Take back", format!("Take back that {} stands in", line.person.name))
            };
            view! {
                <tr>
                    <td>
                        <span class="person"><Avatar name=line.person.name.clone() /><b>{line.person.name.clone()}</b></span>
                        {line.begun.then(|| view! { " "<Chip tone=Tone::Accent>"now"</Chip> })}
                    </td>
                    <td data-label="From"><LocalTime at=line.from /></td>
                    <td data-label="Until"><LocalTime at=line.until /></td>
                    <td data-label="Made by" class="quiet">{line.created_by}</td>
                    <td class="num">{line.may_remove.then(|| view! {
                        <form method="post" action=format!("{base}/overrides/{}/remove", line.id)>
                            <Button small=true label=label>{verb}</Button>
                        </form>
                    })}</td>
                </tr>
            }
        })
        .collect_view();
    let imported = (page.imported > 0).then(|| {
        let shifts = count(
            i64::try_from(page.imported).unwrap_or(i64::MAX),
            "shift is",
            "shifts are",
        );
        view! {
            <div class="pad row">
                <p class="grow quiet sm">
                    {format!("{shifts} out of an imported calendar. They win over the layers; importing again takes their place.")}
                </p>
                {page.may_manage.then(|| view! {
                    <form method="post" action=format!("{base}/calendar/remove")>
                        <Button small=true label="Take back the imported shifts">"Take back"</Button>
                    </form>
                })}
            </div>
        }
    });
    let followed = page.calendar.map(|calendar| {
        let stop = page.may_manage.then(|| format!("{base}/calendar/stop"));
        view! { <Followed calendar=calendar stop=stop /> }
    });
    view! {
        <Panel title="Standing in" lead="Overrides win over everything else. Of two for the same time, the one added last holds." id="overrides" flush=true>
            {if none {
                view! { <p class="pad quiet">"Nobody stands in."</p> }.into_any()
            } else {
                view! { <Table caption="Who stands in, now and to come" heads=heads>{rows}</Table> }.into_any()
            }}
            {imported}
            {followed}
        </Panel>
    }
    .into_any()
}

#[component]
fn Followed(calendar: FollowedCalendar, stop: Option<String>) -> impl IntoView {
    let FollowedCalendar {
        host,
        read_at,
        failed_since,
        why,
    } = calendar;
    let troubled = match failed_since {
        Some(since) => view! {
            <Notice tone=Tone::Bad title="The calendar cannot be read.">
                "Since "<LocalTime at=since />": "{why}". Whoever was on call by it stays."
            </Notice>
        }
        .into_any(),
        None if !why.is_empty() => view! {
            <Notice tone=Tone::Warn title="Some of it was left out.">{sentence(&why)}</Notice>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <div class="pad stack">
            <div class="row">
                <p class="grow sm quiet">
                    "Keeps up with the calendar at "<b>{host}</b>", each hour. Last read "<LocalTime at=read_at />"."
                </p>
                {stop.map(|action| view! {
                    <form method="post" action=action>
                        <Button small=true>"Stop"</Button>
                    </form>
                })}
            </div>
            {troubled}
        </div>
    }
    .into_any()
}

#[component]
fn StandIn(base: String, page: ShowSchedulePage) -> impl IntoView {
    let ShowSchedulePage {
        card,
        people,
        viewer,
        may_manage,
        form,
        next_override,
        ..
    } = page;
    let choices = people
        .into_iter()
        .map(|person| Choice::new(person.id.to_string(), person.name))
        .collect();
    let who = if may_manage {
        view! {
            <Select
                name="person"
                label="Who"
                choices=choices
                value=form.value_or("person", &viewer.to_string())
                error=form.error("person")
            />
        }
        .into_any()
    } else {
        view! { <input type="hidden" name="person" value=viewer.to_string() /> }.into_any()
    };
    let title = if may_manage {
        "Have somebody stand in"
    } else {
        "Stand in"
    };
    view! {
        <Panel title=title lead=format!("Times are those of {}.", card.zone) id="stand-in">
            <form class="stack" method="post" action=format!("{base}/overrides")>
                <FormError form=form.clone() />
                <input type="hidden" name="id" value=form.value_or("id", &next_override.to_string()) />
                {who}
                <div class="two-fields">
                    <TextInput name="from" label="From" kind=InputKind::DateTime required=true value=form.value("from") error=form.error("from") />
                    <TextInput name="until" label="Until" kind=InputKind::DateTime required=true value=form.value("until") error=form.error("until") />
                </div>
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary icon=IconName::Person>{if may_manage { "Put on call" } else { "Put me on call" }}</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Layers(base: String, layers: Vec<LayerLine>, may_manage: bool) -> impl IntoView {
    let none = layers.is_empty();
    let last = layers.len().saturating_sub(1);
    let items = layers
        .into_iter()
        .enumerate()
        .map(|(at, layer)| {
            let people = layer.people.join(", then ");
            view! {
                <li>
                    <div class="grow">
                        <p><b>{layer.name.clone()}</b></p>
                        <p class="sm ink-2">{layer.told}</p>
                        <p class="layer-people"><AvatarRow names=layer.people /><span class="sm quiet">{people}</span></p>
                    </div>
                    {may_manage.then(|| view! {
                        <LinkButton small=true href=format!("{base}/layers/{at}") label=format!("Change the layer {}", layer.name)>"Change"</LinkButton>
                        {(at < last).then(|| view! {
                            <form method="post" action=format!("{base}/layers/{at}/lower")>
                                <Button small=true kind=ButtonKind::Plain icon=IconName::Down label=format!("Lower the layer {}", layer.name)>"Lower"</Button>
                            </form>
                        })}
                    })}
                </li>
            }
        })
        .collect_view();
    let add = may_manage.then(|| {
        view! {
            <LinkButton small=true href=format!("{base}/layers/new") icon=IconName::Plus>"Add a layer"</LinkButton>
        }
        .into_any()
    });
    let body = if none {
        view! {
            <EmptyState title="No layer yet">
                <p>"A layer is a group of people who take turns. A second layer covers what the first one leaves open."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <ol class="layers">{items}</ol> }.into_any()
    };
    view! {
        <section class="panel flush" id="layers">
            <div class="panel-head">
                <div class="grow">
                    <h2>"Layers"</h2>
                    <p class="quiet sm">"The first that has somebody on call wins."</p>
                </div>
                {add}
            </div>
            {body}
        </section>
    }
    .into_any()
}

//! One schedule.

use super::{card, choices, list::feed_line, local, persons, picture};
use crate::web::{Page, PageError, Path, Query, SignedIn, Web};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::{
        on_call::{
            FollowedCalendar, LayerLine, OverrideLine, ShiftLine, ShowSchedule, ShowSchedulePage,
            TroubleLine,
        },
        room::Person,
    },
};
use rideout_domain::{Action, Actor, FeedId, OverrideId, ScheduleId, Timestamp};
use rideout_service::oncall::{Part, Place, ShownOverride, ShownSchedule, Source, Zone};

/// What differs from one showing of the page to the next.
#[derive(Default)]
pub(super) struct Said {
    /// The form to stand in.
    pub(super) form: FormState,
    /// The address of a feed just made.
    pub(super) made: Option<String>,
    /// Why the last change was not made.
    pub(super) refused: Option<String>,
    /// The first day of the picture.
    pub(super) from: Option<String>,
    /// What the form to stand in begins with.
    pub(super) cover: Option<(Timestamp, Timestamp)>,
}

/// Takes `from`, a date in the first of the four weeks that are shown, and
/// `cover_from` and `cover_until`, which stand in the form to stand in.
pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<ScheduleId>,
    query: Query,
) -> Result<Response, PageError> {
    let said = Said {
        from: query.optional("from").map(str::to_owned),
        cover: cover(&query),
        ..Said::default()
    };
    shown(&web, &actor, page, StatusCode::OK, id, said).await
}

pub(super) async fn shown(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    id: ScheduleId,
    said: Said,
) -> Result<Response, PageError> {
    let now = page.now();
    // The zone, which says what the asked-for weeks are, comes with the schedule.
    let zone = web.service.schedule(actor, id, now).await?;
    let zone = zone.listed.schedule.zone().clone();
    let span = picture::span(&zone, asked(&zone, said.from.as_deref()).unwrap_or(now));
    let schedule = web.service.schedule(actor, id, span.0).await?;
    let people = choices(web, &[said.form.value("person")]).await?;
    let feeds = web.service.feeds(actor).await?;
    let names = &schedule.listed.names;
    let (imported, own): (Vec<_>, Vec<_>) = schedule
        .overrides
        .iter()
        .partition(|one| one.source == Source::Import);
    let shifts = schedule.part(Part::All, span.0, span.1);
    let title = schedule.listed.schedule.name().to_owned();
    let shown = ShowSchedulePage {
        card: card(&schedule.listed, now),
        picture: picture::of(&schedule.listed.schedule, names, span, now),
        weeks: weeks(&zone, span),
        around: (
            zone.date(zone.days_on(span.0, -picture::DAYS)),
            zone.date(span.1),
        ),
        elsewhen: zone.monday(now) != span.0,
        shifts: shifts
            .iter()
            .map(|shift| ShiftLine {
                from: local(&zone, shift.from, now),
                until: local(&zone, shift.until, now),
                people: persons(names, &shift.people),
            })
            .collect(),
        overrides: own.iter().map(|one| line(one, actor, &zone, now)).collect(),
        imported: imported.len(),
        calendar: schedule.calendar.clone().map(|one| FollowedCalendar {
            host: one.host,
            read_at: local(&zone, one.read_at, now),
            failed_since: one.failed_since.map(|at| local(&zone, at, now)),
            why: one.why,
        }),
        layers: layers(&schedule),
        troubles: troubles(&schedule),
        unconfirmed: schedule
            .unconfirmed
            .iter()
            .map(|one| Person {
                id: one.id,
                name: one.name.clone(),
            })
            .collect(),
        people,
        viewer: actor.id,
        may_manage: actor.may(Action::ManageSchedules),
        may_stand_in: actor.may(Action::Respond),
        form: match said.cover {
            Some((from, until)) => said
                .form
                .with("from", zone.typed(from))
                .with("until", zone.typed(until)),
            None => said.form,
        },
        next_override: OverrideId(web.service.new_id()),
        feeds: feeds
            .into_iter()
            .filter(|feed| feed.schedule.as_ref().is_some_and(|(of, _)| *of == id))
            .map(feed_line)
            .collect(),
        made: said.made,
        next_feed: FeedId(web.service.new_id()),
        refused: said.refused,
        now,
    };
    Ok(page.html(status, Nav::OnCall, &title, || {
        view! { <ShowSchedule page=shown /> }.into_any()
    }))
}

/// A gap to be covered; nonsense is none.
fn cover(query: &Query) -> Option<(Timestamp, Timestamp)> {
    let time = |name| query.text(name).parse().ok();
    Some((time("cover_from")?, time("cover_until")?))
}

/// The day that was asked for; nonsense is this week.
fn asked(zone: &Zone, from: Option<&str>) -> Option<Timestamp> {
    zone.read("from", &format!("{}T12:00", from?.trim())).ok()
}

/// `2 to 29 March 2026`, as far as both ends differ.
fn weeks(zone: &Zone, (from, until): (Timestamp, Timestamp)) -> String {
    let last = zone.days_on(until, -1);
    let (first_day, first_month) = zone.day_and_month(from);
    let (last_day, last_month) = zone.day_and_month(last);
    let year = &zone.date(last)[..4];
    if first_month == last_month {
        format!("{first_day} to {last_day} {last_month} {year}")
    } else {
        format!("{first_day} {first_month} to {last_day} {last_month} {year}")
    }
}

fn line(one: &ShownOverride, actor: &Actor, zone: &Zone, now: Timestamp) -> OverrideLine {
    let own = one.person.id == actor.id || one.created_by.id == actor.id;
    OverrideLine {
        id: one.id,
        person: Person {
            id: one.person.id,
            name: one.person.name.clone(),
        },
        from: local(zone, one.from, now),
        until: local(zone, one.until, now),
        imported: one.source == Source::Import,
        created_by: one.created_by.name.clone(),
        begun: one.from <= now,
        may_remove: actor.may(Action::ManageSchedules) || own && actor.may(Action::Respond),
    }
}

fn troubles(schedule: &ShownSchedule) -> Vec<TroubleLine> {
    let layers = schedule.listed.schedule.layers();
    let name = |at: usize| layers.get(at).map_or("", |layer| layer.name()).to_owned();
    let found = schedule.cannot_respond().into_iter();
    found
        .map(|(one, places)| TroubleLine {
            told: one.trouble().unwrap_or_default(),
            places: places
                .iter()
                .map(|place| match place {
                    Place::Layer(at) => format!("in {}", name(*at)),
                    Place::Override => "standing in".to_owned(),
                    Place::Imported => "in an imported calendar".to_owned(),
                })
                .collect(),
            layers: places
                .into_iter()
                .filter_map(|place| match place {
                    Place::Layer(at) => Some((at, name(at))),
                    Place::Override | Place::Imported => None,
                })
                .collect(),
        })
        .collect()
}

fn layers(schedule: &ShownSchedule) -> Vec<LayerLine> {
    let layers = schedule.listed.schedule.layers().iter();
    layers
        .map(|layer| LayerLine {
            name: layer.name().to_owned(),
            told: layer.told(),
            people: layer
                .people()
                .iter()
                .map(|person| schedule.named(*person).name)
                .collect(),
        })
        .collect()
}

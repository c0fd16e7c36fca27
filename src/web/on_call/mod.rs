//! On-call schedules: pages, forms and calendar feeds.

mod feed;
mod import;
mod layers;
mod list;
mod picture;
mod schedule;
mod show;
mod stand_in;

use super::{Access, Routes, Web};
use rideout_app::pages::{
    on_call::{Card, Gap, Local},
    room::Person,
};
use rideout_domain::{Action, Role, Timestamp, UserId};
use rideout_service::{
    Error, FieldError,
    oncall::{ListedSchedule, Names, Span, Zone},
};

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    const MANAGES: Access = Access::Role(Role::Commander);
    const RESPONDS: Access = Access::Role(Role::Responder);
    Routes::new()
        .get("/on-call", Access::SignedIn, list::page)
        .post("/on-call", MANAGES, schedule::make)
        .get("/on-call/new", MANAGES, schedule::new_page)
        .post("/on-call/feeds", Access::SignedIn, feed::make_own)
        .post(
            "/on-call/feeds/{feed}/revoke",
            Access::SignedIn,
            feed::revoke,
        )
        .get("/calendars/{token}", Access::Link, feed::calendar)
        .get("/on-call/{schedule}", Access::SignedIn, show::page)
        .get("/on-call/{schedule}/edit", MANAGES, schedule::edit_page)
        .post("/on-call/{schedule}/edit", MANAGES, schedule::edit)
        .post("/on-call/{schedule}/archive", MANAGES, schedule::archive)
        .post("/on-call/{schedule}/feeds", Access::SignedIn, feed::make)
        .get("/on-call/{schedule}/layers/new", MANAGES, layers::new_page)
        .post("/on-call/{schedule}/layers", MANAGES, layers::add)
        .get("/on-call/{schedule}/layers/{layer}", MANAGES, layers::page)
        .post(
            "/on-call/{schedule}/layers/{layer}",
            MANAGES,
            layers::change,
        )
        .post(
            "/on-call/{schedule}/layers/{layer}/remove",
            MANAGES,
            layers::remove,
        )
        .post(
            "/on-call/{schedule}/layers/{layer}/lower",
            MANAGES,
            layers::lower,
        )
        .post("/on-call/{schedule}/overrides", RESPONDS, stand_in::add)
        .post(
            "/on-call/{schedule}/overrides/{override}/remove",
            RESPONDS,
            stand_in::remove,
        )
        .post("/on-call/{schedule}/calendar/stop", MANAGES, import::stop)
        .post(
            "/on-call/{schedule}/calendar/remove",
            MANAGES,
            import::remove,
        )
        .get("/on-call/{schedule}/import", MANAGES, import::page)
        .post_file("/on-call/{schedule}/import", MANAGES, import::read)
        .post_file(
            "/on-call/{schedule}/import/confirm",
            MANAGES,
            import::confirm,
        )
}

/// A moment as the clock of a schedule shows it, with the year when it is far.
fn local(zone: &Zone, at: Timestamp, now: Timestamp) -> Local {
    const FAR: i64 = 200 * 86_400;
    let far = at.seconds_since(now).abs() > FAR;
    Local {
        at,
        text: if far {
            zone.told(at)
        } else {
            zone.told_shortly(at)
        },
    }
}

fn persons(names: &Names, people: &[UserId]) -> Vec<Person> {
    let named = names.all(people);
    named
        .into_iter()
        .map(|one| Person {
            id: one.id,
            name: one.name,
        })
        .collect()
}

fn card(listed: &ListedSchedule, now: Timestamp) -> Card {
    let zone = listed.schedule.zone();
    let gap = |span: &Span| Gap {
        from: local(zone, span.from, now),
        until: local(zone, span.until, now),
    };
    let next = listed.next.as_ref();
    Card {
        id: listed.id,
        name: listed.schedule.name().to_owned(),
        zone: zone.name().to_owned(),
        team: listed.team.clone().map(|(_, name)| name),
        people: persons(&listed.names, &listed.now.people),
        until: next.map(|next| local(zone, next.from, now)),
        next: next.map_or_else(Vec::new, |next| persons(&listed.names, &next.people)),
        gaps: listed.gaps.iter().map(gap).collect(),
        has_layers: !listed.schedule.layers().is_empty(),
    }
}

/// Who can be put on call; and whoever was chosen all the same, so that nothing that
/// was typed is lost.
async fn choices(web: &Web, chosen: &[String]) -> Result<Vec<Person>, Error> {
    let people = web.service.people().await?;
    let people = people.into_iter().filter_map(|one| {
        let responds = one.role.may(Action::Respond);
        let kept = responds || chosen.contains(&one.id.to_string());
        let name = if responds {
            one.name
        } else {
            format!("{} ({})", one.name, one.role)
        };
        kept.then_some(Person { id: one.id, name })
    });
    Ok(people.collect())
}

/// The errors of one layer as the layer's form names its fields.
fn of_layer(errors: Vec<FieldError>, at: usize) -> Vec<FieldError> {
    let prefix = format!("layers.{at}.");
    errors
        .into_iter()
        .map(|error| FieldError {
            field: error
                .field
                .strip_prefix(&prefix)
                .map_or(error.field.clone(), str::to_owned),
            message: error.message,
        })
        .collect()
}

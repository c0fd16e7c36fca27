//! `/api/v1/schedules`

use crate::web::{
    Access, ApiError, Path, Problem, Query, Routes, SignedIn, Web,
    forms::{Json, Raw},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{OverrideId, Role, ScheduleId, TeamId, Timestamp, UserId};
use rideout_service::{
    Error,
    oncall::{
        Followed, Layer, ListedSchedule, Named, NewOverride, NewSchedule, Part, ScheduleChange,
        ShownOverride, ShownSchedule, Source, Span,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Longest span of time whose shifts are told at once, in days.
const DAYS_MAX: i64 = 400;
const DAY: i64 = 86_400;

/// The endpoints.
pub(super) fn routes() -> Routes {
    const MANAGES: Access = Access::Role(Role::Commander);
    const RESPONDS: Access = Access::Role(Role::Responder);
    Routes::new()
        .get("/api/v1/schedules", Access::SignedIn, list)
        .post("/api/v1/schedules", MANAGES, make)
        .get("/api/v1/schedules/{schedule}", Access::SignedIn, show)
        .patch("/api/v1/schedules/{schedule}", MANAGES, change)
        .delete("/api/v1/schedules/{schedule}", MANAGES, archive)
        .get(
            "/api/v1/schedules/{schedule}/shifts",
            Access::SignedIn,
            shifts,
        )
        .post("/api/v1/schedules/{schedule}/overrides", RESPONDS, stand_in)
        .delete(
            "/api/v1/schedules/{schedule}/overrides/{override}",
            RESPONDS,
            stand_down,
        )
        .post_file("/api/v1/schedules/{schedule}/calendar", MANAGES, import)
}

/// A span of time and who is on call in it.
#[derive(Serialize)]
struct Shift {
    from: Timestamp,
    until: Timestamp,
    people: Vec<Named>,
}

/// A schedule in a list.
#[derive(Serialize)]
struct Listed {
    id: ScheduleId,
    name: String,
    zone: String,
    team: Option<TeamId>,
    on_call: Vec<Named>,
    /// Until when that is known; nothing when it does not change for more than a year.
    until: Option<Timestamp>,
    next: Option<Shift>,
    /// When nobody is on call in the next 14 days.
    gaps: Vec<Shift>,
    url: String,
}

impl Listed {
    fn new(web: &Web, listed: &ListedSchedule) -> Self {
        let shift = |span: &Span| Shift {
            from: span.from,
            until: span.until,
            people: listed.names.all(&span.people),
        };
        Self {
            id: listed.id,
            name: listed.schedule.name().to_owned(),
            zone: listed.schedule.zone().name().to_owned(),
            team: listed.team.as_ref().map(|(team, _)| *team),
            on_call: listed.names.all(&listed.now.people),
            until: listed.next.as_ref().map(|next| next.from),
            next: listed.next.as_ref().map(shift),
            gaps: listed.gaps.iter().map(shift).collect(),
            url: web.link(&format!("/on-call/{}", listed.id)),
        }
    }
}

#[derive(Serialize)]
struct Schedules {
    schedules: Vec<Listed>,
}

async fn list(State(web): State<Web>, SignedIn(actor): SignedIn) -> Result<Response, ApiError> {
    let schedules = web.service.schedules(&actor).await?;
    let schedules = schedules.iter().map(|one| Listed::new(&web, one)).collect();
    Ok(axum::Json(Schedules { schedules }).into_response())
}

/// An override or an imported shift.
#[derive(Serialize)]
struct Override {
    id: OverrideId,
    person: Named,
    from: Timestamp,
    until: Timestamp,
    source: &'static str,
    created_by: UserId,
    created_at: Timestamp,
}

impl From<ShownOverride> for Override {
    fn from(one: ShownOverride) -> Self {
        Self {
            id: one.id,
            person: one.person,
            from: one.from,
            until: one.until,
            source: match one.source {
                Source::Person => "person",
                Source::Import => "import",
            },
            created_by: one.created_by.id,
            created_at: one.created_at,
        }
    }
}

/// One schedule.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    listed: Listed,
    layers: Vec<Layer>,
    overrides: Vec<Override>,
    calendar: Option<Calendar>,
    /// Whom it names though they cannot respond, in a sentence each.
    warnings: Vec<String>,
    unconfirmed: Vec<Named>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

/// The calendar it keeps up with.
#[derive(Serialize)]
struct Calendar {
    host: String,
    read_at: Timestamp,
    failed_since: Option<Timestamp>,
    why: String,
}

impl From<Followed> for Calendar {
    fn from(one: Followed) -> Self {
        Self {
            host: one.host,
            read_at: one.read_at,
            failed_since: one.failed_since,
            why: one.why,
        }
    }
}

impl Shown {
    fn new(web: &Web, shown: ShownSchedule) -> Self {
        Self {
            listed: Listed::new(web, &shown.listed),
            warnings: sentences(shown.cannot_respond().into_iter().map(|(one, _)| one)),
            layers: shown.listed.schedule.layers().to_vec(),
            overrides: shown.overrides.into_iter().map(Into::into).collect(),
            calendar: shown.calendar.map(Into::into),
            unconfirmed: shown.unconfirmed,
            created_at: shown.created_at,
            changed_at: shown.changed_at,
        }
    }
}

fn sentences(people: impl Iterator<Item = Named>) -> Vec<String> {
    people
        .filter_map(|one| one.trouble().map(|told| format!("{told}.")))
        .collect()
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
) -> Result<Response, ApiError> {
    let now = web.service.now();
    let shown = web.service.schedule(&actor, id, now).await?;
    Ok(axum::Json(Shown::new(&web, shown)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    id: Option<ScheduleId>,
    name: String,
    zone: String,
    team: Option<TeamId>,
    #[serde(default)]
    layers: Vec<rideout_service::oncall::LayerDraft>,
}

async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Json(new): Json<New>,
) -> Result<Response, ApiError> {
    let schedule = NewSchedule {
        name: new.name,
        zone: new.zone,
        team: new.team,
        layers: new.layers,
    };
    let id = web.service.make_schedule(&actor, new.id, schedule).await?;
    let now = web.service.now();
    let shown = web.service.schedule(&actor, id, now).await?;
    let location = format!("/api/v1/schedules/{id}");
    let body = axum::Json(Shown::new(&web, shown));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    name: Option<String>,
    zone: Option<String>,
    /// Left out, it stays; null is no team.
    #[serde(default, deserialize_with = "said")]
    team: Option<Option<TeamId>>,
    layers: Option<Vec<rideout_service::oncall::LayerDraft>>,
    /// `changed_at` as it was read: a change since then is a conflict.
    changed_at: Option<Timestamp>,
}

/// Tells a member that is null from one that was left out.
fn said<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    Json(changes): Json<Changes>,
) -> Result<Response, ApiError> {
    let change = ScheduleChange {
        name: changes.name,
        zone: changes.zone,
        team: changes.team,
        layers: changes.layers,
        revision: changes.changed_at,
    };
    web.service.change_schedule(&actor, id, change).await?;
    let now = web.service.now();
    let shown = web.service.schedule(&actor, id, now).await?;
    Ok(axum::Json(Shown::new(&web, shown)).into_response())
}

async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
) -> Result<Response, ApiError> {
    web.service.archive_schedule(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize)]
struct Shifts {
    shifts: Vec<Shift>,
}

/// Takes `from` (now) and `until` (14 days later). Spans in order that cover all
/// of it; one with nobody is a gap.
async fn shifts(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    query: Query,
) -> Result<Response, ApiError> {
    let from = time(&query, "from")?.unwrap_or_else(|| web.service.now());
    let until = time(&query, "until")?.unwrap_or_else(|| from.plus_seconds(14 * DAY));
    if until <= from || until.seconds_since(from) > DAYS_MAX * DAY {
        return Err(Problem::invalid(
            "until",
            format!("Choose an end after the beginning, at most {DAYS_MAX} days later."),
        )
        .into());
    }
    let shown = web.service.schedule(&actor, id, from).await?;
    let spans = shown.part(Part::All, from, until);
    let shifts = spans.into_iter().map(|span| Shift {
        from: span.from,
        until: span.until,
        people: shown.listed.names.all(&span.people),
    });
    let shifts = shifts.collect();
    Ok(axum::Json(Shifts { shifts }).into_response())
}

fn time(query: &Query, name: &'static str) -> Result<Option<Timestamp>, Problem> {
    query
        .parse_optional::<Timestamp>(name)
        .map_err(|error| Problem::from(Error::Invalid(vec![error])))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StandIn {
    id: Option<OverrideId>,
    /// Whoever asks, when left out.
    person: Option<UserId>,
    from: Timestamp,
    until: Timestamp,
}

#[derive(Serialize)]
struct Made {
    id: OverrideId,
}

async fn stand_in(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    Json(new): Json<StandIn>,
) -> Result<Response, ApiError> {
    let new = NewOverride {
        id: new.id,
        person: new.person.unwrap_or(actor.id),
        from: new.from,
        until: new.until,
    };
    let id = web.service.add_override(&actor, id, new).await?;
    Ok((StatusCode::CREATED, axum::Json(Made { id })).into_response())
}

async fn stand_down(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((schedule, id)): Path<(ScheduleId, OverrideId)>,
) -> Result<Response, ApiError> {
    web.service.remove_override(&actor, schedule, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize)]
struct Imported {
    shifts: usize,
    /// Events that were left out, and why.
    skipped: Vec<String>,
    /// Whom the calendar names and nobody knows; their shifts were left out.
    unmatched: Vec<String>,
    /// Whom it names though they cannot respond, in a sentence each.
    warnings: Vec<String>,
}

/// Takes the calendar as the body, and `unmatched`: with `leave_out`, shifts of
/// people nobody knows are left out; otherwise they are refused.
async fn import(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    query: Query,
    raw: Raw,
) -> Result<Response, ApiError> {
    let file = raw.content.into();
    let reading = web.service.read_calendar(&actor, id, file).await?;
    let unmatched: Vec<String> = reading.unmatched.into_iter().map(|one| one.whom).collect();
    let warnings = sentences(reading.viewers.into_iter().map(|(one, _)| one));
    let leave_out = query.text("unmatched").trim() == "leave_out";
    let who = if leave_out {
        unmatched.iter().map(|whom| (whom.clone(), None)).collect()
    } else {
        HashMap::new()
    };
    let shifts = web
        .service
        .import_shifts(&actor, id, reading.shifts, who)
        .await?;
    let skipped = reading.skipped.into_iter();
    Ok(axum::Json(Imported {
        shifts,
        skipped: skipped
            .map(|one| format!("{}: {}", one.title, one.why))
            .collect(),
        unmatched,
        warnings,
    })
    .into_response())
}

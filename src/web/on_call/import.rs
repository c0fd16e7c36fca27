//! Importing a calendar, in two steps.

use super::{choices, picture, schedule::find};
use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::on_call::{ImportPage, ImportReading, ImportSchedule},
};
use rideout_domain::{Action, Actor, ScheduleId, UserId};
use rideout_service::{
    Error, FieldError,
    oncall::{BYTES_MAX, Read, Reading, ShownSchedule},
};
use std::collections::HashMap;

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<ScheduleId>,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let schedule = find(&web, &actor, &page, id).await?;
    shown(
        &web,
        page,
        StatusCode::OK,
        &schedule,
        None,
        FormState::new(),
    )
    .await
}

/// Takes `file`, or `url`, and answers with what it comes to.
pub(super) async fn read(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let schedule = find(&web, &actor, &page, id).await?;
    let reading = match content(&web, &form).await {
        Ok((field, content)) => {
            let reading = web.service.read_calendar(&actor, id, content).await;
            let followed = form.optional("follow").filter(|_| field == "url");
            reading
                .map(|reading| (reading, followed.map(|_| address(form.text("url")))))
                .map_err(|error| told_at(field, error))
        }
        Err(error) => Err(error),
    };
    match reading {
        Ok((reading, follow)) => {
            let reading = ImportReading {
                follow,
                ..looked_at(&schedule, reading, &page)?
            };
            let status = StatusCode::OK;
            shown(
                &web,
                page,
                status,
                &schedule,
                Some(reading),
                FormState::new(),
            )
            .await
        }
        Err(Error::Invalid(errors)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            shown(&web, page, status, &schedule, None, form.refused(&errors)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The calendar that was chosen, and the field it was chosen in. A file goes
/// before a web address.
async fn content(web: &Web, form: &Form) -> Result<(&'static str, Vec<u8>), Error> {
    if let Some(file) = form.file("file") {
        return Ok(("file", file.content.to_vec()));
    }
    let Some(url) = form.optional("url") else {
        return Err(Error::invalid(
            "file",
            "choose a calendar file, or write its web address",
        ));
    };
    let fetched = web.client.fetch(&address(url), BYTES_MAX).await;
    let fetched = fetched.map_err(|failure| Error::invalid("url", failure))?;
    Ok(("url", fetched.body.to_vec()))
}

/// Calendars name their feeds `webcal:`, for programs that subscribe.
fn address(url: &str) -> String {
    let url = url.trim();
    url.strip_prefix("webcal://")
        .map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"))
}

/// What is wrong with a calendar stands beside the field it was chosen in.
fn told_at(field: &str, error: Error) -> Error {
    match error {
        Error::Invalid(errors) => {
            let errors = errors.into_iter().map(|error| FieldError {
                field: if error.field == "file" {
                    field.to_owned()
                } else {
                    error.field
                },
                ..error
            });
            Error::Invalid(errors.collect())
        }
        other => other,
    }
}

/// Takes `shifts` as the first step gave them, for each `whom.N` who that `is.N`: a
/// person, or `nobody`; and `follow`, the address to keep up with.
pub(super) async fn confirm(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let schedule = find(&web, &actor, &page, id).await?;
    let Ok(shifts) = serde_json::from_str::<Vec<Read>>(form.text("shifts")) else {
        let error = FieldError {
            field: "file".to_owned(),
            message: "what was read got lost on the way: choose the calendar again".to_owned(),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return shown(&web, page, status, &schedule, None, form.refused(&[error])).await;
    };
    let done = match who(&form) {
        Ok(who) => {
            taken(
                &web,
                &actor,
                id,
                shifts.clone(),
                who,
                form.optional("follow"),
            )
            .await
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match done {
        Ok(total) => {
            let back = see_other(&format!("/on-call/{id}#weeks"));
            let said = match total {
                1 => "One shift is in the schedule.".to_owned(),
                n => format!("{n} shifts are in the schedule."),
            };
            Ok(with_flash(&web, back, Tone::Ok, &said))
        }
        Err(Error::Invalid(errors)) => {
            let reading = ImportReading {
                follow: form.optional("follow").map(str::to_owned),
                ..again(&web, &actor, id, &schedule, shifts, &page).await?
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            shown(
                &web,
                page,
                status,
                &schedule,
                Some(reading),
                form.refused(&errors),
            )
            .await
        }
        Err(other) => Err(other.into()),
    }
}

async fn taken(
    web: &Web,
    actor: &Actor,
    id: ScheduleId,
    shifts: Vec<Read>,
    who: HashMap<String, Option<UserId>>,
    follow: Option<&str>,
) -> Result<usize, Error> {
    let Some(url) = follow else {
        return web.service.import_shifts(actor, id, shifts, who).await;
    };
    let checked = web.client.guard().check(url);
    checked.map_err(|denied| Error::invalid("who", denied))?;
    let url = url.to_owned();
    web.service
        .follow_calendar(actor, id, shifts, who, url)
        .await
}

/// Keeps up with the calendar no longer.
pub(super) async fn stop(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
) -> Result<Response, PageError> {
    web.service.stop_following(&actor, id).await?;
    let back = see_other(&format!("/on-call/{id}#overrides"));
    let said = "The calendar is not followed any more. Its shifts stay.";
    Ok(with_flash(&web, back, Tone::Ok, said))
}

/// Takes back what was imported, and follows no calendar any more.
pub(super) async fn remove(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
) -> Result<Response, PageError> {
    let nobody = HashMap::new();
    web.service
        .import_shifts(&actor, id, Vec::new(), nobody)
        .await?;
    let back = see_other(&format!("/on-call/{id}#overrides"));
    let said = "What was imported is taken back. The layers hold again.";
    Ok(with_flash(&web, back, Tone::Ok, said))
}

/// Who those are whom the calendar names and nobody recognised.
fn who(form: &Form) -> Result<HashMap<String, Option<UserId>>, Vec<FieldError>> {
    let mut who = HashMap::new();
    let mut errors = Vec::new();
    for (field, values) in form.fields() {
        let (Some(at), Some(whom)) = (field.strip_prefix("whom."), values.first()) else {
            continue;
        };
        let field = format!("is.{at}");
        match form.text(&field).trim() {
            "nobody" => drop(who.insert(whom.clone(), None)),
            text => match text.parse() {
                Ok(person) => drop(who.insert(whom.clone(), Some(person))),
                Err(_) => errors.push(FieldError {
                    field,
                    message: "choose who this is, or leave them out".to_owned(),
                }),
            },
        }
    }
    if errors.is_empty() {
        Ok(who)
    } else {
        Err(errors)
    }
}

/// What was read, after a refusal: as the form carried it.
async fn again(
    web: &Web,
    actor: &Actor,
    id: ScheduleId,
    schedule: &ShownSchedule,
    shifts: Vec<Read>,
    page: &Page,
) -> Result<ImportReading, Error> {
    let reading = web.service.reading_again(actor, id, shifts).await?;
    looked_at(schedule, reading, page)
}

fn looked_at(
    schedule: &ShownSchedule,
    reading: Reading,
    page: &Page,
) -> Result<ImportReading, Error> {
    let now = page.now();
    let carried = serde_json::to_string(&reading.shifts).map_err(Error::internal)?;
    let preview = reading.preview(&schedule.listed.schedule);
    let first = reading.shifts.iter().map(|shift| shift.from).min();
    let span = picture::span(
        schedule.listed.schedule.zone(),
        first.unwrap_or(now).max(now),
    );
    Ok(ImportReading {
        name: reading.name,
        follow: None,
        shifts: reading.shifts.len(),
        carried,
        matched: reading
            .matched
            .into_iter()
            .map(|(named, shifts)| (named.name, shifts))
            .collect(),
        unmatched: reading
            .unmatched
            .into_iter()
            .map(|one| (one.whom, one.shifts))
            .collect(),
        viewers: reading
            .viewers
            .iter()
            .filter_map(|(one, _)| one.trouble())
            .collect(),
        skipped: reading
            .skipped
            .into_iter()
            .map(|one| (one.title, one.why.to_string()))
            .collect(),
        replaces: reading.replaces,
        picture: picture::of(&preview, &schedule.listed.names, span, now),
    })
}

async fn shown(
    web: &Web,
    page: Page,
    status: StatusCode,
    schedule: &ShownSchedule,
    reading: Option<ImportReading>,
    form: FormState,
) -> Result<Response, PageError> {
    let unknown = reading
        .as_ref()
        .map_or(0, |reading| reading.unmatched.len());
    let chosen: Vec<String> = (0..unknown)
        .map(|at| form.value(&format!("is.{at}")))
        .collect();
    let people = choices(web, &chosen).await?;
    let inside = &schedule.listed.schedule;
    let shown = ImportPage {
        schedule: (
            schedule.listed.id,
            inside.name().to_owned(),
            inside.zone().name().to_owned(),
        ),
        reading,
        people,
        form,
    };
    Ok(page.html(status, Nav::OnCall, "Import a calendar", || {
        view! { <ImportSchedule page=shown /> }.into_any()
    }))
}

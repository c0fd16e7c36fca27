//! Adding, changing, moving and taking out layers.

use super::{
    choices, of_layer,
    schedule::{find, revision},
    show::{self, Said},
};
use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::on_call::{LayerForm, LayerFormPage},
};
use rideout_domain::{Action, Actor, ScheduleId};
use rideout_service::{
    Error, FieldError,
    oncall::{
        Layer, LayerDraft, ScheduleChange, ShownSchedule, Weekday, WindowDraft, limits::WINDOWS,
    },
};

pub(super) async fn new_page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<ScheduleId>,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let schedule = find(&web, &actor, &page, id).await?;
    let zone = schedule.listed.schedule.zone();
    let form = FormState::new()
        .with("starts_on", zone.date(page.now()))
        .with("revision", schedule.changed_at.0.to_string());
    shown(&web, page, StatusCode::OK, &schedule, None, form).await
}

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((id, at)): Path<(ScheduleId, usize)>,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageSchedules)?;
    let schedule = find(&web, &actor, &page, id).await?;
    let layers = schedule.listed.schedule.layers();
    let layer = layers.get(at).ok_or(Error::NotFound)?;
    let form = filled(layer).with("revision", schedule.changed_at.0.to_string());
    shown(&web, page, StatusCode::OK, &schedule, Some(at), form).await
}

/// Takes the fields of a layer and `revision`.
pub(super) async fn add(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<ScheduleId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    save(&web, &actor, page, id, None, &form).await
}

/// The same for a layer that is there.
pub(super) async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, at)): Path<(ScheduleId, usize)>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    save(&web, &actor, page, id, Some(at), &form).await
}

async fn save(
    web: &Web,
    actor: &Actor,
    page: Page,
    id: ScheduleId,
    at: Option<usize>,
    form: &Form,
) -> Result<Response, PageError> {
    Error::authorise(actor, Action::ManageSchedules)?;
    let schedule = find(web, actor, &page, id).await?;
    let mut layers = drafts(&schedule);
    let place = at.unwrap_or(layers.len());
    let done = match read(form) {
        Err(errors) => Err(Error::Invalid(errors)),
        Ok(draft) => {
            match at {
                None => layers.push(draft),
                Some(at) => *layers.get_mut(at).ok_or(Error::NotFound)? = draft,
            }
            let change = ScheduleChange {
                layers: Some(layers),
                revision: revision(form),
                ..ScheduleChange::default()
            };
            web.service.change_schedule(actor, id, change).await
        }
    };
    match done {
        Ok(()) => {
            let back = see_other(&format!("/on-call/{id}#layers"));
            Ok(with_flash(web, back, Tone::Ok, "The layer is saved."))
        }
        Err(Error::Invalid(errors)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let errors = as_typed(of_layer(errors, place), &typed_windows(form));
            let form = form.refused(&errors);
            shown(web, page, status, &schedule, at, form).await
        }
        Err(Error::Conflict { message, .. }) => {
            let status = StatusCode::CONFLICT;
            // Sent once more, the form replaces what was seen to be there.
            let revision = schedule.changed_at.0.to_string();
            let form = form.state().with("revision", revision).refuse("", message);
            shown(web, page, status, &schedule, at, form).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes `revision`.
pub(super) async fn remove(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, at)): Path<(ScheduleId, usize)>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    rearranged(&web, &actor, page, id, revision(&form), |layers| {
        (at < layers.len()).then(|| drop(layers.remove(at)))
    })
    .await
}

pub(super) async fn lower(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((id, at)): Path<(ScheduleId, usize)>,
    page: Page,
) -> Result<Response, PageError> {
    rearranged(&web, &actor, page, id, None, |layers| {
        (at + 1 < layers.len()).then(|| layers.swap(at, at + 1))
    })
    .await
}

async fn rearranged(
    web: &Web,
    actor: &Actor,
    page: Page,
    id: ScheduleId,
    revision: Option<rideout_domain::Timestamp>,
    rearrange: impl FnOnce(&mut Vec<LayerDraft>) -> Option<()>,
) -> Result<Response, PageError> {
    Error::authorise(actor, Action::ManageSchedules)?;
    let schedule = find(web, actor, &page, id).await?;
    let mut layers = drafts(&schedule);
    rearrange(&mut layers).ok_or(Error::NotFound)?;
    let change = ScheduleChange {
        layers: Some(layers),
        revision: revision.or(Some(schedule.changed_at)),
        ..ScheduleChange::default()
    };
    match web.service.change_schedule(actor, id, change).await {
        Ok(()) => Ok(see_other(&format!("/on-call/{id}#layers"))),
        Err(error @ (Error::Invalid(_) | Error::Conflict { .. })) => {
            let said = Said {
                refused: Some(error.to_string()),
                ..Said::default()
            };
            show::shown(web, actor, page, StatusCode::CONFLICT, id, said).await
        }
        Err(other) => Err(other.into()),
    }
}

fn drafts(schedule: &ShownSchedule) -> Vec<LayerDraft> {
    let layers = schedule.listed.schedule.layers().iter();
    layers.cloned().map(Into::into).collect()
}

/// A layer as its form shows it.
fn filled(layer: &Layer) -> FormState {
    let draft = LayerDraft::from(layer.clone());
    let people: Vec<String> = draft.people.iter().map(ToString::to_string).collect();
    let mut form = FormState::new()
        .with("name", draft.name)
        .with("rotation", draft.rotation)
        .with("starts_on", draft.starts_on)
        .with("hand_over", draft.hand_over)
        .with("people", people.join("\n"));
    if let Some(day) = draft.weekday {
        form = form.with("weekday", day.word());
    }
    if let Some(every) = draft.every {
        form = form.with("every", every.to_string());
    }
    for (at, window) in draft.windows.into_iter().enumerate() {
        let days: Vec<&str> = window.days.iter().map(|day| day.word()).collect();
        form = form
            .with(&format!("windows.{at}.days"), days.join("\n"))
            .with(&format!("windows.{at}.from"), window.from)
            .with(&format!("windows.{at}.until"), window.until);
    }
    form
}

fn read(form: &Form) -> Result<LayerDraft, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: &str| {
        errors.push(FieldError {
            field: field.to_owned(),
            message: message.to_owned(),
        });
    };
    let mut people = Vec::new();
    for text in form
        .all("people")
        .iter()
        .filter(|text| !text.trim().is_empty())
    {
        match text.parse() {
            Ok(person) => people.push(person),
            Err(_) => wrong("people", "choose people from the list"),
        }
    }
    let needs_every = matches!(form.text("rotation"), "days" | "hours");
    let every = form.optional("every").filter(|_| needs_every);
    let every = every.map(|text| text.trim().parse::<u32>()).transpose();
    if every.is_err() {
        wrong("every", "write a whole number");
    }
    let weekly = form.text("rotation") == "weekly";
    let draft = LayerDraft {
        name: form.text("name").to_owned(),
        rotation: form.text("rotation").to_owned(),
        weekday: Weekday::from_word(form.text("weekday")).filter(|_| weekly),
        every: every.ok().flatten(),
        starts_on: form.text("starts_on").to_owned(),
        hand_over: form.text("hand_over").to_owned(),
        people,
        windows: typed_windows(form)
            .into_iter()
            .map(|(_, window)| window)
            .collect(),
    };
    if errors.is_empty() {
        Ok(draft)
    } else {
        Err(errors)
    }
}

/// The windows that have anything filled in, and the rows they stand in.
fn typed_windows(form: &Form) -> Vec<(usize, WindowDraft)> {
    let part = |at: usize, part: &str| format!("windows.{at}.{part}");
    let rows = (0..WINDOWS).map(|at| {
        let days = form.all(&part(at, "days")).iter();
        let window = WindowDraft {
            days: days.filter_map(|day| Weekday::from_word(day)).collect(),
            from: form.text(&part(at, "from")).to_owned(),
            until: form.text(&part(at, "until")).to_owned(),
        };
        (at, window)
    });
    rows.filter(|(_, window)| {
        !window.days.is_empty() || !window.from.trim().is_empty() || !window.until.trim().is_empty()
    })
    .collect()
}

/// Errors of windows beside the rows in which they were typed.
fn as_typed(mut errors: Vec<FieldError>, typed: &[(usize, WindowDraft)]) -> Vec<FieldError> {
    for error in &mut errors {
        let Some((at, part)) = error
            .field
            .strip_prefix("windows.")
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        let row = at.parse::<usize>().ok().and_then(|at| typed.get(at));
        if let Some((row, _)) = row {
            error.field = format!("windows.{row}.{part}");
        }
    }
    errors
}

async fn shown(
    web: &Web,
    page: Page,
    status: StatusCode,
    schedule: &ShownSchedule,
    at: Option<usize>,
    form: FormState,
) -> Result<Response, PageError> {
    let chosen: Vec<String> = form.value("people").lines().map(str::to_owned).collect();
    let people = choices(web, &chosen).await?;
    let inside = &schedule.listed.schedule;
    let shown = LayerFormPage {
        schedule: (
            schedule.listed.id,
            inside.name().to_owned(),
            inside.zone().name().to_owned(),
        ),
        at,
        people,
        form,
    };
    let title = if at.is_some() {
        "Change a layer"
    } else {
        "Add a layer"
    };
    Ok(page.html(status, Nav::OnCall, title, || {
        view! { <LayerForm page=shown /> }.into_any()
    }))
}

//! Standing in.

use super::show::{self, Said};
use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_app::components::Tone;
use rideout_domain::{Actor, OverrideId, ScheduleId, UserId};
use rideout_service::{
    Error, FieldError,
    oncall::{NewOverride, Zone},
};

/// Takes `id`, `person`, and `from` and `until` on the schedule's clock.
pub(super) async fn add(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(schedule): Path<ScheduleId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let now = page.now();
    let shown = web.service.schedule(&actor, schedule, now).await?;
    let zone = shown.listed.schedule.zone();
    let done = match read(&form, &actor, zone) {
        Ok(new) => web.service.add_override(&actor, schedule, new).await,
        Err(errors) => {
            Error::authorise(&actor, rideout_domain::Action::Respond)?;
            Err(Error::Invalid(errors))
        }
    };
    match done {
        Ok(_) => {
            let back = see_other(&format!("/on-call/{schedule}#overrides"));
            Ok(with_flash(&web, back, Tone::Ok, "It is in the schedule."))
        }
        Err(Error::Invalid(errors)) => {
            let said = Said {
                form: form.refused(&errors),
                ..Said::default()
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show::shown(&web, &actor, page, status, schedule, said).await
        }
        Err(Error::Conflict { message, .. }) => {
            let said = Said {
                form: form.state(),
                refused: Some(message),
                ..Said::default()
            };
            show::shown(&web, &actor, page, StatusCode::CONFLICT, schedule, said).await
        }
        Err(other) => Err(other.into()),
    }
}

fn read(form: &Form, actor: &Actor, zone: &Zone) -> Result<NewOverride, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut time = |field: &str| {
        zone.read(field, form.text(field)).map_err(|invalid| {
            errors.push(FieldError {
                field: invalid.field.clone(),
                message: invalid.to_string(),
            });
        })
    };
    let (from, until) = (time("from"), time("until"));
    let person = match form.optional("person") {
        None => Ok(actor.id),
        Some(text) => text.parse::<UserId>().map_err(|_| {
            errors.push(FieldError {
                field: "person".to_owned(),
                message: "choose who is to be on call".to_owned(),
            });
        }),
    };
    let id = form.text("id").parse::<OverrideId>().ok();
    match (from, until, person) {
        (Ok(from), Ok(until), Ok(person)) => Ok(NewOverride {
            id,
            person,
            from,
            until,
        }),
        _ => Err(errors),
    }
}

pub(super) async fn remove(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((schedule, id)): Path<(ScheduleId, OverrideId)>,
) -> Result<Response, PageError> {
    let name = web.service.remove_override(&actor, schedule, id).await?;
    let back = see_other(&format!("/on-call/{schedule}#overrides"));
    let said = format!("{name} does not stand in any more.");
    Ok(with_flash(&web, back, Tone::Ok, &said))
}

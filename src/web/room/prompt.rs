//! Answering a prompt and paging somebody, by forms.

use super::write::{Shown, made_from, sentence};
use crate::web::{Form, Page, PageError, Path, SignedIn, Web, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_app::FormState;
use rideout_domain::{
    Action, Actor, EntryId, IncidentId, UserId, entry::AnswerKind, room::MINUTES_MAX,
};
use rideout_service::{Error, FieldError, page::Reason, stall::NewAnswer};

/// Takes `answer` with what belongs to it (`minutes`, `text`, `waiting_on`,
/// `user`), and `form` and `seen` of the small form. Leads to the answer, or
/// shows the room again with what is wrong, or who was quicker.
pub(super) async fn answer(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((incident, prompt)): Path<(IncidentId, EntryId)>,
    form: Form,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    Error::authorise(&actor, Action::Respond)?;
    let id = form
        .parse::<EntryId>("id")
        .unwrap_or_else(|_| made_from(&actor, incident, &form));
    let answered = match read(&form, id) {
        Ok(new) => {
            web.service
                .answer_prompt(&actor, incident, prompt, new)
                .await
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    let (status, refused) = match answered {
        Ok(answered) => {
            let seq = answered.entry.seq;
            return Ok(see_other(&format!("/incidents/{incident}#e-{seq}")));
        }
        Err(error) => refused(&form, error)?,
    };
    let shown = Shown {
        web: &web,
        actor: &actor,
        snapshot: &snapshot,
        id,
    };
    shown.again(page, status, refused, None).await
}

/// Takes `user` and `text`, and `form` of the small form.
pub(super) async fn page_somebody(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
    form: Form,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    Error::authorise(&actor, Action::Respond)?;
    let (status, refused) = match call(&web, &actor, incident, &form.state(), "user").await {
        Ok(address) => return Ok(see_other(&address)),
        Err(error) => refused(&form, error)?,
    };
    let shown = Shown {
        web: &web,
        actor: &actor,
        snapshot: &snapshot,
        id: EntryId(web.service.new_id()),
    };
    shown.again(page, status, refused, None).await
}

/// Pages whoever a field names; the answer is where to look then.
pub(super) async fn call(
    web: &Web,
    actor: &Actor,
    incident: IncidentId,
    form: &FormState,
    field: &str,
) -> Result<String, Error> {
    let user: UserId = form
        .value(field)
        .trim()
        .parse()
        .map_err(|_| Error::invalid("user", "Choose who is to be called."))?;
    let reason = Reason::new(form.value("text"));
    web.service
        .page(actor, incident, user, reason)
        .await
        .map_err(about_the_text)?;
    Ok(format!("/incidents/{incident}#region-doing"))
}

/// The field that is called the reason elsewhere is the text here.
fn about_the_text(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => Error::Invalid(
            errors
                .into_iter()
                .map(|e| FieldError {
                    field: if e.field == "reason" {
                        "text".to_owned()
                    } else {
                        e.field
                    },
                    message: e.message,
                })
                .collect(),
        ),
        other => other,
    }
}

fn read(form: &Form, id: EntryId) -> Result<NewAnswer, Vec<FieldError>> {
    let wrong = |field: &str, message: &str| {
        vec![FieldError {
            field: field.to_owned(),
            message: message.to_owned(),
        }]
    };
    let answer: AnswerKind = form
        .parse("answer")
        .map_err(|_| wrong("", "Choose one of the answers."))?;
    let minutes = form.parse_optional("minutes").map_err(|_| {
        let most = format!("Say how many minutes, as a whole number from 1 to {MINUTES_MAX}.");
        wrong("minutes", &most)
    })?;
    let user = form
        .parse_optional("user")
        .map_err(|_| wrong("user", "Choose who is to be called."))?;
    Ok(NewAnswer {
        id,
        answer,
        minutes,
        text: form.text("text").to_owned(),
        waiting_on: form.text("waiting_on").to_owned(),
        user,
    })
}

/// What is wrong, beside what was typed.
fn refused(form: &Form, error: Error) -> Result<(StatusCode, FormState), Error> {
    match error {
        Error::Invalid(errors) => {
            let state = errors.into_iter().fold(form.state(), |state, e| {
                state.refuse(&e.field, sentence(&e.message))
            });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, state))
        }
        Error::Conflict { message, .. } => {
            let state = form.state().refuse("", sentence(&message));
            Ok((StatusCode::CONFLICT, state))
        }
        other => Err(other),
    }
}

//! Adding to the timeline by a form.

use super::{
    page::{Again, show},
    previewable,
};
use crate::web::{Form, Page, PageError, Path, SignedIn, Web, forms::Upload, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_app::{
    FormState, entry_form,
    pages::room::{Draft, Filter, Refused},
};
use rideout_domain::{
    Action, Actor, EntryId, EntryKind, IncidentId, NewEntry, Timestamp, UserId, command,
    text::ATTACHMENT_MAX,
};
use rideout_service::{Error, attachment, markdown, room::Snapshot};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Takes the fields of the composer, or of a small form of the board; see
/// [`entry_form`]. Leads to the new entry, or shows the page again with what
/// was typed and what is wrong with it.
pub(super) async fn add(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
    form: Form,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    Error::authorise(&actor, Action::Respond)?;
    let typed = form.state();
    let id = form
        .parse::<EntryId>("id")
        .unwrap_or_else(|_| made_from(&actor, incident, &form));
    let shown = Shown {
        web: &web,
        actor: &actor,
        snapshot: &snapshot,
        id,
    };
    if form.text("preview") == "1" {
        return match previewable(&typed.value("text")) {
            Ok(text) => {
                let html = markdown::to_html(&text);
                shown.again(page, StatusCode::OK, typed, Some(html)).await
            }
            Err(Error::Invalid(errors)) => {
                let refused = form.refused(&errors);
                shown
                    .again(page, StatusCode::UNPROCESSABLE_ENTITY, refused, None)
                    .await
            }
            Err(other) => Err(other.into()),
        };
    }
    let filled = match without_command(&web, &typed).await? {
        Ok(filled) => filled,
        Err(refused) => {
            return shown
                .again(page, StatusCode::UNPROCESSABLE_ENTITY, refused, None)
                .await;
        }
    };
    let filled = match until(filled, web.service.now()) {
        Ok(filled) => filled,
        Err(refused) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return shown.again(page, status, refused, None).await;
        }
    };
    if filled.value("kind") == EntryKind::Paged.word() {
        return match super::prompt::call(&web, &actor, incident, &filled, "page_user").await {
            Ok(address) => Ok(see_other(&address)),
            Err(Error::Invalid(errors)) => {
                let refused = errors.into_iter().fold(filled, |form, error| {
                    form.refuse(
                        &entry_form::field_of(EntryKind::Paged, &error.field),
                        error.message,
                    )
                });
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                shown.again(page, status, refused, None).await
            }
            Err(Error::Conflict { message, .. }) => {
                let refused = filled.refuse("", sentence(&message));
                shown.again(page, StatusCode::CONFLICT, refused, None).await
            }
            Err(other) => Err(other.into()),
        };
    }
    let filled = match form.file("file") {
        Some(file) if filled.value("kind") == EntryKind::Evidence.word() => {
            // Sent again: the file is there already.
            if let Ok(known) = web.service.entry(&actor, incident, id).await {
                return Ok(see_other(&address(&snapshot, &known)));
            }
            match attached(&web, &actor, incident, file, filled).await? {
                Ok(filled) => filled,
                Err(refused) => {
                    return shown
                        .again(page, StatusCode::UNPROCESSABLE_ENTITY, refused, None)
                        .await;
                }
            }
        }
        _ => filled,
    };
    let named = entry_form::sent_by(&filled, actor.id).with("id", id.to_string());
    let (status, refused) = match entry_form::read(&named) {
        Err(refused) => {
            let errors = refused.errors;
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                FormState { errors, ..filled },
            )
        }
        Ok(new) => {
            let kind = new.body.kind();
            match append(&web, &actor, incident, new).await {
                Ok(address) => return Ok(see_other(&address)),
                Err(Error::Invalid(errors)) => {
                    let refused = errors.into_iter().fold(filled, |form, error| {
                        form.refuse(&entry_form::field_of(kind, &error.field), error.message)
                    });
                    (StatusCode::UNPROCESSABLE_ENTITY, refused)
                }
                Err(Error::Conflict { message, .. }) => {
                    (StatusCode::CONFLICT, filled.refuse("", sentence(&message)))
                }
                Err(other) => return Err(other.into()),
            }
        }
    };
    shown.again(page, status, refused, None).await
}

/// A wait that is offered says until when, since the page with it may be old; the
/// entry says how long.
fn until(filled: FormState, now: Timestamp) -> Result<FormState, FormState> {
    let offered = filled.value("wait_until");
    if filled.value("kind") != EntryKind::Wait.word() || offered.is_empty() {
        return Ok(filled);
    }
    let left = offered
        .parse::<Timestamp>()
        .map_or(0, |until| until.seconds_since(now));
    if left <= 0 {
        return Err(filled.refuse("", "That time has passed. Say how long the wait takes now."));
    }
    let minutes = (left + 59) / 60;
    Ok(filled.with("wait_minutes", minutes.to_string()))
}

async fn append(
    web: &Web,
    actor: &Actor,
    incident: IncidentId,
    new: NewEntry,
) -> Result<String, Error> {
    let appended = web.service.append(actor, incident, new).await?;
    let snapshot = web.service.room(actor, incident).await?;
    Ok(address(&snapshot, &appended.entry))
}

/// Where an entry stands in the room.
pub(super) fn address(snapshot: &Snapshot, entry: &rideout_domain::Entry) -> String {
    Filter::address_of(&snapshot.room, entry)
}

/// A text that begins with a slash is a command, also without a script.
async fn without_command(
    web: &Web,
    typed: &FormState,
) -> Result<Result<FormState, FormState>, Error> {
    let text = typed.value("text");
    if typed.value("kind") != EntryKind::Note.word() || !text.starts_with('/') {
        return Ok(Ok(typed.clone()));
    }
    let people = web.service.people().await?;
    let people: Vec<(UserId, &str)> = people.iter().map(|p| (p.id, p.name.as_str())).collect();
    Ok(match command::parse(&text, &people) {
        Ok(Some(draft)) => {
            let filled = entry_form::filled_by(&draft, typed);
            match draft.missing {
                // The form asks for it, with everything else filled in.
                Some(field) if filled.value(field).is_empty() => {
                    let asked =
                        format!("The command cannot say which {field} is meant: choose it here.");
                    Err(filled.refuse(field, asked))
                }
                _ => Ok(filled),
            }
        }
        Ok(None) => Ok(typed.clone().with("text", command::literal(&text))),
        Err(error) => Err(typed.clone().refuse("text", sentence(&error.to_string()))),
    })
}

/// Stores the file; the form then names it, so that it is kept when something
/// else is refused.
async fn attached(
    web: &Web,
    actor: &Actor,
    incident: IncidentId,
    file: &Upload,
    form: FormState,
) -> Result<Result<FormState, FormState>, Error> {
    let upload = attachment::Upload {
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        content: file.content.to_vec(),
    };
    match web.service.attach(actor, incident, upload).await {
        Ok(stored) => Ok(Ok(form
            .with("attachment", stored.id.to_string())
            .with("attachment_name", stored.name))),
        Err(Error::TooLarge { .. }) => {
            let most = ATTACHMENT_MAX / (1024 * 1024);
            Ok(Err(form.refuse(
                "file",
                format!(
                    "“{}” is larger than {most} MB. Link to it instead, or attach a part of it.",
                    file.name
                ),
            )))
        }
        Err(Error::Invalid(errors)) => Ok(Err(errors
            .into_iter()
            .fold(form, |form, e| form.refuse("file", sentence(&e.message))))),
        Err(other) => Err(other),
    }
}

/// An identifier for a form that carries none since everybody gets the same
/// bytes: the same person sending the same, having seen the same, is the same
/// entry.
pub(super) fn made_from(actor: &Actor, incident: IncidentId, form: &Form) -> EntryId {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, actor.id, incident).hash(&mut hasher);
        form.fields().hash(&mut hasher);
        hasher.finish().to_be_bytes()
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half(0));
    bytes[8..].copy_from_slice(&half(1));
    EntryId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// A message of the service as a sentence on a page.
pub(super) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().collect::<String>())
        .unwrap_or_default();
    let end = if message.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", chars.as_str())
}

/// The page that a refused form is shown on again.
pub(super) struct Shown<'a> {
    pub(super) web: &'a Web,
    pub(super) actor: &'a Actor,
    pub(super) snapshot: &'a Snapshot,
    pub(super) id: EntryId,
}

impl Shown<'_> {
    pub(super) async fn again(
        self,
        page: Page,
        status: StatusCode,
        form: FormState,
        preview: Option<String>,
    ) -> Result<Response, PageError> {
        let key = form.value("form");
        let again = if key.is_empty() {
            Again {
                draft: Draft { form, preview },
                id: Some(self.id),
                ..Again::default()
            }
        } else {
            // The card that the form stood on may be gone, so it is said above as well.
            let say = form.error("").or_else(|| {
                form.errors
                    .iter()
                    .next()
                    .map(|(_, message)| message.to_owned())
            });
            Again {
                refused: Some(Refused { key, form }),
                say,
                ..Again::default()
            }
        };
        show(
            self.web,
            self.actor,
            page,
            status,
            self.snapshot,
            &Filter::default(),
            again,
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rideout_domain::Role;
    use uuid::Uuid;

    #[test]
    fn the_same_form_by_the_same_person_is_the_same_entry() {
        let actor = |n: u128| Actor {
            id: UserId(Uuid::from_u128(n)),
            name: String::new(),
            role: Role::Responder,
            address: String::new(),
        };
        let incident = IncidentId(Uuid::from_u128(9));
        let form = Form::default();
        let one = made_from(&actor(1), incident, &form);
        assert_eq!(one, made_from(&actor(1), incident, &form));
        assert_ne!(one, made_from(&actor(2), incident, &form));
        assert_ne!(
            one,
            made_from(&actor(1), IncidentId(Uuid::from_u128(8)), &form)
        );
        assert_eq!(one.0.get_version_num(), 4);
    }

    #[test]
    fn an_offered_wait_counts_from_now() {
        let now = Timestamp(1_276_592_400_000_000);
        let form = |until: Timestamp| {
            FormState::new()
                .with("kind", "wait")
                .with("wait_until", until.rfc3339())
        };
        let filled = until(form(now.plus_seconds(601)), now).unwrap();
        assert_eq!(filled.value("wait_minutes"), "11");
        assert!(until(form(now.plus_seconds(-1)), now).is_err());
        let note = FormState::new()
            .with("kind", "note")
            .with("wait_until", "x");
        assert_eq!(until(note.clone(), now), Ok(note));
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(
            sentence("this task was closed already"),
            "This task was closed already."
        );
        assert_eq!(
            sentence("“/x” is no command; did you mean this?"),
            "“/x” is no command; did you mean this?"
        );
    }
}

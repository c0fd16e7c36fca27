//! `/api/v1/incidents`

use crate::web::{Access, ApiError, Path, Problem, Query, Routes, SignedIn, Web, forms::Json};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_domain::{
    Actor, EntryBody, EntryId, Incident, IncidentId, NewEntry, Role, Severity, Status, Timestamp,
    UserId, text,
};
use rideout_service::{
    Error,
    incident::{Details, Filter, NewIncident, Which},
};
use serde::{Deserialize, Serialize};

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/incidents", Access::SignedIn, list)
        .post("/api/v1/incidents", Access::Role(Role::Responder), declare)
        .get(
            "/api/v1/incidents/{id}",
            Access::Incident(Role::Viewer),
            show,
        )
        .patch(
            "/api/v1/incidents/{id}",
            Access::Incident(Role::Responder),
            change,
        )
}

/// An incident as the API shows it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    incident: Incident,
    reference: String,
    url: String,
}

impl Shown {
    pub(super) fn new(web: &Web, incident: Incident) -> Self {
        Self {
            reference: incident.reference(),
            url: web.link(&format!("/incidents/{}", incident.id)),
            incident,
        }
    }
}

/// Services as a list, or as people type them: with commas.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Services {
    List(Vec<String>),
    Typed(String),
}

impl From<Services> for Vec<String> {
    fn from(services: Services) -> Self {
        match services {
            Services::List(list) => list,
            Services::Typed(text) => text.split(',').map(|one| one.trim().to_owned()).collect(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    id: Option<IncidentId>,
    title: String,
    severity: Option<String>,
    #[serde(default)]
    description: String,
    services: Option<Services>,
    #[serde(default)]
    restricted: bool,
    #[serde(default)]
    people: Vec<UserId>,
    started_at: Option<String>,
}

/// Reads a word, naming the member it stands in when it is none of the known ones.
pub(super) fn word<T: std::str::FromStr<Err: ToString>>(
    member: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, Problem> {
    text.map(|text| {
        text.parse()
            .map_err(|error: T::Err| Problem::invalid(member, error.to_string()))
    })
    .transpose()
}

async fn declare(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Json(new): Json<Declaration>,
) -> Result<Response, ApiError> {
    let again = match new.id {
        Some(id) => web.service.incident(&actor, id).await.is_ok(),
        None => false,
    };
    let incident = web
        .service
        .declare(
            &actor,
            NewIncident {
                id: new.id,
                title: new.title,
                severity: word::<Severity>("severity", new.severity.as_deref())?,
                description: new.description,
                services: new.services.map(Into::into).unwrap_or_default(),
                restricted: new.restricted,
                people: new.people,
                started_at: word::<Timestamp>("started_at", new.started_at.as_deref())?,
            },
        )
        .await?;
    let location = format!("/api/v1/incidents/{}", incident.id);
    let status = if again {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((
        status,
        [(header::LOCATION, location)],
        axum::Json(Shown::new(&web, incident)),
    )
        .into_response())
}

#[derive(Serialize)]
struct Listed {
    incidents: Vec<Shown>,
    next_cursor: Option<String>,
}

/// Takes `status`, `severity`, `q`, `cursor` and `limit` (50, at most 200).
async fn list(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let which = match query.text("status").trim() {
        "" | "all" => Which::All,
        "open" => Which::Open,
        word => match word.parse::<Status>() {
            Ok(Status::Resolved) => Which::Resolved,
            Ok(status) => Which::Status(status),
            Err(_) => {
                return Err(Problem::invalid(
                    "status",
                    format!("“{word}” is no status; it is one of open, all, investigating, identified, mitigated, resolved"),
                )
                .into());
            }
        },
    };
    let filter = Filter {
        which,
        severity: word("severity", query.optional("severity"))?,
        text: query.optional("q").map(text::clean),
    };
    let cursor = query
        .optional("cursor")
        .map(str::parse)
        .transpose()
        .map_err(|error: Error| Problem::from(error))?;
    let limit = number(&query, "limit", 50, 200)?;
    let page = web
        .service
        .incidents(&actor, &filter, cursor, limit)
        .await?;
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    let incidents = page
        .incidents
        .into_iter()
        .map(|listed| Shown::new(&web, listed.incident))
        .collect();
    Ok(axum::Json(Listed {
        incidents,
        next_cursor,
    })
    .into_response())
}

/// A whole number of the query, from 1 to `most`.
pub(super) fn number(
    query: &Query,
    name: &'static str,
    default: i64,
    most: i64,
) -> Result<i64, Problem> {
    match query.parse_optional::<i64>(name) {
        Ok(None) => Ok(default),
        Ok(Some(n)) if (1..=most).contains(&n) => Ok(n),
        _ => Err(Problem::invalid(
            name,
            format!("Choose a whole number from 1 to {most}."),
        )),
    }
}

async fn show(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
) -> Result<Response, ApiError> {
    let incident = web.service.incident(&actor, id).await?;
    Ok(axum::Json(Shown::new(&web, incident)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    title: Option<String>,
    description: Option<String>,
    services: Option<Services>,
    severity: Option<String>,
    status: Option<String>,
    /// Why severity or status change.
    #[serde(default, alias = "summary")]
    reason: String,
}

/// Changes what is named and differs. Each kind of change is an entry of its own.
async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<IncidentId>,
    Json(changes): Json<Changes>,
) -> Result<Response, ApiError> {
    let mut incident = web.service.incident(&actor, id).await?;
    // Everything that can be refused is looked at before anything is changed.
    let severity = word::<Severity>("severity", changes.severity.as_deref())?
        .filter(|to| *to != incident.severity);
    let status =
        word::<Status>("status", changes.status.as_deref())?.filter(|to| *to != incident.status);
    text::optional_text("The reason", &changes.reason)
        .map_err(|bad| Problem::invalid("reason", bad))?;
    if status == Some(Status::Resolved) && changes.reason.trim().is_empty() {
        return Err(Problem::invalid(
            "summary",
            "Say in a sentence how it ended: the summary is what people will read first.",
        )
        .into());
    }
    if changes.title.is_some() || changes.description.is_some() || changes.services.is_some() {
        let details = Details {
            title: changes.title,
            description: changes.description,
            services: changes.services.map(Into::into),
        };
        incident = web.service.update_details(&actor, id, details).await?;
    }
    if let Some(to) = severity {
        append(
            &web,
            &actor,
            id,
            EntryBody::Severity { from: None, to },
            &changes.reason,
        )
        .await?;
    }
    if let Some(to) = status {
        append(
            &web,
            &actor,
            id,
            EntryBody::Status { from: None, to },
            &changes.reason,
        )
        .await?;
    }
    if severity.is_some() || status.is_some() {
        incident = web.service.incident(&actor, id).await?;
    } else {
        // Even when nothing differs, whoever may only read must hear so.
        Error::authorise(&actor, rideout_domain::Action::Respond)?;
    }
    Ok(axum::Json(Shown::new(&web, incident)).into_response())
}

async fn append(
    web: &Web,
    actor: &Actor,
    id: IncidentId,
    body: EntryBody,
    reason: &str,
) -> Result<(), Error> {
    let entry = NewEntry {
        id: EntryId(web.service.new_id()),
        body,
        text: reason.to_owned(),
        occurred_at: None,
    };
    web.service.append(actor, id, entry).await.map(|_| ())
}

/// `Location` of what was made.
pub(super) fn location(path: &str) -> HeaderValue {
    HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"))
}

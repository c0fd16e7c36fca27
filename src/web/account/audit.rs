//! The audit log, for admins.

use crate::web::{Page, PageError, Query, SignedIn, Web};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::stream;
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::account::{Audit, AuditLine, AuditPage, AuditQuery},
};
use rideout_domain::{Action, Actor, Timestamp};
use rideout_service::{
    Error, Service,
    account::{
        AuditCursor, AuditEntry, AuditFilter,
        audit::{CSV_HEAD, PAGE_MAX, csv_line},
    },
};

/// Lines on one page of the log.
const PAGE: i64 = 100;
const DAY: i64 = 24 * 3600;

/// Takes `action`, `q`, `from`, `until` and `cursor`.
pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ReadAudit)?;
    let asked = asked(&query);
    let (filter, form) = read(&asked);
    let cursor = query.optional("cursor").and_then(|text| text.parse().ok());
    let status = if form.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let found = web.service.audit_log(&actor, &filter, cursor, PAGE).await?;
    let lines = found.entries.into_iter().map(|one| AuditLine {
        at: one.at,
        actor: one.actor,
        action: one.action,
        subject: one.subject,
        address: one.address,
        detail: one.detail,
    });
    let shown = AuditPage {
        lines: lines.collect(),
        query: asked,
        form,
        next: found.next.map(|cursor| cursor.to_string()),
        later: cursor.is_some(),
    };
    Ok(page.html(status, Nav::Audit, "Audit log", || {
        view! { <Audit page=shown /> }.into_any()
    }))
}

/// The log as a table. Takes what the page takes, but for the cursor.
pub(super) async fn csv(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    query: Query,
) -> Result<Response, PageError> {
    let line = |entry: &AuditEntry, _: bool| Ok(csv_line(entry));
    export(
        web,
        actor,
        &query,
        Format {
            word: "CSV",
            head: CSV_HEAD,
            foot: "",
            line,
        },
    )
    .await
}

/// The log as one JSON array.
pub(super) async fn json(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    query: Query,
) -> Result<Response, PageError> {
    let line = |entry: &AuditEntry, first: bool| {
        let text = serde_json::to_string(entry).map_err(Error::internal)?;
        Ok(if first {
            format!("\n{text}")
        } else {
            format!(",\n{text}")
        })
    };
    export(
        web,
        actor,
        &query,
        Format {
            word: "JSON",
            head: "[",
            foot: "\n]\n",
            line,
        },
    )
    .await
}

#[derive(Clone, Copy)]
struct Format {
    word: &'static str,
    head: &'static str,
    foot: &'static str,
    line: fn(&AuditEntry, bool) -> Result<String, Error>,
}

/// Where an export goes on.
enum Next {
    First,
    After(AuditCursor),
    End,
}

/// Sends the log piece by piece: it may be longer than the memory.
async fn export(
    web: Web,
    actor: Actor,
    query: &Query,
    format: Format,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ReadAudit)?;
    let (filter, form) = read(&asked(query));
    if let Some((field, message)) = form.errors.iter().next() {
        return Err(Error::invalid(field, message).into());
    }
    web.service
        .audit_export(&actor, &filter, format.word)
        .await?;
    let service = web.service;
    let pieces = stream::try_unfold(Next::First, move |next| {
        let (service, actor, filter) = (service.clone(), actor.clone(), filter.clone());
        async move { piece(&service, &actor, &filter, format, next).await }
    });
    let name = format.word.to_lowercase();
    let kind = if format.word == "CSV" {
        "text/csv; charset=utf-8"
    } else {
        "application/json"
    };
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) =
        HeaderValue::from_str(&format!("attachment; filename=\"rideout-audit.{name}\""))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn piece(
    service: &Service,
    actor: &Actor,
    filter: &AuditFilter,
    format: Format,
    next: Next,
) -> Result<Option<(Bytes, Next)>, Error> {
    let (cursor, first) = match next {
        Next::First => (None, true),
        Next::After(cursor) => (Some(cursor), false),
        Next::End => return Ok(None),
    };
    let page = service
        .audit_log(actor, filter, cursor, PAGE_MAX)
        .await
        .inspect_err(|error| {
            tracing::warn!(%error, "an export of the audit log broke off");
        })?;
    let mut text = if first {
        format.head.to_owned()
    } else {
        String::new()
    };
    for (n, entry) in page.entries.iter().enumerate() {
        text.push_str(&(format.line)(entry, first && n == 0)?);
    }
    let next = match page.next {
        Some(cursor) => Next::After(cursor),
        None => {
            text.push_str(format.foot);
            Next::End
        }
    };
    Ok(Some((Bytes::from(text), next)))
}

fn asked(query: &Query) -> AuditQuery {
    let short = |field: &str| {
        query
            .text(field)
            .trim()
            .chars()
            .take(100)
            .collect::<String>()
    };
    AuditQuery {
        action: short("action"),
        text: short("q"),
        from: short("from"),
        until: short("until"),
    }
}

/// The filter, and what could not be read of it.
fn read(query: &AuditQuery) -> (AuditFilter, FormState) {
    let mut form = FormState::new();
    let mut day = |field: &str, text: &str| match text {
        "" => None,
        text => {
            let at = format!("{text}T00:00:00Z").parse::<Timestamp>().ok();
            if at.is_none() {
                form = std::mem::take(&mut form).refuse(field, "Write a day as 2010-06-15.");
            }
            at
        }
    };
    let from = day("from", &query.from);
    let until = day("until", &query.until).map(|day| day.plus_seconds(DAY));
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    (
        AuditFilter {
            action: given(&query.action),
            text: given(&query.text),
            from,
            until,
        },
        form,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_whole_and_what_cannot_be_is_named() {
        let query = AuditQuery {
            from: "2010-06-15".into(),
            until: "2010-06-15".into(),
            ..AuditQuery::default()
        };
        let (filter, form) = read(&query);
        assert!(!form.is_refused());
        assert_eq!(
            filter.until.unwrap().seconds_since(filter.from.unwrap()),
            DAY
        );
        let (_, form) = read(&AuditQuery {
            until: "15.6.2010".into(),
            ..AuditQuery::default()
        });
        assert!(form.error("until").is_some() && form.error("from").is_none());
    }
}

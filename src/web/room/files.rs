//! Attached files, and the incident as a file.

use crate::web::{PageError, Path, SignedIn, Web};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use rideout_app::pages::room::entry::is_picture;
use rideout_domain::{AttachmentId, IncidentId, export};
use rideout_service::Error;
use std::fmt::Write as _;

/// Opened by itself, such a file may do nothing at all.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A header that saves the answer under this name, whatever letters it has.
fn saved_as(name: &str, shown: bool) -> HeaderValue {
    let ascii: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._- ()".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let how = if shown { "inline" } else { "attachment" };
    HeaderValue::from_str(&format!(
        "{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}"
    ))
    .unwrap_or(HeaderValue::from_static("attachment"))
}

/// A file that somebody attached. It is saved, never run; only pictures are shown.
pub(super) async fn attachment(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((incident, id)): Path<(IncidentId, AttachmentId)>,
) -> Result<Response, PageError> {
    let file = web.service.attachment(&actor, incident, id).await?;
    let shown = is_picture(&file.content_type);
    // The type is what whoever uploaded it said, so nothing but pictures keeps it.
    let kind = if shown {
        file.content_type.as_str()
    } else {
        "application/octet-stream"
    };
    let kind =
        HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, saved_as(&file.name, shown)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    Ok((headers, file.content).into_response())
}

/// The incident as Markdown, to keep.
pub(super) async fn markdown(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(incident): Path<IncidentId>,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    let reference = snapshot.room.incident.reference();
    web.service
        .note_export(&actor, &reference, "Markdown")
        .await?;
    let name = format!("{}.md", export::file_name(&snapshot.room));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/markdown; charset=utf-8"),
        ),
        (header::CONTENT_DISPOSITION, saved_as(&name, false)),
    ];
    Ok((headers, export::to_markdown(&snapshot.room)).into_response())
}

/// The incident as JSON, to keep.
pub(super) async fn json(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(incident): Path<IncidentId>,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    let reference = snapshot.room.incident.reference();
    web.service.note_export(&actor, &reference, "JSON").await?;
    let name = format!("{}.json", export::file_name(&snapshot.room));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CONTENT_DISPOSITION, saved_as(&name, false)),
    ];
    let text =
        serde_json::to_vec_pretty(&export::to_data(&snapshot.room)).map_err(Error::internal)?;
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let value = saved_as("a\"\r\nSet-Cookie: x=1; é.html", false);
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"a___Set-Cookie_ x_1_ _.html\"; filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20x%3D1%3B%20%C3%A9.html"
        );
        assert!(
            saved_as("a.png", true)
                .to_str()
                .unwrap()
                .starts_with("inline; filename=\"a.png\"")
        );
    }
}

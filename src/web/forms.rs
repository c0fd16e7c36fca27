//! What is sent: forms, queries, names in paths, JSON. None of it is lost, and
//! what cannot be understood is refused with a sentence.

use super::{ApiError, PageError, Problem, Web, middleware::limits};
use axum::{
    body::{Bytes, HttpBody as _},
    extract::{FromRequest, FromRequestParts, Multipart, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
};
use rideout_app::FormState;
use rideout_domain::text;
use rideout_service::FieldError;
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, str::FromStr};

/// The fields of a form, as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    fields: BTreeMap<String, Vec<String>>,
    files: Vec<Upload>,
}

/// A file sent with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The field it was chosen in.
    pub field: String,
    /// Its name on the sender's machine.
    pub name: String,
    /// Its media type, as the sender believes.
    pub content_type: String,
    /// What is in it.
    pub content: Bytes,
}

impl Form {
    /// The text of a field; empty when it was not sent.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.fields
            .get(field)
            .and_then(|all| all.first())
            .map_or("", String::as_str)
    }

    /// The text of a field that may be left empty.
    #[must_use]
    pub fn optional(&self, field: &str) -> Option<&str> {
        Some(self.text(field)).filter(|text| !text.trim().is_empty())
    }

    /// Every value of a field that may be sent several times.
    #[must_use]
    pub fn all(&self, field: &str) -> &[String] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }

    /// Whether a box was ticked.
    #[must_use]
    pub fn ticked(&self, field: &str) -> bool {
        matches!(self.text(field), "on" | "true" | "1" | "yes")
    }

    /// A field as a value; what cannot be read becomes the field's error.
    ///
    /// # Errors
    /// What is wrong, with the field's name.
    pub fn parse<T: FromStr>(&self, field: &'static str) -> Result<T, FieldError>
    where
        T::Err: ToString,
    {
        self.text(field)
            .trim()
            .parse()
            .map_err(|error: T::Err| FieldError {
                field: field.to_owned(),
                message: error.to_string(),
            })
    }

    /// Like [`Form::parse`], for a field that may be left empty.
    ///
    /// # Errors
    /// What is wrong, with the field's name.
    pub fn parse_optional<T: FromStr>(&self, field: &'static str) -> Result<Option<T>, FieldError>
    where
        T::Err: ToString,
    {
        self.optional(field).map(|_| self.parse(field)).transpose()
    }

    /// The file chosen in a field.
    #[must_use]
    pub fn file(&self, field: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == field)
    }

    /// Every field with its values.
    #[must_use]
    pub const fn fields(&self) -> &BTreeMap<String, Vec<String>> {
        &self.fields
    }

    /// The form as it is shown again, with what was typed; characters that a
    /// page cannot carry become their visible picture, as they would be stored.
    #[must_use]
    pub fn state(&self) -> FormState {
        FormState::from_pairs(self.fields.iter().flat_map(|(field, all)| {
            all.iter()
                .map(move |value| (field.as_str(), text::clean(value)))
        }))
    }

    /// The form as it is shown again, with what was typed and what is wrong with it.
    #[must_use]
    pub fn refused(&self, errors: &[FieldError]) -> FormState {
        errors.iter().fold(self.state(), |state, error| {
            state.refuse(&error.field, error.message.as_str())
        })
    }

    fn push(&mut self, field: String, value: String) {
        self.fields.entry(field).or_default().push(value);
    }

    fn from_urlencoded(bytes: &[u8]) -> Result<Self, Problem> {
        let mut form = Self::default();
        for pair in bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|b| *b == b'=');
            let (field, value) = at.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            let field = decode(field).ok_or_else(|| not_text(""))?;
            let value = decode(value).ok_or_else(|| not_text(&field))?;
            form.push(field, value);
        }
        Ok(form)
    }
}

fn not_text(field: &str) -> Problem {
    Problem::invalid(
        field,
        "This is not valid UTF-8 text, so it cannot be stored as it is. Attach it as a file instead.",
    )
}

/// Percent-decoding as browsers encode forms; none when it is not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
                out.push(digit(*high) * 16 + digit(*low));
                rest = after;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

impl FromRequest<Web> for Form {
    type Rejection = PageError;
    async fn from_request(request: Request, web: &Web) -> Result<Self, PageError> {
        let kind = content_type(&request);
        if kind == "multipart/form-data" {
            return multipart(request, web).await;
        }
        let bytes = body(request, web).await?;
        if bytes.is_empty() || kind == "application/x-www-form-urlencoded" {
            return Ok(Self::from_urlencoded(&bytes)?);
        }
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_a_form",
            "This is not a form",
            "Send it as application/x-www-form-urlencoded or multipart/form-data.",
        )
        .into())
    }
}

async fn multipart(request: Request, web: &Web) -> Result<Form, PageError> {
    let unreadable = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large(limits::FILE_BODY)
        } else {
            Problem::bad_request("The form arrived damaged or in part. Go back and send it again.")
        }
    };
    let mut parts = Multipart::from_request(request, web)
        .await
        .map_err(|_| Problem::bad_request("The form names no boundary between its fields."))?;
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let field = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let content_type = part
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let content = part.bytes().await.map_err(unreadable)?;
        match file {
            // A file field left empty arrives as a nameless empty file.
            Some(name) if name.is_empty() && content.is_empty() => {}
            Some(name) => form.files.push(Upload {
                field,
                name,
                content_type,
                content,
            }),
            None => {
                let value = String::from_utf8(content.to_vec()).map_err(|_| not_text(&field))?;
                form.push(field, value);
            }
        }
    }
    Ok(form)
}

fn content_type(request: &Request) -> String {
    let value = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

async fn body(request: Request, web: &Web) -> Result<Bytes, Problem> {
    Bytes::from_request(request, web)
        .await
        .map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(failed)
                if failed.status() == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Problem::too_large(limits::SMALL_BODY)
            }
            _ => Problem::bad_request("The request broke off before it was complete."),
        })
}

/// The bytes of a request, as they are.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The bytes.
    pub content: Bytes,
    /// Their media type, as the sender believes.
    pub content_type: String,
}

impl FromRequest<Web> for Raw {
    type Rejection = ApiError;
    async fn from_request(request: Request, web: &Web) -> Result<Self, ApiError> {
        let content_type = content_type(&request);
        let content = body(request, web).await.map_err(|problem| {
            if problem.status == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large(limits::FILE_BODY)
            } else {
                problem
            }
        })?;
        Ok(Self {
            content,
            content_type,
        })
    }
}

/// A JSON body.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Web> for Json<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, web: &Web) -> Result<Self, ApiError> {
        let kind = content_type(&request);
        if kind != "application/json" && !kind.ends_with("+json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "This is not JSON",
                "Send the body as JSON, with Content-Type: application/json.",
            )
            .into());
        }
        let bytes = body(request, web).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| unreadable_json(&error).into())
    }
}

/// A JSON body that may be left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<Web> for OptionalJson<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, web: &Web) -> Result<Self, ApiError> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, web)
            .await
            .map(|Json(value)| Self(value))
    }
}

/// A JSON text that cannot be read: broken JSON is a bad request, a wrong
/// member is invalid, and the member is named where the message tells it.
fn unreadable_json(error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    if !error.is_data() {
        return Problem::bad_request(format!("The body is not valid JSON: {said}."));
    }
    // serde writes “missing field `title`”; in “unknown field `titel`, expected
    // one of …” the first quoted word is the member as well.
    let named = said
        .contains(" field `")
        .then(|| said.split('`').nth(1))
        .flatten();
    let named = named.or_else(|| said.contains("expected one of `note`").then_some("kind"));
    Problem::invalid(named.unwrap_or_default(), super::problem::sentence(&said))
}

/// Names in the path. One that cannot be an identifier is an address that leads nowhere.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Path<T> {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        match axum::extract::Path::<T>::from_request_parts(parts, web).await {
            Ok(axum::extract::Path(names)) => Ok(Self(names)),
            Err(_) => Err(Problem::not_found().into()),
        }
    }
}

/// What stands behind the `?`, read like a form.
#[derive(Debug, Clone, Default)]
pub struct Query(pub Form);

impl std::ops::Deref for Query {
    type Target = Form;
    fn deref(&self) -> &Form {
        &self.0
    }
}

impl FromRequestParts<Web> for Query {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, PageError> {
        Ok(Self(Form::from_urlencoded(
            parts.uri.query().unwrap_or_default().as_bytes(),
        )?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::from_urlencoded(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_was_typed_arrives() {
        let form =
            form("title=50%25+of+%E2%82%AC&people=a&people=b&restricted=on&odd=%zz%4&=x&lone&");
        assert_eq!(form.text("title"), "50% of €");
        assert_eq!(form.all("people"), ["a", "b"]);
        assert!(form.state().has("people", "b"));
        assert!(form.ticked("restricted") && !form.ticked("title"));
        assert_eq!(form.text("odd"), "%zz%4");
        assert_eq!(
            (form.text("lone"), form.optional("lone"), form.text("none")),
            ("", None, "")
        );
        assert_eq!(form.parse_optional::<i64>("none"), Ok(None));
        assert_eq!(form.parse::<i64>("title").unwrap_err().field, "title");
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_field() {
        let problem = Form::from_urlencoded(b"text=%ff%fe").unwrap_err();
        assert_eq!(problem.status.as_u16(), 422);
        assert_eq!(problem.errors[0].field, "text");
    }

    #[test]
    fn json_that_cannot_be_read_names_its_member() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Small {
            #[expect(dead_code, reason = "only its name matters here")]
            title: String,
        }
        let problem =
            |text: &str| unreadable_json(&serde_json::from_str::<Small>(text).unwrap_err());
        assert_eq!(problem("{").status.as_u16(), 400);
        assert_eq!(problem("{}").errors[0].field, "title");
        assert_eq!(
            problem(r#"{"title":"a","tytle":"b"}"#).errors[0].field,
            "tytle"
        );
        assert_eq!(problem(r#"{"title":1}"#).status.as_u16(), 422);
    }

    proptest::proptest! {
        #[test]
        fn a_form_survives_the_way(pairs in proptest::collection::vec((".*", ".*"), 0..6)) {
            let text = serde_urlencoded::to_string(&pairs).unwrap();
            let form = Form::from_urlencoded(text.as_bytes()).unwrap();
            for (field, value) in &pairs {
                proptest::prop_assert!(form.all(field).contains(value));
            }
        }
    }
}

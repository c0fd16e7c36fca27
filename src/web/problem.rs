//! Refusals and failures, for people a page, for programs `application/problem+json`.
//!
//! A handler answers with a [`Problem`]. The frame around all handlers writes
//! it out, since only there it is known who asked, for what, and in which theme.

use super::{Page, site::local_path};
use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use rideout_app::{
    Nav,
    pages::error::{ErrorPage, Trouble},
};
use rideout_service::{Error, FieldError};
use std::{borrow::Cow, sync::Arc};

/// Why a request was not answered as hoped. All its text is meant for the asker.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// A stable word for programs.
    pub code: &'static str,
    /// What it is, in a few words.
    pub title: Cow<'static, str>,
    /// What to do about it, in a sentence.
    pub detail: Cow<'static, str>,
    /// What is wrong with which field.
    pub errors: Vec<FieldError>,
    /// When to try again.
    pub retry_after_seconds: Option<i64>,
    /// Whether only programs ask here.
    pub(crate) for_programs: bool,
    /// What went wrong inside; logged once, never shown.
    pub(crate) source: Option<Arc<Error>>,
}

impl Problem {
    /// A problem.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            for_programs: false,
            source: None,
        }
    }

    /// Nothing is here, or nothing the asker may see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here",
            "The address may be mistyped, or it leads to something that is not open to you. Ask whoever gave it to you, or start from the list of incidents.",
        )
    }

    /// The request cannot be understood.
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            "The request cannot be understood",
            detail,
        )
    }

    /// One field cannot be taken.
    pub fn invalid(field: impl Into<String>, message: impl ToString) -> Self {
        Self::from(Error::invalid(field, message))
    }

    /// More was sent than can be taken.
    #[must_use]
    pub fn too_large(max: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "That is too large",
            format!(
                "At most {} can be sent here. Nothing was saved; go back, and shorten it or attach it as a file of up to 10 MB.",
                size(max)
            ),
        )
    }

    /// Too much to do just now.
    #[must_use]
    pub fn busy() -> Self {
        Self {
            retry_after_seconds: Some(1),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "Too much to do just now",
                "Nothing was saved. Try again in a moment: entries carry an identifier, so sending one twice does no harm.",
            )
        }
    }

    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something broke inside Rideout",
            "It is a defect, and it has been logged. Try again; if it happens again, give the identifier below to whoever runs Rideout here.",
        )
    }
}

fn size(bytes: usize) -> String {
    const MEGABYTE: usize = 1024 * 1024;
    if bytes >= MEGABYTE {
        format!("{} MB", bytes / MEGABYTE)
    } else {
        format!("{} kB", bytes / 1024)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::SignInNeeded => Self::new(
                StatusCode::UNAUTHORIZED,
                "sign_in_needed",
                "Sign in first",
                "Your session has ended, or you have none yet. Sign in in another tab, come back and reload this page: what you sent will then be sent again.",
            ),
            Error::Forbidden { needs } => Self::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "Your role does not suffice",
                format!("This needs the role {needs}. An admin can change roles on the page People."),
            ),
            Error::Invalid(errors) => Self {
                errors,
                ..Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "invalid",
                    "Something cannot be taken as it is",
                    "Nothing was saved. Go back, change what is named here, and send it again.",
                )
            },
            Error::Conflict { code, message } => {
                Self::new(StatusCode::CONFLICT, code, "It clashes with what is there", sentence(&message))
            }
            Error::TooMany { retry_after_seconds } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many",
                    "Too many attempts",
                    format!("Try again in {}.", wait(retry_after_seconds)),
                )
            },
            Error::TestedOften { retry_after_seconds } => Self {
                retry_after_seconds: Some(retry_after_seconds),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "tested_often",
                    "This address had its tests for the day",
                    format!(
                        "Look for one of them there, also among what was taken for spam, and press its button. Or try again in {}.",
                        wait(retry_after_seconds)
                    ),
                )
            },
            Error::TooLarge { max } => Self::too_large(max),
            Error::Busy => Self::busy(),
            Error::Storage(ref storage) => Self {
                retry_after_seconds: Some(5),
                detail: format!(
                    "{} Whoever runs Rideout here can see more in its log and at /health/ready on the admin listener.",
                    sentence(&storage.to_string())
                )
                .into(),
                source: Some(Arc::new(error)),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage", "The database cannot be used", "")
            },
            Error::Internal(_) => Self { source: Some(Arc::new(error)), ..Self::internal() },
        }
    }
}

/// The text with a capital at its beginning and a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect();
    if !out.is_empty() && !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

fn wait(seconds: i64) -> String {
    match seconds {
        ..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

/// The page of a problem, with a way forward.
pub(super) fn page(page: Page, problem: &Problem) -> Response {
    let scope = page.scope();
    let reads = matches!(scope.method, Method::GET | Method::HEAD);
    let trouble = Trouble {
        status: problem.status.as_u16(),
        title: problem.title.to_string(),
        detail: problem.detail.to_string(),
        errors: problem
            .errors
            .iter()
            .map(|error| sentence(&error.message))
            .collect(),
        retry_after_seconds: problem.retry_after_seconds,
        id: Some(scope.id.to_string()),
        signed_in: page.viewer().is_some(),
        // `//host` is a path of a request as well, and leads elsewhere as a link.
        again: reads.then(|| local_path(&scope.target).to_owned()),
        back: if reads {
            None
        } else {
            scope.came_from().map(|path| local_path(path).to_owned())
        },
    };
    page.islands(false)
        .html(problem.status, Nav::None, &problem.title, || {
            view! { <ErrorPage trouble=trouble /> }.into_any()
        })
}

/// A panic became this.
pub(super) fn panicked() -> Problem {
    Problem::internal()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// What a page's handler fails with.
#[derive(Debug)]
pub struct PageError(pub Box<Problem>);

/// What a handler of the REST API fails with.
#[derive(Debug)]
pub struct ApiError(pub Box<Problem>);

macro_rules! conversions {
    ($name:ident, $for_programs:literal) => {
        impl From<Problem> for $name {
            fn from(problem: Problem) -> Self {
                Self(Box::new(Problem {
                    for_programs: problem.for_programs || $for_programs,
                    ..problem
                }))
            }
        }
        impl From<Error> for $name {
            fn from(error: Error) -> Self {
                Problem::from(error).into()
            }
        }
        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                self.0.into_response()
            }
        }
    };
}
conversions!(PageError, false);
conversions!(ApiError, true);

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        (*error.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rideout_domain::Role;

    #[test]
    fn each_error_has_its_status_and_inner_text_stays_inside() {
        let status = |error: Error| Problem::from(error).status.as_u16();
        assert_eq!(status(Error::NotFound), 404);
        assert_eq!(status(Error::SignInNeeded), 401);
        assert_eq!(status(Error::Forbidden { needs: Role::Admin }), 403);
        assert_eq!(status(Error::invalid("title", "x")), 422);
        assert_eq!(
            status(Error::Conflict {
                code: "x",
                message: String::new()
            }),
            409
        );
        assert_eq!(
            status(Error::TooMany {
                retry_after_seconds: 9
            }),
            429
        );
        assert_eq!(status(Error::TooLarge { max: 1 }), 413);
        assert_eq!(status(Error::Busy), 503);
        let inner = Problem::from(Error::internal("the secret cause"));
        assert_eq!(inner.status.as_u16(), 500);
        assert!(!format!("{}{}", inner.title, inner.detail).contains("secret"));
        let response = Problem::from(Error::TooMany {
            retry_after_seconds: 9,
        })
        .into_response();
        assert_eq!(response.headers()["retry-after"], "9");
    }

    #[test]
    fn waits_are_told_in_words() {
        assert_eq!(wait(0), "a second");
        assert_eq!(wait(61), "61 seconds");
        assert_eq!(wait(121), "3 minutes");
    }
}

//! What a use case can answer instead of a result.

use crate::db::DbError;
use rideout_domain::{Action, Role, room::Refusal, text::BadText};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The form field or JSON member; empty for the whole.
    pub field: String,
    /// A sentence for whoever typed it.
    pub message: String,
}

/// Why a use case gives no result. All but [`Error::Internal`] are meant for the asker.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the actor may not see it.
    #[error("there is nothing here, or it is not open to you")]
    NotFound,
    /// Nobody is signed in.
    #[error("sign in first")]
    SignInNeeded,
    /// The actor's role does not suffice.
    #[error("this needs the role {needs}")]
    Forbidden {
        /// The weakest role that may.
        needs: Role,
    },
    /// Something typed cannot be taken.
    #[error("{}", .0.first().map_or("the input cannot be taken", |e| e.message.as_str()))]
    Invalid(Vec<FieldError>),
    /// It clashes with what is there.
    #[error("{message}")]
    Conflict {
        /// A stable word for programs.
        code: &'static str,
        /// A sentence for people.
        message: String,
    },
    /// Too many tries.
    #[error("too many attempts; try again in {retry_after_seconds} seconds")]
    TooMany {
        /// When to try again.
        retry_after_seconds: i64,
    },
    /// Too many tests went to a mailbox that nobody has confirmed.
    #[error(
        "this address had its tests for the day: press the button in one of them, or try again in {retry_after_seconds} seconds"
    )]
    TestedOften {
        /// When to try again.
        retry_after_seconds: i64,
    },
    /// A file is larger than the limit.
    #[error("the file is larger than {max} bytes")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// Too busy just now; nothing was done.
    #[error("too busy just now; nothing was saved, try again in a moment")]
    Busy,
    /// The database cannot be written, by whose fault ever; nothing was done.
    #[error("{0}")]
    Storage(DbError),
    /// A defect. The text stays inside.
    #[error("an internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One field is wrong.
    pub fn invalid(field: impl Into<String>, message: impl ToString) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.into(),
            message: message.to_string(),
        }])
    }

    /// Something that cannot happen did.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// Authorises, or says which role is needed.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn authorise(actor: &rideout_domain::Actor, action: Action) -> Result<(), Self> {
        if actor.may(action) {
            Ok(())
        } else {
            Err(Self::Forbidden {
                needs: action.needs(),
            })
        }
    }

    /// A text cannot be taken for this field.
    pub fn text(field: &'static str) -> impl Fn(BadText) -> Self {
        move |bad| Self::invalid(field, bad)
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy { .. } => Self::Busy,
            DbError::DiskFull { .. }
            | DbError::ReadOnly { .. }
            | DbError::Unavailable { .. }
            | DbError::Corrupt { .. }
            | DbError::Closed => Self::Storage(error),
            DbError::Aborted { source } if source.is_transient() => Self::Busy,
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AlreadyClosed { .. } => Self::Conflict {
                code: "already_closed",
                message: refusal.to_string(),
            },
            Refusal::AlreadySo(_) => Self::Conflict {
                code: "already_so",
                message: refusal.to_string(),
            },
            other => Self::invalid(other.field(), &other),
        }
    }
}

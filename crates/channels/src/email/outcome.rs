//! What a failed sending means.

use super::session::SessionError;
use crate::answer;
use lettre::transport::smtp::{
    Error,
    response::{Category, Code, Detail, Severity},
};
use rideout_domain::outbox::Outcome;
use std::error::Error as _;

pub(super) fn of(error: &SessionError) -> Outcome {
    let again = |why: &str| Outcome::TryAgain {
        after: None,
        why: why.to_owned(),
    };
    match error {
        // Whatever is wrong with the server itself is put right by the operator,
        // not by whoever owns the address.
        SessionError::Connect(_) => again("The mail server cannot be reached."),
        SessionError::Tls(_) => again(
            "No safe connection to the mail server can be made; the operator must look at smtp_url.",
        ),
        SessionError::LogIn(_) => {
            again("The mail server refuses Rideout's log-in; the operator must look at smtp_url.")
        }
        SessionError::Send(error) => not_taken(error),
    }
}

fn not_taken(error: &Error) -> Outcome {
    let says = said(error);
    let Some(code) = error.status() else {
        if error.is_client() {
            return Outcome::Refused {
                permanent: true,
                why: "The mail server does not take addresses with letters beyond ASCII."
                    .to_owned(),
            };
        }
        return Outcome::TryAgain {
            after: None,
            why: "The connection to the mail server broke off.".to_owned(),
        };
    };
    if error.is_transient() {
        return Outcome::TryAgain {
            after: None,
            why: format!("The mail server asks to come back later ({code}{says})."),
        };
    }
    if wants_log_in(code) {
        return Outcome::TryAgain {
            after: None,
            why: format!(
                "The mail server wants another log-in; the operator must look at smtp_url ({code}{says})."
            ),
        };
    }
    // RFC 5321 §4.2.3: 550, 551 and 553 are about the mailbox; 552 and 554 about the mail.
    let mailbox = matches!(
        (code.category, code.detail),
        (
            Category::MailSystem,
            Detail::Zero | Detail::One | Detail::Three
        )
    );
    Outcome::Refused {
        permanent: mailbox,
        why: format!("The mail server refuses this message ({code}{says})."),
    }
}

/// RFC 4954: 530, 534, 535 and 538.
fn wants_log_in(code: Code) -> bool {
    code.severity == Severity::PermanentNegativeCompletion
        && code.category == Category::Unspecified3
}

/// The server's own words, as an addition.
fn said(error: &Error) -> String {
    match error.source().map(ToString::to_string) {
        Some(words) if !words.trim().is_empty() => format!(": “{}”", answer::quote(&words)),
        _ => String::new(),
    }
}

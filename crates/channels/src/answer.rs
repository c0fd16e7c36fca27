//! What an answer by HTTP means, unless the channel knows better.

use crate::{
    client::{Failure, Reply},
    message::{one_line, shorten},
};
use rideout_domain::outbox::Outcome;

/// Most characters of somebody else's words in a sentence of ours.
const QUOTE_MAX: usize = 120;

/// There was no answer.
pub(crate) fn none(failure: &Failure) -> Outcome {
    match failure {
        Failure::Denied(_) => Outcome::Refused {
            permanent: true,
            why: sentence(failure),
        },
        _ => Outcome::TryAgain {
            after: None,
            why: sentence(failure),
        },
    }
}

/// There was one, and its status tells. `who` begins the sentence: “The webhook”.
pub(crate) fn by_status(who: &str, reply: &Reply) -> Outcome {
    let status = reply.status;
    match status {
        200..=299 => Outcome::Delivered,
        300..=399 => Outcome::Refused {
            permanent: true,
            why: format!(
                "{who} answers with a redirect (status {status}); enter the web address it leads to."
            ),
        },
        401 | 403 => Outcome::Refused {
            permanent: true,
            why: format!(
                "{who} refuses what it was shown as proof (status {status}); look at its address, token or password."
            ),
        },
        404 => Outcome::Refused {
            permanent: true,
            why: format!("{who} is not there (status 404); look at its address."),
        },
        410 => Outcome::Gone,
        429 => Outcome::TryAgain {
            after: reply.retry_after,
            why: format!("{who} gets more messages than it takes (status 429)."),
        },
        408 | 425 | 500.. => Outcome::TryAgain {
            after: reply.retry_after,
            why: format!("{who} is in trouble itself (status {status})."),
        },
        _ => Outcome::Refused {
            permanent: false,
            why: format!("{who} does not take this message (status {status})."),
        },
    }
}

/// Somebody else's words, safe to put between quotes.
pub(crate) fn quote(text: &str) -> String {
    shorten(&one_line(text), QUOTE_MAX)
}

/// An error as a sentence: a capital letter and a full stop.
pub(crate) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Denied;

    fn reply(status: u16) -> Reply {
        Reply {
            status,
            retry_after: Some(7),
            body: Vec::new(),
        }
    }

    #[test]
    fn every_status_has_one_meaning() {
        for status in 100..=599 {
            let outcome = by_status("The webhook", &reply(status));
            match status {
                200..=299 => assert_eq!(outcome, Outcome::Delivered),
                410 => assert_eq!(outcome, Outcome::Gone),
                300..=399 | 401 | 403 | 404 => {
                    assert!(matches!(
                        outcome,
                        Outcome::Refused {
                            permanent: true,
                            ..
                        }
                    ));
                }
                408 | 425 | 429 | 500.. => {
                    assert!(matches!(outcome, Outcome::TryAgain { after: Some(7), .. }));
                }
                _ => assert!(matches!(
                    outcome,
                    Outcome::Refused {
                        permanent: false,
                        ..
                    }
                )),
            }
        }
    }

    #[test]
    fn only_the_guards_refusal_is_final() {
        let denied = none(&Failure::Denied(Denied::PlainHttp));
        assert!(matches!(
            denied,
            Outcome::Refused {
                permanent: true,
                ..
            }
        ));
        for failure in [
            Failure::Unresolved,
            Failure::Unreachable,
            Failure::TimedOut,
            Failure::Tls,
            Failure::Broken,
        ] {
            let Outcome::TryAgain { after: None, why } = none(&failure) else {
                panic!("{failure:?}");
            };
            assert!(
                why.ends_with('.') && why.starts_with(char::is_uppercase),
                "{why}"
            );
        }
    }
}

//! ntfy: a push to a phone, by a server anybody can run.
//!
//! JSON is posted to the root of the server ("publish as JSON" in ntfy's
//! documentation), so no text of ours becomes a header.

use crate::{
    answer,
    client::{Client, Reply},
    message::{Message, Part, shorten},
    secret::Secret,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use rideout_domain::outbox::{Outcome, Urgency};
use serde_json::{Value, json};

const WHO: &str = "The ntfy server";
/// ntfy turns a message of more than 4096 bytes into an attachment.
const TEXT_MAX: usize = 900;

/// How a server is told that one may write to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NtfyAuth {
    /// Not at all.
    #[default]
    Nobody,
    /// By an access token.
    Token(Secret),
    /// By a name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
}

impl NtfyAuth {
    fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Nobody => return None,
            Self::Token(token) => format!("Bearer {}", token.reveal()),
            Self::Basic { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                format!("Basic {}", STANDARD.encode(pair))
            }
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Whether ntfy takes a topic of this name.
pub(crate) fn is_topic(topic: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=64).contains(&topic.len()) && topic.chars().all(good)
}

pub(crate) async fn send(
    client: &Client,
    server: &str,
    topic: &str,
    auth: &NtfyAuth,
    message: &Message,
) -> Outcome {
    if !is_topic(topic) {
        return Outcome::Refused {
            permanent: true,
            why: "A topic of ntfy has 1 to 64 letters, digits, - or _; choose another.".to_owned(),
        };
    }
    let mut headers =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    if let Some(value) = auth.header() {
        headers.insert(AUTHORIZATION, value);
    }
    match client
        .post(server, headers, body(topic, message).to_string())
        .await
    {
        Ok(reply) => outcome(&reply),
        Err(failure) => answer::none(&failure),
    }
}

fn body(topic: &str, message: &Message) -> Value {
    let mut lines: Vec<String> = message.lines().collect();
    if let Some(text) = &message.text {
        lines.push(shorten(text, TEXT_MAX));
    }
    // A push has no room for links of each; the one to all lists them.
    let parts: Vec<String> = message.parts().map(Part::line).collect();
    if !parts.is_empty() {
        lines.push(shorten(&parts.join("\n"), TEXT_MAX));
    }
    lines.extend(message.more_parts());
    let actions: Vec<Value> = message
        .links()
        .map(|(label, url)| json!({"action": "view", "label": label, "url": url, "clear": label.starts_with("Acknowledge")}))
        .collect();
    let (priority, tag) = match message.urgency {
        Urgency::High => (5, "rotating_light"),
        Urgency::Normal => (3, "bell"),
        Urgency::Low => (2, "memo"),
    };
    json!({
        "topic": topic,
        "title": message.one_line_subject(),
        "message": lines.join("\n"),
        "priority": priority,
        "tags": [tag],
        "click": message.acknowledge.as_ref().or(message.confirm.as_ref()).or(message.link.as_ref()),
        "actions": actions,
    })
}

fn outcome(reply: &Reply) -> Outcome {
    match answer::by_status(WHO, reply) {
        // A web page at the same address would answer 200, too.
        Outcome::Delivered => {
            let receipt = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
            if receipt["id"].is_string() {
                Outcome::Delivered
            } else {
                Outcome::Refused {
                    permanent: false,
                    why: "What answers at this web address is no ntfy server; its address and the topic behind it are all that is to be entered.".to_owned(),
                }
            }
        }
        Outcome::Refused { permanent, why } => {
            let error = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
            let why = match error["error"].as_str() {
                Some(words) => format!("{why} It says: “{}”.", answer::quote(words)),
                None => why,
            };
            Outcome::Refused { permanent, why }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::example;

    #[test]
    fn the_body_is_what_ntfy_documents() {
        let sent = body("rideout-ana", &example());
        assert_eq!(sent["topic"], "rideout-ana");
        assert_eq!(sent["priority"], 5);
        assert_eq!(sent["title"], "SEV1 Reservations time out");
        assert_eq!(sent["click"], "https://rideout.example.org/page/a?x=1&y=2");
        let actions = sent["actions"].as_array().unwrap();
        // ntfy takes three at most.
        assert_eq!(actions.len(), 3);
        assert_eq!(actions[0]["label"], "Acknowledge");
        assert_eq!(actions[0]["action"], "view");
        let long = Message {
            text: Some("é".repeat(10_000)),
            ..example()
        };
        assert!(body("t", &long)["message"].as_str().unwrap().len() < 4_096);
        let bundle = body("t", &crate::message::bundle(22));
        let text = bundle["message"].as_str().unwrap();
        assert!(text.contains("\nSEV2 INC-1 <b>Checkout</b> fails: Nobody") && text.len() < 4_096);
        assert_eq!(bundle["actions"][0]["label"], "Acknowledge all");
    }

    #[test]
    fn topics_are_checked() {
        assert!(is_topic("a") && is_topic("Rideout_ana-1"));
        for bad in ["", "a b", "a/b", "ä", "../x", &"x".repeat(65)] {
            assert!(!is_topic(bad), "{bad}");
        }
    }

    #[test]
    fn the_proof_is_never_shown() {
        let auth = NtfyAuth::Basic {
            user: "ana".into(),
            password: Secret::new("hunter2"),
        };
        let header = auth.header().unwrap();
        assert_eq!(header, "Basic YW5hOmh1bnRlcjI=");
        assert!(!format!("{auth:?} {header:?}").contains("hunter2"));
        assert!(!format!("{header:?}").contains("YW5h"));
        assert_eq!(
            NtfyAuth::Token(Secret::new("tk_1")).header().unwrap(),
            "Bearer tk_1"
        );
        assert!(NtfyAuth::Nobody.header().is_none());
    }

    #[test]
    fn only_ntfys_own_receipt_counts() {
        let of = |status, body: &str| {
            outcome(&Reply {
                status,
                retry_after: None,
                body: body.into(),
            })
        };
        assert_eq!(
            of(200, r#"{"id":"x","event":"message"}"#),
            Outcome::Delivered
        );
        assert!(matches!(of(200, "<html>"), Outcome::Refused { .. }));
        let Outcome::Refused {
            permanent: true,
            why,
        } = of(403, r#"{"code":40301,"http":403,"error":"forbidden"}"#)
        else {
            panic!("403 is a refusal");
        };
        assert!(why.ends_with("It says: “forbidden”."), "{why}");
    }
}

//! Signed webhooks, as the Standard Webhooks specification describes them.
//!
//! Headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and
//! `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over
//! `id.timestamp.body`. The secret is `whsec_` and the base64 of 24 to 64 bytes.

use crate::{
    answer,
    client::Client,
    message::{Message, one_line},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use rideout_domain::{Timestamp, outbox::Outcome};
use serde_json::json;
use sha2::Sha256;
use std::{fmt, str::FromStr};

const PREFIX: &str = "whsec_";
/// The event type in the body.
const TYPE: &str = "page.sent";
/// The specification asks for less than 20 kB.
const TEXT_MAX: usize = 4_000;

/// The secret a webhook is signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

/// The text is no signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is whsec_ followed by the base64 of 24 to 64 bytes")]
pub struct BadSigningSecret;

impl SigningSecret {
    /// A secret from 24 to 64 random bytes.
    ///
    /// # Errors
    /// [`BadSigningSecret`], if there are fewer or more.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSigningSecret> {
        if (24..=64).contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(BadSigningSecret)
        }
    }

    /// The secret as text, to store it and to show it once.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl FromStr for SigningSecret {
    type Err = BadSigningSecret;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(BadSigningSecret)?;
        Self::from_bytes(&STANDARD.decode(encoded).map_err(|_| BadSigningSecret)?)
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whsec_***")
    }
}

/// The value of `webhook-signature`. `at` is in seconds since 1970.
#[must_use]
pub fn sign(secret: &SigningSecret, id: &str, at: i64, body: &[u8]) -> String {
    // HMAC takes a key of any length, so there is no error to tell.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret.0) else {
        return String::new();
    };
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

pub(crate) async fn send(
    client: &Client,
    url: &str,
    secret: &SigningSecret,
    message: &Message,
    now: Timestamp,
) -> Outcome {
    let body = body(message);
    let id = message.id.to_string();
    let seconds = now.0.div_euclid(1_000_000);
    let signature = sign(secret, &id, seconds, body.as_bytes());
    let mut headers =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    match client.post(url, headers, body).await {
        Ok(reply) => answer::by_status("The webhook", &reply),
        Err(failure) => answer::none(&failure),
    }
}

/// The same bytes however often the message is sent.
fn body(message: &Message) -> String {
    let text = message
        .text
        .as_deref()
        .map(|text| crate::message::shorten(text, TEXT_MAX));
    let pages: Vec<serde_json::Value> = message
        .parts()
        .map(|part| {
            json!({
                "subject": one_line(&part.subject),
                "why": one_line(&part.why),
                "link": part.link,
                "acknowledge": part.acknowledge,
            })
        })
        .collect();
    let mut body = json!({
        "type": TYPE,
        "timestamp": message.at,
        "data": {
            "id": message.id,
            "subject": message.one_line_subject(),
            "summary": message.lines().collect::<Vec<_>>(),
            "text": text,
            "link": message.link,
            "acknowledge": message.acknowledge,
            "escalate": message.escalate,
            "urgency": message.urgency,
        },
    });
    if !pages.is_empty() {
        body["data"]["pages"] = pages.into();
    }
    if let Some(confirm) = &message.confirm {
        body["data"]["confirm"] = confirm.as_str().into();
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::example;

    /// The example of the specification's reference libraries.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        assert_eq!(
            sign(
                &secret,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                br#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_has_a_prefix_and_enough_bytes_and_is_not_shown() {
        let good = format!("whsec_{}", STANDARD.encode([7; 24]));
        let secret: SigningSecret = good.parse().unwrap();
        assert_eq!(secret.reveal(), good);
        assert_eq!(format!("{secret:?}"), "whsec_***");
        for bad in [
            String::new(),
            "whsec_".into(),
            STANDARD.encode([7; 24]),
            format!("whsec_{}", STANDARD.encode([7; 23])),
            format!("whsec_{}", STANDARD.encode([7; 65])),
            "whsec_not base64 at all!".into(),
        ] {
            assert!(bad.parse::<SigningSecret>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_body_is_small_and_always_the_same() {
        let message = Message {
            text: Some("é".repeat(100_000)),
            ..example()
        };
        assert_eq!(body(&message), body(&message));
        assert!(body(&message).len() < 20_000);
        let sent: serde_json::Value = serde_json::from_str(&body(&message)).unwrap();
        assert_eq!(sent["type"], "page.sent");
        assert_eq!(sent["timestamp"], "2010-06-15T09:00:00Z");
        assert_eq!(sent["data"]["urgency"], "high");
        assert!(sent["data"].get("pages").is_none());
    }

    #[test]
    fn every_page_of_a_bundle_has_its_own_links() {
        let bundle = crate::message::bundle(22);
        assert!(body(&bundle).len() < 20_000);
        let sent: serde_json::Value = serde_json::from_str(&body(&bundle)).unwrap();
        assert_eq!(sent["data"]["pages"].as_array().unwrap().len(), 20);
        let first = &sent["data"]["pages"][0];
        assert_eq!(first["why"], "Nobody answers. Bcc: x");
        assert_eq!(
            first["acknowledge"],
            "https://rideout.example.org/page/a1?x=1&y=2"
        );
    }

    #[test]
    fn only_a_test_has_a_link_that_confirms() {
        let page: serde_json::Value = serde_json::from_str(&body(&example())).unwrap();
        assert!(page["data"].get("confirm").is_none());
        let link = "https://rideout.example.org/page/c";
        let test = Message {
            confirm: Some(link.into()),
            ..example()
        };
        let test: serde_json::Value = serde_json::from_str(&body(&test)).unwrap();
        assert_eq!(test["data"]["confirm"], link);
    }
}

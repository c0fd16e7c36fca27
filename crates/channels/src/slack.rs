//! Slack-shaped incoming webhooks, which Mattermost, Rocket.Chat and Discord take too.
//!
//! The shape and the error words are those of Slack's documentation of incoming
//! webhooks. The web address is itself the secret.

use crate::{
    answer,
    client::{Client, Reply},
    message::{Message, shorten},
    secret::Secret,
};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use rideout_domain::outbox::Outcome;
use serde_json::{Value, json};

const WHO: &str = "The chat's webhook";
/// Slack refuses a section longer than 3000 characters.
const SECTION_MAX: usize = 3_000;

pub(crate) async fn send(client: &Client, url: &Secret, message: &Message) -> Outcome {
    let headers =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    match client
        .post(url.reveal(), headers, body(message).to_string())
        .await
    {
        Ok(reply) => outcome(&reply),
        Err(failure) => answer::none(&failure),
    }
}

/// `text` is what notifications and chats without blocks show; `blocks` is for Slack.
fn body(message: &Message) -> Value {
    let lines: Vec<String> = message.lines().map(|line| escape(&line)).collect();
    let linked = |(words, link): (&str, &str)| format!("<{}|{words}>", escape(link));
    let links: Vec<String> = message.links().map(linked).collect();
    let mut parts: Vec<String> = message
        .parts()
        .map(|part| {
            let [acknowledge, open] = part.links().map(linked);
            format!("{}\n{acknowledge} · {open}", escape(&part.line()))
        })
        .collect();
    parts.extend(message.more_parts());
    let title = format!("*{}*", escape(&message.one_line_subject()));
    let mut text = vec![title.clone()];
    text.extend(lines.iter().cloned());
    text.extend(parts.iter().cloned());
    if !links.is_empty() {
        text.push(links.join(" · "));
    }
    let mut sections = vec![
        title,
        lines.join("\n"),
        message.text.as_deref().map(escape).unwrap_or_default(),
    ];
    // A link that is cut leads nowhere, so each page has its own section.
    sections.extend(parts);
    sections.push(links.join(" · "));
    let blocks: Vec<Value> = sections
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| json!({"type": "section", "text": {"type": "mrkdwn", "text": shorten(text, SECTION_MAX)}}))
        .collect();
    json!({"text": text.join("\n"), "blocks": blocks})
}

/// Slack's three characters: so nobody is called by a text (`<!channel>`) and no
/// link hides behind other words.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn outcome(reply: &Reply) -> Outcome {
    let body = String::from_utf8_lossy(&reply.body);
    let word = body.trim();
    if (200..=299).contains(&reply.status) {
        let taken = word.is_empty()
            || word == "ok"
            || serde_json::from_str::<Value>(word).is_ok_and(|value| value["success"] == true);
        return if taken {
            Outcome::Delivered
        } else {
            // Such as the log-in page of a proxy.
            Outcome::Refused {
                permanent: false,
                why: format!(
                    "{WHO} answered something else than “ok”: “{}”.",
                    answer::quote(word)
                ),
            }
        };
    }
    let refused = |permanent, why: &str| Outcome::Refused {
        permanent,
        why: why.to_owned(),
    };
    match word {
        "invalid_payload" => refused(
            false,
            "The chat cannot read this message (invalid_payload).",
        ),
        "no_text" => refused(false, "The chat finds no text in this message (no_text)."),
        "user_not_found" => refused(
            true,
            "The chat does not know whom the webhook writes to (user_not_found).",
        ),
        "action_prohibited" => refused(
            true,
            "An administrator of the chat does not allow this webhook (action_prohibited).",
        ),
        "posting_to_general_channel_denied" => refused(
            true,
            "The chat does not let webhooks write to its general channel (posting_to_general_channel_denied).",
        ),
        "channel_not_found" => refused(
            true,
            "The webhook's channel is not there any more (channel_not_found).",
        ),
        "no_service" | "no_active_hooks" | "no_team" | "team_disabled" | "invalid_token" => {
            refused(
                true,
                "The chat does not know this webhook any more; make a new one there.",
            )
        }
        "channel_is_archived" => Outcome::Gone,
        "rollup_error" => Outcome::TryAgain {
            after: reply.retry_after,
            why: "The chat is in trouble itself (rollup_error).".to_owned(),
        },
        _ => answer::by_status(WHO, reply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::example;

    #[test]
    fn nobody_is_called_by_what_a_message_says() {
        let message = Message {
            subject: "<!channel> & <https://evil.example|click>".into(),
            text: Some("<@U123>".into()),
            ..example()
        };
        let sent = body(&message).to_string();
        assert!(
            !sent.contains("<!channel>")
                && !sent.contains("<@U123>")
                && !sent.contains("<https://evil")
        );
        assert!(sent.contains("&lt;!channel&gt; &amp; "));
    }

    #[test]
    fn text_and_blocks_say_the_same() {
        let sent = body(&example());
        let text = sent["text"].as_str().unwrap();
        assert!(text.starts_with("*SEV1 Reservations time out*\nNobody has learnt"));
        assert!(text.ends_with("<https://rideout.example.org/page/a?x=1&amp;y=2|Acknowledge> · <https://rideout.example.org/page/e|Escalate> · <https://rideout.example.org/incidents/1/catch-up|Open>"));
        assert_eq!(
            sent["blocks"][0]["text"]["text"],
            "*SEV1 Reservations time out*"
        );
        assert_eq!(sent["blocks"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn every_page_of_a_bundle_has_its_own_links() {
        let sent = body(&crate::message::bundle(22));
        let blocks = sent["blocks"].as_array().unwrap();
        // Slack takes 50.
        assert_eq!(blocks.len(), 1 + 1 + 20 + 1 + 1);
        assert_eq!(
            blocks[2]["text"]["text"],
            "SEV2 INC-1 &lt;b&gt;Checkout&lt;/b&gt; fails: Nobody answers. Bcc: x\n<https://rideout.example.org/page/a1?x=1&amp;y=2|Acknowledge> · <https://rideout.example.org/incidents/1/catch-up|Open>"
        );
        assert!(sent["text"].as_str().unwrap().contains("page/a20?"));
    }

    #[test]
    fn long_texts_are_cut_to_what_the_chat_takes() {
        let message = Message {
            text: Some("<".repeat(5_000)),
            subject: "x".repeat(500),
            ..example()
        };
        let sent = body(&message);
        for block in sent["blocks"].as_array().unwrap() {
            let length = block["text"]["text"].as_str().unwrap().chars().count();
            assert!(
                length
                    <= if block["type"] == "header" {
                        150
                    } else {
                        3_000
                    }
            );
        }
    }

    #[test]
    fn the_words_of_the_protocol_have_their_meanings() {
        let of = |status, body: &str| {
            outcome(&Reply {
                status,
                retry_after: None,
                body: body.into(),
            })
        };
        assert_eq!(of(200, "ok"), Outcome::Delivered);
        assert_eq!(of(200, "ok\n"), Outcome::Delivered);
        assert_eq!(of(200, "{\"success\":true}"), Outcome::Delivered);
        assert_eq!(of(204, ""), Outcome::Delivered);
        assert!(matches!(
            of(200, "<html>Sign in"),
            Outcome::Refused {
                permanent: false,
                ..
            }
        ));
        assert!(matches!(
            of(400, "invalid_payload"),
            Outcome::Refused {
                permanent: false,
                ..
            }
        ));
        assert!(matches!(
            of(400, "user_not_found"),
            Outcome::Refused {
                permanent: true,
                ..
            }
        ));
        assert!(matches!(
            of(403, "action_prohibited"),
            Outcome::Refused {
                permanent: true,
                ..
            }
        ));
        assert!(matches!(
            of(404, "channel_not_found"),
            Outcome::Refused {
                permanent: true,
                ..
            }
        ));
        assert_eq!(of(410, "channel_is_archived"), Outcome::Gone);
        assert!(matches!(of(500, "rollup_error"), Outcome::TryAgain { .. }));
        assert!(matches!(of(503, "whatever"), Outcome::TryAgain { .. }));
    }
}

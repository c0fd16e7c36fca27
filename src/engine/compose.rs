//! From what is stored to what a channel sends.

use super::Inner;
use rideout_channels::{Message, NtfyAuth, Part, Route, Secret};
use rideout_domain::{Channel, outbox::Purpose, reach};
use rideout_service::{
    Error,
    page::{Claimed, LinkAction},
};

/// The route as its channel wants it, or a sentence why it cannot be one.
pub(super) fn route(claimed: &Claimed) -> Result<Route, String> {
    let target = claimed.target.clone();
    match claimed.channel {
        Channel::Email => Ok(Route::Email { address: target }),
        Channel::Slack => Ok(Route::Slack {
            url: Secret::new(target),
        }),
        Channel::Webhook => {
            let secret = claimed.secret.as_deref().unwrap_or_default();
            let secret = secret.parse().map_err(|_| {
                "This webhook has lost its signing secret; remove it and add it again.".to_owned()
            })?;
            Ok(Route::Webhook {
                url: target,
                secret,
            })
        }
        Channel::Ntfy => {
            let (server, topic) = reach::ntfy_topic(&target).ok_or_else(|| {
                "This is no topic of an ntfy server; look at its address.".to_owned()
            })?;
            Ok(Route::Ntfy {
                server: server.to_owned(),
                topic: topic.to_owned(),
                auth: claimed.secret.as_deref().map_or(NtfyAuth::Nobody, |token| {
                    NtfyAuth::Token(Secret::new(token))
                }),
            })
        }
        Channel::Browser => Err("The browser is not sent to.".to_owned()),
    }
}

/// The message with its links.
pub(super) async fn message(inner: &Inner, claimed: &Claimed) -> Result<Message, Error> {
    let body = &claimed.body;
    let base = &inner.base_url;
    let mut message = Message {
        id: claimed.id.0,
        at: claimed.created_at,
        subject: body.subject.clone(),
        summary: body.summary.clone(),
        text: None,
        pages: Vec::new(),
        link: Some(format!("{base}/")),
        acknowledge: None,
        escalate: None,
        confirm: None,
        urgency: body.urgency,
    };
    let sign = async |action| -> Result<String, Error> {
        let token = inner.service.sign_link(action, claimed.created_at).await?;
        Ok(format!("{base}/page/{token}"))
    };
    match (claimed.purpose, claimed.page, claimed.incident) {
        (Purpose::Page, Some(page), Some(incident)) => {
            message.link = Some(format!("{base}/incidents/{incident}/catch-up"));
            message.acknowledge = Some(sign(LinkAction::AcknowledgeMessage(claimed.id)).await?);
            message.escalate = Some(sign(LinkAction::Escalate(page)).await?);
        }
        (Purpose::Bundle, ..) => {
            message.acknowledge = Some(sign(LinkAction::AcknowledgeAll(claimed.id)).await?);
            for page in inner.service.pages_of_bundle(claimed.id).await? {
                message.pages.push(Part {
                    link: format!("{base}/incidents/{}/catch-up", page.incident),
                    acknowledge: sign(LinkAction::AcknowledgeMessage(page.message)).await?,
                    subject: page.subject,
                    why: page.why,
                });
            }
        }
        (Purpose::Test, ..) => {
            message.confirm = Some(sign(LinkAction::ConfirmRoute(claimed.id)).await?);
            message.link = None;
        }
        _ => {}
    }
    Ok(message)
}

//! The page behind a link in a message: what it is about, and one button.

use crate::components::{Button, Chip, DateTime, LinkButton, Notice, Tone, button::ButtonKind};
use leptos::prelude::*;
use rideout_domain::{IncidentId, Timestamp};

/// What the button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Acknowledges a page.
    Acknowledge,
    /// Acknowledges several.
    AcknowledgeAll,
    /// Calls the next level.
    Escalate,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStanding {
    /// The button acts.
    Open,
    /// Somebody acknowledged.
    Acknowledged {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// The next level has been called.
    Escalated,
    /// Nobody is needed any more.
    Over,
    /// The link is too old.
    Expired,
}

/// One page that the link is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAbout {
    /// The incident.
    pub incident: IncidentId,
    /// Severity, reference and title.
    pub subject: String,
    /// Why they were called.
    pub reason: String,
    /// How far it has come.
    pub standing: LinkStanding,
    /// Of several, where the button of this one alone posts to.
    pub alone: Option<String>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct PageLinkPage {
    /// What the button does.
    pub kind: LinkKind,
    /// Whom the message was sent to.
    pub person: String,
    /// The pages.
    pub about: Vec<LinkAbout>,
    /// How far it has come.
    pub standing: LinkStanding,
    /// After an acknowledgement, where the button that calls the next level posts to.
    pub onward: Option<String>,
    /// Where the button posts to.
    pub action: String,
    /// Whether the button was just pressed.
    pub pressed: bool,
}

/// The page.
#[component]
pub fn PageLink(
    /// What it shows.
    page: PageLinkPage,
) -> impl IntoView {
    let PageLinkPage {
        kind,
        person,
        about,
        standing,
        onward,
        action,
        pressed,
    } = page;
    let heading = match kind {
        LinkKind::Acknowledge => format!("A page for {person}"),
        LinkKind::AcknowledgeAll => format!("{} pages for {person}", about.len()),
        LinkKind::Escalate => "Call somebody else".to_owned(),
    };
    let room = about
        .first()
        .filter(|_| kind != LinkKind::AcknowledgeAll)
        .map(|first| catch_up_of(first.incident));
    let several = kind == LinkKind::AcknowledgeAll;
    let about = about
        .into_iter()
        .map(|one| view! { <li>{several_or_one(one, several)}</li> })
        .collect_view();
    let catch_up = room.map(|room| {
        view! { <LinkButton href=room>"Open the incident"</LinkButton> }
    });
    let onward_form = onward.map(|action| {
        view! {
            <form method="post" action=action>
                <Button>"Somebody else is needed: call the next level"</Button>
            </form>
        }
    });
    let what_now = match standing {
        LinkStanding::Open => {
            let (words, told, button) = match kind {
                LinkKind::Acknowledge => (
                    "Acknowledge",
                    "You say that you have it. Nobody else is called.",
                    ButtonKind::Primary,
                ),
                LinkKind::AcknowledgeAll => (
                    "Acknowledge all",
                    "You say that you have them. Nobody else is called.",
                    ButtonKind::Primary,
                ),
                LinkKind::Escalate => (
                    "Call the next level",
                    "The next level of the escalation policy is called now.",
                    ButtonKind::Urgent,
                ),
            };
            view! {
                <form method="post" action=action class="stack">
                    <p>{told}</p>
                    <div class="row">
                        <Button kind=button>{words}</Button>
                        {catch_up}
                    </div>
                </form>
            }
            .into_any()
        }
        LinkStanding::Acknowledged { by, at } => view! {
            <Notice tone=Tone::Ok title=if pressed { "Done." } else { "" }>
                {format!("{by} acknowledged ")}<DateTime at=at />". Nobody else is called."
            </Notice>
            <div class="row">{catch_up}{onward_form}</div>
        }
        .into_any(),
        LinkStanding::Escalated => view! {
            <Notice tone=Tone::Ok title=if pressed { "Done." } else { "" }>"The next level has been called."</Notice>
            <div class="row">{catch_up}</div>
        }
        .into_any(),
        LinkStanding::Over => view! {
            <Notice>"Nobody needs to answer this page any more: somebody else came, or the incident is over."</Notice>
            <div class="row">{catch_up}</div>
        }
        .into_any(),
        LinkStanding::Expired => view! {
            <Notice>"This link is older than three days, so its button does nothing any more. Sign in to look at the incident."</Notice>
            <div class="row">{catch_up}</div>
        }
        .into_any(),
    };
    view! {
        <div class="page narrow link-page">
            <div class="stack">
                <h1>{heading}</h1>
                <ul class="about">{about}</ul>
                {what_now}
                <p class="xs quiet">
                    "This page acts for " {person} ", to whom the message was sent. Opening it does nothing; only the button does. Times are in UTC."
                </p>
            </div>
        </div>
    }
    .into_any()
}

fn catch_up_of(incident: IncidentId) -> String {
    format!("/incidents/{incident}/catch-up")
}

/// What one page is about; of several with how it stands and its own buttons.
fn several_or_one(about: LinkAbout, several: bool) -> AnyView {
    let LinkAbout {
        incident,
        subject,
        reason,
        standing,
        alone,
    } = about;
    let head = view! {
        <p><b>{subject.clone()}</b></p>
        <p>{reason}</p>
    };
    if !several {
        return head.into_any();
    }
    let stands = match standing {
        LinkStanding::Acknowledged { by, at } => {
            view! { <Chip tone=Tone::Ok>{format!("{by} acknowledged ")}<DateTime at=at /></Chip> }
                .into_any()
        }
        LinkStanding::Over => view! { <Chip>"Needs no answer any more"</Chip> }.into_any(),
        _ => ().into_any(),
    };
    let button = alone.map(|action| {
        view! {
            <form method="post" action=action>
                <Button small=true label=format!("Acknowledge {subject}")>"Acknowledge"</Button>
            </form>
        }
    });
    let label = format!("Open {subject}");
    view! {
        {head}
        <div class="row">
            {stands}
            {button}
            <LinkButton small=true kind=ButtonKind::Plain href=catch_up_of(incident) label=label>
                "Open the incident"
            </LinkButton>
        </div>
    }
    .into_any()
}

/// The page of a link that this server did not make.
#[component]
pub fn PageLinkGone() -> impl IntoView {
    view! {
        <div class="page narrow link-page">
            <div class="stack">
                <Chip>"No such link"</Chip>
                <h1>"This link leads nowhere"</h1>
                <p>"Part of it may be missing: copy it whole from the message, or sign in and answer there."</p>
                <div class="row"><LinkButton href="/incidents">"Open Rideout"</LinkButton></div>
            </div>
        </div>
    }
    .into_any()
}

//! Something did not work: what happened, and the way forward.

use crate::components::button::ButtonKind;
use crate::components::{Icon, IconName, LinkButton, Tone};
use leptos::prelude::*;

/// What happened, in words meant for whoever looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Status of the answer.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What to do about it, in a sentence.
    pub detail: String,
    /// What is wrong with single fields.
    pub errors: Vec<String>,
    /// When to try again.
    pub retry_after_seconds: Option<i64>,
    /// What to tell whoever runs Rideout, so that the log line can be found.
    pub id: Option<String>,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Where to try again, when the request only read something.
    pub again: Option<String>,
    /// Where the form was, when the request sent one.
    pub back: Option<String>,
}

/// The page of a trouble.
#[component]
pub fn ErrorPage(
    /// What happened.
    trouble: Trouble,
) -> impl IntoView {
    let Trouble {
        status,
        title,
        detail,
        errors,
        retry_after_seconds,
        id,
        signed_in,
        again,
        back,
    } = trouble;
    let (icon, tone) = look(status);
    view! {
        <div class="page narrow trouble">
            <div class=format!("trouble-icon {}", tone.word())><Icon name=icon /></div>
            <div class="stack">
                <h1>{title}</h1>
                <p>{detail}</p>
                {(!errors.is_empty()).then(|| view! {
                    <ul class="trouble-list">{errors.into_iter().map(|error| view! { <li>{error}</li> }).collect_view()}</ul>
                })}
            </div>
            <div class="row">{ways(status, signed_in, retry_after_seconds.is_some(), again, back)}</div>
            <p class="quiet xs">
                {format!("Status {status}")}
                {id.map(|id| view! { " · Identifier "<code>{id}</code> })}
            </p>
        </div>
    }
    .into_any()
}

const fn look(status: u16) -> (IconName, Tone) {
    match status {
        401 | 403 => (IconName::Lock, Tone::Neutral),
        404 => (IconName::Search, Tone::Neutral),
        409 => (IconName::Fork, Tone::Warn),
        413 => (IconName::Clip, Tone::Neutral),
        421 => (IconName::Door, Tone::Neutral),
        429 | 503 | 504 => (IconName::Clock, Tone::Warn),
        500..=599 => (IconName::Warning, Tone::Bad),
        _ => (IconName::Info, Tone::Neutral),
    }
}

/// The ways forward, the likeliest first.
fn ways(
    status: u16,
    signed_in: bool,
    wait: bool,
    again: Option<String>,
    back: Option<String>,
) -> AnyView {
    let led = again.is_some() || back.is_some();
    let forward = match (again, back) {
        (Some(href), _) => Some((href, "Try again", IconName::History)),
        (None, Some(href)) => Some((href, "Back to where you were", IconName::Left)),
        (None, None) => None,
    }
    .map(|(href, words, icon)| view! { <LinkButton href=href kind=ButtonKind::Primary icon=icon>{words}</LinkButton> });
    let rest = if led {
        ButtonKind::Normal
    } else {
        ButtonKind::Primary
    };
    let incidents =
        |kind| view! { <LinkButton href="/incidents" kind=kind>"All incidents"</LinkButton> };
    let account = || view! { <LinkButton href="/account">"Your account"</LinkButton> };
    let sign_in = || view! { <LinkButton href="/login" kind=ButtonKind::Primary icon=IconName::Door>"Sign in"</LinkButton> };
    if !signed_in && matches!(status, 401 | 403 | 404) {
        return sign_in().into_any();
    }
    match status {
        401 => sign_in().into_any(),
        403 => view! { {incidents(ButtonKind::Primary)} {account()} }.into_any(),
        404 | 405 | 421 => incidents(ButtonKind::Primary).into_any(),
        _ if wait || status >= 500 || status == 409 || status == 413 || status == 422 => {
            view! { {forward} {incidents(rest)} }.into_any()
        }
        _ => incidents(rest).into_any(),
    }
}

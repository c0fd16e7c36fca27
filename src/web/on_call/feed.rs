//! Calendar feeds.

use super::{
    list,
    show::{self, Said},
};
use crate::web::{
    Form, Page, PageError, Path, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rideout_app::components::Tone;
use rideout_domain::{FeedId, ScheduleId};
use rideout_service::Error;

/// Takes `id`. The address is in this answer and in no other, so this form is
/// answered by a page and not by the way to one.
pub(super) async fn make_own(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let id = form.text("id").parse::<FeedId>().ok();
    match web.service.make_feed(&actor, id, None).await {
        Ok((_, token)) => {
            let made = Some(address(&web, &token));
            list::shown(&web, &actor, page, StatusCode::CREATED, made).await
        }
        Err(Error::Conflict { message, .. }) => {
            let back = see_other("/on-call#feeds");
            Ok(with_flash(&web, back, Tone::Warn, &message))
        }
        Err(other) => Err(other.into()),
    }
}

/// The same for everybody's shifts on one schedule.
pub(super) async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(schedule): Path<ScheduleId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let id = form.text("id").parse::<FeedId>().ok();
    match web.service.make_feed(&actor, id, Some(schedule)).await {
        Ok((_, token)) => {
            let said = Said {
                made: Some(address(&web, &token)),
                ..Said::default()
            };
            show::shown(&web, &actor, page, StatusCode::CREATED, schedule, said).await
        }
        Err(Error::Conflict { message, .. }) => {
            let back = see_other(&format!("/on-call/{schedule}#feeds"));
            Ok(with_flash(&web, back, Tone::Warn, &message))
        }
        Err(other) => Err(other.into()),
    }
}

fn address(web: &Web, token: &str) -> String {
    web.link(&format!("/calendars/{token}"))
}

pub(super) async fn revoke(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<FeedId>,
) -> Result<Response, PageError> {
    web.service.revoke_feed(&actor, id).await?;
    Ok(with_flash(
        &web,
        see_other("/on-call#feeds"),
        Tone::Ok,
        "The feed is taken back. Calendars that subscribed to it get nothing from now on.",
    ))
}

/// The calendar behind an address.
pub(super) async fn calendar(
    State(web): State<Web>,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let feed = web.service.feed(&token).await?;
    let mut response = feed.text.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "inline; filename=\"on-call.ics\"",
        ),
        // Several calendars ask every few minutes, whatever the feed says.
        (header::CACHE_CONTROL, "private, max-age=300"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // The address is the secret and must not be found.
    headers.insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    Ok(response)
}

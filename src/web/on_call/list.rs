//! All schedules.

use super::card;
use crate::web::{Page, PageError, SignedIn, Web};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    Nav,
    pages::on_call::{FeedLine, OnCall, OnCallPage},
};
use rideout_domain::{Action, Actor, FeedId};
use rideout_service::oncall::ListedFeed;

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    shown(&web, &actor, page, StatusCode::OK, None).await
}

/// The page, with the address of a feed just made.
pub(super) async fn shown(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    made: Option<String>,
) -> Result<Response, PageError> {
    let schedules = web.service.schedules(actor).await?;
    let feeds = web.service.feeds(actor).await?;
    let now = page.now();
    let shown = OnCallPage {
        schedules: schedules.iter().map(|listed| card(listed, now)).collect(),
        viewer: actor.id,
        may_manage: actor.may(Action::ManageSchedules),
        feeds: feeds.into_iter().map(feed_line).collect(),
        made,
        next_feed: FeedId(web.service.new_id()),
        now,
    };
    Ok(page.html(status, Nav::OnCall, "On call", || {
        view! { <OnCall page=shown /> }.into_any()
    }))
}

pub(super) fn feed_line(feed: ListedFeed) -> FeedLine {
    FeedLine {
        id: feed.id,
        schedule: feed.schedule,
        created_at: feed.created_at,
    }
}

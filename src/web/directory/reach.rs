//! How one is reached.

use super::{done, refused, undone};
use crate::web::{Form, Page, PageError, Path, Query, SignedIn, Web, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::words::count,
    pages::directory::{
        MadeSecret, QuietPage, Reach, ReachPage, RouteForm, RouteFormPage, RouteLine, TestLine,
    },
};
use rideout_domain::{
    Actor, Channel, MessageId, RouteId, Severity,
    reach::{MAILBOX_TESTS_MAX, time_of_day},
};
use rideout_service::{
    Error,
    directory::{ListedRoute, NewQuietHours, NewRoute, zone_names},
};

const PATH: &str = "/account/reach";

/// What differs from one showing of the page to the next.
#[derive(Default)]
struct Said {
    form: FormState,
    quiet: Option<FormState>,
    made: Option<MadeSecret>,
    test: Option<TestLine>,
}

/// Takes `test`, the message of a test just asked for.
pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    let mut said = Said::default();
    if let Ok(id) = query.text("test").parse::<MessageId>() {
        said.test = match web.service.message_state(&actor, id).await {
            Ok((state, why)) => Some(TestLine {
                state,
                why,
                again: test_path(id),
            }),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other.into()),
        };
    }
    shown(&web, &actor, page, StatusCode::OK, said).await
}

fn test_path(id: MessageId) -> String {
    format!("{PATH}?test={id}")
}

/// Sends a test; the page it leads to tells how it went.
pub(super) async fn test(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, PageError> {
    match web.service.test_route(&actor, id).await {
        Ok(message) => Ok(see_other(&test_path(message))),
        Err(Error::TooMany {
            retry_after_seconds,
        }) => Ok(undone(
            &web,
            PATH,
            &format!(
                "A test of this route was sent a moment ago. Wait {retry_after_seconds} seconds before the next one."
            ),
        )),
        Err(Error::TestedOften {
            retry_after_seconds,
        }) => Ok(undone(
            &web,
            PATH,
            &format!(
                "This address had {MAILBOX_TESTS_MAX} tests within a day, by whomever, and none was confirmed. Look for one of yours there, also among what was taken for spam, and press its button; or try again in {}.",
                count((retry_after_seconds + 3599) / 3600, "hour", "hours")
            ),
        )),
        Err(other) => Err(other.into()),
    }
}

/// Takes `id`, `channel`, `target`, `token` and `label`. The secret of a webhook
/// is in this answer and in no other, so then it is a page and not the way to one.
pub(super) async fn add(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let made = match form.parse::<Channel>("channel") {
        Err(error) => Err(Error::Invalid(vec![error])),
        Ok(channel) => {
            let new = NewRoute {
                channel: Some(channel),
                target: Some(form.text("target").to_owned()),
                token: Some(form.text("token").to_owned()),
                label: Some(form.text("label").to_owned()),
            };
            let id = form.parse("id").ok();
            web.service.make_route(&actor, id, &new).await
        }
    };
    let (status, said) = match made {
        Ok(made) => match made.secret {
            None => return Ok(done(&web, PATH, "The route is added.")),
            Some(secret) => (
                StatusCode::CREATED,
                Said {
                    made: Some(MadeSecret { secret }),
                    ..Said::default()
                },
            ),
        },
        Err(error) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Said {
                form: refused(&form, error)?,
                ..Said::default()
            },
        ),
    };
    shown(&web, &actor, page, status, said).await
}

pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
    page: Page,
) -> Result<Response, PageError> {
    let route = web.service.route(&actor, id).await?;
    let mut form = FormState::new().with("label", route.label.clone());
    if !matches!(route.channel, Channel::Slack | Channel::Webhook) {
        form = form.with("target", route.shown.clone());
    }
    Ok(route_form(page, StatusCode::OK, route, form))
}

/// Takes `target`, `token`, `forget_token` and `label`. An empty `target` or
/// `token` leaves what is there.
pub(super) async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let route = web.service.route(&actor, id).await?;
    let new = NewRoute {
        channel: None,
        target: form.optional("target").map(str::to_owned),
        token: match (form.ticked("forget_token"), form.optional("token")) {
            (true, None) => Some(String::new()),
            (_, token) => token.map(str::to_owned),
        },
        label: Some(form.text("label").to_owned()),
    };
    match web.service.change_route(&actor, id, &new).await {
        Ok(()) => Ok(done(&web, PATH, "The route is changed.")),
        Err(error) => {
            let form = refused(&form, error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(route_form(page, status, route, form))
        }
    }
}

fn route_form(page: Page, status: StatusCode, route: ListedRoute, form: FormState) -> Response {
    let shown = RouteFormPage {
        id: route.id,
        channel: route.channel,
        shown: route.shown,
        of_account: route.of_account,
        has_secret: route.has_secret,
        form,
    };
    page.html(status, Nav::Account, "Change a route", || {
        view! { <RouteForm page=shown /> }.into_any()
    })
}

/// Takes `to`, `earlier` or `later`.
pub(super) async fn shift(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
    form: Form,
) -> Result<Response, PageError> {
    let earlier = form.text("to") == "earlier";
    web.service.move_route(&actor, id, earlier).await?;
    Ok(see_other("/account/reach#routes"))
}

pub(super) async fn enable(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, PageError> {
    web.service.enable_route(&actor, id).await?;
    Ok(done(&web, PATH, "The route is in use again."))
}

pub(super) async fn remove(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<RouteId>,
) -> Result<Response, PageError> {
    web.service.remove_route(&actor, id).await?;
    Ok(done(&web, PATH, "The route is removed."))
}

/// Takes `zone`, `from`, `until` and `loud_severity`.
pub(super) async fn set_quiet_hours(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let set = match form.parse::<Severity>("loud_severity") {
        Err(error) => Err(Error::Invalid(vec![error])),
        Ok(loud_severity) => {
            let new = NewQuietHours {
                zone: form.text("zone").to_owned(),
                from: form.text("from").to_owned(),
                until: form.text("until").to_owned(),
                loud_severity,
            };
            web.service.set_quiet_hours(&actor, Some(&new)).await
        }
    };
    match set {
        Ok(()) => Ok(done(
            &web,
            PATH,
            "Quiet hours are set. What is bad enough disturbs you all the same.",
        )),
        Err(error) => {
            let said = Said {
                quiet: Some(refused(&form, error)?),
                ..Said::default()
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            shown(&web, &actor, page, status, said).await
        }
    }
}

pub(super) async fn clear_quiet_hours(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
) -> Result<Response, PageError> {
    web.service.set_quiet_hours(&actor, None).await?;
    Ok(done(
        &web,
        PATH,
        "You have no quiet hours any more: pages reach you at any time.",
    ))
}

async fn shown(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    said: Said,
) -> Result<Response, PageError> {
    let reach = web.service.reach(actor).await?;
    let confirmed = reach.is_confirmed();
    let quiet = reach.quiet_hours;
    let shown = ReachPage {
        routes: reach.routes.into_iter().map(line).collect(),
        last_resort: reach.last_resort,
        confirmed,
        form: said.form,
        next: RouteId(web.service.new_id()),
        made: said.made,
        test: said.test,
        quiet: QuietPage {
            set: quiet.is_some(),
            form: said.quiet.unwrap_or_else(|| {
                quiet.map_or_else(FormState::new, |quiet| {
                    FormState::new()
                        .with("zone", quiet.zone)
                        .with("from", time_of_day(quiet.from_minute))
                        .with("until", time_of_day(quiet.until_minute))
                        .with("loud_severity", quiet.loud_severity.word())
                })
            }),
            zones: zone_names(),
        },
        now: page.now(),
    };
    Ok(page.html(status, Nav::Account, "How to reach me", || {
        view! { <Reach page=shown /> }.into_any()
    }))
}

fn line(one: ListedRoute) -> RouteLine {
    RouteLine {
        id: one.id,
        channel: one.channel,
        shown: one.shown,
        label: one.label,
        of_account: one.of_account,
        has_secret: one.has_secret,
        disabled: one.disabled_at.map(|at| (at, one.disabled_why)),
        tested: one.tested_at.map(|at| (at, one.test_outcome)),
        confirmed: one.confirmed_at,
    }
}

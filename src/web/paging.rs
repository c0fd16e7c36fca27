//! Answers to pages: by the links in messages, by the notice on every page; and
//! the engine for everybody to see.

use super::{
    Access, Page, PageError, Path, Routes, SignedIn, Web, page::see_other, site::local_path,
    with_flash,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use leptos::prelude::*;
use rideout_app::{
    Nav,
    components::Tone,
    pages::paging::{
        CalledNotice, ConfirmRoute, ConfirmRoutePage, ConfirmStanding, EngineNode, EngineView,
        EngineViewPage, LinkAbout, LinkKind, LinkStanding, PageLink, PageLinkGone, PageLinkPage,
        SentMessage,
    },
    render_fragment,
};
use rideout_domain::PageId;
use rideout_service::{
    Error,
    page::{LinkAction, LinkState, OpenedLink},
};

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/page/{token}", Access::Link, look)
        .post("/page/{token}", Access::Link, press)
        .post("/pages/{page}/acknowledge", Access::SignedIn, acknowledge)
        .post("/pages/{page}/escalate", Access::SignedIn, escalate)
        .get("/pages/waiting", Access::SignedIn, waiting)
        .get("/engine", Access::SignedIn, engine)
}

/// The notice of whoever is paged, for a page that is open already.
async fn waiting(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    let called = web.called.of(&web.service, &actor).await?;
    let now = page.now();
    let html = render_fragment(move || {
        view! { <div id="called-pages"><CalledNotice called=called now=now /></div> }.into_any()
    });
    Ok(Html(html).into_response())
}

async fn look(
    State(web): State<Web>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    show(page, &token, web.service.look_at_link(&token).await, false)
}

async fn press(
    State(web): State<Web>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    show(page, &token, web.service.use_link(&token).await, true)
}

fn standing(state: LinkState) -> LinkStanding {
    match state {
        LinkState::Open => LinkStanding::Open,
        LinkState::Acknowledged { by, at } => LinkStanding::Acknowledged { by, at },
        LinkState::Escalated => LinkStanding::Escalated,
        LinkState::Over | LinkState::Confirmed { .. } => LinkStanding::Over,
        LinkState::Expired => LinkStanding::Expired,
    }
}

fn confirm_page(token: &str, opened: OpenedLink) -> ConfirmRoutePage {
    ConfirmRoutePage {
        person: opened.person,
        route: opened.route.map(|route| (route.channel, route.shown)),
        standing: match opened.state {
            LinkState::Open => ConfirmStanding::Open,
            LinkState::Confirmed { at } => ConfirmStanding::Confirmed { at },
            LinkState::Expired => ConfirmStanding::Expired,
            _ => ConfirmStanding::Over,
        },
        action: format!("/page/{token}"),
    }
}

fn show(
    page: Page,
    token: &str,
    opened: Result<OpenedLink, Error>,
    pressed: bool,
) -> Result<Response, PageError> {
    let page = page.islands(false);
    let mut response = match opened {
        Ok(opened) if matches!(opened.action, LinkAction::ConfirmRoute(_)) => {
            let shown = confirm_page(token, opened);
            page.html(StatusCode::OK, Nav::None, "A test", || {
                view! { <ConfirmRoute page=shown /> }.into_any()
            })
        }
        Ok(opened) => {
            let shown = PageLinkPage {
                kind: match opened.action {
                    LinkAction::AcknowledgeAll(_) => LinkKind::AcknowledgeAll,
                    LinkAction::Escalate(_) => LinkKind::Escalate,
                    _ => LinkKind::Acknowledge,
                },
                person: opened.person,
                about: opened
                    .about
                    .into_iter()
                    .map(|about| LinkAbout {
                        incident: about.incident,
                        subject: about.subject,
                        reason: about.reason,
                        standing: standing(about.state),
                        alone: about.alone.map(|token| format!("/page/{token}")),
                    })
                    .collect(),
                standing: standing(opened.state),
                onward: opened.onward.map(|token| format!("/page/{token}")),
                action: format!("/page/{token}"),
                pressed,
            };
            page.html(StatusCode::OK, Nav::None, "A page", || {
                view! { <PageLink page=shown /> }.into_any()
            })
        }
        Err(Error::NotFound) => page.html(StatusCode::NOT_FOUND, Nav::None, "No such link", || {
            view! { <PageLinkGone /> }.into_any()
        }),
        Err(other) => return Err(other.into()),
    };
    let headers = response.headers_mut();
    // The address is the secret: it is neither found nor kept.
    headers.insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn acknowledge(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<PageId>,
) -> Result<Response, PageError> {
    let text = if web.service.acknowledge_page(&actor, id).await? {
        "You acknowledged the page. Nobody else is called."
    } else {
        "The page needed no answer any more."
    };
    Ok(with_flash(&web, back(&page), Tone::Ok, text))
}

async fn escalate(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(id): Path<PageId>,
) -> Result<Response, PageError> {
    match web.service.escalate_from_page(&actor, id).await {
        Ok(()) => Ok(with_flash(
            &web,
            back(&page),
            Tone::Ok,
            "The next level is called.",
        )),
        // Somebody was quicker, which is just as well.
        Err(Error::Conflict {
            code: "escalated", ..
        }) => Ok(with_flash(
            &web,
            back(&page),
            Tone::Neutral,
            "The next level has been called already.",
        )),
        Err(other) => Err(other.into()),
    }
}

/// To the page the button stood on.
fn back(page: &Page) -> Response {
    see_other(local_path(page.scope().came_from().unwrap_or("/")))
}

async fn engine(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    let seen = web.service.engine_page(&actor).await?;
    let shown = EngineViewPage {
        nodes: seen
            .nodes
            .into_iter()
            .map(|node| EngineNode {
                name: node.node,
                started_at: node.started_at,
                cycle: node.cycle,
                cycled_at: node.cycled_at,
                took_micros: node.took_micros,
            })
            .collect(),
        next_due: seen.waiting.next_due,
        oldest_unsent: seen.waiting.oldest_unsent,
        unsent: seen.waiting.unsent,
        messages: seen
            .messages
            .into_iter()
            .map(|message| SentMessage {
                person: message.person,
                channel: message.channel,
                purpose: message.purpose,
                state: message.state,
                attempts: message.attempts,
                why: message.why,
                created_at: message.created_at,
                due_at: message.due_at,
                settled_at: message.settled_at,
            })
            .collect(),
        mail: web.config.smtp.is_some(),
        now: page.now(),
    };
    let mut response = page.html(StatusCode::OK, Nav::None, "Engine", || {
        view! { <EngineView page=shown /> }.into_any()
    });
    let again = HeaderValue::from_static("10");
    response.headers_mut().insert(header::REFRESH, again);
    Ok(response)
}

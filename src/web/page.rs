//! Pages: what every one of them needs, and how one is sent.

use super::{
    PageError, Problem, Web, problem,
    scope::{self, Scope},
    session, site,
};
use crate::config::Config;
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::AnyView;
use rideout_app::{
    Flash, Nav, PageContext, Theme, Viewer, components::Tone, pages::paging::Called, render_page,
};
use rideout_domain::{Actor, Timestamp};
use std::{str::FromStr as _, sync::Arc};

/// The cookie of the chosen theme.
pub(super) const THEME_COOKIE: &str = "rideout_theme";
/// The cookie of a message that is shown once.
const FLASH_COOKIE: &str = "rideout_flash";

/// What a page needs besides what it shows. Taken by a handler, used up by [`Page::html`].
#[derive(Debug, Clone)]
pub struct Page {
    scope: Arc<Scope>,
    viewer: Option<Actor>,
    open_incidents: Option<i64>,
    flash: Option<Flash>,
    called: Vec<Called>,
    islands: bool,
    example: bool,
    now: Timestamp,
    config: Arc<Config>,
}

impl FromRequestParts<Web> for Page {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let scope = scope::of(parts, web);
        let viewer = scope.actor(web).await?.cloned();
        let mut page = Self::new(web, scope, viewer);
        if let Some(actor) = &page.viewer {
            // The number in the rail is not worth an error page.
            page.open_incidents = web.open_counts.of(&web.service, actor).await.ok();
            // Nor is the notice; the message itself is on its way by other routes.
            page.called = web.called.of(&web.service, actor).await.unwrap_or_default();
        }
        Ok(page)
    }
}

impl Page {
    pub(super) fn new(web: &Web, scope: Arc<Scope>, viewer: Option<Actor>) -> Self {
        let flash = scope.cookie(FLASH_COOKIE).and_then(decode_flash);
        Self {
            islands: viewer.is_some(),
            scope,
            viewer,
            open_incidents: None,
            flash,
            called: Vec::new(),
            example: web.example,
            now: web.service.now(),
            config: Arc::clone(&web.config),
        }
    }

    /// Who looks, if anybody has signed in.
    #[must_use]
    pub const fn viewer(&self) -> Option<&Actor> {
        self.viewer.as_ref()
    }

    /// The time of the page.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// How many open incidents the viewer may see.
    #[must_use]
    pub const fn open_incidents(&self) -> Option<i64> {
        self.open_incidents
    }

    /// What is known of the request.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// With or without the browser half; pages for people with an account have it.
    #[must_use]
    pub const fn islands(mut self, islands: bool) -> Self {
        self.islands = islands;
        self
    }

    /// Shows a message as if the last page had left it.
    #[must_use]
    pub fn saying(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.flash = Some(Flash {
            tone,
            text: text.into(),
        });
        self
    }

    /// The whole page as an answer.
    pub fn html(
        self,
        status: StatusCode,
        nav: Nav,
        title: &str,
        view: impl FnOnce() -> AnyView,
    ) -> Response {
        let shown_flash = self.flash.is_some() && self.scope.cookie(FLASH_COOKIE).is_some();
        let Self {
            scope,
            viewer,
            open_incidents,
            flash,
            called,
            islands,
            example,
            now,
            config,
        } = self;
        let context = PageContext {
            nonce: scope.nonce.clone(),
            theme: scope
                .cookie(THEME_COOKIE)
                .and_then(|word| Theme::from_str(word).ok()),
            viewer: viewer.map(|actor| Viewer {
                id: actor.id,
                name: actor.name,
                role: actor.role,
            }),
            assets: site::assets(),
            nav,
            open_incidents,
            flash,
            called,
            now,
            example,
            islands,
        };
        let html = render_page(context, title, view);
        let mut response = (
            status,
            [(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            )],
            Body::from(html),
        )
            .into_response();
        if shown_flash {
            let gone = session::set_cookie(&config, &format!("{FLASH_COOKIE}=; Max-Age=0"), true);
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
        response
    }

    /// The page of a problem.
    pub(super) fn problem(self, problem: &Problem) -> Response {
        problem::page(self, problem)
    }
}

/// `303 See Other`: the answer to every form that was taken.
#[must_use]
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Leaves a message that the next page shows once.
#[must_use]
pub fn with_flash(web: &Web, mut response: Response, tone: Tone, text: &str) -> Response {
    let value = format!(
        "{}.{}",
        tone.word(),
        super::middleware::report::encode(text)
    );
    let cookie = session::set_cookie(
        &web.config,
        &format!("{FLASH_COOKIE}={value}; Max-Age=60"),
        true,
    );
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn decode_flash(value: &str) -> Option<Flash> {
    let (tone, text) = value.split_once('.')?;
    Some(Flash {
        tone: tone.parse().ok()?,
        text: super::forms::decode(text.as_bytes())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_cookie() {
        let text = "“Ada” is an admin now; 100 % + more\n";
        let value = format!("ok.{}", super::super::middleware::report::encode(text));
        assert!(
            value
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b';' && b != b',' && b != b'"')
        );
        assert_eq!(
            decode_flash(&value),
            Some(Flash {
                tone: Tone::Ok,
                text: text.to_owned()
            })
        );
        assert_eq!(decode_flash("no dot"), None);
    }

    #[test]
    fn a_redirect_cannot_smuggle_headers() {
        assert_eq!(see_other("/a\r\nx: y").headers()["location"], "/");
    }
}

//! What belongs to no area: files of the browser half, the first address, the theme, refusals of the router.

use super::{
    Access, Form, PageError, Problem, Routes, Web,
    page::{THEME_COOKIE, see_other},
    scope::Scope,
    session,
};
use crate::assets;
use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};
use rideout_app::{Assets, Theme};
use std::{str::FromStr as _, sync::Arc};

/// The endpoints.
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Anyone, home)
        .post("/theme", Access::Anyone, choose_theme)
        .get("/pkg/{*path}", Access::Anyone, assets::serve)
        .get("/favicon.svg", Access::Anyone, favicon)
        .get("/favicon.ico", Access::Anyone, favicon)
        .get("/robots.txt", Access::Anyone, robots)
}

/// Where pages find the browser half.
pub(super) fn assets() -> Assets {
    Assets {
        css: assets::style_url().map(str::to_owned),
        js: assets::script_url().map(str::to_owned),
        wasm: assets::module_url().map(str::to_owned),
    }
}

async fn home() -> Response {
    see_other("/incidents")
}

async fn favicon(method: Method, headers: HeaderMap) -> Response {
    assets::serve_named("favicon.svg", &method, &headers)
}

/// Nothing here is for search engines.
async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}

/// Takes `theme` (light, dark, or anything else to follow the system) and
/// `back`; without it one stays on the page one came from.
async fn choose_theme(
    State(web): State<Web>,
    scope: Arc<Scope>,
    form: Form,
) -> Result<Response, PageError> {
    let back = match form.text("back") {
        "" => scope.came_from().unwrap_or("/"),
        given => given,
    };
    let pair = match Theme::from_str(form.text("theme")) {
        Ok(theme) => format!("{THEME_COOKIE}={}; Max-Age=31536000", theme.word()),
        Err(()) => format!("{THEME_COOKIE}=; Max-Age=0"),
    };
    let mut response = see_other(local_path(back));
    response.headers_mut().append(
        header::SET_COOKIE,
        session::set_cookie(&web.config, &pair, false),
    );
    Ok(response)
}

/// The path when it leads to a page here, else the first page. `//host` and
/// `/\host` lead elsewhere.
#[must_use]
pub fn local_path(path: &str) -> &str {
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    if inside { path } else { "/" }
}

/// Whatever no route leads to. Paths of the admin listener are named as such.
pub(super) async fn nothing_here(State(web): State<Web>, uri: axum::http::Uri) -> Problem {
    if crate::admin::is_admin_path(uri.path()) {
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "admin_port",
            "This is asked of the wrong port",
            format!(
                "{} is answered by the admin listener alone: ask http://{}{}.",
                uri.path(),
                web.admin,
                uri.path()
            ),
        );
    }
    Problem::not_found()
}

/// The path is right and the method is not.
pub(super) async fn wrong_method(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "That cannot be done here",
        format!("This address does not answer {method}. Start from the page that led you here."),
    )
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_our_own_are_followed() {
        assert_eq!(local_path("/incidents?status=all"), "/incidents?status=all");
        for bad in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\nb",
            "evil",
        ] {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
    }
}

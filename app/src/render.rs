//! From a view to a string of HTML.

use crate::shell::{PageContext, Shell};
use hydration_context::SsrSharedContext;
use leptos::{prelude::*, tachys::view::Position};
use std::{
    fmt::Write,
    sync::{Arc, LazyLock},
};

/// Bytes that the shell needs around a page, roughly.
const SHELL: usize = 12 * 1024;

static BOOT: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("boot.js")));
static WAKE: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("wake.js")));

/// Our scripts travel with every page, so their comments and indents do not.
fn without_comments(script: &str) -> String {
    script
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A complete HTML document: the shell around `view`.
///
/// `view` stands inside `<main id="main">`; it brings its own `<h1>`.
pub fn render_page(cx: PageContext, title: &str, view: impl FnOnce() -> AnyView) -> String {
    let scripts = scripts(&cx);
    let mut html = in_islands_mode(|| {
        let page = view();
        let mut html = String::with_capacity(page.html_len() + SHELL);
        open_document(&mut html, &cx, title);
        let page = view! { <Shell cx=cx>{page}</Shell> };
        page.to_html_with_buf(
            &mut html,
            &mut Position::FirstChild,
            true,
            false,
            Vec::new(),
        );
        html
    });
    html.push_str(&scripts);
    html.push_str("</body></html>");
    html
}

/// A fragment without the shell, with the same markup that a page shows: one
/// timeline entry, say.
pub fn render_fragment(view: impl FnOnce() -> AnyView) -> String {
    in_islands_mode(|| view().to_html())
}

/// Runs `render` as the owner of everything it makes. Rendering inside
/// rendering is fine: the outer owner is put back.
fn in_islands_mode(render: impl FnOnce() -> String) -> String {
    let outer = Owner::current();
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(render);
    owner.unset_with_forced_cleanup();
    if let Some(outer) = outer {
        outer.set();
    }
    html
}

fn open_document(html: &mut String, cx: &PageContext, title: &str) {
    html.push_str("<!DOCTYPE html><html lang=\"en\"");
    if let Some(theme) = cx.theme {
        attribute(html, "data-theme", theme.word());
    }
    html.push_str(
        "><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>",
    );
    escape_text(title, html);
    html.push_str(
        " · Rideout</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">",
    );
    if let Some(css) = &cx.assets.css {
        html.push_str("<link rel=\"stylesheet\"");
        attribute(html, "href", css);
        html.push('>');
    }
    if cx.islands
        && let (Some(js), Some(wasm)) = (&cx.assets.js, &cx.assets.wasm)
    {
        html.push_str("<link rel=\"modulepreload\"");
        attribute(html, "href", js);
        html.push_str("><link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin");
        attribute(html, "href", wasm);
        html.push('>');
    }
    html.push_str("</head><body");
    if let Some(viewer) = &cx.viewer {
        attribute(html, "data-role", viewer.role.word());
        attribute(html, "data-user", &viewer.id.to_string());
    }
    // So that a browser whose clock is wrong still tells the right time.
    attribute(html, "data-now", &cx.now.rfc3339());
    html.push('>');
}

fn scripts(cx: &PageContext) -> String {
    let mut html = String::with_capacity(BOOT.len() + WAKE.len() + 256);
    html.push_str("<script type=\"module\"");
    attribute(&mut html, "nonce", &cx.nonce);
    html.push('>');
    html.push_str(&BOOT);
    if cx.islands
        && let (Some(js), Some(wasm)) = (&cx.assets.js, &cx.assets.wasm)
    {
        // `{:?}` quotes; the paths are our own and hold no `<`.
        let _ = write!(html, "\nconst JS = {js:?}, WASM = {wasm:?};\n{}", *WAKE);
    }
    html.push_str("</script>");
    html
}

/// Writes ` name="value"`, escaped.
fn attribute(html: &mut String, name: &str, value: &str) {
    let _ = write!(html, " {name}=\"");
    escape_text(value, html);
    html.push('"');
}

/// Escapes text so that it is inert between tags and inside a quoted attribute.
pub(crate) fn escape_text(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::paging::Called;
    use crate::{
        components::Tone,
        shell::{Assets, Flash, Nav, Theme, Viewer},
    };
    use rideout_domain::{IncidentId, PageId, Role, Severity, Timestamp};

    const HOSTILE: &str = "</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>";

    fn context(role: Option<Role>) -> PageContext {
        PageContext {
            nonce: "abc".to_owned(),
            theme: Some(Theme::Dark),
            viewer: role.map(|role| Viewer {
                id: uuid(),
                name: HOSTILE.to_owned(),
                role,
            }),
            assets: Assets {
                css: Some("/pkg/a.css".to_owned()),
                js: Some("/pkg/a.js".to_owned()),
                wasm: Some("/pkg/a.wasm".to_owned()),
            },
            nav: Nav::Incidents,
            open_incidents: Some(3),
            flash: Some(Flash {
                tone: Tone::Bad,
                text: HOSTILE.to_owned(),
            }),
            called: vec![Called {
                id: PageId(Default::default()),
                incident: IncidentId(Default::default()),
                number: 1,
                title: HOSTILE.to_owned(),
                severity: Severity::Sev1,
                reason: HOSTILE.to_owned(),
                since: Timestamp::EARLIEST,
            }],
            now: Timestamp::EARLIEST,
            example: true,
            islands: true,
        }
    }

    fn uuid() -> rideout_domain::UserId {
        "01900000-0000-7000-8000-000000000001".parse().unwrap()
    }

    #[test]
    fn a_page_is_complete_and_hostile_text_in_it_is_inert() {
        let html = render_page(context(Some(Role::Admin)), HOSTILE, || {
            view! { <h1>{HOSTILE}</h1> }.into_any()
        });
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\" data-theme=\"dark\">"));
        assert!(html.ends_with("</body></html>"));
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert_eq!(html.matches("</title>").count(), 1, "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("<script type=\"module\" nonce=\"abc\">"));
        assert!(html.contains(
            "<body data-role=\"admin\" data-user=\"01900000-0000-7000-8000-000000000001\" data-now=\""
        ));
        assert!(
            !html.contains(concat!(" sty", "le=")),
            "the content-security policy forbids it"
        );
    }

    #[test]
    fn the_rail_offers_what_the_role_may() {
        let page = |role| render_page(context(role), "x", || ().into_any());
        let (stranger, viewer, admin) = (
            page(None),
            page(Some(Role::Viewer)),
            page(Some(Role::Admin)),
        );
        for (html, people, declare, account) in [
            (stranger, false, false, false),
            (viewer, false, false, true),
            (admin, true, true, true),
        ] {
            assert_eq!(html.contains("href=\"/people\""), people);
            assert_eq!(html.contains("href=\"/audit\""), people);
            assert_eq!(html.contains("href=\"/incidents/new\""), declare);
            assert_eq!(html.contains("action=\"/logout\""), account);
            assert!(html.contains("action=\"/theme\""));
        }
    }

    #[test]
    fn without_islands_no_browser_half_is_asked_for() {
        let html = render_page(
            PageContext {
                islands: false,
                ..context(None)
            },
            "x",
            || ().into_any(),
        );
        assert!(
            !html.contains("/pkg/a.js")
                && !html.contains("/pkg/a.wasm")
                && !html.contains("leptos-island")
        );
        assert!(html.contains("/pkg/a.css"));
    }

    #[test]
    fn rendering_inside_rendering_gives_the_outer_owner_back() {
        let html = render_page(context(None), "x", || {
            let before = Owner::current();
            let inner = render_fragment(|| view! { <b>"inner"</b> }.into_any());
            assert!(before.is_some() && Owner::current() == before);
            view! { <div inner_html=inner></div> }.into_any()
        });
        assert!(html.contains("<div><b>inner</b></div>"));
        assert!(Owner::current().is_none());
    }
}

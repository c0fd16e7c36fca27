//! From a view to a string of HTML.

use crate::shell::{PageContext, Shell};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use std::{
    fmt::Write,
    sync::{Arc, LazyLock},
};

static BOOT: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("boot.js")));
static WAKE: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("wake.js")));

/// Our scripts travel with every page, so their comments and indents do not.
fn without_comments(script: &str) -> String {
    script.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A complete HTML document: the shell around `view`.
///
/// `view` stands inside `<main id="main">`; it brings its own `<h1>`.
pub fn render_page(cx: PageContext, title: &str, view: impl FnOnce() -> AnyView) -> String {
    let mut html = String::with_capacity(16 * 1024);
    open_document(&mut html, &cx, title);
    let scripts = scripts(&cx);
    let body = in_islands_mode(|| {
        let page = view();
        view! { <Shell cx=cx>{page}</Shell> }.to_html()
    });
    html.push_str(&body);
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
    html.push_str(" · Rideout</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">");
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

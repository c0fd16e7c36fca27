//! Markdown to safe HTML, once, when it is written.
//!
//! pulldown-cmark renders, ammonia keeps an allow-list. Links open without
//! handing over the page they were on; pictures are shown as links, since the
//! content-security policy forbids other hosts and a timeline must not call out.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use std::{collections::HashSet, sync::LazyLock};

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    builder
        .tags(HashSet::from([
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "i",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .tag_attributes(std::collections::HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .generic_attributes(HashSet::new());
    builder
});

/// Renders Markdown to HTML that is safe to put into a page.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    if markdown.is_empty() {
        return String::new();
    }
    let parser = Parser::new_ext(
        markdown,
        Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES,
    );
    let events = parser.map(|event| match event {
        // A line break typed is a line break meant: people paste logs.
        Event::SoftBreak => Event::HardBreak,
        // Raw HTML is shown, not obeyed.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        // The page owns the upper levels of headings.
        Event::Start(Tag::Heading {
            id, classes, attrs, ..
        }) => Event::Start(Tag::Heading {
            level: pulldown_cmark::HeadingLevel::H4,
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(_)) => {
            Event::End(TagEnd::Heading(pulldown_cmark::HeadingLevel::H4))
        }
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    });
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, events);
    SANITISER.clean(&unsafe_html).to_string()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn hostile_text_is_shown_and_not_executed() {
        for text in [
            "<script>alert(1)</script>",
            "</textarea><img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "![x](https://example.org/track.png)",
            "<a href=\"https://x\" onclick=\"y\">z</a>",
            "<style>*{display:none}</style>",
        ] {
            let html = to_html(text);
            for bad in [
                "<script",
                "<img",
                "javascript:",
                "data:text",
                "<a href=\"https://x\"",
                "<style",
            ] {
                assert!(!html.contains(bad), "{text} became {html}");
            }
        }
    }

    #[test]
    fn what_people_write_looks_as_they_meant_it() {
        assert_eq!(to_html("one\ntwo"), "<p>one<br>\ntwo</p>\n");
        assert_eq!(to_html("`a<b`"), "<p><code>a&lt;b</code></p>\n");
        assert!(to_html("a < b & c").contains("a &lt; b &amp; c"));
        assert!(to_html("https://example.org").contains("https://example.org"));
    }
}

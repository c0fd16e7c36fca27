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

/// Quotations, lists and emphases in one another that are shown as such. What
/// is nested deeper keeps its words and loses its frame: nobody reads it, and
/// the time to clean it grows with the square of the depth.
const DEEPEST: usize = 16;
/// How many times as long as its text a table may become. Each row is filled up
/// to the width of the head, so a few kilobytes could make megabytes.
const TABLE_GROWTH: usize = 16;

/// Renders Markdown to HTML that is safe to put into a page. Call it with no
/// more than [`TEXT_MAX`](rideout_domain::text::TEXT_MAX) characters.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    if markdown.is_empty() {
        return String::new();
    }
    let mut unsafe_html = rendered(
        markdown,
        Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES,
    );
    if unsafe_html.len() > TABLE_GROWTH * markdown.len() + 1_024 {
        unsafe_html = rendered(markdown, Options::ENABLE_STRIKETHROUGH);
    }
    SANITISER.clean(&unsafe_html).to_string()
}

fn rendered(markdown: &str, options: Options) -> String {
    let events = shallow(Parser::new_ext(markdown, options)).map(|event| match event {
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
    unsafe_html
}

/// Takes the frames away that are nested deeper than [`DEEPEST`].
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut kept: Vec<bool> = Vec::new();
    events.filter_map(move |event| match event {
        Event::Start(tag) => {
            let keep = match &tag {
                // An item goes where its list goes.
                Tag::Item => kept.last().copied().unwrap_or(true),
                tag => kept.len() < DEEPEST || !nests(tag),
            };
            kept.push(keep);
            keep.then_some(Event::Start(tag))
        }
        Event::End(end) => match kept.pop() {
            Some(false) if end == TagEnd::Item => Some(Event::HardBreak),
            Some(false) => None,
            _ => Some(Event::End(end)),
        },
        other => Some(other),
    })
}

const fn nests(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
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
        let table = to_html("|a|b|\n|-|-|\n|1|2|\n");
        assert_eq!(table.matches("<td>").count(), 2, "{table}");
        let quoted = to_html("> one\n>> two\n>>> - three\n");
        assert_eq!(quoted.matches("<blockquote>").count(), 3, "{quoted}");
        assert!(quoted.contains("<ul>\n<li>three</li>\n</ul>"), "{quoted}");
    }

    #[test]
    fn deep_nesting_does_not_stall_the_server() {
        for (text, tag) in [
            (">".repeat(20_000), "<blockquote>"),
            ("> ".repeat(10_000), "<blockquote>"),
            (format!("{}end", "> - ".repeat(4_000)), "<blockquote>"),
            (
                (0..180)
                    .map(|n| format!("{}- a\n", "  ".repeat(n)))
                    .collect(),
                "<ul>",
            ),
            (format!("{}end", "*a **b ".repeat(2_800)), "<em>"),
        ] {
            let html = to_html(&text);
            assert!(html.matches(tag).count() <= 17, "{}", &text[..20]);
        }
        let deep = to_html(&format!("{}words", "> ".repeat(200)));
        assert!(deep.contains("words"), "{deep}");
    }

    #[test]
    fn a_table_does_not_grow_into_megabytes() {
        let head = format!("{}|\n{}|\n", "|a".repeat(100), "|-".repeat(100));
        let text = format!("{head}{}", "x\n".repeat(9_000));
        let html = to_html(&text);
        assert!(html.len() < 20 * text.len(), "{} bytes", html.len());
        assert_eq!(html.matches('x').count(), 9_000);
    }
}

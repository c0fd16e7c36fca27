//! Several lines of text: the only place with the raw tag.

use super::field::{Field, Ids};
use leptos::prelude::*;

/// The inside of the tag for this text. Leptos 0.8 does not escape it, so we
/// do; and the parser drops one leading line end, so we give it one to drop.
fn inside(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    html.push('\n');
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            c => html.push(c),
        }
    }
    html
}

/// Several lines of text with its label.
#[component]
pub fn TextArea(
    /// Field name.
    #[prop(into)]
    name: String,
    /// What it asks for.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// How to answer, in a sentence.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Lines shown before it scrolls.
    #[prop(default = 4)]
    rows: u32,
    /// Must not stay empty.
    #[prop(optional)]
    required: bool,
    /// May stay empty; said beside the label.
    #[prop(optional)]
    optional: bool,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Most characters.
    #[prop(optional, into)]
    maxlength: Option<usize>,
    /// Identifier, when two forms on a page share a name.
    #[prop(optional, into)]
    id: Option<String>,
    /// Key that focuses it from anywhere on the page.
    #[prop(optional, into)]
    key: Option<String>,
    /// The label is for screen readers only.
    #[prop(optional)]
    hide_label: bool,
    /// Focused when the page opens: one field a page.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let ids = Ids::new(id, &name, hint.is_some(), error.is_some());
    let refused = error.is_some().then_some("true");
    view! {
        <Field id=ids.control.clone() label=label hint=hint error=error optional=optional hide_label=hide_label>
            <textarea
                class="input"
                id=ids.control
                name=name
                rows=rows.to_string()
                placeholder=placeholder
                maxlength=maxlength.map(|most| most.to_string())
                required=required
                autofocus=autofocus
                aria-invalid=refused
                aria-describedby=ids.described
                data-key=key
                inner_html=inside(&value)
            ></textarea>
        </Field>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::render_fragment;

    fn area(text: &str) -> String {
        let value = text.to_owned();
        render_fragment(move || {
            view! { <TextArea name="text" label="What happened" value=value /> }.into_any()
        })
    }

    #[test]
    fn a_closing_tag_in_the_text_is_inert() {
        let html = area("</textarea><script>alert(1)</script>");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert!(
            html.contains("\n&lt;/textarea>&lt;script>alert(1)&lt;/script></textarea>"),
            "{html}"
        );
    }

    #[test]
    fn entities_and_leading_line_ends_come_back_as_they_were_typed() {
        assert!(area("&lt;").contains(">\n&amp;lt;</textarea>"));
        assert!(area("\n\nx").contains(">\n\n\nx</textarea>"));
        assert!(area("").contains(">\n</textarea>"));
    }

    #[test]
    fn hostile_attributes_stay_inside_their_quotes() {
        let html = render_fragment(|| {
            view! { <TextArea name="a\" autofocus onfocus=\"alert(1)" label="<b>" placeholder="\"><script>" /> }.into_any()
        });
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
        assert!(!html.contains("\" autofocus onfocus"), "{html}");
    }

    /// Anywhere else its content would not be escaped.
    #[test]
    fn the_raw_tag_stands_in_this_file_alone() {
        fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else if path.extension().is_some_and(|e| e == "rs")
                    && !path.ends_with("components/text_area.rs")
                {
                    let text = std::fs::read_to_string(&path).unwrap();
                    if text.lines().any(|line| {
                        line.contains("<textarea") && !line.trim_start().starts_with("//")
                    }) {
                        found.push(path.display().to_string());
                    }
                }
            }
        }
        let mut found = Vec::new();
        let app = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        walk(&app.join("src"), &mut found);
        walk(&app.join("../src"), &mut found);
        assert!(
            found.is_empty(),
            "use TextArea instead of the raw tag in {found:?}"
        );
    }
}

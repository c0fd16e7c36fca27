//! Rules of the house that no lint knows.

use crate::{error::Error, files, progress, workspace::Workspace};

/// The one component that may write the raw tag.
const TEXT_AREA: &str = "components/text_area.rs";

/// Looks through the sources of the app.
pub(super) fn check(workspace: &Workspace) -> Result<(), Error> {
    let folder = workspace.root.join("app/src");
    let mut broken = 0;
    for file in files::list(&folder)? {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = file.to_string_lossy();
        let text = files::read_text(&folder.join(&file))?;
        for (number, line) in text.lines().enumerate() {
            for problem in problems(&name, line) {
                broken += 1;
                progress::say(format!("app/src/{name}:{}: {problem}", number + 1));
            }
        }
    }
    if broken == 0 {
        return Ok(());
    }
    Err(Error::Failed(format!("{broken} lines break a rule")))
}

/// What is wrong with a line.
fn problems(file: &str, line: &str) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if line.trim_start().starts_with("//") {
        return problems;
    }
    if line.contains("<textarea") && file != TEXT_AREA {
        problems.push("a raw <textarea is not escaped by leptos; use the TextArea component");
    }
    if has_inline_style(line) {
        problems.push("inline style is refused by our content security policy; use a class");
    }
    problems
}

/// `style=…` and `style:name=…` as attributes. In plain Rust, formatted, a
/// space follows the name.
fn has_inline_style(line: &str) -> bool {
    let attribute = |(at, _): (usize, &str)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + "style".len()..];
        let stands_alone = before.is_none_or(|c| c.is_whitespace() || c == '"');
        let directive = after
            .strip_prefix(':')
            .and_then(|rest| rest.chars().next())
            .is_some_and(|c| c.is_ascii_lowercase() || c == '-');
        stands_alone && (after.starts_with('=') && !after.starts_with("==") || directive)
    };
    line.match_indices("style").any(attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_style_is_seen() {
        for line in [
            r#"<p style="color: red">"#,
            "style=move || width()",
            r#"<div class="bar" style:width=width>"#,
        ] {
            assert_eq!(problems("pages/home.rs", line).len(), 1, "{line}");
        }
    }

    #[test]
    fn plain_rust_is_left_alone() {
        for line in [
            "let style = Style::new();",
            "pub style: Style,",
            "use crate::style::Size;",
            "if style == other {",
            "// style=\"x\" and <textarea are forbidden",
            r#"<link rel="stylesheet" href=css />"#,
        ] {
            assert!(problems("pages/home.rs", line).is_empty(), "{line}");
        }
    }

    #[test]
    fn one_component_may_write_the_raw_tag() {
        assert!(problems(TEXT_AREA, "<textarea name=name>").is_empty());
        assert_eq!(problems("pages/home.rs", "<textarea>").len(), 1);
    }
}

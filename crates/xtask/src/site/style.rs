//! The style sheet and the files beside it.

use std::path::Path;

use super::Source;
use crate::{error::Error, files};

/// Names the style sheets, a line each, in the order of the cascade.
const ORDER: &str = "order.txt";

/// Files that others find by their plain name.
const PLAIN: [&str; 2] = ["favicon.svg", "robots.txt"];

/// Begins a reference from a style sheet to a file of `style/static`.
const REFERENCE: &str = "url(static/";

/// Everything in `style/static`.
pub(super) fn statics(folder: &Path) -> Result<Vec<Source>, Error> {
    files::list(folder)?
        .iter()
        .map(|file| {
            let content = files::read(&folder.join(file))?;
            let name = file.to_string_lossy().replace('\\', "/");
            Ok(if PLAIN.contains(&name.as_str()) {
                Source::plain(&name, content)
            } else {
                Source::hashed(&name, content)
            })
        })
        .collect()
}

/// All style sheets as one.
pub(super) fn sheet(folder: &Path, statics: &[Source]) -> Result<Source, Error> {
    let mut css = String::new();
    for name in order(folder)? {
        css.push_str(&files::read_text(&folder.join(&name))?);
        css.push('\n');
    }
    let css = point_to_final_names(&strip_comments(&css), statics)?;
    Ok(Source::hashed("rideout.css", css.into_bytes()))
}

/// The names in `order.txt`. A sheet that nobody loads is a mistake, and so is
/// a name without a sheet.
fn order(folder: &Path) -> Result<Vec<String>, Error> {
    let path = folder.join(ORDER);
    let there: Vec<String> = files::list(folder)?
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".css") && !name.contains('/'))
        .collect();
    if there.is_empty() && !path.exists() {
        return Ok(Vec::new());
    }
    let text = files::read_text(&path)?;
    let named: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    match there.iter().find(|sheet| !named.contains(sheet)) {
        None => Ok(named),
        Some(sheet) => Err(Error::Invalid {
            file: format!("style/{ORDER}"),
            problem: format!("does not name {sheet}"),
        }),
    }
}

/// Comments are for us and not for the wire.
fn strip_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    // A quoted text may hold what looks like a comment.
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let end = if let Some(comment) = from.strip_prefix("/*") {
            let end = comment.find("*/").map_or(from.len(), |end| end + 4);
            rest = &from[end..];
            continue;
        } else if from.starts_with('/') {
            1
        } else {
            end_of_text(from)
        };
        kept.push_str(&from[..end]);
        rest = &from[end..];
    }
    kept.push_str(rest);
    let lines = kept
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Where the quoted text at the start of `from` ends.
fn end_of_text(from: &str) -> usize {
    let mut characters = from.char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if Some(character) == quote {
            return at + 1;
        }
    }
    from.len()
}

/// Replaces `url(static/NAME)` by the name the file has on the wire. Style
/// sheet and file are neighbours there, so a relative name does.
fn point_to_final_names(css: &str, statics: &[Source]) -> Result<String, Error> {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once(REFERENCE) {
        let (name, after) = after.split_once(')').unwrap_or((after, ""));
        let target = statics
            .iter()
            .find(|source| source.name == name)
            .ok_or_else(|| Error::Invalid {
                file: "style".to_owned(),
                problem: format!("refers to static/{name}, which is not there"),
            })?;
        out.push_str(before);
        out.push_str("url(");
        out.push_str(&target.file);
        out.push(')');
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_follow_the_order_and_none_is_forgotten() -> Result<(), Error> {
        let folder = tempfile::tempdir().map_err(Error::io("make a folder"))?;
        files::write(&folder.path().join("a.css"), "a{}")?;
        files::write(&folder.path().join("b.css"), "b{}")?;
        files::write(&folder.path().join(ORDER), "# cascade\nb.css\na.css\n")?;
        let css = sheet(folder.path(), &[])?.content;
        assert_eq!(String::from_utf8_lossy(&css), "b{}\na{}\n");

        files::write(&folder.path().join("c.css"), "c{}")?;
        assert!(sheet(folder.path(), &[]).is_err());
        Ok(())
    }

    #[test]
    fn comments_go_and_texts_stay() {
        assert_eq!(strip_comments("a{/* x\ny */b:c}\n\n/* end"), "a{b:c}\n");
        assert_eq!(
            strip_comments("a::after{content:\"/* \\\" */\"}b{c:1/2}"),
            "a::after{content:\"/* \\\" */\"}b{c:1/2}\n"
        );
    }

    #[test]
    fn references_get_the_final_name() -> Result<(), Error> {
        let statics = [Source::hashed("dot.svg", b"abc".to_vec())];
        assert_eq!(
            point_to_final_names("a{b:url(static/dot.svg) c}", &statics)?,
            "a{b:url(dot-ba7816bf8f01cfea.svg) c}"
        );
        assert!(point_to_final_names("a{b:url(static/gone.svg)}", &statics).is_err());
        Ok(())
    }
}

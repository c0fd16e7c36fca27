//! What people type: limits, and making every character safe to store and show.

use std::fmt;

/// Longest title of an incident, in characters.
pub const TITLE_MAX: usize = 200;
/// Longest text of an entry or description, in characters.
pub const TEXT_MAX: usize = 20_000;
/// Longest name of a person, service, link label or token, in characters.
pub const NAME_MAX: usize = 100;
/// Most services an incident can name.
pub const SERVICES_MAX: usize = 20;
/// Longest link of an evidence, in characters.
pub const LINK_MAX: usize = 2_000;
/// Largest attached file, in bytes.
pub const ATTACHMENT_MAX: usize = 10 * 1024 * 1024;

/// A text that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing but white space.
    #[error("{what} is empty: write something")]
    Empty {
        /// What the text was for, with its article: “The title”.
        what: &'static str,
    },
    /// Longer than the limit.
    #[error("{what} has {length} characters; at most {max} fit. Attach the rest as a file")]
    TooLong {
        /// What the text was for.
        what: &'static str,
        /// Its length in characters.
        length: usize,
        /// The limit in characters.
        max: usize,
    },
    /// Not a link that a browser may follow safely.
    #[error("“{0}” is not a link: it must begin with https:// or http://")]
    NotALink(String),
    /// Not an e-mail address.
    #[error("“{0}” is not an e-mail address")]
    NotAnEmail(String),
    /// Other characters than plain letters, digits and signs.
    #[error("{what} has characters that cannot belong to it: copy it once more")]
    Strange {
        /// What the text was for.
        what: &'static str,
    },
}

/// A word that is none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{found}” is no {what}; it is one of {known}")]
pub struct UnknownWord {
    what: &'static str,
    found: String,
    known: String,
}

impl UnknownWord {
    /// Says that `found` is none of `known`, which are words for `what`.
    pub fn new(
        what: &'static str,
        found: &str,
        known: impl IntoIterator<Item = impl fmt::Display>,
    ) -> Self {
        let known = known
            .into_iter()
            .map(|k| k.to_string())
            .collect::<Vec<_>>()
            .join(", ");
        Self {
            what,
            found: clean(found).chars().take(64).collect(),
            known,
        }
    }
}

/// Makes text safe to store: line ends become `\n`, other control characters
/// their visible picture (NUL becomes ␀), so that a pasted log loses nothing.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\t' => out.push(c),
            '\0'..='\x1f' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('␦')),
            '\x7f' => out.push('␡'),
            _ => out.push(c),
        }
    }
    out
}

/// A text on one line that a terminal shows as it stands: control characters as their
/// picture or `�`, line ends and tabs as spaces, without characters that only deceive. A
/// title may come from a file that anybody wrote, and an escape sequence would act.
#[must_use]
pub fn printable(text: &str) -> String {
    clean(text)
        .chars()
        .filter(|c| !deceives(*c))
        .map(|c| match c {
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// A cleaned text of many lines, trimmed at its end, not empty, at most [`TEXT_MAX`].
///
/// # Errors
/// [`BadText::Empty`] and [`BadText::TooLong`].
pub fn long_text(what: &'static str, text: &str) -> Result<String, BadText> {
    let text = clean(text).trim_end().trim_start_matches('\n').to_owned();
    if text.trim().is_empty() {
        return Err(BadText::Empty { what });
    }
    fits(what, text, TEXT_MAX)
}

/// Like [`long_text`], but may be empty.
///
/// # Errors
/// [`BadText::TooLong`].
pub fn optional_text(what: &'static str, text: &str) -> Result<String, BadText> {
    fits(
        what,
        clean(text).trim_end().trim_start_matches('\n').to_owned(),
        TEXT_MAX,
    )
}

/// Whether a character in a name or title only deceives: marks that turn the
/// direction of what stands after them (`gnp.exe` looks like `exe.png`), and
/// spaces of no width, with which one name looks like another. Joiners and the
/// plain direction marks stay; some scripts need them.
const fn deceives(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e001f}')
}

/// Whether a character shows nothing by itself.
const fn is_blank(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{200c}'..='\u{200f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0020}'..='\u{e01ef}')
        || c.is_whitespace()
}

/// A cleaned text of one line, trimmed, not empty, at most `max` characters,
/// without characters that only deceive.
///
/// # Errors
/// [`BadText::Empty`] and [`BadText::TooLong`].
pub fn line(what: &'static str, text: &str, max: usize) -> Result<String, BadText> {
    let plain: String = clean(text).chars().filter(|c| !deceives(*c)).collect();
    let text = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().all(is_blank) {
        return Err(BadText::Empty { what });
    }
    fits(what, text, max)
}

/// A link that is safe to show as one: `http` or `https`, no white space.
///
/// # Errors
/// [`BadText::NotALink`] and [`BadText::TooLong`].
pub fn link(text: &str) -> Result<String, BadText> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    let plain = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '"' || c == '<');
    match rest {
        Some(rest) if !rest.is_empty() && plain => fits("The link", text.to_owned(), LINK_MAX),
        _ => Err(BadText::NotALink(clean(text).chars().take(80).collect())),
    }
}

/// An e-mail address, in lower case: something, an @, something with a dot or
/// a bare host name. Whether it exists only a message can tell.
///
/// # Errors
/// [`BadText::NotAnEmail`].
pub fn email(text: &str) -> Result<String, BadText> {
    let text = text.trim().to_lowercase();
    let bad = || BadText::NotAnEmail(clean(&text).chars().take(80).collect());
    let (local, host) = text.rsplit_once('@').ok_or_else(bad)?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "<>\",;@".contains(c))
    };
    if plain(local) && plain(host) && text.chars().count() <= 254 {
        Ok(text)
    } else {
        Err(bad())
    }
}

fn fits(what: &'static str, text: String, max: usize) -> Result<String, BadText> {
    let length = text.chars().count();
    if length > max {
        Err(BadText::TooLong { what, length, max })
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_stay_visible() {
        assert_eq!(clean("a\0b\r\nc\rd\x1b[31m"), "a␀b\nc\nd␛[31m");
    }

    #[test]
    fn what_is_printed_steers_no_terminal() {
        let said = "\x1b]0;x\x07\u{9b}31m\r\na\tb\u{7f}\u{202e}";
        assert_eq!(printable(said), "␛]0;x␇\u{fffd}31m a b␡");
    }

    #[test]
    fn names_cannot_pass_for_others() {
        assert_eq!(
            line("x", "photo\u{202e}gnp.exe", 200).unwrap(),
            "photognp.exe"
        );
        assert_eq!(
            line("x", "Priya\u{200b} Na\u{2060}ir\u{feff}", 100).unwrap(),
            "Priya Nair"
        );
        assert_eq!(line("x", " \u{200b} ok", 100).unwrap(), "ok");
        for blank in [
            "\u{200b}",
            "\u{2800}\u{2800}",
            "\u{3164}",
            "\u{200d} \u{fe0f}",
            "\u{2067}\u{2069}",
        ] {
            assert!(
                matches!(line("x", blank, 100), Err(BadText::Empty { .. })),
                "{blank:?}"
            );
        }
        for kept in ["می\u{200c}خواهم", "👩\u{200d}🚒", "שלום\u{200f}"] {
            assert_eq!(line("x", kept, 100).unwrap(), kept);
        }
    }

    #[test]
    fn links_that_run_code_are_refused() {
        for bad in [
            "javascript:alert(1)",
            " JaVaScript:1",
            "data:text/html,x",
            "https://",
            "https://a b",
            "//x",
            "https://a\"b",
        ] {
            assert!(link(bad).is_err(), "{bad}");
        }
        assert_eq!(
            link(" https://example.org/a?b=c#d ").unwrap(),
            "https://example.org/a?b=c#d"
        );
    }

    #[test]
    fn emails_are_lower_case_and_have_two_sides() {
        assert_eq!(email(" Priya@Example.org ").unwrap(), "priya@example.org");
        for bad in ["", "x", "@x", "x@", "a b@c", "<a@b>"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn cleaning_leaves_no_control_character_and_is_stable(text in ".*") {
            let once = clean(&text);
            proptest::prop_assert!(!once.chars().any(|c| c < ' ' && c != '\n' && c != '\t'));
            proptest::prop_assert_eq!(clean(&once), once);
        }
    }
}

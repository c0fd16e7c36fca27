//! Short quotations of entries, for places where the whole does not fit.

use rideout_domain::{Entry, EntryId, Room};

const QUOTE: usize = 64;

/// The first line of a Markdown text without its marks, at most so many characters.
#[must_use]
pub fn excerpt(text: &str, max: usize) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty())
        .unwrap_or_default();
    let line = line.trim_start_matches(['#', '>', '-', '*', '+', ' ']);
    let plain: String = line.chars().filter(|c| !matches!(c, '`' | '*')).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= max {
        return plain;
    }
    let cut: String = plain.chars().take(max).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{}…", cut.trim_end_matches([',', '.', ';', ':']))
}

/// A text in curly quotes, or what to say when it was taken out.
#[must_use]
pub fn quoted(text: &str) -> String {
    let text = excerpt(text, QUOTE);
    if text.is_empty() {
        "a redacted entry".to_owned()
    } else {
        format!("“{}”", text.trim_end_matches('.'))
    }
}

/// An entry in curly quotes.
#[must_use]
pub fn entry(room: &Room, id: EntryId) -> String {
    room.entry(id).map_or_else(
        || "an entry that is gone".to_owned(),
        |e: &Entry| quoted(&e.text),
    )
}

/// A size in bytes, for people.
#[must_use]
pub fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_one_line_without_marks() {
        assert_eq!(
            excerpt("\n## The `carrier` is **down**\n\nmore", 64),
            "The carrier is down"
        );
        assert_eq!(excerpt("one two three four", 10), "one two…");
        assert_eq!(excerpt("", 10), "");
        assert_eq!(quoted("It copes."), "“It copes”");
        assert_eq!(quoted("  "), "a redacted entry");
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(812), "812 bytes");
        assert_eq!(size(48_200), "48 kB");
        assert_eq!(size(2_340_000), "2.3 MB");
    }
}

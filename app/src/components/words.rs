//! Numbers and messages in words. Spans of time are the domain's, so that the
//! server, the page and the browser's half say the same.

pub use rideout_domain::duration::{ago, clock, due, span, timer};

/// `1 entry`, `6 entries`: a count with its noun.
#[must_use]
pub fn count(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Names for the middle of a sentence, the first few of many.
#[must_use]
pub fn names(all: &[String]) -> String {
    const FEW: usize = 6;
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] if all.len() <= FEW => format!("{} and {last}", rest.join(", ")),
        _ => format!(
            "{} and {} more",
            all[..FEW - 1].join(", "),
            all.len() + 1 - FEW
        ),
    }
}

/// The text with a capital at its beginning and a full stop at its end: for
/// messages that were written to stand inside others.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect();
    if !out.is_empty() && !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(
            sentence("it is mitigated already"),
            "It is mitigated already."
        );
        assert_eq!(sentence("“x” is not a link. "), "“x” is not a link.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn of_many_names_the_first_few_are_told() {
        let all: Vec<String> = "abcdefgh".chars().map(String::from).collect();
        assert_eq!(names(&all[..0]), "");
        assert_eq!(names(&all[..1]), "a");
        assert_eq!(names(&all[..2]), "a and b");
        assert_eq!(names(&all[..6]), "a, b, c, d, e and f");
        assert_eq!(names(&all[..7]), "a, b, c, d, e and 2 more");
    }

    #[test]
    fn counts_know_one() {
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(0, "entry", "entries"), "0 entries");
    }
}

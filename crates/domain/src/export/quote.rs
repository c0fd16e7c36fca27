//! Putting what people typed into a Markdown document that it cannot break out of.

/// One line of running text in which no character means anything to Markdown.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split_whitespace().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        for c in word.chars() {
            if "\\`*_[]<>&#~|!$".contains(c) {
                out.push('\\');
            }
            // Marks that turn the writing direction would turn ours too.
            if !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
                out.push(c);
            }
        }
    }
    out
}

/// Like [`inline`], cut to a length that a list can bear; the timeline has it all.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 240;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return inline(&line);
    }
    let cut: String = line.chars().take(MOST).collect();
    format!("{}…", inline(cut.trim_end()))
}

/// A text as a block of its own: quoted as the Markdown it is, or word for word
/// in a fence when it holds what a renderer might obey beyond its quotation.
pub(super) fn block(text: &str, out: &mut String) {
    if is_plain_markdown(text) {
        for line in text.lines() {
            out.push('>');
            if !line.is_empty() {
                out.push(' ');
                out.push_str(line);
            }
            out.push('\n');
        }
    } else {
        let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
        out.push_str(&fence);
        out.push_str("text\n");
        for line in text.lines() {
            out.push_str(line);
            out.push('\n');
        }
        out.push_str(&fence);
        out.push('\n');
    }
}

/// Whether the text holds no raw HTML, no character reference, no definition
/// that would reach the rest of the document, and no link that runs code.
fn is_plain_markdown(text: &str) -> bool {
    let lower = text.to_lowercase();
    let html = text
        .char_indices()
        .filter(|(_, c)| *c == '<')
        .any(|(at, _)| {
            let after = lower.get(at + 1..).unwrap_or_default();
            let link = after.starts_with("https://") || after.starts_with("http://");
            !link && after.starts_with(|c: char| c.is_alphabetic() || "/!?".contains(c))
        });
    let runs_code = ["javascript", "vbscript", "data:", "&#", "&colon"]
        .iter()
        .any(|bad| lower.contains(bad));
    let defines = text
        .lines()
        .any(|l| l.trim_start_matches([' ', '\t', '>']).starts_with('['))
        && text.contains("]:");
    let turns = text.contains(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    !(html || runs_code || defines || turns)
}

fn longest_run(text: &str, of: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A value of the front matter: JSON's quoting is YAML's too.
pub(super) fn yaml(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

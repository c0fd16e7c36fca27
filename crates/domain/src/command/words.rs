//! Taking a command's line apart.

use super::COMMANDS;
use crate::duration;

/// What is left of a command after its word.
#[derive(Clone, Copy)]
pub(super) struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text.trim())
    }

    /// The next word, which stays.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.0.split_whitespace().next()
    }

    /// The next word, taken away if it fits.
    pub(super) fn take_if(&mut self, fits: impl FnOnce(&str) -> bool) -> Option<&'a str> {
        let word = self.peek().filter(|w| fits(w))?;
        self.skip(word.len());
        Some(word)
    }

    /// Everything that is left, line ends included.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    fn skip(&mut self, bytes: usize) {
        self.0 = self.0.get(bytes..).unwrap_or_default().trim_start();
    }

    /// On whom or what we wait: what stands in quotes, or before a colon, or
    /// before a length of time; else one word.
    pub(super) fn take_whom(&mut self) -> Option<String> {
        for (open, close) in [('"', '"'), ('“', '”')] {
            if let Some((whom, _)) = self.0.strip_prefix(open).and_then(|t| t.split_once(close)) {
                self.skip(open.len_utf8() + whom.len() + close.len_utf8());
                return Some(whom.trim().to_owned()).filter(|w| !w.is_empty());
            }
        }
        let line = self.0.lines().next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().take(6).collect();
        let last = words
            .iter()
            .position(|w| w.ends_with(':'))
            .or_else(|| {
                let time = words
                    .iter()
                    .position(|w| duration::with_unit(w).is_some())?;
                time.checked_sub(1)
            })
            .unwrap_or(0);
        let whom = words.get(..=last)?.join(" ");
        for _ in 0..=last {
            self.take_if(|_| true);
        }
        Some(whom.trim_end_matches(':').to_owned()).filter(|w| !w.is_empty())
    }
}

/// Parts between bars that stand alone; the bar of `a|b` or `a || b` divides nothing.
pub(super) fn split_on_bars(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let bar = text.match_indices('|').map(|(at, _)| at).find(|at| {
            let before = text.get(..*at).and_then(|t| t.chars().next_back());
            let after = text.get(at + 1..).and_then(|t| t.chars().next());
            before.is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace)
        });
        match bar {
            Some(at) => {
                rest = text.get(at + 1..);
                text.get(..at)
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

/// The command that is written most like this one.
pub(super) fn nearest_command(found: &str) -> &'static str {
    let begins = |c: &&super::Command| c.word.starts_with(found) || found.starts_with(c.word);
    COMMANDS
        .iter()
        .find(begins)
        .or_else(|| COMMANDS.iter().min_by_key(|c| distance(c.word, found)))
        .map_or("/note", |c| c.word)
}

/// Letters to change, add, take away or swap to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = rows[i][j] + usize::from(x != y);
            let mut best = change.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

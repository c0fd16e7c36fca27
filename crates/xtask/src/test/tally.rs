//! Counting tests by what their runners print.

use std::fmt;

/// How many tests there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    /// Reads a line of `cargo test`: one closes each test program.
    pub(super) fn cargo_line(&mut self, line: &str) {
        if !line.contains("test result:") {
            return;
        }
        self.passed += number_before(line, "passed").unwrap_or(0);
        self.failed += number_before(line, "failed").unwrap_or(0);
        self.skipped += number_before(line, "ignored").unwrap_or(0);
    }

    /// Reads a line of the browser tests: the last with a count is the sum.
    pub(super) fn browser_line(&mut self, line: &str) {
        let (Some(passed), Some(failed)) =
            (number_before(line, "passed"), number_before(line, "failed"))
        else {
            return;
        };
        *self = Self {
            passed,
            failed,
            skipped: number_before(line, "skipped").unwrap_or(0),
        };
    }

    /// Adds another count.
    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Counts a part that failed without naming a test as one failure.
    pub(super) fn at_least_one_failed(&mut self, part: &Self) {
        if part.failed == 0 {
            self.failed += 1;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The number in front of a word, as in `12 passed`.
fn number_before(line: &str, word: &str) -> Option<usize> {
    let words: Vec<&str> = line.split([' ', ',', ';']).collect();
    words
        .windows(2)
        .find(|pair| pair[1] == word)
        .and_then(|pair| pair[0].parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_add_up() {
        let mut tally = Tally::default();
        tally.cargo_line("running 3 tests");
        tally.cargo_line("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        tally.cargo_line("test result: FAILED. 1 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!(tally.to_string(), "3 passed, 4 failed, 1 skipped");
    }

    #[test]
    fn the_last_browser_line_counts() {
        let mut tally = Tally::default();
        tally.browser_line("war room: 4 passed, 0 failed");
        tally.browser_line("9 passed, 1 failed, 2 skipped");
        tally.browser_line("see the pictures of what failed");
        assert_eq!(tally.to_string(), "9 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn a_part_that_did_not_build_is_a_failure() {
        let mut sum = Tally::default();
        sum.at_least_one_failed(&Tally::default());
        assert_eq!(sum.to_string(), "0 passed, 1 failed");
    }
}

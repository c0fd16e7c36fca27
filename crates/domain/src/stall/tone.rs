//! What a text says beyond its kind, read from its words.
//!
//! People in an incident write notes; they rarely choose the right kind. A few
//! plain phrases tell whether something failed, whether something that takes its
//! time is under way, and whether the room waits or is at a loss. Only English
//! is read. A text that is read wrongly makes the watch look a little earlier or
//! later; it never decides alone, save for a wait (see [`super::wait`]).

mod lists;

use lists::{
    AGAIN, DENIED, DONE, ENDS, FAILS, FUTILE, GOES_ON, GOOD, LACKING, LONG, LOST, NO_WAIT,
    NOT_GOOD, OVER, RIGHTS, UNDONE, WAIT, WATCHES, WORRIES,
};

/// How long what is under way takes by its nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A restore, a rebuild, a replay: hours.
    Long,
    /// The room says that it waits.
    Wait,
}

/// What the words of a text say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Tone {
    /// What was tried changed nothing: the trouble goes on or is back.
    pub futile: bool,
    /// Something fails. Of an action or its effect this is bad news; of evidence
    /// it is only the symptom.
    pub fails: bool,
    /// Something worked, or got better.
    pub good: bool,
    /// Somebody does not understand what happens.
    pub lost: bool,
    /// Something is lacking: access, a person, an answer.
    pub lacking: bool,
    /// Something is tried once more.
    pub again: bool,
    /// Somebody believes that it is over.
    pub over: bool,
    /// Somebody keeps watching, and does nothing else.
    pub watches: bool,
    /// Something is said to be going on.
    pub goes_on: bool,
    /// Something that takes hours is under way.
    pub work: Option<Work>,
    /// Whatever went wrong, it ends with what was done about it.
    pub then_done: bool,
}

impl Tone {
    /// Whether something stands in the way: it changed nothing, is not understood, or is lacking.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        self.futile || self.lost || self.lacking
    }
}

/// Reads a text.
#[must_use]
pub fn read(text: &str) -> Tone {
    let words = Words::of(text);
    let futile = words.has(FUTILE);
    let fails = words.has(FAILS);
    Tone {
        futile,
        fails,
        good: words.has(GOOD) && !words.has(NOT_GOOD) && !futile && !fails,
        lost: words.has(LOST),
        lacking: words.has(LACKING) || (words.has(RIGHTS) && words.has(DENIED)),
        again: words.has(AGAIN),
        over: words.has(OVER),
        watches: words.has(WATCHES),
        goes_on: words.has(GOES_ON),
        then_done: ends_with_a_step(text),
        work: if words.has(WATCHES) || (words.has(WAIT) && !words.has(NO_WAIT)) {
            Some(Work::Wait)
        } else if words.has(LONG) {
            Some(Work::Long)
        } else {
            None
        },
    }
}

/// Whether the last part of a text of several parts names a step and no trouble:
/// “no effect; cache switched off”.
fn ends_with_a_step(text: &str) -> bool {
    let parts = |c: char| matches!(c, ';' | ':' | '.' | '!' | '?' | '\n');
    let text = text.trim_end_matches(|c: char| parts(c) || c.is_whitespace());
    let Some((_, last)) = text.rsplit_once(parts) else {
        return false;
    };
    let words = Words::of(last);
    let trouble = [FUTILE, FAILS, LOST, LACKING, UNDONE];
    words.has(DONE) && !trouble.iter().any(|list| words.has(list))
}

/// Puts one word for a worry that ends, so that it is read as the good news it is.
fn relieve(plain: &mut String, worry: &str) {
    let spaced = format!(" {worry} ");
    let mut from = 0;
    while let Some(at) = plain.get(from..).and_then(|rest| rest.find(&spaced)) {
        let start = from + at + 1;
        let rest = start + worry.len() + 1;
        let ends = |end: &&&str| {
            let after = plain.get(rest..).and_then(|rest| rest.strip_prefix(**end));
            after.is_some_and(|after| after.starts_with(' '))
        };
        if let Some(end) = ENDS.iter().find(ends) {
            plain.replace_range(start..rest + end.len(), "relief");
        }
        from = start;
    }
}

/// A text as lower-case words, so that phrases match whole words only.
pub(super) struct Words(String);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len() + 2);
        plain.push(' ');
        for c in text.chars().take(4_000) {
            match c {
                '\'' | '’' => {}
                c if c.is_alphanumeric() => plain.extend(c.to_lowercase()),
                _ if plain.ends_with(' ') => {}
                _ => plain.push(' '),
            }
        }
        if !plain.ends_with(' ') {
            plain.push(' ');
        }
        // A failover is no failure, and errors that end are good news.
        for (over, plainly) in [
            (" fail over ", " failover "),
            (" fails over ", " failover "),
            (" failed over ", " failover "),
            (" failing over ", " failover "),
        ] {
            plain = plain.replace(over, plainly);
        }
        for what in WORRIES {
            relieve(&mut plain, what);
        }
        Self(plain)
    }

    /// Whether any of the phrases occurs; one that ends in `*` matches the
    /// beginning of a word.
    pub(super) fn has(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.one(phrase))
    }

    fn one(&self, phrase: &str) -> bool {
        let (stem, open) = match phrase.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (phrase, false),
        };
        self.0.match_indices(stem).any(|(at, _)| {
            let before = self.0.as_bytes().get(at.wrapping_sub(1)) == Some(&b' ');
            let after = self.0.as_bytes().get(at + stem.len()) == Some(&b' ');
            before && (open || after)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_match_whole_words() {
        let words = Words::of("It’s WAITING, for-support: re-try");
        assert!(words.has(&["its waiting for support"]));
        assert!(words.has(&["wait*"]));
        assert!(!words.has(&["wait"]));
        assert!(!words.has(&["aiting*"]));
    }

    #[test]
    fn texts_are_read_as_people_mean_them() {
        assert!(read("Problem persists after the revert").futile);
        assert!(read("Standby start refused: no restore command").fails);
        assert!(!read("First incremental backup restored").fails);
        assert!(!read("We failed over to the other coast").fails);
        assert!(read("Failover complete with minimal disruption").good);
        assert!(!read("WAL archiving is not complete").good);
        assert!(read("Strange warning posted; nobody knows what it means").lost);
        assert!(read("Revert needs a manual deploy and the permission for it is missing").lacking);
        assert!(read("Error rate drops to normal").good);
        assert!(read("Timeouts have stopped, errors gone").good);
        assert!(!read("Errors go on, failures gone").good);
        assert!(read("Unable to reach the on-call engineer").lacking);
        assert!(read("Still seeing failures, cause not yet known").lost);
        assert!(read("Does not help; old version restored").then_done);
        assert!(!read("Does not help; old version not restored").then_done);
        assert!(!read("Old version restored").then_done);
        assert!(read("After the reinstall logs look good, alert stops").over);
        let work = |text| read(text).work;
        assert_eq!(
            work("Restore still running; nothing else to do but wait"),
            Some(Work::Wait)
        );
        assert_eq!(
            work("Restore the replica from off-site backup"),
            Some(Work::Long)
        );
        assert_eq!(work("CPU is above 100%"), None);
        assert_eq!(work("Threads wait for the carrier"), None);
    }
}

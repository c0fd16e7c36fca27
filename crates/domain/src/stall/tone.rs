//! What a text says beyond its kind, read from its words.
//!
//! People in an incident write notes; they rarely choose the right kind. A few
//! plain phrases tell whether something failed, whether something that takes its
//! time is under way, and whether the room waits or is at a loss. Only English
//! is read. A text that is read wrongly makes the watch look a little earlier or
//! later; it never decides alone, save for a wait (see [`super::wait`]).

mod phrases;

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
    let futile = words.has(phrases::FUTILE);
    let fails = words.has(phrases::FAILS);
    Tone {
        futile,
        fails,
        good: words.has(phrases::GOOD) && !words.has(phrases::NOT_GOOD) && !futile && !fails,
        lost: words.has(phrases::LOST),
        lacking: words.has(phrases::LACKING)
            || (words.has(phrases::RIGHTS) && words.has(phrases::DENIED)),
        again: words.has(phrases::AGAIN),
        over: words.has(phrases::OVER),
        watches: words.has(phrases::WATCHES),
        goes_on: words.has(phrases::GOES_ON),
        work: if words.has(phrases::WATCHES)
            || (words.has(phrases::WAIT) && !words.has(phrases::NO_WAIT))
        {
            Some(Work::Wait)
        } else if words.has(phrases::LONG) {
            Some(Work::Long)
        } else {
            None
        },
    }
}

/// A text as lower-case words, so that phrases match whole words only.
struct Words(String);

impl Words {
    fn of(text: &str) -> Self {
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
        // A failover is no failure.
        for (over, plainly) in [
            (" fail over ", " failover "),
            (" fails over ", " failover "),
            (" failed over ", " failover "),
            (" failing over ", " failover "),
        ] {
            plain = plain.replace(over, plainly);
        }
        Self(plain)
    }

    /// Whether any of the phrases occurs.
    fn has(&self, phrases: &str) -> bool {
        phrases.split(',').any(|phrase| self.one(phrase.trim()))
    }

    fn one(&self, phrase: &str) -> bool {
        let (stem, open) = match phrase.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (phrase, false),
        };
        !stem.is_empty()
            && self.0.match_indices(stem).any(|(at, _)| {
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
        assert!(words.has("no, its waiting for support"));
        assert!(words.has("wait*"));
        assert!(!words.has("wait"));
        assert!(!words.has("aiting*, "));
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

//! What a text says beyond its kind, read from its words.
//!
//! People in an incident write notes; they rarely choose the right kind. A few
//! plain phrases tell whether something failed, whether something that takes its
//! time is under way, and whether the room waits or is at a loss. Only English
//! is read. A text that is read wrongly makes the watch look a little earlier or
//! later; it never decides alone, save for a wait (see [`super::wait`]).

mod lists;

use lists::{
    BACK, BACK_WELL, COMMON, DATA, DENIED, ENDS, FAILS, FUTILE, GOES_ON, GOOD, LACKING, LONG,
    LONG_OF_DATA, LOST, NEGATIONS, NO_WAIT, NOT_GOOD, OUT_OF_REACH, OVER, REASONS, RELIEFS, RIGHTS,
    SHORT, STILL_AT_WORK, TROUBLES, WAIT, WATCHES, WORRIES,
};

/// Letters from which on a word may tell one action from another, and those of it that do.
const TELLING: usize = 3;
const STEM: usize = 6;

/// Words before good news in which a negation turns it.
const NEAR: usize = 3;

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
    /// Something is said not to be, and it is no trouble that is not: of an effect this is
    /// bad news.
    pub negated: bool,
    /// Something fails. Of an action or its effect this is bad news; of evidence
    /// it is only the symptom.
    pub fails: bool,
    /// Something worked, or got better.
    pub good: bool,
    /// Somebody does not understand what happens.
    pub lost: bool,
    /// Something is lacking: access, a person, an answer.
    pub lacking: bool,
    /// Something cannot be reached: lacking when said of what the room needs.
    pub out_of_reach: bool,
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

/// Reads what somebody did or decided: what stands behind “after” or “because” is why,
/// and no effect of it (“failover forced after earlier measures failed”).
#[must_use]
pub fn read_step(text: &str) -> Tone {
    let whole = read(text);
    let did = read_words(&Words::of(text).without_reason());
    Tone {
        futile: did.futile,
        fails: did.fails,
        ..whole
    }
}

/// Reads a text.
#[must_use]
pub fn read(text: &str) -> Tone {
    read_words(&Words::of(text))
}

fn read_words(words: &Words) -> Tone {
    let futile = words.has(FUTILE) || words.goes_on() || words.is_back();
    let fails = words.has(FAILS);
    Tone {
        futile,
        fails,
        negated: words.without(RELIEFS).has(NEGATIONS),
        good: words.affirms(GOOD) && !words.has(NOT_GOOD) && !futile && !fails,
        lost: words.has(LOST),
        lacking: words.has(LACKING) || (words.has(RIGHTS) && words.has(DENIED)),
        out_of_reach: words.has(OUT_OF_REACH),
        over: words.has(OVER),
        watches: words.has(WATCHES),
        goes_on: words.has(GOES_ON),
        work: if words.has(WATCHES) || (words.has(WAIT) && !words.has(NO_WAIT)) {
            Some(Work::Wait)
        } else if takes_hours(words) {
            Some(Work::Long)
        } else {
            None
        },
    }
}

/// Whether what is done takes hours by nature: the restore of a backup does, and what is
/// done “to restore the login” does not.
fn takes_hours(words: &Words) -> bool {
    words.without(SHORT).has(LONG)
        || (words.has(DATA) && (words.has(LONG) || words.has(LONG_OF_DATA)))
}

/// The words by which one action is told from another, each once, without their endings.
#[must_use]
pub fn telling(text: &str) -> Vec<String> {
    let words = Words::of(text);
    let mut telling: Vec<String> = words
        .0
        .split(' ')
        .filter(|word| word.chars().count() >= TELLING && !COMMON.contains(word))
        .map(|word| word.chars().take(STEM).collect())
        .collect();
    telling.sort_unstable();
    telling.dedup();
    telling
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
            (" fail back ", " failback "),
            (" fails back ", " failback "),
            (" failed back ", " failback "),
            (" failing back ", " failback "),
            (" fail forward ", " go forward "),
            (" failing forward ", " going forward "),
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

    /// The same without these phrases.
    fn without(&self, phrases: &[&str]) -> Self {
        let mut rest = self.0.clone();
        for phrase in phrases {
            rest = rest.replace(&format!(" {phrase} "), " ");
        }
        Self(rest)
    }

    /// The same up to the words that begin a reason.
    fn without_reason(&self) -> Self {
        let end = REASONS
            .iter()
            .filter_map(|reason| self.0.find(&format!(" {reason} ")))
            .min();
        let before = end.and_then(|end| self.0.get(..=end));
        Self(before.unwrap_or(&self.0).to_owned())
    }

    /// Whether something is still as it was: “still” before anything but work that goes
    /// on, or health.
    fn goes_on(&self) -> bool {
        let mut words = self.0.split(' ').filter(|word| !word.is_empty());
        let mut still = false;
        words.any(|word| {
            let so = still && !STILL_AT_WORK.contains(&word) && !word.ends_with("ing");
            still = word == "still";
            so
        })
    }

    /// Whether trouble is back: “the errors are back”, “comes back”, but not “launches
    /// are back at 100 percent”.
    fn is_back(&self) -> bool {
        self.has(BACK) && (self.has(TROUBLES) || self.has(FAILS)) && !self.has(BACK_WELL)
    }

    /// Whether any of the phrases occurs without a negation shortly before it: “hardly
    /// any improvement” is none.
    fn affirms(&self, phrases: &[&str]) -> bool {
        let said = self.without(RELIEFS);
        phrases.iter().any(|phrase| {
            said.places(phrase).any(|at| {
                let before = said.0.get(..at).unwrap_or_default();
                let mut near = before.split_whitespace().rev().take(NEAR);
                !near.any(|word| NEGATIONS.contains(&word))
            })
        })
    }

    fn one(&self, phrase: &str) -> bool {
        self.places(phrase).next().is_some()
    }

    /// Where a phrase occurs.
    fn places(&self, phrase: &str) -> impl Iterator<Item = usize> {
        let (stem, open) = match phrase.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (phrase, false),
        };
        self.0.match_indices(stem).filter_map(move |(at, _)| {
            let before = self.0.as_bytes().get(at.wrapping_sub(1)) == Some(&b' ');
            let after = self.0.as_bytes().get(at + stem.len()) == Some(&b' ');
            (before && (open || after)).then_some(at)
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
    fn what_is_still_so_is_trouble_unless_it_is_work_or_health() {
        for futile in [
            "People are still sent to another account",
            "Reverted version still does not appear",
            "The leak is still there",
            "Timeouts are back",
            "The problem came back",
        ] {
            assert!(read(futile).futile, "{futile}");
        }
        for fine in [
            "Still working on it",
            "Replication is still running",
            "Two of three are still healthy",
            "Launch success is back at 100 percent",
            "Traffic returns to normal",
            "The team is back from lunch",
        ] {
            assert!(!read(fine).futile, "{fine}");
        }
    }

    #[test]
    fn a_negation_turns_good_news() {
        for bad in [
            "Hardly any improvement",
            "Volume is not released by that",
            "Deploy turns out not to have reached production",
            "No recovery seen",
        ] {
            let tone = read(bad);
            assert!(tone.negated && !tone.good, "{bad}");
        }
        assert!(read("No longer slow, requests recovered").good);
        assert!(!read("No errors any more, all recovered").negated);
    }

    #[test]
    fn why_something_is_done_is_not_what_it_did() {
        assert!(!read_step("Failover forced after earlier measures failed").fails);
        assert!(!read_step("Queue moved because retries crashed it").fails);
        assert!(read_step("Deploy fails through a bug in the culler").fails);
        assert!(!read_step("Plan: restore backups, then fail back").fails);
    }

    #[test]
    fn data_takes_hours_and_a_service_does_not() {
        let work = |text| read(text).work;
        assert_eq!(work("Restore of the database has begun"), Some(Work::Long));
        assert_eq!(work("Copying the volume"), Some(Work::Long));
        assert_eq!(work("Traffic shifted to restore the login"), None);
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
        assert!(read("Unable to reach the on-call engineer").out_of_reach);
        assert!(read("Still seeing failures, cause not yet known").lost);
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

//! What a text says beyond its kind, read from its words.
//!
//! People in an incident write notes; they rarely choose the right kind. A few
//! plain phrases tell whether something failed, whether something that takes its
//! time is under way, and whether the room waits or is at a loss. Only English
//! is read. A text that is read wrongly makes the watch look a little earlier or
//! later; it never decides alone, save for a wait (see [`super::wait`]).

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
        work: if words.has(WATCHES) || (words.has(WAIT) && !words.has(NO_WAIT)) {
            Some(Work::Wait)
        } else if words.has(LONG) {
            Some(Work::Long)
        } else {
            None
        },
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

const FUTILE: &[&str] = &[
    "persist*",
    "no effect",
    "no improvement",
    "no change",
    "no better",
    "not better",
    "does not help",
    "did not help",
    "doesnt help",
    "didnt help",
    "do not help",
    "not help*",
    "without effect",
    "without success",
    "without result",
    "unsuccessful*",
    "no success",
    "no result",
    "worse*",
    "down again",
    "fails again",
    "fail again",
    "recur*",
    "reappear*",
    "still broken",
    "still down",
    "still there",
    "still slow",
    "still high",
    "still see*",
    "still not",
    "still no",
    "still happening",
    "still going on",
    "still fail*",
    "still error*",
    "still unavailable",
    "still affected",
    "stay high",
    "stays high",
    "remain high",
    "remains high",
    "in spite of",
    "despite",
    "not work*",
    "does not work",
    "did not work",
    "doesnt work",
    "didnt work",
    "not come back",
    "not come up",
    "not recover*",
    "no luck",
    "in vain",
    "not fix*",
    "not solve*",
    "not resolve*",
    "not enough",
    "insufficient",
    "comes back",
    "came back",
    "is back",
    "as before",
    "stuck",
    "nothing changes",
    "nothing changed",
];

const FAILS: &[&str] = &[
    "fail",
    "fails",
    "failed",
    "failing",
    "failure",
    "failures",
    "abort*",
    "refuse*",
    "reject*",
    "crash*",
    "hang",
    "hangs",
    "hung",
    "does not start",
    "do not start",
    "never come",
    "missing",
    "times out",
    "timed out",
    "time out",
    "timeouts",
    "error*",
    "no network",
    "breaks",
    "broken",
    "too slow",
    "slower than",
    "overload*",
    "by mistake",
    "wrong*",
    "deadlock*",
    "out of memory",
];

const GOOD: &[&str] = &[
    "recover*",
    "works",
    "working again",
    "succeed*",
    "success*",
    "restored",
    "complete",
    "completed",
    "done",
    "finished",
    "healthy",
    "back online",
    "online",
    "back up",
    "back to normal",
    "stable",
    "stabil*",
    "improv*",
    "fixed",
    "helped",
    "helps",
    "normal",
    "caught up",
    "resolved",
    "well",
    "good",
    "fine",
    "gone",
    "cleared",
    "falls",
    "fell",
    "drops",
    "dropped",
    "down to",
];

const NOT_GOOD: &[&str] = &[
    "not recover*",
    "not complete*",
    "not restored",
    "not fixed",
    "not stable",
    "unstable",
    "no improvement",
    "not improv*",
    "without success",
    "no success",
    "briefly",
    "for a short time",
    "partly",
    "partial*",
];

const LOST: &[&str] = &[
    "confus*",
    "unclear",
    "not clear",
    "without a clear",
    "nobody knows",
    "no one knows",
    "not known",
    "does not know",
    "do not know",
    "dont know",
    "unsure",
    "not sure",
    "no idea*",
    "no clue",
    "unknown why",
    "cause unknown",
    "cause is unknown",
    "unknown cause",
    "reason unknown",
    "not understood",
    "do not understand",
    "dont understand",
    "puzzl*",
    "mystery",
    "mysterious*",
    "stumped",
    "baffl*",
    "unexplained",
    "cannot explain",
    "cant explain",
    "no obvious",
    "not obvious",
    "no explanation",
    "no sense",
    "out of ideas",
    "inconclusive",
    "nothing found",
    "finds nothing",
    "found nothing",
    "nothing suspicious",
    "nothing unusual",
    "no culprit",
    "cannot find",
    "cant find",
    "cannot reproduce",
    "does not explain",
    "odd",
    "strange*",
    "weird",
];

const LACKING: &[&str] = &[
    "no access",
    "lack* access",
    "without access",
    "locked out",
    "permission* missing",
    "missing permission*",
    "no permission*",
    "cannot reach",
    "cant reach",
    "could not reach",
    "cannot be reached",
    "not reachable",
    "unreachable",
    "cannot log in",
    "cannot login",
    "cant log in",
    "cannot connect",
    "no answer",
    "no reply",
    "no response",
    "nobody answers",
    "nobody responds",
    "does not answer",
    "did not answer",
    "not answer*",
    "not respond*",
    "not online",
    "not reached",
    "waiting for the vendor",
    "waiting for support",
    "waiting on support",
    "waiting on the vendor",
    "waiting for access",
    "waiting for an answer",
    "waiting for a reply",
    "waits for an answer",
    "waits for a reply",
    "waiting for approval",
    "nobody with access",
    "not available",
    "unavailable",
    "credentials missing",
    "asleep",
    "on holiday",
    "on vacation",
    "off duty",
    "offline",
    "no time of recovery",
    "no estimate",
    "no eta",
    "none given",
    "blocked",
    "nobody awake",
    "nobody available",
    "nobody there",
    "nobody on call",
    "nobody takes",
    "nobody else",
];

const RIGHTS: &[&str] = &[
    "access",
    "permission*",
    "rights",
    "credential*",
    "password*",
    "login",
    "log in",
    "sign in",
];

const DENIED: &[&str] = &[
    "missing",
    "denied",
    "lack*",
    "refused",
    "expired",
    "forgotten",
    "nobody",
    "no one",
    "impossible",
    "cannot",
    "cant",
];

const WATCHES: &[&str] = &[
    "keep watching",
    "keeps watching",
    "keep an eye",
    "keep monitoring",
    "continue to monitor",
    "continues to monitor",
    "monitoring continues",
    "monitor overnight",
    "nothing to do but wait",
    "nothing else to do but wait",
    "wait and see",
    "let it run",
    "left to run",
    "left running",
    "under observation",
    "for observation",
];

const GOES_ON: &[&str] = &[
    "running",
    "runs",
    "started",
    "starts",
    "begun",
    "begins",
    "began",
    "under way",
    "underway",
    "in progress",
    "progress",
    "continues",
    "continuing",
    "going on",
    "ongoing",
    "so far",
    "done so far",
    "percent",
    "still",
];

const WAIT: &[&str] = &[
    "wait",
    "waiting",
    "waits",
    "wait for",
    "still running",
    "in progress",
    "under way",
    "underway",
    "ongoing",
    "continues to run",
    "let it run",
    "left to run",
    "left running",
    "observ*",
    "keep an eye",
    "watching",
    "monitoring continues",
    "continue to monitor",
    "continues to monitor",
    "monitor overnight",
    "overnight",
    "will take",
    "takes hours",
    "take hours",
    "estimated",
    "estimate",
    "eta",
    "expected to finish",
    "expected to complete",
];

/// What waits in a system, and not in the room.
const NO_WAIT: &[&str] = &[
    "waiting for the vendor",
    "waiting for support",
    "waiting for access",
    "wait time*",
    "waiting time*",
    "io wait",
    "iowait",
    "thread*",
    "request*",
    "quer*",
    "connection*",
    "lock",
    "locks",
    "client*",
    "worker*",
    "process*",
    "transaction*",
    "call",
    "calls",
    "job",
    "jobs",
    "observed",
    "observes",
];

const LONG: &[&str] = &[
    "restore",
    "restores",
    "restoring",
    "restoration",
    "rebuild*",
    "resync*",
    "re sync*",
    "replicat*",
    "re replicat*",
    "reindex*",
    "replay",
    "replays",
    "replaying",
    "backfill*",
    "back fill*",
    "migrat*",
    "copying",
    "transferring",
    "download",
    "downloads",
    "downloading",
    "importing",
    "snapshot*",
    "vacuum*",
    "fsck",
    "repair",
    "repairing",
    "reprovision*",
    "reprocess*",
    "catching up",
    "catch up",
    "catches up",
    "draining",
    "backlog*",
    "gradual*",
    "step by step",
    "one by one",
    "in batches",
    "rolling restart*",
    "warm up",
    "warming",
    "rebalanc*",
    "propagat*",
];

const AGAIN: &[&str] = &[
    "again and again",
    "repeated*",
    "several times",
    "many times",
    "once more",
    "second attempt",
    "third attempt",
    "second try",
    "third try",
    "another attempt",
    "tried again",
    "tries again",
    "retried",
    "as last time",
];

const OVER: &[&str] = &[
    "believed resolved",
    "believed over",
    "believed fixed",
    "thought to be over",
    "seems over",
    "seems fixed",
    "seems resolved",
    "looks resolved",
    "looks fixed",
    "appears resolved",
    "alert stops",
    "alerts stop",
    "alert clears",
    "alerts clear",
    "alert cleared",
    "alerts cleared",
    "normal work resumes",
    "back to normal",
    "all fine",
    "all well",
    "all clear",
];

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

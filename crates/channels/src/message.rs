//! What is sent.

use rideout_domain::{Timestamp, outbox::Urgency};
use uuid::Uuid;

/// Most characters of a line that any channel is given.
const LINE_MAX: usize = 300;

/// One message to one person, whatever the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Stays the same however often the message is sent, so that the other side
    /// can tell a repetition.
    pub id: Uuid,
    /// When it was written.
    pub at: Timestamp,
    /// What it is about, in a line.
    pub subject: String,
    /// What one needs to know, in at most three lines.
    pub summary: Vec<String>,
    /// More, for channels that have room.
    pub text: Option<String>,
    /// The pages that it stands for, where it stands for several.
    pub pages: Vec<Part>,
    /// Where to read on.
    pub link: Option<String>,
    /// A page with a button that acknowledges.
    pub acknowledge: Option<String>,
    /// A page with a button that escalates.
    pub escalate: Option<String>,
    /// A page with a button that says that the message came through.
    pub confirm: Option<String>,
    /// How much it presses.
    pub urgency: Urgency,
}

/// One page of a message that stands for several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is about, in a line.
    pub subject: String,
    /// Why somebody is called, in a line.
    pub why: String,
    /// Where to read on.
    pub link: String,
    /// A page with a button that acknowledges this one alone.
    pub acknowledge: String,
}

impl Part {
    /// What and why, as one line without control characters.
    pub(crate) fn line(&self) -> String {
        one_line(&format!("{}: {}", self.subject, self.why))
    }

    /// What can be opened: the words of the button and the link.
    pub(crate) fn links(&self) -> [(&'static str, &str); 2] {
        [("Acknowledge", &self.acknowledge), ("Open", &self.link)]
    }
}

/// Most pages of a message that are shown, so that what is sent stays small.
const PARTS_MAX: usize = 20;

impl Message {
    /// The pages that are shown.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.pages.iter().take(PARTS_MAX)
    }

    /// What is said of the pages that are not shown; nothing when all are.
    pub(crate) fn more_parts(&self) -> Option<String> {
        let more = self.pages.len().saturating_sub(PARTS_MAX);
        (more > 0).then(|| format!("… and {more} more."))
    }

    /// What acknowledges: of all pages where there are several.
    const fn acknowledge_words(&self) -> &'static str {
        if self.pages.is_empty() {
            "Acknowledge"
        } else {
            "Acknowledge all"
        }
    }

    /// The subject as one line without control characters.
    pub(crate) fn one_line_subject(&self) -> String {
        one_line(&self.subject)
    }

    /// The lines of the summary, none empty, none with control characters.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.summary
            .iter()
            .take(3)
            .map(|line| one_line(line))
            .filter(|line| !line.is_empty())
    }

    /// What can be opened: the words of the button and the link.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            (self.acknowledge_words(), &self.acknowledge),
            ("Escalate", &self.escalate),
            ("This route works", &self.confirm),
            ("Open", &self.link),
        ]
        .into_iter()
        .filter_map(|(words, link)| link.as_deref().map(|link| (words, link)))
    }
}

/// A text as one line: runs of white space and control characters become a space.
pub(crate) fn one_line(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let words: Vec<&str> = text.split(blank).filter(|word| !word.is_empty()).collect();
    shorten(&words.join(" "), LINE_MAX)
}

/// At most that many characters, the last an ellipsis when something was left out.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
pub(crate) fn example() -> Message {
    Message {
        id: Uuid::from_u128(0x0191_5e0c_0000_7000_8000_0000_0000_002a),
        at: Timestamp(1_276_592_400_000_000),
        subject: "SEV1 Reservations time out".into(),
        summary: vec![
            "Nobody has learnt anything for 15 minutes.".into(),
            "Ana leads; “threads wait for the carrier” is being tested.".into(),
            "You are asked because you know the load balancer.".into(),
        ],
        text: Some("Blocked: the admin interface <of the instances> cannot be reached.".into()),
        pages: Vec::new(),
        link: Some("https://rideout.example.org/incidents/1/catch-up".into()),
        acknowledge: Some("https://rideout.example.org/page/a?x=1&y=2".into()),
        escalate: Some("https://rideout.example.org/page/e".into()),
        confirm: None,
        urgency: Urgency::High,
    }
}

/// A message for that many pages.
#[cfg(test)]
pub(crate) fn bundle(pages: usize) -> Message {
    let part = |n| Part {
        subject: format!("SEV2 INC-{n} <b>Checkout</b> fails"),
        why: "Nobody answers.\r\nBcc: x".into(),
        link: format!("https://rideout.example.org/incidents/{n}/catch-up"),
        acknowledge: format!("https://rideout.example.org/page/a{n}?x=1&y=2"),
    };
    Message {
        subject: format!("{pages} pages wait for you"),
        summary: vec!["So much happens at once that the pages come together.".into()],
        text: None,
        pages: (1..=pages).map(part).collect(),
        escalate: None,
        ..example()
    }
}

#[cfg(test)]
mod tests {
    use super::{one_line, shorten};

    #[test]
    fn one_line_has_no_line_ends() {
        assert_eq!(
            one_line(" a\r\nBcc: x\u{0}\u{85}b\u{2028}c "),
            "a Bcc: x b c"
        );
        assert_eq!(one_line(&"x".repeat(400)).chars().count(), 300);
    }

    #[test]
    fn a_short_text_stays_and_a_long_one_says_that_it_goes_on() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüx", 3), "äö…");
    }
}

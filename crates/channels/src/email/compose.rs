//! A message as an e-mail: plain text, and the same as simple HTML.

use crate::message::{Message, one_line};
use lettre::{
    Address, Message as Mail,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use rideout_domain::outbox::Urgency;
use std::{
    fmt::Write as _,
    time::{Duration, UNIX_EPOCH},
};

/// The mail to one address. Its identifier and date are those of the message,
/// so that a repetition is the same mail to every mail program.
pub(super) fn mail(
    from: &Mailbox,
    to: Address,
    message: &Message,
) -> Result<Mail, lettre::error::Error> {
    let seconds = u64::try_from(message.at.0.div_euclid(1_000_000)).unwrap_or(0);
    let mut builder = Mail::builder()
        .message_id(Some(format!("<{}@{}>", message.id, from.email.domain())))
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject(message))
        // RFC 3834, and what Exchange asks for: no answers from machines.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"));
    if message.urgency == Urgency::High {
        builder = builder
            .raw_header(header("Importance", "high"))
            .raw_header(header("X-Priority", "1"));
    }
    builder.multipart(
        MultiPart::alternative()
            // Cannot stand in a body: both parts are encoded, or have no such line.
            .boundary(format!("=_{}", message.id.simple()))
            .singlepart(SinglePart::plain(plain(message)))
            .singlepart(SinglePart::html(html(message))),
    )
}

/// What looks like an encoded word (RFC 2047) is taken apart, or a mail program would
/// show what it stands for and not what somebody wrote.
fn subject(message: &Message) -> String {
    message.one_line_subject().replace("=?", "= ?")
}

/// Both texts are constants.
fn header(name: &'static str, value: &'static str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

const FOOT: &str = "Sent by Rideout. Answers to this address are not read.";

fn plain(message: &Message) -> String {
    let mut out = String::new();
    for line in message.lines() {
        let _ = writeln!(out, "{line}");
    }
    if let Some(text) = &message.text {
        let _ = write!(out, "\n{}\n", text.trim_end());
    }
    for part in message.parts() {
        let _ = writeln!(out, "\n{}", part.line());
        for (words, link) in part.links() {
            let _ = writeln!(out, "  {words}: {}", one_line(link));
        }
    }
    if let Some(more) = message.more_parts() {
        let _ = writeln!(out, "\n{more}");
    }
    let _ = writeln!(out);
    for (words, link) in message.links() {
        let _ = writeln!(out, "{words}: {}", one_line(link));
    }
    let _ = write!(out, "\n-- \n{FOOT}\n");
    out
}

/// No style, no picture: it must look right everywhere, and be quick to read aloud.
fn html(message: &Message) -> String {
    let mut out = String::from("<!doctype html>\n<html><body>\n");
    let _ = writeln!(out, "<h1>{}</h1>", escape(&message.one_line_subject()));
    for line in message.lines() {
        let _ = writeln!(out, "<p>{}</p>", escape(&line));
    }
    if let Some(text) = &message.text {
        for paragraph in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
            let lines = escape(paragraph.trim()).replace('\n', "<br>\n");
            let _ = writeln!(out, "<p>{lines}</p>");
        }
    }
    for part in message.parts() {
        let [acknowledge, open] = part
            .links()
            .map(|(words, link)| format!("<a href=\"{}\">{words}</a>", escape(&one_line(link))));
        let line = escape(&part.line());
        let _ = writeln!(out, "<p>{line}<br>\n{acknowledge} · {open}</p>");
    }
    if let Some(more) = message.more_parts() {
        let _ = writeln!(out, "<p>{more}</p>");
    }
    for (words, link) in message.links() {
        let _ = writeln!(
            out,
            "<p><a href=\"{}\"><b>{words}</b></a></p>",
            escape(&one_line(link))
        );
    }
    let _ = writeln!(out, "<hr>\n<p><small>{FOOT}</small></p>\n</body></html>");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::example;
    use proptest::prelude::*;

    fn written(message: &Message) -> String {
        let from = "Rideout <rideout@example.org>".parse().unwrap();
        let mail = mail(&from, "ana@example.org".parse().unwrap(), message).unwrap();
        String::from_utf8(mail.formatted()).unwrap()
    }

    /// The lines of the head, unfolded.
    fn head(mail: &str) -> Vec<String> {
        let head = mail.split("\r\n\r\n").next().unwrap();
        head.replace("\r\n ", " ")
            .split("\r\n")
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_head_says_who_what_when_and_that_a_machine_wrote_it() {
        let mail = written(&example());
        let head = head(&mail);
        for line in [
            "Message-ID: <01915e0c-0000-7000-8000-00000000002a@example.org>",
            "Date: Tue, 15 Jun 2010 09:00:00 +0000",
            "From: Rideout <rideout@example.org>",
            "To: ana@example.org",
            "Subject: SEV1 Reservations time out",
            "Auto-Submitted: auto-generated",
            "Importance: high",
            "MIME-Version: 1.0",
        ] {
            assert!(head.iter().any(|found| found == line), "{line}\n{head:#?}");
        }
        assert_eq!(written(&example()), mail, "a repetition is the same mail");
    }

    #[test]
    fn an_encoded_word_in_a_title_stays_what_was_written() {
        let message = Message {
            subject: "=?utf-8?q?All_clear?= =?us-ascii?b?QWxs?=".into(),
            ..example()
        };
        let mail = written(&message);
        assert!(!mail.contains("=?"), "{mail}");
    }

    #[test]
    fn every_page_of_a_bundle_has_its_own_links() {
        let message = crate::message::bundle(22);
        let text = plain(&message);
        assert!(text.contains(
            "\nSEV2 INC-1 <b>Checkout</b> fails: Nobody answers. Bcc: x\n  Acknowledge: https://rideout.example.org/page/a1?x=1&y=2\n  Open: https://rideout.example.org/incidents/1/catch-up\n"
        ), "{text}");
        assert!(text.contains("INC-20 ") && !text.contains("INC-21 "));
        assert!(text.contains("\n… and 2 more.\n"));
        assert!(text.contains("\nAcknowledge all: https://rideout.example.org/page/a?x=1&y=2\n"));
        let html = html(&message);
        assert!(html.contains("INC-20 &lt;b&gt;Checkout") && !html.contains("<b>Checkout"));
        assert!(html.contains("<a href=\"https://rideout.example.org/page/a1?x=1&amp;y=2\">Acknowledge</a> · <a href=\"https://rideout.example.org/incidents/1/catch-up\">Open</a>"));
    }

    #[test]
    fn html_is_escaped() {
        let message = Message {
            subject: "<script>alert('x')</script> & \"y\"".into(),
            text: Some("<img src=x>\nsecond\n\nthird".into()),
            ..example()
        };
        let html = html(&message);
        assert!(!html.contains("<script") && !html.contains("<img"));
        assert!(html.contains("<p>&lt;img src=x&gt;<br>\nsecond</p>\n<p>third</p>"));
        assert!(html.contains("href=\"https://rideout.example.org/page/a?x=1&amp;y=2\""));
    }

    #[test]
    fn the_plain_text_has_the_lines_and_the_links() {
        let text = plain(&example());
        assert!(text.starts_with("Nobody has learnt anything for 15 minutes.\nAna leads;"));
        assert!(
            text.contains("\nAcknowledge: https://rideout.example.org/page/a?x=1&y=2\nEscalate: ")
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_a_header(subject in "(?s).{0,60}", line in "(?s).{0,60}", link in "(?s).{0,40}") {
            let usual = head(&written(&example())).len();
            let message = Message {
                subject: format!("{subject}\r\nBcc: evil@example.net\r\n\r\nbody"),
                summary: vec![format!("{line}\r\n.\r\nMAIL FROM:<x@y>")],
                link: Some(format!("{link}\r\nBcc: evil@example.net")),
                ..example()
            };
            let mail = written(&message);
            let head = head(&mail);
            prop_assert_eq!(head.len(), usual);
            prop_assert!(!head.iter().any(|line| line.starts_with("Bcc")));
            prop_assert!(mail.is_ascii());
            prop_assert!(mail.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
        }
    }
}

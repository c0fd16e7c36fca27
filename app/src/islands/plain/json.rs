//! An entry as the API takes it.
//!
//! Written out by hand: what serde makes of all kinds of entries, those that
//! only Rideout writes among them, is a tenth of what a browser would load.

use rideout_domain::{EntryBody, NewEntry};
use std::fmt::Write as _;

/// The JSON of an entry that a client may write; none for any other.
#[must_use]
pub fn of(entry: &NewEntry) -> Option<String> {
    let mut json = Object(String::new());
    json.text("id", &entry.id.to_string());
    json.text("kind", entry.body.kind().word());
    json.text("text", &entry.text);
    if let Some(at) = entry.occurred_at {
        json.text("occurred_at", &at.rfc3339());
    }
    match &entry.body {
        EntryBody::Note | EntryBody::Finding | EntryBody::Hypothesis | EntryBody::Action => {}
        EntryBody::HypothesisStatus { hypothesis, to } => {
            json.text("hypothesis", &hypothesis.to_string());
            json.text("to", to.word());
        }
        EntryBody::Evidence {
            link,
            attachment,
            hypothesis,
            stance,
        } => {
            if let Some(link) = link {
                json.text("link", link);
            }
            if let Some(file) = attachment {
                json.value("attachment", &format!("{{\"id\":\"{}\"}}", file.id));
            }
            if let Some(hypothesis) = hypothesis {
                json.text("hypothesis", &hypothesis.to_string());
            }
            json.text("stance", stance.word());
        }
        EntryBody::Decision { alternatives } => json.list("alternatives", alternatives),
        EntryBody::ActionEffect { action, effect } => {
            json.text("action", &action.to_string());
            json.text("effect", effect.word());
        }
        EntryBody::Task { owner, minutes } => {
            json.text("owner", &owner.to_string());
            json.minutes("minutes", Some(*minutes));
        }
        EntryBody::TaskDone { task } => json.text("task", &task.to_string()),
        EntryBody::Breakout { people, minutes } => {
            let people: Vec<String> = people.iter().map(ToString::to_string).collect();
            json.list("people", &people);
            json.minutes("minutes", Some(*minutes));
        }
        EntryBody::BreakoutEnded { breakout } => json.text("breakout", &breakout.to_string()),
        EntryBody::Blocker {
            waiting_on,
            minutes,
        } => {
            json.text("waiting_on", waiting_on);
            json.minutes("minutes", *minutes);
        }
        EntryBody::BlockerLifted { blocker } => json.text("blocker", &blocker.to_string()),
        EntryBody::StakeholderUpdate { next_minutes } => {
            json.minutes("next_minutes", *next_minutes)
        }
        EntryBody::Status { from: _, to } => json.text("to", to.word()),
        EntryBody::Severity { from: _, to } => json.text("to", to.word()),
        EntryBody::RoleTaken {
            role,
            user,
            from: _,
        }
        | EntryBody::RoleReleased { role, user } => {
            json.text("role", role.word());
            json.text("user", &user.to_string());
        }
        EntryBody::Wait { minutes } => json.minutes("minutes", Some(*minutes)),
        EntryBody::WaitEnded { wait } => json.text("wait", &wait.to_string()),
        EntryBody::Asked { whom, minutes } => {
            json.text("whom", whom);
            json.minutes("minutes", *minutes);
        }
        EntryBody::Replied { asked } => json.text("asked", &asked.to_string()),
        EntryBody::Alert { name, firing, link } => {
            json.text("name", name);
            json.value("firing", if *firing { "true" } else { "false" });
            if let Some(link) = link {
                json.text("link", link);
            }
        }
        _ => return None,
    }
    Some(json.0 + "}")
}

/// An object that is being written.
struct Object(String);

impl Object {
    fn value(&mut self, name: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.value(name, &quoted(text));
    }

    fn minutes(&mut self, name: &str, minutes: Option<u32>) {
        if let Some(minutes) = minutes {
            self.value(name, &minutes.to_string());
        }
    }

    fn list(&mut self, name: &str, texts: &[String]) {
        let all: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        self.value(name, &format!("[{}]", all.join(",")));
    }
}

/// A JSON string (RFC 8259 §7).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing to a string cannot fail.
            '\0'..'\u{20}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use rideout_domain::{
        EntryBody, EntryKind, HypothesisStatus, IncidentRole, NewEntry, Severity, Stance, Status,
        entry::{Attachment, Effect},
    };

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
        ID.parse().unwrap()
    }

    /// One of each kind that clients write, and more of those that leave things out.
    fn bodies() -> Vec<EntryBody> {
        let file = Attachment {
            id: id(),
            name: String::new(),
            size: 0,
            content_type: String::new(),
        };
        vec![
            EntryBody::Note,
            EntryBody::Finding,
            EntryBody::Hypothesis,
            EntryBody::HypothesisStatus {
                hypothesis: id(),
                to: HypothesisStatus::Refuted,
            },
            EntryBody::Evidence {
                link: Some("https://example.org/?a={b}".to_owned()),
                attachment: Some(file),
                hypothesis: Some(id()),
                stance: Stance::Against,
            },
            EntryBody::Evidence {
                link: None,
                attachment: None,
                hypothesis: None,
                stance: Stance::Neutral,
            },
            EntryBody::Decision {
                alternatives: vec!["“wait”".to_owned(), "a\\b\"}".to_owned()],
            },
            EntryBody::Action,
            EntryBody::ActionEffect {
                action: id(),
                effect: Effect::Worse,
            },
            EntryBody::Task {
                owner: id(),
                minutes: 10,
            },
            EntryBody::TaskDone { task: id() },
            EntryBody::Breakout {
                people: vec![id(), id()],
                minutes: 15,
            },
            EntryBody::BreakoutEnded { breakout: id() },
            EntryBody::Blocker {
                waiting_on: "the admin interface".to_owned(),
                minutes: Some(30),
            },
            EntryBody::Blocker {
                waiting_on: String::new(),
                minutes: None,
            },
            EntryBody::BlockerLifted { blocker: id() },
            EntryBody::StakeholderUpdate {
                next_minutes: Some(30),
            },
            EntryBody::Status {
                from: None,
                to: Status::Mitigated,
            },
            EntryBody::Severity {
                from: None,
                to: Severity::Sev1,
            },
            EntryBody::RoleTaken {
                role: IncidentRole::Commander,
                user: id(),
                from: None,
            },
            EntryBody::RoleReleased {
                role: IncidentRole::Scribe,
                user: id(),
            },
            EntryBody::Wait { minutes: 60 },
            EntryBody::WaitEnded { wait: id() },
            EntryBody::Asked {
                whom: "carrier".to_owned(),
                minutes: Some(15),
            },
            EntryBody::Replied { asked: id() },
            EntryBody::Alert {
                name: "latency{pool=\"a\"}".to_owned(),
                firing: true,
                link: None,
            },
        ]
    }

    #[test]
    fn the_api_reads_what_was_meant() {
        for body in bodies() {
            for occurred_at in [None, "2010-06-15T09:04:22.25Z".parse().ok()] {
                let entry = NewEntry {
                    id: id(),
                    body: body.clone(),
                    text: "line\nline\t\u{1f} \"quoted\" \\ “é” 🌊".to_owned(),
                    occurred_at,
                };
                let json = super::of(&entry).unwrap();
                let read: NewEntry = serde_json::from_str(&json).unwrap();
                assert_eq!(read, entry, "{json}");
            }
        }
    }

    #[test]
    fn every_kind_that_clients_write_is_known() {
        for kind in EntryKind::ALL {
            let known = bodies().iter().any(|body| body.kind() == *kind);
            assert_eq!(known, kind.is_written_by_clients(), "{kind}");
        }
    }
}

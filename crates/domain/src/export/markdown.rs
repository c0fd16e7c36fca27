//! The exported incident as Markdown.

use super::{
    FORMAT,
    quote::{block, inline, short, yaml},
};
use crate::{
    Entry, EntryBody, EntryId, HypothesisStatus, Room, Timestamp, UserId, duration, entry::Change,
    room::Board,
};
use std::fmt::Write;

pub(super) fn write(room: &Room, board: &Board) -> String {
    let mut page = Page {
        room,
        out: String::new(),
    };
    page.front_matter(board);
    page.heading(board);
    page.hypotheses(board);
    page.decisions();
    page.actions(board);
    page.work(board);
    page.updates();
    page.timeline();
    page.out
}

struct Page<'a> {
    room: &'a Room,
    out: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn title(&mut self, title: &str) {
        let _ = write!(self.out, "\n## {title}\n\n");
    }

    fn person(&self, id: UserId) -> String {
        inline(self.room.name(id))
    }

    fn people(&self, ids: &[UserId]) -> String {
        ids.iter()
            .map(|id| self.person(*id))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Where in the timeline an entry stands, as a link.
    fn place(&self, id: EntryId) -> String {
        self.room
            .entry(id)
            .map_or_else(String::new, |e| format!("[#{0}](#e-{0})", e.seq))
    }

    fn front_matter(&mut self, board: &Board) {
        let incident = &self.room.incident;
        let name = |id: Option<UserId>| yaml(id.map_or("", |id| self.room.name(id)));
        let time = |at: Option<Timestamp>| at.map_or_else(|| "null".to_owned(), |t| t.rfc3339());
        let services: Vec<String> = incident.services.iter().map(|s| yaml(s)).collect();
        let facts = [
            ("format", FORMAT.to_owned()),
            ("id", incident.id.to_string()),
            ("reference", incident.reference()),
            ("title", yaml(&incident.title)),
            ("severity", incident.severity.word().to_owned()),
            ("status", incident.status.word().to_owned()),
            ("services", format!("[{}]", services.join(", "))),
            ("restricted", incident.restricted.to_string()),
            ("started_at", incident.started_at.rfc3339()),
            ("declared_at", incident.declared_at.rfc3339()),
            ("declared_by", name(Some(incident.declared_by))),
            ("mitigated_at", time(board.mitigated_at)),
            ("resolved_at", time(incident.resolved_at)),
            ("commander", name(board.commander())),
            ("entries", self.room.entries.len().to_string()),
        ];
        let mut out = String::from("---\n");
        for (key, value) in facts {
            let _ = writeln!(out, "{key}: {value}");
        }
        out.push_str("---\n\n");
        self.out = out;
    }

    fn heading(&mut self, board: &Board) {
        let incident = &self.room.incident;
        let mut first = format!(
            "{}, {}. Began {} UTC, declared {} UTC by {}",
            incident.severity.title(),
            incident.status.title().to_lowercase(),
            incident.started_at.minute_utc(),
            incident.declared_at.minute_utc(),
            self.person(incident.declared_by),
        );
        if let Some(end) = incident.resolved_at {
            let minutes = end.seconds_since(incident.started_at).max(0) / 60;
            let took = duration::minutes_in_words(u32::try_from(minutes).unwrap_or(u32::MAX));
            let _ = write!(first, ", resolved {} UTC after {took}", end.minute_utc());
        }
        let _ = write!(
            self.out,
            "# {}: {}\n\n{first}.\n",
            incident.reference(),
            inline(&incident.title)
        );
        if !incident.services.is_empty() {
            let services: Vec<String> = incident.services.iter().map(|s| inline(s)).collect();
            let _ = write!(self.out, "\nAffected: {}.\n", services.join(", "));
        }
        if !incident.description.trim().is_empty() {
            self.out.push('\n');
            block(&incident.description, &mut self.out);
        }
        let roles: Vec<String> = board
            .roles
            .iter()
            .filter(|(_, who)| !who.is_empty())
            .map(|(role, who)| format!("- {}: {}\n", role.title(), self.people(who)))
            .collect();
        if !roles.is_empty() {
            self.title("Who led");
            self.out.push_str(&roles.concat());
        }
    }

    fn hypotheses(&mut self, board: &Board) {
        if board.hypotheses.is_empty() {
            return;
        }
        self.title("What we thought");
        for status in [
            HypothesisStatus::Supported,
            HypothesisStatus::Testing,
            HypothesisStatus::Proposed,
            HypothesisStatus::Refuted,
        ] {
            for h in board.hypotheses.iter().filter(|h| h.status == status) {
                let mut line = format!(
                    "- **{}**: {} ({})",
                    status.title(),
                    short(&h.text),
                    self.place(h.id)
                );
                if !h.reason.trim().is_empty() {
                    let _ = write!(line, ". {}", short(&h.reason));
                }
                self.line(&line);
                for (id, stance) in &h.evidence {
                    let said = self.room.entry(*id).map_or_else(String::new, evidence_text);
                    let line = format!("  - {}: {said} ({})", stance.title(), self.place(*id));
                    self.line(&line);
                }
            }
        }
    }

    fn decisions(&mut self) {
        let decisions: Vec<&Entry> = self
            .room
            .entries
            .iter()
            .map(AsRef::as_ref)
            .filter(|e: &&Entry| matches!(e.body, EntryBody::Decision { .. }))
            .collect();
        if decisions.is_empty() {
            return;
        }
        self.title("What was decided");
        for entry in decisions {
            let line = format!(
                "- {} UTC, {}: {} ({})",
                entry.occurred_at.minute_utc(),
                inline(self.room.author(entry)),
                said(entry),
                self.place(entry.id)
            );
            self.line(&line);
            if let EntryBody::Decision { alternatives } = &entry.body {
                for one in alternatives {
                    let line = format!("  - considered: {}", short(one));
                    self.line(&line);
                }
            }
        }
    }

    fn actions(&mut self, board: &Board) {
        if board.actions.is_empty() {
            return;
        }
        self.title("What was done");
        for action in &board.actions {
            let entry = self.room.entry(action.id);
            let at = entry.map_or_else(String::new, |e| e.occurred_at.minute_utc());
            let who = entry.map_or_else(String::new, |e| inline(self.room.author(e)));
            let effect = action.effect.map_or("effect not reported", |e| e.title());
            let said = entry.map_or_else(String::new, said);
            let line = format!(
                "- {at} UTC, {who}: {said}: **{effect}** ({})",
                self.place(action.id)
            );
            self.line(&line);
        }
    }

    fn work(&mut self, board: &Board) {
        let mut lines = Vec::new();
        let ended = |word: &str, closed: &Option<(Timestamp, String)>, open: &str| match closed {
            None => open.to_owned(),
            Some((at, text)) if text.trim().is_empty() => format!("{word} {}", at.minute_utc()),
            Some((at, text)) => format!("{word} {}: {}", at.minute_utc(), short(text)),
        };
        for t in &board.tasks {
            lines.push(format!(
                "- Task, {}: {} ({}); {}",
                self.person(t.owner),
                short(&t.text),
                self.place(t.id),
                ended("done", &t.done, "not done")
            ));
        }
        for b in &board.breakouts {
            lines.push(format!(
                "- Breakout, {}: {} ({}); {}",
                self.people(&b.people),
                short(&b.question),
                self.place(b.id),
                ended("ended", &b.ended, "still going on")
            ));
        }
        for b in &board.blockers {
            let on = match b.waiting_on.as_str() {
                "" => String::new(),
                whom => format!(", waiting on {}", inline(whom)),
            };
            lines.push(format!(
                "- Blocked{on}: {} ({}); {}",
                short(&b.text),
                self.place(b.id),
                ended("lifted", &b.lifted, "not lifted")
            ));
        }
        if !lines.is_empty() {
            self.title("Tasks, breakouts and blockers");
            self.line(&lines.join("\n"));
        }
    }

    fn updates(&mut self) {
        let updates: Vec<&Entry> = self
            .room
            .entries
            .iter()
            .map(AsRef::as_ref)
            .filter(|e: &&Entry| matches!(e.body, EntryBody::StakeholderUpdate { .. }))
            .collect();
        if updates.is_empty() {
            return;
        }
        self.title("What stakeholders were told");
        for entry in updates {
            let line = format!(
                "- {} UTC, {}: {} ({})",
                entry.occurred_at.minute_utc(),
                inline(self.room.author(entry)),
                said(entry),
                self.place(entry.id)
            );
            self.line(&line);
        }
    }

    fn timeline(&mut self) {
        self.title("Timeline");
        self.line("Times are UTC. Each entry says when it happened and when it was recorded.");
        let room = self.room;
        for entry in room.in_order() {
            let _ = write!(
                self.out,
                "\n<a id=\"e-{0}\"></a>\n\n### {1} {2}: {3}\n\n#{0} · happened {4} · recorded {5}",
                entry.seq,
                entry.occurred_at.minute_utc(),
                inline(room.author(entry)),
                entry.kind().title(),
                entry.occurred_at,
                entry.recorded_at,
            );
            if entry.is_edited() {
                let _ = write!(self.out, " · edited, revision {}", entry.revision);
            }
            if let Some(at) = entry.redacted_at {
                let _ = write!(self.out, " · redacted {at}");
            }
            if entry.pinned_at.is_some() {
                self.out.push_str(" · pinned");
            }
            self.out.push('\n');
            let details = self.details(entry);
            if !details.is_empty() {
                let _ = writeln!(self.out, "\n- {}", details.join("\n- "));
            }
            if entry.redacted_at.is_some() {
                self.out.push_str("\n*The text was redacted.*\n");
            } else if !entry.text.is_empty() {
                self.out.push('\n');
                block(&entry.text, &mut self.out);
            }
        }
    }

    /// What an entry says beyond its text, a line each.
    fn details(&self, entry: &Entry) -> Vec<String> {
        let minutes = |m: u32| duration::minutes_in_words(m);
        let about = |what: &str, id: EntryId| {
            let text = self.room.entry(id).map_or_else(String::new, said);
            format!("{what}: {text} ({})", self.place(id))
        };
        match &entry.body {
            EntryBody::HypothesisStatus { hypothesis, to } => {
                vec![
                    about("Hypothesis", *hypothesis),
                    format!("Now: {}", to.title()),
                ]
            }
            EntryBody::Evidence {
                link,
                attachment,
                hypothesis,
                stance,
            } => {
                let mut lines = Vec::new();
                if let Some(id) = hypothesis {
                    lines.push(about(&format!("Speaks {}", stance.title()), *id));
                }
                if let Some(link) = link {
                    lines.push(format!("Link: {}", inline(link)));
                }
                if let Some(file) = attachment {
                    let name = inline(&file.name);
                    lines.push(format!("File: {name}, {} bytes, {}", file.size, file.id));
                }
                lines
            }
            EntryBody::Decision { alternatives } => alternatives
                .iter()
                .map(|a| format!("Considered: {}", inline(a)))
                .collect(),
            EntryBody::ActionEffect { action, effect } => {
                vec![
                    about("Action", *action),
                    format!("Effect: {}", effect.title()),
                ]
            }
            EntryBody::Task { owner, minutes: m } => {
                vec![
                    format!("Owner: {}", self.person(*owner)),
                    format!("Time box: {}", minutes(*m)),
                ]
            }
            EntryBody::TaskDone { task } => vec![about("Task", *task)],
            EntryBody::Breakout { people, minutes: m } => {
                vec![
                    format!("People: {}", self.people(people)),
                    format!("Timer: {}", minutes(*m)),
                ]
            }
            EntryBody::BreakoutEnded { breakout } => vec![about("Breakout", *breakout)],
            EntryBody::Blocker {
                waiting_on,
                minutes: m,
            } => {
                let mut lines = Vec::new();
                if !waiting_on.is_empty() {
                    lines.push(format!("Waiting on: {}", inline(waiting_on)));
                }
                lines.extend(m.map(|m| format!("Ready to wait: {}", minutes(m))));
                lines
            }
            EntryBody::BlockerLifted { blocker } => vec![about("Blocker", *blocker)],
            EntryBody::Wait { minutes: m } => vec![format!("Waiting for: {}", minutes(*m))],
            EntryBody::WaitEnded { wait } => vec![about("Wait", *wait)],
            EntryBody::Asked { whom, minutes: m } => {
                let mut lines = vec![format!("Asked: {}", inline(whom))];
                lines.extend(m.map(|m| format!("They promise to respond in {}", minutes(m))));
                lines
            }
            EntryBody::Replied { asked } => vec![about("Question", *asked)],
            EntryBody::Alert { name, firing, link } => {
                let state = if *firing { "fires" } else { "no longer fires" };
                let mut lines = vec![format!("{}: {state}", inline(name))];
                lines.extend(link.iter().map(|l| format!("Link: {}", inline(l))));
                lines
            }
            EntryBody::Prompt {
                to,
                people,
                level,
                signals,
                answer_by,
                call,
            } => {
                let whom = if people.is_empty() {
                    to.title().to_owned()
                } else {
                    format!("{}: {}", to.title(), self.people(people))
                };
                let mut lines = vec![
                    format!("To {whom}"),
                    format!("Stall level: {level}"),
                    format!("Answer by: {}", answer_by.minute_utc()),
                ];
                lines.extend(signals.iter().map(|s| inline(&s.why)));
                lines.extend(call.iter().map(|c| {
                    let (name, reason) = (inline(&c.name), inline(&c.reason));
                    format!("To call: {name} ({reason})")
                }));
                lines
            }
            EntryBody::PromptWithdrawn { prompt } => {
                vec![format!("Prompt: {}", self.place(*prompt))]
            }
            EntryBody::Answer {
                prompt,
                answer,
                minutes: m,
            } => {
                let mut lines = vec![
                    format!("Prompt: {}", self.place(*prompt)),
                    format!("Answer: {}", answer.title()),
                ];
                lines.extend(m.map(|m| format!("Look again in {}", minutes(m))));
                lines
            }
            EntryBody::Escalation { step, level, .. } => {
                vec![format!("Escalation {}, level {level}", step.title())]
            }
            EntryBody::Paged { user, level, .. } => {
                let mut lines = vec![format!("Paged: {}", self.person(*user))];
                lines.extend(level.map(|l| format!("Level: {l}")));
                lines
            }
            EntryBody::PageAcknowledged { user, .. } => {
                vec![format!("Acknowledged by {}", self.person(*user))]
            }
            EntryBody::PageFailed { user, .. } => {
                vec![format!("Did not reach {}", self.person(*user))]
            }
            EntryBody::StakeholderUpdate { next_minutes } => next_minutes
                .iter()
                .map(|m| format!("Next update in {}", minutes(*m)))
                .collect(),
            EntryBody::Status { from, to } => vec![change(from.map(|f| f.title()), to.title())],
            EntryBody::Severity { from, to } => vec![change(from.map(|f| f.title()), to.title())],
            EntryBody::RoleTaken { role, user, from } => {
                let mut lines = vec![format!("{}: {}", role.title(), self.person(*user))];
                lines.extend(from.map(|f| format!("Handed over by {}", self.person(f))));
                lines
            }
            EntryBody::RoleReleased { role, user } => {
                vec![format!(
                    "{} given back by {}",
                    role.title(),
                    self.person(*user)
                )]
            }
            EntryBody::Declared { severity } => vec![format!("Severity: {}", severity.title())],
            EntryBody::AccessGranted { user } => {
                vec![format!("May see it now: {}", self.person(*user))]
            }
            EntryBody::Changed { entry, change } => {
                let what = match change {
                    Change::Edited => "Edited",
                    Change::Redacted => "Redacted",
                    Change::Pinned => "Pinned",
                    Change::Unpinned => "Unpinned",
                };
                vec![format!("{what}: {}", self.place(*entry))]
            }
            EntryBody::Note
            | EntryBody::Finding
            | EntryBody::Hypothesis
            | EntryBody::Action
            | EntryBody::Details
            | EntryBody::Joined
            | EntryBody::Left => Vec::new(),
        }
    }
}

fn change(from: Option<&str>, to: &str) -> String {
    from.map_or_else(|| format!("Now: {to}"), |from| format!("{from} → {to}"))
}

/// What an entry says, in one line.
fn said(entry: &Entry) -> String {
    if entry.redacted_at.is_some() {
        "(redacted)".to_owned()
    } else {
        short(&entry.text)
    }
}

fn evidence_text(entry: &Entry) -> String {
    match &entry.body {
        EntryBody::Evidence {
            link, attachment, ..
        } if entry.text.trim().is_empty() && entry.redacted_at.is_none() => {
            let file = attachment.as_ref().map(|a| a.name.as_str());
            inline(link.as_deref().or(file).unwrap_or_default())
        }
        _ => said(entry),
    }
}

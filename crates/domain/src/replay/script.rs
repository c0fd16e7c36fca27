//! What is played: an incident and its entries, however they were written down.

use super::timeline::{self, Head, Kind, NotATimeline, Span, Timeline};
use crate::{
    Effect, Entry, EntryBody, EntryId, EntryKind, HypothesisStatus, Incident, IncidentId,
    IncidentRole, Severity, Stance, Status, Timestamp, UserId,
    export::{FORMAT, IncidentExport},
    stall::{Lead, tone},
};
use uuid::Uuid;

/// From how many seconds between its beginning and its first record an incident
/// counts as written down afterwards.
const AFTERWARDS: i64 = 3_600;

/// An incident to play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Identifier, as the file gives it.
    pub id: String,
    /// What was wrong.
    pub title: String,
    /// The incident as it was when it was declared.
    pub incident: Incident,
    /// Every entry, by sequence.
    pub entries: Vec<Entry>,
    /// Spans in which the responders were stuck, where that is known.
    pub spans: Vec<Span>,
    /// Whether the record says who leads.
    pub lead: Lead,
}

/// A file that cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReplayable {
    /// No timeline.
    #[error(transparent)]
    Timeline(#[from] NotATimeline),
    /// An export that cannot be read.
    #[error("the exported incident cannot be read: {0}")]
    Export(String),
    /// An export of another format.
    #[error("the format “{0}” is not known; this version reads {FORMAT}")]
    Format(String),
}

/// Reads a public timeline or an exported incident.
///
/// # Errors
/// [`NotReplayable`] says which line or part will not do.
pub fn read(text: &str) -> Result<Script, NotReplayable> {
    if text.len() > timeline::BYTES_MAX {
        return Err(NotATimeline::TooLarge(text.len()).into());
    }
    // An export is one JSON object; the lines of a timeline together are none.
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) if value.get("format").is_some() => from_export(value),
        _ => Ok(from_timeline(&timeline::read(text)?)),
    }
}

fn from_export(value: serde_json::Value) -> Result<Script, NotReplayable> {
    let format = value.get("format").and_then(serde_json::Value::as_str);
    if format != Some(FORMAT) {
        return Err(NotReplayable::Format(
            format.unwrap_or_default().chars().take(64).collect(),
        ));
    }
    let export: IncidentExport =
        serde_json::from_value(value).map_err(|error| NotReplayable::Export(error.to_string()))?;
    let entries = export.entries.into_iter().map(|e| e.entry).collect();
    Ok(Script::of(export.reference, export.incident, entries))
}

impl Script {
    /// An incident of one's own, with its entries.
    #[must_use]
    pub fn of(reference: String, mut incident: Incident, entries: Vec<Entry>) -> Self {
        let mut entries: Vec<Entry> = entries
            .into_iter()
            // The watch is asked anew, and nobody answers it.
            .filter(|e| e.author.is_some() || !is_of_the_watch(e.kind()))
            .filter(|e| e.kind() != EntryKind::Answer)
            .collect();
        // As it was recorded; one that was written down afterwards, as it happened.
        let afterwards = entries
            .first()
            .is_some_and(|e| e.recorded_at.seconds_since(e.occurred_at) > AFTERWARDS);
        for entry in &mut entries {
            if afterwards {
                entry.recorded_at = entry.occurred_at;
            }
        }
        entries.sort_by_key(|e| (e.recorded_at, e.seq));
        // As it was in the beginning: later changes are entries.
        for entry in entries.iter().rev() {
            match &entry.body {
                EntryBody::Severity {
                    from: Some(from), ..
                } => incident.severity = *from,
                EntryBody::Declared { severity } => incident.severity = *severity,
                _ => {}
            }
        }
        incident.status = Status::Investigating;
        incident.resolved_at = None;
        Self {
            id: reference,
            title: incident.title.clone(),
            incident,
            entries,
            spans: Vec::new(),
            lead: Lead::FromBoard,
        }
    }
}

/// Kinds by which the watch and its escalations speak.
const fn is_of_the_watch(kind: EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Prompt
            | EntryKind::PromptWithdrawn
            | EntryKind::Escalation
            | EntryKind::Paged
            | EntryKind::PageFailed
    )
}

fn from_timeline(timeline: &Timeline) -> Script {
    let mut builder = Builder::new(timeline);
    for line in &timeline.lines {
        builder.status_before(&timeline.head, Some(line.at));
        builder.line(line);
    }
    builder.status_before(&timeline.head, None);
    let incident = builder.incident;
    Script {
        id: timeline.head.id.clone(),
        title: timeline.head.title.clone(),
        incident,
        entries: builder.entries,
        spans: timeline.head.stuck_windows.clone(),
        lead: Lead::Unknown,
    }
}

const fn severity(number: u8) -> Severity {
    match number {
        1 => Severity::Sev1,
        2 => Severity::Sev2,
        3 => Severity::Sev3,
        _ => Severity::Sev4,
    }
}

struct Builder {
    incident: Incident,
    entries: Vec<Entry>,
    actors: Vec<String>,
    status: Status,
    declared: bool,
    live: Vec<EntryId>,
    last_action: Option<EntryId>,
    asked: Vec<(EntryId, Option<UserId>)>,
    /// Alerts that fire.
    firing: Vec<String>,
}

impl Builder {
    fn new(timeline: &Timeline) -> Self {
        let head = &timeline.head;
        let id = IncidentId(Uuid::nil());
        let declared_at = begins(timeline);
        Self {
            incident: Incident {
                id,
                number: 1,
                title: head.title.clone(),
                description: String::new(),
                description_html: String::new(),
                services: Vec::new(),
                severity: severity(head.severity),
                status: Status::Investigating,
                restricted: false,
                declared_at,
                declared_by: UserId(Uuid::nil()),
                started_at: head.started_at.min(declared_at),
                resolved_at: None,
                commander: None,
                last_human_at: declared_at,
                last_learnt_at: None,
                next_update_at: None,
                last_seq: 0,
            },
            entries: Vec::new(),
            actors: Vec::new(),
            status: Status::Investigating,
            declared: false,
            live: Vec::new(),
            last_action: None,
            asked: Vec::new(),
            firing: Vec::new(),
        }
    }

    /// The head knows when it was mitigated and resolved; where no line has said
    /// so by then, the status changes then.
    fn status_before(&mut self, head: &Head, next: Option<Timestamp>) {
        for (at, to) in [
            (head.mitigated_at, Status::Mitigated),
            (head.resolved_at, Status::Resolved),
        ] {
            let due = at.filter(|at| next.is_none_or(|next| *at < next));
            if let Some(at) = due
                && self.status < to
            {
                self.change(at, None, to, "");
            }
        }
    }

    fn line(&mut self, line: &timeline::Line) {
        let author = self.author(&line.actor);
        let at = line.at;
        let text = line.text.as_str();
        self.answer(line, author);
        if timeline::is_monitoring(&line.actor) {
            self.alert(line);
        }
        let over = tone::read(&line.text).over && author.is_some();
        if over || matches!(line.kind, Kind::Mitigated | Kind::Resolved) {
            // Records rarely say when an alert ends; what fires afterwards is new.
            self.all_clear(at);
        }
        match line.kind {
            Kind::Detected | Kind::Declared => {
                let body = if self.declared {
                    EntryBody::Note
                } else {
                    EntryBody::Declared {
                        severity: self.incident.severity,
                    }
                };
                self.declared = true;
                self.push(at, author, body, text);
            }
            Kind::Escalation => {
                let body = EntryBody::Asked {
                    whom: "Whoever was asked".to_owned(),
                    minutes: None,
                };
                let id = self.push(at, author, body, text);
                self.asked.push((id, author));
            }
            Kind::Note => {
                self.push(at, author, EntryBody::Note, text);
            }
            Kind::Joined => {
                let body = match author {
                    Some(user) => EntryBody::RoleTaken {
                        role: IncidentRole::Expert,
                        user,
                        from: None,
                    },
                    None => EntryBody::Joined,
                };
                self.push(at, author, body, text);
            }
            Kind::Hypothesis => {
                let id = self.push(at, author, EntryBody::Hypothesis, text);
                self.live.push(id);
            }
            Kind::HypothesisRefuted => {
                // Public timelines do not say which; the newest is the likeliest.
                let hypothesis = match self.live.pop() {
                    Some(id) => id,
                    None => self.push(at, author, EntryBody::Hypothesis, text),
                };
                let body = EntryBody::HypothesisStatus {
                    hypothesis,
                    to: HypothesisStatus::Refuted,
                };
                self.push(at, author, body, text);
            }
            Kind::Finding => {
                self.push(at, author, EntryBody::Finding, text);
            }
            Kind::Evidence => {
                let body = EntryBody::Evidence {
                    link: None,
                    attachment: None,
                    hypothesis: self.live.last().copied(),
                    stance: Stance::Neutral,
                };
                self.push(at, author, body, text);
            }
            Kind::Action => {
                self.last_action = Some(self.push(at, author, EntryBody::Action, text));
            }
            Kind::ActionResult => {
                let tone = tone::read(text);
                let effect = if tone.futile || tone.fails || (tone.negated && !tone.good) {
                    Effect::NoEffect
                } else {
                    Effect::Helped
                };
                let body = match self.last_action {
                    Some(action) if tone.good || effect == Effect::NoEffect => {
                        EntryBody::ActionEffect { action, effect }
                    }
                    _ if tone.good || effect == Effect::NoEffect => EntryBody::Action,
                    // News of what was done, neither good nor bad.
                    _ => EntryBody::Evidence {
                        link: None,
                        attachment: None,
                        hypothesis: None,
                        stance: Stance::Neutral,
                    },
                };
                self.push(at, author, body, text);
            }
            Kind::Decision => {
                let body = EntryBody::Decision {
                    alternatives: Vec::new(),
                };
                self.push(at, author, body, text);
            }
            Kind::StakeholderUpdate => {
                let body = EntryBody::StakeholderUpdate { next_minutes: None };
                self.push(at, author, body, text);
            }
            Kind::Severity => {
                self.push(at, author, EntryBody::Note, text);
            }
            Kind::Mitigated => self.change(at, author, Status::Mitigated, text),
            Kind::Resolved => self.change(at, author, Status::Resolved, text),
        }
    }

    fn all_clear(&mut self, at: Timestamp) {
        for name in std::mem::take(&mut self.firing) {
            let cleared = EntryBody::Alert {
                name,
                firing: false,
                link: None,
            };
            self.push(at, None, cleared, "");
        }
    }

    /// What monitoring says is an alert that fires, or no longer does.
    fn alert(&mut self, line: &timeline::Line) {
        let tone = tone::read(&line.text);
        let firing = match line.kind {
            Kind::Mitigated | Kind::Resolved => false,
            _ if tone.fails || tone.futile => true,
            _ if tone.good => false,
            Kind::Detected => true,
            _ => return,
        };
        self.firing.retain(|name| *name != line.actor);
        if firing {
            self.firing.push(line.actor.clone());
        }
        let body = EntryBody::Alert {
            name: line.actor.clone(),
            firing,
            link: None,
        };
        self.push(line.at, None, body, &line.text);
    }

    /// Public timelines do not say which question was answered. Whoever else
    /// writes next has answered; whoever goes on by himself waits no more.
    fn answer(&mut self, line: &timeline::Line, author: Option<UserId>) {
        if author.is_none() {
            return;
        }
        let goes_on = matches!(
            line.kind,
            Kind::Joined
                | Kind::Action
                | Kind::ActionResult
                | Kind::Finding
                | Kind::Decision
                | Kind::Mitigated
                | Kind::Resolved
        );
        for (asked, by) in std::mem::take(&mut self.asked) {
            if goes_on || by != author {
                self.push(line.at, author, EntryBody::Replied { asked }, "");
            } else {
                self.asked.push((asked, by));
            }
        }
    }

    fn change(&mut self, at: Timestamp, author: Option<UserId>, to: Status, text: &str) {
        let body = if self.status == to {
            EntryBody::Note
        } else {
            EntryBody::Status {
                from: Some(self.status),
                to,
            }
        };
        self.status = to;
        self.push(at, author, body, text);
    }

    fn author(&mut self, actor: &str) -> Option<UserId> {
        if !timeline::is_responder(actor) {
            return None;
        }
        let known = self.actors.iter().position(|one| one == actor);
        let at = known.unwrap_or_else(|| {
            self.actors.push(actor.to_owned());
            self.actors.len() - 1
        });
        Some(UserId(Uuid::from_u128(at as u128 + 1)))
    }

    fn push(
        &mut self,
        at: Timestamp,
        author: Option<UserId>,
        body: EntryBody,
        text: &str,
    ) -> EntryId {
        let seq = i64::try_from(self.entries.len())
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let id = EntryId(Uuid::from_u128(seq.unsigned_abs().into()));
        self.entries.push(Entry {
            id,
            incident: self.incident.id,
            seq,
            changed_seq: seq,
            author,
            body,
            text: text.to_owned(),
            html: String::new(),
            occurred_at: at,
            recorded_at: at,
            revision: 1,
            redacted_at: None,
            pinned_at: None,
        });
        id
    }
}

/// When the watch begins: when somebody who responds knew, or was asked. Until
/// then there is no room that could be stuck.
fn begins(timeline: &Timeline) -> Timestamp {
    let noticed = timeline.head.detected_at;
    let begins = |line: &timeline::Line| match line.kind {
        Kind::Escalation => true,
        Kind::Detected | Kind::Declared => timeline::is_responder(&line.actor),
        _ => noticed.is_some_and(|at| line.at >= at) && timeline::is_responder(&line.actor),
    };
    let first = timeline.lines.iter().find(|line| begins(line));
    first
        .map(|line| line.at)
        .or(noticed)
        .unwrap_or(timeline.head.started_at)
}

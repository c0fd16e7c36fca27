//! What is played: an incident and its entries, however they were written down.

use super::{
    builder::from_timeline,
    timeline::{self, NotATimeline, Span},
};
use crate::{
    Entry, EntryBody, EntryKind, Incident, Status,
    export::{FORMAT, IncidentExport},
    stall::Lead,
};

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
    let mut incident = export.incident;
    let mut entries: Vec<Entry> = export
        .entries
        .into_iter()
        .map(|e| e.entry)
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
    Ok(Script {
        id: export.reference,
        title: incident.title.clone(),
        incident,
        entries,
        spans: Vec::new(),
        lead: Lead::FromBoard,
    })
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

//! An incident as a document to keep: Markdown for people, JSON for programs.
//!
//! Both are made from a [`Room`] alone and name no moment of export, so the
//! same incident always gives the same bytes.

mod json;
mod markdown;
mod quote;

use crate::Room;

pub use json::{
    ExportedAction, ExportedBlocker, ExportedBoard, ExportedBreakout, ExportedEntry,
    ExportedEvidence, ExportedHypothesis, ExportedTask, IncidentExport,
};

/// Format of an exported incident; the number rises when a reader would have to change.
pub const FORMAT: &str = "rideout.incident/1";

/// The incident as Markdown: the facts, what it came to, then everything that happened.
#[must_use]
pub fn to_markdown(room: &Room) -> String {
    markdown::write(room, &room.board())
}

/// The incident as data, for JSON.
#[must_use]
pub fn to_data(room: &Room) -> IncidentExport {
    json::collect(room, &room.board())
}

/// A file name for the export, without its ending: `INC-7-reservations-crawl`.
#[must_use]
pub fn file_name(room: &Room) -> String {
    let mut name = room.incident.reference();
    for word in room
        .incident
        .title
        .split(|c: char| !c.is_ascii_alphanumeric())
    {
        if !word.is_empty() && name.len() + word.len() < 60 {
            name.push('-');
            name.push_str(&word.to_ascii_lowercase());
        }
    }
    name
}

#[cfg(test)]
mod tests;

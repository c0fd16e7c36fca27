//! What a viewer is sent, in HTML for pages and in JSON for programs.

use super::frame::event;
use bytes::Bytes;
use rideout_app::pages::room::{
    Present, Scene,
    fragments::{self, entry_html},
};
use rideout_domain::{Entry, EntryBody, EntryId, Room, Timestamp};
use rideout_service::{presence::Here, room::Snapshot};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// The parts of the page that change with the timeline.
pub(super) use fragments::NAMES as REGIONS;
/// The part that tells who is here, by an event of its own.
pub(super) const HERE: &str = "here";

/// The entry whose words stand in an entry as well.
pub(super) const fn mentioned(body: &EntryBody) -> Option<EntryId> {
    match body {
        EntryBody::HypothesisStatus { hypothesis: id, .. }
        | EntryBody::Evidence {
            hypothesis: Some(id),
            ..
        }
        | EntryBody::ActionEffect { action: id, .. }
        | EntryBody::TaskDone { task: id }
        | EntryBody::BreakoutEnded { breakout: id }
        | EntryBody::BlockerLifted { blocker: id }
        | EntryBody::WaitEnded { wait: id }
        | EntryBody::Replied { asked: id }
        | EntryBody::Changed { entry: id, .. } => Some(*id),
        _ => None,
    }
}

/// The entry that an entry has changed.
pub(super) fn target<'a>(room: &'a Room, entry: &Entry) -> Option<&'a Entry> {
    match &entry.body {
        EntryBody::Changed { entry, .. } => room.entry(*entry),
        _ => None,
    }
}

/// The event of an entry for pages.
pub(super) fn page_event(room: &Room, entry: &Entry, regions: &[(&'static str, String)]) -> Bytes {
    let mut data = serde_json::json!({
        "seq": entry.seq,
        "entry": entry.id,
        "occurred_at": entry.occurred_at,
        "html": entry_html(room, entry),
    });
    if let Some(target) = target(room, entry) {
        // What quotes the changed entry changes with it.
        let quoting = |e: &&Arc<Entry>| {
            mentioned(&e.body) == Some(target.id) && !matches!(e.body, EntryBody::Changed { .. })
        };
        let quoting = room.entries.iter().filter(quoting).map(AsRef::as_ref);
        let replace = std::iter::once(target)
            .chain(quoting)
            .map(|e| serde_json::json!({"entry": e.id, "html": entry_html(room, e)}));
        data["replace"] = replace.collect();
    }
    if !regions.is_empty() {
        data["regions"] = regions_json(regions);
    }
    event("entry", Some(entry.seq), &data.to_string())
}

/// The event of an entry for programs: the entry as the list of entries gives
/// it, and the entry that it changed as that is now.
pub(super) fn api_event(entry: &Entry, target: Option<&Entry>) -> Bytes {
    let mut data = serde_json::to_value(entry).unwrap_or_default();
    if let (Some(target), Some(data)) = (target, data.as_object_mut()) {
        data.insert(
            "changed".to_owned(),
            serde_json::to_value(target).unwrap_or_default(),
        );
    }
    event("entry", Some(entry.seq), &data.to_string())
}

/// The event that brings regions without an entry.
pub(super) fn regions_event(seq: i64, regions: &[(&'static str, String)]) -> Bytes {
    let data = serde_json::json!({"seq": seq, "regions": regions_json(regions)});
    event("regions", None, &data.to_string())
}

/// The event that tells who is here.
pub(super) fn presence_event(html: &str) -> Bytes {
    event(
        "presence",
        None,
        &serde_json::json!({"html": html}).to_string(),
    )
}

fn regions_json(regions: &[(&'static str, String)]) -> serde_json::Value {
    let members = regions
        .iter()
        .map(|(name, html)| ((*name).to_owned(), html.as_str().into()));
    serde_json::Value::Object(members.collect())
}

/// What tells whether a region changed: its HTML at one fixed moment, so that
/// the mere passing of time is no change.
pub(super) fn fingerprints(snapshot: &Snapshot, here: &[Here]) -> [u64; REGIONS.len()] {
    REGIONS.map(|name| {
        let mut hasher = DefaultHasher::new();
        region_html(name, snapshot, here, snapshot.room.incident.declared_at).hash(&mut hasher);
        hasher.finish()
    })
}

/// A region as the page shows it.
pub(super) fn region_html(
    name: &'static str,
    snapshot: &Snapshot,
    here: &[Here],
    now: Timestamp,
) -> String {
    let here = here.iter().map(|h| Present {
        id: h.id,
        name: h.name.clone(),
        away: h.away,
    });
    fragments::region_html(
        name,
        &snapshot.room,
        &snapshot.board,
        &Scene::new(now, here.collect()),
    )
}

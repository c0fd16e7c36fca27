//! When something becomes red: the one place that decides it.

use rideout_domain::{Incident, Severity, Timestamp, room::Board};

/// Minutes without learning anything after which a room of this severity is late.
#[must_use]
pub const fn minutes_without_learning(severity: Severity) -> i64 {
    match severity {
        Severity::Sev1 | Severity::Sev2 => 15,
        Severity::Sev3 | Severity::Sev4 => 30,
    }
}

/// From when on “last learnt something” is late; never once it is mitigated or over.
#[must_use]
pub fn learning_late_at(incident: &Incident, board: &Board) -> Option<Timestamp> {
    if !incident.is_open() || board.mitigated_at.is_some() {
        return None;
    }
    // An incident that began long ago is new to those who declare it now.
    let from = board.last_learnt.unwrap_or(incident.declared_at);
    let late_at = from.plus_minutes(minutes_without_learning(incident.severity));
    // A wait on purpose is allowed to bring nothing before its end.
    let waited = board.watch.open_waits().map(|w| w.until).max();
    Some(waited.map_or(late_at, |until| until.max(late_at)))
}

/// Whether a moment has come.
#[must_use]
pub fn is_late(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_some_and(|at| at <= now)
}

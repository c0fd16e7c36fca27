//! What is set, and what is going on.

use super::{
    Shared,
    answers::{json, problem},
};
use crate::config::reference;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// The effective configuration, secrets masked, and where each value comes from.
pub(super) async fn config(State(shared): State<Arc<Shared>>) -> Response {
    let resolved = &shared.resolved;
    let mut settings = Map::new();
    for (key, value) in reference::effective(&resolved.config) {
        // The level in force may have been set since.
        let value = if key == "log_level" {
            shared.log.get()
        } else {
            value
        };
        settings.insert(
            key.to_owned(),
            json!({ "value": value, "from": resolved.origin(key).to_string() }),
        );
    }
    let file = resolved
        .file
        .as_ref()
        .map(|path| path.display().to_string());
    json(
        StatusCode::OK,
        &json!({ "file": file, "settings": settings }),
    )
}

/// Queues, live pages, connections to the database, build.
pub(super) async fn state(State(shared): State<Arc<Shared>>) -> Response {
    let mut state = json!({
        "build": { "version": env!("CARGO_PKG_VERSION"), "profile": if cfg!(debug_assertions) { "debug" } else { "release" } },
        "uptime_seconds": shared.began.elapsed().as_secs(),
        "memory_resident_bytes": resident_bytes(),
        "listeners": { "main": shared.main_address().to_string(), "admin": shared.admin_address().to_string() },
        "log_level": shared.log.get(),
        "stopping": shared.is_stopping(),
        "database": { "url": shared.resolved.config.database_url.to_string(), "bytes": database_bytes(&shared).await },
    });
    if let Some((web, housekeeping, engine)) = shared.main() {
        let db = web.service.db.stats();
        state["requests"] = json!({
            "in_work": web.gate.inside() + web.body_gate.inside(),
            "waiting": web.gate.waiting() + web.body_gate.waiting(),
            "turned_away": web.gate.turned_away() + web.body_gate.turned_away(),
        });
        state["live"] = json!({ "streams": web.hub.stats(), "viewers": web.hub.viewers(), "subscribers": db.subscribers });
        state["engine"] = json!({ "node": engine.node(), "last": engine.last(), "in_flight": engine.in_flight() });
        state["housekeeping"] = serde_json::to_value(housekeeping.last()).unwrap_or(Value::Null);
        state["database"]["queue"] = json!({ "depth": db.queue_depth });
        state["database"]["writes"] = json!({
            "operations": db.operations,
            "failed_operations": db.failed_operations,
            "commits": db.commits,
            "failed_commits": db.failed_commits,
            "last_batch": db.last_batch,
            "max_batch": db.max_batch,
            "reopened": db.reopened,
        });
        state["database"]["pool"] = json!({
            "readers_in_use": db.readers_in_use,
            "readers": db.readers,
            "writers_in_use": db.writers_in_use,
            "writers": db.writers,
            "bus_reconnects": db.bus_reconnects,
        });
    }
    json(StatusCode::OK, &state)
}

/// The filter of the log, as text.
pub(super) async fn log_level(State(shared): State<Arc<Shared>>) -> String {
    format!("{}\n", shared.log.get())
}

/// Sets the filter of the log.
pub(super) async fn set_log_level(State(shared): State<Arc<Shared>>, filter: String) -> Response {
    let before = shared.log.get();
    match shared.log.set(&filter) {
        Ok(()) => {
            let now = shared.log.get();
            tracing::info!(
                level.before = before,
                level.now = now,
                "the log level was changed"
            );
            format!("{now}\n").into_response()
        }
        Err(why) => problem(
            StatusCode::BAD_REQUEST,
            "log_level",
            "This is no log level",
            &why,
        ),
    }
}

/// Memory of the process, where the system tells it.
pub(super) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Size of the database, when it tells so in time.
pub(super) async fn database_bytes(shared: &Shared) -> Option<u64> {
    let size = async { shared.db().await.ok()?.size_on_disk().await.ok() };
    timeout(Duration::from_secs(1), size).await.ok().flatten()
}

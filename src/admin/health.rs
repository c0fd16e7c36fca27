//! Is it alive, is it ready, does its engine turn?

use super::{Shared, answers::json};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_service::db::MigrationStatus;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long each thing that is asked may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a cycle of the engine may take.
const CYCLE: Duration = Duration::from_secs(10);

/// The process answers.
pub(super) async fn live() -> Response {
    json(StatusCode::OK, &json!({ "status": "live" }))
}

/// People can be served. Otherwise 503, and why not.
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let (database, listener) = tokio::join!(database(&shared), listener(&shared));
    let reasons: Vec<String> = [stopping(&shared), database, listener]
        .into_iter()
        .flatten()
        .collect();
    if reasons.is_empty() {
        json(StatusCode::OK, &json!({ "status": "ready" }))
    } else {
        json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": "not ready", "reasons": reasons }),
        )
    }
}

fn stopping(shared: &Shared) -> Option<String> {
    shared
        .is_stopping()
        .then(|| "Rideout is stopping".to_owned())
}

async fn database(shared: &Shared) -> Option<String> {
    let asked = timeout(PATIENCE, async {
        let db = shared.db().await.map_err(|error| error.to_string())?;
        db.ping(PATIENCE).await.map_err(|error| error.to_string())?;
        db.migration_status()
            .await
            .map_err(|error| error.to_string())
    });
    match asked.await {
        Err(_) => Some(format!(
            "the database does not answer within {} seconds",
            PATIENCE.as_secs()
        )),
        Ok(Err(why)) => Some(why),
        Ok(Ok(status)) => outdated(&status),
    }
}

fn outdated(status: &MigrationStatus) -> Option<String> {
    if !status.unknown.is_empty() {
        return Some("the database was made by a newer Rideout".to_owned());
    }
    if !status.unfinished.is_empty() {
        return Some("a migration of the database was broken off".to_owned());
    }
    (!status.pending.is_empty()).then(|| {
        format!(
            "{} migrations of the database are to be applied",
            status.pending.len()
        )
    })
}

async fn listener(shared: &Shared) -> Option<String> {
    if shared.main().is_none() {
        return Some("the main listener has not started yet".to_owned());
    }
    if shared.is_stopping() || shared.main_answers(PATIENCE).await {
        return None;
    }
    Some(format!(
        "the main listener does not take connections within {} seconds: its threads are busy or its connections are used up",
        PATIENCE.as_secs()
    ))
}

/// The engine turns: answers after a cycle that began after the question.
pub(super) async fn engine(State(shared): State<Arc<Shared>>) -> Response {
    let Some((_, _, engine)) = shared.main() else {
        return json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": "the engine has not started yet" }),
        );
    };
    match engine.next_full_cycle(CYCLE).await {
        Some(cycle) if cycle.failed.is_none() => {
            json(StatusCode::OK, &json!({ "status": "turns", "last": cycle }))
        }
        Some(cycle) => json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": "failed", "last": cycle }),
        ),
        None => json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": format!("no cycle was completed within {} seconds", CYCLE.as_secs()) }),
        ),
    }
}

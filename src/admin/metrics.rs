//! Figures for Prometheus.

use super::{Shared, state};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::Arc;

/// Seconds, from a page out of memory to the time-out.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0,
];

/// Begins to count.
///
/// # Errors
/// When counting has begun before.
pub fn install() -> Result<PrometheusHandle, String> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .map_err(|error| error.to_string())?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
    describe();
    Ok(handle)
}

fn describe() {
    describe_counter!(
        "rideout_http_requests_total",
        "Requests of the main listener, by method, route and status."
    );
    describe_histogram!(
        "rideout_http_request_seconds",
        "Time from a request to its answer, by route."
    );
    describe_histogram!(
        "rideout_engine_cycle_seconds",
        "Time a cycle of the engine took; sending is not part of it."
    );
    describe_histogram!(
        "rideout_message_late_seconds",
        "Time from when a message was due to when it was taken."
    );
    for (name, help) in [
        (
            "rideout_engine_cycles_failed_total",
            "Cycles of the engine that failed, since the start.",
        ),
        (
            "rideout_watch_looks_total",
            "Incidents the stall watch of this node looked at, since the start.",
        ),
        (
            "rideout_prompts_total",
            "Prompts the stall watch of this node wrote, since the start.",
        ),
        (
            "rideout_escalation_steps_total",
            "Steps of escalations taken by this node, since the start.",
        ),
        (
            "rideout_messages_total",
            "Messages this node tried to send, by channel and outcome.",
        ),
        (
            "rideout_dead_man_total",
            "Dead-man pings: told, failed, or withheld because Rideout was not able to page.",
        ),
    ] {
        describe_counter!(name, help);
    }
    for (name, help) in [
        (
            "rideout_engine_cycles",
            "Cycles of the engine, since the start.",
        ),
        (
            "rideout_messages_in_flight",
            "Messages this node sends now.",
        ),
        (
            "rideout_messages_unsent",
            "Messages that should have left and have not, of all nodes.",
        ),
        (
            "rideout_oldest_unsent_seconds",
            "Time since the oldest of them should have left.",
        ),
        ("rideout_build_info", "1; the labels tell the version."),
        ("rideout_uptime_seconds", "Time since the process began."),
        ("rideout_memory_resident_bytes", "Memory of the process."),
        ("rideout_requests_in_work", "Requests worked on now."),
        (
            "rideout_requests_waiting",
            "Requests that wait for a place.",
        ),
        (
            "rideout_requests_turned_away",
            "Requests turned away for lack of a place, since the start.",
        ),
        ("rideout_live_viewers", "Open live streams."),
        (
            "rideout_db_queue_depth",
            "Operations that wait for the writer of the database.",
        ),
        (
            "rideout_db_operations",
            "Write operations committed, since the start.",
        ),
        (
            "rideout_db_operations_failed",
            "Write operations rolled back, since the start.",
        ),
        (
            "rideout_db_commits",
            "Commits, since the start; fewer than operations when they were grouped.",
        ),
        (
            "rideout_db_commits_failed",
            "Commits that failed, since the start.",
        ),
        ("rideout_db_last_batch", "Operations in the last commit."),
        ("rideout_db_max_batch", "Operations in the largest commit."),
        ("rideout_db_readers_in_use", "Connections now reading."),
        (
            "rideout_db_readers",
            "Connections there may be for reading.",
        ),
        ("rideout_db_size_bytes", "Size of the database."),
        (
            "rideout_housekeeping_cycles",
            "Cycles of the housekeeping worker, since the start.",
        ),
    ] {
        describe_gauge!(name, help);
    }
}

/// Everything, in the text format of Prometheus.
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    refresh(&shared).await;
    shared.metrics.run_upkeep();
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        shared.metrics.render(),
    )
        .into_response()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people; 2^53 is enough"
)]
async fn refresh(shared: &Shared) {
    gauge!("rideout_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!("rideout_uptime_seconds").set(shared.began.elapsed().as_secs_f64());
    gauge!("rideout_memory_resident_bytes").set(state::resident_bytes().unwrap_or(0) as f64);
    if let Some(bytes) = state::database_bytes(shared).await {
        gauge!("rideout_db_size_bytes").set(bytes as f64);
    }
    let Some((web, housekeeping, engine)) = shared.main() else {
        return;
    };
    gauge!("rideout_requests_in_work").set((web.gate.inside() + web.body_gate.inside()) as f64);
    gauge!("rideout_requests_waiting").set((web.gate.waiting() + web.body_gate.waiting()) as f64);
    gauge!("rideout_requests_turned_away")
        .set((web.gate.turned_away() + web.body_gate.turned_away()) as f64);
    gauge!("rideout_live_viewers").set(web.hub.viewers() as f64);
    gauge!("rideout_engine_cycles").set(engine.last().cycle as f64);
    gauge!("rideout_messages_in_flight").set(engine.in_flight() as f64);
    gauge!("rideout_housekeeping_cycles").set(housekeeping.last().cycle as f64);
    let db = web.service.db.stats();
    gauge!("rideout_db_queue_depth").set(db.queue_depth as f64);
    gauge!("rideout_db_operations").set(db.operations as f64);
    gauge!("rideout_db_operations_failed").set(db.failed_operations as f64);
    gauge!("rideout_db_commits").set(db.commits as f64);
    gauge!("rideout_db_commits_failed").set(db.failed_commits as f64);
    gauge!("rideout_db_last_batch").set(db.last_batch as f64);
    gauge!("rideout_db_max_batch").set(db.max_batch as f64);
    gauge!("rideout_db_readers_in_use").set(f64::from(db.readers_in_use));
    gauge!("rideout_db_readers").set(f64::from(db.readers));
}

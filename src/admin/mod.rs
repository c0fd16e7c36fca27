//! The admin listener: its own port, its own threads, its own connection to
//! the database, so that it answers while the main listener is drowning.
//!
//! The lesson is an old one. A fleet once went live with its customers routed
//! to the admin port, whose small pool stood for the large one, and nobody
//! could look inside, because the admin interface was busy serving them. So
//! each listener refuses the other's paths by name.

mod answers;
mod health;
pub mod metrics;
mod shared;
mod state;

pub use shared::Shared;

use crate::{cli::Failure, server::connections::Connections};
use axum::{
    Router,
    routing::{MethodRouter, get},
};
use std::{sync::Arc, thread::JoinHandle};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};

/// Paths that only the admin listener answers.
pub const PATHS: &[&str] = &[
    "/health/live",
    "/health/ready",
    "/health/engine",
    "/metrics",
    "/config",
    "/state",
    "/log-level",
];

/// Whether a path belongs to the admin listener.
#[must_use]
pub fn is_admin_path(path: &str) -> bool {
    PATHS.contains(&path) || path == "/health" || path.starts_with("/health/")
}

fn handler(path: &str) -> MethodRouter<Arc<Shared>> {
    match path {
        "/health/live" => get(health::live),
        "/health/ready" => get(health::ready),
        "/health/engine" => get(health::engine),
        "/metrics" => get(metrics::show),
        "/config" => get(state::config),
        "/state" => get(state::state),
        _ => get(state::log_level).put(state::set_log_level),
    }
}

/// The service of the admin listener.
pub fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new().route("/", get(answers::index));
    for path in PATHS {
        router = router.route(path, handler(path));
    }
    router
        .fallback(answers::wrong_port)
        .method_not_allowed_fallback(answers::wrong_method)
        .layer(axum::middleware::from_fn(answers::frame))
        .with_state(shared)
}

/// The admin listener's thread.
#[derive(Debug)]
pub struct AdminThread {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl AdminThread {
    /// Ends the listener.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        if self.thread.join().is_err() {
            tracing::error!("the admin listener's thread had panicked");
        }
    }
}

/// Most connections at a time: a few people and a few machines.
const CONNECTIONS: usize = 64;

/// Starts the admin listener on threads of its own.
///
/// # Errors
/// When the system gives no threads.
pub fn start(shared: Arc<Shared>, listener: std::net::TcpListener) -> Result<AdminThread, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("rideout-admin")
        .enable_all()
        .build()?;
    let (stop, stopping) = watch::channel(false);
    let serve = async move {
        match TcpListener::from_std(listener) {
            Ok(listener) => {
                let (_never, asked) = mpsc::channel(1);
                let connections = Connections::new(CONNECTIONS, &[], asked);
                connections
                    .accept(listener, router(Arc::clone(&shared)), stopping)
                    .await;
                shared.close().await;
            }
            Err(error) => tracing::error!(%error, "the admin listener cannot start"),
        }
    };
    let thread = std::thread::Builder::new()
        .name("rideout-admin".to_owned())
        .spawn(move || {
            runtime.block_on(serve);
            runtime.shutdown_background();
        })?;
    Ok(AdminThread { stop, thread })
}

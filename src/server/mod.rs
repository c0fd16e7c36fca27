//! The server: two listeners, each on threads of its own, the engine, and a worker
//! that tidies up.

pub mod connections;
pub mod files;
pub mod housekeeping;
mod patient;
mod peers;
mod signals;

use crate::{
    admin::{self, Shared},
    cli::{Failure, out},
    config::{Resolved, reachable},
    engine::{Engine, Outgoing},
    live::LiveHub,
    telemetry::LogLevel,
    web::{Web, called::CalledPeople, middleware::gate::Gate, open_count::OpenCounts, router},
};
use connections::Connections;
use housekeeping::Housekeeping;
use rideout_service::{
    Service, Settings,
    db::{Db, OpenOptions},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::watch};

/// Serves until told to stop, and finishes what was begun.
///
/// # Errors
/// What keeps the server from starting, in a sentence for the operator.
pub fn run(resolved: Resolved, log: LogLevel, example: bool) -> Result<(), Failure> {
    let metrics = admin::metrics::install().map_err(Failure::new)?;
    let connections = files::allow(resolved.config.max_connections);
    let workers = resolved.config.worker_threads;
    let shared = Arc::new(Shared::new(resolved, log, metrics));
    // Also shown to those who ask the wrong listener, so both are bound first.
    let main = bind(shared.resolved.config.listen, "listen")?;
    let admin = bind(shared.resolved.config.admin_listen, "admin_listen")?;
    let main_address = main.local_addr().map_err(Failure::from)?;
    let admin_address = admin.local_addr().map_err(Failure::from)?;
    shared.set_addresses(main_address, admin_address);

    let admin_thread = admin::start(Arc::clone(&shared), admin)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("rideout-main")
        .enable_all()
        .build()?;
    let result = runtime.block_on(serve(&shared, main, connections, example));
    // Handlers that are still at work have had their time.
    runtime.shutdown_background();
    admin_thread.stop();
    result
}

fn bind(address: SocketAddr, key: &str) -> Result<std::net::TcpListener, Failure> {
    let bound = std::net::TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("another program listens there: stop it, or set {key} to another address; port 0 takes any free one")
            }
            std::io::ErrorKind::PermissionDenied => {
                format!("the system does not allow it: set {key} to a port above 1023")
            }
            std::io::ErrorKind::AddrNotAvailable => {
                format!("this machine does not have that address: set {key} to one it has, such as 0.0.0.0")
            }
            _ => error.to_string(),
        };
        Failure::new(format!("cannot listen on {address}: {why}"))
    })
}

async fn serve(
    shared: &Arc<Shared>,
    listener: std::net::TcpListener,
    connections: usize,
    example: bool,
) -> Result<(), Failure> {
    let signal = signals::Stop::listen()?;
    let config = &shared.resolved.config;
    let address = listener.local_addr()?;
    let outgoing = Outgoing::new(config).map_err(Failure::new)?;
    let db = Db::open(&config.database_url, OpenOptions::server()).await?;
    let migrated = db.migrate().await;
    if let Err(error) = migrated {
        db.close().await;
        return Err(error.into());
    }
    let service = Service::new(
        db.clone(),
        Settings {
            session_days: config.session_days,
            guard: outgoing.channels.client().guard().clone(),
        },
    );
    if example {
        service.make_example().await?;
    }
    let hub = LiveHub::start(service.clone());
    let base_url = config.base_url(address);
    let web = Web {
        service: service.clone(),
        config: Arc::new(config.clone()),
        hub: hub.clone(),
        rooms: Arc::default(),
        gate: Arc::new(Gate::new(config.max_requests)),
        body_gate: Arc::new(Gate::new(config.max_requests)),
        open_counts: Arc::new(OpenCounts::new(&service)),
        called: Arc::new(CalledPeople::new(&service)),
        client: outgoing.channels.client().clone(),
        base_url: base_url.as_str().into(),
        admin: reachable(shared.admin_address()),
        example,
    };
    let housekeeping = Housekeeping::start(service.clone());
    let engine = Engine::start(service.clone(), outgoing, &base_url);
    shared.set_main(web.clone(), housekeeping, engine.engine().clone());

    announce(shared, &web, address).await?;
    let (stop, stopping) = watch::channel(false);
    let accepting = Connections::new(connections, &config.trusted_proxies, shared.heartbeat());
    let listener = TcpListener::from_std(listener)?;
    let serving = tokio::spawn(
        accepting
            .clone()
            .accept(listener, router::build(web), stopping),
    );

    signal.first().await;
    tracing::info!("stopping: no new requests, finishing those that were begun");
    shared.stopping();
    let _ = stop.send(true);
    hub.shut_down();
    engine.stop();
    let finished = async {
        tokio::join!(
            accepting.drained(config.shutdown_timeout),
            engine.finished(config.shutdown_timeout),
        );
    };
    tokio::select! {
        () = finished => {}
        () = signal.second() => tracing::warn!("stopping at once, as asked a second time"),
    }
    serving.abort();
    // Folds the log into the file; what was acknowledged is on disk already.
    let _ = tokio::time::timeout(config.shutdown_timeout, db.close()).await;
    tracing::info!("stopped");
    Ok(())
}

/// Tells people, and the scripts that started us, where to go.
async fn announce(shared: &Shared, web: &Web, address: SocketAddr) -> Result<(), Failure> {
    out::line(&format!("Rideout listens on http://{}", reachable(address)));
    out::line(&format!(
        "Admin listens on http://{}",
        reachable(shared.admin_address())
    ));
    if web.config.public_url.is_some() {
        out::line(&format!("People reach it at {}", web.base_url));
    }
    if web.example {
        out::line(&format!("Example: {}", web.link("/example")));
    } else if let Some(token) = web.service.setup_link().await? {
        out::line(&format!("Set up: {}", web.link(&format!("/setup/{token}"))));
    }
    tracing::info!(
        database = %web.config.database_url,
        listen = %address,
        admin.listen = %shared.admin_address(),
        "ready"
    );
    Ok(())
}

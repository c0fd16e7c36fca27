//! Accepts connections and speaks HTTP/1.1 on them.
//!
//! `axum::serve` would do, but for four things an avalanche needs: a limit of
//! connections, a time-out for those who never finish a request's head and one
//! for those who never take the answer, and an end to waiting when stopping.

use super::{patient::Patient, peers::Peers};
use crate::config::network::Network;
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, oneshot, watch},
    time::{sleep, timeout},
};
use tower::Service as _;

/// How long a browser may take for the head of a request, and keep an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The connections of one listener.
#[derive(Debug, Clone)]
pub struct Connections {
    places: Arc<Semaphore>,
    size: u32,
    peers: Peers,
    /// Somebody asks whether the loop still turns.
    asked: Arc<tokio::sync::Mutex<mpsc::Receiver<oneshot::Sender<()>>>>,
}

impl Connections {
    /// At most so many at a time, and not all of them for one of those outside.
    /// Whatever comes through `asked` is answered by the loop that accepts.
    #[must_use]
    pub fn new(
        most: usize,
        proxies: &[Network],
        asked: mpsc::Receiver<oneshot::Sender<()>>,
    ) -> Self {
        let size = u32::try_from(most).unwrap_or(u32::MAX);
        Self {
            places: Arc::new(Semaphore::new(size as usize)),
            size,
            peers: Peers::new(most, proxies),
            asked: Arc::new(tokio::sync::Mutex::new(asked)),
        }
    }

    /// Accepts until told to stop.
    pub async fn accept(
        self,
        listener: TcpListener,
        router: Router,
        mut stopping: watch::Receiver<bool>,
    ) {
        let mut asked = self.asked.lock().await;
        loop {
            // While there is no place nobody is answered: to those outside it
            // is the same whether the loop hangs or its connections are used up.
            let place = tokio::select! {
                () = told(&mut stopping) => return,
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            let Ok(place) = place else { return };
            let accepted = loop {
                tokio::select! {
                    biased;
                    () = told(&mut stopping) => return,
                    Some(answer) = asked.recv() => {
                        let _ = answer.send(());
                    }
                    accepted = listener.accept() => break accepted,
                }
            };
            match accepted {
                Ok((stream, peer)) => {
                    let Ok(held) = self.peers.enter(peer.ip()) else {
                        tracing::debug!(client.address = %peer.ip(), "holds as many connections as one address may");
                        continue;
                    };
                    let (router, stopping) = (router.clone(), stopping.clone());
                    tokio::spawn(async move {
                        speak(stream, peer, router, stopping).await;
                        drop((place, held));
                    });
                }
                Err(error) => rest_after(&error).await,
            }
        }
    }

    /// Connections open now.
    #[must_use]
    pub fn open(&self) -> usize {
        (self.size as usize).saturating_sub(self.places.available_permits())
    }

    /// Waits until the last connection has gone, no longer than that.
    pub async fn drained(&self, patience: Duration) {
        if timeout(patience, self.places.acquire_many(self.size))
            .await
            .is_err()
        {
            tracing::warn!(
                connections.open = self.open(),
                "some connections did not end in time"
            );
        }
    }
}

/// Waits to be told to stop; whoever could tell may also be gone.
async fn told(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Too many open files, say: trying again at once would only burn the processor.
async fn rest_after(error: &io::Error) {
    let of_the_client = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    );
    if !of_the_client {
        tracing::error!(%error, "a connection cannot be accepted");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn speak(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    // Small answers must not wait for company.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut router = router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        async move {
            Ok::<_, Infallible>(
                router
                    .call(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Patient::new(stream)), service));
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = told(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, client.address = %peer.ip(), "a connection ended badly");
    }
}

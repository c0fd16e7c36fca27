//! Being told to stop.

use rustix::process::Signal as Number;
use std::io;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Mutex,
};

/// Hears SIGTERM and SIGINT, and survives SIGXFSZ.
#[derive(Debug)]
pub(super) struct Stop {
    terminate: Mutex<Signal>,
    interrupt: Mutex<Signal>,
    /// A file has reached its limit of size. Who writes it is told so too; unheard,
    /// the signal would end the process.
    _file_limit: Signal,
}

impl Stop {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: Mutex::new(signal(SignalKind::terminate())?),
            interrupt: Mutex::new(signal(SignalKind::interrupt())?),
            _file_limit: signal(SignalKind::from_raw(Number::XFSZ.as_raw()))?,
        })
    }

    /// Waits to be told for the first time.
    pub(super) async fn first(&self) {
        let (mut terminate, mut interrupt) =
            (self.terminate.lock().await, self.interrupt.lock().await);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    /// Waits to be told again.
    pub(super) async fn second(&self) {
        self.first().await;
    }
}

//! A server to test against, and the people who use it.

mod client;
mod cluster;
mod mail;
mod people;
mod postgres;
mod process;

pub(crate) use client::{Answer, Client, send};
pub(crate) use cluster::Cluster;
pub(crate) use mail::MailServer;
pub(crate) use people::{PASSWORD, Who};
pub(crate) use process::{PATIENCE, TestServer, rideout, rideout_by, wait_until};

use std::{
    io::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A new identifier, the client's own, in the order of their making.
pub(crate) fn new_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let n = COUNT.fetch_add(1, Relaxed);
    format!(
        "01900000-{:04x}-7000-8000-{n:012x}",
        std::process::id() & 0xffff
    )
}

/// Says, past the capture of output, that a test could not do its work here.
pub(crate) fn left_out(why: &str) {
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {why}");
}

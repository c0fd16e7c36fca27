//! Tests of the built binary, as people and programs use it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must fail loudly"
)]

mod support;

mod account;
mod admin_listener;
mod api;
mod authorisation;
mod commands;
mod configuration;
mod directory;
mod door;
mod faults;
mod limits;
mod on_call;
mod pages;
mod paging;
mod room;
mod stopping;

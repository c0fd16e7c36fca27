//! Tried until it breaks: each file breaks one thing under a running server.
//!
//! What must hold each time: nothing that was acknowledged is lost or there
//! twice, whoever asks is told in a sentence, and Rideout goes on without
//! being started again.

#[cfg(target_os = "linux")]
mod full_disk;
mod hostile_bytes;
mod hostile_words;
mod killed;
mod newer;
mod nodes;
mod pages;
mod postgres_away;
mod read_only;
mod second_server;
mod stopped;
mod stream;
mod writers;

//! The server of Rideout: command line, configuration, both listeners, REST API.
//!
//! Nothing below this crate and `rideout-app` knows HTTP. A handler authorises
//! by calling a use case of `rideout-service`, and renders what it answers.

pub mod admin;
pub mod assets;
pub mod cli;
pub mod config;
pub mod engine;
pub mod live;
pub mod server;
pub mod telemetry;
pub mod web;

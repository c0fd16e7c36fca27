//! What islands decide, without a browser: plain functions and values, tested
//! like the rest.

pub mod clock;
pub mod delay;
pub mod filter;
pub mod order;
pub mod queue;
pub mod uuid7;

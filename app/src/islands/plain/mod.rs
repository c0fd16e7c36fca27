//! What islands decide, without a browser: plain functions and values, tested
//! like the rest.

pub mod delay;
pub mod filter;
pub mod json;
pub mod order;
pub mod queue;
pub mod table;
pub mod uuid7;

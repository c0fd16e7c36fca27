//! The pages: props from the domain, HTML out, no input or output.

pub mod declare;
pub mod error;
pub mod example;
pub mod incidents;
pub mod room;
pub mod styleguide;

//! What stands around every handler.

pub mod cross_site;
pub mod frame;
pub mod gate;
pub mod headers;
pub mod limits;
pub mod linger;
pub mod report;

//! The pages: props from the domain, HTML out, no input or output.

pub mod account;
pub mod catch_up;
pub mod declare;
pub mod details;
pub mod directory;
pub mod entry_edit;
pub mod entry_history;
pub mod error;
pub mod example;
pub mod incidents;
pub mod on_call;
pub mod paging;
pub mod room;
pub mod share;
pub mod stakeholder;
pub mod stall;
pub mod styleguide;

//! The war room: one timeline, a board beside it, a header that answers in one
//! glance.
//!
//! Every region is a function of the room and of a moment ([`Scene`]). A region
//! that live events replace is a complete element with its identifier, the same
//! bytes for everybody.

mod ask;
pub mod composer;
pub mod doing;
pub mod entry;
mod fields;
pub mod filter;
pub mod fragments;
pub mod glance;
mod line;
mod page;
pub mod people;
pub mod pinned;
pub mod prompt;
pub mod quote;
mod scene;
mod strip;
pub mod thinking;
pub mod timeline;
pub mod urgency;
mod waiting;
mod whom;

#[cfg(test)]
mod tests;

pub use composer::Draft;
pub use filter::Filter;
pub use page::{RoomPage, room_page};
pub use scene::{Person, Present, Refused, Scene};
pub use timeline::Rendered;

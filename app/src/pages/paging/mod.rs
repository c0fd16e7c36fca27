//! Pages of people: the page behind a link in a message, the notice of whoever is
//! paged, and the engine that sends.

pub mod called;
pub mod confirm;
pub mod engine;
pub mod link;

pub use called::{Called, CalledNotice};
pub use confirm::{ConfirmRoute, ConfirmRoutePage, ConfirmStanding};
pub use engine::{EngineNode, EngineView, EngineViewPage, SentMessage};
pub use link::{LinkAbout, LinkKind, LinkStanding, PageLink, PageLinkGone, PageLinkPage};

//! Accounts: signing in, joining, one's own account, people, the audit log.

pub mod audit;
pub mod join;
pub mod login;
pub mod own;
pub mod people;
pub mod secret;
mod words;

pub use audit::{Audit, AuditLine, AuditPage, AuditQuery};
pub use join::{DeadLink, DeadLinkPage, Join, JoinPage};
pub use login::{Login, LoginPage};
pub use own::{MadeToken, Own, OwnPage, SessionLine, TokenLine};
pub use people::{InviteLine, MadeLink, People, PeoplePage, PersonLine};

#[cfg(test)]
mod tests;

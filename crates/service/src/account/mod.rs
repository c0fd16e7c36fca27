//! Accounts: people, sessions, tokens, invitations, the audit log.
//!
//! Secrets (session tokens, API tokens, links) are 256 random bits of which
//! only a hash is stored. What matters for security is written to the audit
//! log in the transaction of its cause.

pub mod audit;
mod command_line;
mod example;
mod hasher;
pub mod invite;
mod known;
pub mod login;
mod newcomer;
pub mod password;
pub mod person;
pub mod session;
mod setup;
pub mod throttle;
pub mod token;

#[cfg(test)]
mod tests;

pub use audit::{AuditCursor, AuditEntry, AuditFilter, AuditPage};
pub use command_line::NewUser;
pub use invite::{Invite, MadeInvite, NewAccount};
pub use login::Credentials;
pub use person::{ListedPerson, Person};
pub use session::{ListedSession, SignedIn, Visit};
pub use token::ListedToken;

use hasher::Hasher;
use known::Known;
use std::sync::Arc;

/// What accounts keep in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    pub(crate) hasher: Hasher,
    pub(crate) known: Arc<Known>,
}

/// The statements of this area.
pub(crate) const STATEMENTS: &[&[crate::db::Sql]] = &[
    audit::ALL,
    command_line::ALL,
    example::ALL,
    invite::ALL,
    login::ALL,
    person::ALL,
    session::ALL,
    setup::ALL,
    throttle::ALL,
    token::ALL,
];

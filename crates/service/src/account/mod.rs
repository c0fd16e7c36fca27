//! Accounts: people, sessions, tokens, invitations, the audit log.

pub mod audit;

/// What accounts keep in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {}

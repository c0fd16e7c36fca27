//! Every statement of this crate, so that a test can prepare each on both databases.

use crate::db::{self, Sql};

/// Every statement there is. A module with statements adds its `ALL` here.
#[must_use]
pub fn all() -> Vec<&'static [Sql]> {
    let mut lists = db::all_statements();
    lists.extend([
        crate::attachment::ALL,
        crate::example::ALL,
        crate::incident::ALL,
        crate::presence::ALL,
        crate::room::ALL,
        crate::share::ALL,
        crate::timeline::ALL,
    ]);
    lists.extend_from_slice(crate::account::STATEMENTS);
    lists.extend_from_slice(crate::directory::STATEMENTS);
    lists.extend_from_slice(crate::oncall::STATEMENTS);
    lists.extend_from_slice(crate::page::STATEMENTS);
    lists.extend_from_slice(crate::stall::STATEMENTS);
    lists
}

//! The statements of the storage layer itself.

use super::Sql;

crate::statements! {
    /// Asks for a sign of life.
    PING = "SELECT 1";
    /// The size of the current database.
    SIZE = sqlite "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        postgres "SELECT pg_database_size(current_database())";
    /// A table that nobody keeps, to find out whether tables can be made.
    PROBE = sqlite "CREATE TABLE rideout_write_probe (n INTEGER) STRICT"
        postgres "CREATE TABLE rideout_write_probe (n BIGINT)";
    /// Looks for damage; one row `ok` if there is none.
    INTEGRITY = sqlite "PRAGMA integrity_check(100)" postgres "SELECT 'ok'";
}

/// The statements of the storage layer, the first part of the list of all there are.
pub fn all_statements() -> Vec<&'static [Sql]> {
    vec![ALL, super::migrate::ALL]
}

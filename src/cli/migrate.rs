//! `rideout migrate`

use super::{Failure, out};
use rideout_service::db::{Db, MigrationInfo};

pub(super) async fn run(db: Db, check: bool) -> Result<(), Failure> {
    if check {
        let status = db.migration_status().await?;
        for one in &status.pending {
            out::line(&format!("to be applied: {}", shown(one)));
        }
        if let Some(one) = status.unknown.first() {
            return Err(Failure::new(format!(
                "the database was made by a newer Rideout (its migration {}): use that version",
                shown(one)
            )));
        }
        return match status.pending.len() {
            0 => {
                out::line("The database is up to date.");
                Ok(())
            }
            n => Err(Failure::new(format!(
                "{n} to be applied: run `rideout migrate`, or start the server"
            ))),
        };
    }
    let applied = db.migrate().await?;
    for one in &applied {
        out::line(&format!("applied: {}", shown(one)));
    }
    if applied.is_empty() {
        out::line("The database is up to date.");
    }
    Ok(())
}

fn shown(one: &MigrationInfo) -> String {
    format!("{:04} {}", one.version, one.name)
}

/// Commands beside a running server do not change its tables under it.
pub(super) async fn must_be_current(db: &Db) -> Result<(), Failure> {
    let status = db.migration_status().await?;
    if !status.unknown.is_empty() {
        return Err(Failure::new(
            "the database was made by a newer Rideout: use that version's commands",
        ));
    }
    if status.applied.is_empty() {
        return Err(Failure::new(
            "the database is empty: run `rideout migrate`, or start the server once",
        ));
    }
    if !status.pending.is_empty() {
        return Err(Failure::new(
            "the database is of an older version: make a backup, then run `rideout migrate` or start the server",
        ));
    }
    Ok(())
}

//! The audit log: everything that matters for security, written with its cause.

use crate::{Error, args, db::Tx, statements};
use rideout_domain::{Actor, Timestamp};
use uuid::Uuid;

statements! {
    /// Adds a line to the audit log.
    INSERT = "INSERT INTO audit (id, at, actor_id, actor, action, subject, detail, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

/// Writes down who did what, in the transaction of its cause.
///
/// `action` is a dotted word such as `entry.redacted`.
pub(crate) async fn record(
    tx: &mut Tx,
    id: Uuid,
    at: Timestamp,
    actor: &Actor,
    action: &'static str,
    subject: &str,
    detail: serde_json::Value,
) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        &args![id, at.0, actor.id.0, actor.name.as_str(), action, subject, detail.to_string(), actor.address.as_str()],
    )
    .await?;
    Ok(())
}

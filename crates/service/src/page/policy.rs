//! Which policy an incident is escalated by.

use crate::{Error, args, db::Conn, statements};
use rideout_domain::{Incident, PolicyId, escalation::Policy};

statements! {
    /// The policy of a service by its name.
    OF_SERVICE = "SELECT p.id, p.name, p.repeats, p.levels FROM services s JOIN escalation_policies p ON p.id = s.policy_id WHERE lower(s.name) = lower($1) AND s.archived_at IS NULL AND p.archived_at IS NULL";
    /// The policy of services without their own.
    DEFAULT = "SELECT id, name, repeats, levels FROM escalation_policies WHERE is_default = 1 AND archived_at IS NULL";
    /// One policy.
    FIND = "SELECT id, name, repeats, levels FROM escalation_policies WHERE id = $1 AND archived_at IS NULL";
}

/// The policy of the first of the incident's services that has one, else the
/// default one; none when there is neither.
pub(crate) async fn policy_for(
    conn: &mut Conn,
    incident: &Incident,
) -> Result<Option<(PolicyId, Policy)>, Error> {
    for service in &incident.services {
        if let Some(row) = conn
            .fetch_optional(&OF_SERVICE, &args![service.as_str()])
            .await?
        {
            return from_row(&row).map(Some);
        }
    }
    let row = conn.fetch_optional(&DEFAULT, &[]).await?;
    row.map(|row| from_row(&row)).transpose()
}

/// A policy by its identifier.
pub(super) async fn find(conn: &mut Conn, id: PolicyId) -> Result<Option<Policy>, Error> {
    let row = conn.fetch_optional(&FIND, &args![id.0]).await?;
    row.map(|row| Ok(from_row(&row)?.1)).transpose()
}

fn from_row(row: &crate::db::Row) -> Result<(PolicyId, Policy), Error> {
    let policy = Policy {
        name: row.text("name")?,
        repeats: u32::try_from(row.int("repeats")?).map_err(Error::internal)?,
        levels: serde_json::from_str(&row.text("levels")?).map_err(Error::internal)?,
    };
    Ok((PolicyId(row.uuid("id")?), policy))
}

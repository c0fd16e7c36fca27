//! How a person is reached, for those who send.

use super::Named;
use crate::{
    Error, args,
    db::{Conn, Row, Tx},
    statements,
};
use rideout_domain::{Channel, RouteId, Timestamp, UserId};
use std::fmt;

statements! {
    /// The routes of somebody that work, in their order.
    USABLE = "SELECT id, user_id, channel, target, secret, label FROM contact_routes WHERE user_id = $1 AND removed_at IS NULL AND disabled_at IS NULL ORDER BY position, id";
    /// One route, whatever its state.
    FIND = "SELECT id, user_id, channel, target, secret, label FROM contact_routes WHERE id = $1";
    /// Takes a route out of use.
    DISABLE = "UPDATE contact_routes SET disabled_at = $2, disabled_why = $3 WHERE id = $1 AND disabled_at IS NULL";
    /// Notes how a test went.
    TESTED = "UPDATE contact_routes SET tested_at = $2, test_outcome = $3 WHERE id = $1";
    /// Whoever may be put on call and has no route in use that is confirmed.
    UNCONFIRMED = "SELECT u.id, u.name, u.disabled_at FROM users u WHERE u.disabled_at IS NULL AND u.role <> 'viewer' AND NOT EXISTS (SELECT 1 FROM contact_routes r WHERE r.user_id = u.id AND r.removed_at IS NULL AND r.disabled_at IS NULL AND r.channel <> 'browser' AND r.confirmed_at IS NOT NULL) ORDER BY lower(u.name), u.id";
}

/// A contact route with all that sending takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    /// Identifier.
    pub id: RouteId,
    /// Whose it is.
    pub user: UserId,
    /// What a message travels by.
    pub channel: Channel,
    /// An address or a web address; empty for the browser.
    pub target: String,
    /// What signs a webhook, or opens a topic of ntfy.
    pub secret: Option<String>,
    /// What its owner calls it; may be empty.
    pub label: String,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a webhook is a secret too.
        f.debug_struct("Route")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

fn from_row(row: &Row) -> Result<Route, Error> {
    Ok(Route {
        id: RouteId(row.uuid("id")?),
        user: UserId(row.uuid("user_id")?),
        channel: row.text("channel")?.parse().map_err(Error::internal)?,
        target: row.text("target")?,
        secret: row.opt_text("secret")?,
        label: row.text("label")?,
    })
}

/// The routes of somebody that work, in their order. Whoever has none is
/// reached by the address of their account, even if they took that route away.
///
/// # Errors
/// Only those of the database.
pub async fn routes_of(conn: &mut Conn, user: UserId) -> Result<Vec<Route>, Error> {
    let mut rows = conn.fetch_all(&USABLE, &args![user.0]).await?;
    if rows.is_empty() {
        // The route that came with the account has the account's id.
        rows = conn.fetch_all(&FIND, &args![user.0]).await?;
    }
    rows.iter().map(from_row).collect()
}

/// One route, also one that is disabled or was taken away.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn route(conn: &mut Conn, id: RouteId) -> Result<Route, Error> {
    let row = conn.fetch_optional(&FIND, &args![id.0]).await?;
    from_row(&row.ok_or(Error::NotFound)?)
}

/// What somebody is reached by, each once, in their order: all that others see.
///
/// # Errors
/// Only those of the database.
pub async fn channels_of(conn: &mut Conn, user: UserId) -> Result<Vec<Channel>, Error> {
    let mut channels = Vec::new();
    for route in routes_of(conn, user).await? {
        if !channels.contains(&route.channel) {
            channels.push(route.channel);
        }
    }
    Ok(channels)
}

/// Whoever may be put on call and has no route in use that is confirmed, by name:
/// nobody knows whether a page reaches them.
///
/// # Errors
/// Only those of the database.
pub async fn unconfirmed(conn: &mut Conn) -> Result<Vec<Named>, Error> {
    let rows = conn.fetch_all(&UNCONFIRMED, &args![]).await?;
    rows.iter().map(Named::from_row).collect()
}

/// Takes a route out of use, because the other side asked for it or it cannot work.
/// Its owner sees why, and may take it into use again.
///
/// # Errors
/// Only those of the database.
pub async fn disable_route(
    tx: &mut Tx,
    id: RouteId,
    why: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(&DISABLE, &args![id.0, now.0, why]).await?;
    Ok(())
}

/// Notes how a test of a route went, in a sentence.
///
/// # Errors
/// Only those of the database.
pub async fn note_test(
    tx: &mut Tx,
    id: RouteId,
    outcome: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(&TESTED, &args![id.0, now.0, outcome]).await?;
    Ok(())
}

//! What Rideout writes on the timeline about escalations and pages.

use super::Stamp;
use crate::{
    Error,
    db::Tx,
    incident, markdown,
    timeline::{self, Fresh},
};
use rideout_domain::{EntryBody, EntryId, Incident, IncidentId, UserId};
use uuid::Uuid;

/// The incident, held against other steps until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn hold(tx: &mut Tx, id: IncidentId) -> Result<Incident, Error> {
    let row = tx
        .fetch_optional(&incident::FIND_FOR_UPDATE, &crate::args![id.0, Uuid::nil()])
        .await?;
    incident::from_row(&row.ok_or(Error::NotFound)?)
}

/// Writes an entry and returns the incident after it.
pub(crate) async fn write(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    author: Option<UserId>,
    body: EntryBody,
    text: &str,
) -> Result<Incident, Error> {
    let fresh = Fresh {
        id: EntryId(stamp.id()),
        author,
        body,
        text: text.to_owned(),
        html: markdown::to_html(text),
        occurred_at: stamp.now,
        recorded_at: stamp.now,
        digest: Vec::new(),
    };
    Ok(timeline::write(tx, incident, fresh, None).await?.0)
}

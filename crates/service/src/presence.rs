//! Who is in the room: joined and left are on record, here now is not.

use crate::{
    Error, Service, args,
    db::{LiveWhat, Tx},
    incident, statements,
    timeline::{self, Fresh},
};
use rideout_domain::{Actor, EntryBody, EntryId, IncidentId, Timestamp, UserId};

statements! {
    /// Notes that somebody came in, or came back.
    JOIN = "INSERT INTO participants (incident_id, user_id, joined_at, left_at, seen_at) VALUES ($1, $2, $3, NULL, $3) ON CONFLICT (incident_id, user_id) DO UPDATE SET left_at = NULL, seen_at = excluded.seen_at, joined_at = CASE WHEN participants.left_at IS NULL THEN participants.joined_at ELSE excluded.joined_at END";
    /// Whether somebody is in the room.
    FIND = "SELECT left_at FROM participants WHERE incident_id = $1 AND user_id = $2";
    /// Notes that somebody left.
    LEAVE = "UPDATE participants SET left_at = $3 WHERE incident_id = $1 AND user_id = $2 AND left_at IS NULL";
    /// Notes that somebody's page is open.
    TOUCH = "UPDATE participants SET seen_at = $3 WHERE incident_id = $1 AND user_id = $2 AND seen_at < $3";
    /// Who is in the room, by name.
    HERE = "SELECT u.id, u.name, p.joined_at, p.seen_at FROM participants p JOIN users u ON u.id = p.user_id WHERE p.incident_id = $1 AND p.left_at IS NULL ORDER BY u.name, u.id";
}

/// Seconds after which somebody whose page no longer answers is away.
pub const AWAY_AFTER_SECONDS: i64 = 90;

/// Somebody in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Who.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Since when in the room.
    pub joined_at: Timestamp,
    /// When their page last answered.
    pub seen_at: Timestamp,
    /// Joined, but their page has not answered for a while.
    pub away: bool,
}

impl Service {
    /// Comes into the room. Does nothing when already there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor may not see it.
    pub async fn join(&self, actor: &Actor, incident: IncidentId) -> Result<(), Error> {
        self.come_or_go(actor, incident, true).await
    }

    /// Leaves the room. Does nothing when not there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor may not see it.
    pub async fn leave(&self, actor: &Actor, incident: IncidentId) -> Result<(), Error> {
        self.come_or_go(actor, incident, false).await
    }

    /// Notes that pages of these people are open. Not on record, and not an event.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn touch_presence(&self, seen: Vec<(IncidentId, UserId)>) -> Result<(), Error> {
        let now = self.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    for (incident, user) in seen {
                        tx.execute(&TOUCH, &args![incident.0, user.0, now.0])
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Who is in the room.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor may not see it.
    pub async fn here_now(&self, actor: &Actor, incident: IncidentId) -> Result<Vec<Here>, Error> {
        incident::find(&mut *self.db.reader().await?, actor, incident).await?;
        self.here_now_unchecked(incident).await
    }

    /// Who is in the room, for work that was authorised otherwise.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn here_now_unchecked(&self, incident: IncidentId) -> Result<Vec<Here>, Error> {
        let now = self.now();
        let rows = self
            .db
            .reader()
            .await?
            .fetch_all(&HERE, &args![incident.0])
            .await?;
        rows.iter()
            .map(|row| {
                let seen_at = Timestamp(row.int("seen_at")?);
                Ok(Here {
                    id: UserId(row.uuid("id")?),
                    name: row.text("name")?,
                    joined_at: Timestamp(row.int("joined_at")?),
                    seen_at,
                    away: now.seconds_since(seen_at) > AWAY_AFTER_SECONDS,
                })
            })
            .collect()
    }

    async fn come_or_go(
        &self,
        actor: &Actor,
        incident: IncidentId,
        come: bool,
    ) -> Result<(), Error> {
        let (now, id, actor) = (self.now(), EntryId(self.new_id()), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    let found = tx
                        .fetch_optional(&FIND, &args![incident.0, actor.id.0])
                        .await?;
                    let inside = match found {
                        Some(found) => found.opt_int("left_at")?.is_none(),
                        None => false,
                    };
                    note(tx, incident, actor.id, now, come).await?;
                    if inside == come {
                        return Ok(());
                    }
                    let fresh = Fresh {
                        id,
                        author: Some(actor.id),
                        body: if come {
                            EntryBody::Joined
                        } else {
                            EntryBody::Left
                        },
                        text: String::new(),
                        html: String::new(),
                        occurred_at: now,
                        recorded_at: now,
                        digest: Vec::new(),
                    };
                    timeline::write(tx, row, fresh, None).await?;
                    incident::publish(tx, incident, 0, LiveWhat::Presence);
                    Ok(())
                })
            })
            .await
    }
}

async fn note(
    tx: &mut Tx,
    incident: IncidentId,
    user: UserId,
    now: Timestamp,
    come: bool,
) -> Result<(), Error> {
    let sql = if come { &JOIN } else { &LEAVE };
    tx.execute(sql, &args![incident.0, user.0, now.0]).await?;
    Ok(())
}

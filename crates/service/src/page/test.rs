//! Trying whether a contact route works.

use super::claim::Body;
use crate::{
    Error, Service, args,
    db::{LiveEvent, LiveWhat},
    statements,
};
use rideout_domain::{Actor, MessageId, RouteId, outbox::Urgency};
use uuid::Uuid;

/// How long after a test of a route another one is refused, in seconds.
const PAUSE: i64 = 10;
/// Most tests that somebody has sent in ten minutes.
const LATELY_MAX: i64 = 20;

statements! {
    /// Whether a route in use is somebody's own.
    IS_OWN = "SELECT 1 AS yes FROM contact_routes WHERE id = $1 AND user_id = $2 AND removed_at IS NULL AND disabled_at IS NULL";
    /// A test of a route that was begun a moment ago.
    YOUNG = "SELECT 1 AS yes FROM messages WHERE route_id = $1 AND purpose = 'test' AND created_at > $2";
    /// Tests that somebody had sent lately, through whatever route.
    LATELY = "SELECT COUNT(*) AS n FROM messages WHERE user_id = $1 AND purpose = 'test' AND created_at > $2";
    /// Adds a test.
    INSERT = "INSERT INTO messages (id, user_id, route_id, purpose, body, state, attempts, due_at, why, created_at) VALUES ($1, $2, $3, 'test', $4, 'pending', 0, $5, '', $5)";
    /// How a message stands.
    STATE = "SELECT state, why FROM messages WHERE id = $1 AND user_id = $2";
}

impl Service {
    /// Sends a test through one's own route. What it came to stands at the route
    /// (`tested_at`, `test_outcome`), and in [`message_state`](Self::message_state).
    ///
    /// # Errors
    /// [`Error::NotFound`] for another's route or one not in use, [`Error::TooMany`].
    pub async fn test_route(&self, actor: &Actor, route: RouteId) -> Result<MessageId, Error> {
        let (id, now, actor) = (MessageId(self.new_id()), self.now(), actor.clone());
        let body = Body {
            subject: "Rideout: a test".to_owned(),
            summary: vec![
                "This contact route works.".to_owned(),
                format!("{} asked for this test.", actor.name),
            ],
            urgency: Urgency::Normal,
            number: None,
        };
        let body = serde_json::to_string(&body).map_err(Error::internal)?;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let own = args![route.0, actor.id.0];
                    if tx.fetch_optional(&IS_OWN, &own).await?.is_none() {
                        return Err(Error::NotFound);
                    }
                    let young = args![route.0, now.plus_seconds(-PAUSE).0];
                    if tx.fetch_optional(&YOUNG, &young).await?.is_some() {
                        return Err(Error::TooMany {
                            retry_after_seconds: PAUSE,
                        });
                    }
                    let lately = args![actor.id.0, now.plus_minutes(-10).0];
                    if tx.fetch_one(&LATELY, &lately).await?.int("n")? >= LATELY_MAX {
                        return Err(Error::TooMany {
                            retry_after_seconds: 60,
                        });
                    }
                    let row = args![id.0, actor.id.0, route.0, body, now.0];
                    tx.execute(&INSERT, &row).await?;
                    tx.after_commit(LiveEvent {
                        incident: Uuid::nil(),
                        seq: 0,
                        what: LiveWhat::Due,
                    });
                    Ok(id)
                })
            })
            .await
    }

    /// How a message of one's own stands, and why it is not further.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn message_state(
        &self,
        actor: &Actor,
        id: MessageId,
    ) -> Result<(rideout_domain::outbox::MessageState, String), Error> {
        let mut conn = self.db.reader().await?;
        let row = conn
            .fetch_optional(&STATE, &args![id.0, actor.id.0])
            .await?
            .ok_or(Error::NotFound)?;
        let state = row.text("state")?.parse().map_err(Error::internal)?;
        Ok((state, row.text("why")?))
    }
}

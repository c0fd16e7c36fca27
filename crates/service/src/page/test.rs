//! Trying whether a contact route works.

use super::claim::Body;
use crate::{
    Error, Service, args,
    db::{LiveEvent, LiveWhat, Row},
    statements,
};
use rideout_domain::{
    Actor, Channel, MessageId, RouteId, Timestamp,
    outbox::Urgency,
    reach::{MAILBOX_TESTS_MAX, mailbox},
};
use uuid::Uuid;

/// How long after a test of a route another one is refused, in seconds.
const PAUSE: i64 = 10;
/// Most tests that somebody has sent in ten minutes.
const LATELY_MAX: i64 = 20;
/// Minutes in a day.
const DAY: i64 = 24 * 60;

statements! {
    /// Lets one test at a time be counted; SQLite has one writer anyway.
    LOCK = sqlite "SELECT 1" postgres "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7240304)) AS held";
    /// A route in use that is somebody's own, and the address of their account.
    OWN = "SELECT r.channel, r.target, r.confirmed_at, u.email FROM contact_routes r JOIN users u ON u.id = r.user_id WHERE r.id = $1 AND r.user_id = $2 AND r.removed_at IS NULL AND r.disabled_at IS NULL";
    /// A test of a route that was begun a moment ago.
    YOUNG = "SELECT 1 AS yes FROM messages WHERE route_id = $1 AND purpose = 'test' AND created_at > $2";
    /// Tests that somebody had sent lately, through whatever route.
    LATELY = "SELECT COUNT(*) AS n FROM messages WHERE user_id = $1 AND purpose = 'test' AND created_at > $2";
    /// Tests to a mailbox that nobody had confirmed, whoever asked, and the first of them.
    TO_MAILBOX = "SELECT COUNT(*) AS n, MIN(created_at) AS first FROM messages WHERE mailbox = $1 AND created_at > $2";
    /// Adds a test.
    INSERT = "INSERT INTO messages (id, user_id, route_id, purpose, body, state, attempts, due_at, why, created_at, mailbox) VALUES ($1, $2, $3, 'test', $4, 'pending', 0, $5, '', $5, $6)";
    /// How a message stands.
    STATE = "SELECT state, why FROM messages WHERE id = $1 AND user_id = $2";
}

impl Service {
    /// Sends a test through one's own route. What it came to stands at the route
    /// (`tested_at`, `test_outcome`), and in [`message_state`](Self::message_state).
    ///
    /// # Errors
    /// [`Error::NotFound`] for another's route or one not in use, [`Error::TooMany`],
    /// [`Error::TestedOften`] for a mailbox that may be a stranger's.
    pub async fn test_route(&self, actor: &Actor, route: RouteId) -> Result<MessageId, Error> {
        let (id, now, actor) = (MessageId(self.new_id()), self.now(), actor.clone());
        let body = Body {
            subject: "Rideout: a test".to_owned(),
            summary: vec![
                format!("{} asked for this test of a contact route.", actor.name),
                "Open the link and press its button, so that everybody knows that pages reach you here.".to_owned(),
                format!("You are not {}? Leave it, and nothing follows.", actor.name),
            ],
            urgency: Urgency::Normal,
            number: None,
        };
        let body = serde_json::to_string(&body).map_err(Error::internal)?;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&LOCK, &[]).await?;
                    let own = args![route.0, actor.id.0];
                    let own = tx.fetch_optional(&OWN, &own).await?;
                    let mailbox = unconfirmed(&own.ok_or(Error::NotFound)?)?;
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
                    if let Some(mailbox) = &mailbox {
                        let since = args![mailbox, now.plus_minutes(-DAY).0];
                        let told = tx.fetch_one(&TO_MAILBOX, &since).await?;
                        if told.int("n")? >= MAILBOX_TESTS_MAX {
                            let first = told.opt_int("first")?.map_or(now, Timestamp);
                            return Err(Error::TestedOften {
                                retry_after_seconds: first
                                    .plus_minutes(DAY)
                                    .seconds_since(now)
                                    .max(1),
                            });
                        }
                    }
                    let row = args![id.0, actor.id.0, route.0, body, now.0, mailbox];
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

/// The mailbox of a route that leads to another address than the account's own, as
/// long as nobody has shown that it is the asker's.
fn unconfirmed(row: &Row) -> Result<Option<String>, Error> {
    let channel: Channel = row.text("channel")?.parse().map_err(Error::internal)?;
    let target = row.text("target")?;
    let known = row.opt_int("confirmed_at")?.is_some() || target == row.text("email")?;
    Ok((channel == Channel::Email && !known).then(|| mailbox(&target)))
}

//! Calendar feeds: unguessable addresses that calendars subscribe to.

use super::{
    limits,
    store::{self, Names},
};
use crate::{Error, Service, account::audit, args, secret, statements};
use rideout_domain::{Action, Actor, FeedId, ScheduleId, Timestamp, UserId};
use rideout_oncall::feed::{self, Listed};
use serde_json::json;

/// Most feeds that one person may have in use.
const MOST: i64 = 50;
const DAY: i64 = 86_400_000_000;
/// How many days back and ahead a feed shows.
const BACK: i64 = 30;
const AHEAD: i64 = 180;

statements! {
    /// Adds a feed.
    INSERT = "INSERT INTO calendar_feeds (id, token_hash, schedule_id, user_id, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    /// How many feeds somebody has in use.
    COUNT = "SELECT COUNT(*) AS n FROM calendar_feeds WHERE user_id = $1 AND revoked_at IS NULL";
    /// Somebody's feeds, newest first.
    LIST = "SELECT f.id, f.schedule_id, s.name, f.created_at FROM calendar_feeds f LEFT JOIN schedules s ON s.id = f.schedule_id WHERE f.user_id = $1 AND f.revoked_at IS NULL ORDER BY f.created_at DESC, f.id DESC";
    /// Ends one of somebody's feeds.
    REVOKE = "UPDATE calendar_feeds SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL";
    /// What a token leads to, if its person is in good standing.
    FIND = "SELECT f.schedule_id, f.user_id FROM calendar_feeds f JOIN users u ON u.id = f.user_id WHERE f.token_hash = $1 AND f.revoked_at IS NULL AND u.disabled_at IS NULL";
}

/// A feed, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFeed {
    /// Identifier.
    pub id: FeedId,
    /// The schedule it shows and its name; nothing for one's own shifts.
    pub schedule: Option<(ScheduleId, String)>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a feed gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The calendar (RFC 5545).
    pub text: String,
}

impl Service {
    /// Makes a feed of a schedule, or of the actor's own shifts. The secret in the
    /// answer is shown once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the schedule; [`Error::Conflict`] `already_made`, or
    /// `too_many` when there are fifty.
    pub async fn make_feed(
        &self,
        actor: &Actor,
        id: Option<FeedId>,
        schedule: Option<ScheduleId>,
    ) -> Result<(FeedId, String), Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let (token, hash) = secret::make(&*self.ids, "")?;
        let id = id.unwrap_or_else(|| FeedId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let subject = match schedule {
                        Some(schedule) => {
                            let found = store::find(tx, schedule, now, now).await?;
                            found.ok_or(Error::NotFound)?.schedule.name().to_owned()
                        }
                        None => actor.name.clone(),
                    };
                    let held = tx.fetch_one(&COUNT, &args![actor.id.0]).await?;
                    if held.int("n")? >= MOST {
                        return Err(Error::Conflict {
                            code: "too_many",
                            message: format!(
                                "You have {MOST} calendar feeds. Take one back that you no longer use."
                            ),
                        });
                    }
                    let added = tx
                        .execute(
                            &INSERT,
                            &args![id.0, hash, schedule.map(|s| s.0), actor.id.0, now.0],
                        )
                        .await?;
                    if added == 0 {
                        return Err(Error::Conflict {
                            code: "already_made",
                            message: "This feed was made already, and its address was shown then. Take it back and make another.".to_owned(),
                        });
                    }
                    let detail = json!({"feed": id, "schedule": schedule});
                    audit::record(tx, audit_id, now, &actor, "feed.made", &subject, detail).await
                })
            })
            .await?;
        Ok((id, token))
    }

    /// The actor's feeds in use, newest first.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn feeds(&self, actor: &Actor) -> Result<Vec<ListedFeed>, Error> {
        let mut conn = self.db.reader().await?;
        let rows = conn.fetch_all(&LIST, &args![actor.id.0]).await?;
        rows.iter()
            .map(|row| {
                let schedule = match (row.opt_uuid("schedule_id")?, row.opt_text("name")?) {
                    (Some(id), Some(name)) => Some((ScheduleId(id), name)),
                    _ => None,
                };
                Ok(ListedFeed {
                    id: FeedId(row.uuid("id")?),
                    schedule,
                    created_at: Timestamp(row.int("created_at")?),
                })
            })
            .collect()
    }

    /// Ends one of the actor's feeds at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's, or has ended.
    pub async fn revoke_feed(&self, actor: &Actor, id: FeedId) -> Result<(), Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let args = args![id.0, actor.id.0, now.0];
                    if tx.execute(&REVOKE, &args).await? == 0 {
                        return Err(Error::NotFound);
                    }
                    let detail = json!({"feed": id});
                    let subject = actor.name.clone();
                    audit::record(tx, audit_id, now, &actor, "feed.revoked", &subject, detail).await
                })
            })
            .await
    }

    /// What whoever knows the address of a feed gets.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it has ended, its person was shut out, or its
    /// schedule is archived.
    pub async fn feed(&self, token: &str) -> Result<Feed, Error> {
        let now = self.now();
        let (from, until) = (
            Timestamp(now.0 - BACK * DAY),
            Timestamp(now.0 + AHEAD * DAY),
        );
        let margin = limits::SHIFT_DAYS * DAY;
        let (early, late) = (Timestamp(from.0 - margin), Timestamp(until.0 + margin));
        let mut conn = self.db.snapshot().await?;
        let row = conn
            .fetch_optional(&FIND, &args![secret::hash(token)])
            .await?
            .ok_or(Error::NotFound)?;
        let person = UserId(row.uuid("user_id")?);
        let schedules = match row.opt_uuid("schedule_id")?.map(ScheduleId) {
            Some(id) => {
                let found = store::find(&mut conn, id, early, late).await?;
                vec![found.ok_or(Error::NotFound)?]
            }
            None => store::all(&mut conn, early, late).await?,
        };
        let names = Names::load(&mut conn).await?;
        drop(conn);
        let ids: Vec<String> = schedules.iter().map(|one| one.id.to_string()).collect();
        let listed: Vec<Listed<'_>> = schedules
            .iter()
            .zip(&ids)
            .map(|(stored, id)| Listed {
                id,
                schedule: &stored.schedule,
                changed_at: stored.changed_at,
            })
            .collect();
        let text = match (row.opt_uuid("schedule_id")?, listed.as_slice()) {
            (Some(_), [one]) => feed::of_schedule(*one, from, until, |id| names.of(id).name),
            _ => feed::of_person(person, &names.of(person).name, &listed, from, until),
        };
        Ok(Feed { text })
    }
}

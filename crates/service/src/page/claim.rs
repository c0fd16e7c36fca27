//! Taking messages out of the outbox, each by one sender at a time.

use crate::{
    Error, Service, args,
    db::{Dialect, Row, Tx},
    statements,
};
use rideout_domain::{
    Channel, IncidentId, MessageId, PageId, RouteId, Timestamp, UserId,
    outbox::{self, Outcome, Purpose, Urgency},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Seconds after which a node without a heartbeat is taken to be gone, and what it
/// had in hand is taken over.
const DEAD: i64 = 30;
/// Seconds that no message is put off for, but by quiet hours: neither by routes
/// one after the other, nor by attempts or throttle.
const PUT_OFF_MAX: i64 = 20 * 60;
/// Most messages looked at in one pass.
const LOOK: i64 = 500;

statements! {
    /// Lets one node at a time claim, so that throttles count every node's messages.
    LOCK = sqlite "SELECT 1" postgres "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7240302)) AS held";
    /// Whether there is anything to claim or to take back.
    ANY = "SELECT 1 AS yes FROM messages m JOIN contact_routes r ON r.id = m.route_id WHERE m.due_at <= $1 AND (CAST($4 AS TEXT) IS NULL OR r.channel = $4) UNION ALL SELECT 1 AS yes FROM messages WHERE claim_until IS NOT NULL AND claimed_by <> $2 AND (claim_until <= $1 OR NOT EXISTS (SELECT 1 FROM engine_nodes n WHERE n.node = messages.claimed_by AND n.cycled_at > $3)) LIMIT 1";
    /// Takes back what another sender left behind: it took too long, or has no heartbeat any more.
    TAKE_BACK = "UPDATE messages SET state = 'pending', due_at = $1, claimed_by = NULL, claim_until = NULL, why = 'Whoever was sending it stopped before the end.' WHERE claim_until IS NOT NULL AND claimed_by <> $2 AND (claim_until <= $1 OR NOT EXISTS (SELECT 1 FROM engine_nodes n WHERE n.node = messages.claimed_by AND n.cycled_at > $3))";
    /// Takes back everything that anybody else had in hand.
    TAKE_BACK_ALL = "UPDATE messages SET state = 'pending', due_at = $1, claimed_by = NULL, claim_until = NULL, why = 'Whoever was sending it stopped before the end.' WHERE claim_until IS NOT NULL AND claimed_by <> $2";
    /// Messages that are due, with what is needed to send them.
    DUE = "SELECT m.id, m.page_id, m.user_id, m.route_id, m.purpose, m.body, m.attempts, m.created_at, m.due_at, r.channel, r.target, r.secret, r.removed_at, r.disabled_at, r.confirmed_at, u.email, u.disabled_at AS left_at, p.state AS page_state, p.incident_id FROM messages m JOIN contact_routes r ON r.id = m.route_id JOIN users u ON u.id = m.user_id LEFT JOIN pages p ON p.id = m.page_id WHERE m.due_at <= $1 AND (CAST($3 AS TEXT) IS NULL OR r.channel = $3) ORDER BY m.due_at, m.id LIMIT $2";
    /// When a route took its last messages.
    RECENT = "SELECT COALESCE(settled_at, $2) AS at FROM messages WHERE route_id = $1 AND purpose <> 'test' AND (state = 'sending' OR (state = 'sent' AND settled_at > $3))";
    /// Claims a message that nobody has claimed.
    CLAIM = "UPDATE messages SET state = 'sending', attempts = attempts + 1, due_at = NULL, claimed_by = $2, claim_until = $3 WHERE id = $1 AND state = 'pending'";
    /// Puts a message off.
    PUT_OFF = "UPDATE messages SET due_at = $2 WHERE id = $1 AND state = 'pending'";
    /// A message that is not needed any more.
    CANCEL = "UPDATE messages SET state = 'cancelled', due_at = NULL, settled_at = $2 WHERE id = $1 AND state = 'pending'";
    /// Adds a message that stands for several, claimed at once.
    INSERT_BUNDLE = "INSERT INTO messages (id, user_id, route_id, purpose, body, state, attempts, claimed_by, claim_until, why, created_at) VALUES ($1, $2, $3, 'bundle', $4, 'sending', 1, $5, $6, '', $7)";
    /// A message that goes out as part of another.
    BUNDLE = "UPDATE messages SET state = 'bundled', due_at = NULL, bundled_into = $2, settled_at = $3 WHERE id = $1 AND state = 'pending'";
    /// How many pages of a bundle are still open.
    OPEN_IN_BUNDLE = "SELECT COUNT(*) AS n FROM messages m JOIN pages p ON p.id = m.page_id WHERE m.bundled_into = $1 AND p.state = 'open'";
    /// Whether a page still waits for somebody.
    STILL_OPEN = "SELECT state FROM pages WHERE id = $1";
    /// Whether a sender still has a message in hand.
    HELD = "SELECT 1 AS yes FROM messages WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    /// No message waits for a time that the clock has left again.
    SET_BACK_DUE = "UPDATE messages SET due_at = $1 WHERE due_at > $2 AND (due_at > $3 OR NOT EXISTS (SELECT 1 FROM quiet_hours q WHERE q.user_id = messages.user_id))";
    /// No claim lasts longer than one made now.
    SET_BACK_CLAIMS = "UPDATE messages SET claim_until = $1 WHERE claim_until > $1";
}

/// What a message says, before the channel gives it a shape. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// What it is about, in a line.
    pub subject: String,
    /// What one needs to know, in at most three lines.
    pub summary: Vec<String>,
    /// How much it presses.
    pub urgency: Urgency,
    /// The number of the incident, for the link into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
}

/// A message that this node has in hand.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The message; the same however often it is sent.
    pub id: MessageId,
    /// What it is for.
    pub purpose: Purpose,
    /// Its page, unless it is a bundle or a test.
    pub page: Option<PageId>,
    /// The incident of its page.
    pub incident: Option<IncidentId>,
    /// Whom it is for.
    pub user: UserId,
    /// The route it takes.
    pub route: RouteId,
    /// What the route is.
    pub channel: Channel,
    /// Where the route leads.
    pub target: String,
    /// What signs or unlocks what is sent there.
    pub secret: Option<String>,
    /// What it says.
    pub body: Body,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was due.
    pub due_at: Timestamp,
    /// The number of this attempt, from 1.
    pub attempts: u32,
    /// Who has it in hand.
    pub node: String,
    /// What it came to without being sent: its route is not in use any more.
    pub refused: Option<Outcome>,
}

/// A message that is due.
struct Candidate {
    claimed: Claimed,
    /// Its page waits for somebody, or it has none.
    wanted: bool,
}

impl Service {
    /// Claims messages that are due, for the sender of that name: of one channel, so
    /// that one that hangs leaves the others their places, or of any; `limit` at most,
    /// and none that its route's throttle or its page's end holds back. Until
    /// [`settle`](Self::settle) nobody else has them, but for
    /// [`outbox::CLAIM_SECONDS`] at most.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn claim_due(
        &self,
        node: &str,
        channel: Option<Channel>,
        limit: usize,
    ) -> Result<Vec<Claimed>, Error> {
        let channel = channel.map(Channel::word);
        let (stamp, node) = (self.stamp(), node.to_owned());
        // Most of the time there is nothing, and every other writer would wait for that.
        let dead = stamp.now.plus_seconds(-DEAD);
        let any = args![stamp.now.0, node.as_str(), dead.0, channel];
        let mut conn = self.db.reader().await?;
        if conn.fetch_optional(&ANY, &any).await?.is_none() {
            return Ok(Vec::new());
        }
        drop(conn);
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let now = stamp.now;
                    tx.fetch_optional(&LOCK, &[]).await?;
                    let others = args![now.0, node.as_str(), dead.0];
                    tx.execute(&TAKE_BACK, &others).await?;
                    let mut due = Vec::new();
                    for row in tx.fetch_all(&DUE, &args![now.0, LOOK, channel]).await? {
                        due.push(from_row(&row, &node)?);
                    }
                    let mut order = Vec::new();
                    let mut by_route: HashMap<RouteId, Vec<Claimed>> = HashMap::new();
                    for candidate in due {
                        let wanted = match candidate.claimed.purpose {
                            Purpose::Bundle => {
                                let id = candidate.claimed.id;
                                tx.fetch_one(&OPEN_IN_BUNDLE, &args![id.0])
                                    .await?
                                    .int("n")?
                                    > 0
                            }
                            _ => candidate.wanted,
                        };
                        if !wanted {
                            let gone = args![candidate.claimed.id.0, now.0];
                            tx.execute(&CANCEL, &gone).await?;
                            continue;
                        }
                        let route = candidate.claimed.route;
                        let waiting = by_route.entry(route).or_default();
                        if waiting.is_empty() {
                            order.push(route);
                        }
                        waiting.push(candidate.claimed);
                    }
                    let mut claimed = Vec::new();
                    for route in order {
                        if claimed.len() >= limit {
                            break;
                        }
                        let waiting = by_route.remove(&route).unwrap_or_default();
                        let room = limit - claimed.len();
                        claimed.extend(claim_route(tx, &stamp, &node, waiting, room).await?);
                    }
                    Ok(claimed)
                })
            })
            .await
    }

    /// Takes over at once what another sender left behind, where there can be only
    /// one: on SQLite a file has one server, and this is it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn take_over(&self, node: &str) -> Result<(), Error> {
        if self.db.dialect() == Dialect::Postgres {
            return Ok(());
        }
        let (now, node) = (self.now(), node.to_owned());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&TAKE_BACK_ALL, &args![now.0, node]).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whether a claimed message is still to be sent: its sender was not so slow that
    /// another has taken it over, nobody has come, and the incident is not over.
    /// Asked just before it is sent.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn still_wanted(&self, claimed: &Claimed) -> Result<bool, Error> {
        let mut conn = self.db.reader().await?;
        let held = args![claimed.id.0, claimed.node.as_str(), claimed.attempts];
        if conn.fetch_optional(&HELD, &held).await?.is_none() {
            return Ok(false);
        }
        match (claimed.purpose, claimed.page) {
            (Purpose::Page, Some(page)) => {
                let row = conn.fetch_optional(&STILL_OPEN, &args![page.0]).await?;
                Ok(row.map(|row| row.text("state")).transpose()?.as_deref() == Some("open"))
            }
            (Purpose::Bundle, _) => {
                let row = conn
                    .fetch_one(&OPEN_IN_BUNDLE, &args![claimed.id.0])
                    .await?;
                Ok(row.int("n")? > 0)
            }
            _ => Ok(true),
        }
    }
}

/// Claims what of one route may go now: one by one while they are few, together
/// when they are many, later what the throttle holds back.
async fn claim_route(
    tx: &mut Tx,
    stamp: &super::Stamp,
    node: &str,
    waiting: Vec<Claimed>,
    room: usize,
) -> Result<Vec<Claimed>, Error> {
    let now = stamp.now;
    let until = now.plus_seconds(outbox::CLAIM_SECONDS);
    let Some(first) = waiting.first() else {
        return Ok(Vec::new());
    };
    let since = now.plus_seconds(-outbox::THROTTLE_SPAN);
    let mut sent = Vec::new();
    let recent = args![first.route.0, now.0, since.0];
    for row in tx.fetch_all(&RECENT, &recent).await? {
        sent.push(Timestamp(row.int("at")?));
    }
    let (pages, others): (Vec<Claimed>, Vec<Claimed>) = waiting
        .into_iter()
        .partition(|one| one.purpose == Purpose::Page && one.refused.is_none());
    let mut claimed = Vec::new();
    // Tests, bundles that are tried again, and what is only to be settled.
    for one in others {
        if claimed.len() < room {
            claimed.extend(claim_one(tx, one, until).await?);
        }
    }
    // What was tried may have arrived all the same: it goes again as the same
    // message, and in no bundle, where its person could not tell.
    let (tried, fresh): (Vec<Claimed>, Vec<Claimed>) =
        pages.into_iter().partition(|one| one.attempts > 0);
    // The first of a storm goes at once, by itself.
    let storm = fresh.len() >= outbox::BUNDLE_FROM;
    let first = usize::from(sent.is_empty() && tried.is_empty());
    let alone = if storm { first } else { fresh.len() };
    let mut fresh = fresh.into_iter();
    for one in tried.into_iter().chain(fresh.by_ref().take(alone)) {
        let at = outbox::throttle(&sent, now);
        if at > now {
            tx.execute(&PUT_OFF, &args![one.id.0, at.0]).await?;
        } else if claimed.len() < room {
            claimed.extend(claim_one(tx, one, until).await?);
            sent.push(now);
        }
    }
    let rest: Vec<Claimed> = fresh.collect();
    if rest.is_empty() || claimed.len() >= room {
        return Ok(claimed);
    }
    let at = outbox::throttle(&sent, now);
    if at > now {
        for one in rest {
            tx.execute(&PUT_OFF, &args![one.id.0, at.0]).await?;
        }
    } else {
        claimed.push(bundle(tx, stamp, node, rest, until).await?);
    }
    Ok(claimed)
}

async fn claim_one(
    tx: &mut Tx,
    mut one: Claimed,
    until: Timestamp,
) -> Result<Option<Claimed>, Error> {
    let row = args![one.id.0, one.node.as_str(), until.0];
    one.attempts += 1;
    Ok((tx.execute(&CLAIM, &row).await? == 1).then_some(one))
}

/// Makes one message of several.
async fn bundle(
    tx: &mut Tx,
    stamp: &super::Stamp,
    node: &str,
    mut parts: Vec<Claimed>,
    until: Timestamp,
) -> Result<Claimed, Error> {
    parts.truncate(outbox::BUNDLE_MAX);
    let (id, now) = (MessageId(stamp.id()), stamp.now);
    let body = Body {
        subject: format!("{} pages wait for you", parts.len()),
        summary: vec!["So much happens at once that the pages come together.".to_owned()],
        urgency: parts
            .iter()
            .map(|part| part.body.urgency)
            .max()
            .unwrap_or(Urgency::High),
        number: None,
    };
    let Some(first) = parts.first() else {
        return Err(Error::internal("a bundle of nothing"));
    };
    let bundle = Claimed {
        id,
        purpose: Purpose::Bundle,
        page: None,
        incident: None,
        body,
        created_at: now,
        attempts: 1,
        ..first.clone()
    };
    let text = serde_json::to_string(&bundle.body).map_err(Error::internal)?;
    let row = args![
        id.0,
        bundle.user.0,
        bundle.route.0,
        text,
        node,
        until.0,
        now.0
    ];
    tx.execute(&INSERT_BUNDLE, &row).await?;
    for part in &parts {
        tx.execute(&BUNDLE, &args![part.id.0, id.0, now.0]).await?;
    }
    Ok(bundle)
}

/// The clock was set back to `now`.
pub(super) async fn set_back(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    let furthest = now.plus_seconds(PUT_OFF_MAX);
    // Quiet hours end within a day.
    let tomorrow = furthest.plus_minutes(24 * 60);
    tx.execute(&SET_BACK_DUE, &args![now.0, furthest.0, tomorrow.0])
        .await?;
    let until = now.plus_seconds(outbox::CLAIM_SECONDS);
    tx.execute(&SET_BACK_CLAIMS, &args![until.0]).await?;
    Ok(())
}

fn from_row(row: &Row, node: &str) -> Result<Candidate, Error> {
    let page_state = row.opt_text("page_state")?;
    let refused = |why: &str| Outcome::Refused {
        permanent: true,
        why: why.to_owned(),
    };
    let purpose: Purpose = row.text("purpose")?.parse().map_err(Error::internal)?;
    let attempts = u32::try_from(row.int("attempts")?).map_err(Error::internal)?;
    let left = row.opt_int("left_at")?.is_some();
    // The address of an account is the last resort, even when it was taken away.
    let last_resort = row.uuid("route_id")? == row.uuid("user_id")?;
    let channel: Channel = row.text("channel")?.parse().map_err(Error::internal)?;
    let target = row.text("target")?;
    let known = channel != Channel::Email
        || row.opt_int("confirmed_at")?.is_some()
        || target == row.text("email")?;
    let refused = if attempts >= purpose.attempts() {
        // Settling would have given it up: whoever sent it never came that far.
        Some(refused("Sending it was broken off again and again."))
    } else if left {
        Some(refused("The account is not in use any more."))
    } else if !known && !purpose.goes_unconfirmed() {
        Some(refused("Nobody has confirmed this address."))
    } else if last_resort {
        None
    } else if row.opt_int("removed_at")?.is_some() {
        Some(refused("The contact route was removed."))
    } else if row.opt_int("disabled_at")?.is_some() {
        Some(refused("The contact route is disabled."))
    } else {
        None
    };
    Ok(Candidate {
        wanted: purpose != Purpose::Page || page_state.as_deref() == Some("open"),
        claimed: Claimed {
            id: MessageId(row.uuid("id")?),
            purpose,
            page: row.opt_uuid("page_id")?.map(PageId),
            incident: row.opt_uuid("incident_id")?.map(IncidentId),
            user: UserId(row.uuid("user_id")?),
            route: RouteId(row.uuid("route_id")?),
            channel,
            target,
            secret: row.opt_text("secret")?,
            body: serde_json::from_str(&row.text("body")?).map_err(Error::internal)?,
            created_at: Timestamp(row.int("created_at")?),
            due_at: Timestamp(row.int("due_at")?),
            attempts,
            node: node.to_owned(),
            refused,
        },
    })
}

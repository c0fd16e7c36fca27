//! One's own contact routes.

use super::{Wrong, at, quiet, route};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, Row, Tx},
    statements,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rideout_domain::{
    Actor, Channel, QuietHours, RouteId, Timestamp, UserId,
    reach::{self, LABEL_MAX, ROUTES_MAX},
    text,
};
use serde_json::json;

/// Most routes that somebody makes in an hour.
const LATELY_MAX: i64 = 20;

statements! {
    /// Somebody's routes in their order.
    LIST = "SELECT id, channel, target, secret, label, created_at, disabled_at, disabled_why, tested_at, test_outcome, CASE WHEN channel = 'browser' THEN created_at ELSE confirmed_at END AS confirmed_at FROM contact_routes WHERE user_id = $1 AND removed_at IS NULL ORDER BY position, id";
    /// Routes that somebody made lately, those they removed again included; the one that came with the account is none.
    LATELY = "SELECT COUNT(*) AS n FROM contact_routes WHERE user_id = $1 AND id <> $1 AND created_at > $2";
    /// Whether a route was made, even if it was taken away.
    EXISTS = "SELECT user_id FROM contact_routes WHERE id = $1";
    /// Adds a route after the others.
    INSERT = "INSERT INTO contact_routes (id, user_id, channel, target, secret, label, position, created_at, disabled_why, test_outcome) SELECT $1, $2, $3, $4, $5, $6, CAST(COALESCE(MAX(position), -1) + 1 AS BIGINT), $7, '', '' FROM contact_routes WHERE user_id = $2";
    /// Changes a route, and takes it into use again. Nobody has confirmed where it now leads.
    UPDATE = "UPDATE contact_routes SET target = $2, secret = $3, label = $4, disabled_at = NULL, disabled_why = '', tested_at = NULL, test_outcome = '', confirmed_at = CASE WHEN target = $2 THEN confirmed_at ELSE NULL END, addressed_at = CASE WHEN target = $2 THEN addressed_at ELSE $5 END WHERE id = $1";
    /// Changes what a route is called.
    RENAME = "UPDATE contact_routes SET label = $2 WHERE id = $1";
    /// Takes a route into use again.
    ENABLE = "UPDATE contact_routes SET disabled_at = NULL, disabled_why = '' WHERE id = $1";
    /// Takes a route away.
    REMOVE = "UPDATE contact_routes SET removed_at = $2 WHERE id = $1";
    /// Brings back the route that came with the account, after the others.
    BRING_BACK = "UPDATE contact_routes SET removed_at = NULL, disabled_at = NULL, disabled_why = '', position = (SELECT COALESCE(MAX(r.position), -1) + 1 FROM contact_routes r WHERE r.user_id = $1) WHERE id = $1 AND removed_at IS NOT NULL";
    /// Puts a route in its place.
    PLACE = "UPDATE contact_routes SET position = $2 WHERE id = $1";
    /// The address of an account.
    EMAIL = "SELECT email FROM users WHERE id = $1";
}

/// A contact route without its secrets, for its owner.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ListedRoute {
    /// Identifier.
    pub id: RouteId,
    /// What a message travels by.
    pub channel: Channel,
    /// The address as far as it is no secret; empty for the browser.
    pub shown: String,
    /// What its owner calls it; may be empty.
    pub label: String,
    /// Whether it came with the account.
    pub of_account: bool,
    /// Whether a secret is stored with it.
    pub has_secret: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when it is out of use.
    pub disabled_at: Option<Timestamp>,
    /// Why it is out of use, in a sentence; else empty.
    pub disabled_why: String,
    /// When a test was last sent.
    pub tested_at: Option<Timestamp>,
    /// How the test went, in a sentence; else empty.
    pub test_outcome: String,
    /// When its person last showed that it reaches them.
    pub confirmed_at: Option<Timestamp>,
}

impl ListedRoute {
    /// Whether it is in use, and known to reach its person.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.disabled_at.is_none() && self.confirmed_at.is_some()
    }
}

/// How somebody is reached.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reach {
    /// Their routes, the first to be tried first.
    pub routes: Vec<ListedRoute>,
    /// When they are not to be disturbed.
    pub quiet_hours: Option<QuietHours>,
    /// Where a page goes when no route works: the address of the account.
    pub last_resort: String,
}

impl Reach {
    /// Whether any route in use is known to reach them when no page of Rideout is open.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        let elsewhere = |one: &&ListedRoute| one.channel != Channel::Browser;
        let mut elsewhere = self.routes.iter().filter(elsewhere);
        elsewhere.any(ListedRoute::is_confirmed)
    }
}

/// What a contact route is made of, or changed to.
#[derive(Debug, Clone, Default)]
pub struct NewRoute {
    /// What a message travels by; it stays when a route is changed.
    pub channel: Option<Channel>,
    /// An address or a web address; when a route is changed, `None` leaves the old one.
    pub target: Option<String>,
    /// The access token of an ntfy server. When a route is changed, `None`
    /// leaves the old one and an empty one takes it away.
    pub token: Option<String>,
    /// What to call it; when a route is changed, `None` leaves the old name.
    pub label: Option<String>,
}

/// A contact route that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeRoute {
    /// Identifier.
    pub id: RouteId,
    /// What a signed webhook is signed with; shown this once.
    pub secret: Option<String>,
}

impl Service {
    /// How the actor is reached.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn reach(&self, actor: &Actor) -> Result<Reach, Error> {
        let mut conn = self.db.snapshot().await?;
        Ok(Reach {
            routes: routes(&mut conn, actor.id).await?,
            quiet_hours: quiet::quiet_hours(&mut conn, actor.id).await?,
            last_resort: conn
                .fetch_one(&EMAIL, &args![actor.id.0])
                .await?
                .text("email")?,
        })
    }

    /// One of the actor's routes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn route(&self, actor: &Actor, id: RouteId) -> Result<ListedRoute, Error> {
        own(&mut *self.db.reader().await?, actor.id, id).await
    }

    /// Adds a route to the actor's, the last to be tried. With an id made by the
    /// client, a retry adds no second one.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] `already_made`, or `too_many` when
    /// there are [`ROUTES_MAX`].
    pub async fn make_route(
        &self,
        actor: &Actor,
        id: Option<RouteId>,
        new: &NewRoute,
    ) -> Result<MadeRoute, Error> {
        let mut wrong = Wrong::default();
        let channel = new
            .channel
            .ok_or_else(|| Error::invalid("channel", "Choose what a message is to travel by."))?;
        let label = wrong.take(label(new.label.as_deref().unwrap_or("")))?;
        let target = wrong.take(self.target(channel, new.target.as_deref().unwrap_or("")))?;
        let token = wrong.take(token(channel, new.token.as_deref().unwrap_or("")))?;
        wrong.none()?;
        let signing = (channel == Channel::Webhook)
            .then(|| self.signing_secret())
            .transpose()?;
        let secret = signing.clone().or(token);
        let id = id.unwrap_or_else(|| RouteId(self.new_id()));
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(row) = tx.fetch_optional(&EXISTS, &args![id.0]).await? {
                        return if row.uuid("user_id")? == actor.id.0 {
                            Err(already_made())
                        } else {
                            Err(Error::NotFound)
                        };
                    }
                    let lately = args![actor.id.0, now.plus_minutes(-60).0];
                    if tx.fetch_one(&LATELY, &lately).await?.int("n")? >= LATELY_MAX {
                        // Removed ones count: nobody writes to strangers by way of us.
                        return Err(Error::TooMany {
                            retry_after_seconds: 600,
                        });
                    }
                    let others = stored(tx, actor.id).await?;
                    if others.len() >= ROUTES_MAX {
                        return Err(Error::Conflict {
                            code: "too_many",
                            message: format!(
                                "You have {ROUTES_MAX} routes. Remove one you no longer need."
                            ),
                        });
                    }
                    if others.iter().any(|(c, t)| *c == channel && *t == target) {
                        let field = if channel == Channel::Browser {
                            "channel"
                        } else {
                            "target"
                        };
                        return Err(Error::invalid(field, "You have this route already."));
                    }
                    // The address of the account comes back as the route it was.
                    let mut added = id;
                    if channel == Channel::Email
                        && target
                            == tx
                                .fetch_one(&EMAIL, &args![actor.id.0])
                                .await?
                                .text("email")?
                        && tx.execute(&BRING_BACK, &args![actor.id.0]).await? == 1
                    {
                        added = RouteId(actor.id.0);
                        tx.execute(&RENAME, &args![added.0, &label]).await?;
                    } else {
                        let args = args![
                            added.0,
                            actor.id.0,
                            channel.word(),
                            target,
                            secret,
                            &label,
                            now.0
                        ];
                        tx.execute(&INSERT, &args).await?;
                    }
                    note(tx, (audit_id, now), &actor, "route.made", added, channel).await?;
                    Ok(MadeRoute {
                        id: added,
                        secret: signing,
                    })
                })
            })
            .await
    }

    /// Changes one of the actor's routes, and takes it into use again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's; [`Error::Invalid`].
    pub async fn change_route(
        &self,
        actor: &Actor,
        id: RouteId,
        new: &NewRoute,
    ) -> Result<(), Error> {
        let channel = self.route(actor, id).await?.channel;
        let mut wrong = Wrong::default();
        let new_label = match &new.label {
            Some(text) => Some(wrong.take(label(text))?),
            None => None,
        };
        let of_account = id.0 == actor.id.0;
        let target = match &new.target {
            // The address of the account is not changed here.
            Some(target) if !of_account => Some(wrong.take(self.target(channel, target))?),
            _ => None,
        };
        let new_token = match &new.token {
            Some(text) => Some(wrong.take(token(channel, text))?),
            None => None,
        };
        wrong.none()?;
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    own(tx, actor.id, id).await?;
                    let before = route::route(tx, id).await?;
                    let secret = match (channel, new_token) {
                        (Channel::Ntfy, Some(token)) => token,
                        _ => before.secret,
                    };
                    let target = target.unwrap_or(before.target);
                    let label = new_label.unwrap_or(before.label);
                    tx.execute(&UPDATE, &args![id.0, &target, secret, &label, now.0])
                        .await?;
                    let same = stored(tx, actor.id)
                        .await?
                        .into_iter()
                        .filter(|(c, t)| *c == channel && *t == target)
                        .count();
                    if same > 1 {
                        return Err(Error::invalid("target", "You have this route already."));
                    }
                    note(tx, (audit_id, now), &actor, "route.changed", id, channel).await
                })
            })
            .await
    }

    /// Takes one of the actor's routes into use again that was disabled.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn enable_route(&self, actor: &Actor, id: RouteId) -> Result<(), Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let route = own(tx, actor.id, id).await?;
                    if route.disabled_at.is_none() {
                        return Ok(());
                    }
                    tx.execute(&ENABLE, &args![id.0]).await?;
                    note(
                        tx,
                        (audit_id, now),
                        &actor,
                        "route.enabled",
                        id,
                        route.channel,
                    )
                    .await
                })
            })
            .await
    }

    /// Moves one of the actor's routes a place towards the first, or the last.
    /// At the end of the list it stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn move_route(
        &self,
        actor: &Actor,
        id: RouteId,
        towards_first: bool,
    ) -> Result<(), Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut routes = routes(tx, actor.id).await?;
                    let from = routes
                        .iter()
                        .position(|r| r.id == id)
                        .ok_or(Error::NotFound)?;
                    let to = if towards_first {
                        from.checked_sub(1)
                    } else {
                        Some(from + 1).filter(|to| *to < routes.len())
                    };
                    let Some(to) = to else { return Ok(()) };
                    let channel = routes[from].channel;
                    routes.swap(from, to);
                    for (position, route) in (0_i64..).zip(&routes) {
                        tx.execute(&PLACE, &args![route.id.0, position]).await?;
                    }
                    note(tx, (audit_id, now), &actor, "route.moved", id, channel).await
                })
            })
            .await
    }

    /// Takes one of the actor's routes away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn remove_route(&self, actor: &Actor, id: RouteId) -> Result<(), Error> {
        let (actor, now, audit_id) = (actor.clone(), self.now(), self.new_id());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let route = own(tx, actor.id, id).await?;
                    tx.execute(&REMOVE, &args![id.0, now.0]).await?;
                    note(
                        tx,
                        (audit_id, now),
                        &actor,
                        "route.removed",
                        id,
                        route.channel,
                    )
                    .await
                })
            })
            .await
    }

    /// A signing secret as Standard Webhooks writes it: `whsec_` and the base64 of
    /// 32 random bytes.
    fn signing_secret(&self) -> Result<String, Error> {
        let mut bytes = [0; 32];
        self.ids.fill(&mut bytes).map_err(Error::internal)?;
        Ok(format!("whsec_{}", STANDARD.encode(bytes)))
    }

    fn target(&self, channel: Channel, target: &str) -> Result<String, Error> {
        let target = target.trim();
        match channel {
            Channel::Browser => Ok(String::new()),
            Channel::Email => text::email(target).map_err(Error::text("target")),
            Channel::Slack | Channel::Webhook | Channel::Ntfy => {
                if target.is_empty() {
                    return Err(Error::invalid(
                        "target",
                        "The web address is empty: write something",
                    ));
                }
                self.settings
                    .guard
                    .check(target)
                    .map_err(|denied| Error::invalid("target", denied))?;
                if channel == Channel::Ntfy && reach::ntfy_topic(target).is_none() {
                    return Err(Error::invalid(
                        "target",
                        "An ntfy address ends in a topic of letters, digits, - and _, such as https://ntfy.example.org/my-topic.",
                    ));
                }
                Ok(target.to_owned())
            }
        }
    }
}

fn label(text: &str) -> Result<String, Error> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    text::line("The name", text, LABEL_MAX).map_err(Error::text("label"))
}

fn token(channel: Channel, text: &str) -> Result<Option<String>, Error> {
    if channel != Channel::Ntfy || text.trim().is_empty() {
        return Ok(None);
    }
    reach::access_token(text)
        .map(Some)
        .map_err(Error::text("token"))
}

fn already_made() -> Error {
    Error::Conflict {
        code: "already_made",
        message: "This route was added already. If it has a secret, it was shown then; if that is lost, remove the route and add it again.".to_owned(),
    }
}

async fn note(
    tx: &mut Tx,
    (audit_id, now): (uuid::Uuid, Timestamp),
    actor: &Actor,
    action: &'static str,
    id: RouteId,
    channel: Channel,
) -> Result<(), Error> {
    let detail = json!({"route": id, "channel": channel});
    audit::record(tx, audit_id, now, actor, action, &actor.name, detail).await
}

/// Channels and targets of somebody's routes.
async fn stored(conn: &mut Conn, user: UserId) -> Result<Vec<(Channel, String)>, Error> {
    let rows = conn.fetch_all(&LIST, &args![user.0]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.text("channel")?.parse().map_err(Error::internal)?,
                row.text("target")?,
            ))
        })
        .collect()
}

async fn routes(conn: &mut Conn, user: UserId) -> Result<Vec<ListedRoute>, Error> {
    let rows = conn.fetch_all(&LIST, &args![user.0]).await?;
    rows.iter().map(|row| listed(row, user)).collect()
}

async fn own(conn: &mut Conn, user: UserId, id: RouteId) -> Result<ListedRoute, Error> {
    let routes = routes(conn, user).await?;
    routes
        .into_iter()
        .find(|r| r.id == id)
        .ok_or(Error::NotFound)
}

fn listed(row: &Row, user: UserId) -> Result<ListedRoute, Error> {
    let channel: Channel = row.text("channel")?.parse().map_err(Error::internal)?;
    let id = RouteId(row.uuid("id")?);
    Ok(ListedRoute {
        id,
        channel,
        shown: channel.shown(&row.text("target")?),
        label: row.text("label")?,
        of_account: id.0 == user.0,
        has_secret: row.opt_text("secret")?.is_some(),
        created_at: Timestamp(row.int("created_at")?),
        disabled_at: at(row, "disabled_at")?,
        disabled_why: row.text("disabled_why")?,
        tested_at: at(row, "tested_at")?,
        test_outcome: row.text("test_outcome")?,
        confirmed_at: at(row, "confirmed_at")?,
    })
}

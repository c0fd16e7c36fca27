//! Links in messages that act without signing in.
//!
//! A link holds what it is for, the page (or the bundle of pages), when it ends,
//! and an HMAC-SHA256 over all that with a secret of the server, cut to 128 bits.
//! Opening it shows a page with a button; only the button acts, because mail
//! scanners open links. It acts for the person the page is for.

use super::{
    Stamp,
    acknowledge::{self, Found},
    claim::Body,
    entry, onward,
};
use crate::{
    Error, IdSource, Service,
    account::audit,
    args,
    db::{Conn, Tx},
    incident, statements,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rideout_domain::{
    Actor, Channel, Incident, IncidentId, MessageId, PageId, RouteId, Timestamp, UserId,
    escalation::run::State,
};
use serde_json::json;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// Days after which a link ends.
const DAYS: i64 = 3;
/// Bytes of the code that are kept.
const CODE: usize = 16;
/// What for, which, until when.
const PAYLOAD: usize = 1 + 16 + 8;

statements! {
    /// The server's secret.
    SECRET = "SELECT value FROM meta WHERE key = 'link_secret'";
    /// Keeps a secret, unless there is one.
    KEEP_SECRET = "INSERT INTO meta (key, value) VALUES ('link_secret', $1) ON CONFLICT (key) DO NOTHING";
    /// What the page of a link shows of a page.
    PAGE = "SELECT p.id, p.reason, p.state, p.level, p.round, p.escalation_id, p.acknowledged_at, p.handed_on_at, p.incident_id, u.name, u.disabled_at, a.name AS acknowledged_by, e.state AS escalation_state, e.level AS at_level, e.round AS at_round FROM pages p JOIN users u ON u.id = p.user_id LEFT JOIN users a ON a.id = p.acknowledged_by LEFT JOIN escalations e ON e.id = p.escalation_id WHERE p.id = $1";
    /// The pages of a bundle.
    IN_BUNDLE = "SELECT id, page_id FROM messages WHERE bundled_into = $1 ORDER BY created_at, id";
    /// The same with what each would have said.
    OF_BUNDLE = "SELECT m.id, m.page_id, m.body, p.incident_id FROM messages m JOIN pages p ON p.id = m.page_id WHERE m.bundled_into = $1 ORDER BY m.created_at, m.id";
    /// Whether somebody's account is in use.
    IN_USE = "SELECT 1 AS yes FROM users WHERE id = $1 AND disabled_at IS NULL";
    /// The page that a message brought.
    PAGE_OF = "SELECT page_id FROM messages WHERE id = $1 AND page_id IS NOT NULL";
    /// The route that a message went by.
    ROUTE_OF = "SELECT m.created_at AS sent_at, r.id, r.channel, r.target, r.removed_at, r.confirmed_at, r.addressed_at, r.user_id, u.name, u.role, u.disabled_at FROM messages m JOIN contact_routes r ON r.id = m.route_id JOIN users u ON u.id = r.user_id WHERE m.id = $1";
    /// The route reaches its person.
    CONFIRM = "UPDATE contact_routes SET confirmed_at = $2 WHERE id = $1";
}

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkAction {
    /// Acknowledges a page.
    Acknowledge(PageId),
    /// Acknowledges the page that a message brought, and so confirms its route.
    AcknowledgeMessage(MessageId),
    /// Calls the next level after a page.
    Escalate(PageId),
    /// Acknowledges every page of a bundle, and so confirms its route.
    AcknowledgeAll(MessageId),
    /// Confirms the route that a test went by.
    ConfirmRoute(MessageId),
}

/// How far what a link is for has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// The button acts.
    Open,
    /// Somebody acknowledged.
    Acknowledged {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// The next level has been called.
    Escalated,
    /// The route is confirmed.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// Nobody is needed any more: another came, or the incident is over. Of a route:
    /// it was removed, or leads elsewhere by now.
    Over,
    /// The link is too old.
    Expired,
}

/// What the page of a link shows.
#[derive(Debug, Clone)]
pub struct OpenedLink {
    /// What the link does.
    pub action: LinkAction,
    /// Whom it was sent to.
    pub person: String,
    /// What it is about: a line for each page.
    pub about: Vec<About>,
    /// The route that it confirms.
    pub route: Option<AboutRoute>,
    /// How far it has come.
    pub state: LinkState,
    /// After an acknowledgement, the link that calls the next level, as the last part of
    /// its address; only while its button acts.
    pub onward: Option<String>,
}

/// The route that a test went by, on the page of its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AboutRoute {
    /// What it travels by.
    pub channel: Channel,
    /// The address as far as it is no secret.
    pub shown: String,
}

/// One page, on the page of a link.
#[derive(Debug, Clone)]
pub struct About {
    /// The page.
    pub page: PageId,
    /// The incident.
    pub incident: IncidentId,
    /// Severity, reference and title.
    pub subject: String,
    /// Why they were called.
    pub reason: String,
    /// How far it has come.
    pub state: LinkState,
    /// Of several that one link is for, the link that acknowledges this one alone, as
    /// the last part of its address; only while its button acts.
    pub alone: Option<String>,
    /// The message that brought it, where that is known.
    message: Option<MessageId>,
}

/// A page that went out together with others.
#[derive(Debug, Clone)]
pub struct Bundled {
    /// The message it would have had by itself.
    pub message: MessageId,
    /// The page.
    pub page: PageId,
    /// Its incident.
    pub incident: IncidentId,
    /// What its own message would have been about, in a line.
    pub subject: String,
    /// Why somebody is called, in a line.
    pub why: String,
}

impl Service {
    /// A link for an action, as the last part of its address. It ends three days
    /// after `written`, when its message was.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sign_link(&self, action: LinkAction, written: Timestamp) -> Result<String, Error> {
        self.sign_until(action, written.plus_minutes(DAYS * 24 * 60))
            .await
    }

    async fn sign_until(&self, action: LinkAction, until: Timestamp) -> Result<String, Error> {
        let secret = self.link_secret().await?;
        let mut token = Vec::with_capacity(PAYLOAD + CODE);
        let (what, which) = match action {
            LinkAction::Acknowledge(page) => (b'a', page.0),
            LinkAction::Escalate(page) => (b'e', page.0),
            LinkAction::AcknowledgeAll(message) => (b'b', message.0),
            LinkAction::AcknowledgeMessage(message) => (b'm', message.0),
            LinkAction::ConfirmRoute(message) => (b'c', message.0),
        };
        token.push(what);
        token.extend_from_slice(which.as_bytes());
        token.extend_from_slice(&until.0.to_be_bytes());
        let code = code(&secret, &token);
        token.extend_from_slice(&code);
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// What the page of a link shows. Acts on nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no link of this server.
    pub async fn look_at_link(&self, token: &str) -> Result<OpenedLink, Error> {
        let (action, until) = self.read_link(token).await?;
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let mut opened = look(&mut conn, action).await?;
        if now >= until && opened.state == LinkState::Open {
            opened.state = LinkState::Expired;
        }
        if now >= until {
            // Whoever finds it later learns nothing of the incident, and no address.
            opened.about.clear();
            opened.route = None;
        }
        if matches!(opened.state, LinkState::Acknowledged { .. })
            && let [about] = opened.about.as_slice()
        {
            let onward = LinkAction::Escalate(about.page);
            if now < until && look(&mut conn, onward).await?.state == LinkState::Open {
                opened.onward = Some(self.sign_until(onward, until).await?);
            }
        }
        if matches!(action, LinkAction::AcknowledgeAll(_)) {
            for about in &mut opened.about {
                if about.state == LinkState::Open {
                    let alone = about.message.map_or(
                        LinkAction::Acknowledge(about.page),
                        LinkAction::AcknowledgeMessage,
                    );
                    about.alone = Some(self.sign_until(alone, until).await?);
                }
            }
        }
        Ok(opened)
    }

    /// Does what a link is for, as the person it was sent to, and shows how it
    /// then stands. A second time does nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no link of this server.
    pub async fn use_link(&self, token: &str) -> Result<OpenedLink, Error> {
        let (action, until) = self.read_link(token).await?;
        let stamp = self.stamp();
        if stamp.now < until {
            self.db
                .write(move |tx| Box::pin(async move { act(tx, &stamp, action).await }))
                .await?;
        }
        self.look_at_link(token).await
    }

    /// The pages that a message stands for, in the order in which they were written.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn pages_of_bundle(&self, bundle: MessageId) -> Result<Vec<Bundled>, Error> {
        let mut conn = self.db.reader().await?;
        let rows = conn.fetch_all(&OF_BUNDLE, &args![bundle.0]).await?;
        let mut pages = Vec::with_capacity(rows.len());
        for row in rows {
            let body: Body = serde_json::from_str(&row.text("body")?).map_err(Error::internal)?;
            pages.push(Bundled {
                message: MessageId(row.uuid("id")?),
                page: PageId(row.uuid("page_id")?),
                incident: IncidentId(row.uuid("incident_id")?),
                subject: body.subject,
                why: body.summary.into_iter().next().unwrap_or_default(),
            });
        }
        // They begin with the severity: the worst come first.
        pages.sort_by(|one, other| one.subject.get(..4).cmp(&other.subject.get(..4)));
        Ok(pages)
    }

    async fn read_link(&self, token: &str) -> Result<(LinkAction, Timestamp), Error> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::NotFound)?;
        if bytes.len() != PAYLOAD + CODE {
            return Err(Error::NotFound);
        }
        let (payload, given) = bytes.split_at(PAYLOAD);
        let secret = self.link_secret().await?;
        if !bool::from(code(&secret, payload).ct_eq(given)) {
            return Err(Error::NotFound);
        }
        let (which, until) = payload[1..].split_at(16);
        let which = Uuid::from_slice(which).map_err(Error::internal)?;
        let until = i64::from_be_bytes(until.try_into().map_err(Error::internal)?);
        let action = match payload[0] {
            b'a' => LinkAction::Acknowledge(PageId(which)),
            b'e' => LinkAction::Escalate(PageId(which)),
            b'b' => LinkAction::AcknowledgeAll(MessageId(which)),
            b'm' => LinkAction::AcknowledgeMessage(MessageId(which)),
            b'c' => LinkAction::ConfirmRoute(MessageId(which)),
            _ => return Err(Error::NotFound),
        };
        Ok((action, Timestamp(until)))
    }

    /// The server's secret, made when it is first needed.
    async fn link_secret(&self) -> Result<Vec<u8>, Error> {
        let found = {
            let mut conn = self.db.reader().await?;
            conn.fetch_optional(&SECRET, &[]).await?
        };
        let text = match found {
            Some(row) => row.text("value")?,
            None => {
                let fresh = fresh_secret(&*self.ids)?;
                self.db
                    .write(move |tx| {
                        Box::pin(async move {
                            tx.execute(&KEEP_SECRET, &args![fresh]).await?;
                            Ok::<_, Error>(tx.fetch_one(&SECRET, &[]).await?.text("value")?)
                        })
                    })
                    .await?
            }
        };
        URL_SAFE_NO_PAD.decode(text).map_err(Error::internal)
    }
}

fn fresh_secret(ids: &dyn IdSource) -> Result<String, Error> {
    let mut bytes = [0; 32];
    ids.fill(&mut bytes).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn code(secret: &[u8], payload: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so there is no error to tell.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return Vec::new();
    };
    mac.update(payload);
    mac.finalize().into_bytes()[..CODE].to_vec()
}

async fn look(conn: &mut Conn, action: LinkAction) -> Result<OpenedLink, Error> {
    let pages = match action {
        LinkAction::Acknowledge(page) | LinkAction::Escalate(page) => vec![(None, page)],
        LinkAction::AcknowledgeMessage(message) => {
            vec![(Some(message), page_of(conn, message).await?)]
        }
        LinkAction::AcknowledgeAll(bundle) => {
            let pages = bundled(conn, bundle).await?;
            pages
                .into_iter()
                .map(|(message, page)| (Some(message), page))
                .collect()
        }
        LinkAction::ConfirmRoute(message) => {
            let by = By::find(conn, message).await?.ok_or(Error::NotFound)?;
            return Ok(by.opened(action));
        }
    };
    let mut opened = OpenedLink {
        action,
        person: String::new(),
        about: Vec::new(),
        route: None,
        state: LinkState::Over,
        onward: None,
    };
    for (message, page) in pages {
        let row = conn
            .fetch_optional(&PAGE, &args![page.0])
            .await?
            .ok_or(Error::NotFound)?;
        opened.person = row.text("name")?;
        let incident = args![row.uuid("incident_id")?, Uuid::nil()];
        let incident = conn.fetch_one(&incident::FIND, &incident).await?;
        let incident = incident::from_row(&incident)?;
        let state = match action {
            _ if row.opt_int("disabled_at")?.is_some() || !incident.is_open() => LinkState::Over,
            LinkAction::Escalate(_) => may_escalate(&row)?,
            _ => standing(&row)?,
        };
        opened.about.push(About {
            page,
            incident: incident.id,
            subject: format!(
                "{} {} {}",
                incident.severity,
                incident.reference(),
                incident.title
            ),
            reason: row.text("reason")?,
            state: state.clone(),
            alone: None,
            message,
        });
        // A bundle is open as long as one of its pages is.
        if opened.state != LinkState::Open {
            opened.state = state;
        }
    }
    if opened.about.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(opened)
}

fn standing(row: &crate::db::Row) -> Result<LinkState, Error> {
    Ok(match row.text("state")?.as_str() {
        // Somebody whom no message reached may hold a link of an earlier one.
        "open" | "failed" => LinkState::Open,
        // By hand; of an escalation the next level tells.
        "acknowledged" if row.opt_int("handed_on_at")?.is_some() => LinkState::Escalated,
        "acknowledged" => LinkState::Acknowledged {
            by: row.opt_text("acknowledged_by")?.unwrap_or_default(),
            at: Timestamp(row.int("acknowledged_at")?),
        },
        _ => LinkState::Over,
    })
}

/// The next level is called only as long as the one of this page is the last: a
/// second press must not call yet another.
fn may_escalate(row: &crate::db::Row) -> Result<LinkState, Error> {
    let Some(state) = row.opt_text("escalation_state")? else {
        // Paged by hand: an escalation can be begun, once.
        return Ok(if row.opt_int("handed_on_at")?.is_some() {
            LinkState::Escalated
        } else if row.text("state")? == "ended" {
            LinkState::Over
        } else {
            LinkState::Open
        });
    };
    let state: State = state.parse().map_err(Error::internal)?;
    let here = (row.opt_int("level")?, row.int("round")?);
    let there = (row.opt_int("at_level")?, row.int("at_round")?);
    Ok(match state {
        State::Running | State::Acknowledged if here == there => LinkState::Open,
        State::Running | State::Acknowledged => LinkState::Escalated,
        State::Ended | State::Exhausted => LinkState::Over,
    })
}

async fn act(tx: &mut Tx, stamp: &Stamp, action: LinkAction) -> Result<(), Error> {
    match action {
        LinkAction::Acknowledge(page) => {
            acknowledge_by_link(tx, stamp, page).await?;
            Ok(())
        }
        LinkAction::AcknowledgeMessage(message) => {
            let page = page_of(tx, message).await?;
            if acknowledge_by_link(tx, stamp, page).await? {
                confirm(tx, stamp, message).await?;
            }
            Ok(())
        }
        LinkAction::AcknowledgeAll(bundle) => {
            let mut usable = false;
            for (_, page) in bundled(tx, bundle).await? {
                usable |= acknowledge_by_link(tx, stamp, page).await?;
            }
            if usable {
                confirm(tx, stamp, bundle).await?;
            }
            Ok(())
        }
        LinkAction::ConfirmRoute(message) => confirm(tx, stamp, message).await,
        LinkAction::Escalate(page) => {
            let Some((found, incident)) = usable(tx, page).await? else {
                return Ok(());
            };
            if look(tx, action).await?.state == LinkState::Open {
                let by = found.user;
                onward::onward(tx, stamp, incident, &found, by, "link").await?;
            }
            Ok(())
        }
    }
}

/// False when the page is of no use to anybody any more.
async fn acknowledge_by_link(tx: &mut Tx, stamp: &Stamp, page: PageId) -> Result<bool, Error> {
    let Some((found, incident)) = usable(tx, page).await? else {
        return Ok(false);
    };
    acknowledge::acknowledge(tx, stamp, incident, &found, found.user, "link").await?;
    Ok(true)
}

/// The route that a message went by.
struct By {
    route: RouteId,
    about: AboutRoute,
    person: Actor,
    state: LinkState,
}

impl By {
    async fn find(conn: &mut Conn, message: MessageId) -> Result<Option<Self>, Error> {
        let Some(row) = conn.fetch_optional(&ROUTE_OF, &args![message.0]).await? else {
            return Ok(None);
        };
        let (id, user) = (row.uuid("id")?, row.uuid("user_id")?);
        let channel: Channel = row.text("channel")?.parse().map_err(Error::internal)?;
        let sent_at = row.int("sent_at")?;
        let confirmed_at = row.opt_int("confirmed_at")?.filter(|at| *at >= sent_at);
        // The address of an account is the last resort, even when it was taken away.
        let removed = row.opt_int("removed_at")?.is_some() && id != user;
        let led_elsewhere = row.opt_int("addressed_at")?.is_some_and(|at| sent_at < at);
        let left = row.opt_int("disabled_at")?.is_some();
        let state = if removed || led_elsewhere || left {
            LinkState::Over
        } else {
            confirmed_at.map_or(LinkState::Open, |at| LinkState::Confirmed {
                at: Timestamp(at),
            })
        };
        Ok(Some(Self {
            route: RouteId(id),
            about: AboutRoute {
                channel,
                shown: channel.shown(&row.text("target")?),
            },
            person: Actor {
                id: UserId(user),
                name: row.text("name")?,
                role: row.text("role")?.parse().map_err(Error::internal)?,
                address: String::new(),
            },
            state,
        }))
    }

    fn opened(self, action: LinkAction) -> OpenedLink {
        OpenedLink {
            action,
            person: self.person.name,
            about: Vec::new(),
            // Where it leads by now is no business of whoever had the test.
            route: (self.state != LinkState::Over).then_some(self.about),
            state: self.state,
            onward: None,
        }
    }
}

/// Whoever pressed a button behind a link in this message got it.
async fn confirm(tx: &mut Tx, stamp: &Stamp, message: MessageId) -> Result<(), Error> {
    let Some(by) = By::find(tx, message).await? else {
        return Ok(());
    };
    if by.state != LinkState::Open {
        return Ok(());
    }
    tx.execute(&CONFIRM, &args![by.route.0, stamp.now.0])
        .await?;
    let detail = json!({"route": by.route, "channel": by.about.channel});
    let (who, action) = (&by.person, "route.confirmed");
    audit::record(tx, stamp.id(), stamp.now, who, action, &who.name, detail).await
}

async fn page_of(conn: &mut Conn, message: MessageId) -> Result<PageId, Error> {
    let row = conn.fetch_optional(&PAGE_OF, &args![message.0]).await?;
    Ok(PageId(row.ok_or(Error::NotFound)?.uuid("page_id")?))
}

/// A page whose person still has an account and whose incident is open, held.
async fn usable(tx: &mut Tx, page: PageId) -> Result<Option<(Found, Incident)>, Error> {
    let Some(found) = acknowledge::find(tx, page).await? else {
        return Ok(None);
    };
    let incident = entry::hold(tx, found.incident).await?;
    let in_use = tx.fetch_optional(&IN_USE, &args![found.user.0]).await?;
    Ok((in_use.is_some() && incident.is_open()).then_some((found, incident)))
}

async fn bundled(conn: &mut Conn, bundle: MessageId) -> Result<Vec<(MessageId, PageId)>, Error> {
    let rows = conn.fetch_all(&IN_BUNDLE, &args![bundle.0]).await?;
    rows.iter()
        .map(|row| Ok((MessageId(row.uuid("id")?), PageId(row.uuid("page_id")?))))
        .collect()
}

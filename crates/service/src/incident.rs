//! Incidents: declare, list, read, change details; who may see which.

use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, LiveEvent, LiveWhat, Row, Tx},
    markdown,
    stall::Attention,
    statements,
    timeline::{self, Fresh},
};
use rideout_domain::{
    Action, Actor, Entry, EntryBody, EntryId, Incident, IncidentId, Role, Severity, Status,
    Timestamp, UserId, room::CLOCK_TOLERANCE, text,
};

statements! {
    /// One incident, and whether the asker is named in it.
    FIND = "SELECT i.id, i.number, i.title, i.description, i.description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq, (SELECT COUNT(*) FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $2) AS named FROM incidents i WHERE i.id = $1";
    /// The same, held against other writers until the transaction ends.
    FIND_FOR_UPDATE = sqlite "SELECT i.id, i.number, i.title, i.description, i.description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq, (SELECT COUNT(*) FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $2) AS named FROM incidents i WHERE i.id = $1"
        postgres "SELECT i.id, i.number, i.title, i.description, i.description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq, (SELECT COUNT(*) FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $2) AS named FROM incidents i WHERE i.id = $1 FOR UPDATE OF i";
    /// Open incidents the asker may see, worst first, then newest, after a place in that order.
    LIST_OPEN = "SELECT i.id, i.number, i.title, '' AS description, '' AS description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq, u.name AS commander FROM incidents i LEFT JOIN users u ON u.id = i.commander_id WHERE i.resolved_at IS NULL AND (i.severity > $8 OR (i.severity = $8 AND i.number < $2)) AND (i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $1)) AND (CAST($3 AS TEXT) IS NULL OR i.severity = $3) AND (CAST($4 AS TEXT) IS NULL OR i.status = $4) AND (CAST($5 AS TEXT) IS NULL OR lower(i.title) LIKE $5 ESCAPE '!' OR lower(i.services) LIKE $5 ESCAPE '!' OR lower('inc-' || i.number) = $6) ORDER BY i.severity, i.number DESC LIMIT $7";
    /// Resolved incidents the asker may see, newest first, below a number.
    LIST_RESOLVED = "SELECT i.id, i.number, i.title, '' AS description, '' AS description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq, u.name AS commander FROM incidents i LEFT JOIN users u ON u.id = i.commander_id WHERE i.status = 'resolved' AND i.number < $2 AND (i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $1)) AND (CAST($3 AS TEXT) IS NULL OR i.severity = $3) AND (CAST($4 AS TEXT) IS NULL OR lower(i.title) LIKE $4 ESCAPE '!' OR lower(i.services) LIKE $4 ESCAPE '!' OR lower('inc-' || i.number) = $5) ORDER BY i.number DESC LIMIT $6";
    /// How many open incidents the asker may see.
    COUNT_OPEN = "SELECT COUNT(*) AS n FROM incidents i WHERE i.resolved_at IS NULL AND (i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $1))";
    /// Every incident, for the command line.
    LIST_IDS = "SELECT id FROM incidents ORDER BY number";
    /// Serialises the giving out of numbers on PostgreSQL; SQLite has one writer anyway.
    LOCK_NUMBERS = sqlite "SELECT 1" postgres "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7240301)) AS held";
    /// The next running number.
    NEXT_NUMBER = "SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) AS n FROM incidents";
    /// Adds an incident.
    INSERT = "INSERT INTO incidents (id, number, title, description, description_html, services, severity, status, restricted, declared_at, declared_by, started_at, last_human_at, last_seq, look_at, looked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'investigating', $8, $9, $10, $11, $9, 0, $9, $9)";
    /// Writes what an entry changed. The stall watch looks at $11 at the latest
    /// when somebody is being asked, at $12 when nobody is. Once it is over it looks
    /// only to take back what it asked.
    UPDATE_STATE = "UPDATE incidents SET severity = $2, status = $3, resolved_at = $4, look_at = CASE WHEN CAST($4 AS BIGINT) IS NOT NULL THEN CASE WHEN prompted = 1 THEN CAST($10 AS BIGINT) END WHEN look_at IS NULL THEN CAST($10 AS BIGINT) WHEN prompted = 1 AND look_at > CAST($11 AS BIGINT) THEN CAST($11 AS BIGINT) WHEN prompted = 0 AND look_at > CAST($12 AS BIGINT) THEN CAST($12 AS BIGINT) ELSE look_at END, commander_id = $5, last_human_at = $6, last_learnt_at = $7, next_update_at = $8, last_seq = $9 WHERE id = $1";
    /// Writes changed details.
    UPDATE_DETAILS = "UPDATE incidents SET title = $2, description = $3, description_html = $4, services = $5 WHERE id = $1";
    /// Names somebody who may see a restricted incident.
    INSERT_ACCESS = "INSERT INTO incident_access (incident_id, user_id, granted_by, granted_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    /// Whether somebody has an account in use.
    IS_PERSON = "SELECT 1 AS yes FROM users WHERE id = $1 AND disabled_at IS NULL";
    /// Keeps a retried declaration from making a second incident.
    FIND_ID = "SELECT declared_by FROM incidents WHERE id = $1";
}

/// What is needed to declare an incident.
#[derive(Debug, Clone, Default)]
pub struct NewIncident {
    /// Made by the client, so that a retry declares nothing twice; else by the server.
    pub id: Option<IncidentId>,
    /// One line that says what is wrong.
    pub title: String,
    /// How bad; SEV2 when nobody chose.
    pub severity: Option<Severity>,
    /// Markdown; may be empty.
    pub description: String,
    /// Affected services.
    pub services: Vec<String>,
    /// Seen by named people only.
    pub restricted: bool,
    /// Who may see it when restricted, besides whoever declares.
    pub people: Vec<UserId>,
    /// When it began, if not now.
    pub started_at: Option<Timestamp>,
}

/// Which incidents to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// Those that need people.
    #[default]
    Open,
    /// Those that are over.
    Resolved,
    /// Open first, then resolved.
    All,
    /// Those in one status.
    Status(Status),
}

/// A filter for the list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Which.
    pub which: Which,
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Text that the title or a service contains, or a reference such as INC-7.
    pub text: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The severity that is being listed while open incidents are still to come.
    pub open: Option<Severity>,
    /// Numbers below this one.
    pub below: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.open {
            Some(severity) => write!(f, "{severity}-{}", self.below),
            None => write!(f, "resolved-{}", self.below),
        }
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;
    fn from_str(s: &str) -> Result<Self, Error> {
        let bad = || Error::invalid("cursor", "this cursor is not one that Rideout gave out");
        let (list, below) = s.split_once('-').ok_or_else(bad)?;
        let open = match list {
            "resolved" => None,
            severity => Some(severity.parse().map_err(|_| bad())?),
        };
        Ok(Self {
            open,
            below: below.parse().map_err(|_| bad())?,
        })
    }
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The incident, without its description.
    pub incident: Incident,
    /// The commander's name.
    pub commander: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The incidents.
    pub incidents: Vec<Listed>,
    /// Where it goes on, if it does.
    pub next: Option<Cursor>,
}

/// New details; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Title.
    pub title: Option<String>,
    /// Description, Markdown.
    pub description: Option<String>,
    /// Affected services.
    pub services: Option<Vec<String>>,
}

impl Service {
    /// Declares an incident: the room is open when this returns.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for viewers, [`Error::Invalid`] naming the field.
    pub async fn declare(&self, actor: &Actor, new: NewIncident) -> Result<Incident, Error> {
        Error::authorise(actor, Action::Declare)?;
        let now = self.now();
        let id = new.id.unwrap_or_else(|| IncidentId(self.new_id()));
        let title =
            text::line("The title", &new.title, text::TITLE_MAX).map_err(Error::text("title"))?;
        let description = text::optional_text("The description", &new.description)
            .map_err(Error::text("description"))?;
        let services = clean_services(&new.services)?;
        let severity = new
            .severity
            .unwrap_or(rideout_domain::room::DEFAULT_SEVERITY);
        let started_at = new.started_at.unwrap_or(now);
        if started_at.seconds_since(now) > CLOCK_TOLERANCE {
            return Err(Error::invalid(
                "started_at",
                "an incident cannot have begun in the future",
            ));
        }
        if started_at < Timestamp::EARLIEST {
            return Err(Error::invalid(
                "started_at",
                "the earliest time is 2000-01-01",
            ));
        }
        let html = markdown::to_html(&description);
        // Each is looked up while all other writers wait, so nobody twice.
        let mut people = new.people;
        people.sort_unstable();
        people.dedup();
        let (entry_id, audit_id) = (EntryId(self.new_id()), self.new_id());
        let actor = actor.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(row) = tx.fetch_optional(&FIND_ID, &args![id.0]).await? {
                        if row.uuid("declared_by")? == actor.id.0 {
                            return find(tx, &actor, id).await;
                        }
                        return Err(Error::Conflict {
                            code: "id_taken",
                            message: "this id belongs to another incident; make a new one".into(),
                        });
                    }
                    tx.fetch_optional(&LOCK_NUMBERS, &args![]).await?;
                    let number = tx.fetch_one(&NEXT_NUMBER, &args![]).await?.int("n")?;
                    tx.execute(
                        &INSERT,
                        &args![
                            id.0,
                            number,
                            title.as_str(),
                            description,
                            html,
                            serde_json::to_string(&services).map_err(Error::internal)?,
                            severity.word(),
                            new.restricted,
                            now.0,
                            actor.id.0,
                            started_at.0
                        ],
                    )
                    .await?;
                    if new.restricted {
                        for person in people.iter().copied().chain([actor.id]) {
                            if tx
                                .fetch_optional(&IS_PERSON, &args![person.0])
                                .await?
                                .is_none()
                            {
                                return Err(Error::invalid(
                                    "people",
                                    "one of these people has no account",
                                ));
                            }
                            tx.execute(&INSERT_ACCESS, &args![id.0, person.0, actor.id.0, now.0])
                                .await?;
                        }
                    }
                    let incident = find(tx, &actor, id).await?;
                    let entry = Fresh {
                        id: entry_id,
                        author: Some(actor.id),
                        body: EntryBody::Declared { severity },
                        text: title.clone(),
                        html: markdown::to_html(&title),
                        occurred_at: now,
                        recorded_at: now,
                        digest: Vec::new(),
                    };
                    let (incident, _) = timeline::write(tx, incident, entry, None).await?;
                    if incident.restricted {
                        audit::record(
                            tx,
                            audit_id,
                            now,
                            &actor,
                            "incident.restricted",
                            &incident.reference(),
                            serde_json::json!({"people": people}),
                        )
                        .await?;
                    }
                    Ok(incident)
                })
            })
            .await
    }

    /// One incident.
    ///
    /// # Errors
    /// [`Error::NotFound`] also when the actor may not see it.
    pub async fn incident(&self, actor: &Actor, id: IncidentId) -> Result<Incident, Error> {
        find(&mut *self.db.reader().await?, actor, id).await
    }

    /// A page of incidents the actor may see, at most `limit` (1 to 200).
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn incidents(
        &self,
        actor: &Actor,
        filter: &Filter,
        cursor: Option<Cursor>,
        limit: i64,
    ) -> Result<Page, Error> {
        let limit = limit.clamp(1, 200);
        let severity = filter.severity.map(Severity::word);
        let text = filter
            .text
            .as_deref()
            .map(str::trim)
            .filter(|t| !t.is_empty());
        let pattern = text.map(like);
        let reference = text.map(|t| t.to_lowercase());
        let status = match filter.which {
            Which::Status(status) => Some(status.word()),
            _ => None,
        };
        let open_wanted = !matches!(
            filter.which,
            Which::Resolved | Which::Status(Status::Resolved)
        );
        let resolved_wanted = !matches!(filter.which, Which::Open)
            && (status.is_none() || filter.which == Which::Status(Status::Resolved));
        let from = cursor.unwrap_or(Cursor {
            open: open_wanted.then_some(Severity::Sev1),
            below: i64::MAX,
        });
        let mut conn = self.db.reader().await?;
        let mut found: Vec<(bool, Listed)> = Vec::new();
        if let (true, Some(worst)) = (open_wanted, from.open) {
            let args = args![
                actor.id.0,
                from.below,
                severity,
                status,
                pattern.clone(),
                reference.clone(),
                limit + 1,
                worst.word()
            ];
            for row in conn.fetch_all(&LIST_OPEN, &args).await? {
                found.push((true, listed(&row)?));
            }
        }
        let room = limit + 1 - i64::try_from(found.len()).unwrap_or(limit + 1);
        if resolved_wanted && room > 0 {
            let below = if from.open.is_some() {
                i64::MAX
            } else {
                from.below
            };
            let args = args![actor.id.0, below, severity, pattern, reference, room];
            for row in conn.fetch_all(&LIST_RESOLVED, &args).await? {
                found.push((false, listed(&row)?));
            }
        }
        let size = usize::try_from(limit).unwrap_or(50);
        let more = found.len() > size;
        found.truncate(size);
        let next = match found.last() {
            Some((open, last)) if more => Some(Cursor {
                open: open.then_some(last.incident.severity),
                below: last.incident.number,
            }),
            _ => None,
        };
        Ok(Page {
            incidents: found.into_iter().map(|(_, one)| one).collect(),
            next,
        })
    }

    /// How many open incidents the actor may see.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn open_incidents(&self, actor: &Actor) -> Result<i64, Error> {
        Ok(self
            .db
            .reader()
            .await?
            .fetch_one(&COUNT_OPEN, &args![actor.id.0])
            .await?
            .int("n")?)
    }

    /// Every incident there is, for the command line, which no role limits.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn all_incident_ids(&self) -> Result<Vec<IncidentId>, Error> {
        let rows = self
            .db
            .reader()
            .await?
            .fetch_all(&LIST_IDS, &args![])
            .await?;
        rows.iter()
            .map(|row| Ok(IncidentId(row.uuid("id")?)))
            .collect()
    }

    /// Changes title, description or services, and says so in the timeline.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub async fn update_details(
        &self,
        actor: &Actor,
        id: IncidentId,
        details: Details,
    ) -> Result<Incident, Error> {
        let (now, entry_id, actor) = (self.now(), EntryId(self.new_id()), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let mut incident = find_for_update(tx, &actor, id).await?;
                    Error::authorise(&actor, Action::Respond)?;
                    let mut said = Vec::new();
                    if let Some(title) = details.title {
                        let title = text::line("The title", &title, text::TITLE_MAX)
                            .map_err(Error::text("title"))?;
                        if title != incident.title {
                            said.push(format!("Title: {title}"));
                            incident.title = title;
                        }
                    }
                    if let Some(services) = details.services {
                        let services = clean_services(&services)?;
                        if services != incident.services {
                            said.push(format!("Services: {}", services.join(", ")));
                            incident.services = services;
                        }
                    }
                    if let Some(description) = details.description {
                        let description = text::optional_text("The description", &description)
                            .map_err(Error::text("description"))?;
                        if description != incident.description {
                            said.push("Description changed".to_owned());
                            incident.description_html = markdown::to_html(&description);
                            incident.description = description;
                        }
                    }
                    if said.is_empty() {
                        return Ok(incident);
                    }
                    tx.execute(
                        &UPDATE_DETAILS,
                        &args![
                            id.0,
                            incident.title.as_str(),
                            incident.description.as_str(),
                            incident.description_html.as_str(),
                            serde_json::to_string(&incident.services).map_err(Error::internal)?
                        ],
                    )
                    .await?;
                    let text = said.join("\n");
                    let entry = Fresh {
                        id: entry_id,
                        author: Some(actor.id),
                        body: EntryBody::Details,
                        html: markdown::to_html(&text),
                        text,
                        occurred_at: now,
                        recorded_at: now,
                        digest: Vec::new(),
                    };
                    Ok(timeline::write(tx, incident, entry, None).await?.0)
                })
            })
            .await
    }
}

/// One incident the actor may see.
pub(crate) async fn find(
    conn: &mut Conn,
    actor: &Actor,
    id: IncidentId,
) -> Result<Incident, Error> {
    let row = conn.fetch_optional(&FIND, &args![id.0, actor.id.0]).await?;
    visible(row.as_ref())
}

/// One incident the actor may see, held until the transaction ends.
pub(crate) async fn find_for_update(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
) -> Result<Incident, Error> {
    let row = tx
        .fetch_optional(&FIND_FOR_UPDATE, &args![id.0, actor.id.0])
        .await?;
    visible(row.as_ref())
}

fn visible(row: Option<&Row>) -> Result<Incident, Error> {
    let row = row.ok_or(Error::NotFound)?;
    let incident = from_row(row)?;
    if incident.restricted && row.int("named")? == 0 {
        Err(Error::NotFound)
    } else {
        Ok(incident)
    }
}

pub(crate) fn from_row(row: &Row) -> Result<Incident, Error> {
    Ok(Incident {
        id: IncidentId(row.uuid("id")?),
        number: row.int("number")?,
        title: row.text("title")?,
        description: row.text("description")?,
        description_html: row.text("description_html")?,
        services: serde_json::from_str(&row.text("services")?).map_err(Error::internal)?,
        severity: row.text("severity")?.parse().map_err(Error::internal)?,
        status: row.text("status")?.parse().map_err(Error::internal)?,
        restricted: row.int("restricted")? != 0,
        declared_at: Timestamp(row.int("declared_at")?),
        declared_by: UserId(row.uuid("declared_by")?),
        started_at: Timestamp(row.int("started_at")?),
        resolved_at: row.opt_int("resolved_at")?.map(Timestamp),
        commander: row.opt_uuid("commander_id")?.map(UserId),
        last_human_at: Timestamp(row.int("last_human_at")?),
        last_learnt_at: row.opt_int("last_learnt_at")?.map(Timestamp),
        next_update_at: row.opt_int("next_update_at")?.map(Timestamp),
        last_seq: row.int("last_seq")?,
    })
}

fn listed(row: &Row) -> Result<Listed, Error> {
    Ok(Listed {
        incident: from_row(row)?,
        commander: row.opt_text("commander")?,
    })
}

/// Writes back the columns an entry can change, and when the stall watch is to
/// look because of it.
pub(crate) async fn save_state(
    tx: &mut Tx,
    incident: &Incident,
    entry: &Entry,
) -> Result<(), Error> {
    let now = entry.recorded_at;
    let look = Attention::to(entry);
    tx.execute(
        &UPDATE_STATE,
        &args![
            incident.id.0,
            incident.severity.word(),
            incident.status.word(),
            incident.resolved_at.map(|t| t.0),
            incident.commander.map(|u| u.0),
            incident.last_human_at.0,
            incident.last_learnt_at.map(|t| t.0),
            incident.next_update_at.map(|t| t.0),
            incident.last_seq,
            now.0,
            look.when_asked(now).map(|t| t.0),
            look.when_calm(now).map(|t| t.0)
        ],
    )
    .await?;
    Ok(())
}

/// Publishes that an entry was committed.
pub(crate) fn publish(tx: &mut Tx, incident: IncidentId, seq: i64, what: LiveWhat) {
    tx.after_commit(LiveEvent {
        incident: incident.0,
        seq,
        what,
    });
}

/// Whether somebody has an account in use.
pub(crate) async fn is_person(conn: &mut Conn, id: UserId) -> Result<bool, Error> {
    Ok(conn
        .fetch_optional(&IS_PERSON, &args![id.0])
        .await?
        .is_some())
}

/// An actor for work that no person asked for, such as an export on the command line.
#[must_use]
pub fn operator() -> Actor {
    Actor {
        id: UserId(uuid::Uuid::nil()),
        name: "operator".into(),
        role: Role::Admin,
        address: String::new(),
    }
}

fn clean_services(services: &[String]) -> Result<Vec<String>, Error> {
    let mut cleaned: Vec<String> = Vec::new();
    for one in services.iter().filter(|s| !s.trim().is_empty()) {
        let one =
            text::line("The service", one, text::NAME_MAX).map_err(Error::text("services"))?;
        if cleaned.contains(&one) {
            continue;
        }
        // Not after the loop: comparing each with all of a long list takes minutes.
        if cleaned.len() == text::SERVICES_MAX {
            return Err(Error::invalid(
                "services",
                format!("name at most {} services", text::SERVICES_MAX),
            ));
        }
        cleaned.push(one);
    }
    Ok(cleaned)
}

/// A LIKE pattern that finds the text anywhere, with `!` as escape.
fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars().take(100) {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

//! The timeline: append, edit, redact, pin; read on from a sequence.

use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, LiveWhat, Row, Tx},
    incident, markdown,
    page::acknowledge,
    statements,
};
use rideout_domain::{
    Action, Actor, Entry, EntryBody, EntryId, EntryKind, Incident, IncidentId, NewEntry, Role,
    Timestamp, UserId,
    entry::Change,
    room::{self, Board, CLOCK_TOLERANCE, Room},
    text,
};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};

statements! {
    /// Adds an entry; an id that is taken adds nothing.
    INSERT = "INSERT INTO entries (id, incident_id, seq, changed_seq, kind, author_id, occurred_at, recorded_at, text, html, body, digest, revision) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) ON CONFLICT (id) DO NOTHING";
    /// One entry of any incident.
    FIND = "SELECT id, incident_id, seq, changed_seq, kind, author_id, occurred_at, recorded_at, text, html, body, digest, revision, redacted_at, pinned_at FROM entries WHERE id = $1";
    /// Entries after a sequence, oldest first.
    AFTER = "SELECT id, incident_id, seq, changed_seq, kind, author_id, occurred_at, recorded_at, text, html, body, revision, redacted_at, pinned_at FROM entries WHERE incident_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    /// Entries added or changed after a sequence.
    CHANGED_AFTER = "SELECT id, incident_id, seq, changed_seq, kind, author_id, occurred_at, recorded_at, text, html, body, revision, redacted_at, pinned_at FROM entries WHERE incident_id = $1 AND changed_seq > $2 ORDER BY changed_seq";
    /// Keeps what stood in an entry before it is changed.
    KEEP_REVISION = "INSERT INTO entry_revisions (entry_id, revision, text, html, body, occurred_at, replaced_at, replaced_by, reason) SELECT id, revision, text, html, body, occurred_at, $2, $3, $4 FROM entries WHERE id = $1";
    /// Changes an entry.
    UPDATE = "UPDATE entries SET text = $2, html = $3, body = $4, occurred_at = $5, changed_seq = $6, revision = revision + 1, redacted_at = $7, pinned_at = $8 WHERE id = $1";
    /// Pins or unpins an entry.
    SET_PIN = "UPDATE entries SET pinned_at = $2, changed_seq = $3 WHERE id = $1";
    /// Earlier revisions of an entry, newest first.
    REVISIONS = "SELECT r.revision, r.text, r.html, r.occurred_at, r.replaced_at, r.reason, u.name FROM entry_revisions r JOIN users u ON u.id = r.replaced_by WHERE r.entry_id = $1 ORDER BY r.revision DESC";
    /// A file about to be attached.
    ATTACHMENT = "SELECT name, size, content_type FROM attachments WHERE id = $1 AND incident_id = $2 AND redacted_at IS NULL";
    /// A file taken away with its entry.
    REDACT_ATTACHMENT = "UPDATE attachments SET redacted_at = $2 WHERE id = $1";
}

/// An entry about to be written.
pub(crate) struct Fresh {
    pub(crate) id: EntryId,
    pub(crate) author: Option<UserId>,
    pub(crate) body: EntryBody,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) digest: Vec<u8>,
}

/// An entry that is on record.
#[derive(Debug, Clone)]
pub struct Appended {
    /// The entry.
    pub entry: Entry,
    /// False when the same entry had been recorded before.
    pub created: bool,
}

/// A change to an entry; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct EntryEdit {
    /// Markdown.
    pub text: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// Why; may be empty.
    pub reason: String,
    /// The revision the change was made from; another one in between is a conflict.
    pub revision: Option<i64>,
}

/// What stood in an entry before.
#[derive(Debug, Clone)]
pub struct Revision {
    /// From 1.
    pub revision: i64,
    /// Markdown.
    pub text: String,
    /// Safe HTML.
    pub html: String,
    /// When it was said to have happened.
    pub occurred_at: Timestamp,
    /// When it was replaced.
    pub replaced_at: Timestamp,
    /// By whom.
    pub replaced_by: String,
    /// Why; may be empty.
    pub reason: String,
}

impl Service {
    /// Puts an entry on record. It is on disk when this returns.
    ///
    /// The same id with the same content is the same entry.
    ///
    /// # Errors
    /// [`Error::Conflict`] `id_taken` when the id comes with other content,
    /// [`Error::Invalid`] naming the field.
    pub async fn append(
        &self,
        actor: &Actor,
        incident: IncidentId,
        mut new: NewEntry,
    ) -> Result<Appended, Error> {
        let now = self.now();
        let digest = digest(actor, incident, &new)?;
        // Rendered before the transaction, which every other writer waits for.
        new.text = text::optional_text("The text", &new.text).map_err(Error::text("text"))?;
        let html = markdown::to_html(&new.text);
        let known = self.rooms.peek(incident);
        let (stamp, actor) = (self.stamp(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Respond)?;
                    let id = new.id;
                    if needs_board(&new.body) {
                        // A retry must be seen as one before it is refused as “closed already”.
                        if let Some(found) = recorded(tx, incident, id, &digest).await? {
                            return Ok(found);
                        }
                    }
                    let mut people = HashMap::new();
                    for who in people_in(&new.body) {
                        people.insert(who, incident::is_person(tx, who).await?);
                    }
                    let board = match (&known, needs_board(&new.body)) {
                        (_, false) => Arc::default(),
                        (Some(snapshot), true)
                            if snapshot.room.incident.last_seq == row.last_seq =>
                        {
                            Arc::clone(&snapshot.board)
                        }
                        (_, true) => Arc::new(load_board(tx, incident).await?),
                    };
                    let known_room = Room {
                        incident: row,
                        entries: Vec::new(),
                        people: HashMap::new(),
                    };
                    let mut new = known_room
                        .accept(&board, new, now, |who| people.get(&who) == Some(&true))?;
                    if let EntryBody::Evidence {
                        attachment: Some(file),
                        ..
                    } = &mut new.body
                    {
                        let found = tx
                            .fetch_optional(&ATTACHMENT, &args![file.id.0, incident.0])
                            .await?;
                        let found = found.ok_or_else(|| {
                            Error::invalid(
                                "attachment",
                                "this file is not in this incident; attach it again",
                            )
                        })?;
                        file.name = found.text("name")?;
                        file.size = found.int("size")?;
                        file.content_type = found.text("content_type")?;
                    }
                    let fresh = Fresh {
                        id,
                        author: Some(actor.id),
                        occurred_at: new.occurred_at.map_or(now, |at| at.min(now)),
                        body: new.body,
                        text: new.text,
                        html,
                        recorded_at: now,
                        digest: digest.clone(),
                    };
                    let kept = needs_board(&fresh.body).then(|| (*board).clone());
                    let was_open = known_room.incident.is_open();
                    match write(tx, known_room.incident, fresh, kept).await {
                        Ok((after, entry)) => {
                            if was_open && !after.is_open() {
                                acknowledge::end_for_incident(tx, &stamp, after).await?;
                            }
                            Ok(Appended {
                                entry,
                                created: true,
                            })
                        }
                        Err(Error::Conflict {
                            code: "id_taken",
                            message,
                        }) => recorded(tx, incident, id, &digest)
                            .await?
                            .ok_or(Error::Conflict {
                                code: "id_taken",
                                message,
                            }),
                        Err(other) => Err(other),
                    }
                })
            })
            .await
    }

    /// Entries after a sequence, oldest first, at most `limit` (1 to 1000).
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor may not see the incident.
    pub async fn entries_after(
        &self,
        actor: &Actor,
        incident: IncidentId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Entry>, Error> {
        let mut conn = self.db.reader().await?;
        incident::find(&mut conn, actor, incident).await?;
        let rows = conn
            .fetch_all(&AFTER, &args![incident.0, after, limit.clamp(1, 1000)])
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// One entry.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in this incident or the actor may not see it.
    pub async fn entry(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: EntryId,
    ) -> Result<Entry, Error> {
        let mut conn = self.db.reader().await?;
        incident::find(&mut conn, actor, incident).await?;
        find(&mut conn, incident, id).await
    }

    /// Changes the text or time of an entry. What stood there stays readable.
    ///
    /// Whoever wrote an entry may change it, and a commander may change any.
    ///
    /// # Errors
    /// [`Error::Conflict`] `revision` when it was changed meanwhile, `redacted` when it was redacted.
    pub async fn edit_entry(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: EntryId,
        edit: EntryEdit,
    ) -> Result<Entry, Error> {
        let now = self.now();
        let text = edit
            .text
            .map(|t| text::optional_text("The text", &t).map_err(Error::text("text")))
            .transpose()?;
        if let Some(at) = edit.occurred_at {
            if at.seconds_since(now) > CLOCK_TOLERANCE {
                return Err(room::Refusal::Future(at).into());
            }
            if at < Timestamp::EARLIEST {
                return Err(room::Refusal::TooLongAgo(at).into());
            }
        }
        let reason = clean_reason(&edit.reason)?;
        // Rendered before the transaction, which every other writer waits for.
        let html = text.as_deref().map(markdown::to_html);
        let (change_id, actor) = (EntryId(self.new_id()), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    let entry = find(tx, incident, id).await?;
                    own_or_any(&actor, &entry)?;
                    if entry.redacted_at.is_some() {
                        return Err(redacted());
                    }
                    if !entry.kind().is_written_by_clients() {
                        return Err(Error::invalid(
                            "entry",
                            "what Rideout recorded itself cannot be edited",
                        ));
                    }
                    if edit.revision.is_some_and(|from| from != entry.revision) {
                        return Err(Error::Conflict {
                            code: "revision",
                            message: "somebody changed this entry meanwhile; look at it again"
                                .into(),
                        });
                    }
                    let text = text.unwrap_or_else(|| entry.text.clone());
                    if text.trim().is_empty() && !entry.text.trim().is_empty() {
                        return Err(Error::invalid(
                            "text",
                            "to take the text out, redact the entry instead",
                        ));
                    }
                    let occurred_at = edit.occurred_at.unwrap_or(entry.occurred_at);
                    if text == entry.text && occurred_at == entry.occurred_at {
                        return Ok(entry);
                    }
                    let html = html.unwrap_or_else(|| entry.html.clone());
                    let seq = row.last_seq + 1;
                    let pinned = entry.pinned_at.map(|t| t.0);
                    keep(tx, &actor, id, now, &reason).await?;
                    tx.execute(
                        &UPDATE,
                        &args![
                            id.0,
                            text,
                            html,
                            json(&entry.body)?,
                            occurred_at.0,
                            seq,
                            None::<i64>,
                            pinned
                        ],
                    )
                    .await?;
                    changed(tx, row, &actor, change_id, now, id, Change::Edited, reason).await?;
                    find(tx, incident, id).await
                })
            })
            .await
    }

    /// Takes the text, link and file of an entry out. What stood there can be
    /// read only by those who may redact.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the actor wrote it or may redact any.
    pub async fn redact_entry(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: EntryId,
        reason: &str,
    ) -> Result<Entry, Error> {
        let (now, reason) = (self.now(), clean_reason(reason)?);
        let (change_id, audit_id, actor) = (EntryId(self.new_id()), self.new_id(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    let entry = find(tx, incident, id).await?;
                    own_or_any(&actor, &entry)?;
                    if entry.redacted_at.is_some() {
                        return Err(redacted());
                    }
                    if !entry.kind().is_written_by_clients() {
                        return Err(Error::invalid(
                            "entry",
                            "what Rideout recorded itself cannot be redacted",
                        ));
                    }
                    let (seq, reference) = (row.last_seq + 1, row.reference());
                    keep(tx, &actor, id, now, &reason).await?;
                    if let EntryBody::Evidence {
                        attachment: Some(file),
                        ..
                    } = &entry.body
                    {
                        tx.execute(&REDACT_ATTACHMENT, &args![file.id.0, now.0])
                            .await?;
                    }
                    let body = json(&without_words(entry.body))?;
                    let at = entry.occurred_at.0;
                    tx.execute(
                        &UPDATE,
                        &args![id.0, "", "", body, at, seq, now.0, None::<i64>],
                    )
                    .await?;
                    let detail =
                        serde_json::json!({"entry": id, "seq": entry.seq, "reason": reason});
                    changed(
                        tx,
                        row,
                        &actor,
                        change_id,
                        now,
                        id,
                        Change::Redacted,
                        reason,
                    )
                    .await?;
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        "entry.redacted",
                        &reference,
                        detail,
                    )
                    .await?;
                    find(tx, incident, id).await
                })
            })
            .await
    }

    /// Puts an entry at the top of the room, or takes it from there.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for viewers.
    pub async fn pin_entry(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: EntryId,
        pin: bool,
    ) -> Result<Entry, Error> {
        let (now, change_id, actor) = (self.now(), EntryId(self.new_id()), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Respond)?;
                    let entry = find(tx, incident, id).await?;
                    if entry.pinned_at.is_some() == pin {
                        return Ok(entry);
                    }
                    let (seq, at) = (row.last_seq + 1, pin.then_some(now.0));
                    tx.execute(&SET_PIN, &args![id.0, at, seq]).await?;
                    let change = if pin {
                        Change::Pinned
                    } else {
                        Change::Unpinned
                    };
                    changed(tx, row, &actor, change_id, now, id, change, String::new()).await?;
                    find(tx, incident, id).await
                })
            })
            .await
    }

    /// What stood in an entry before, newest first. A redacted entry's past is
    /// for those who may redact.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn entry_history(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: EntryId,
    ) -> Result<(Entry, Vec<Revision>), Error> {
        let mut conn = self.db.reader().await?;
        incident::find(&mut conn, actor, incident).await?;
        let entry = find(&mut conn, incident, id).await?;
        if entry.redacted_at.is_some() {
            Error::authorise(actor, Action::Redact)?;
        }
        let mut revisions = Vec::new();
        for row in conn.fetch_all(&REVISIONS, &args![id.0]).await? {
            revisions.push(Revision {
                revision: row.int("revision")?,
                text: row.text("text")?,
                html: row.text("html")?,
                occurred_at: Timestamp(row.int("occurred_at")?),
                replaced_at: Timestamp(row.int("replaced_at")?),
                replaced_by: row.text("name")?,
                reason: row.text("reason")?,
            });
        }
        Ok((entry, revisions))
    }
}

/// Writes an entry and what it changes in the incident's row. With the board
/// before the entry the whole row is recomputed; without it, only the times.
pub(crate) async fn write(
    tx: &mut Tx,
    mut incident: Incident,
    fresh: Fresh,
    board: Option<Board>,
) -> Result<(Incident, Entry), Error> {
    let seq = incident.last_seq + 1;
    let entry = Entry {
        id: fresh.id,
        incident: incident.id,
        seq,
        changed_seq: seq,
        author: fresh.author,
        body: fresh.body,
        text: fresh.text,
        html: fresh.html,
        occurred_at: fresh.occurred_at,
        recorded_at: fresh.recorded_at,
        revision: 1,
        redacted_at: None,
        pinned_at: None,
    };
    let added = tx
        .execute(
            &INSERT,
            &args![
                entry.id.0,
                incident.id.0,
                seq,
                entry.kind().word(),
                entry.author.map(|a| a.0),
                entry.occurred_at.0,
                entry.recorded_at.0,
                entry.text.as_str(),
                entry.html.as_str(),
                json(&entry.body)?,
                fresh.digest
            ],
        )
        .await?;
    if added == 0 {
        return Err(Error::Conflict {
            code: "id_taken",
            message: "this id belongs to an entry with other content; make a new one".into(),
        });
    }
    if let Some(mut board) = board {
        board.add(&entry);
        room::apply_to_row(&mut incident, &entry, &board);
    } else {
        incident.last_seq = seq;
        if entry.is_activity() {
            incident.last_human_at = incident.last_human_at.max(entry.occurred_at);
            if entry.kind().is_learning() {
                incident.last_learnt_at = incident.last_learnt_at.max(Some(entry.occurred_at));
            }
        }
    }
    incident::save_state(tx, &incident, &entry).await?;
    incident::publish(tx, incident.id, seq, LiveWhat::Entry);
    Ok((incident, entry))
}

#[expect(
    clippy::too_many_arguments,
    reason = "one private step of three use cases"
)]
async fn changed(
    tx: &mut Tx,
    incident: Incident,
    actor: &Actor,
    change_id: EntryId,
    now: Timestamp,
    entry: EntryId,
    change: Change,
    reason: String,
) -> Result<(), Error> {
    let fresh = Fresh {
        id: change_id,
        author: Some(actor.id),
        body: EntryBody::Changed { entry, change },
        html: markdown::to_html(&reason),
        text: reason,
        occurred_at: now,
        recorded_at: now,
        digest: Vec::new(),
    };
    let board = load_board(tx, incident.id).await?;
    write(tx, incident, fresh, Some(board)).await?;
    Ok(())
}

async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    id: EntryId,
    now: Timestamp,
    reason: &str,
) -> Result<(), Error> {
    tx.execute(&KEEP_REVISION, &args![id.0, now.0, actor.id.0, reason])
        .await?;
    Ok(())
}

pub(crate) async fn find(
    conn: &mut Conn,
    incident: IncidentId,
    id: EntryId,
) -> Result<Entry, Error> {
    let row = conn
        .fetch_optional(&FIND, &args![id.0])
        .await?
        .ok_or(Error::NotFound)?;
    let entry = from_row(&row)?;
    if entry.incident == incident {
        Ok(entry)
    } else {
        Err(Error::NotFound)
    }
}

/// Entries added or changed after a sequence, in the order they were changed.
pub(crate) async fn changed_after(
    conn: &mut Conn,
    incident: IncidentId,
    after: i64,
) -> Result<Vec<Entry>, Error> {
    conn.fetch_all(&CHANGED_AFTER, &args![incident.0, after])
        .await?
        .iter()
        .map(from_row)
        .collect()
}

pub(crate) async fn load_board(conn: &mut Conn, incident: IncidentId) -> Result<Board, Error> {
    let mut entries = changed_after(conn, incident, 0).await?;
    entries.sort_by_key(|e| e.seq);
    let mut board = Board::default();
    entries.iter().for_each(|entry| board.add(entry));
    Ok(board)
}

/// The entry recorded under this id, when its content is the same.
pub(crate) async fn recorded(
    conn: &mut Conn,
    incident: IncidentId,
    id: EntryId,
    digest: &[u8],
) -> Result<Option<Appended>, Error> {
    let Some(row) = conn.fetch_optional(&FIND, &args![id.0]).await? else {
        return Ok(None);
    };
    if row.bytes("digest")? != digest {
        return Err(Error::Conflict {
            code: "id_taken",
            message: "this id belongs to an entry with other content; make a new one".into(),
        });
    }
    let entry = from_row(&row)?;
    if entry.incident == incident {
        Ok(Some(Appended {
            entry,
            created: false,
        }))
    } else {
        Err(Error::NotFound)
    }
}

fn from_row(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        id: EntryId(row.uuid("id")?),
        incident: IncidentId(row.uuid("incident_id")?),
        seq: row.int("seq")?,
        changed_seq: row.int("changed_seq")?,
        author: row.opt_uuid("author_id")?.map(UserId),
        body: serde_json::from_str(&row.text("body")?).map_err(Error::internal)?,
        text: row.text("text")?,
        html: row.text("html")?,
        occurred_at: Timestamp(row.int("occurred_at")?),
        recorded_at: Timestamp(row.int("recorded_at")?),
        revision: row.int("revision")?,
        redacted_at: row.opt_int("redacted_at")?.map(Timestamp),
        pinned_at: row.opt_int("pinned_at")?.map(Timestamp),
    })
}

fn own_or_any(actor: &Actor, entry: &Entry) -> Result<(), Error> {
    Error::authorise(actor, Action::Respond)?;
    if entry.author == Some(actor.id) || actor.may(Action::Redact) {
        Ok(())
    } else {
        Err(Error::Forbidden {
            needs: Role::Commander,
        })
    }
}

fn redacted() -> Error {
    Error::Conflict {
        code: "redacted",
        message: "this entry is redacted already".into(),
    }
}

fn clean_reason(reason: &str) -> Result<String, Error> {
    if reason.trim().is_empty() {
        return Ok(String::new());
    }
    text::line("The reason", reason, 500).map_err(Error::text("reason"))
}

/// The structure stays, so that the board stays true; the words go.
fn without_words(body: EntryBody) -> EntryBody {
    match body {
        EntryBody::Evidence {
            hypothesis, stance, ..
        } => EntryBody::Evidence {
            link: None,
            attachment: None,
            hypothesis,
            stance,
        },
        EntryBody::Decision { .. } => EntryBody::Decision {
            alternatives: Vec::new(),
        },
        EntryBody::Blocker { minutes, .. } => EntryBody::Blocker {
            waiting_on: String::new(),
            minutes,
        },
        EntryBody::Asked { minutes, .. } => EntryBody::Asked {
            whom: String::new(),
            minutes,
        },
        EntryBody::Alert { name, firing, .. } => EntryBody::Alert {
            name,
            firing,
            link: None,
        },
        other => other,
    }
}

/// Whether the entry can only be judged, or its effect on the incident only be
/// told, with the rest of the timeline.
const fn needs_board(body: &EntryBody) -> bool {
    !matches!(
        body.kind(),
        EntryKind::Note
            | EntryKind::Finding
            | EntryKind::Hypothesis
            | EntryKind::Decision
            | EntryKind::Action
            | EntryKind::Task
            | EntryKind::Breakout
            | EntryKind::Blocker
            | EntryKind::Wait
            | EntryKind::Asked
            | EntryKind::Alert
    ) && !matches!(
        body,
        EntryBody::Evidence {
            hypothesis: None,
            ..
        }
    )
}

fn people_in(body: &EntryBody) -> Vec<UserId> {
    match body {
        EntryBody::Task { owner, .. } => vec![*owner],
        EntryBody::Breakout { people, .. } => people.iter().take(32).copied().collect(),
        EntryBody::RoleTaken { user, .. } => vec![*user],
        _ => Vec::new(),
    }
}

fn json(body: &EntryBody) -> Result<String, Error> {
    serde_json::to_string(body).map_err(Error::internal)
}

/// What makes two requests the same: who, where, and everything that was asked for.
fn digest(actor: &Actor, incident: IncidentId, new: &NewEntry) -> Result<Vec<u8>, Error> {
    let asked = serde_json::to_vec(&(actor.id, incident, new)).map_err(Error::internal)?;
    Ok(Sha256::digest(asked).to_vec())
}

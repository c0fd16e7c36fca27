//! Answering a prompt: the answer, and what follows from it, in one transaction.

use super::look;
use crate::{
    Error, Service, args,
    db::{Conn, Tx},
    directory, incident, markdown,
    page::{NewEscalation, Reason, Stamp, escalate, person},
    statements,
    timeline::{self, Fresh},
};
use rideout_domain::{
    Action, Actor, Entry, EntryBody, EntryId, Incident, IncidentId, NewEntry, Status, UserId,
    entry::AnswerKind,
    room::{Room, watch::Prompt},
    stall::ladder::Answer,
    text,
};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

statements! {
    /// The name of a person.
    NAME = "SELECT name FROM users WHERE id = $1";
}

/// An answer to a prompt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NewAnswer {
    /// Made by the client, so that a retry answers nothing twice.
    pub id: EntryId,
    /// What.
    pub answer: AnswerKind,
    /// Still on it: minutes until the watch looks again, one of [`Answer::MINUTES`].
    /// Blocked: how long we are ready to wait, if that was said.
    pub minutes: Option<u32>,
    /// A word on what is being tried, what is lacking, why somebody is called, or
    /// how one can tell that it is mitigated. Markdown.
    pub text: String,
    /// Blocked: on whom or what we wait; may be empty.
    pub waiting_on: String,
    /// Help is needed: from whom.
    pub user: Option<UserId>,
}

/// An answer that is on record.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The entry.
    pub entry: Entry,
    /// False when the same answer had been recorded before.
    pub created: bool,
}

impl Service {
    /// Answers a prompt: for the room, whoever was asked. What follows is written
    /// with it: a blocker, a page, an escalation, the new status.
    ///
    /// # Errors
    /// [`Error::Conflict`] `answered` when somebody was quicker, saying who and what,
    /// `withdrawn` when nothing is asked any more; [`Error::Invalid`] naming the field.
    pub async fn answer_prompt(
        &self,
        actor: &Actor,
        incident: IncidentId,
        prompt: EntryId,
        new: NewAnswer,
    ) -> Result<Answered, Error> {
        incident::find(&mut *self.db.reader().await?, actor, incident).await?;
        Error::authorise(actor, Action::Respond)?;
        let new = checked(new)?;
        let digest = digest(actor, incident, prompt, &new)?;
        let html = markdown::to_html(&new.text);
        // Read before the transaction, which every other writer waits for.
        let ready = self
            .watch_ready(incident, true)
            .await?
            .ok_or(Error::NotFound)?;
        let (stamp, actor) = (self.stamp(), actor.clone());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = incident::find_for_update(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Respond)?;
                    if let Some(found) = timeline::recorded(tx, incident, new.id, &digest).await? {
                        return Ok(Answered {
                            entry: found.entry,
                            created: false,
                        });
                    }
                    let seen = ready.seen.clone().caught_up(tx, &row).await?;
                    let board = &seen.board;
                    let open = open_prompt(tx, &row, &board.watch.prompts, prompt).await?;
                    let fresh = Fresh {
                        id: new.id,
                        author: Some(actor.id),
                        body: EntryBody::Answer {
                            prompt: open,
                            answer: new.answer,
                            minutes: minutes_of(&new),
                        },
                        text: new.text.clone(),
                        html: html.clone(),
                        occurred_at: stamp.now,
                        recorded_at: stamp.now,
                        digest,
                    };
                    let (row, entry) = timeline::write(tx, row, fresh, None).await?;
                    let row = follow(tx, &stamp, row, &actor, &new, html, &seen.board).await?;
                    let was_running = board.watch.escalating().is_some();
                    let (row, looked) = look::look(tx, &stamp, row, &ready).await?;
                    if new.answer == AnswerKind::Escalate && was_running && !looked.escalated {
                        call_next(tx, &stamp, row, &actor, &new).await?;
                    }
                    Ok(Answered {
                        entry,
                        created: true,
                    })
                })
            })
            .await
    }
}

/// What follows from an answer besides the ladder's steps.
async fn follow(
    tx: &mut Tx,
    stamp: &Stamp,
    row: Incident,
    actor: &Actor,
    new: &NewAnswer,
    html: String,
    board: &rideout_domain::room::Board,
) -> Result<Incident, Error> {
    let (body, needs_board) = match new.answer {
        AnswerKind::Blocked => (
            EntryBody::Blocker {
                waiting_on: new.waiting_on.clone(),
                minutes: new.minutes,
            },
            false,
        ),
        AnswerKind::Mitigated if row.status < Status::Mitigated => (
            EntryBody::Status {
                from: None,
                to: Status::Mitigated,
            },
            true,
        ),
        AnswerKind::NeedHelp => return call(tx, stamp, row, actor, new).await,
        _ => return Ok(row),
    };
    let known = Room {
        incident: row,
        entries: Vec::new(),
        people: HashMap::new(),
    };
    let entry = NewEntry {
        id: EntryId(stamp.id()),
        body,
        text: new.text.clone(),
        occurred_at: None,
    };
    let entry = known.accept(board, entry, stamp.now, |_| false)?;
    let fresh = Fresh {
        id: entry.id,
        author: Some(actor.id),
        body: entry.body,
        text: entry.text,
        html,
        occurred_at: stamp.now,
        recorded_at: stamp.now,
        digest: Vec::new(),
    };
    let board = if needs_board {
        Some(timeline::load_board(tx, known.incident.id).await?)
    } else {
        None
    };
    Ok(timeline::write(tx, known.incident, fresh, board).await?.0)
}

/// Pages whoever is to help.
async fn call(
    tx: &mut Tx,
    stamp: &Stamp,
    row: Incident,
    actor: &Actor,
    new: &NewAnswer,
) -> Result<Incident, Error> {
    let user = new
        .user
        .ok_or_else(|| Error::invalid("user", "choose who is to be called"))?;
    let why = if new.text.is_empty() {
        format!("{} needs your help.", actor.name)
    } else {
        format!("{} needs your help: {}", actor.name, new.text)
    };
    let reason = Reason::new(why);
    let by = Some(actor.id);
    if !new.text.is_empty() {
        // They get the words, also when they are being called already.
        return Ok(person::page_again(tx, stamp, row, user, &reason, by)
            .await?
            .0);
    }
    match person::page_person(tx, stamp, row.clone(), user, &reason, by).await {
        Ok((row, _)) => Ok(row),
        // They are being called already, which is what was asked for.
        Err(Error::Conflict {
            code: "already_paged",
            ..
        }) => Ok(row),
        Err(other) => Err(other),
    }
}

/// Somebody wants more people called while levels are being called: the next
/// level is called now.
async fn call_next(
    tx: &mut Tx,
    stamp: &Stamp,
    row: Incident,
    actor: &Actor,
    new: &NewAnswer,
) -> Result<(), Error> {
    let policy = directory::policy_for(tx, &row.services).await?;
    let why = if new.text.is_empty() {
        format!("{} asks for the next level.", actor.name)
    } else {
        format!("{} asks for the next level: {}", actor.name, new.text)
    };
    let new = NewEscalation {
        policy: policy.map_or_else(escalate::no_policy, |(_, policy)| policy),
        reason: Reason::new(why),
        by: Some(actor.id),
    };
    escalate::start_escalation(tx, stamp, row, new).await?;
    Ok(())
}

/// The prompt that awaits an answer, which takes the place of the one that was
/// answered on a page from a moment ago.
async fn open_prompt(
    conn: &mut Conn,
    incident: &Incident,
    prompts: &[Prompt],
    asked: EntryId,
) -> Result<EntryId, Error> {
    let at = prompts
        .iter()
        .position(|p| p.id == asked)
        .ok_or(Error::NotFound)?;
    let withdrawn = |message: &str| Error::Conflict {
        code: "withdrawn",
        message: message.to_owned(),
    };
    if !incident.is_open() {
        return Err(withdrawn("the incident is over; nothing is asked any more"));
    }
    for prompt in prompts.iter().skip(at) {
        if let Some(answer) = &prompt.answer {
            let who = match answer.by {
                Some(id) => {
                    let row = conn.fetch_optional(&NAME, &args![id.0]).await?;
                    row.map(|row| row.text("name")).transpose()?
                }
                None => None,
            };
            return Err(Error::Conflict {
                code: "answered",
                message: format!(
                    "{} answered already: {}",
                    who.unwrap_or_else(|| "somebody".to_owned()),
                    answer.answer.title()
                ),
            });
        }
        if prompt.withdrawn.is_some() {
            return Err(withdrawn(
                "this prompt was withdrawn meanwhile; nothing is asked any more",
            ));
        }
    }
    prompts.last().map(|p| p.id).ok_or(Error::NotFound)
}

fn minutes_of(new: &NewAnswer) -> Option<u32> {
    new.minutes.filter(|_| new.answer == AnswerKind::StillOnIt)
}

fn checked(mut new: NewAnswer) -> Result<NewAnswer, Error> {
    new.text = text::optional_text("The text", &new.text).map_err(Error::text("text"))?;
    match new.answer {
        AnswerKind::StillOnIt => {
            let good = new.minutes.is_some_and(|m| Answer::MINUTES.contains(&m));
            if !good {
                return Err(Error::invalid("minutes", "choose 5, 10, 15 or 30 minutes"));
            }
        }
        AnswerKind::Blocked if new.text.is_empty() => {
            return Err(Error::invalid("text", "say what is lacking"));
        }
        AnswerKind::NeedHelp if new.user.is_none() => {
            return Err(Error::invalid("user", "choose who is to be called"));
        }
        _ => {}
    }
    Ok(new)
}

fn digest(
    actor: &Actor,
    incident: IncidentId,
    prompt: EntryId,
    new: &NewAnswer,
) -> Result<Vec<u8>, Error> {
    let asked = serde_json::to_vec(&(actor.id, incident, prompt, new)).map_err(Error::internal)?;
    Ok(Sha256::digest(asked).to_vec())
}

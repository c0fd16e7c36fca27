//! What follows from a step of the ladder: entries, pages, an escalation.

use super::{
    look::{Looked, Ready},
    seen::Seen,
    whom,
};
use crate::{
    Error, args,
    db::{Conn, Tx},
    directory,
    page::{NewEscalation, Reason, Stamp, escalate, person, watch},
    statements,
    timeline::{self, Fresh},
};
use rideout_domain::{
    EntryBody, EntryId, Incident, IncidentRole, Timestamp, UserId,
    entry::{PromptSignal, PromptTo},
    stall::{
        Assessment,
        ladder::{State, Step, Withdrawal},
    },
};

statements! {
    /// The name of somebody with an account in use.
    NAME = "SELECT name FROM users WHERE id = $1 AND disabled_at IS NULL";
}

/// Minutes for a level of a policy that says nothing.
const LEVEL_MINUTES: u32 = 15;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acted {
    /// It was taken.
    Done,
    /// Nobody can be asked; the next rung is due at once.
    NobodyThere,
}

/// Takes the steps of one look.
pub(super) struct Acting<'a> {
    stamp: &'a Stamp,
    incident: Incident,
    seen: &'a Seen,
    ready: &'a Ready,
    judged: &'a Assessment,
    /// The prompt that awaits an answer.
    open: Option<EntryId>,
    looked: Looked,
}

impl<'a> Acting<'a> {
    pub(super) fn new(
        stamp: &'a Stamp,
        incident: Incident,
        seen: &'a Seen,
        ready: &'a Ready,
        judged: &'a Assessment,
    ) -> Self {
        Self {
            stamp,
            incident,
            seen,
            ready,
            judged,
            open: seen.board.watch.open_prompt().map(|p| p.id),
            looked: Looked::default(),
        }
    }

    pub(super) fn done(self) -> (Incident, Looked) {
        (self.incident, self.looked)
    }

    pub(super) async fn take(
        &mut self,
        tx: &mut Tx,
        step: &Step,
        state: &State,
    ) -> Result<Acted, Error> {
        match step {
            Step::Withdraw { why } => self.withdraw(tx, *why).await?,
            Step::Prompt => {
                self.ask(tx, PromptTo::Room, Vec::new(), state.due).await?;
            }
            Step::AskSecondOpinion => return self.second_opinion(tx, state.due).await,
            Step::Escalate { .. } => self.escalate(tx).await?,
        }
        Ok(Acted::Done)
    }

    async fn write(&mut self, tx: &mut Tx, body: EntryBody, text: &str) -> Result<EntryId, Error> {
        let id = EntryId(self.stamp.id());
        self.incident = written(tx, self.stamp, self.incident.clone(), id, body, text).await?;
        Ok(id)
    }

    async fn withdraw(&mut self, tx: &mut Tx, why: Withdrawal) -> Result<(), Error> {
        if let Some(prompt) = self.open.take() {
            let text = sentence(why.title());
            self.write(tx, EntryBody::PromptWithdrawn { prompt }, &text)
                .await?;
        }
        let incident = self.incident.clone();
        self.incident = watch::stand_down(tx, self.stamp, incident, &sentence(why.title())).await?;
        Ok(())
    }

    async fn ask(
        &mut self,
        tx: &mut Tx,
        to: PromptTo,
        people: Vec<UserId>,
        answer_by: Option<Timestamp>,
    ) -> Result<(), Error> {
        let signals = self
            .judged
            .signals
            .iter()
            .map(|fired| PromptSignal {
                id: fired.signal.word().to_owned(),
                why: fired.why.clone(),
            })
            .collect();
        let body = EntryBody::Prompt {
            to,
            people,
            level: self.judged.level.number().clamp(1, 3),
            signals,
            answer_by: answer_by.unwrap_or(self.stamp.now),
            call: self.ready.call.clone(),
        };
        self.open = Some(self.write(tx, body, "").await?);
        self.looked.prompts += 1;
        Ok(())
    }

    /// Asks the deputy; where there is none, the first level of the policy with
    /// somebody who is not in the room.
    async fn second_opinion(
        &mut self,
        tx: &mut Tx,
        answer_by: Option<Timestamp>,
    ) -> Result<Acted, Error> {
        let board = &self.seen.board;
        let commander = board.commander();
        let deputy = board.holder(IncidentRole::Deputy);
        let mut people: Vec<UserId> = match deputy.filter(|who| Some(*who) != commander) {
            Some(deputy) => vec![deputy],
            None => whom::level_above(tx, &self.incident, self.stamp.now).await?,
        };
        people.retain(|who| Some(*who) != commander);
        let mut there = Vec::new();
        for who in people {
            if name(tx, who).await?.is_some() {
                there.push(who);
            }
        }
        if there.is_empty() {
            return Ok(Acted::NobodyThere);
        }
        self.ask(tx, PromptTo::SecondOpinion, there.clone(), answer_by)
            .await?;
        let leader = match commander {
            Some(id) => name(tx, id).await?,
            None => None,
        };
        let of = leader.map_or("The room".to_owned(), |name| format!("The room of {name}"));
        let why = format!("{of} seems stuck; your opinion is asked. {}", self.told());
        let mut reachable = 0;
        for who in there {
            let incident = self.incident.clone();
            let reason = Reason::new(why.as_str());
            match person::page_person(tx, self.stamp, incident, who, &reason, None).await {
                Ok((incident, paged)) => {
                    self.incident = incident;
                    reachable += usize::from(paged.reachable);
                }
                // Whoever was called a moment ago knows.
                Err(Error::Conflict { .. }) => reachable += 1,
                Err(other) => return Err(other),
            }
        }
        Ok(if reachable == 0 {
            Acted::NobodyThere
        } else {
            Acted::Done
        })
    }

    async fn escalate(&mut self, tx: &mut Tx) -> Result<(), Error> {
        let policy = directory::policy_for(tx, &self.incident.services).await?;
        let policy = policy.map_or_else(escalate::no_policy, |(_, policy)| policy);
        let minutes = policy.levels.first().map_or(LEVEL_MINUTES, |l| l.minutes);
        let answer_by = self.stamp.now.plus_minutes(i64::from(minutes));
        self.ask(tx, PromptTo::Policy, Vec::new(), Some(answer_by))
            .await?;
        let new = NewEscalation {
            policy,
            reason: Reason::new(format!("The room seems stuck. {}", self.told())),
            by: None,
        };
        let incident = self.incident.clone();
        let (incident, _) = escalate::start_escalation(tx, self.stamp, incident, new).await?;
        self.incident = incident;
        self.looked.escalated = true;
        Ok(())
    }

    /// Why, for whoever is called: the weightiest signals.
    fn told(&self) -> String {
        let whys: Vec<&str> = self
            .judged
            .signals
            .iter()
            .take(2)
            .map(|s| s.why.as_str())
            .collect();
        whys.join(" ")
    }
}

/// Takes back what was asked, because the incident is over.
pub(super) async fn take_back(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    seen: &Seen,
) -> Result<Incident, Error> {
    let Some(prompt) = seen.board.watch.open_prompt().map(|p| p.id) else {
        return Ok(incident);
    };
    let id = EntryId(stamp.id());
    let body = EntryBody::PromptWithdrawn { prompt };
    written(tx, stamp, incident, id, body, "The incident is over.").await
}

async fn written(
    tx: &mut Tx,
    stamp: &Stamp,
    incident: Incident,
    id: EntryId,
    body: EntryBody,
    text: &str,
) -> Result<Incident, Error> {
    let html = if text.is_empty() {
        String::new()
    } else {
        crate::markdown::to_html(text)
    };
    let fresh = Fresh {
        id,
        author: None,
        body,
        html,
        text: text.to_owned(),
        occurred_at: stamp.now,
        recorded_at: stamp.now,
        digest: Vec::new(),
    };
    Ok(timeline::write(tx, incident, fresh, None).await?.0)
}

async fn name(conn: &mut Conn, id: UserId) -> Result<Option<String>, Error> {
    let row = conn.fetch_optional(&NAME, &args![id.0]).await?;
    row.map(|row| Ok(row.text("name")?)).transpose()
}

fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

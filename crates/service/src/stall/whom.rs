//! Whom to call: candidates from the directory, the schedules, the escalation policy
//! and what people did in similar incidents. The rule is [`rideout_domain::stall::whom`].

use super::{Watches, outside::Outside, seen::Seen, usual};
use crate::{
    Error, args,
    db::Conn,
    directory::{self, Known},
    page::watch::people_behind,
    statements,
};
use rideout_domain::{
    HypothesisStatus, Incident, IncidentId, Timestamp, UserId,
    duration::minutes_in_words,
    entry::ToCall,
    escalation::Target,
    room::watch::Page,
    stall::{
        Signal,
        whom::{self, Candidate, Ground, Standing},
    },
};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

statements! {
    /// Who learnt something in an incident.
    LEARNERS = "SELECT id, name FROM users WHERE disabled_at IS NULL AND id IN (SELECT author_id FROM entries WHERE incident_id = $1 AND kind IN ('finding', 'evidence', 'decision', 'hypothesis', 'hypothesis_status'))";
}

/// Similar incidents that are looked through.
const SIMILAR: usize = 10;
/// Who learnt something in an incident, by name.
pub(super) type Learners = Arc<[(UserId, String)]>;

/// Minutes for which whom a page did not reach is proposed after the others.
const MISSED_MINUTES: i64 = 60;
/// Most who are proposed.
const MOST: usize = 5;
/// Newest hypotheses, blockers and questions that are read, of each, and letters of them.
const SUSPECTS: usize = 30;
const SUSPECT: usize = 500;
/// Letters from which on a word may tell something from others.
const TELLING: usize = 4;
/// Words that do not.
const GENERIC: &[&str] = &[
    "interface",
    "service",
    "services",
    "team",
    "system",
    "server",
    "servers",
    "data",
    "main",
    "layer",
    "backend",
    "frontend",
    "platform",
    "application",
    "component",
    "internal",
    "external",
];
/// How well an expert knows a component that is named in what is suspected.
const NAMED: f64 = 1.0;
/// How well when it is not named.
const UNNAMED: f64 = 0.6;
/// How alike an incident is that shares a service, and one that is as bad, too.
const ALIKE: (f64, f64) = (0.5, 0.8);

/// Whom to call about an incident in which these signals fire, the first to be
/// called first. Who is present or is being called need not be called.
pub(super) async fn to_call(
    watches: &Watches,
    conn: &mut Conn,
    incident: &Incident,
    seen: &Seen,
    outside: &Outside,
    fired: &[Signal],
    now: Timestamp,
) -> Result<Vec<ToCall>, Error> {
    let suspected = suspected(seen);
    let mut found = Found {
        said: words(&suspected).map(str::to_owned).collect(),
        suspected,
        all: Vec::new(),
    };
    for knows in &outside.knows {
        found.affected(&knows.affected);
        for (_, dependency) in &knows.relies_on {
            found.relied_on(dependency);
        }
    }
    found.called(conn, incident, seen, now).await?;
    let similar = usual::similar(&outside.past, incident);
    for past in similar.filter(|past| !past.restricted).take(SIMILAR) {
        let likeness = if past.severity == incident.severity {
            ALIKE.1
        } else {
            ALIKE.0
        };
        for (who, name) in learners(watches, conn, past.id).await?.iter() {
            let reference = past.reference.clone();
            let ground = Ground::SimilarIncident {
                reference,
                likeness,
            };
            found.add(*who, name, ground);
        }
    }
    found.routes(conn).await?;
    let lately = now.plus_minutes(-MISSED_MINUTES);
    let missed = |page: &&Page| page.failed.is_some_and(|at| at >= lately);
    let standing = Standing {
        present: outside.present.clone(),
        called: seen.board.watch.open_pages().map(|p| p.user).collect(),
        missed: seen
            .board
            .watch
            .pages
            .iter()
            .filter(missed)
            .map(|p| p.user)
            .collect(),
    };
    let ranked = whom::rank(&found.all, fired, &standing);
    let told = ranked.iter().take(MOST).map(|one| {
        let mut call = one.to_call();
        if call.user.is_none() {
            call.reason = "It is suspected, and nobody there has an account here.".to_owned();
        }
        call
    });
    Ok(told.collect())
}

/// Whose opinion the policy of the incident's services asks first: its first level
/// with somebody who is not in the room already and does not lead it.
pub(super) async fn level_above(
    conn: &mut Conn,
    incident: &Incident,
    now: Timestamp,
) -> Result<Vec<UserId>, Error> {
    let Some((_, policy)) = directory::policy_for(conn, &incident.services).await? else {
        return Ok(Vec::new());
    };
    for level in &policy.levels {
        let people = people_behind(conn, &level.targets, incident, now).await?;
        let mut people: Vec<UserId> = people.into_iter().map(|(who, _)| who).collect();
        people.retain(|who| Some(*who) != incident.commander);
        if !people.is_empty() {
            return Ok(people);
        }
    }
    Ok(Vec::new())
}

/// What is under suspicion, in lower case: live hypotheses, blockers, questions, the
/// newest of them and their beginnings.
fn suspected(seen: &Seen) -> String {
    let board = &seen.board;
    let ideas = board
        .hypotheses
        .iter()
        .filter(|h| h.status != HypothesisStatus::Refuted)
        .map(|h| h.text.as_str());
    let blockers = board
        .open_blockers()
        .flat_map(|b| [b.text.as_str(), b.waiting_on.as_str()]);
    let asked = board
        .watch
        .open_asked()
        .flat_map(|a| [a.text.as_str(), a.whom.as_str()]);
    let newest = |all: Vec<&str>| -> Vec<String> {
        let all = all.into_iter().rev().take(SUSPECTS);
        all.map(|text| text.chars().take(SUSPECT).collect())
            .collect()
    };
    let kinds = [ideas.collect(), blockers.collect(), asked.collect()];
    kinds.map(newest).concat().join("\n").to_lowercase()
}

/// The words of a text in lower case.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Candidates as they are found.
struct Found {
    suspected: String,
    /// The words of that.
    said: HashSet<String>,
    all: Vec<Candidate>,
}

impl Found {
    fn add(&mut self, who: UserId, name: &str, ground: Ground) {
        self.all.push(Candidate {
            person: Some(who),
            name: name.to_owned(),
            ground,
            route: String::new(),
        });
    }

    /// Whether something is named in what is suspected: in full, or by a word that
    /// tells it from others, as “the carrier” tells the carrier interface.
    fn is_named(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        let tells = |word: &&str| word.chars().count() >= TELLING && !GENERIC.contains(word);
        !name.is_empty()
            && (self.suspected.contains(&name)
                || words(&name)
                    .filter(tells)
                    .any(|word| self.said.contains(word)))
    }

    fn affected(&mut self, known: &Known) {
        for component in &known.components {
            let strength = if self.is_named(&component.name) {
                NAMED
            } else {
                UNNAMED
            };
            for expert in &component.experts {
                let component = component.name.clone();
                let ground = Ground::Expert {
                    component,
                    strength,
                };
                self.add(expert.id, &expert.name, ground);
            }
            if let Some(owner) = &component.owner {
                let of = component.name.clone();
                self.add(owner.id, &owner.name, Ground::Owner { of });
            }
        }
        let service = &known.service;
        if let Some(owner) = &service.owner {
            let of = service.name.clone();
            self.add(owner.id, &owner.name, Ground::Owner { of });
        }
        for member in &known.members {
            let component = service.name.clone();
            let ground = Ground::Expert {
                component,
                strength: UNNAMED / 2.0,
            };
            self.add(member.id, &member.name, ground);
        }
    }

    /// A dependency counts when it is suspected.
    fn relied_on(&mut self, known: &Known) {
        let service = &known.service;
        if !self.is_named(&service.name) {
            return;
        }
        let ground = || Ground::Dependency {
            dependency: service.name.clone(),
        };
        let before = self.all.len();
        let experts = known.components.iter().flat_map(|c| &c.experts);
        for who in service.owner.iter().chain(experts).chain(&known.members) {
            self.add(who.id, &who.name, ground());
        }
        if self.all.len() == before && !service.contact.is_empty() {
            let promised = service
                .response_minutes
                .map(|m| format!(", who respond within {}", minutes_in_words(m)));
            self.all.push(Candidate {
                person: None,
                name: service.name.clone(),
                ground: ground(),
                route: format!("{}{}", service.contact, promised.unwrap_or_default()),
            });
        }
    }

    /// Who is on call first, and whom the next level of the policy calls.
    async fn called(
        &mut self,
        conn: &mut Conn,
        incident: &Incident,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((_, policy)) = directory::policy_for(conn, &incident.services).await? else {
            return Ok(());
        };
        let service = incident.services.first().cloned();
        for target in policy.levels.first().iter().flat_map(|l| &l.targets) {
            if !matches!(target, Target::Schedule(_)) {
                continue;
            }
            for (who, name) in people_behind(conn, &[*target], incident, now).await? {
                let service = service.clone().unwrap_or_else(|| "this".to_owned());
                self.add(who, &name, Ground::OnCall { service });
            }
        }
        let level = seen.board.watch.escalating().map_or(1, |e| e.level + 1);
        let next = usize::try_from(level).unwrap_or(usize::MAX) - 1;
        if let Some(next) = policy.levels.get(next) {
            for (who, name) in people_behind(conn, &next.targets, incident, now).await? {
                self.add(who, &name, Ground::NextLevel { level });
            }
        }
        Ok(())
    }

    /// How each is reached.
    async fn routes(&mut self, conn: &mut Conn) -> Result<(), Error> {
        let mut known: HashMap<UserId, String> = HashMap::new();
        for candidate in &mut self.all {
            let Some(who) = candidate.person else {
                continue;
            };
            if let Entry::Vacant(unknown) = known.entry(who) {
                unknown.insert(route(conn, who).await?);
            }
            candidate.route = known.get(&who).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// Who learnt something in an incident that is over.
async fn learners(
    watches: &Watches,
    conn: &mut Conn,
    incident: IncidentId,
) -> Result<Learners, Error> {
    if let Some(kept) = watches.learners.get(&incident) {
        return Ok(kept);
    }
    let mut found = Vec::new();
    for row in conn.fetch_all(&LEARNERS, &args![incident.0]).await? {
        found.push((UserId(row.uuid("id")?), row.text("name")?));
    }
    let found: Learners = found.into();
    watches.learners.insert(incident, Arc::clone(&found));
    Ok(found)
}

/// How somebody is reached; empty when no route works.
async fn route(conn: &mut Conn, who: UserId) -> Result<String, Error> {
    let channels = directory::channels_of(conn, who).await?;
    let channels: Vec<&str> = channels.iter().map(|c| c.by()).collect();
    Ok(if channels.is_empty() {
        String::new()
    } else {
        format!("by {}", channels.join(", "))
    })
}

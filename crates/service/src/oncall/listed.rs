//! Reading schedules: who is on call now and next, gaps, and one schedule whole.

use super::{
    Followed, GAP_DAYS, Part, Schedule, Span, follow,
    store::{self, Named, Names, Stored},
};
use crate::{Error, Service, directory};
use rideout_domain::{Action, Actor, OverrideId, ScheduleId, TeamId, Timestamp, UserId};
use std::collections::HashSet;

const DAY: i64 = 86_400_000_000;
/// How far ahead the next hand-over is looked for; as the schedule does.
const AHEAD: i64 = 400 * DAY;

/// A schedule in a list.
#[derive(Debug, Clone)]
pub struct ListedSchedule {
    /// Identifier.
    pub id: ScheduleId,
    /// The schedule itself.
    pub schedule: Schedule,
    /// Whose it is.
    pub team: Option<(TeamId, String)>,
    /// Who is on call, and until when.
    pub now: Span,
    /// Who is next; nothing when that is not known for more than a year.
    pub next: Option<Span>,
    /// When nobody is, in the coming [`GAP_DAYS`] days.
    pub gaps: Vec<Span>,
    /// Everybody named.
    pub names: Names,
}

/// Where an override came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Somebody made it.
    Person,
    /// It was in an imported calendar.
    Import,
}

/// An override or imported shift that is not over.
#[derive(Debug, Clone)]
pub struct ShownOverride {
    /// Identifier.
    pub id: OverrideId,
    /// Who is on call.
    pub person: Named,
    /// From this moment.
    pub from: Timestamp,
    /// Up to this moment.
    pub until: Timestamp,
    /// Where it came from.
    pub source: Source,
    /// Who made or imported it.
    pub created_by: Named,
    /// When.
    pub created_at: Timestamp,
}

/// Where a schedule names somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a layer, counted from nought.
    Layer(usize),
    /// In an override that is not over.
    Override,
    /// In an imported shift that is not over.
    Imported,
}

/// One schedule, with what was asked of it.
#[derive(Debug, Clone)]
pub struct ShownSchedule {
    /// As in the list.
    pub listed: ListedSchedule,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed; see [`super::ScheduleChange::revision`].
    pub changed_at: Timestamp,
    /// Overrides and imported shifts that are not over, by their beginning.
    pub overrides: Vec<ShownOverride>,
    /// The calendar it keeps up with.
    pub calendar: Option<Followed>,
    /// Whoever is on call in it at some time to come, by name, and no route of whom is
    /// confirmed.
    pub unconfirmed: Vec<Named>,
}

impl ShownSchedule {
    /// Who is on call in a part of the schedule between two moments, gaps
    /// included. Overrides are known from the moment the schedule was asked for.
    #[must_use]
    pub fn part(&self, part: Part, from: Timestamp, until: Timestamp) -> Vec<Span> {
        self.listed.schedule.part(part, from, until)
    }

    /// Whom the schedule names though they cannot respond, and where, by name: their
    /// role or their account was changed since.
    #[must_use]
    pub fn cannot_respond(&self) -> Vec<(Named, Vec<Place>)> {
        let layers = self.listed.schedule.layers().iter().enumerate();
        let in_layers = layers.flat_map(|(at, layer)| {
            let people = layer.people().iter();
            people.map(move |person| (self.named(*person), Place::Layer(at)))
        });
        let beside = self.overrides.iter().map(|one| {
            let place = match one.source {
                Source::Person => Place::Override,
                Source::Import => Place::Imported,
            };
            (one.person.clone(), place)
        });
        let mut found: Vec<(Named, Vec<Place>)> = Vec::new();
        for (named, place) in in_layers.chain(beside) {
            if named.cannot_respond.is_none() {
                continue;
            }
            match found.iter_mut().find(|(known, _)| known.id == named.id) {
                Some((_, places)) if places.contains(&place) => {}
                Some((_, places)) => places.push(place),
                None => found.push((named, vec![place])),
            }
        }
        found.sort_by_key(|(named, _)| named.name.to_lowercase());
        found
    }

    /// Who somebody is.
    #[must_use]
    pub fn named(&self, id: UserId) -> Named {
        self.listed.names.of(id)
    }
}

impl Service {
    /// All schedules in use, by name, with who is on call now and next.
    ///
    /// # Errors
    /// [`Error::Forbidden`] to nobody who is signed in.
    pub async fn schedules(&self, actor: &Actor) -> Result<Vec<ListedSchedule>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let now = self.now();
        let mut conn = self.db.snapshot().await?;
        let all = store::all(&mut conn, now, Timestamp(now.0 + AHEAD)).await?;
        let names = Names::load(&mut conn).await?;
        drop(conn);
        Ok(all
            .iter()
            .map(|stored| listed(stored, names.clone(), now))
            .collect())
    }

    /// One schedule, with all overrides that end after a moment, and all to come.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is archived.
    pub async fn schedule(
        &self,
        actor: &Actor,
        id: ScheduleId,
        since: Timestamp,
    ) -> Result<ShownSchedule, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let now = self.now();
        let mut conn = self.db.snapshot().await?;
        let ever = Timestamp(i64::MAX);
        let stored = store::find(&mut conn, id, since.min(now), ever).await?;
        let stored = stored.ok_or(Error::NotFound)?;
        let names = Names::load(&mut conn).await?;
        let calendar = follow::of(&mut conn, id).await?;
        let unconfirmed = directory::unconfirmed(&mut conn).await?;
        drop(conn);
        let mut rows: Vec<_> = stored
            .rows
            .iter()
            .filter(|row| row.shift.until > now)
            .collect();
        rows.sort_by_key(|row| (row.shift.from, row.id));
        let layers = stored.schedule.layers().iter();
        let called: HashSet<UserId> = layers
            .flat_map(|layer| layer.people())
            .copied()
            .chain(rows.iter().map(|row| row.shift.person))
            .collect();
        let unconfirmed = unconfirmed
            .into_iter()
            .filter(|one| called.contains(&one.id))
            .map(|one| names.of(one.id))
            .collect();
        let overrides = rows
            .into_iter()
            .map(|row| ShownOverride {
                id: row.id,
                person: names.of(row.shift.person),
                from: row.shift.from,
                until: row.shift.until,
                source: if row.imported {
                    Source::Import
                } else {
                    Source::Person
                },
                created_by: names.of(row.created_by),
                created_at: row.created_at,
            })
            .collect();
        Ok(ShownSchedule {
            created_at: stored.created_at,
            changed_at: stored.changed_at,
            overrides,
            calendar,
            unconfirmed,
            listed: listed(&stored, names, now),
        })
    }
}

fn listed(stored: &Stored, names: Names, now: Timestamp) -> ListedSchedule {
    let (current, next) = stored.schedule.now_and_next(now);
    ListedSchedule {
        id: stored.id,
        schedule: stored.schedule.clone(),
        team: stored.team.clone(),
        gaps: stored.schedule.gaps(now, Timestamp(now.0 + GAP_DAYS * DAY)),
        now: current,
        next,
        names,
    }
}

//! Shifts out of a calendar.
//!
//! In two steps, so that nothing is put on call that nobody looked at: a file is
//! read into a [`Reading`], which says who was recognised and who was not; a
//! person says who the others are; then the shifts take the place of those
//! imported before.

use super::{
    Schedule, follow, stand_in,
    store::{self, Named, Names, OverrideRow},
};
use crate::{
    Error, Service,
    account::audit,
    args,
    db::{Conn, Tx},
    statements,
};
use rideout_domain::{Action, Actor, CannotRespond, Role, ScheduleId, Timestamp, UserId, text};
use rideout_oncall::{
    Shift,
    import::{self, Horizon, Skipped},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

const DAY: i64 = 86_400_000_000;
/// How many days ahead shifts are imported.
const AHEAD_DAYS: i64 = 366;

statements! {
    /// Imported shifts of a schedule that are not over.
    IMPORTED = "SELECT id, schedule_id, user_id, from_at, until_at, source, created_by, created_at FROM schedule_overrides WHERE schedule_id = $1 AND source = 'import' AND removed_at IS NULL AND until_at > $2 ORDER BY from_at, id";
    /// Adds an imported shift.
    INSERT = "INSERT INTO schedule_overrides (id, schedule_id, user_id, from_at, until_at, source, created_by, created_at) VALUES ($1, $2, $3, $4, $5, 'import', $6, $7)";
    /// Everybody with an account in use, with their addresses and roles.
    ADDRESSES = "SELECT id, email, name, role FROM users WHERE disabled_at IS NULL";
}

/// A shift as a calendar named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// From this moment.
    pub from: Timestamp,
    /// Up to this moment.
    pub until: Timestamp,
    /// Whom the calendar names: a title, or addresses.
    pub whom: String,
    /// Who was recognised.
    #[serde(default)]
    pub people: Vec<UserId>,
    /// Who was recognised and cannot respond, and so is not put on call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub viewers: Vec<UserId>,
}

/// Shifts that a schedule is to have.
pub(super) struct Taking {
    pub(super) schedule: ScheduleId,
    pub(super) shifts: Vec<Read>,
    pub(super) who: HashMap<String, Option<UserId>>,
    pub(super) by: Actor,
}

/// Somebody whom the calendar names and Rideout does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// As the calendar names them.
    pub whom: String,
    /// In how many shifts.
    pub shifts: usize,
}

/// What a calendar comes to.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What it calls itself.
    pub name: Option<String>,
    /// Its shifts, by their beginning.
    pub shifts: Vec<Read>,
    /// Who was recognised, in how many shifts, by name.
    pub matched: Vec<(Named, usize)>,
    /// Who was not, or cannot respond.
    pub unmatched: Vec<Unmatched>,
    /// Who was recognised and cannot respond, in how many shifts, by name.
    pub viewers: Vec<(Named, usize)>,
    /// Events that were left out.
    pub skipped: Vec<Skipped>,
    /// How many shifts imported before it takes the place of.
    pub replaces: usize,
}

impl Reading {
    /// A schedule as it would be with the shifts of those who were recognised.
    #[must_use]
    pub fn preview(&self, schedule: &Schedule) -> Schedule {
        let shifts = self.shifts.iter().flat_map(|read| {
            let shift = |person: &UserId| Shift::new(*person, read.from, read.until).ok();
            read.people.iter().filter_map(shift)
        });
        schedule.clone().with_imported(shifts.collect())
    }
}

impl Service {
    /// What was read before, as it was sent back: with the names of today.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn reading_again(
        &self,
        actor: &Actor,
        schedule: ScheduleId,
        shifts: Vec<Read>,
    ) -> Result<Reading, Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let now = self.now();
        let mut conn = self.db.snapshot().await?;
        let found = store::find(&mut conn, schedule, now, now).await?;
        found.ok_or(Error::NotFound)?;
        let names = Names::load(&mut conn).await?;
        let replaces = imported(&mut conn, schedule, now).await?.len();
        Ok(Reading {
            name: None,
            matched: counted(&shifts, &names, |read| &read.people),
            viewers: counted(&shifts, &names, |read| &read.viewers),
            unmatched: unmatched(&shifts),
            shifts,
            skipped: Vec::new(),
            replaces,
        })
    }

    /// Reads a calendar for the coming year and says what it would change.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] for `file`.
    pub async fn read_calendar(
        &self,
        actor: &Actor,
        schedule: ScheduleId,
        file: Vec<u8>,
    ) -> Result<Reading, Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        self.read_for(schedule, file).await
    }

    /// As [`read_calendar`](Self::read_calendar), for whoever was authorised before.
    pub(super) async fn read_for(
        &self,
        schedule: ScheduleId,
        file: Vec<u8>,
    ) -> Result<Reading, Error> {
        let now = self.now();
        let mut conn = self.db.snapshot().await?;
        let found = store::find(&mut conn, schedule, now, now).await?;
        let zone = found.ok_or(Error::NotFound)?.schedule.zone().clone();
        let people = People::load(&mut conn).await?;
        let names = Names::load(&mut conn).await?;
        let replaces = imported(&mut conn, schedule, now).await?.len();
        drop(conn);
        let horizon = Horizon {
            from: now,
            until: Timestamp(now.0 + AHEAD_DAYS * DAY),
            zone,
        };
        // Half a second for the worst that is read at all: not on a thread that serves.
        let calendar = tokio::task::spawn_blocking(move || import::read(&file, &horizon))
            .await
            .map_err(Error::internal)?
            .map_err(|unreadable| Error::invalid("file", unreadable))?;
        let shifts: Vec<Read> = calendar
            .shifts
            .into_iter()
            .map(|shift| {
                let named = people.named(&shift.title, &shift.emails);
                let (people, viewers) = named.into_iter().partition(|id| people.responds(*id));
                Read {
                    from: shift.from,
                    until: shift.until,
                    people,
                    viewers,
                    whom: whom(&shift.title, &shift.emails),
                }
            })
            .collect();
        if shifts.is_empty() {
            let why = match calendar.skipped.first() {
                None => "the calendar has no event in the coming year".to_owned(),
                Some(first) => format!(
                    "none of its events can be read; the first is {}: {}",
                    first.title, first.why
                ),
            };
            return Err(Error::invalid("file", why));
        }
        Ok(Reading {
            name: calendar.name,
            matched: counted(&shifts, &names, |read| &read.people),
            viewers: counted(&shifts, &names, |read| &read.viewers),
            unmatched: unmatched(&shifts),
            shifts,
            skipped: calendar.skipped,
            replaces,
        })
    }

    /// Puts the shifts of a calendar in the place of those imported before. Whom
    /// `who` names nobody for is left out; what is over is never changed. A calendar
    /// that the schedule kept up with is followed no more. Answers with how many
    /// shifts there are now.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] for `shifts`
    /// or `who`.
    pub async fn import_shifts(
        &self,
        actor: &Actor,
        schedule: ScheduleId,
        shifts: Vec<Read>,
        who: HashMap<String, Option<UserId>>,
    ) -> Result<usize, Error> {
        Error::authorise(actor, Action::ManageSchedules)?;
        let by = actor.clone();
        let taking = Taking {
            schedule,
            shifts,
            who,
            by,
        };
        self.take_shifts(taking, Some(None)).await
    }

    /// Puts shifts in the place of those imported before, and follows `calendar` from
    /// now on: another one, none, or whatever was followed before.
    pub(super) async fn take_shifts(
        &self,
        taking: Taking,
        calendar: Option<Option<String>>,
    ) -> Result<usize, Error> {
        let Taking {
            schedule,
            shifts,
            who,
            by: actor,
        } = taking;
        if shifts.len() > import::SHIFTS_MAX {
            return Err(Error::invalid("shifts", import::Unreadable::TooManyShifts));
        }
        if let Some(missing) = unmatched(&shifts)
            .iter()
            .find(|unmatched| !who.contains_key(&unmatched.whom))
        {
            let say = format!("say who “{}” is, or leave them out", missing.whom);
            let only_looks = shifts
                .iter()
                .filter(|read| read.whom == missing.whom)
                .any(|read| !read.viewers.is_empty());
            let why = if only_looks {
                format!("{say}: whoever has that name here has the role viewer and cannot respond")
            } else {
                say
            };
            return Err(Error::invalid("who", why));
        }
        let action = match &calendar {
            None => "calendar.changed",
            Some(None) => "calendar.imported",
            Some(Some(_)) => "calendar.followed",
        };
        let (now, audit_id) = (self.now(), self.new_id());
        let wanted = wanted(&shifts, &who, now)?;
        // Identifiers are made before the operation, which owns no source of them.
        let ids: Vec<Uuid> = wanted.iter().map(|_| self.new_id()).collect();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = store::find(tx, schedule, now, now).await?;
                    let found = found.ok_or(Error::NotFound)?;
                    can_respond(tx, &wanted).await?;
                    let total = wanted.len();
                    let (kept, removed) = replace(tx, schedule, &wanted, now).await?;
                    for (shift, id) in wanted.iter().zip(ids) {
                        if !kept.contains(shift) {
                            let args = args![
                                id,
                                schedule.0,
                                shift.person.0,
                                shift.from.0,
                                shift.until.0,
                                actor.id.0,
                                now.0
                            ];
                            tx.execute(&INSERT, &args).await?;
                        }
                    }
                    if let Some(url) = calendar {
                        follow::set(tx, schedule, url.as_deref(), &who, actor.id, now).await?;
                    } else if kept.len() == total && removed == 0 {
                        // Nothing is new in the calendar that is followed.
                        return Ok(total);
                    }
                    stand_in::touch(tx, schedule, now).await?;
                    let detail = json!({"schedule": schedule, "shifts": total, "kept": kept.len()});
                    audit::record(
                        tx,
                        audit_id,
                        now,
                        &actor,
                        action,
                        found.schedule.name(),
                        detail,
                    )
                    .await?;
                    Ok(total)
                })
            })
            .await
    }
}

/// The shifts to have, without those that are over, each once.
fn wanted(
    shifts: &[Read],
    who: &HashMap<String, Option<UserId>>,
    now: Timestamp,
) -> Result<Vec<Shift>, Error> {
    let mut wanted = Vec::new();
    for read in shifts.iter().filter(|read| read.until > now) {
        let said = who.get(&read.whom).copied().flatten();
        let people = if read.people.is_empty() {
            said.into_iter().collect()
        } else {
            read.people.clone()
        };
        for person in people {
            let shift = Shift::new(person, read.from, read.until)
                .map_err(|invalid| Error::invalid("shifts", invalid))?;
            wanted.push(to_come(shift, now));
        }
    }
    wanted.sort_unstable_by_key(|shift| (shift.from, shift.until, shift.person));
    wanted.dedup();
    Ok(wanted)
}

/// The part of a shift that is still to come: who was on call is not changed afterwards.
fn to_come(shift: Shift, now: Timestamp) -> Shift {
    Shift {
        from: shift.from.max(now),
        ..shift
    }
}

/// Takes back what was imported before and is no longer wanted. What is wanted
/// as it is stays as it is; the rest of what has begun ends now. Answers with what
/// stays, and how many were taken back.
async fn replace(
    tx: &mut Tx,
    schedule: ScheduleId,
    wanted: &[Shift],
    now: Timestamp,
) -> Result<(HashSet<Shift>, usize), Error> {
    let wanted: HashSet<Shift> = wanted.iter().copied().collect();
    let (mut kept, mut removed) = (HashSet::new(), 0);
    for row in imported(tx, schedule, now).await? {
        let shift = to_come(row.shift, now);
        if wanted.contains(&shift) && kept.insert(shift) {
            continue;
        }
        let take_back = if row.shift.from >= now {
            &stand_in::REMOVE
        } else {
            &stand_in::END
        };
        tx.execute(take_back, &args![row.id.0, now.0]).await?;
        removed += 1;
    }
    Ok((kept, removed))
}

async fn can_respond(tx: &mut Tx, shifts: &[Shift]) -> Result<(), Error> {
    let people: HashSet<UserId> = shifts.iter().map(|shift| shift.person).collect();
    for person in people {
        store::can_respond(tx, || "who".to_owned(), person).await?;
    }
    Ok(())
}

async fn imported(
    conn: &mut Conn,
    schedule: ScheduleId,
    now: Timestamp,
) -> Result<Vec<OverrideRow>, Error> {
    let rows = conn.fetch_all(&IMPORTED, &args![schedule.0, now.0]).await?;
    rows.iter().map(OverrideRow::from_row).collect()
}

/// Some of those whom shifts name, in how many, by name.
fn counted(
    shifts: &[Read],
    names: &Names,
    who: impl Fn(&Read) -> &[UserId],
) -> Vec<(Named, usize)> {
    let mut counts: BTreeMap<UserId, usize> = BTreeMap::new();
    for person in shifts.iter().flat_map(who) {
        *counts.entry(*person).or_default() += 1;
    }
    let mut counted: Vec<(Named, usize)> = counts
        .into_iter()
        .map(|(person, shifts)| (names.of(person), shifts))
        .collect();
    counted.sort_by_key(|(named, _)| named.name.to_lowercase());
    counted
}

fn unmatched(shifts: &[Read]) -> Vec<Unmatched> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for shift in shifts.iter().filter(|shift| shift.people.is_empty()) {
        *counts.entry(&shift.whom).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(whom, shifts)| Unmatched {
            whom: whom.to_owned(),
            shifts,
        })
        .collect()
}

/// Whom a calendar names, for people to read.
fn whom(title: &str, emails: &[String]) -> String {
    if emails.is_empty() {
        return title.to_owned();
    }
    let both = format!("{title} ({})", emails.join(", "));
    both.chars().take(text::TITLE_MAX).collect()
}

/// Who can be recognised.
struct People {
    viewers: HashSet<UserId>,
    by_email: HashMap<String, UserId>,
    /// Names in lower case; people of one name cannot be told apart.
    by_name: HashMap<String, Option<UserId>>,
}

impl People {
    async fn load(conn: &mut Conn) -> Result<Self, Error> {
        let mut people = Self {
            viewers: HashSet::new(),
            by_email: HashMap::new(),
            by_name: HashMap::new(),
        };
        for row in conn.fetch_all(&ADDRESSES, &args![]).await? {
            let id = UserId(row.uuid("id")?);
            let role: Role = row.text("role")?.parse().map_err(Error::internal)?;
            if CannotRespond::of(role, true).is_some() {
                people.viewers.insert(id);
            }
            people
                .by_email
                .insert(row.text("email")?.to_lowercase(), id);
            people
                .by_name
                .entry(row.text("name")?.to_lowercase())
                .and_modify(|one| *one = None)
                .or_insert(Some(id));
        }
        Ok(people)
    }

    fn responds(&self, id: UserId) -> bool {
        !self.viewers.contains(&id)
    }

    /// Everybody whom an event names: by the addresses of those who attend, by an
    /// address in its title, or by a title, or a part of it between “:”, “-”, “,”
    /// or “|”, that is somebody's name.
    fn named(&self, title: &str, emails: &[String]) -> Vec<UserId> {
        let mut found: Vec<UserId> = emails
            .iter()
            .filter_map(|email| self.by_email.get(email).copied())
            .collect();
        if found.is_empty() {
            let title = title.to_lowercase();
            let words = title.split(|c: char| c.is_whitespace() || "<>()[],;:".contains(c));
            found.extend(words.filter_map(|word| self.by_email.get(word).copied()));
            if found.is_empty() {
                let parts = title.split([':', ',', '|', '–', '—', '(', ')'].as_slice());
                let parts = parts.flat_map(|part| part.split(" - "));
                found.extend(
                    std::iter::once(title.as_str())
                        .chain(parts)
                        .filter_map(|part| self.by_name.get(part.trim()).copied().flatten()),
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

//! From an event to its shifts.

use super::{
    Horizon, Imported, SHIFTS_MAX, Unreadable, Why,
    event::{Event, Length, Series, When, day},
    rule::{Failed, Rule},
};
use crate::time::{DAY, SECOND, civil_seconds, plus_civil};
use jiff::civil::{Date, DateTime};
use rideout_domain::{Timestamp, text};
use std::collections::{BTreeMap, HashSet};

/// Two days: no clock is further from another.
const MARGIN: i64 = 2 * 86_400;

/// The shifts of a series that touch the horizon.
pub(super) fn expand(
    series: &Series<'_>,
    horizon: &Horizon,
    work: &mut u64,
    skip: &mut impl FnMut(&str, Why),
) -> Result<Vec<Imported>, Unreadable> {
    let mut shifts = Vec::new();
    let mut add = |event: &Event, (from, until): (Timestamp, Timestamp)| {
        // A length on the clock can vanish where the clock skips.
        if from < until && until > horizon.from && from < horizon.until {
            shifts.push(Imported {
                from,
                until,
                title: event.title.clone(),
                emails: event.emails.clone(),
            });
        }
        if shifts.len() > SHIFTS_MAX {
            return Err(Unreadable::TooManyShifts);
        }
        Ok(())
    };
    let replaced = Replaced::of(&series.replacing);
    for event in series.events.iter().filter(|event| !event.cancelled) {
        let instances = match instances(event, horizon, work) {
            Ok(instances) => instances,
            Err(Stopped::Bad(rule)) => {
                skip(&event.title, Why::BadRule(rule));
                continue;
            }
            Err(Stopped::TooOften) => {
                let title = event.title.clone();
                return Err(Unreadable::TooOften { title });
            }
        };
        for (local, length) in instances {
            let moment = event.start.clock.written(local);
            if replaced.takes_out(event, moment) {
                continue;
            }
            match replaced.since(moment) {
                None => add(event, event.span(local, length))?,
                Some(later) if later.cancelled => {}
                Some(later) => add(later, replaced.moved(later, event, local))?,
            }
        }
    }
    for event in series.replacing.iter().filter(|event| !event.cancelled) {
        add(event, event.span(event.start.local, event.length))?;
    }
    Ok(shifts)
}

enum Stopped {
    Bad(String),
    TooOften,
}

/// When the instances of an event begin on its clock, those that are taken out
/// left out.
fn instances(
    event: &Event,
    horizon: &Horizon,
    work: &mut u64,
) -> Result<BTreeMap<DateTime, Length>, Stopped> {
    let clock = &event.start.clock;
    let long = event.length.civil.saturating_add(event.length.exact);
    let from = plus_civil(clock.local(horizon.from), -(long + MARGIN));
    let until = plus_civil(clock.local(horizon.until), MARGIN);
    let mut times = |rules: &[String]| {
        let mut times = Vec::new();
        for text in rules {
            let local = |utc| clock.local(crate::Zone::UTC.written(utc));
            let rule = Rule::read(text, event.start.local, local);
            let found = rule.and_then(|rule| rule.times(from, until, work));
            times.extend(found.map_err(|failed| match failed {
                Failed::Bad => Stopped::Bad(text::clean(text).chars().take(80).collect()),
                Failed::TooOften => Stopped::TooOften,
            })?);
        }
        Ok(times)
    };
    let mut instances = BTreeMap::from([(event.start.local, event.length)]);
    instances.extend(
        times(&event.rules)?
            .into_iter()
            .map(|at| (at, event.length)),
    );
    for extra in &event.extra {
        // Written on another clock, it is told on the event's.
        let local = if extra.at.clock == *clock {
            extra.at.local
        } else {
            clock.local(extra.at.moment())
        };
        instances.insert(local, extra.length.unwrap_or(event.length));
    }
    for at in times(&event.exrules)? {
        instances.remove(&at);
    }
    let (moments, days) = taken_out(&event.except, event);
    instances.retain(|local, _| {
        !moments.contains(&clock.written(*local)) && !days.contains(&local.date())
    });
    Ok(instances)
}

/// Moments, and for events with a time of day whole days, that are taken out.
fn taken_out(except: &[When], event: &Event) -> (HashSet<Timestamp>, HashSet<Date>) {
    let whole_day = |when: &&When| when.is_date && !event.start.is_date;
    let days = except.iter().filter(whole_day).map(|w| w.local.date());
    let moments = except.iter().filter(|when| !whole_day(when));
    (moments.map(When::moment).collect(), days.collect())
}

/// The instances of a series that others stand for.
struct Replaced<'a> {
    moments: HashSet<Timestamp>,
    days: HashSet<Date>,
    /// From a moment on, all.
    later: BTreeMap<Timestamp, &'a Event>,
}

impl<'a> Replaced<'a> {
    fn of(replacing: &[&'a Event]) -> Self {
        let mut replaced = Self {
            moments: HashSet::new(),
            days: HashSet::new(),
            later: BTreeMap::new(),
        };
        for event in replacing {
            let Some((when, later)) = &event.replaces else {
                continue;
            };
            replaced.moments.insert(when.moment());
            if when.is_date {
                replaced.days.insert(when.local.date());
            }
            if *later {
                replaced.later.insert(when.moment(), event);
            }
        }
        replaced
    }

    fn takes_out(&self, event: &Event, moment: Timestamp) -> bool {
        self.moments.contains(&moment) || self.days.contains(&day(&event.start.clock, moment))
    }

    /// The replacement for all instances from some moment before this one.
    fn since(&self, moment: Timestamp) -> Option<&'a Event> {
        self.later
            .range(..=moment)
            .next_back()
            .map(|(_, event)| *event)
    }

    /// An instance moved as far as the one was that replaces all later ones.
    fn moved(&self, later: &Event, event: &Event, local: DateTime) -> (Timestamp, Timestamp) {
        let clock = &event.start.clock;
        let named = later.replaces.as_ref().map(|(when, _)| when.moment());
        let named = clock.local(named.unwrap_or_default());
        let by = civil_seconds(named, clock.local(later.start.moment()));
        let from = clock.written(plus_civil(local, by));
        let end = clock.written(plus_civil(local, by.saturating_add(later.length.civil)));
        let exact = later.length.exact.min(366 * (DAY / SECOND));
        (from, Timestamp(end.0.saturating_add(exact * SECOND)))
    }
}

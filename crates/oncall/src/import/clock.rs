//! On which clock a time is written.

use super::{Horizon, lines::Parts, vtimezone::Changes, windows};
use crate::{time::plus_civil, zone::Zone};
use jiff::civil::DateTime;
use rideout_domain::Timestamp;
use std::{collections::HashMap, rc::Rc};

/// Most names of zones that are looked up.
const NAMES_MAX: usize = 500;
/// Most days that reading the zones of a file may cost.
const WORK_MAX: u64 = 1_000_000;

/// A clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// A zone of the database.
    Zone(Zone),
    /// A zone of the file.
    Changes(Rc<Changes>),
}

impl Clock {
    /// The moment of a written local time.
    pub(super) fn written(&self, local: DateTime) -> Timestamp {
        match self {
            Self::Zone(zone) => zone.written(local),
            Self::Changes(changes) => changes.written(local),
        }
    }

    /// What the clock shows at a moment.
    pub(super) fn local(&self, at: Timestamp) -> DateTime {
        match self {
            Self::Zone(zone) => zone.local(at),
            Self::Changes(changes) => changes.local(at),
        }
    }
}

/// The clocks of a file by name.
pub(super) struct Clocks<'a> {
    parts: &'a Parts,
    horizon: &'a Horizon,
    known: HashMap<String, Option<Clock>>,
    work: u64,
    /// For times without a zone.
    pub(super) floating: Clock,
}

impl<'a> Clocks<'a> {
    pub(super) fn new(parts: &'a Parts, horizon: &'a Horizon) -> Self {
        let mut clocks = Self {
            parts,
            horizon,
            known: HashMap::new(),
            work: WORK_MAX,
            floating: Clock::Zone(horizon.zone.clone()),
        };
        if let Some(clock) = parts.zone.as_ref().and_then(|name| clocks.named(name)) {
            clocks.floating = clock;
        }
        clocks
    }

    /// The clock of a `TZID`: the database's where it knows the name, since
    /// files often carry only part of a zone; the file's own otherwise.
    pub(super) fn named(&mut self, name: &str) -> Option<Clock> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if self.known.len() >= NAMES_MAX {
            return None;
        }
        let clock = database(name)
            .map(Clock::Zone)
            .or_else(|| self.own(name).map(|own| Clock::Changes(Rc::new(own))))
            .or_else(|| self.location(name).map(Clock::Zone));
        self.known.insert(name.to_owned(), clock.clone());
        clock
    }

    fn own(&mut self, name: &str) -> Option<Changes> {
        let part = self.parts.zones.iter().find(|zone| zone.id == name)?;
        // Two years before what is wanted hold the change in force at its edge.
        let away = |at: Timestamp, days: i64| plus_civil(Zone::UTC.local(at), days * 86_400);
        let from = away(self.horizon.from, -2 * 366);
        Changes::read(part, from, away(self.horizon.until, 366), &mut self.work)
    }

    fn location(&self, name: &str) -> Option<Zone> {
        let part = self.parts.zones.iter().find(|zone| zone.id == name)?;
        database(part.location.as_ref()?)
    }
}

/// A zone of the database by any name that is in use for it.
fn database(name: &str) -> Option<Zone> {
    let plain = name.trim().trim_matches('"').trim();
    if plain.eq_ignore_ascii_case("tzone://Microsoft/Utc") {
        return Some(Zone::UTC);
    }
    if let Ok(zone) = Zone::named(plain) {
        return Some(zone);
    }
    if let Some(zone) = windows::iana(plain).and_then(|iana| Zone::named(iana).ok()) {
        return Some(zone);
    }
    // Globally unique names carry the IANA name at their end:
    // /freeassociation.sourceforge.net/Tzfile/Europe/Berlin
    let rest = plain.strip_prefix('/')?;
    let mut tails = rest.match_indices('/').map(|(at, _)| &rest[at + 1..]);
    tails.find_map(|tail| tail.contains('/').then(|| Zone::named(tail).ok()).flatten())
}

//! Reading an event, before its recurrence is looked at.

use super::{
    Why,
    clock::{Clock, Clocks},
    lines::{Property, line, raw},
    rule,
};
use crate::time::{DAY, SECOND, civil_seconds, plus_civil};
use ical::{
    param::IcalParam,
    prop::{IcalPropKind, IcalPropName},
    recur::IcalRecurDateTime,
    value::{IcalValue, duration::IcalDuration},
};
use jiff::civil::{Date, DateTime};
use rideout_domain::{Timestamp, text};
use std::collections::HashMap;

/// Longest event, in days.
const DAYS_MAX: i64 = 366;
/// Most e-mail addresses of an event.
const EMAILS_MAX: usize = 50;

/// A time as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub(super) local: DateTime,
    pub(super) clock: Clock,
    /// A date, without a time of day.
    pub(super) is_date: bool,
}

impl When {
    pub(super) fn moment(&self) -> Timestamp {
        self.clock.written(self.local)
    }
}

/// How long an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    /// Seconds of the local clock, to which those of the next come.
    pub(super) civil: i64,
    /// Seconds that pass.
    pub(super) exact: i64,
}

/// An instance that is named, not generated.
#[derive(Clone, Debug)]
pub(super) struct Extra {
    pub(super) at: When,
    /// Its own length, when it has one.
    pub(super) length: Option<Length>,
}

/// An event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    uid: String,
    sequence: i64,
    pub(super) title: String,
    pub(super) emails: Vec<String>,
    pub(super) cancelled: bool,
    pub(super) start: When,
    pub(super) length: Length,
    pub(super) rules: Vec<String>,
    pub(super) exrules: Vec<String>,
    pub(super) extra: Vec<Extra>,
    pub(super) except: Vec<When>,
    /// The instance that this one replaces, and whether all later ones too.
    pub(super) replaces: Option<(When, bool)>,
}

impl Event {
    /// Reads an event, or says its title and why not.
    pub(super) fn read(
        properties: &[Property],
        clocks: &mut Clocks<'_>,
    ) -> Result<Self, (String, Why)> {
        let title = text_of(properties, IcalPropKind::Summary)
            .and_then(line)
            .unwrap_or_else(|| "(no title)".to_owned());
        Self::titled(title.clone(), properties, clocks).map_err(|why| (title, why))
    }

    fn titled(
        title: String,
        properties: &[Property],
        clocks: &mut Clocks<'_>,
    ) -> Result<Self, Why> {
        let of = |kind| find(properties, kind);
        let start = when(of(IcalPropKind::DtStart).ok_or(Why::NoStart)?, clocks)?;
        let mut event = Self {
            uid: text_of(properties, IcalPropKind::Uid)
                .unwrap_or_default()
                .to_owned(),
            sequence: text_of(properties, IcalPropKind::Sequence)
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0),
            title,
            emails: Vec::new(),
            cancelled: text_of(properties, IcalPropKind::Status)
                .is_some_and(|status| status.trim().eq_ignore_ascii_case("CANCELLED")),
            length: length(&start, properties, clocks)?,
            start,
            rules: Vec::new(),
            exrules: Vec::new(),
            extra: Vec::new(),
            except: Vec::new(),
            replaces: None,
        };
        for property in properties {
            let IcalPropName::Kind(kind) = property.name else {
                continue;
            };
            match kind {
                IcalPropKind::RRule => event.rules.extend(raw(&property.value).map(str::to_owned)),
                IcalPropKind::ExRule => {
                    event
                        .exrules
                        .extend(raw(&property.value).map(str::to_owned));
                }
                IcalPropKind::RDate => event.extra.extend(extra(property, clocks)?),
                IcalPropKind::ExDate => {
                    for text in list(property) {
                        event.except.push(read(text, property, clocks)?);
                    }
                }
                IcalPropKind::RecurrenceId => {
                    let later = property.params.iter().any(|param| {
                        matches!(param, IcalParam::Range(range) if range.eq_ignore_ascii_case("THISANDFUTURE"))
                    });
                    event.replaces = Some((when(property, clocks)?, later));
                }
                IcalPropKind::Attendee => event.attends(property),
                _ => {}
            }
        }
        Ok(event)
    }

    fn attends(&mut self, property: &Property) {
        let declined = property.params.iter().any(|param| {
            matches!(param, IcalParam::PartStat(status) if status.eq_ignore_ascii_case("DECLINED"))
        });
        let named = property.params.iter().find_map(|param| match param {
            IcalParam::Email(email) => Some(&**email),
            _ => None,
        });
        let address = raw(&property.value).unwrap_or_default().trim();
        let mail = address
            .split_at_checked(7)
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto:"))
            .map(|(_, mail)| mail);
        let email = named.or(mail).and_then(|mail| text::email(mail).ok());
        if let Some(email) = email.filter(|_| !declined)
            && self.emails.len() < EMAILS_MAX
            && !self.emails.contains(&email)
        {
            self.emails.push(email);
        }
    }

    /// When an instance that starts at a local time begins and ends.
    pub(super) fn span(&self, local: DateTime, length: Length) -> (Timestamp, Timestamp) {
        let clock = &self.start.clock;
        let end = clock.written(plus_civil(local, length.civil));
        let end = Timestamp(end.0.saturating_add(length.exact.saturating_mul(SECOND)));
        (clock.written(local), end)
    }
}

/// A recurring event or a single one, with the instances that replace some of its.
pub(super) struct Series<'a> {
    /// Nothing when only replaced instances are in the file.
    pub(super) events: Vec<&'a Event>,
    pub(super) replacing: Vec<&'a Event>,
}

/// Puts together what belongs together. Of revisions, the last counts.
pub(super) fn group(events: &[Event]) -> Vec<Series<'_>> {
    let mut order: Vec<Series<'_>> = Vec::new();
    let mut by_uid: HashMap<&str, usize> = HashMap::new();
    for event in events {
        let place = match by_uid.get(event.uid.as_str()) {
            // Events without an identifier have nothing to do with each other.
            Some(place) if !event.uid.is_empty() => *place,
            _ => {
                order.push(Series {
                    events: Vec::new(),
                    replacing: Vec::new(),
                });
                by_uid.insert(&event.uid, order.len() - 1);
                order.len() - 1
            }
        };
        let series = &mut order[place];
        match event.replaces {
            Some(_) => series.replacing.push(event),
            None => series.events.push(event),
        }
    }
    for series in &mut order {
        let newest = series.events.iter().map(|event| event.sequence).max();
        series.events.retain(|event| Some(event.sequence) == newest);
        let mut newest: HashMap<Timestamp, i64> = HashMap::new();
        let of = |event: &Event| event.replaces.as_ref().map(|(when, _)| when.moment());
        for event in &series.replacing {
            if let Some(id) = of(event) {
                let known = newest.entry(id).or_insert(event.sequence);
                *known = (*known).max(event.sequence);
            }
        }
        series
            .replacing
            .retain(|event| of(event).is_some_and(|id| newest.get(&id) == Some(&event.sequence)));
    }
    order
}

fn find(properties: &[Property], kind: IcalPropKind) -> Option<&Property> {
    properties
        .iter()
        .find(|property| property.name == IcalPropName::Kind(kind))
}

fn text_of(properties: &[Property], kind: IcalPropKind) -> Option<&str> {
    raw(&find(properties, kind)?.value)
}

fn list(property: &Property) -> impl Iterator<Item = &str> {
    let many = match &property.value {
        IcalValue::DateTimeList(list) => list.0.as_slice(),
        _ => &[],
    };
    many.iter()
        .map(|text| &**text)
        .filter(|text| !text.trim().is_empty())
}

fn when(property: &Property, clocks: &mut Clocks<'_>) -> Result<When, Why> {
    let text = raw(&property.value).unwrap_or_default();
    read(text, property, clocks)
}

/// Reads a time on the clock that its property names.
fn read(text: &str, property: &Property, clocks: &mut Clocks<'_>) -> Result<When, Why> {
    let text = text.trim();
    let local = IcalRecurDateTime::parse(text)
        .ok()
        .and_then(rule::civil)
        .ok_or_else(|| Why::BadTime(shown(text)))?;
    let zone = property.params.iter().find_map(|param| match param {
        IcalParam::TzId(name) => Some(&**name),
        _ => None,
    });
    let is_date = text.len() == 8;
    let clock = match zone {
        _ if text.ends_with(['Z', 'z']) => Clock::Zone(crate::Zone::UTC),
        Some(name) if !is_date => clocks
            .named(name)
            .ok_or_else(|| Why::UnknownZone(shown(name)))?,
        _ => clocks.floating.clone(),
    };
    Ok(When {
        local,
        clock,
        is_date,
    })
}

/// Dates and periods of an `RDATE`.
fn extra(property: &Property, clocks: &mut Clocks<'_>) -> Result<Vec<Extra>, Why> {
    let mut extra = Vec::new();
    for text in list(property) {
        let Some((begin, end)) = text.split_once('/') else {
            let at = read(text, property, clocks)?;
            extra.push(Extra { at, length: None });
            continue;
        };
        let at = read(begin, property, clocks)?;
        let length = match duration(end) {
            Some(length) => length,
            None => between(&at, &read(end, property, clocks)?),
        };
        let length = Some(checked(length)?);
        extra.push(Extra { at, length });
    }
    Ok(extra)
}

fn length(start: &When, properties: &[Property], clocks: &mut Clocks<'_>) -> Result<Length, Why> {
    let length = if let Some(end) = find(properties, IcalPropKind::DtEnd) {
        between(start, &when(end, clocks)?)
    } else if let Some(text) = text_of(properties, IcalPropKind::Duration) {
        duration(text).ok_or_else(|| Why::BadTime(shown(text)))?
    } else if start.is_date {
        Length {
            civil: 86_400,
            exact: 0,
        }
    } else {
        Length { civil: 0, exact: 0 }
    };
    checked(length)
}

fn checked(length: Length) -> Result<Length, Why> {
    let whole = length.civil.saturating_add(length.exact);
    if whole <= 0 {
        return Err(Why::NoLength);
    }
    if whole > DAYS_MAX * (DAY / SECOND) {
        return Err(Why::TooLong);
    }
    Ok(length)
}

/// From one time to another: told on the clock when both have the same one.
fn between(start: &When, end: &When) -> Length {
    if start.clock == end.clock {
        return Length {
            civil: civil_seconds(start.local, end.local),
            exact: 0,
        };
    }
    let apart = end.moment().0.saturating_sub(start.moment().0);
    Length {
        civil: 0,
        exact: apart.div_euclid(SECOND),
    }
}

/// `P1DT12H`: days and weeks on the clock, the rest as it passes (§3.3.6).
fn duration(text: &str) -> Option<Length> {
    let text = text.trim();
    let (days, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    let seconds = |part: &str| IcalDuration(part.into()).seconds();
    Some(Length {
        civil: if days.eq_ignore_ascii_case("P") {
            0
        } else {
            seconds(days)?
        },
        exact: if time.is_empty() {
            0
        } else {
            seconds(&format!("P{time}"))?
        },
    })
}

/// The day of a moment on a clock.
pub(super) fn day(clock: &Clock, at: Timestamp) -> Date {
    clock.local(at).date()
}

fn shown(text: &str) -> String {
    text::clean(text).chars().take(64).collect()
}

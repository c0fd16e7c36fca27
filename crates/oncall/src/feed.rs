//! A schedule as a calendar that others subscribe to (RFC 5545).
//!
//! Times are UTC, so that a reader needs no zone and cannot get one wrong: a
//! feed lists single shifts, for which a zone would say nothing more. An event
//! keeps its identifier for as long as its shift begins at the same moment with
//! the same person, whatever part of time the feed shows.

use crate::{
    Schedule,
    schedule::Part,
    time::{instant, micros},
};
use ical::{
    prop::{IcalProp, IcalPropKind},
    tree::cst::IcalCst,
    value::{IcalValue, datetime::IcalDateTime},
};
use rideout_domain::{Timestamp, UserId, text};

/// What a feed is told about its schedules.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// An identifier that never changes, for the identifiers of events.
    pub id: &'a str,
    /// The schedule.
    pub schedule: &'a Schedule,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// A schedule's shifts that touch a span of time, titled with people's names.
#[must_use]
pub fn of_schedule(
    listed: Listed<'_>,
    from: Timestamp,
    until: Timestamp,
    name: impl Fn(UserId) -> String,
) -> String {
    let mut calendar = calendar(&format!("On call: {}", listed.schedule.name()));
    for shift in shifts(listed, from, until) {
        calendar.push_component(event(&shift, &name(shift.person)));
    }
    calendar.to_string()
}

/// A person's shifts on any schedule that touch a span of time, titled with
/// the names of the schedules.
#[must_use]
pub fn of_person(
    person: UserId,
    name: &str,
    schedules: &[Listed<'_>],
    from: Timestamp,
    until: Timestamp,
) -> String {
    let mut calendar = calendar(&format!("{name} on call"));
    let mut all: Vec<(Shift, String)> = Vec::new();
    for listed in schedules {
        let title = format!("On call: {}", listed.schedule.name());
        let own = shifts(*listed, from, until)
            .into_iter()
            .filter(|shift| shift.person == person);
        all.extend(own.map(|shift| (shift, title.clone())));
    }
    all.sort_by(|a, b| (a.0.from, &a.0.uid).cmp(&(b.0.from, &b.0.uid)));
    for (shift, title) in &all {
        calendar.push_component(event(shift, title));
    }
    calendar.to_string()
}

struct Shift {
    uid: String,
    person: UserId,
    from: Timestamp,
    until: Timestamp,
    changed_at: Timestamp,
}

/// The shifts that touch a span, uncut: the look begins early enough to see
/// where each began.
fn shifts(listed: Listed<'_>, from: Timestamp, until: Timestamp) -> Vec<Shift> {
    let early = Timestamp(from.0.saturating_sub(listed.schedule.longest_turn()));
    let late = Timestamp(until.0.saturating_add(listed.schedule.longest_turn()));
    let pieces = listed.schedule.pieces(Part::All, early, late);
    let touching = pieces
        .into_iter()
        .filter(|piece| piece.until > from && piece.from < until);
    touching
        .flat_map(|piece| {
            piece.turns.into_iter().map(move |(person, _)| Shift {
                uid: format!("{}.{}.{}@rideout", listed.id, person, piece.from.0),
                person,
                from: piece.from,
                until: piece.until,
                changed_at: listed.changed_at,
            })
        })
        .collect()
}

fn calendar(name: &str) -> IcalCst<'static> {
    let mut calendar = IcalCst::v2();
    for (property, value) in [
        ("PRODID", "-//Rideout//On call//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        // Both names, and both ways to say how often to look: RFC 7986 and
        // what calendars read that do not know it.
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("X-PUBLISHED-TTL", "PT1H"),
    ] {
        calendar.push(IcalProp::text(property, Vec::new(), plain(value)));
    }
    let refresh = "REFRESH-INTERVAL;VALUE=DURATION:PT1H";
    // A constant line that is well formed.
    let _ = calendar.push_raw(refresh);
    calendar
}

fn event(shift: &Shift, title: &str) -> IcalCst<'static> {
    let mut event = IcalCst::empty("VEVENT");
    let mut add = |kind: IcalPropKind, value: IcalValue<'static>| {
        event.push(IcalProp {
            name: kind.into(),
            params: Vec::new(),
            value,
        });
    };
    add(IcalPropKind::Uid, text_value(&shift.uid));
    for (kind, at) in [
        (IcalPropKind::DtStamp, shift.changed_at),
        (IcalPropKind::DtStart, shift.from),
        (IcalPropKind::DtEnd, shift.until),
    ] {
        add(kind, IcalValue::DateTime(IcalDateTime(utc(at).into())));
    }
    add(IcalPropKind::Summary, text_value(title));
    // Being on call leaves the calendar free for other things.
    add(IcalPropKind::Transp, text_value("TRANSPARENT"));
    event
}

fn text_value(value: &str) -> IcalValue<'static> {
    IcalValue::Text(ical::value::text::IcalText::from(plain(value)))
}

/// A text of one line, whatever a name contains.
fn plain(value: &str) -> String {
    text::clean(value).replace(['\n', '\t'], " ")
}

/// `20260330T070000Z`; iCalendar knows no fraction of a second.
fn utc(at: Timestamp) -> String {
    let second = micros(instant(at)).0.div_euclid(crate::time::SECOND) * crate::time::SECOND;
    instant(Timestamp(second))
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

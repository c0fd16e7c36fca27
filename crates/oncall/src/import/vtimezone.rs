//! A zone that a file brings along (RFC 5545 §3.6.5), for those whose name
//! says nothing.

use super::{
    lines::{Property, ZonePart, raw},
    rule::{self, Rule},
};
use crate::time::{SECOND, plus_civil};
use ical::{
    prop::{IcalPropKind, IcalPropName},
    recur::IcalRecurDateTime,
    value::{IcalValue, utc_offset::IcalUtcOffset},
};
use jiff::civil::DateTime;
use rideout_domain::Timestamp;

/// No clock on Earth is further from UTC, in seconds.
const OFFSET_MAX: i64 = 18 * 3_600;

/// A change of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    /// The moment, in seconds.
    at: i64,
    /// The offset before, in seconds east of UTC.
    before: i64,
    /// The offset after.
    after: i64,
}

/// A clock made of its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changes(Vec<Change>);

impl Changes {
    /// Reads a zone for times around a span; nothing when it makes no sense or
    /// costs more than is left of the budget.
    pub(super) fn read(
        part: &ZonePart,
        from: DateTime,
        until: DateTime,
        work: &mut u64,
    ) -> Option<Self> {
        let mut changes = Vec::new();
        for observance in &part.observances {
            changes.extend(observed(observance, from, until, work)?);
        }
        changes.sort_unstable();
        changes.dedup();
        (!changes.is_empty()).then_some(Self(changes))
    }

    /// The moment of a local time: skipped ones with the offset before the
    /// skip, repeated ones the first.
    pub(super) fn written(&self, local: DateTime) -> Timestamp {
        let seconds = rule::recur(local).seconds();
        let past = self.0.partition_point(|c| c.at + c.before <= seconds);
        let offset = match past.checked_sub(1).and_then(|at| self.0.get(at)) {
            Some(change) if seconds < change.at + change.after => change.before,
            Some(change) => change.after,
            None => self.0.first().map_or(0, |change| change.before),
        };
        Timestamp((seconds - offset).saturating_mul(SECOND))
    }

    /// What the clock shows at a moment.
    pub(super) fn local(&self, at: Timestamp) -> DateTime {
        let seconds = at.0.div_euclid(SECOND);
        let past = self.0.partition_point(|change| change.at <= seconds);
        let offset = match past.checked_sub(1).and_then(|at| self.0.get(at)) {
            Some(change) => change.after,
            None => self.0.first().map_or(0, |change| change.before),
        };
        plus_civil(crate::Zone::UTC.local(at), offset)
    }
}

/// The changes of one `STANDARD` or `DAYLIGHT`.
fn observed(
    properties: &[Property],
    from: DateTime,
    until: DateTime,
    work: &mut u64,
) -> Option<Vec<Change>> {
    let find = |kind: IcalPropKind| {
        properties
            .iter()
            .find(|property| property.name == IcalPropName::Kind(kind))
    };
    let offset = |kind: IcalPropKind| {
        let text = raw(&find(kind)?.value)?;
        let seconds = i64::from(IcalUtcOffset::from(text.trim()).seconds()?);
        (seconds.abs() <= OFFSET_MAX).then_some(seconds)
    };
    let before = offset(IcalPropKind::TzOffsetFrom)?;
    let after = offset(IcalPropKind::TzOffsetTo)?;
    let start = civil(raw(&find(IcalPropKind::DtStart)?.value)?)?;
    let mut onsets = vec![start];
    for property in properties {
        match (&property.name, &property.value) {
            (IcalPropName::Kind(IcalPropKind::RRule), value) => {
                let local = |utc| plus_civil(utc, before);
                let rule = Rule::read(raw(value)?, start, local).ok()?;
                onsets.extend(rule.times(from, until, work).ok()?);
            }
            (IcalPropName::Kind(IcalPropKind::RDate), IcalValue::DateTimeList(list)) => {
                onsets.extend(list.0.iter().filter_map(|text| civil(text)));
            }
            _ => {}
        }
    }
    Some(
        onsets
            .into_iter()
            .map(|onset| Change {
                at: rule::recur(onset).seconds() - before,
                before,
                after,
            })
            .collect(),
    )
}

fn civil(text: &str) -> Option<DateTime> {
    rule::civil(IcalRecurDateTime::parse(text.trim()).ok()?)
}

//! From bytes to the properties of events and zones.
//!
//! The library reads a line. Which lines belong together is decided here, with
//! a stack of its own, since the library's tree recurses as deeply as a file
//! says.

use super::{BYTES_MAX, EVENTS_MAX, Unreadable};
use ical::{
    prop::{IcalProp, IcalPropKind, IcalPropName},
    tree::line::IcalLine,
    value::IcalValue,
    version::IcalVersion,
};
use rideout_domain::text;
use std::borrow::Cow;

/// A property that owns what it holds.
pub(super) type Property = IcalProp<'static>;

/// Deepest nesting: calendar, event, alarm, and some room.
const DEPTH_MAX: usize = 8;

/// Most zones; further ones are not looked at.
const ZONES_MAX: usize = 500;

/// The properties that matter, so that attachments and descriptions cost nothing.
const WANTED: [&str; 22] = [
    "ATTENDEE",
    "BEGIN",
    "DTEND",
    "DTSTART",
    "DURATION",
    "END",
    "EXDATE",
    "EXRULE",
    "NAME",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "UID",
    "VERSION",
    "X-LIC-LOCATION",
    "X-WR-TIMEZONE",
];

/// What a calendar calls itself, besides `NAME`.
const CALENDAR_NAME: &str = "X-WR-CALNAME";

/// The parts of a file.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) name: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) events: Vec<Vec<Property>>,
    pub(super) zones: Vec<ZonePart>,
}

/// A `VTIMEZONE`.
#[derive(Debug, Default)]
pub(super) struct ZonePart {
    pub(super) id: String,
    /// The zone that this one copies, where the file says so.
    pub(super) location: Option<String>,
    /// The properties of each `STANDARD` and `DAYLIGHT`.
    pub(super) observances: Vec<Vec<Property>>,
}

/// What a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Calendar,
    Event,
    Zone,
    Observance,
    Other,
}

/// Takes a file apart.
pub(super) fn read(file: &[u8]) -> Result<Parts, Unreadable> {
    if file.len() > BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let file = String::from_utf8_lossy(file);
    let mut reader = Reader::default();
    let mut logical = String::new();
    for physical in file.trim_start_matches('\u{feff}').split('\n') {
        let physical = physical.strip_suffix('\r').unwrap_or(physical);
        // A line that begins with white space continues the one before.
        if let Some(rest) = physical.strip_prefix([' ', '\t']) {
            logical.push_str(rest);
            continue;
        }
        reader.line(&logical)?;
        logical.clear();
        logical.push_str(physical);
    }
    reader.line(&logical)?;
    if !reader.seen {
        return Err(Unreadable::NotACalendar);
    }
    Ok(reader.parts)
}

#[derive(Default)]
struct Reader {
    parts: Parts,
    stack: Vec<Kind>,
    seen: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), Unreadable> {
        let name = line.split([':', ';']).next().unwrap_or_default().trim();
        let wanted = WANTED
            .iter()
            .chain([&CALENDAR_NAME])
            .any(|wanted| name.eq_ignore_ascii_case(wanted));
        if !wanted || name.len() == line.len() {
            return Ok(());
        }
        if name.eq_ignore_ascii_case("BEGIN") {
            return self.begin(value(line));
        }
        if name.eq_ignore_ascii_case("END") {
            self.stack.pop();
            return Ok(());
        }
        let line = quoted(line);
        let Ok((read, _)) = IcalLine::take(line.as_bytes()) else {
            return Ok(());
        };
        self.property(read.decode(IcalVersion::V2_0).into_owned())
    }

    fn begin(&mut self, what: &str) -> Result<(), Unreadable> {
        let is = |word: &str| what.trim().eq_ignore_ascii_case(word);
        let kind = match self.stack.last() {
            None if is("VCALENDAR") => Kind::Calendar,
            Some(Kind::Calendar) if is("VEVENT") => Kind::Event,
            Some(Kind::Calendar) if is("VTIMEZONE") && self.parts.zones.len() < ZONES_MAX => {
                Kind::Zone
            }
            Some(Kind::Zone) if is("STANDARD") || is("DAYLIGHT") => Kind::Observance,
            _ => Kind::Other,
        };
        match kind {
            Kind::Calendar => self.seen = true,
            Kind::Event => self.parts.events.push(Vec::new()),
            Kind::Zone => self.parts.zones.push(ZonePart::default()),
            Kind::Observance => {
                if let Some(zone) = self.parts.zones.last_mut() {
                    zone.observances.push(Vec::new());
                }
            }
            Kind::Other => {}
        }
        if self.parts.events.len() > EVENTS_MAX {
            return Err(Unreadable::TooManyEvents);
        }
        self.stack.push(kind);
        if self.stack.len() > DEPTH_MAX {
            return Err(Unreadable::TooDeep);
        }
        Ok(())
    }

    fn property(&mut self, property: Property) -> Result<(), Unreadable> {
        let parts = &mut self.parts;
        let text = || raw(&property.value).map(str::to_owned);
        match self.stack.last() {
            Some(Kind::Calendar) => match &*property.name {
                "VERSION" if text().is_some_and(|version| version.trim() == "1.0") => {
                    return Err(Unreadable::OldCalendar);
                }
                "NAME" | CALENDAR_NAME => parts.name = text().and_then(|name| line(&name)),
                "X-WR-TIMEZONE" => parts.zone = text(),
                _ => {}
            },
            Some(Kind::Event) => {
                if let Some(event) = parts.events.last_mut() {
                    event.push(property);
                }
            }
            Some(Kind::Zone) => {
                if let Some(zone) = parts.zones.last_mut() {
                    match &property.name {
                        IcalPropName::Kind(IcalPropKind::TzId) => {
                            zone.id = text().unwrap_or_default();
                        }
                        name if &**name == "X-LIC-LOCATION" => zone.location = text(),
                        _ => {}
                    }
                }
            }
            Some(Kind::Observance) => {
                let observances = parts.zones.last_mut().map(|zone| &mut zone.observances);
                if let Some(observance) = observances.and_then(|all| all.last_mut()) {
                    observance.push(property);
                }
            }
            Some(Kind::Other) | None => {}
        }
        Ok(())
    }
}

/// A line whose zone is a description with colons and commas but without the
/// quotes that those need.
fn quoted(line: &str) -> Cow<'_, str> {
    const ZONE: &str = ";TZID=(";
    let Some(at) = line.find(ZONE) else {
        return Cow::Borrowed(line);
    };
    let (head, rest) = line.split_at(at + ZONE.len() - 1);
    // A date has no colon, so the last one begins it.
    match rest.rsplit_once(':') {
        Some((zone, date)) => Cow::Owned(format!("{head}\"{}\":{date}", zone.replace('"', ""))),
        None => Cow::Borrowed(line),
    }
}

fn value(line: &str) -> &str {
    line.split_once(':').map_or("", |(_, value)| value)
}

/// The text of a value that is one text.
pub(super) fn raw<'a>(value: &'a IcalValue<'_>) -> Option<&'a str> {
    match value {
        IcalValue::CalAddress(value) => Some(&value.0),
        IcalValue::Date(value) => Some(&value.0),
        IcalValue::DateTime(value) => Some(&value.0),
        IcalValue::Duration(value) => Some(&value.0),
        IcalValue::Recur(value) => Some(&value.0),
        IcalValue::Text(value) => Some(&value.0),
        IcalValue::UtcOffset(value) => Some(&value.0),
        IcalValue::Integer(value) => Some(&value.0),
        IcalValue::Unknown(value) => value.components.first()?.first().map(|text| &**text),
        _ => None,
    }
}

/// A text of one line that fits where names fit, or nothing.
pub(super) fn line(value: &str) -> Option<String> {
    let short: String = value.chars().take(text::NAME_MAX).collect();
    text::line("The title", &short, text::NAME_MAX).ok()
}

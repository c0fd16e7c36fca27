//! What a schedule consists of. Every value here is valid: the constructors
//! refuse what is not, and name the field.

mod layer;
pub mod limits;
mod resolve;
mod rotation;
#[cfg(test)]
pub(crate) mod tests;

pub use layer::{Layer, LayerDraft, Rotation, Weekday, Window, WindowDraft};
pub use resolve::{Part, Span};

use crate::zone::Zone;
use rideout_domain::{
    Timestamp, UserId,
    text::{self, BadText},
};
use std::{collections::BTreeMap, fmt};

/// A field that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The field, such as `hand_over`; in lists with its place, counted from
    /// nought: `layers.0.hand_over`.
    pub field: String,
    /// What is wrong with it.
    pub why: Why,
}

impl Invalid {
    pub(crate) fn new(field: impl Into<String>, why: Why) -> Self {
        Self {
            field: field.into(),
            why,
        }
    }

    /// The same, for a field of a part of something larger: `layers.0` before `people`.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        self.field = format!("{part}.{}", self.field);
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl std::error::Error for Invalid {}

/// Why a field cannot be taken, as a sentence for whoever filled it in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A name or label.
    #[error("{0}")]
    Text(#[from] BadText),
    /// Not in the time-zone database.
    #[error("“{0}” is no time zone; write it as Europe/Berlin or UTC")]
    UnknownZone(String),
    /// Not a calendar date, or beyond the years that make sense.
    #[error("“{0}” is no date between 2000 and 2099; write it as 2026-03-30")]
    NotADate(String),
    /// Not a date with a time of day.
    #[error("“{0}” is no date and time; write it as 2026-03-30T09:00")]
    NotATime(String),
    /// Not an hour and minute.
    #[error("“{0}” is no time of day; write it as 09:00")]
    NotATimeOfDay(String),
    /// None of the known rotations.
    #[error("“{0}” is no rotation; it is one of daily, weekly, days, hours")]
    UnknownRotation(String),
    /// A weekly rotation without its day.
    #[error("choose the day of the week on which people hand over")]
    NoWeekday,
    /// A rotation over a number of days or hours without the number, or beyond it.
    #[error("write a number from 1 to {max}")]
    BadEvery {
        /// The largest number.
        max: u32,
    },
    /// Nobody in a rotation.
    #[error("name at least one person")]
    NoPeople,
    /// Too many of something.
    #[error("{given} {what} are too many; at most {max} fit")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many fit.
        max: usize,
    },
    /// Hours on no day.
    #[error("choose at least one day of the week")]
    NoDays,
    /// The end does not come after the beginning.
    #[error("the end must come after the beginning")]
    EndsBeforeItBegins,
    /// Longer than a year.
    #[error("at most {max_days} days fit; add another after it")]
    TooLong {
        /// The longest, in days.
        max_days: i64,
    },
}

/// One person on call for a span of time, outside any rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shift {
    /// Who.
    pub person: UserId,
    /// From this moment.
    pub from: Timestamp,
    /// Up to this moment, which no longer belongs to it.
    pub until: Timestamp,
}

impl Shift {
    /// A shift of at least a moment and at most [`limits::SHIFT_DAYS`].
    ///
    /// # Errors
    /// [`Why::EndsBeforeItBegins`] and [`Why::TooLong`], both for `until`.
    pub fn new(person: UserId, from: Timestamp, until: Timestamp) -> Result<Self, Invalid> {
        if until <= from {
            return Err(Invalid::new("until", Why::EndsBeforeItBegins));
        }
        if until.0.saturating_sub(from.0) > limits::SHIFT_DAYS * crate::time::DAY {
            let max_days = limits::SHIFT_DAYS;
            return Err(Invalid::new("until", Why::TooLong { max_days }));
        }
        Ok(Self {
            person,
            from,
            until,
        })
    }
}

/// One person takes over for a span of time. Of two overrides for the same
/// moment, the one added last holds.
pub type Override = Shift;

/// What the layers of a schedule were before they were changed. They keep telling
/// who was on call before that.
#[derive(Debug, Clone, PartialEq)]
pub struct Former {
    /// The zone they were in.
    pub zone: Zone,
    /// The layers, the one that won first.
    pub layers: Vec<Layer>,
    /// When they were changed, which no longer belongs to them.
    pub until: Timestamp,
}

/// Who is on call when.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    name: String,
    zone: Zone,
    layers: Vec<Layer>,
    former: Vec<Former>,
    imported: Vec<Shift>,
    overrides: Vec<Override>,
    absent: BTreeMap<UserId, Timestamp>,
}

impl Schedule {
    /// A schedule of layers, the one that wins first.
    ///
    /// # Errors
    /// [`Invalid`] for `name`, `zone` or `layers`.
    pub fn new(name: &str, zone: &str, layers: Vec<Layer>) -> Result<Self, Invalid> {
        let name = text::line("The name", name, text::NAME_MAX)
            .map_err(|bad| Invalid::new("name", bad.into()))?;
        let zone = Zone::named(zone)?;
        at_most("layers", "layers", layers.len(), limits::LAYERS)?;
        Ok(Self {
            name,
            zone,
            layers,
            former: Vec::new(),
            imported: Vec::new(),
            overrides: Vec::new(),
            absent: BTreeMap::new(),
        })
    }

    /// With what its layers were before each change, in any order. Those of the
    /// schedule itself count from the last change on.
    #[must_use]
    pub fn with_former(mut self, mut former: Vec<Former>) -> Self {
        former.sort_by_key(|former| former.until);
        self.former = former;
        self
    }

    /// With overrides, in the order in which they were added.
    #[must_use]
    pub fn with_overrides(mut self, overrides: Vec<Override>) -> Self {
        self.overrides = overrides;
        self
    }

    /// With shifts out of a calendar, which win over the layers. Where they
    /// overlap, everybody named is on call.
    #[must_use]
    pub fn with_imported(mut self, imported: Vec<Shift>) -> Self {
        self.imported = imported;
        self
    }

    /// With people who cannot be on call, for their account was closed at that
    /// moment. From then on their turns fall to whoever is below.
    #[must_use]
    pub fn with_absent(mut self, absent: impl IntoIterator<Item = (UserId, Timestamp)>) -> Self {
        self.absent = absent.into_iter().collect();
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its time zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Its layers, the one that wins first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// When its layers were last changed, as far as that is known.
    #[must_use]
    pub fn layers_since(&self) -> Option<Timestamp> {
        self.former.last().map(|former| former.until)
    }

    /// Its overrides, in the order in which they were added.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Its imported shifts.
    #[must_use]
    pub fn imported(&self) -> &[Shift] {
        &self.imported
    }
}

pub(crate) fn at_most(
    field: &str,
    what: &'static str,
    given: usize,
    max: usize,
) -> Result<(), Invalid> {
    if given > max {
        return Err(Invalid::new(field, Why::TooMany { what, given, max }));
    }
    Ok(())
}

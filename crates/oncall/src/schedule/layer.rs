//! One rotation: who takes turns, how long a turn is, and when it counts.

use super::{Invalid, Why, at_most, limits};
use jiff::civil::{Date, Time};
use rideout_domain::{UserId, text};
use serde::{Deserialize, Serialize};

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// Every day, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The word used in storage, forms and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The word as people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    /// The day of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.word() == word)
    }

    /// Days from Monday.
    pub(crate) const fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn of(date: Date) -> Self {
        let monday_zero = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        Self::ALL[monday_zero % 7]
    }
}

/// How long a turn is, and so when people hand over.
///
/// All are told on the local clock: a turn over a change of the clock is an
/// hour longer or shorter, and hand-overs stay at the same time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// A day.
    Daily,
    /// A week, handed over on one day.
    Weekly(Weekday),
    /// A number of days from the start, at most [`limits::EVERY_DAYS`].
    Days(u32),
    /// A number of hours from the start, at most [`limits::EVERY_HOURS`].
    Hours(u32),
}

impl Rotation {
    /// A turn in seconds of the local clock.
    pub(crate) const fn seconds(self) -> i64 {
        match self {
            Self::Daily => 86_400,
            Self::Weekly(_) => 7 * 86_400,
            Self::Days(days) => days as i64 * 86_400,
            Self::Hours(hours) => hours as i64 * 3_600,
        }
    }

    /// The word used in storage, forms and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly(_) => "weekly",
            Self::Days(_) => "days",
            Self::Hours(_) => "hours",
        }
    }
}

/// When a layer counts: on some days of the week, between two times of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub(crate) days: Vec<Weekday>,
    pub(crate) from: Time,
    pub(crate) until: Time,
}

/// A window as people write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowDraft {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins: `18:00`.
    pub from: String,
    /// When it ends: `09:00`. Not after `from`, it ends on the day after;
    /// `00:00` to `00:00` is the whole day.
    pub until: String,
}

impl Window {
    /// Reads a window.
    ///
    /// # Errors
    /// [`Invalid`] for `days`, `from` or `until`.
    pub fn new(draft: &WindowDraft) -> Result<Self, Invalid> {
        let mut days = draft.days.clone();
        days.sort_unstable();
        days.dedup();
        if days.is_empty() {
            return Err(Invalid::new("days", Why::NoDays));
        }
        Ok(Self {
            days,
            from: time_of_day("from", &draft.from)?,
            until: time_of_day("until", &draft.until)?,
        })
    }
}

/// One rotation of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LayerDraft", into = "LayerDraft")]
pub struct Layer {
    pub(crate) name: String,
    pub(crate) rotation: Rotation,
    pub(crate) starts_on: Date,
    pub(crate) hand_over: Time,
    pub(crate) people: Vec<UserId>,
    pub(crate) windows: Vec<Window>,
}

/// A layer as people write it, and as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerDraft {
    /// What it is called: “Nights”.
    pub name: String,
    /// `daily`, `weekly`, `days` or `hours`.
    pub rotation: String,
    /// The day of a weekly hand-over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<Weekday>,
    /// How many days or hours a turn is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// The date from which it counts: `2026-03-30`.
    pub starts_on: String,
    /// The local time of day at which it starts and people hand over: `09:00`.
    pub hand_over: String,
    /// Who takes turns, in order. The first has the first turn.
    pub people: Vec<UserId>,
    /// When it counts; always, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowDraft>,
}

impl Layer {
    /// Reads a layer.
    ///
    /// # Errors
    /// [`Invalid`] with the name of the field.
    pub fn new(draft: &LayerDraft) -> Result<Self, Invalid> {
        let name = text::line("The name", &draft.name, text::NAME_MAX)
            .map_err(|bad| Invalid::new("name", bad.into()))?;
        if draft.people.is_empty() {
            return Err(Invalid::new("people", Why::NoPeople));
        }
        at_most("people", "people", draft.people.len(), limits::PEOPLE)?;
        at_most("windows", "windows", draft.windows.len(), limits::WINDOWS)?;
        let windows = draft.windows.iter().enumerate();
        Ok(Self {
            name,
            rotation: rotation(draft)?,
            starts_on: date(&draft.starts_on)?,
            hand_over: time_of_day("hand_over", &draft.hand_over)?,
            people: draft.people.clone(),
            windows: windows
                .map(|(at, window)| {
                    Window::new(window).map_err(|bad| bad.within(&format!("windows.{at}")))
                })
                .collect::<Result<_, _>>()?,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who takes turns, in order.
    #[must_use]
    pub fn people(&self) -> &[UserId] {
        &self.people
    }

    /// How long a turn is.
    #[must_use]
    pub const fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// When people hand over, and when it counts, in a sentence.
    #[must_use]
    pub fn told(&self) -> String {
        let at = minutes(self.hand_over);
        let mut told = match self.rotation {
            Rotation::Daily | Rotation::Days(1) => format!("Every day at {at}"),
            Rotation::Weekly(day) => format!("Every {} at {at}", day.title()),
            Rotation::Days(days) => format!("Every {days} days at {at}"),
            Rotation::Hours(1) => format!("Every hour from {at}"),
            Rotation::Hours(hours) => format!("Every {hours} hours from {at}"),
        };
        told.push_str(&format!(", since {}", self.starts_on));
        let windows: Vec<String> = self.windows.iter().map(Window::told).collect();
        if !windows.is_empty() {
            told.push_str(&format!("; only {}", windows.join(", ")));
        }
        told.push('.');
        told
    }
}

impl Window {
    /// `Mon–Fri 09:00–17:00`.
    fn told(&self) -> String {
        let (from, until) = (minutes(self.from), minutes(self.until));
        let numbers: Vec<i64> = self.days.iter().map(|day| day.number()).collect();
        let run = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let short = |day: &Weekday| &day.title()[..3];
        let days = match (self.days.as_slice(), run) {
            ([_, _, _, _, _, _, _], _) => "every day".to_owned(),
            ([first, _, .., last], true) => format!("{}–{}", short(first), short(last)),
            (days, _) => days.iter().map(short).collect::<Vec<_>>().join(", "),
        };
        if from == until {
            return format!("{days} from {from} for 24 hours");
        }
        let next = if self.until < self.from {
            " of the day after"
        } else {
            ""
        };
        format!("{days} {from}–{until}{next}")
    }
}

impl TryFrom<LayerDraft> for Layer {
    type Error = Invalid;
    fn try_from(draft: LayerDraft) -> Result<Self, Invalid> {
        Self::new(&draft)
    }
}

impl From<Layer> for LayerDraft {
    fn from(layer: Layer) -> Self {
        let (weekday, every) = match layer.rotation {
            Rotation::Daily => (None, None),
            Rotation::Weekly(day) => (Some(day), None),
            Rotation::Days(every) | Rotation::Hours(every) => (None, Some(every)),
        };
        Self {
            name: layer.name,
            rotation: layer.rotation.word().to_owned(),
            weekday,
            every,
            starts_on: layer.starts_on.to_string(),
            hand_over: minutes(layer.hand_over),
            people: layer.people,
            windows: layer.windows.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Window> for WindowDraft {
    fn from(window: Window) -> Self {
        Self {
            days: window.days,
            from: minutes(window.from),
            until: minutes(window.until),
        }
    }
}

fn rotation(draft: &LayerDraft) -> Result<Rotation, Invalid> {
    let every = |max: u32| {
        draft
            .every
            .filter(|every| (1..=max).contains(every))
            .ok_or_else(|| Invalid::new("every", Why::BadEvery { max }))
    };
    match draft.rotation.as_str() {
        "daily" => Ok(Rotation::Daily),
        "weekly" => draft
            .weekday
            .map(Rotation::Weekly)
            .ok_or_else(|| Invalid::new("weekday", Why::NoWeekday)),
        "days" => Ok(Rotation::Days(every(limits::EVERY_DAYS)?)),
        "hours" => Ok(Rotation::Hours(every(limits::EVERY_HOURS)?)),
        other => Err(Invalid::new("rotation", Why::UnknownRotation(shown(other)))),
    }
}

fn date(text: &str) -> Result<Date, Invalid> {
    let plain = text.trim();
    // The library reads more than dates: a date followed by a time, for one.
    Some(plain)
        .filter(|plain| plain.len() == 10)
        .and_then(|plain| plain.parse::<Date>().ok())
        .filter(|date| (2000..2100).contains(&date.year()))
        .ok_or_else(|| Invalid::new("starts_on", Why::NotADate(shown(text))))
}

fn time_of_day(field: &str, text: &str) -> Result<Time, Invalid> {
    let bad = || Invalid::new(field, Why::NotATimeOfDay(shown(text)));
    let plain = text.trim();
    let (hour, minute) = plain.split_once(':').ok_or_else(bad)?;
    let digits =
        |part: &str, len: usize| part.len() <= len && part.bytes().all(|c| c.is_ascii_digit());
    if !digits(hour, 2) || !digits(minute, 2) || hour.is_empty() || minute.len() != 2 {
        return Err(bad());
    }
    let number = |part: &str| part.parse::<i8>().map_err(|_| bad());
    Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| bad())
}

fn minutes(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn shown(text: &str) -> String {
    text::clean(text.trim()).chars().take(32).collect()
}

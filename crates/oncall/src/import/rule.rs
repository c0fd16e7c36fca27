//! What a recurrence rule comes to within a span of time, at a bounded cost.
//!
//! The library walks a rule period by period from its start and is right about
//! what each holds. It cannot say beforehand how long it will take. So the
//! number of periods is kept small by arithmetic: a rule without a count starts
//! shortly before the span, on the same rhythm; every rule ends with the span;
//! and what is left is counted against a budget before the walk begins.

use super::SHIFTS_MAX;
use ical::recur::{
    IcalRecurDateTime, IcalRecurFreq, IcalRecurRule, IcalRecurWeekdayNum, expand::IcalRecurExpand,
};
use jiff::civil::{Date, DateTime};

/// Why a rule gives no times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failed {
    /// It is no rule.
    Bad,
    /// It would take too long.
    TooOften,
}

/// A rule and where it starts.
pub(super) struct Rule {
    rule: IcalRecurRule,
    start: DateTime,
}

impl Rule {
    /// Reads a rule. `local` turns an end written in UTC into the start's clock.
    pub(super) fn read(
        text: &str,
        start: DateTime,
        local: impl Fn(DateTime) -> DateTime,
    ) -> Result<Self, Failed> {
        let mut rule = IcalRecurRule::parse(text).map_err(|_| Failed::Bad)?;
        if let Some(until) = until(text) {
            let end = rule.until.and_then(civil).ok_or(Failed::Bad)?;
            rule.until = Some(recur(match until {
                Until::Utc => local(end),
                Until::Local => end,
                Until::Day => end.date().to_datetime(jiff::civil::time(23, 59, 59, 0)),
            }));
        }
        tidy(&mut rule);
        explicit(&mut rule, start);
        Ok(Self { rule, start })
    }

    /// The times from `from` to `until`.
    ///
    /// # Errors
    /// [`Failed::TooOften`] when that costs more than is left of the budget, or
    /// comes to more than fits.
    pub(super) fn times(
        mut self,
        from: DateTime,
        until: DateTime,
        work: &mut u64,
    ) -> Result<Vec<DateTime>, Failed> {
        let last = self.rule.until.and_then(civil).unwrap_or(until).min(until);
        if last < self.start || last < from {
            return Ok(Vec::new());
        }
        self.rule.until = Some(recur(last));
        if self.rule.count.is_none() {
            self.start = forward(&self.rule, self.start, from);
        }
        let cost = cost(&self.rule, self.start, last);
        *work = work.checked_sub(cost).ok_or(Failed::TooOften)?;
        let mut times = Vec::new();
        let walk = IcalRecurExpand::new(self.rule, recur(self.start)).filter_map(civil);
        for time in walk.filter(|time| *time >= from) {
            if times.len() >= SHIFTS_MAX {
                return Err(Failed::TooOften);
            }
            times.push(time);
        }
        Ok(times)
    }
}

enum Until {
    Utc,
    Local,
    Day,
}

/// How the end of a rule is written; the library reads its digits only.
fn until(rule: &str) -> Option<Until> {
    let part = rule.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("UNTIL")
            .then(|| value.trim())
    })?;
    Some(if part.ends_with(['Z', 'z']) {
        Until::Utc
    } else if part.contains(['T', 't']) {
        Until::Local
    } else {
        Until::Day
    })
}

/// Takes repetitions out of the lists, so that none is longer than its alphabet.
fn tidy(rule: &mut IcalRecurRule) {
    fn tidy<T: Ord>(list: &mut Vec<T>) {
        list.sort_unstable();
        list.dedup();
    }
    tidy(&mut rule.by_second);
    tidy(&mut rule.by_minute);
    tidy(&mut rule.by_hour);
    tidy(&mut rule.by_month_day);
    tidy(&mut rule.by_year_day);
    tidy(&mut rule.by_week_no);
    tidy(&mut rule.by_month);
    tidy(&mut rule.by_set_pos);
    rule.by_day
        .sort_unstable_by_key(|day| (day.ordinal, day.weekday));
    rule.by_day.dedup();
    // No year has more than 53 of a day.
    let possible = |day: &IcalRecurWeekdayNum| day.ordinal.is_none_or(|n| (-53..=53).contains(&n));
    if rule.by_day.iter().any(possible) {
        rule.by_day.retain(possible);
    } else {
        rule.by_day.truncate(1);
    }
}

/// Writes out what the start says about the day, so that the start can move.
fn explicit(rule: &mut IcalRecurRule, start: DateTime) {
    let (month, day) = (start.month().unsigned_abs(), start.day());
    match rule.freq {
        IcalRecurFreq::Monthly if rule.by_day.is_empty() && rule.by_month_day.is_empty() => {
            rule.by_month_day = vec![day];
        }
        IcalRecurFreq::Yearly
            if rule.by_day.is_empty()
                && rule.by_month_day.is_empty()
                && rule.by_year_day.is_empty()
                && rule.by_week_no.is_empty() =>
        {
            rule.by_month_day = vec![day];
            if rule.by_month.is_empty() {
                rule.by_month = vec![month];
            }
        }
        _ => {}
    }
}

/// The start of a rule without a count, moved on its own rhythm to shortly
/// before `from`.
fn forward(rule: &IcalRecurRule, start: DateTime, from: DateTime) -> DateTime {
    let every = i64::from(rule.interval);
    // A whole number of steps that ends two before `from`, so that the period
    // in which `from` falls is whole.
    let steps = |apart: i64, step: i64| (apart.div_euclid(step) - 2).max(0) * step;
    let seconds = crate::time::civil_seconds(start, from);
    let moved = match rule.freq {
        IcalRecurFreq::Yearly => {
            let years = steps(i64::from(from.year()) - i64::from(start.year()), every);
            return at(i64::from(start.year()) + years, 1, start).unwrap_or(start);
        }
        IcalRecurFreq::Monthly => {
            let number = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
            let months = number(start) + steps(number(from) - number(start), every);
            return at(months.div_euclid(12), months.rem_euclid(12) + 1, start).unwrap_or(start);
        }
        IcalRecurFreq::Weekly => steps(seconds, every * 7 * 86_400),
        IcalRecurFreq::Daily => steps(seconds, every * 86_400),
        IcalRecurFreq::Hourly => steps(seconds, every * 3_600),
        IcalRecurFreq::Minutely => steps(seconds, every * 60),
        IcalRecurFreq::Secondly => steps(seconds, every),
    };
    crate::time::plus_civil(start, moved)
}

/// The first of a month at the start's time of day, unless that is before the start.
fn at(year: i64, month: i64, start: DateTime) -> Option<DateTime> {
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
    Some(date.to_datetime(start.time())).filter(|moved| *moved > start)
}

/// How many days, hours, minutes or seconds the walk looks at, at most.
fn cost(rule: &IcalRecurRule, start: DateTime, last: DateTime) -> u64 {
    let size = |list: usize| u64::try_from(list).unwrap_or(u64::MAX).max(1);
    let (hours, minutes, seconds) = (
        size(rule.by_hour.len()),
        size(rule.by_minute.len()),
        size(rule.by_second.len()),
    );
    let (length, each) = match rule.freq {
        IcalRecurFreq::Yearly => (365 * 86_400, 380 * hours * minutes * seconds),
        IcalRecurFreq::Monthly => (28 * 86_400, 31 * hours * minutes * seconds),
        IcalRecurFreq::Weekly => (7 * 86_400, 7 * hours * minutes * seconds),
        IcalRecurFreq::Daily => (86_400, hours * minutes * seconds),
        IcalRecurFreq::Hourly => (3_600, minutes * seconds),
        IcalRecurFreq::Minutely => (60, seconds),
        IcalRecurFreq::Secondly => (1, 1),
    };
    let apart = u64::try_from(crate::time::civil_seconds(start, last)).unwrap_or(0);
    let mut periods = apart / (length * u64::from(rule.interval).max(1)) + 2;
    let lists = rule.by_day.len()
        + rule.by_month_day.len()
        + rule.by_year_day.len()
        + rule.by_week_no.len()
        + rule.by_month.len()
        + rule.by_set_pos.len();
    let every_period_counts = lists + rule.by_hour.len() + rule.by_minute.len() == 0;
    if let Some(count) = rule.count.filter(|_| every_period_counts) {
        periods = periods.min(u64::from(count) + 1);
    }
    periods
        .saturating_mul(each)
        .saturating_mul(1 + size(lists) / 16)
}

/// The library's civil time of ours.
pub(super) fn recur(at: DateTime) -> IcalRecurDateTime {
    IcalRecurDateTime {
        year: i32::from(at.year()),
        month: at.month().unsigned_abs(),
        day: at.day().unsigned_abs(),
        hour: at.hour().unsigned_abs(),
        minute: at.minute().unsigned_abs(),
        second: at.second().unsigned_abs(),
    }
}

/// Our civil time of the library's; a leap second is the second before it.
pub(super) fn civil(at: IcalRecurDateTime) -> Option<DateTime> {
    let part = |value: u8| i8::try_from(value).ok();
    DateTime::new(
        i16::try_from(at.year).ok()?,
        part(at.month)?,
        part(at.day)?,
        part(at.hour)?,
        part(at.minute)?,
        part(at.second.min(59))?,
        0,
    )
    .ok()
}

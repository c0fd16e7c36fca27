//! Ends named by the clock: “by 14:30 UTC”, “until tomorrow 09:00”.

use super::words::Token;
use crate::Timestamp;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Morning, when a text says “tomorrow” and no time.
const MORNING: i64 = 9 * 60 * MINUTE;

/// The end named at a token, if it lies ahead of `at`.
pub(super) fn end(tokens: &[Token], from: usize, at: Timestamp, offset: i32) -> Option<Timestamp> {
    let before = |back: usize| {
        from.checked_sub(back)
            .and_then(|i| tokens.get(i))
            .and_then(Token::word)
            .unwrap_or_default()
    };
    let offset = i64::from(offset) * MINUTE;
    match tokens.get(from)? {
        Token::Clock(hour, minute) => {
            let leads = lead(tokens, from)?;
            let (zone, _) = zone(tokens, from + 1);
            let offset = zone.map_or(offset, |minutes| i64::from(minutes) * MINUTE);
            let of_day = (i64::from(*hour) * 60 + i64::from(*minute)) * MINUTE;
            let local = at.0.checked_add(offset)?;
            let today = local.div_euclid(DAY) * DAY;
            let next_day = leads.tomorrow
                || matches!(tokens.get(from + 1).and_then(Token::word), Some("tomorrow"));
            let mut until = today.checked_add(of_day)?;
            if next_day {
                until = until.checked_add(DAY)?;
            } else if until <= local {
                // “Until 02:00”, said at 22:00, is tomorrow's; said at 03:00 it is over.
                if local - until < DAY / 2 {
                    return None;
                }
                until = until.checked_add(DAY)?;
            }
            Some(Timestamp(until.checked_sub(offset)?))
        }
        Token::Word(word) if word == "tomorrow" => {
            // With a time beside it, the time speaks.
            let timed = tokens[from + 1..tokens.len().min(from + 4)]
                .iter()
                .chain(from.checked_sub(1).and_then(|i| tokens.get(i)))
                .any(|t| matches!(t, Token::Clock(..)));
            if timed || !matches!(before(1), "until" | "till" | "by" | "eta" | "before") {
                return None;
            }
            let local = at.0.checked_add(offset)?;
            let until = local.div_euclid(DAY) * DAY + DAY + MORNING;
            Some(Timestamp(until - offset))
        }
        _ => None,
    }
}

struct Lead {
    tomorrow: bool,
}

/// What stands before a clock time, if it makes the time an end.
fn lead(tokens: &[Token], from: usize) -> Option<Lead> {
    let mut tomorrow = false;
    let mut steps = 0;
    let mut at = from;
    while let Some(before) = at.checked_sub(1).and_then(|i| tokens.get(i)) {
        at -= 1;
        steps += 1;
        match before.word() {
            Some("until" | "till" | "by" | "eta" | "before") => {
                // “From 12:00 until 14:30” tells what was.
                let span = tokens[at.saturating_sub(3)..at].iter().any(|t| {
                    matches!(t, Token::Clock(..))
                        || matches!(t.word(), Some("from" | "between" | "was" | "were" | "had"))
                });
                return (!span).then_some(Lead { tomorrow });
            }
            Some("tomorrow") => tomorrow = true,
            Some("at" | "about" | "around" | "approximately" | "is" | "roughly" | "ca") => {
                let promised = tokens[at.saturating_sub(4)..at].iter().any(|t| {
                    matches!(
                        t.word(),
                        Some(
                            "expected"
                                | "expect"
                                | "back"
                                | "done"
                                | "finish"
                                | "ready"
                                | "again"
                                | "will"
                                | "eta"
                        )
                    )
                });
                if promised {
                    return Some(Lead { tomorrow });
                }
            }
            Some(_) => return None,
            None if matches!(before, Token::Sign('~' | '≈')) => {}
            None => return None,
        }
        if steps > 4 {
            return None;
        }
    }
    None
}

/// A zone's offset from UTC in minutes, and the tokens it takes.
fn zone(tokens: &[Token], from: usize) -> (Option<i32>, usize) {
    let offset = match tokens.get(from).and_then(Token::word) {
        Some("utc" | "gmt" | "z") => 0,
        Some("bst" | "cet" | "wat") => 60,
        Some("cest" | "eet") => 120,
        Some("eest" | "msk") => 180,
        Some("est" | "cdt") => -300,
        Some("edt") => -240,
        Some("cst" | "mdt") => -360,
        Some("mst" | "pdt") => -420,
        Some("pst") => -480,
        Some("jst" | "kst") => 540,
        Some("aest") => 600,
        _ => return (None, 0),
    };
    (Some(offset), 1)
}

//! A text as words and numbers, and lengths of time written with them.

/// One piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Letters, in lower case.
    Word(String),
    /// A number, in thousandths, so that “1.5” is exact.
    Number(u64),
    /// `14:30`: hour and minute.
    Clock(u32, u32),
    /// A sign that tells something: `-`, `–`, `+`, `~`.
    Sign(char),
    /// The end of a sentence, or of a clause that stands alone.
    Stop,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) const fn ends_sentence(&self) -> bool {
        matches!(self, Self::Stop)
    }
}

/// Most characters of a text that are read.
const READ_MAX: usize = 4_000;

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().take(READ_MAX).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() {
            let (token, next) = number(&chars, at);
            tokens.push(token);
            at = next;
        } else if c.is_alphabetic() {
            let mut word = String::new();
            // Letters at once after a number are its unit: the “h” of “1h30m”.
            let is_unit = at > 0 && chars[at - 1].is_ascii_digit();
            while let Some(&c) = chars.get(at).filter(|c| {
                c.is_alphabetic() || (!is_unit && (c.is_numeric() || matches!(c, '\'' | '’')))
            }) {
                if c.is_alphanumeric() {
                    word.extend(c.to_lowercase());
                }
                at += 1;
            }
            tokens.push(Token::Word(word));
        } else {
            match c {
                '.' | ';' | '!' | '?' | '\n' => tokens.push(Token::Stop),
                '-' | '–' | '—' | '+' | '~' | '≈' => tokens.push(Token::Sign(c)),
                _ => {}
            }
            at += 1;
        }
    }
    tokens
}

fn number(chars: &[char], from: usize) -> (Token, usize) {
    let digits = |from: usize| {
        chars[from..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let value = |from: usize, count: usize| {
        chars[from..from + count]
            .iter()
            .filter_map(|c| c.to_digit(10))
            .fold(0_u64, |n, d| {
                n.saturating_mul(10).saturating_add(u64::from(d))
            })
    };
    let whole = digits(from);
    let mut at = from + whole;
    let is = |at: usize, c: char| chars.get(at) == Some(&c);
    if whole <= 2 && is(at, ':') && digits(at + 1) == 2 {
        let (hour, minute) = (value(from, whole), value(at + 1, 2));
        at += 3;
        // Seconds, if any, are not needed.
        if is(at, ':') && digits(at + 1) == 2 {
            at += 3;
        }
        if hour < 24 && minute < 60 {
            let clock = Token::Clock(
                u32::try_from(hour).unwrap_or_default(),
                u32::try_from(minute).unwrap_or_default(),
            );
            return (clock, at);
        }
        return (Token::Number(u64::MAX), at);
    }
    let mut thousandths = value(from, whole).saturating_mul(1_000);
    if is(at, '.') && digits(at + 1) > 0 {
        let count = digits(at + 1);
        let mut part = 100_u64;
        for c in chars[at + 1..at + 1 + count].iter().take(3) {
            thousandths =
                thousandths.saturating_add(u64::from(c.to_digit(10).unwrap_or_default()) * part);
            part /= 10;
        }
        at += 1 + count;
    }
    (Token::Number(thousandths), at)
}

/// A length of time in a text.
pub(super) struct Length {
    /// Its first token.
    pub(super) from: usize,
    /// The token after it.
    pub(super) next: usize,
    /// Whole minutes, rounded up.
    pub(super) minutes: u32,
}

/// All lengths of time in a text, none within another.
pub(super) fn lengths(tokens: &[Token]) -> Vec<Length> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        if let Some((minutes, next)) = length(tokens, from) {
            found.push(Length {
                from,
                next,
                minutes,
            });
            from = next;
        } else {
            from += 1;
        }
    }
    found
}

/// A length of time that begins at a token: whole minutes, and the token after it.
fn length(tokens: &[Token], from: usize) -> Option<(u32, usize)> {
    let (mut amount, mut at) = amount(tokens, from)?;
    // Of a range, the longer end: nobody should be asked before it.
    let dash = matches!(tokens.get(at), Some(Token::Sign('-' | '–' | '—')))
        || matches!(tokens.get(at), Some(Token::Word(w)) if w == "to" || w == "or");
    if dash && let Some((upper, next)) = self::amount(tokens, at + 1) {
        amount = amount.max(upper);
        at = next;
    }
    if matches!(tokens.get(at), Some(Token::Word(w)) if w == "more" || w == "or") {
        at += 1;
    }
    if matches!(tokens.get(at), Some(Token::Sign('-'))) {
        at += 1;
    }
    let unit = unit(tokens.get(at)?.word()?)?;
    at += 1;
    let mut total = amount.checked_mul(unit)?;
    if matches!(tokens.get(at), Some(Token::Word(w)) if w == "and") {
        if matches!((tokens.get(at + 1), tokens.get(at + 2)), (Some(Token::Word(a)), Some(Token::Word(h))) if a == "a" && h == "half")
        {
            total = total.checked_add(unit.checked_mul(500)?)?;
            at += 3;
        } else if let Some((rest, next)) = smaller(tokens, at + 1, unit) {
            total = total.checked_add(rest)?;
            at = next;
        }
    } else if let Some((rest, next)) = smaller(tokens, at, unit) {
        total = total.checked_add(rest)?;
        at = next;
    }
    let minutes = u32::try_from(total.div_ceil(1_000)).ok()?;
    (minutes > 0).then_some((minutes, at))
}

/// A second part in a smaller unit, in thousandths of a minute: “1 h 30 min”.
fn smaller(tokens: &[Token], from: usize, than: u64) -> Option<(u64, usize)> {
    let (amount, at) = amount(tokens, from)?;
    let unit = unit(tokens.get(at)?.word()?)?;
    (unit < than).then_some((amount.checked_mul(unit)?, at + 1))
}

/// Minutes of a unit. Seconds are none: nobody declares a wait of seconds.
fn unit(word: &str) -> Option<u64> {
    match word {
        "m" | "min" | "mins" | "minute" | "minutes" => Some(1),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(60),
        "d" | "day" | "days" => Some(24 * 60),
        _ => None,
    }
}

/// A number in thousandths, in digits or as a word.
fn amount(tokens: &[Token], from: usize) -> Option<(u64, usize)> {
    match tokens.get(from)? {
        Token::Number(n) => Some((*n, from + 1)),
        Token::Word(word) => {
            let whole = |n: u64| Some((n * 1_000, from + 1));
            match word.as_str() {
                "half" => match tokens.get(from + 1)?.word()? {
                    "a" | "an" => Some((500, from + 2)),
                    _ => None,
                },
                "a" | "an" | "one" => match tokens.get(from + 1).and_then(Token::word) {
                    Some("half") => Some((500, from + 2)),
                    Some("couple") => Some((2_000, after_of(tokens, from + 2))),
                    Some("few") => Some((4_000, after_of(tokens, from + 2))),
                    _ => whole(1),
                },
                "couple" => Some((2_000, after_of(tokens, from + 1))),
                "few" | "some" | "several" => Some((4_000, from + 1)),
                "two" => whole(2),
                "three" => whole(3),
                "four" => whole(4),
                "five" => whole(5),
                "six" => whole(6),
                "seven" => whole(7),
                "eight" => whole(8),
                "nine" => whole(9),
                "ten" => whole(10),
                "eleven" => whole(11),
                "twelve" => whole(12),
                "fifteen" => whole(15),
                "twenty" => whole(20),
                "thirty" => whole(30),
                "forty" => whole(40),
                "fifty" => whole(50),
                "sixty" => whole(60),
                "ninety" => whole(90),
                _ => None,
            }
        }
        _ => None,
    }
}

fn after_of(tokens: &[Token], at: usize) -> usize {
    if matches!(tokens.get(at), Some(Token::Word(w)) if w == "of") {
        at + 1
    } else {
        at
    }
}

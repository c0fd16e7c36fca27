//! Whom an at sign names.

use super::CommandError;
use crate::UserId;

/// Finds the one person that `@word` names: the beginning of the name without
/// its spaces, or of one of its later words. Whoever is named exactly wins over
/// whoever merely begins so.
///
/// # Errors
/// [`CommandError::Nobody`] and [`CommandError::Ambiguous`].
pub fn find(word: &str, people: &[(UserId, &str)]) -> Result<(UserId, String), CommandError> {
    let found: String = word.chars().take(64).collect();
    let wanted = letters(word);
    let best = people
        .iter()
        .filter_map(|(id, name)| rank(&wanted, name).map(|rank| (rank, *id, *name)))
        .min_by_key(|(rank, ..)| *rank)
        .map(|(rank, ..)| rank);
    let Some(best) = best.filter(|_| !wanted.is_empty()) else {
        return Err(CommandError::Nobody {
            found,
            known: known(people),
        });
    };
    let mut fitting: Vec<(UserId, &str)> = Vec::new();
    for (id, name) in people {
        // One person can be listed twice, once under a nickname such as “me”.
        if rank(&wanted, name) == Some(best) && !fitting.iter().any(|(other, _)| other == id) {
            fitting.push((*id, name));
        }
    }
    match fitting.as_slice() {
        [(id, name)] => Ok((*id, (*name).to_owned())),
        several => Err(CommandError::Ambiguous {
            found,
            names: list(several, " or "),
            example: several.first().map_or_else(String::new, |(_, name)| {
                format!("@{}", name.split_whitespace().collect::<String>())
            }),
        }),
    }
}

/// How well a name fits, best first: the whole name, its first word, its
/// beginning, a later word, the beginning of a later word.
fn rank(wanted: &str, name: &str) -> Option<u8> {
    let words: Vec<String> = name.split_whitespace().map(letters).collect();
    let from = |n: usize| words.iter().skip(n).map(String::as_str).collect::<String>();
    if from(0) == wanted {
        Some(0)
    } else if words.first().is_some_and(|w| w == wanted) {
        Some(1)
    } else if from(0).starts_with(wanted) {
        Some(2)
    } else if words.iter().skip(1).any(|w| w == wanted) {
        Some(3)
    } else if (1..words.len()).any(|n| from(n).starts_with(wanted)) {
        Some(4)
    } else {
        None
    }
}

/// Letters and digits in lower case; everything else is how people punctuate.
#[must_use]
pub fn letters(text: &str) -> String {
    let punctuation = |c: char| {
        (c.is_ascii() && !c.is_ascii_alphanumeric())
            || matches!(c, '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}')
    };
    text.chars()
        .filter(|c| !punctuation(*c))
        .map(lower)
        .collect()
}

/// Lower case of the letters that European names are written with. The tables
/// of all scripts would be a tenth of what the browser has to load.
const fn lower(c: char) -> char {
    let by = match c {
        'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{de}' | 'Α'..='Ω' | 'А'..='Я' => 32,
        'Ѐ'..='Џ' => 80,
        '\u{100}'..='\u{137}' | '\u{14a}'..='\u{177}' if (c as u32).is_multiple_of(2) => 1,
        '\u{139}'..='\u{148}' | '\u{179}'..='\u{17e}' if c as u32 % 2 == 1 => 1,
        _ => 0,
    };
    match char::from_u32(c as u32 + by) {
        Some(lower) => lower,
        None => c,
    }
}

fn known(people: &[(UserId, &str)]) -> String {
    // Whoever asks is listed a second time, as “me”.
    let mut once: Vec<(UserId, &str)> = Vec::new();
    for one in people {
        if !once.iter().any(|(id, _)| *id == one.0) {
            once.push(*one);
        }
    }
    match once.as_slice() {
        [] => "there is nobody to name yet".to_owned(),
        few if few.len() <= 6 => format!("there are {}", list(few, " and ")),
        many => format!(
            "there are {} and {} more",
            list(many.get(..5).unwrap_or(many), ", "),
            many.len() - 5
        ),
    }
}

fn list(people: &[(UserId, &str)], last: &str) -> String {
    let names: Vec<&str> = people.iter().map(|(_, name)| *name).collect();
    match names.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{}{last}{end}", rest.join(", ")),
        _ => names.concat(),
    }
}

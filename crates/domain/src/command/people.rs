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
        return Err(CommandError::Nobody { found, known: known(people) });
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
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn known(people: &[(UserId, &str)]) -> String {
    match people {
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

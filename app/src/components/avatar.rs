//! People as two letters on a quiet ground.

use leptos::prelude::*;

/// Number of grounds in `tokens.css` (`--hue-1` and on).
const HUES: u32 = 6;

/// The one or two letters that stand for a name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split(|c: char| c.is_whitespace() || c == '.')
        .filter(|w| !w.is_empty());
    let first = words.next().unwrap_or("?");
    let letters: String = match words.next_back() {
        Some(last) => first.chars().take(1).chain(last.chars().take(1)).collect(),
        None => first.chars().take(2).collect(),
    };
    letters.to_uppercase()
}

/// The same name has the same ground everywhere (FNV-1a).
pub(crate) fn hue(name: &str) -> u32 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % HUES + 1
}

/// A person as two letters. Hidden from screen readers unless it stands `alone`,
/// since the name is beside it.
#[component]
pub fn Avatar(
    /// The person's name.
    #[prop(into)]
    name: String,
    /// Whether the name is not written beside it.
    #[prop(optional)]
    alone: bool,
    /// Twice the size.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = format!(
        "avatar hue-{}{}",
        hue(&name),
        if large { " large" } else { "" }
    );
    let letters = initials(&name);
    let (role, label) = if alone {
        (Some("img"), Some(name.clone()))
    } else {
        (None, None)
    };
    view! {
        <span class=class title=name role=role aria-label=label aria-hidden=(!alone).then_some("true")>
            {letters}
        </span>
    }
    .into_any()
}

/// Several people in a row; those who do not fit become a number.
#[component]
pub fn AvatarRow(
    /// Everybody.
    names: Vec<String>,
    /// How many are shown before the number.
    #[prop(default = 6)]
    most: usize,
) -> impl IntoView {
    let more = names.len().saturating_sub(most);
    let rest = names
        .iter()
        .skip(most)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    view! {
        <span class="avatars">
            {names.into_iter().take(most).map(|name| view! { <Avatar name=name alone=true /> }).collect_view()}
            {(more > 0).then(|| view! {
                <span class="avatar" role="img" aria-label=format!("and {more} more: {rest}") title=rest.clone()>
                    {format!("+{more}")}
                </span>
            })}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        for (name, letters) in [
            ("Priya N.", "PN"),
            ("Dana van der K", "DK"),
            ("omar", "OM"),
            ("Öznur Şen", "ÖŞ"),
            ("", "?"),
            ("ß", "SS"),
            ("王小明", "王小"),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }

    #[test]
    fn a_name_keeps_its_ground() {
        assert_eq!(hue("Priya N."), hue("Priya N."));
        assert!((1..=HUES).contains(&hue("")));
    }
}

//! Passwords: what is accepted.

use crate::Error;

/// Fewest characters of a password.
pub const MIN: usize = 12;
/// Most characters of a password.
pub const MAX: usize = 200;

/// Words and runs that passwords are commonly made of.
const COMMON: [&str; 40] = [
    "abc",
    "abcd",
    "abcdef",
    "abcdefgh",
    "abcdefghijkl",
    "admin",
    "adminadmin",
    "administrator",
    "asdf",
    "asdfgh",
    "asdfghjkl",
    "baseball",
    "changeit",
    "changeme",
    "correcthorsebatterystaple",
    "default",
    "dragon",
    "football",
    "iloveyou",
    "incident",
    "letmein",
    "login",
    "master",
    "monkey",
    "pass",
    "passw",
    "passwd",
    "password",
    "passwort",
    "princess",
    "qazwsx",
    "qwer",
    "qwert",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "rideout",
    "secret",
    "sunshine",
    "welcome",
];

/// Refuses a password that is too short, too long, or among the first to be guessed.
///
/// # Errors
/// [`Error::Invalid`] for `field`, with what to do about it.
pub fn check(field: &str, password: &str, email: &str, name: &str) -> Result<(), Error> {
    let length = password.chars().count();
    if length < MIN {
        let message = match length {
            0 => format!("Choose a password of at least {MIN} characters."),
            1 => format!("This is 1 character; a password needs at least {MIN}."),
            _ => format!(
                "These are {length} characters; a password needs at least {MIN}. A few words will do."
            ),
        };
        return Err(Error::invalid(field, message));
    }
    if length > MAX {
        return Err(Error::invalid(
            field,
            format!("These are {length} characters; a password can have at most {MAX}."),
        ));
    }
    let typed = password.trim().to_lowercase();
    let own = [email, name, email.split('@').next().unwrap_or_default()];
    if own
        .iter()
        .any(|own| repeats(&typed, &own.trim().to_lowercase()))
    {
        return Err(Error::invalid(
            field,
            "This is your address or your name. Choose something nobody would try.",
        ));
    }
    if is_common(&typed) {
        return Err(Error::invalid(
            field,
            "This is one of the first passwords that attackers try. Three or four unrelated words are better.",
        ));
    }
    Ok(())
}

/// Whether the password is a common word, however often, with some digits or signs to it.
fn is_common(typed: &str) -> bool {
    let letters: String = typed.chars().filter(|c| c.is_alphabetic()).collect();
    let digits: Vec<u32> = typed.chars().filter_map(|c| c.to_digit(10)).collect();
    if letters.is_empty() {
        return runs(&digits);
    }
    let mut different: Vec<char> = typed.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < 4 || COMMON.iter().any(|word| repeats(&letters, word))
}

/// Whether digits repeat or count up or down, with at most one break (…8901…).
fn runs(digits: &[u32]) -> bool {
    let breaks = |step: u32| {
        digits
            .windows(2)
            .filter(|pair| (pair[0] + step) % 10 != pair[1])
            .count()
    };
    [0, 1, 9].into_iter().any(|step| breaks(step) <= 1)
}

/// Whether `text` is `word`, once or several times.
fn repeats(text: &str, word: &str) -> bool {
    !word.is_empty() && text.len().is_multiple_of(word.len()) && text.replace(word, "").is_empty()
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    fn refused(password: &str) -> Option<String> {
        match check("password", password, "priya@example.org", "Priya Nair") {
            Ok(()) => None,
            Err(error) => Some(error.to_string()),
        }
    }

    #[test]
    fn good_passwords_are_taken() {
        for good in [
            "eight of thirty-two",
            "Ein Satz mit Umlauten: äöü",
            "xK9#mQ2$vL5&",
            "1276592400 seconds",
            "密码密码密码甲乙丙丁戊己",
        ] {
            assert_eq!(refused(good), None, "{good}");
        }
    }

    #[test]
    fn short_long_own_and_common_ones_are_not() {
        assert!(refused("").unwrap().starts_with("Choose a password"));
        assert!(refused("x").unwrap().starts_with("This is 1 character;"));
        assert!(
            refused("elevenchars")
                .unwrap()
                .starts_with("These are 11 characters")
        );
        assert!(refused(&"ab c".repeat(51)).unwrap().contains("at most 200"));
        for own in ["priya@example.org", "PRIYA@EXAMPLE.ORG", "priyapriyapriya"] {
            assert!(
                refused(own).unwrap().contains("your address or your name"),
                "{own}"
            );
        }
        for common in [
            "password1234",
            "Password1234!",
            "passwordpassword",
            "123456789012",
            "098765432109",
            "111111111111",
            "qwertyuiop123",
            "administrator",
            "aaaaaaaaaaaa",
            "abababababab",
            "letmein-2026!",
            "Rideout 2026!",
            "correct horse battery staple",
        ] {
            assert!(
                refused(common).unwrap().contains("first passwords"),
                "{common}"
            );
        }
    }
}

//! What somebody new must bring: a name, an address that is free, a password.

use super::password;
use crate::Error;
use rideout_domain::text;

/// Name and address of a new person, cleaned; all that is wrong at once.
pub(crate) fn check(name: &str, email: &str, password: &str) -> Result<(String, String), Error> {
    let mut wrong = Vec::new();
    let mut note = |result: Result<String, Error>| match result {
        Ok(text) => text,
        Err(Error::Invalid(errors)) => {
            wrong.extend(errors);
            String::new()
        }
        Err(_) => String::new(),
    };
    let cleaned_name =
        note(text::line("The name", name, text::NAME_MAX).map_err(Error::text("name")));
    let cleaned_email = note(text::email(email).map_err(Error::text("email")));
    note(password::check("password", password, email, name).map(|()| String::new()));
    if wrong.is_empty() {
        Ok((cleaned_name, cleaned_email))
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// The address belongs to somebody.
pub(crate) fn email_taken() -> Error {
    Error::invalid(
        "email",
        "Somebody with this address has an account already.",
    )
}

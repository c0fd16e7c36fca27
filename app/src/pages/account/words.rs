//! Words that these pages share.

use crate::FormState;
use rideout_domain::Role;

/// The name of a role at the beginning of a line.
pub(super) const fn role_title(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Responder => "Responder",
        Role::Commander => "Commander",
        Role::Admin => "Admin",
    }
}

/// The form with a sentence for the whole that is true of passwords, too,
/// which are the one thing that is lost.
pub(super) fn with_passwords(form: FormState, sentence: &str) -> FormState {
    if form.is_refused() && form.error("").is_none() {
        form.refuse("", sentence)
    } else {
        form
    }
}

/// Which field to begin with: the first that is wrong, else the first.
pub(super) fn first_to_type(form: &FormState, fields: &[&'static str]) -> &'static str {
    let wrong = fields.iter().find(|field| form.error(field).is_some());
    wrong.or(fields.first()).copied().unwrap_or_default()
}

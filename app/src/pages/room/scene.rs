//! What a room shows that is not in its timeline.

use crate::FormState;
use rideout_domain::{Timestamp, UserId};

/// Somebody, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Name.
    pub name: String,
}

/// Somebody in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Joined, but their page has not answered for a while.
    pub away: bool,
}

/// A small form of the board that was refused, to be shown again as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which form: what its hidden field `form` says.
    pub key: String,
    /// What was typed and what is wrong with it.
    pub form: FormState,
}

/// The moment at which a room is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The time.
    pub now: Timestamp,
    /// Who is here.
    pub here: Vec<Present>,
    /// A small form that was refused.
    pub refused: Option<Refused>,
}

impl Scene {
    /// A moment at which nothing was refused.
    #[must_use]
    pub const fn new(now: Timestamp, here: Vec<Present>) -> Self {
        Self {
            now,
            here,
            refused: None,
        }
    }

    /// How many are here and not away.
    #[must_use]
    pub fn here_count(&self) -> usize {
        self.here.iter().filter(|p| !p.away).count()
    }

    /// What was typed into a small form, if it is the one that was refused.
    pub(super) fn form(&self, key: &str) -> Option<&FormState> {
        self.refused
            .as_ref()
            .filter(|r| r.key == key)
            .map(|r| &r.form)
    }
}

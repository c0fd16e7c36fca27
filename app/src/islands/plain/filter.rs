//! Which live entries a filtered timeline shows.

/// The filter of the page, as `#timeline` says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kinds, by comma; empty for all.
    pub kinds: String,
    /// The person; empty for everybody.
    pub person: String,
    /// Whether comings, goings and book-keeping are shown.
    pub system: bool,
    /// Whether the page shows an older part, where nothing new belongs.
    pub older: bool,
}

impl Filter {
    /// Whether an entry belongs into the list.
    #[must_use]
    pub fn admits(&self, kind: &str, author: &str) -> bool {
        !self.older
            && (self.kinds.is_empty() || self.kinds.split(',').any(|one| one == kind))
            && (self.person.is_empty() || self.person == author)
    }

    /// Whether an entry in the list is also seen, and worth a word.
    #[must_use]
    pub fn shows(&self, kind: &str) -> bool {
        self.system || !is_noise(kind)
    }
}

fn is_noise(kind: &str) -> bool {
    kind.parse::<rideout_domain::EntryKind>()
        .is_ok_and(rideout_domain::EntryKind::is_system_noise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_admits_what_it_names() {
        let all = Filter::default();
        assert!(all.admits("note", "a") && all.admits("joined", ""));
        assert!(all.shows("note") && !all.shows("joined"));
        assert!(
            Filter {
                system: true,
                ..Filter::default()
            }
            .shows("joined")
        );
        let some = Filter {
            kinds: "finding,evidence".into(),
            person: "a".into(),
            ..Filter::default()
        };
        assert!(some.admits("evidence", "a"));
        assert!(
            !some.admits("evidence", "b") && !some.admits("note", "a") && !some.admits("find", "a")
        );
        assert!(
            !Filter {
                older: true,
                ..Filter::default()
            }
            .admits("note", "a")
        );
    }
}

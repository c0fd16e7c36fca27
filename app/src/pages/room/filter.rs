//! Which entries of the timeline are shown.

use super::entry::PAGE;
use rideout_domain::{Entry, EntryKind, Room, UserId};
use std::sync::Arc;

/// Which entries are shown. By default everything but comings, goings and
/// book-keeping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only these kinds; empty means all.
    pub kinds: Vec<EntryKind>,
    /// Only entries by this person.
    pub person: Option<UserId>,
    /// Also comings, goings and book-keeping.
    pub system: bool,
    /// Only what stands before the entry of this sequence.
    pub before: Option<i64>,
}

/// A page of the timeline.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The entries, oldest first.
    pub entries: Vec<&'a Arc<Entry>>,
    /// The first entry shown, when there are earlier ones.
    pub earlier_than: Option<i64>,
    /// Whether there are later ones.
    pub later: bool,
}

impl Filter {
    /// Reads the filter of a query; what makes no sense is left out.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "kinds" => filter
                    .kinds
                    .extend(value.split(',').filter_map(|k| k.parse::<EntryKind>().ok())),
                "person" => filter.person = value.parse().ok(),
                "system" => filter.system = value == "1",
                "before" => filter.before = value.parse().ok(),
                _ => {}
            }
        }
        filter.kinds.sort_unstable();
        filter.kinds.dedup();
        filter
    }

    /// The query that leads here again, with its question mark; empty for the default.
    #[must_use]
    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        if !self.kinds.is_empty() {
            parts.push(format!("kinds={}", self.kind_words()));
        }
        parts.extend(self.person.map(|id| format!("person={id}")));
        if self.system {
            parts.push("system=1".to_owned());
        }
        parts.extend(self.before.map(|seq| format!("before={seq}")));
        if parts.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.join("&"))
        }
    }

    /// The kinds as a query carries them.
    #[must_use]
    pub fn kind_words(&self) -> String {
        self.kinds
            .iter()
            .map(|k| k.word())
            .collect::<Vec<_>>()
            .join(",")
    }

    /// Whether anything is left out that is usually shown.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        !self.kinds.is_empty() || self.person.is_some()
    }

    fn shows(&self, entry: &Entry) -> bool {
        let kind = entry.kind();
        if self
            .person
            .is_some_and(|person| entry.author != Some(person))
        {
            return false;
        }
        if self.kinds.is_empty() {
            self.system || !kind.is_system_noise()
        } else {
            self.kinds.contains(&kind)
        }
    }

    /// The page of the timeline that it asks for.
    #[must_use]
    pub fn page<'a>(&self, room: &'a Room) -> Page<'a> {
        let before = self
            .before
            .and_then(|seq| room.entries.iter().find(|e| e.seq == seq))
            .map(|e| (e.occurred_at, e.seq));
        let mut entries: Vec<&Arc<Entry>> = room.entries.iter().filter(|e| self.shows(e)).collect();
        entries.sort_by_key(|e| (e.occurred_at, e.seq));
        let end = before.map_or(entries.len(), |at| {
            entries.partition_point(|e| (e.occurred_at, e.seq) < at)
        });
        let later = end < entries.len();
        entries.truncate(end);
        let start = entries.len().saturating_sub(PAGE);
        let entries = entries.split_off(start);
        let earlier_than = if start > 0 {
            entries.first().map(|e| e.seq)
        } else {
            None
        };
        Page {
            entries,
            earlier_than,
            later,
        }
    }

    /// The address of the room, so filtered that an entry shows, and the entry in it.
    #[must_use]
    pub fn address_of(room: &Room, entry: &Entry) -> String {
        let base = format!("/incidents/{}", room.incident.id);
        let mut filter = Self {
            system: entry.kind().is_system_noise(),
            ..Self::default()
        };
        let order = |e: &Entry| (e.occurred_at, e.seq);
        let mut following: Vec<&Arc<Entry>> = room
            .entries
            .iter()
            .filter(|e| filter.shows(e) && order(e) > order(entry))
            .collect();
        if following.len() >= PAGE {
            following.sort_by_key(|e| order(e));
            // Half a page of what came after it.
            filter.before = following.get(PAGE / 2).map(|e| e.seq);
        }
        format!("{base}{}#e-{}", filter.query(), entry.seq)
    }
}

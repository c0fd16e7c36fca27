//! Where an entry stands among the others.

use rideout_domain::Timestamp;

/// The place of an entry: by the time it happened, then by sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it happened.
    at: Timestamp,
    /// Sequence; what waits to be sent comes after all that is recorded.
    seq: i64,
}

impl Place {
    /// The place that `data-at` and `data-seq` say.
    #[must_use]
    pub fn new(at: &str, seq: &str) -> Self {
        Self {
            at: at.parse().unwrap_or(Timestamp(i64::MAX)),
            seq: seq.parse().unwrap_or(i64::MAX),
        }
    }
}

/// Index before which a new entry goes in a list that is in order. Looks from
/// the end, where new entries belong.
#[must_use]
pub fn index(
    list: impl DoubleEndedIterator<Item = Place> + ExactSizeIterator,
    new: Place,
) -> usize {
    let mut index = list.len();
    for place in list.rev() {
        if place <= new {
            break;
        }
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_back_dated_entry_goes_between() {
        let list = [
            Place::new("2010-06-15T09:04:00Z", "1"),
            Place::new("2010-06-15T09:04:00.5Z", "3"),
            Place::new("2010-06-15T09:20:00Z", "2"),
        ];
        let at = |at: &str, seq: &str| index(list.into_iter(), Place::new(at, seq));
        assert_eq!(at("2010-06-15T09:10:00Z", "4"), 2);
        assert_eq!(at("2010-06-15T09:20:00Z", "4"), 3);
        assert_eq!(at("2010-06-15T09:04:00Z", "4"), 1);
        assert_eq!(at("2010-06-15T09:00:00Z", "4"), 0);
        assert_eq!(at("2010-06-15T09:04:00.1Z", ""), 1);
        assert_eq!(
            index(
                std::iter::empty::<Place>().collect::<Vec<_>>().into_iter(),
                list[0]
            ),
            0
        );
    }

    proptest! {
        #[test]
        fn inserting_keeps_the_order(times in proptest::collection::vec(0..50_i64, 0..30)) {
            let mut list: Vec<Place> = Vec::new();
            for (seq, at) in times.iter().enumerate() {
                let place = Place { at: Timestamp(*at), seq: i64::try_from(seq).unwrap() };
                list.insert(index(list.clone().into_iter(), place), place);
            }
            prop_assert!(list.is_sorted_by(|a, b| a <= b));
        }
    }
}

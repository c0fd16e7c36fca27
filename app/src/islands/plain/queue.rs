//! Entries that wait to be sent.
//!
//! They are kept in the browser's storage, in the order they were written, and
//! leave it only when the server has answered that they are on record or that
//! it will not take them. Each keeps its identifier, so that sending one twice
//! is sending it once, and the time it was written.

use super::table;

/// One entry that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The entry's identifier.
    pub id: String,
    /// What is sent: the entry as JSON.
    pub body: String,
    /// The composer's fields, to put them back if it is refused.
    pub form: Vec<(String, String)>,
    /// When it happened, RFC 3339.
    pub at: String,
    /// Attempts so far.
    pub tries: u32,
}

impl Waiting {
    fn row<'a>(&'a self, tries: &'a str) -> Vec<&'a str> {
        let mut row = vec![
            self.id.as_str(),
            tries,
            self.at.as_str(),
            self.body.as_str(),
        ];
        row.extend(
            self.form
                .iter()
                .flat_map(|(name, value)| [name.as_str(), value.as_str()]),
        );
        row
    }

    fn from_row(row: Vec<String>) -> Option<Self> {
        let mut row = row.into_iter();
        let (id, tries, at, body) = (row.next()?, row.next()?, row.next()?, row.next()?);
        let mut form = Vec::new();
        while let (Some(name), Some(value)) = (row.next(), row.next()) {
            form.push((name, value));
        }
        Some(Self {
            id,
            body,
            form,
            at,
            tries: tries.parse().ok()?,
        })
    }
}

/// What the server said to an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is on record.
    Recorded,
    /// It will never be taken as it is.
    Refused,
    /// Nobody is signed in any more: everything waits.
    SignedOut,
    /// Not now, or no answer at all; perhaps in so many seconds.
    Later(Option<u32>),
}

/// What an HTTP status means for an entry that was tried so many times before.
/// `code` is the word of the problem.
#[must_use]
pub fn judge(status: u16, code: &str, tries: u32, retry_after: Option<u32>) -> Answer {
    match status {
        200..=299 => Answer::Recorded,
        // Our own identifier is taken: an earlier attempt arrived, its answer did not.
        409 if code == "id_taken" && tries > 0 => Answer::Recorded,
        401 => Answer::SignedOut,
        408 | 421 | 425 | 429 | 500.. | ..=199 => Answer::Later(retry_after),
        _ => Answer::Refused,
    }
}

/// Everything that waits, first written first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue(Vec<Waiting>);

impl Queue {
    /// Reads what [`Queue::store`] wrote. What cannot be read is no queue.
    #[must_use]
    pub fn load(stored: Option<&str>) -> Self {
        Self(
            table::unpack(stored.unwrap_or_default())
                .into_iter()
                .filter_map(Waiting::from_row)
                .collect(),
        )
    }

    /// As text, for the browser's storage; none when nothing waits.
    #[must_use]
    pub fn store(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let tries: Vec<String> = self.0.iter().map(|one| one.tries.to_string()).collect();
        Some(table::pack(
            self.0.iter().zip(&tries).map(|(one, tries)| one.row(tries)),
        ))
    }

    /// Adds an entry at the end, unless it waits already.
    pub fn push(&mut self, entry: Waiting) {
        if !self.0.iter().any(|one| one.id == entry.id) {
            self.0.push(entry);
        }
    }

    /// The entry to send next.
    #[must_use]
    pub fn first(&self) -> Option<&Waiting> {
        self.0.first()
    }

    /// Everything that waits.
    #[must_use]
    pub fn all(&self) -> &[Waiting] {
        &self.0
    }

    /// Counts an attempt.
    pub fn tried(&mut self, id: &str) {
        if let Some(entry) = self.0.iter_mut().find(|one| one.id == id) {
            entry.tries = entry.tries.saturating_add(1);
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, id: &str) -> Option<Waiting> {
        let at = self.0.iter().position(|one| one.id == id)?;
        Some(self.0.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waiting(id: &str) -> Waiting {
        Waiting {
            id: id.into(),
            body: format!("{{\"id\":\"{id}\"}}"),
            form: vec![("text".into(), "</script>\"\n".into())],
            at: "2010-06-15T09:00:00.000Z".into(),
            tries: 0,
        }
    }

    #[test]
    fn entries_leave_in_the_order_they_came() {
        let mut queue = Queue::default();
        for id in ["a", "b", "a", "c"] {
            queue.push(waiting(id));
        }
        let mut order = Vec::new();
        while let Some(first) = queue.first().map(|one| one.id.clone()) {
            order.push(first.clone());
            queue.remove(&first);
        }
        assert_eq!(order, ["a", "b", "c"]);
        assert_eq!(queue.store(), None);
        assert_eq!(queue.remove("a"), None);
    }

    #[test]
    fn a_reload_loses_nothing() {
        let mut queue = Queue::default();
        queue.push(waiting("a"));
        queue.push(waiting("b"));
        queue.tried("b");
        let again = Queue::load(queue.store().as_deref());
        assert_eq!(again, queue);
        assert_eq!(again.all()[1].tries, 1);
        for broken in [
            None,
            Some(""),
            Some("{}"),
            Some("[{\"id\":1}]"),
            Some("a\tb\tc\td"),
        ] {
            assert_eq!(Queue::load(broken), Queue::default());
        }
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(judge(201, "", 0, None), Answer::Recorded);
        assert_eq!(judge(200, "", 3, None), Answer::Recorded);
        assert_eq!(judge(409, "id_taken", 1, None), Answer::Recorded);
        assert_eq!(judge(409, "id_taken", 0, None), Answer::Refused);
        assert_eq!(judge(409, "already_so", 1, None), Answer::Refused);
        assert_eq!(judge(422, "invalid", 0, None), Answer::Refused);
        assert_eq!(judge(401, "sign_in_needed", 0, None), Answer::SignedOut);
        for status in [0, 408, 429, 500, 502, 503, 504] {
            assert_eq!(
                judge(status, "", 0, Some(2)),
                Answer::Later(Some(2)),
                "{status}"
            );
        }
    }

    /// A server that loses answers, refuses some, and is away now and then.
    #[derive(Default)]
    struct Server {
        recorded: Vec<String>,
    }

    impl Server {
        fn send(&mut self, id: &str, luck: u8) -> u16 {
            if luck.is_multiple_of(4) {
                return 0;
            }
            if luck % 4 == 1 {
                return 503;
            }
            if !self.recorded.iter().any(|one| one == id) {
                self.recorded.push(id.to_owned());
            }
            // The answer is lost on its way.
            if luck % 4 == 2 { 0 } else { 201 }
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_each_arrives_once_and_in_order(
            count in 1..12_usize,
            luck in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let ids: Vec<String> = (0..count).map(|n| n.to_string()).collect();
            let mut queue = Queue::default();
            ids.iter().for_each(|id| queue.push(waiting(id)));
            let mut server = Server::default();
            let mut luck = luck.into_iter().chain(std::iter::repeat(3));
            while let Some(first) = queue.first().cloned() {
                let status = server.send(&first.id, luck.next().unwrap());
                queue = Queue::load(queue.store().as_deref());
                match judge(status, "", first.tries, None) {
                    Answer::Recorded => { queue.remove(&first.id); }
                    _ => queue.tried(&first.id),
                }
            }
            prop_assert_eq!(server.recorded, ids);
        }
    }
}

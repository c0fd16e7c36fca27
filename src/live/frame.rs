//! The bytes on the wire: server-sent events, encoded once for all viewers.

use bytes::Bytes;
use std::{fmt::Write as _, sync::Arc};

/// Something handed to every stream of a channel.
#[derive(Debug, Clone)]
pub(super) enum Frame {
    /// Entries in order of sequence.
    Entries(Entries),
    /// An event without a sequence.
    Other(Bytes),
    /// Look whether you may go on; nothing to send.
    Wake,
    /// The last words.
    End(Bytes),
}

/// Events of one or more entries, in one piece.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    bytes: Bytes,
    /// Sequence of each entry and where its event begins.
    marks: Arc<[(i64, usize)]>,
}

impl Entries {
    pub(super) fn new(events: &[(i64, Bytes)]) -> Self {
        let mut bytes = Vec::with_capacity(events.iter().map(|(_, event)| event.len()).sum());
        let mut marks = Vec::with_capacity(events.len());
        for (seq, event) in events {
            marks.push((*seq, bytes.len()));
            bytes.extend_from_slice(event);
        }
        Self {
            bytes: bytes.into(),
            marks: marks.into(),
        }
    }

    /// The events after a sequence, and the last sequence among them; none when
    /// there are none.
    pub(super) fn after(&self, seq: i64) -> Option<(i64, Bytes)> {
        let (last, _) = *self.marks.last()?;
        let first = self.marks.partition_point(|(s, _)| *s <= seq);
        let (_, start) = self.marks.get(first)?;
        Some((last, self.bytes.slice(*start..)))
    }
}

/// One event. `data` is JSON, which holds no line end.
pub(super) fn event(name: &str, seq: Option<i64>, data: &str) -> Bytes {
    let mut text = String::with_capacity(data.len() + 48);
    if let Some(seq) = seq {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "id: {seq}");
    }
    let _ = write!(text, "event: {name}\ndata: {data}\n\n");
    text.into()
}

/// Tells a page to load again what it shows.
pub(super) const RESYNC: Bytes = Bytes::from_static(b"event: resync\ndata: {}\n\n");
/// Keeps proxies from closing a silent connection.
pub(super) const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");
/// The same for pages, which cannot see a comment and want to know that the
/// connection is not dead.
pub(super) const ALIVE: Bytes = Bytes::from_static(b":\nevent: alive\ndata: {}\n\n");
/// The last words of a server that stops.
pub(super) const GOOD_BYE: Bytes =
    Bytes::from_static(b": Rideout stops; come back in a moment\n\n");

/// The first bytes of a stream: when to come back after a break, spread so that
/// ten thousand browsers do not come back at once.
pub(super) fn welcome(viewer: u64) -> Bytes {
    let spread = viewer.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    format!("retry: {}\n\n", 1_000 + ((spread * 2_000) >> 32)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_gets_what_comes_after_its_sequence() {
        let events: Vec<(i64, Bytes)> =
            (4..7).map(|n| (n, event("entry", Some(n), "{}"))).collect();
        let entries = Entries::new(&events);
        let text = |seq: i64| {
            entries
                .after(seq)
                .map(|(last, b)| (last, String::from_utf8(b.to_vec()).unwrap()))
        };
        assert_eq!(text(6), None);
        assert_eq!(
            text(5),
            Some((6, "id: 6\nevent: entry\ndata: {}\n\n".to_owned()))
        );
        assert_eq!(text(0).unwrap().1.matches("event: entry").count(), 3);
        assert_eq!(Entries::new(&[]).after(0), None);
    }

    #[test]
    fn come_back_times_are_spread() {
        let waits: std::collections::HashSet<Bytes> = (0..100).map(welcome).collect();
        assert!(waits.len() > 90);
        for wait in waits {
            let text = String::from_utf8(wait.to_vec()).unwrap();
            let ms: u64 = text
                .trim()
                .strip_prefix("retry: ")
                .unwrap()
                .parse()
                .unwrap();
            assert!((1_000..3_000).contains(&ms));
        }
    }
}

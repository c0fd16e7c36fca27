//! What stood in an entry before.

use crate::web::{Page, PageError, Path, SignedIn, Web};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_app::{
    Nav,
    pages::entry_history::{Change, Shown, entry_history},
};
use rideout_domain::{Entry, EntryId, IncidentId, Room, Timestamp};
use rideout_service::timeline::Revision;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// The time that all comparisons of one page may take together. What differs
/// everywhere would take seconds each; then it is shown as replaced in larger pieces.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) async fn history(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path((incident, entry)): Path<(IncidentId, EntryId)>,
) -> Result<Response, PageError> {
    let (entry, revisions) = web.service.entry_history(&actor, incident, entry).await?;
    let snapshot = web.service.room(&actor, incident).await?;
    let shown = compared(&snapshot.room, &entry, revisions);
    Ok(page.html(
        StatusCode::OK,
        Nav::Incidents,
        "History of an entry",
        || entry_history(&snapshot.room, &entry, &shown),
    ))
}

/// Every revision compared with the one before it, newest first.
fn compared(room: &Room, entry: &Entry, mut replaced: Vec<Revision>) -> Vec<Shown> {
    replaced.sort_by_key(|r| r.revision);
    // A revision's row says what replaced it; the page says what it was replaced by.
    let texts: Vec<(&str, Timestamp)> = replaced
        .iter()
        .map(|r| (r.text.as_str(), r.occurred_at))
        .chain([(entry.text.as_str(), entry.occurred_at)])
        .collect();
    let patience = PATIENCE / u32::try_from(texts.len()).unwrap_or(u32::MAX).max(1);
    let mut shown: Vec<Shown> = texts
        .iter()
        .enumerate()
        .map(|(i, (text, at))| {
            let before = i
                .checked_sub(1)
                .and_then(|i| Some((texts.get(i)?, replaced.get(i)?)));
            let revision = i64::try_from(i + 1).unwrap_or(i64::MAX);
            match before {
                None => Shown {
                    revision,
                    words: vec![(Change::Kept, (*text).to_owned())],
                    occurred_at: None,
                    written_at: entry.recorded_at,
                    written_by: room.author(entry).to_owned(),
                    reason: String::new(),
                },
                Some(((old, was_at), change)) => Shown {
                    revision,
                    words: words(old, text, patience),
                    occurred_at: (was_at != at).then_some(*at),
                    written_at: change.replaced_at,
                    written_by: change.replaced_by.clone(),
                    reason: change.reason.clone(),
                },
            }
        })
        .collect();
    shown.reverse();
    shown
}

/// The words of both texts, neighbours with the same fate together.
fn words(old: &str, new: &str, patience: Duration) -> Vec<(Change, String)> {
    let diff = TextDiff::configure().timeout(patience).diff_words(old, new);
    let mut words: Vec<(Change, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        let fate = match change.tag() {
            ChangeTag::Equal => Change::Kept,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match words.last_mut() {
            Some((last, text)) if *last == fate => text.push_str(change.value()),
            _ => words.push((fate, change.value().to_owned())),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_changed_are_told_apart() {
        let changed = words(
            "three of four tries fail",
            "three of five tries fail now",
            PATIENCE,
        );
        let of = |fate: Change| -> String {
            changed
                .iter()
                .filter(|(f, _)| *f == fate)
                .map(|(_, t)| t.as_str())
                .collect()
        };
        assert_eq!(of(Change::Removed), "four");
        assert_eq!(
            of(Change::Added).split_whitespace().collect::<Vec<_>>(),
            ["five", "now"]
        );
        assert_eq!(words("", "", PATIENCE), Vec::new());
    }

    #[test]
    fn texts_without_a_word_in_common_order_do_not_stall_the_page() {
        let text = |step: usize| -> String {
            (0..9_999)
                .map(|n| format!("{} ", n * step % 17))
                .collect::<String>()
        };
        let (old, new) = (text(5), text(11));
        let changed = words(&old, &new, Duration::from_millis(1));
        let of = |gone: Change| -> String {
            changed
                .iter()
                .filter(|(fate, _)| *fate != gone)
                .map(|(_, words)| words.as_str())
                .collect()
        };
        // However coarse, it tells both texts.
        assert_eq!((of(Change::Added), of(Change::Removed)), (old, new));
    }
}

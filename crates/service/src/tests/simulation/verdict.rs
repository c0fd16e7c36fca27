//! What must hold, whatever happened.

use super::{SeenPage, carrier, told::Told};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that does not hold, in sentences.
pub(super) fn judge(told: &Told) -> Vec<String> {
    let mut wrong = Vec::new();
    nothing_is_left(told, &mut wrong);
    nobody_due_is_left_unpaged(told, &mut wrong);
    nobody_is_paged_twice(told, &mut wrong);
    nothing_leaves_after_an_acknowledgement(told, &mut wrong);
    no_escalation_stops_in_silence(told, &mut wrong);
    wrong
}

fn nothing_is_left(told: &Told, wrong: &mut Vec<String>) {
    wrong.extend(told.left.clone());
    wrong.extend(told.put_off.iter().take(3).cloned());
    for message in &told.seen.messages {
        if matches!(message.state.as_str(), "pending" | "sending") {
            wrong.push(format!(
                "message {:x} is still {}",
                message.id, message.state
            ));
        }
    }
}

/// Every level that an escalation came to has a page for each of its people, and
/// a page that waits for its person has reached one of their routes.
fn nobody_due_is_left_unpaged(told: &Told, wrong: &mut Vec<String>) {
    for one in &told.seen.escalations {
        let (levels, _) = &told.policies[one.incident];
        let last = levels.len() as i64;
        let mut steps = BTreeSet::new();
        for round in 0..=one.round {
            let until = if round == one.round { one.level } else { last };
            steps.extend((1..=until).map(|level| (round, level)));
        }
        let mut expected: BTreeSet<(i64, i64, usize)> = steps
            .into_iter()
            .flat_map(|(round, level)| {
                let at = usize::try_from(level - 1).expect("from 1");
                levels[at].1.iter().map(move |who| (round, level, *who))
            })
            .collect();
        let pages = told
            .seen
            .pages
            .iter()
            .filter(|page| page.escalation == Some(one.id));
        let pages: BTreeSet<(i64, i64, usize)> = pages
            .map(|page| (page.round, page.level.expect("of a level"), page.user))
            .collect();
        let in_charge = (one.round, one.level + 1);
        let exhausted = pages
            .iter()
            .any(|(round, level, _)| (*round, *level) == in_charge);
        if one.state == "exhausted" || exhausted {
            expected.extend(
                told.in_charge
                    .iter()
                    .map(|who| (in_charge.0, in_charge.1, *who)),
            );
        }
        if pages != expected {
            wrong.push(format!(
                "incident {}: the pages are {pages:?}, not {expected:?}",
                one.incident
            ));
        }
    }
    let delivered: BTreeSet<u128> = told.deliveries.iter().map(|d| d.message).collect();
    let messages = told.seen.messages.iter();
    let arrived = messages.filter(|one| delivered.contains(&carrier(one.id, one.bundled_into)));
    let reached: BTreeSet<u128> = arrived.filter_map(|one| one.page).collect();
    for page in &told.seen.pages {
        if page.state == "open" && !reached.contains(&page.id) {
            wrong.push(format!(
                "page {:x} waits for somebody whom nothing reached",
                page.id
            ));
        }
    }
}

/// A message arrives again only when its sender could not know that it had, and
/// a page comes through one route in one message.
fn nobody_is_paged_twice(told: &Told, wrong: &mut Vec<String>) {
    let mut before: BTreeMap<u128, bool> = BTreeMap::new();
    for delivery in &told.deliveries {
        if before.insert(delivery.message, delivery.may_repeat) == Some(false) {
            wrong.push(format!(
                "message {:x} arrives again at {} although its sender knew",
                delivery.message, delivery.at
            ));
        }
    }
    for message in &told.seen.messages {
        if let (Some(page), Some(bundle)) = (message.page, message.bundled_into) {
            let alone = before.contains_key(&message.id);
            if alone && before.contains_key(&bundle) {
                wrong.push(format!("page {page:x} came alone and in a bundle"));
            }
        }
    }
    // What was tried is known by what was sent, and not only by what is kept.
    let mut ways: BTreeMap<(u128, usize), u128> = BTreeMap::new();
    for (at, id, route, pages) in &told.sendings {
        for page in pages {
            let first = *ways.entry((*page, *route)).or_insert(*id);
            if first != *id {
                wrong.push(format!(
                    "page {page:x} leaves at {at} by route {route} again, as another message"
                ));
            }
        }
    }
    let mut steps = BTreeSet::new();
    for page in &told.seen.pages {
        if !steps.insert((page.escalation, page.round, page.level, page.user)) {
            wrong.push(format!(
                "page {:x} calls somebody for a step twice",
                page.id
            ));
        }
    }
}

/// A sending does not begin once somebody's coming, or the end of the incident, is
/// durable: whoever comes, comes for everybody whom the escalation calls. Of a
/// bundle one page that waits is enough.
fn nothing_leaves_after_an_acknowledgement(told: &Told, wrong: &mut Vec<String>) {
    let of = |page: &SeenPage| page.escalation.expect("escalations page");
    let mut came: BTreeMap<u128, i64> = BTreeMap::new();
    for page in &told.seen.pages {
        if let Some(at) = told.acknowledged.get(&page.id) {
            let first = came.entry(of(page)).or_insert(*at);
            *first = (*first).min(*at);
        }
    }
    for one in &told.seen.escalations {
        if let Some(at) = told.ended.get(&one.incident) {
            let first = came.entry(one.id).or_insert(*at);
            *first = (*first).min(*at);
        }
    }
    // Whoever comes and then has the next level called begins it again.
    let onward = told
        .seen
        .pages
        .iter()
        .filter(|page| told.onward.contains(&page.id));
    let again: BTreeSet<u128> = onward.map(of).collect();
    let ended = |page: &SeenPage| match again.contains(&of(page)) {
        true => told.acknowledged.get(&page.id),
        false => came.get(&of(page)),
    };
    let pages = told.seen.pages.iter();
    let over: BTreeMap<u128, i64> = pages
        .filter_map(|page| Some((page.id, *ended(page)?)))
        .collect();
    for (at, message, _, pages) in &told.sendings {
        let needless = |page: &u128| over.get(page).is_some_and(|when| when < at);
        if !pages.is_empty() && pages.iter().all(needless) {
            wrong.push(format!(
                "message {message:x} leaves at {at}, after everybody came"
            ));
        }
    }
}

fn no_escalation_stops_in_silence(told: &Told, wrong: &mut Vec<String>) {
    for one in &told.seen.escalations {
        let incident = one.incident;
        if (one.state == "running") != one.next_at.is_some() {
            wrong.push(format!(
                "incident {incident} is {} with {:?}",
                one.state, one.next_at
            ));
        }
        let because = match one.state.as_str() {
            "acknowledged" => told
                .seen
                .pages
                .iter()
                .any(|page| page.escalation == Some(one.id) && page.state == "acknowledged"),
            "ended" => told.ended.contains_key(&incident),
            "exhausted" => true,
            _ => false,
        };
        let said = match (one.state.as_str(), one.last_told.as_deref()) {
            // The model has no timeline.
            (_, None) => true,
            ("exhausted", Some(last)) => last == "exhausted",
            (_, Some(last)) => last == "ended",
        };
        if !because || !said {
            wrong.push(format!(
                "incident {incident} stopped in silence: {} ({:?})",
                one.state, one.last_told
            ));
        }
    }
}

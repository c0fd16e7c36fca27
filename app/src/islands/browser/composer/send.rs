//! Sending entries: shown at once, kept until the server has answered, once
//! and in order.

use super::{
    super::{
        super::plain::{
            delay, json,
            queue::{self, Answer, Queue, Waiting},
            uuid7,
        },
        dom::{
            after, class, element as make, flag, me, now, on, random, says, set, storage, window,
        },
        net, ticks, timeline,
    },
    draft, form, sentence,
};
use crate::{FormState, entry_form};
use rideout_domain::{EntryKind, NewEntry};
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event};

thread_local! {
    static INCIDENT: RefCell<String> = const { RefCell::new(String::new()) };
    /// Where the browser's storage is forbidden, the queue lives with the page.
    static HERE: RefCell<Queue> = RefCell::default();
    static SENDING: Cell<bool> = const { Cell::new(false) };
    static TRIES: Cell<u32> = const { Cell::new(0) };
}

pub(super) fn start(incident: &str) {
    INCIDENT.set(incident.to_owned());
    for entry in load().all() {
        show(entry);
    }
    super::super::room::waiting_changed();
    on(&window(), "online", |_: Event| flush());
    flush();
}

/// A new identifier for an entry.
pub(super) fn new_id() -> String {
    let mut random = [0; 10];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut random);
    }
    uuid7::make(now(), random)
}

fn key() -> String {
    INCIDENT.with_borrow(|incident| format!("rideout.queue.{incident}"))
}

fn load() -> Queue {
    match storage() {
        Some(kept) => Queue::load(kept.get_item(&key()).ok().flatten().as_deref()),
        None => HERE.with_borrow(Clone::clone),
    }
}

/// Changes the queue as it is now: another tab may have changed it too.
fn change(act: impl FnOnce(&mut Queue)) {
    let mut queue = load();
    act(&mut queue);
    if let Some(kept) = storage() {
        let _ = match queue.store() {
            Some(text) => kept.set_item(&key(), &text),
            None => kept.remove_item(&key()),
        };
    }
    HERE.set(queue);
    super::super::room::waiting_changed();
}

/// How many entries wait.
pub(crate) fn waiting() -> usize {
    if INCIDENT.with_borrow(String::is_empty) {
        0
    } else {
        load().all().len()
    }
}

/// Takes an entry to be sent.
pub(super) fn add(mut entry: NewEntry, typed: &FormState) {
    let at = super::super::dom::rfc3339(now());
    // The time it happened is now, whenever it arrives.
    if entry.occurred_at.is_none() {
        entry.occurred_at = at.parse().ok();
    }
    let Some(body) = json::of(&entry) else {
        return;
    };
    let form = typed
        .values
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let waiting = Waiting {
        id: entry.id.to_string(),
        body,
        form,
        at,
        tries: 0,
    };
    show(&waiting);
    look_at_it();
    change(|queue| queue.push(waiting));
    flush();
}

/// An entry has come back as recorded.
pub(crate) fn recorded(id: &str) {
    if waiting() > 0 && load().all().iter().any(|one| one.id == id) {
        change(|queue| {
            queue.remove(id);
        });
    }
}

/// Sends what waits, one after the other.
pub(crate) fn flush() {
    if SENDING.get() || waiting() == 0 {
        return;
    }
    SENDING.set(true);
    spawn_local(async {
        while let Some(entry) = load().first().cloned() {
            if !attempt(&entry).await {
                break;
            }
        }
        SENDING.set(false);
    });
}

/// Sends one entry. Says whether the next one may follow.
async fn attempt(entry: &Waiting) -> bool {
    let incident = INCIDENT.with_borrow(Clone::clone);
    let address = format!("/api/v1/incidents/{incident}/entries");
    let answer = net::send(&address, &entry.body.as_str().into(), "application/json").await;
    let code = super::super::dom::text_of(&answer.json(), "code").unwrap_or_default();
    match queue::judge(answer.status, &code, entry.tries, answer.retry_after) {
        Answer::Recorded => {
            TRIES.set(0);
            change(|queue| {
                queue.remove(&entry.id);
            });
            settled(entry.id.clone());
            true
        }
        Answer::Refused => {
            change(|queue| {
                queue.remove(&entry.id);
            });
            give_back(entry, &answer);
            true
        }
        Answer::SignedOut => {
            note(&entry.id, "waits until you are signed in again");
            false
        }
        Answer::Later(seconds) => {
            change(|queue| queue.tried(&entry.id));
            note(&entry.id, "waiting to be sent");
            let tries = TRIES.get() + 1;
            TRIES.set(tries);
            let asked = i32::try_from(seconds.unwrap_or(0).min(60)).unwrap_or(0) * 1_000;
            after(delay::before(tries, random()).max(asked), flush);
            false
        }
    }
}

/// It is on record. It comes back by itself where the page is live.
fn settled(id: String) {
    let wait = if super::super::room::is_live() {
        3_000
    } else {
        0
    };
    after(wait, move || {
        let Some(item) = timeline::list().and_then(|list| timeline::find(&list, &id)) else {
            return;
        };
        if item.class_list().contains("waiting") {
            // Nothing came: the filter leaves it out, or the connection is away.
            item.remove();
            super::super::room::refresh();
        }
    });
}

/// It was refused: what was written goes back into the form, with the reason.
fn give_back(entry: &Waiting, answer: &net::Answer) {
    let mut state = FormState::from_pairs(entry.form.iter().cloned());
    let kind: Option<EntryKind> = state.value("kind").parse().ok();
    let (errors, detail) = net::errors(answer);
    for (field, message) in &errors {
        let field = kind.map_or_else(|| field.clone(), |kind| entry_form::field_of(kind, field));
        state = state.refuse(&field, sentence(message));
    }
    if errors.is_empty() {
        state = state.refuse(
            "",
            if detail.is_empty() {
                "This was not taken.".to_owned()
            } else {
                detail
            },
        );
    }
    let Some(composer) = super::element() else {
        return;
    };
    let busy = !form::value(&composer, "text").trim().is_empty();
    if busy {
        refused(entry.clone(), state);
    } else {
        hide(&entry.id);
        put_back(&state);
    }
}

fn put_back(state: &FormState) {
    let Some(composer) = super::element() else {
        return;
    };
    form::write(&composer, state);
    draft::keep(&composer);
    form::refuse(&composer, state);
}

/// Something else is being written already: it stays in the list until asked for.
fn refused(entry: Waiting, state: FormState) {
    let Some(item) = timeline::list().and_then(|list| timeline::find(&list, &entry.id)) else {
        return;
    };
    class(&item, "refused", true);
    note(
        &entry.id,
        state
            .errors
            .iter()
            .next()
            .map_or("was not taken", |(_, message)| message),
    );
    let Some(button) = make("button", "button small") else {
        return;
    };
    set(&button, "type", "button");
    says(&button, "Put it back into the form");
    let _ = item.append_child(&button);
    on(&button, "click", move |_: Event| {
        hide(&entry.id);
        put_back(&state);
    });
}

fn hide(id: &str) {
    if let Some(item) = timeline::list().and_then(|list| timeline::find(&list, id)) {
        item.remove();
    }
}

fn note(id: &str, words: &str) {
    let item = timeline::list().and_then(|list| timeline::find(&list, id));
    if let Some(note) = item.and_then(|item| super::super::dom::first::<Element>(&item, ".note")) {
        says(&note, words);
    }
}

/// Shows an entry that waits, as well as the browser can without the server.
fn show(entry: &Waiting) {
    let Some(list) = timeline::list() else { return };
    if timeline::find(&list, &entry.id).is_some() {
        return;
    }
    let state = FormState::from_pairs(entry.form.iter().cloned());
    let kind: EntryKind = state.value("kind").parse().unwrap_or(EntryKind::Note);
    let at = super::super::dom::millis(&entry.at).unwrap_or_else(now);
    let Some(item) = make("li", "entry waiting") else {
        return;
    };
    set(&item, "data-entry", &entry.id);
    set(&item, "data-kind", kind.word());
    set(&item, "data-author", &me());
    set(&item, "data-at", &entry.at);
    flag(&item, "data-mine", true);
    let parts = [
        ("span", "at", ticks::local_clock(at)),
        ("span", "mark", String::new()),
        ("div", "what", String::new()),
    ];
    for (tag, name, text) in parts {
        let Some(part) = make(tag, name) else { return };
        says(&part, &text);
        let _ = item.append_child(&part);
    }
    let Some(what) = item.last_element_child() else {
        return;
    };
    let (Some(head), Some(prose)) = (make("p", "head"), make("div", "prose")) else {
        return;
    };
    let _ = what.append_child(&head);
    let _ = what.append_child(&prose);
    let chip = if kind == EntryKind::Note {
        String::new()
    } else {
        kind.title().to_ascii_lowercase()
    };
    for (tag, name, text) in [
        ("b", "who", "You"),
        ("span", "chip", chip.as_str()),
        ("span", "note", "being sent"),
    ] {
        if !text.is_empty()
            && let Some(part) = make(tag, name)
        {
            says(&part, text);
            let _ = head.append_child(&part);
            let _ = head.append_with_str_1(" ");
        }
    }
    if let Some(part) = make("p", "") {
        says(&part, &state.value("text"));
        let _ = prose.append_child(&part);
    }
    timeline::insert(&list, &item);
}

/// One's own words are what one wants to see.
fn look_at_it() {
    let around = timeline::list().and_then(|list| list.closest(".timeline-box").ok()?);
    if let Some(around) = around {
        around.set_scroll_top(0);
    }
}

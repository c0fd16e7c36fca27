//! The list of entries.

use super::{
    super::plain::{
        filter::Filter,
        order::{self, Place},
    },
    dom::{all, attr, by_id, class, first, flag, me, parse, set},
    morph, ticks,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What became of an entry that arrived.
pub(crate) enum Arrived {
    /// It stands in the list now.
    New(Element),
    /// It took the place of one that waited to be sent.
    Sent(Element),
    /// It was there already, or the filter leaves it out.
    Nothing,
}

pub(crate) fn list() -> Option<Element> {
    by_id("timeline")
}

pub(crate) fn filter(list: &Element) -> Filter {
    Filter {
        kinds: attr(list, "data-kinds"),
        person: attr(list, "data-person"),
        system: attr(list, "data-system") == "1",
        older: !attr(list, "data-before").is_empty(),
    }
}

pub(crate) fn items(list: &Element) -> Vec<Element> {
    let children = list.children();
    (0..children.length())
        .filter_map(|n| children.item(n))
        .collect()
}

fn place(item: &Element) -> Place {
    Place::new(&attr(item, "data-at"), &attr(item, "data-seq"))
}

/// The item of an entry.
pub(crate) fn find(list: &Element, entry: &str) -> Option<Element> {
    let plain = entry.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if plain {
        first(list, &format!("[data-entry=\"{entry}\"]"))
    } else {
        None
    }
}

/// Puts an entry where it belongs.
pub(crate) fn put(list: &Element, html: &str) -> Arrived {
    let Some(item) = parse(html) else {
        return Arrived::Nothing;
    };
    let waited = find(list, &attr(&item, "data-entry"));
    match &waited {
        Some(there) if !there.class_list().contains("waiting") => return Arrived::Nothing,
        Some(there) => there.remove(),
        None => {}
    }
    let author = attr(&item, "data-author");
    if !filter(list).admits(&attr(&item, "data-kind"), &author) {
        return Arrived::Nothing;
    }
    mark(&item, &author);
    insert(list, &item);
    if waited.is_some() {
        Arrived::Sent(item)
    } else {
        Arrived::New(item)
    }
}

fn mark(item: &Element, author: &str) {
    flag(item, "data-mine", !author.is_empty() && author == me());
    ticks::localise(item);
}

/// Inserts an item by time and sequence.
pub(crate) fn insert(list: &Element, item: &Element) {
    let items = items(list);
    let at = order::index(items.iter().map(place), place(item));
    let _ = list.insert_before(item, items.get(at).map(AsRef::as_ref));
    // The sentence that says the list is empty.
    if let Some(around) = list.parent_element() {
        all::<Element>(&around, ":scope > .empty-line")
            .iter()
            .for_each(Element::remove);
    }
}

/// Shows an entry as it is after a change.
pub(crate) fn replace(list: &Element, entry: &str, html: &str) {
    let (Some(old), Some(new)) = (find(list, entry), parse(html)) else {
        return;
    };
    mark(&new, &attr(&new, "data-author"));
    let moved = attr(&old, "data-at") != attr(&new, "data-at");
    morph::morph(&old, &new);
    if moved && let Some(item) = find(list, entry) {
        item.remove();
        insert(list, &item);
    }
}

/// Brings the list up to what the server shows now.
pub(crate) fn catch_up(list: &Element, html: &str) -> Vec<Element> {
    let mut new = Vec::new();
    for item in super::dom::parse_all(html) {
        let entry = attr(&item, "data-entry");
        match find(list, &entry) {
            Some(there) if !there.class_list().contains("waiting") => {
                replace(list, &entry, &item.outer_html());
            }
            _ => {
                if let Arrived::New(item) | Arrived::Sent(item) = put(list, &item.outer_html()) {
                    new.push(item);
                }
            }
        }
    }
    new
}

/// The scrolling box around the list, if it scrolls by itself.
fn scroller(list: &Element) -> Option<HtmlElement> {
    let around = list.closest(".timeline-box").ok()??;
    let around: HtmlElement = around.dyn_into().ok()?;
    (around.scroll_height() > around.client_height() + 4).then_some(around)
}

/// Whether the newest entries are in view.
pub(crate) fn at_end(list: &Element) -> bool {
    match scroller(list) {
        // The box is filled from its end: there its position is zero.
        Some(around) => {
            around.scroll_top().abs() < 80
                || around.scroll_height() - around.client_height() - around.scroll_top() < 80
                    && around.scroll_top() > 0
        }
        None => {
            let height = super::dom::window()
                .inner_height()
                .ok()
                .and_then(|h| h.as_f64())
                .unwrap_or(0.0);
            list.get_bounding_client_rect().bottom() < height + 200.0
        }
    }
}

/// Does something to the list, and lets what is being read stay where it is.
pub(crate) fn steadily<T>(list: &Element, act: impl FnOnce() -> T) -> T {
    let held = if at_end(list) { None } else { scroller(list) };
    let seen = held.as_ref().and_then(|around| {
        let top = around.get_bounding_client_rect().top();
        let items = items(list);
        let seen = items
            .into_iter()
            .find(|item| item.get_bounding_client_rect().bottom() > top)?;
        let at = seen.get_bounding_client_rect().top();
        Some((seen, at))
    });
    let done = act();
    if let (Some(around), Some((seen, at))) = (held, seen) {
        let moved = seen.get_bounding_client_rect().top() - at;
        if moved.abs() >= 1.0 {
            around.set_scroll_top(around.scroll_top() + moved as i32);
        }
    }
    done
}

/// Shows that an entry has just arrived.
pub(crate) fn light_up(item: &Element) {
    class(item, "new", true);
    let item = item.clone();
    super::dom::after(5_000, move || class(&item, "new", false));
}

/// Moves to an item, for the eye and for the keyboard.
pub(crate) fn go_to(item: &Element) {
    set(item, "tabindex", "-1");
    let how = web_sys::ScrollIntoViewOptions::new();
    how.set_block(web_sys::ScrollLogicalPosition::Nearest);
    item.scroll_into_view_with_scroll_into_view_options(&how);
    if let Some(item) = item.dyn_ref::<HtmlElement>() {
        let _ = item.focus();
    }
}

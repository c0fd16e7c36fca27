//! Saying that something arrived: to the eye, to the ear, in the tab's title.

use super::super::plain::TITLE_MARK as MARK;
use super::{
    dom::{after, by_id, document, element, everywhere, flag, on, says, set},
    timeline,
};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// Entries that arrived and were not seen yet.
#[derive(Clone)]
pub(crate) struct Unread(Rc<Inner>);

struct Inner {
    title: String,
    /// Those outside of view, oldest first.
    below: RefCell<Vec<Element>>,
    /// Those that arrived while the tab was hidden.
    hidden: RefCell<usize>,
}

impl Unread {
    pub(crate) fn start() -> Self {
        let unread = Self(Rc::new(Inner {
            title: document().title().trim_start_matches(MARK).to_owned(),
            below: RefCell::default(),
            hidden: RefCell::default(),
        }));
        let seen = unread.clone();
        on(&document(), "visibilitychange", move |_: Event| {
            if !document().hidden() {
                *seen.0.hidden.borrow_mut() = 0;
                seen.show();
            }
        });
        let seen = unread.clone();
        super::dom::on_first(&document(), "scroll", move |_: Event| {
            let at_end = timeline::list().is_some_and(|list| timeline::at_end(&list));
            if at_end && !seen.0.below.borrow().is_empty() {
                seen.0.below.borrow_mut().clear();
                seen.show();
            }
        });
        unread
    }

    /// An entry arrived; `aside` when it is not in view.
    pub(crate) fn arrived(&self, item: &Element, words: &str, aside: bool) {
        if aside {
            self.0.below.borrow_mut().push(item.clone());
        }
        if document().hidden() {
            *self.0.hidden.borrow_mut() += 1;
        }
        self.show();
        say(words);
    }

    /// Whether the room is asked something has changed.
    pub(crate) fn retitle(&self) {
        self.show();
    }

    fn show(&self) {
        let (below, hidden) = (self.0.below.borrow().len(), *self.0.hidden.borrow());
        let count = below.max(hidden);
        let title = super::alerts::marked(&self.0.title);
        document().set_title(&if count > 0 {
            format!("({count}) {title}")
        } else {
            title
        });
        let Some(pill) = self.pill() else { return };
        flag(&pill, "hidden", below == 0);
        if below > 0 {
            says(
                &pill,
                &if below == 1 {
                    "1 new entry".to_owned()
                } else {
                    format!("{below} new entries")
                },
            );
        }
    }

    /// The button that leads to them.
    fn pill(&self) -> Option<Element> {
        if let Some(pill) = by_id("new-entries") {
            return Some(pill);
        }
        let around = everywhere::<Element>(".timeline-box").into_iter().next()?;
        let pill = element("button", "pill")?;
        pill.set_id("new-entries");
        set(&pill, "type", "button");
        flag(&pill, "hidden", true);
        around.insert_adjacent_element("afterend", &pill).ok()?;
        let unread = self.clone();
        on(&pill, "click", move |_: Event| {
            let first = unread.0.below.borrow().first().cloned();
            unread.0.below.borrow_mut().clear();
            unread.show();
            if let Some(first) = first {
                timeline::go_to(&first);
            }
        });
        Some(pill)
    }
}

/// Tells those who listen to the page instead of looking at it.
pub(crate) fn say(words: &str) {
    let region = by_id::<HtmlElement>("live-said").or_else(|| {
        let region = element("div", "sr")?;
        region.set_id("live-said");
        set(&region, "aria-live", "polite");
        super::dom::body().append_child(&region).ok()?;
        region.dyn_into().ok()
    });
    let Some(region) = region else { return };
    let words: String = words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(200)
        .collect();
    // A region that was just made is heard only when it changes later.
    after(100, move || says(&region, &words));
}

//! Whoever is paged is told on the page that is open already, too.

use super::{
    dom::{by_id, document, every, on, parse},
    morph, net, notify,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event};

/// Between two looks, in milliseconds.
const PAUSE: i32 = 10_000;

pub(crate) fn start() {
    if place().is_none() {
        return;
    }
    every(PAUSE, look);
    on(&document(), "visibilitychange", |_: Event| look());
}

fn place() -> Option<Element> {
    by_id("called-pages")
}

/// Asks what waits for whoever looks. Nobody looks at a hidden page.
pub(crate) fn look() {
    if document().hidden() || place().is_none() {
        return;
    }
    spawn_local(async {
        let answer = net::load("/pages/waiting").await;
        let (Some(old), Some(new)) = (place(), parse(&answer.text)) else {
            return;
        };
        if !answer.is_ok() {
            return;
        }
        let news = new.child_element_count() > 0 && old.child_element_count() == 0;
        morph::morph(&old, &new);
        if news {
            notify::say("You are paged");
        }
    });
}

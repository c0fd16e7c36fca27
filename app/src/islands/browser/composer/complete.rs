//! Completion of commands and names under the composer's text.

use super::super::dom::{attr, by_id, document, element, flag, on, parse_all, says, set};
use rideout_domain::command;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlTextAreaElement, KeyboardEvent};

const LIST: &str = "composer-completions";

/// Something to choose.
struct Offer {
    /// What is written when it is chosen.
    word: String,
    /// What it says beside.
    explained: String,
}

thread_local! {
    static OFFERS: RefCell<Vec<Offer>> = const { RefCell::new(Vec::new()) };
    static CHOSEN: RefCell<usize> = const { RefCell::new(0) };
}

pub(super) fn start() {
    let Some(text) = super::text() else { return };
    set(&text, "aria-autocomplete", "list");
    show();
    set(&text, "aria-controls", LIST);
    on(&text, "input", |_: Event| look());
    on(&text, "blur", |_: Event| {
        // A press on the list takes the focus first.
        super::super::dom::after(150, close);
    });
    on(&text, "keydown", |event: KeyboardEvent| {
        let count = OFFERS.with_borrow(Vec::len);
        if count == 0 || event.is_composing() || event.ctrl_key() || event.meta_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => point(|at| (at + 1) % count),
            "ArrowUp" => point(|at| (at + count - 1) % count),
            "Enter" | "Tab" => {
                let at = CHOSEN.with_borrow(|at| *at);
                choose(at);
            }
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    });
}

fn cursor(text: &HtmlTextAreaElement) -> usize {
    let units = text.selection_end().ok().flatten().unwrap_or(0) as usize;
    // The browser counts UTF-16 units.
    let mut bytes = 0;
    let mut counted = 0;
    for c in text.value().chars() {
        if counted >= units {
            break;
        }
        counted += c.len_utf16();
        bytes += c.len_utf8();
    }
    bytes
}

/// The word before the cursor.
fn token(value: &str, cursor: usize) -> &str {
    let before = value.get(..cursor).unwrap_or(value);
    before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default()
}

/// There may be more to offer than before.
pub(super) fn look_again() {
    let text = super::text().map(Element::from);
    if text.is_some() && document().active_element() == text {
        look();
    }
}

fn look() {
    let Some(text) = super::text() else { return };
    let value = text.value();
    let cursor = cursor(&text);
    let word = token(&value, cursor);
    let offers: Vec<Offer> = if word.starts_with('/') && word.len() == cursor {
        command::completions(word)
            .map(|c| Offer {
                word: c.word.to_owned(),
                explained: format!("{}: {}", c.shape, c.explained),
            })
            .collect()
    } else if let Some(begun) = word.strip_prefix('@').filter(|_| value.starts_with('/')) {
        super::renew_choices();
        let begun = command::letters(begun);
        super::people()
            .into_iter()
            .filter(|(_, name)| {
                command::letters(name).starts_with(&begun)
                    || name
                        .split(' ')
                        .any(|part| command::letters(part).starts_with(&begun))
            })
            .take(8)
            .map(|(_, name)| Offer {
                word: format!("@{}", name.replace(' ', "")),
                explained: name,
            })
            .collect()
    } else {
        Vec::new()
    };
    // What is written in full needs no completion.
    let offers = if offers.len() == 1 && offers.iter().all(|o| o.word == word) {
        Vec::new()
    } else {
        offers
    };
    OFFERS.set(offers);
    CHOSEN.set(0);
    show();
    hint(&value);
}

fn show() {
    let Some(text) = super::text() else { return };
    let Some(list) = by_id::<Element>(LIST).or_else(|| {
        let list = element("ul", "completions")?;
        list.set_id(LIST);
        set(&list, "role", "listbox");
        set(&list, "aria-label", "Completions");
        text.insert_adjacent_element("afterend", &list).ok()?;
        Some(list)
    }) else {
        return;
    };
    list.set_inner_html("");
    let chosen = CHOSEN.with_borrow(|at| *at);
    OFFERS.with_borrow(|offers| {
        for (at, offer) in offers.iter().enumerate() {
            let Some(item) = parse_all("<li role=\"option\"><code></code> <span></span></li>")
                .into_iter()
                .next()
            else {
                continue;
            };
            item.set_id(&format!("{LIST}-{at}"));
            set(
                &item,
                "aria-selected",
                if at == chosen { "true" } else { "false" },
            );
            if let (Some(word), Some(beside)) =
                (item.first_element_child(), item.last_element_child())
            {
                says(&word, &offer.word);
                says(&beside, &offer.explained);
            }
            // Before the text loses the focus.
            on(&item, "mousedown", move |event: Event| {
                event.prevent_default();
                choose(at);
            });
            let _ = list.append_child(&item);
        }
        flag(&list, "hidden", offers.is_empty());
        if offers.is_empty() {
            let _ = text.remove_attribute("aria-activedescendant");
        } else {
            set(&text, "aria-activedescendant", &format!("{LIST}-{chosen}"));
        }
    });
}

fn point(to: impl FnOnce(usize) -> usize) {
    CHOSEN.with_borrow_mut(|at| *at = to(*at));
    show();
    if let Some(item) = by_id::<Element>(&format!("{LIST}-{}", CHOSEN.with_borrow(|at| *at))) {
        let how = web_sys::ScrollIntoViewOptions::new();
        how.set_block(web_sys::ScrollLogicalPosition::Nearest);
        item.scroll_into_view_with_scroll_into_view_options(&how);
    }
}

fn close() {
    OFFERS.set(Vec::new());
    show();
}

fn choose(at: usize) {
    let word = OFFERS.with_borrow(|offers| offers.get(at).map(|offer| offer.word.clone()));
    let (Some(word), Some(text)) = (word, super::text()) else {
        return;
    };
    let value = text.value();
    let cursor = cursor(&text);
    let start = cursor - token(&value, cursor).len();
    let (before, after) = (
        value.get(..start).unwrap_or_default(),
        value.get(cursor..).unwrap_or_default(),
    );
    let written = format!("{before}{word} ");
    let units = u32::try_from(written.encode_utf16().count()).unwrap_or(0);
    text.set_value(&format!("{written}{}", after.trim_start()));
    let _ = text.set_selection_range(units, units);
    close();
    if let Some(composer) = super::element() {
        super::draft::keep(&composer);
    }
    hint(&text.value());
}

/// What the command is, or what is wrong with it so far.
fn hint(value: &str) {
    let Some(text) = super::text() else { return };
    let Some(hint) = by_id::<Element>("command-hint").or_else(|| {
        let hint = element("p", "command-hint sm quiet")?;
        hint.set_id("command-hint");
        set(&hint, "aria-live", "polite");
        let after = by_id::<Element>(LIST)?;
        after.insert_adjacent_element("afterend", &hint).ok()?;
        Some(hint)
    }) else {
        return;
    };
    let words = if value.starts_with('/') && value.contains(char::is_whitespace) {
        let names = super::people();
        let names: Vec<_> = names
            .iter()
            .map(|(id, name)| (*id, name.as_str()))
            .collect();
        let first = value
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let known = command::COMMANDS.iter().find(|c| c.word == first);
        match command::parse(value, &names) {
            Err(
                error @ (command::CommandError::Unknown { .. }
                | command::CommandError::Ambiguous { .. }),
            ) => super::sentence(&error.to_string()),
            Err(error @ command::CommandError::Nobody { .. }) if value.ends_with(' ') => {
                super::sentence(&error.to_string())
            }
            Ok(None) => String::new(),
            _ => known.map_or_else(String::new, |c| format!("{}: {}", c.usage(), c.explained)),
        }
    } else {
        String::new()
    };
    says(&hint, &words);
    flag(&hint, "hidden", words.is_empty());
    let described = attr(&text, "aria-describedby");
    if !described.contains("command-hint") {
        set(
            &text,
            "aria-describedby",
            format!("{described} command-hint").trim(),
        );
    }
    let _ = hint.dyn_ref::<Element>();
}

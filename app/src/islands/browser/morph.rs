//! Making a part of the page equal to what the server sent, without disturbing
//! whoever is using it: what is the same stays the same element, so focus, open
//! details and typed text stay too.

use super::dom::{attr, first, is_changed, is_field};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, Node};

/// Makes `old` equal to `new`. Says whether something had to be left as it was,
/// because somebody is using it.
pub(crate) fn morph(old: &Element, new: &Element) -> bool {
    if old.tag_name() != new.tag_name() || key(old) != key(new) {
        if is_used(old) {
            return true;
        }
        let _ = old.replace_with_with_node_1(new);
        return false;
    }
    if old.is_equal_node(Some(new)) {
        return false;
    }
    if is_field(old) {
        return field(old, new);
    }
    attributes(old, new);
    children(old, new)
}

/// What makes an element the same one as before.
fn key(element: &Element) -> String {
    for name in ["id", "data-entry", "data-ask", "action"] {
        if let Some(key) = element.get_attribute(name) {
            return key;
        }
    }
    // A card is known by the question in it, a line by its form or its link.
    match element.tag_name().as_str() {
        "ARTICLE" => first::<Element>(element, "[data-ask]").map(|ask| attr(&ask, "data-ask")),
        "LI" => first::<Element>(element, "form[action], a[href]")
            .map(|one| format!("{}{}", attr(&one, "action"), attr(&one, "href"))),
        _ => None,
    }
    .unwrap_or_default()
}

/// Whether somebody has the focus in there, typed something, or opened a form.
fn is_used(element: &Element) -> bool {
    let focused = super::dom::document().active_element();
    if focused.is_some_and(|one| is_field(&one) && element.contains(Some(&one))) {
        return true;
    }
    let fields = super::dom::all::<Element>(element, "input, textarea, select");
    fields.iter().any(is_changed)
}

fn field(old: &Element, new: &Element) -> bool {
    let focused = super::dom::document()
        .active_element()
        .is_some_and(|one| one == *old);
    if let Some(select) = old.dyn_ref::<HtmlSelectElement>() {
        let chosen = select.value();
        if focused {
            // Somebody is choosing: more to choose from is welcome, but what is
            // chosen stays.
            let keeps = super::dom::all::<Element>(new, "option")
                .iter()
                .any(|o| attr(o, "value") == chosen);
            if keeps {
                children(old, new);
                select.set_value(&chosen);
            }
            return !keeps;
        }
        attributes(old, new);
        children(old, new);
        select.set_value(&chosen);
        if select.selected_index() < 0 {
            select.set_selected_index(0);
        }
        return false;
    }
    if focused || is_changed(old) {
        return true;
    }
    attributes(old, new);
    if let (Some(old), Some(new)) = (
        old.dyn_ref::<HtmlTextAreaElement>(),
        new.dyn_ref::<HtmlTextAreaElement>(),
    ) {
        let _ = old.set_default_value(&new.default_value().unwrap_or_default());
    }
    if let (Some(old), Some(new)) = (
        old.dyn_ref::<HtmlInputElement>(),
        new.dyn_ref::<HtmlInputElement>(),
    ) && old.type_() == "hidden"
    {
        old.set_value(&new.value());
    }
    false
}

fn attributes(old: &Element, new: &Element) {
    let keep = |name: &str| {
        // What somebody opened stays open; what is theirs stays marked.
        (name == "open" && matches!(old.tag_name().as_str(), "DETAILS" | "DIALOG"))
            || name == "data-mine"
    };
    for name in new
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
    {
        if !keep(&name) {
            super::dom::set(old, &name, &attr(new, &name));
        }
    }
    for name in old
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
    {
        if !keep(&name) && !new.has_attribute(&name) {
            let _ = old.remove_attribute(&name);
        }
    }
}

fn children(old: &Element, new: &Element) -> bool {
    let mut held = false;
    let mut at: Option<Node> = old.first_child();
    for wanted in super::dom::nodes::<Node>(&new.child_nodes()) {
        match find(at.as_ref(), &wanted) {
            Some(found) => {
                if let Some(before) = at.as_ref().filter(|node| **node != found) {
                    bring(old, &found, before);
                }
                at = found.next_sibling();
                held |= same(&found, &wanted);
            }
            None => {
                let _ = old.insert_before(&wanted, at.as_ref());
            }
        }
    }
    while let Some(gone) = at {
        at = gone.next_sibling();
        held |= !remove(old, &gone);
    }
    held
}

/// Brings a later child before another. What has the focus would lose it by
/// moving, so then the others move behind it.
fn bring(parent: &Element, found: &Node, before: &Node) {
    let focused = super::dom::document().active_element();
    if !focused.is_some_and(|one| found.contains(Some(&one))) {
        let _ = parent.insert_before(found, Some(before));
        return;
    }
    let behind = found.next_sibling();
    let mut at = Some(before.clone());
    while let Some(node) = at.filter(|node| node != found) {
        at = node.next_sibling();
        let _ = parent.insert_before(&node, behind.as_ref());
    }
}

/// The next child from `at` on that is what is wanted.
fn find(at: Option<&Node>, wanted: &Node) -> Option<Node> {
    let mut node = at.cloned();
    let wanted_element = wanted.dyn_ref::<Element>();
    let wanted_key = wanted_element.map(key);
    while let Some(one) = node {
        let fits = match (one.dyn_ref::<Element>(), wanted_element) {
            (Some(one), Some(wanted)) => {
                one.tag_name() == wanted.tag_name() && Some(key(one)) == wanted_key
            }
            (None, None) => one.node_type() == wanted.node_type(),
            _ => false,
        };
        if fits {
            return Some(one);
        }
        // Without a name of its own only the very next one can be meant.
        if wanted_key.as_deref().unwrap_or_default().is_empty() {
            return None;
        }
        node = one.next_sibling();
    }
    None
}

fn same(old: &Node, new: &Node) -> bool {
    if let (Some(old), Some(new)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        return morph(old, new);
    }
    if old.node_value() != new.node_value() {
        old.set_node_value(new.node_value().as_deref());
    }
    false
}

/// Takes a node away, unless somebody is using it.
fn remove(parent: &Element, node: &Node) -> bool {
    if node.dyn_ref::<Element>().is_some_and(is_used) {
        return false;
    }
    let _ = parent.remove_child(node);
    true
}

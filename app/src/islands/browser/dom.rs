//! Short words for what islands do with the page.

use js_sys::{Date, Function, Reflect};
use rideout_domain::Timestamp;
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Document, Element, Event, EventTarget, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
    Node, NodeList, Storage, Window,
};

thread_local! {
    /// How far the server's clock is ahead of the browser's, in milliseconds.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

/// The window. Islands run in no other place.
pub(crate) fn window() -> Window {
    js_sys::global().unchecked_into()
}

pub(crate) fn document() -> Document {
    // The property and not the getter that may be none: a window has a document.
    get(&window(), "document").unchecked_into()
}

pub(crate) fn body() -> HtmlElement {
    get(&document(), "body").unchecked_into()
}

/// A member of an object; undefined when there is none.
pub(crate) fn get(object: &JsValue, member: &str) -> JsValue {
    Reflect::get(object, &member.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A member of an object, as text.
pub(crate) fn text_of(object: &JsValue, member: &str) -> Option<String> {
    get(object, member).as_string()
}

pub(crate) fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

pub(crate) fn first<T: JsCast>(inside: &Element, selector: &str) -> Option<T> {
    inside.query_selector(selector).ok()??.dyn_into().ok()
}

pub(crate) fn all<T: JsCast>(inside: &Element, selector: &str) -> Vec<T> {
    inside
        .query_selector_all(selector)
        .map(|list| nodes(&list))
        .unwrap_or_default()
}

/// The same on the whole page.
pub(crate) fn everywhere<T: JsCast>(selector: &str) -> Vec<T> {
    document()
        .query_selector_all(selector)
        .map(|list| nodes(&list))
        .unwrap_or_default()
}

pub(crate) fn nodes<T: JsCast>(list: &NodeList) -> Vec<T> {
    (0..list.length())
        .filter_map(|n| list.get(n)?.dyn_into().ok())
        .collect()
}

/// An attribute; empty when it is not there.
pub(crate) fn attr(element: &Element, name: &str) -> String {
    element.get_attribute(name).unwrap_or_default()
}

pub(crate) fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        let _ = element.set_attribute(name, value);
    }
}

/// Puts an attribute without a value there, or takes it away.
pub(crate) fn flag(element: &Element, name: &str, on: bool) {
    let _ = element.toggle_attribute_with_force(name, on);
}

pub(crate) fn class(element: &Element, name: &str, on: bool) {
    let _ = element.class_list().toggle_with_force(name, on);
}

pub(crate) fn says(element: &Node, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// A new element with a class.
pub(crate) fn element(tag: &str, class: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    Some(element)
}

/// The first element of some HTML that the server has made.
pub(crate) fn parse(html: &str) -> Option<Element> {
    parse_all(html).into_iter().next()
}

/// The elements of some HTML that the server has made.
pub(crate) fn parse_all(html: &str) -> Vec<Element> {
    let Some(template) = element("template", "") else {
        return Vec::new();
    };
    template.set_inner_html(html);
    let content: web_sys::DocumentFragment = get(&template, "content").unchecked_into();
    let children = content.children();
    (0..children.length())
        .filter_map(|n| children.item(n))
        .collect()
}

/// Listens for as long as the page lives.
pub(crate) fn on<E: JsCast>(target: &EventTarget, name: &str, mut act: impl FnMut(E) + 'static) {
    let call = Closure::<dyn FnMut(Event)>::new(move |event: Event| act(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(name, function(&call));
    call.forget();
}

/// The same, before anybody else on the page.
pub(crate) fn on_first<E: JsCast>(
    target: &EventTarget,
    name: &str,
    mut act: impl FnMut(E) + 'static,
) {
    let call = Closure::<dyn FnMut(Event)>::new(move |event: Event| act(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback_and_bool(name, function(&call), true);
    call.forget();
}

fn function<T: ?Sized>(closure: &Closure<T>) -> &Function {
    closure.as_ref().unchecked_ref()
}

/// Runs once, after some milliseconds.
pub(crate) fn after(millis: i32, act: impl FnOnce() + 'static) {
    let call = Closure::once_into_js(act);
    let _ = window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(call.unchecked_ref(), millis);
}

/// Runs again and again.
pub(crate) fn every(millis: i32, act: impl FnMut() + 'static) {
    let call = Closure::<dyn FnMut()>::new(act);
    let _ =
        window().set_interval_with_callback_and_timeout_and_arguments_0(function(&call), millis);
    call.forget();
}

/// What is kept in this browser; none where people forbid it.
pub(crate) fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// Notes how far the server's clock is ahead, by the time the page was made.
pub(crate) fn set_clock() {
    let made = millis(&attr(&body(), "data-now"));
    let (Some(made), Some(performance)) = (made, window().performance()) else {
        return;
    };
    let entries = performance.get_entries_by_type("navigation");
    let answered = get(&entries.get(0), "responseStart")
        .as_f64()
        .unwrap_or(0.0);
    let ahead = made - (performance.time_origin() + answered);
    // Less than that may be the way of the answer.
    if ahead.abs() > 3_000.0 {
        AHEAD.set(ahead);
    }
}

/// Milliseconds since 1970 of a time in RFC 3339.
pub(crate) fn millis(text: &str) -> Option<f64> {
    text.parse::<Timestamp>()
        .ok()
        .map(|at| (at.0 / 1_000) as f64)
}

/// The other way round.
pub(crate) fn rfc3339(millis: f64) -> String {
    Timestamp(millis as i64 * 1_000).rfc3339()
}

/// Milliseconds since 1970, by the server's clock as far as it is known.
pub(crate) fn now() -> f64 {
    Date::now() + AHEAD.get()
}

/// The identifier of whoever looks; empty for strangers.
pub(crate) fn me() -> String {
    attr(&body(), "data-user")
}

/// Whether somebody is typing or choosing in there.
pub(crate) fn is_field(element: &Element) -> bool {
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || element.has_attribute("contenteditable")
}

pub(crate) fn is_shown(element: &Element) -> bool {
    element
        .dyn_ref::<HtmlElement>()
        .is_some_and(|e| e.offset_width() > 0 || e.offset_height() > 0)
}

/// Whether somebody changed a field since the page was made.
pub(crate) fn is_changed(field: &Element) -> bool {
    if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        return area.value() != area.default_value().unwrap_or_default();
    }
    let Some(input) = field.dyn_ref::<HtmlInputElement>() else {
        return false;
    };
    match input.type_().as_str() {
        "hidden" | "submit" => false,
        "checkbox" | "radio" => input.checked() != input.default_checked(),
        _ => input.value() != input.default_value(),
    }
}

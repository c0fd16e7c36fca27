//! Times: in the local zone, and ticking. One timer for the whole page.

use super::dom::{
    all, attr, by_id, class, document, element, every, everywhere, flag, millis, now, on, rfc3339,
    says, set,
};
use crate::components::words;
use js_sys::Date;
use std::cell::OnceCell;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, HtmlInputElement};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

thread_local! {
    static ZONE: OnceCell<String> = const { OnceCell::new() };
}

pub(crate) fn start() {
    for time in everywhere::<Element>("[data-clock]") {
        clock(&time);
    }
    local_fields();
    tick();
    every(1_000, || {
        if !document().hidden() {
            tick();
        }
    });
    on(&document(), "visibilitychange", |_: Event| tick());
}

/// Rewrites the times in a part of the page that is new.
pub(crate) fn localise(inside: &Element) {
    for time in all::<Element>(inside, "[data-clock]") {
        clock(&time);
    }
}

/// `Europe/Berlin`.
pub(crate) fn zone() -> String {
    ZONE.with(|zone| {
        let name = || {
            let format =
                js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
            super::dom::text_of(&format.resolved_options(), "timeZone")
        };
        zone.get_or_init(|| name().unwrap_or_else(|| "your zone".to_owned()))
            .clone()
    })
}

/// Minutes east of UTC in the local zone at that moment.
pub(crate) fn offset(at: f64) -> i32 {
    -(Date::new(&JsValue::from_f64(at)).get_timezone_offset() as i32)
}

/// `09:04`, local.
pub(crate) fn local_clock(at: f64) -> String {
    let date = Date::new(&JsValue::from_f64(at));
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

fn local_day(at: f64) -> String {
    let date = Date::new(&JsValue::from_f64(at));
    let month = MONTHS
        .get(date.get_month() as usize)
        .copied()
        .unwrap_or_default();
    format!("{} {month} {}", date.get_date(), date.get_full_year())
}

fn clock(time: &Element) {
    let Some(at) = millis(&attr(time, "datetime")) else {
        return;
    };
    let (utc, here) = (attr(time, "title"), local_clock(at));
    let day = local_day(at);
    if attr(time, "data-clock") == "day" {
        says(time, &format!("{day}, {here}"));
    } else {
        says(time, &here);
    }
    if !utc.contains(" · ") && zone() != "UTC" {
        let seconds = Date::new(&JsValue::from_f64(at)).get_seconds();
        set(
            time,
            "title",
            &format!("{day}, {here}:{seconds:02} {} · {utc}", zone()),
        );
    }
}

fn tick() {
    let now = now();
    let seconds = |from: &str| millis(from).map(|at| ((now - at) / 1_000.0).floor() as i64);
    for one in
        everywhere::<Element>("[data-ago],[data-since],[data-due],[data-until],[data-late-at]")
    {
        if one.has_attribute("data-ago")
            && let Some(ago) = seconds(&attr(&one, "datetime"))
        {
            says(&one, &words::ago(ago));
        }
        if let Some(since) = one.get_attribute("data-since").and_then(|at| seconds(&at)) {
            says(&one, &words::clock(since));
        }
        if let Some(over) = one.get_attribute("data-due").and_then(|at| seconds(&at)) {
            if attr(&one, "data-as") == "timer" {
                says(&one, &words::timer(-over));
                class(&one, "over", over > 0);
            } else {
                says(&one, &words::due(-over));
                class(&one, "late", over > 0);
            }
        }
        if let Some(over) = one.get_attribute("data-until").and_then(|at| seconds(&at)) {
            if let Some(gone) = seconds(&attr(&one, "data-from")) {
                set(
                    &one,
                    "value",
                    &gone.clamp(0, (gone - over).max(1)).to_string(),
                );
            }
            class(&one, "over", over > 0);
        }
        if let Some(over) = one
            .get_attribute("data-late-at")
            .and_then(|at| seconds(&at))
        {
            class(&one, "late", over >= 0);
        }
    }
}

/// What a `datetime-local` field says, in milliseconds; none when it is empty.
pub(crate) fn local_millis(typed: &str) -> Option<f64> {
    let at = Date::new(&typed.into()).get_time();
    at.is_finite().then_some(at)
}

/// The first and the last millisecond of the years that a `datetime-local` field
/// can hold: 0001 to 9999.
const FIELD_YEARS: (f64, f64) = (-62_135_596_800_000.0, 253_402_300_799_999.0);

/// The text for a `datetime-local` field.
pub(crate) fn local_field(at: f64) -> String {
    // The last evening of the year 9999 is in the year 10000 further east.
    let shifted = (at + f64::from(offset(at)) * 60_000.0).clamp(FIELD_YEARS.0, FIELD_YEARS.1);
    rfc3339(shifted).chars().take(16).collect()
}

/// Shows and takes times in the local zone where a field holds UTC. What is
/// sent stays UTC: a hidden field of the same name carries it.
pub(crate) fn local_fields() {
    for shown in everywhere::<HtmlInputElement>("input[data-utc]") {
        let name = attr(&shown, "name");
        let Some(sent) = element("input", "").and_then(|e| e.dyn_into::<HtmlInputElement>().ok())
        else {
            continue;
        };
        if name.is_empty() || shown.insert_adjacent_element("afterend", &sent).is_err() {
            continue;
        }
        set(&sent, "type", "hidden");
        set(&sent, "name", &name);
        sent.set_value(&shown.value());
        let seconds = if shown.value().len() == 16 {
            ":00Z"
        } else {
            "Z"
        };
        if let Some(at) = millis(&format!("{}{seconds}", shown.value())) {
            let local = local_field(at);
            set(&shown, "value", &local);
            shown.set_value(&local);
        }
        flag(&shown, "name", false);
        if let Some(hint) = by_id::<Element>(&format!("{}-hint", shown.id())) {
            says(&hint, &format!("In {}.", zone()));
        }
        let typed = shown.clone();
        on(&shown, "input", move |_: Event| {
            let at = local_millis(&typed.value());
            sent.set_value(
                &at.map_or_else(String::new, |at| rfc3339(at).chars().take(16).collect()),
            );
        });
    }
}

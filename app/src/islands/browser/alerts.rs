//! What a browser does when the room is asked whether it is stuck: the tab's
//! title says so, and, for those who chose it, a sound and a notification.
//!
//! The choice is kept in the browser. Nothing sounds before somebody chose it.

use super::super::plain::TITLE_MARK as MARK;
use super::dom::{attr, by_id, everywhere, flag, on, set, storage};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AudioContext, Element, Event, HtmlElement, Notification, NotificationOptions,
    NotificationPermission, OscillatorType,
};

/// Where the choices are kept.
const KEPT: &str = "rideout.alerts";
/// The two tones, in hertz: a falling fourth is heard and is no siren.
const TONES: [f32; 2] = [784.0, 588.0];
/// How long each sounds, in seconds.
const SECONDS: f64 = 0.22;

thread_local! {
    /// The prompt that was told last.
    static TOLD: RefCell<String> = RefCell::default();
}

/// Shows the choices, and remembers what is asked already.
pub(crate) fn start() {
    TOLD.set(asked());
    let Some(place) = by_id::<Element>("alerts") else {
        return;
    };
    flag(&place, "hidden", false);
    for button in everywhere::<Element>("[data-alert]") {
        let name = attr(&button, "data-alert");
        press(&button, is_chosen(&name));
        on(&button.clone(), "click", move |_: Event| {
            choose(&button, &name, !is_chosen(&name));
        });
    }
}

/// The region of the prompt may have changed.
pub(crate) fn changed() {
    let now = asked();
    let is_new = TOLD.with_borrow(|told| !now.is_empty() && *told != now);
    TOLD.set(now);
    if !is_new {
        return;
    }
    if is_chosen("sound") {
        sound();
    }
    if is_chosen("notice") {
        notice();
    }
}

/// The title as it is while something is asked, or is not.
pub(crate) fn marked(title: &str) -> String {
    if asked().is_empty() {
        title.to_owned()
    } else {
        format!("{MARK}{title}")
    }
}

/// Which prompt awaits an answer; empty when none does.
fn asked() -> String {
    by_id::<Element>("region-prompt")
        .map_or_else(String::new, |region| attr(&region, "data-prompt"))
}

fn chosen() -> String {
    let kept = storage().and_then(|kept| kept.get_item(KEPT).ok().flatten());
    kept.unwrap_or_default()
}

fn is_chosen(name: &str) -> bool {
    chosen().split(' ').any(|one| one == name)
}

fn choose(button: &Element, name: &str, wanted: bool) {
    let chosen = chosen();
    let mut all: Vec<&str> = chosen
        .split(' ')
        .filter(|one| !one.is_empty() && *one != name)
        .collect();
    if wanted {
        all.push(name);
    }
    if let Some(kept) = storage() {
        let _ = kept.set_item(KEPT, &all.join(" "));
    }
    press(button, wanted);
    if !wanted {
        return;
    }
    if name == "sound" {
        // So that one knows what to listen for.
        sound();
    } else {
        permit(button.clone(), name.to_owned());
    }
}

fn press(button: &Element, is: bool) {
    set(button, "aria-pressed", if is { "true" } else { "false" });
}

/// Asks the browser whether it may; where it may not, the choice is taken back.
fn permit(button: Element, name: String) {
    spawn_local(async move {
        let granted = match Notification::request_permission() {
            Ok(asked) => JsFuture::from(asked).await.ok(),
            Err(_) => None,
        };
        if granted.and_then(|p| p.as_string()).as_deref() != Some("granted") {
            choose(&button, &name, false);
            super::notify::say("Your browser does not allow notifications from this page.");
        }
    });
}

fn notice() {
    if Notification::permission() != NotificationPermission::Granted {
        return;
    }
    let said = by_id::<HtmlElement>("region-prompt")
        .and_then(|region| region.query_selector(".whys").ok().flatten())
        .and_then(|whys| whys.text_content())
        .unwrap_or_default();
    let options = NotificationOptions::new();
    options.set_body(&said);
    // One notification a prompt, however many tabs are open.
    options.set_tag(&asked());
    let _ = Notification::new_with_options(MARK.trim(), &options);
}

fn sound() {
    let _ = play();
}

fn play() -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    let gain = context.create_gain()?;
    gain.gain().set_value(0.12);
    gain.connect_with_audio_node(&context.destination())?;
    let mut at = context.current_time();
    for tone in TONES {
        let oscillator = context.create_oscillator()?;
        oscillator.set_type(OscillatorType::Sine);
        oscillator.frequency().set_value(tone);
        oscillator.connect_with_audio_node(&gain)?;
        oscillator.start_with_when(at)?;
        at += SECONDS;
        oscillator.stop_with_when(at)?;
    }
    Ok(())
}

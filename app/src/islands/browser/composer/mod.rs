//! The composer: one form, sent in place, that loses nothing.

mod complete;
mod draft;
mod form;
pub(crate) mod send;

use super::{
    dom::{attr, by_id, document, everywhere, first, flag, on, says, window},
    morph, net, ticks,
};
use crate::{
    FormState,
    entry_form::{self, ME},
};
use rideout_domain::{EntryKind, UserId, command};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement,
    KeyboardEvent, SubmitEvent,
};

pub(crate) fn start() {
    let Some(composer) = element() else { return };
    local_time(&composer);
    send::start(&attr(&composer, "data-incident"));
    draft::start(&composer);
    complete::start();
    on(&document(), "submit", |event: SubmitEvent| {
        let Some(composer) = element() else { return };
        let ours = event
            .target()
            .and_then(|target| target.dyn_into().ok())
            .as_ref()
            == Some(&composer);
        if !ours || event.default_prevented() || composer.has_attribute("data-ordinary") {
            return;
        }
        event.prevent_default();
        if event
            .submitter()
            .is_some_and(|button| attr(&button, "name") == "preview")
        {
            preview(composer);
        } else {
            submit(composer);
        }
    });
    on(&composer, "keydown", |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.is_composing()
        {
            event.prevent_default();
            if let Some(composer) = element() {
                let _ = composer.request_submit();
            }
        }
    });
    on(&document(), "click", compose_links);
    for name in ["focusin", "change"] {
        on(&composer, name, |event: Event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let asks =
                target.is_some_and(|t| t.tag_name() == "SELECT" || attr(&t, "name") == "kind");
            if asks {
                renew_choices();
            }
        });
    }
}

pub(super) fn element() -> Option<HtmlFormElement> {
    by_id("composer")
}

fn text() -> Option<HtmlTextAreaElement> {
    by_id("composer-text")
}

/// Brings the choices of selects up to date; what was chosen or typed stays.
pub(super) fn choices(html: &str) {
    let (Some(composer), Some(new)) = (element(), super::dom::parse(html)) else {
        return;
    };
    for new in super::dom::all::<Element>(&new, "select") {
        let old = first::<Element>(
            &composer,
            &format!("select[name=\"{}\"]", attr(&new, "name")),
        );
        if let Some(old) = old {
            morph::morph(&old, &new);
        }
    }
    flag(&composer, "data-stale", false);
}

/// Asks for the choices anew when they are known to be out of date.
fn renew_choices() {
    if let Some(composer) = element().filter(|c| c.has_attribute("data-stale")) {
        flag(&composer, "data-stale", false);
        spawn_local(async {
            super::room::refreshed().await;
            complete::look_again();
        });
    }
}

/// Whom an at sign can name: the choices for the owner of a task.
pub(super) fn people() -> Vec<(UserId, String)> {
    let mut people: Vec<(UserId, String)> =
        everywhere::<Element>("#composer select[name=owner] option")
            .iter()
            .filter_map(|option| {
                let name = option.text_content().unwrap_or_default();
                let name = name
                    .strip_suffix(" (here)")
                    .unwrap_or(&name)
                    .trim()
                    .to_owned();
                Some((attr(option, "value").parse().ok()?, name))
            })
            .collect();
    if let Ok(me) = super::dom::me().parse() {
        people.push((me, ME.to_owned()));
    }
    people
}

/// Whether somebody is among those whom the composer can name; nobody is.
pub(super) fn knows(person: &str) -> bool {
    person.is_empty()
        || person == super::dom::me()
        || person
            .parse()
            .is_ok_and(|id: UserId| people().iter().any(|(known, _)| *known == id))
}

/// Times typed are meant in the local zone.
fn local_time(composer: &HtmlFormElement) {
    let Some(typed) = first::<HtmlInputElement>(composer, "input[name=occurred_at]") else {
        return;
    };
    let value = typed.value();
    if let Some(at) = super::dom::millis(&format!("{value}Z")) {
        let meant = form::value(composer, "offset").parse::<i32>().unwrap_or(0);
        typed.set_value(&ticks::local_field(at - f64::from(meant) * 60_000.0));
    }
    if let Some(note) = by_id::<Element>("zone-note") {
        says(&note, &format!("in {}; empty means now", ticks::zone()));
    }
}

/// Adds what is written.
fn submit(composer: HtmlFormElement) {
    form::clear_errors(&composer);
    if !names_a_stranger() {
        return add(composer);
    }
    // Perhaps a colleague who came after this page was loaded.
    flag(&composer, "aria-busy", true);
    spawn_local(async move {
        super::room::refreshed().await;
        flag(&composer, "aria-busy", false);
        add(composer);
    });
}

/// Whether the command that is written names somebody of whom this page does not know.
fn names_a_stranger() -> bool {
    let names = people();
    let names: Vec<(UserId, &str)> = names
        .iter()
        .map(|(id, name)| (*id, name.as_str()))
        .collect();
    let written = text().map(|text| text.value()).unwrap_or_default();
    matches!(
        command::parse(&written, &names),
        Err(command::CommandError::Nobody { .. })
    )
}

fn add(composer: HtmlFormElement) {
    let mut typed = form::read(&composer);
    let at = ticks::local_millis(&typed.value("occurred_at"));
    typed = typed.with("offset", at.map_or(0, ticks::offset).to_string());
    let names = people();
    let names: Vec<(UserId, &str)> = names
        .iter()
        .map(|(id, name)| (*id, name.as_str()))
        .collect();
    let text = typed.value("text");
    match command::parse(&text, &names) {
        Err(error) => {
            return form::refuse(
                &composer,
                &typed.refuse("text", sentence(&error.to_string())),
            );
        }
        Ok(Some(draft)) => {
            typed = entry_form::filled_by(&draft, &typed);
            form::write(&composer, &typed);
            if let Some(missing) = draft.missing
                && typed.value(missing).trim().is_empty()
            {
                let asked = "Choose which one, then add it.";
                return form::refuse(&composer, &typed.refuse(missing, asked));
            }
        }
        Ok(None) => typed = typed.with("text", command::literal(&text)),
    }
    if typed.value("kind") == EntryKind::Paged.word() {
        // Calling somebody must not wait in a queue: it is sent, or it is not.
        flag(&composer, "data-ordinary", true);
        draft::forget();
        // A form cannot be sent while it is being sent, as it is until this returns.
        super::dom::after(0, move || {
            let _ = composer.request_submit();
        });
        return;
    }
    if let Ok(me) = super::dom::me().parse() {
        typed = entry_form::sent_by(&typed, me);
    }
    typed = typed.with("id", send::new_id());
    let file = form::file(&composer).filter(|_| typed.value("kind") == EntryKind::Evidence.word());
    match file {
        None => finish(&composer, &typed),
        Some(file) => {
            flag(&composer, "aria-busy", true);
            spawn_local(async move {
                let uploaded = upload(&composer, &file).await;
                flag(&composer, "aria-busy", false);
                match uploaded {
                    Ok(id) => finish(&composer, &typed.with("attachment", id)),
                    Err(why) => form::refuse(&composer, &typed.refuse("file", why)),
                }
            });
        }
    }
}

fn finish(composer: &HtmlFormElement, typed: &FormState) {
    match entry_form::read(typed) {
        Ok(entry) => {
            send::add(entry, typed);
            form::reset(composer);
            draft::forget();
        }
        Err(refused) => form::refuse(composer, &refused),
    }
}

async fn upload(composer: &HtmlFormElement, file: &web_sys::File) -> Result<String, String> {
    let to =
        first::<Element>(composer, "input[name=file]").map(|input| attr(&input, "data-upload"));
    let address = format!(
        "{}?name={}",
        to.unwrap_or_default(),
        net::encode(&file.name())
    );
    let kind = if file.type_().is_empty() {
        "application/octet-stream".to_owned()
    } else {
        file.type_()
    };
    let answer = net::send(&address, file, &kind).await;
    if answer.is_ok()
        && let Some(id) = super::dom::text_of(&answer.json(), "id")
    {
        return Ok(id);
    }
    if answer.status == 0 {
        return Err("A file cannot wait for the network. Add it when the connection is back, or add the text alone.".into());
    }
    let (errors, detail) = net::errors(&answer);
    Err(errors
        .into_iter()
        .next()
        .map_or(detail, |(_, message)| sentence(&message)))
}

fn preview(composer: HtmlFormElement) {
    let Some(place) = first::<Element>(&composer, "#preview") else {
        return;
    };
    let typed = text().map(|text| text.value()).unwrap_or_default();
    spawn_local(async move {
        let body = JsValue::from(format!("text={}", net::encode(&typed)));
        let answer = net::send(
            "/preview",
            &body,
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .await;
        if answer.is_ok() {
            place.set_inner_html(&format!("<div class=\"prose\">{}</div>", answer.text));
        } else {
            says(&place, "There is no preview without a connection.");
        }
        flag(&place, "hidden", false);
    });
}

/// Links such as `?compose=task#composer` fill in the composer of this page.
fn compose_links(event: Event) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href^=\"?compose=\"]").ok()?);
    let (Some(link), Some(composer)) = (link, element()) else {
        return;
    };
    let address = attr(&link, "href");
    let query = address
        .trim_start_matches('?')
        .split('#')
        .next()
        .unwrap_or_default()
        .to_owned();
    let Ok(pairs) = web_sys::UrlSearchParams::new_with_str(&query) else {
        return;
    };
    event.prevent_default();
    for name in ["hypothesis", "action", "stance"] {
        if let Some(value) = pairs.get(name) {
            form::put(&composer, name, &value);
        }
    }
    form::put(&composer, "kind", &pairs.get("compose").unwrap_or_default());
    if let Some(text) = text() {
        let _ = text.focus();
    }
}

/// With a capital at its beginning and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut out = text.to_owned();
    if let Some(first) = out.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

/// Focuses a field, and opens what hides it.
fn reveal(field: &Element) {
    let mut around = field.parent_element();
    while let Some(one) = around {
        if one.tag_name() == "DETAILS" {
            flag(&one, "open", true);
        }
        around = one.parent_element();
    }
    if let Some(field) = field.dyn_ref::<HtmlElement>() {
        let _ = field.focus();
    }
    let _ = window();
}

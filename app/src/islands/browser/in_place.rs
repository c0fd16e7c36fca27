//! Small forms sent without leaving the page. One that is refused is sent
//! again the ordinary way, so that the server shows what is wrong.

use super::{
    dom::{all, attr, class, document, element, flag, on, says, set},
    net,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, SubmitEvent, UrlSearchParams};

const PLACES: &str = "[id^=region-] form, .entry .more form";

pub(crate) fn start() {
    on(&document(), "submit", |event: SubmitEvent| {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|form| form.matches(PLACES).unwrap_or(false)) else {
            return;
        };
        if event.default_prevented()
            || form.has_attribute("data-ordinary")
            || form.method() != "post"
        {
            return;
        }
        event.prevent_default();
        // A second press says nothing new.
        if !form.has_attribute("aria-busy") {
            spawn_local(send(form, event.submitter()));
        }
    });
}

async fn send(form: HtmlFormElement, button: Option<HtmlElement>) {
    let Some(body) = fields(&form, button.as_ref()) else {
        return;
    };
    set(&form, "aria-busy", "true");
    let address = attr(&form, "action");
    let answer = net::send(
        &address,
        &body,
        "application/x-www-form-urlencoded;charset=UTF-8",
    )
    .await;
    let _ = form.remove_attribute("aria-busy");
    if answer.leads_on || answer.is_ok() {
        done(&form);
    } else if answer.status == 0 || answer.status >= 500 {
        complain(
            &form,
            "The server could not be reached, so nothing was sent. Try again in a moment.",
        );
    } else {
        flag(&form, "data-ordinary", true);
        let button = button.filter(|button| form.contains(Some(button)));
        let _ = match button {
            Some(button) => form.request_submit_with_submitter(Some(&button)),
            None => form.request_submit(),
        };
    }
}

fn fields(form: &HtmlFormElement, button: Option<&HtmlElement>) -> Option<JsValue> {
    let data = FormData::new_with_form(form).ok()?;
    let body = UrlSearchParams::new().ok()?;
    for pair in js_sys::try_iter(&data.entries()).ok()??.flatten() {
        let pair: js_sys::Array = pair.unchecked_into();
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
            body.append(&name, &value);
        }
    }
    if let Some(button) = button
        && !attr(button, "name").is_empty()
    {
        body.append(&attr(button, "name"), &attr(button, "value"));
    }
    Some(String::from(body.to_string()).into())
}

fn done(form: &HtmlFormElement) {
    form.reset();
    all::<Element>(form, "[data-live]")
        .iter()
        .for_each(Element::remove);
    if let Ok(Some(details)) = form.closest("details") {
        flag(&details, "open", false);
        let summary = super::dom::first::<HtmlElement>(&details, "summary");
        if let Some(summary) = summary {
            let _ = summary.focus();
        }
    }
    if !super::room::is_live() {
        super::room::refresh();
    }
}

fn complain(form: &HtmlFormElement, words: &str) {
    all::<Element>(form, "[data-live]")
        .iter()
        .for_each(Element::remove);
    let Some(said) = element("p", "field-error") else {
        return;
    };
    set(&said, "role", "alert");
    flag(&said, "data-live", true);
    says(&said, words);
    class(form, "refused", true);
    let _ = form.append_child(&said);
}

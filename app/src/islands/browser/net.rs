//! Asking the server.

use super::dom::{get, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Request, RequestInit, RequestRedirect, Response, ResponseType};

/// Longest wait for an answer, in milliseconds.
const PATIENCE: i32 = 15_000;

/// What the server answered. Status 0 is no answer at all.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) retry_after: Option<u32>,
    /// It leads elsewhere, as forms do when all went well.
    pub(crate) leads_on: bool,
}

impl Answer {
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, read as JSON; undefined when it is none.
    pub(crate) fn json(&self) -> JsValue {
        js_sys::JSON::parse(&self.text).unwrap_or(JsValue::UNDEFINED)
    }
}

pub(crate) async fn load(address: &str) -> Answer {
    ask(address, "GET", None, "").await
}

/// Sends JSON, a form, or a file.
pub(crate) async fn send(address: &str, body: &JsValue, content_type: &str) -> Answer {
    ask(address, "POST", Some(body), content_type).await
}

async fn ask(address: &str, method: &str, body: Option<&JsValue>, content_type: &str) -> Answer {
    // A file takes its time.
    let patience = if body.is_some_and(|b| b.is_instance_of::<web_sys::Blob>()) {
        8 * PATIENCE
    } else {
        PATIENCE
    };
    attempt(address, method, body, content_type, patience)
        .await
        .unwrap_or_default()
}

async fn attempt(
    address: &str,
    method: &str,
    body: Option<&JsValue>,
    content_type: &str,
    patience: i32,
) -> Result<Answer, JsValue> {
    let end = AbortController::new()?;
    let how = RequestInit::new();
    how.set_method(method);
    how.set_redirect(RequestRedirect::Manual);
    how.set_signal(Some(&end.signal()));
    if let Some(body) = body {
        how.set_body(body);
    }
    let request = Request::new_with_str_and_init(address, &how)?;
    request
        .headers()
        .set("accept", "application/json, text/html;q=0.5")?;
    if !content_type.is_empty() {
        request.headers().set("content-type", content_type)?;
    }
    super::dom::after(patience, move || end.abort());
    let response: Response = JsFuture::from(window().fetch_with_request(&request))
        .await?
        .unchecked_into();
    if response.type_() == ResponseType::Opaqueredirect {
        return Ok(Answer {
            leads_on: true,
            ..Answer::default()
        });
    }
    let retry_after = response
        .headers()
        .get("retry-after")?
        .and_then(|text| text.parse().ok());
    let text = JsFuture::from(response.text()?)
        .await?
        .as_string()
        .unwrap_or_default();
    Ok(Answer {
        status: response.status(),
        text,
        retry_after,
        leads_on: false,
    })
}

/// Encodes a part of an address.
pub(crate) fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// What is wrong with which field, as a problem of the API says it, and its detail.
pub(crate) fn errors(answer: &Answer) -> (Vec<(String, String)>, String) {
    let problem = answer.json();
    let list: js_sys::Array = match get(&problem, "errors").dyn_into() {
        Ok(list) => list,
        Err(_) => js_sys::Array::new(),
    };
    let text =
        |value: &JsValue, member: &str| super::dom::text_of(value, member).unwrap_or_default();
    let errors = list
        .iter()
        .map(|one| (text(&one, "field"), text(&one, "message")))
        .collect();
    (errors, text(&problem, "detail"))
}

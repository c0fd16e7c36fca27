//! The composer's fields, read and written.

use super::super::dom::{all, attr, class, element, first, flag, says, set};
use crate::FormState;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, File, FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement,
    HtmlTextAreaElement,
};

/// What stands in the form, as it would be sent.
pub(super) fn read(form: &HtmlFormElement) -> FormState {
    let Ok(data) = FormData::new_with_form(form) else {
        return FormState::new();
    };
    let pairs = js_sys::try_iter(&data.entries()).ok().flatten();
    let pairs = pairs.into_iter().flatten().flatten().filter_map(|pair| {
        let pair: js_sys::Array = pair.unchecked_into();
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    });
    FormState::from_pairs(pairs)
}

/// The file that was chosen.
pub(super) fn file(form: &HtmlFormElement) -> Option<File> {
    first::<HtmlInputElement>(form, "input[name=file]")?
        .files()?
        .get(0)
}

/// The value of a field.
pub(super) fn value(form: &HtmlFormElement, name: &str) -> String {
    read(form).value(name)
}

/// Writes every field that the form has.
pub(super) fn write(form: &HtmlFormElement, state: &FormState) {
    for (name, value) in state.values.iter() {
        put(form, name, value);
    }
}

/// Writes one field.
pub(super) fn put(form: &HtmlFormElement, name: &str, value: &str) {
    for field in all::<Element>(form, &format!("[name=\"{name}\"]")) {
        if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
            area.set_value(value);
        } else if let Some(select) = field.dyn_ref::<HtmlSelectElement>() {
            choose(select, value);
        } else if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "radio" | "checkbox" => {
                    let on = value.lines().any(|one| one == input.value());
                    input.set_checked(on);
                    if on && let Ok(Some(more)) = input.closest("details") {
                        flag(&more, "open", true);
                    }
                }
                "file" | "submit" => {}
                _ => input.set_value(value),
            }
        }
    }
}

fn choose(select: &HtmlSelectElement, value: &str) {
    select.set_value(value);
    // A command may name what the list does not offer, such as 25 minutes.
    if select.selected_index() < 0
        && value.parse::<u32>().is_ok()
        && let Some(option) = element("option", "")
    {
        set(&option, "value", value);
        says(&option, &format!("In {value} min"));
        let _ = select.append_child(&option);
        select.set_value(value);
    }
    if select.selected_index() < 0 {
        select.set_selected_index(0);
    }
}

/// An empty form for the next entry.
pub(super) fn reset(form: &HtmlFormElement) {
    form.reset();
    // What the server had filled in, for somebody without scripts, is done as well.
    for name in [
        "text",
        "alternatives",
        "occurred_at",
        "link",
        "waiting_on",
        "whom",
        "attachment",
    ] {
        put(form, name, "");
    }
    put(form, "kind", "note");
    clear_errors(form);
    if let Some(preview) = first::<Element>(form, "#preview") {
        preview.set_inner_html("");
        flag(&preview, "hidden", true);
    }
    for details in all::<Element>(form, "details[open]") {
        flag(&details, "open", false);
    }
}

/// Takes every error away, those the server wrote too.
pub(super) fn clear_errors(form: &HtmlFormElement) {
    for error in all::<Element>(form, ".field-error, .form-error") {
        if error.has_attribute("data-live") || !attr(&error, "id").ends_with("-error") {
            error.remove();
        } else {
            says(&error, "");
        }
    }
    for field in all::<Element>(form, "[aria-invalid]") {
        let _ = field.remove_attribute("aria-invalid");
    }
    for field in all::<Element>(form, ".field.refused") {
        class(&field, "refused", false);
    }
}

/// Shows what is wrong beside the fields, and goes to the first.
pub(super) fn refuse(form: &HtmlFormElement, state: &FormState) {
    let mut rest = Vec::new();
    let mut to_fix: Option<Element> = None;
    for (name, message) in state.errors.iter() {
        let field = first::<Element>(form, &format!("[name=\"{name}\"]:not([type=hidden])"))
            .or_else(|| {
                (name == "attachment")
                    .then(|| first(form, "input[name=file]"))
                    .flatten()
            });
        match field.filter(|_| !name.is_empty()) {
            Some(field) => {
                complain(&field, name, message);
                if to_fix.is_none() || name == "text" {
                    to_fix = Some(field);
                }
            }
            None => rest.push(message),
        }
    }
    if !rest.is_empty()
        && let Some(said) = error_line("composer-error", &rest.join(" "))
    {
        let _ = form.prepend_with_node_1(&said);
    }
    match &to_fix {
        Some(field) => super::reveal(field),
        None => {
            if let Some(text) = super::text() {
                super::reveal(&text);
            }
        }
    }
    super::super::notify::say(
        state
            .errors
            .iter()
            .next()
            .map_or("", |(_, message)| message),
    );
}

fn complain(field: &Element, name: &str, message: &str) {
    set(field, "aria-invalid", "true");
    let id = format!("live-{name}-error");
    let described = attr(field, "aria-describedby");
    if !described.contains(&id) {
        set(
            field,
            "aria-describedby",
            format!("{id} {described}").trim(),
        );
    }
    let around = field.closest(".field, .row").ok().flatten();
    if let (Some(said), Some(around)) = (error_line(&id, message), around) {
        class(&around, "refused", true);
        let _ = around.append_child(&said);
    }
}

fn error_line(id: &str, message: &str) -> Option<Element> {
    let said = element("p", "field-error")?;
    said.set_id(id);
    set(&said, "role", "alert");
    flag(&said, "data-live", true);
    says(&said, message);
    Some(said)
}

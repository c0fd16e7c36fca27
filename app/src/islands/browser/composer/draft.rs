//! What is being written survives a reload.

use super::{
    super::{
        super::plain::table,
        dom::{attr, document, first, on, storage},
    },
    form,
};
use crate::FormState;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlFormElement};

/// Fields that belong to the page and not to what is written.
const NOT_KEPT: &[&str] = &[
    "id",
    "seen",
    "offset",
    "attachment",
    "attachment_name",
    "form",
];

fn key(composer: &HtmlFormElement) -> String {
    format!("rideout.draft.{}", attr(composer, "data-incident"))
}

pub(super) fn start(composer: &HtmlFormElement) {
    // What the server put there, because it was refused or asked for, comes first.
    let filled = composer.class_list().contains("open")
        || first::<Element>(composer, "[aria-invalid]").is_some();
    let kept = storage().and_then(|kept| kept.get_item(&key(composer)).ok()?);
    if let Some(kept) = kept.filter(|_| !filled) {
        let pairs = table::unpack(&kept).into_iter().filter_map(|row| {
            let mut row = row.into_iter();
            Some((row.next()?, row.next()?))
        });
        form::write(composer, &FormState::from_pairs(pairs));
    }
    for name in ["input", "change"] {
        on(&document(), name, |event: Event| {
            let Some(composer) = super::element() else {
                return;
            };
            let inside = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            if inside.is_some_and(|field| composer.contains(Some(&field))) {
                keep(&composer);
            }
        });
    }
}

pub(super) fn keep(composer: &HtmlFormElement) {
    let Some(kept) = storage() else { return };
    let state = form::read(composer);
    let written = ["text", "alternatives", "link", "waiting_on"];
    if written
        .iter()
        .all(|name| state.value(name).trim().is_empty())
    {
        return forget();
    }
    let fields = state
        .values
        .iter()
        .filter(|(name, _)| !NOT_KEPT.contains(name));
    let text = table::pack(fields.map(|(name, value)| vec![name, value]));
    let _ = kept.set_item(&key(composer), &text);
}

pub(super) fn forget() {
    if let (Some(kept), Some(composer)) = (storage(), super::element()) {
        let _ = kept.remove_item(&key(&composer));
    }
}

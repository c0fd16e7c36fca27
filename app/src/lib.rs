//! Pages and islands of Rideout.
//!
//! Two halves are built from this crate. With `ssr` it renders complete pages
//! to strings, without input or output: a handler fetches, a page shows. With
//! `hydrate` it is the browser's half: only what is under [`islands`], since
//! every page already works without it.

#![recursion_limit = "256"]

pub mod components;
pub mod entry_form;
pub mod fields;
pub mod form;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod render;
#[cfg(feature = "ssr")]
pub mod shell;

pub use form::FormState;
#[cfg(feature = "ssr")]
pub use render::{render_fragment, render_page};
#[cfg(feature = "ssr")]
pub use shell::{Assets, Flash, Nav, PageContext, Theme, Viewer};

/// Entry of the browser's half; the page calls it once, before it wakes the islands.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
    }));
    leptos::mount::hydrate_islands();
}
